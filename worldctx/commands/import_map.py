"""`worldctx import map`: a user's own CSV and JSON, by a mapping file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from worldctx.commands.importing import DryRun, Parked, Restart, Wait, run
from worldctx.commands.screen import show_listed
from worldctx.commands.shapes import ShapeFiles, Strict
from worldctx.commands.target import AsJson, Data, Server, Unused


def import_map(
    mapping: Annotated[Optional[str], typer.Argument(help="A mapping file (TOML), or one that comes along.")] = None,
    paths: Annotated[
        Optional[list[Path]],
        typer.Argument(metavar="FILE|FOLDER...", help="CSV, JSON, JSON lines; .gz, .zst too; - is stdin."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show the mappings that come along.")] = False,
    data: Data = None,
    server: Server = None,
    dry_run: DryRun = False,
    restart: Restart = False,
    parked: Parked = None,
    shapes: ShapeFiles = None,
    strict: Strict = False,
    wait: Wait = True,
    as_json: AsJson = False,
    embedder: Unused = None,
) -> None:
    """Rows of your own CSV and JSON files, by a mapping file that says what they mean; see docs/import.md.

    Importing twice is importing once. A row that cannot be taken is named with its file and line; the others go in,
    and the exit code is 1.

    Example: worldctx import map people.toml people.csv --dry-run
    """
    from worldctx.exchange.mapped_files import MappedFiles
    from worldctx.exchange.mapping import Mapping, shipped

    if listed:
        show_listed({name: Mapping.load(name).declared.about for name in shipped()}, as_json=as_json)
        return
    if not mapping or not paths:
        raise typer.BadParameter(
            f"name a mapping and the files to read; these mappings come along: {', '.join(shipped())} (see --list)"
        )
    found = MappedFiles(Mapping.load(mapping), paths)
    run(found, found.parts, data=data, server=server, dry_run=dry_run, restart=restart, parked=parked, wait=wait,
        as_json=as_json, shapes=shapes, strict=strict)
