"""`worldctx import rdf`: RDF in any of its syntaxes, by a mapping file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from worldctx.commands.importing import DryRun, Parked, Restart, Wait, run
from worldctx.commands.screen import show_listed
from worldctx.commands.shapes import ShapeFiles, Strict, told
from worldctx.commands.target import AsJson, Data, Server
from worldctx.exchange.streams import STDIN
from worldctx.model.errors import BadInput, Unsupported

if TYPE_CHECKING:
    from worldctx.exchange.rdf.shacl import Violation


def import_rdf(
    paths: Annotated[
        Optional[list[Path]],
        typer.Argument(metavar="FILE...", help="Turtle, TriG, N-Triples, N-Quads, RDF/XML, JSON-LD; - is stdin."),
    ] = None,
    mapping: Annotated[
        str, typer.Option(metavar="FILE", help="What classes and predicates mean (TOML), beside what comes along.")
    ] = "default",
    listed: Annotated[bool, typer.Option("--list", help="Show the mappings that come along.")] = False,
    syntax: Annotated[
        str, typer.Option("--format", metavar="F", help="ttl, trig, nt, nq, rdf or jsonld, instead of the name's.")
    ] = "",
    base: Annotated[str, typer.Option(metavar="IRI", help="What relative IRIs are relative to.")] = "",
    source: Annotated[
        str, typer.Option(metavar="ID", help="Source of what no named graph has; otherwise one for each file.")
    ] = "",
    shapes: ShapeFiles = None,
    strict: Strict = False,
    data: Data = None,
    server: Server = None,
    dry_run: DryRun = False,
    restart: Restart = False,
    parked: Parked = None,
    wait: Wait = True,
    as_json: AsJson = False,
) -> None:
    """Entities, facts and sources of RDF, by a mapping of its vocabularies; see docs/import-rdf.md.

    A named graph is a source. Importing twice is importing once. What cannot be taken is named; the rest goes in, and
    the exit code is 1. Nothing is fetched from the network. What `export rdf` wrote comes back as it was.

    Example: worldctx import rdf people.ttl --shapes shapes.ttl --strict --data ./world
    """
    try:
        from worldctx.exchange.rdf.importer import RdfImporter
        from worldctx.exchange.rdf.mapping import load, shipped
    except ImportError as error:
        raise Unsupported(f"{error.name} is not installed; pip install 'worldctx[rdf]'") from error

    if listed:
        show_listed({name: load(name).about for name in shipped()}, as_json=as_json)
        return
    if not paths:
        raise typer.BadParameter("name the files to read; see --help")
    if strict and not shapes:
        raise typer.BadParameter("--strict needs --shapes")
    importer = RdfImporter.of(mapping, syntax, base, source)
    violated = bool(shapes) and told(_violations(paths, shapes or [], syntax, base), strict=strict)
    try:
        run(importer, paths, data=data, server=server, dry_run=dry_run, restart=restart, parked=parked, wait=wait,
            as_json=as_json)
    except typer.Exit as end:
        raise typer.Exit(1 if violated else end.exit_code) from None


def _violations(paths: list[Path], shapes: list[Path], syntax: str, base: str) -> Iterator[Violation]:
    """How the files themselves violate the shapes: what they say, not what a mapping makes of it."""
    from worldctx.exchange.rdf.shacl import file_violations

    if STDIN in paths:
        raise BadInput.at("--shapes", "standard input can be read once; put the data into a file")
    yield from file_violations(paths, shapes, syntax, base)
