"""`worldctx export jsonl`: everything, in the canonical form."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from worldctx.commands.outfile import writing
from worldctx.commands.target import AtRevision, Data
from worldctx.config import Settings
from worldctx.model.ids import Revision


def export_jsonl(
    target: Annotated[Path, typer.Argument(metavar="FILE", help=".gz and .zst compress; - is stdout.")],
    revision: AtRevision = 0,
    data: Data = None,
) -> None:
    """The canonical dump of a data directory, one JSON line per record: the same bytes for the same content.

    Works on a data directory that no service has open.

    Example: worldctx export jsonl world.dump.jsonl.zst --data ./world
    """
    from worldctx.wiring import open_running

    with open_running(Settings.read(data=data, embedder="none")) as running, writing(target) as file:
        graph = running.world.graph
        for line in graph.dump(Revision(revision) if revision else graph.head()):
            file.write(line.encode() + b"\n")
