"""`worldctx export jsonl`: everything, in the canonical form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from worldctx.commands.outfile import writing
from worldctx.commands.screen import say
from worldctx.commands.target import AsJson, AtRevision, Data
from worldctx.exchange.streams import STDIN as STDOUT
from worldctx.model.ids import Revision


def export_jsonl(
    target: Annotated[Path, typer.Argument(metavar="FILE", help=".gz and .zst compress; - is stdout.")],
    revision: AtRevision = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """The canonical dump of a data directory, one JSON line per record: the same bytes for the same content.

    A service may go on working on the data directory.

    Example: worldctx export jsonl world.dump.jsonl.zst --data ./world
    """
    from worldctx.config import Settings
    from worldctx.wiring import reading

    with reading(Settings.read(data=data)) as graph, writing(target) as file:
        count = 0
        for line in graph.dump(Revision(revision) if revision else graph.head()):
            file.write(line.encode() + b"\n")
            count += 1
    if target != STDOUT:
        say({"lines": count}, as_json=as_json)
