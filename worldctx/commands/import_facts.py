"""`worldctx import facts`: knowledge in the facts format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from worldctx.commands.importing import DryRun, Parked, Restart, Wait, run
from worldctx.commands.shapes import ShapeFiles, Strict
from worldctx.commands.target import AsJson, Data, Server, Unused


def import_facts(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON lines, .gz, .zst too; - is stdin.")],
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
    """Sources, entities, facts and judgements, one JSON object a line, in any order and any number of files.

    Importing twice is importing once. A line that cannot be taken is named with its file and line; the others go in,
    and the exit code is 1. The format is described in docs/cli.md.

    Example: worldctx import facts world.jsonl --data ./world
    """
    from worldctx.exchange.facts_file import FactsFiles

    run(FactsFiles(paths), paths, data=data, server=server, dry_run=dry_run, restart=restart, parked=parked, wait=wait,
        as_json=as_json, shapes=shapes, strict=strict)
