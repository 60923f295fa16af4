"""`worldctx import wikidata`: Wikidata's JSON dump."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from worldctx.commands.importing import DryRun, Parked, Restart, Wait, run
from worldctx.commands.screen import complain, show_listed
from worldctx.commands.shapes import ShapeFiles, Strict
from worldctx.commands.target import AsJson, Data, Server
from worldctx.exchange.streams import STDIN
from worldctx.model.errors import BadInput
from worldctx.model.time import parse_when

if TYPE_CHECKING:
    from worldctx.exchange.wikidata.classes import Classes

#: The word for reading the hierarchy of classes from the dump itself.
AUTO = "auto"


def import_wikidata(
    paths: Annotated[
        Optional[list[Path]],
        typer.Argument(metavar="FILE...", help="JSON dumps; .gz, .bz2, .zst too; - is stdin."),
    ] = None,
    filter_file: Annotated[
        str, typer.Option("--filter", metavar="FILE", help="What is kept (TOML), or a filter that comes along.")
    ] = "default",
    listed: Annotated[bool, typer.Option("--list", help="Show the filters that come along.")] = False,
    languages: Annotated[
        Optional[str], typer.Option(help="Languages of names, instead of the filter's: en,de,mul.")
    ] = None,
    classes: Annotated[
        Optional[str],
        typer.Option(metavar="auto|FILE", help="Read the hierarchy of classes first: from the files, or another dump."),
    ] = None,
    dump_date: Annotated[
        Optional[str], typer.Option(help="When the dump was made: what bears no date was public by then.")
    ] = None,
    data: Data = None,
    server: Server = None,
    dry_run: DryRun = False,
    restart: Restart = False,
    parked: Parked = None,
    shapes: ShapeFiles = None,
    strict: Strict = False,
    wait: Wait = True,
    as_json: AsJson = False,
) -> None:
    """Items of a Wikidata dump, with their statements as facts; see docs/import-wikidata.md.

    One entity a line, as in the dumps, or an answer of wbgetentities. Importing twice is importing once. An entity that
    cannot be taken is named with its line; the others go in, and the exit code is 1.

    Example: worldctx import wikidata latest-all.json.bz2 --filter prominent --dump-date 2025-01-06 --data ./world
    """
    from worldctx.exchange.wikidata.filter import Filter, languages_of, shipped
    from worldctx.exchange.wikidata.importer import wikidata

    if listed:
        show_listed({name: Filter.load(name).about for name in shipped()}, as_json=as_json)
        return
    if not paths:
        raise typer.BadParameter("name the files to read; see --help")
    codes = [one.strip() for one in (languages or "").split(",") if one.strip()]
    importer = wikidata(
        Filter.load(filter_file), languages_of(codes, "--languages"),
        parse_when(dump_date, "--dump-date") if dump_date else None, _classes(classes, paths))
    run(importer, paths, data=data, server=server, dry_run=dry_run, restart=restart, parked=parked, wait=wait,
        as_json=as_json, shapes=shapes, strict=strict)


def _classes(named: str | None, paths: list[Path]) -> Classes | None:
    if named is None:
        return None
    from worldctx.exchange.wikidata.classes import Classes

    files = paths if named == AUTO else [Path(named)]
    if STDIN in files:
        raise BadInput.at("--classes", "standard input can be read once; name a file to read the classes from")
    found = Classes.read(files)
    complain(f"{len(found.lower):,} statements of which class is below which")
    return found
