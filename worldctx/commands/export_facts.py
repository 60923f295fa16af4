"""`worldctx export facts`: the knowledge in the facts format, ready for `import facts`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from worldctx.commands.outfile import writing
from worldctx.commands.screen import progress, say
from worldctx.commands.target import AsJson, AtRevision, Data
from worldctx.exchange.facts import line_of
from worldctx.exchange.streams import STDIN as STDOUT
from worldctx.model.ids import Revision


def export_facts(
    target: Annotated[Path, typer.Argument(metavar="FILE", help=".gz and .zst compress; - is stdout.")],
    revision: AtRevision = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Sources, entities, facts and judgements as JSON lines; importing them elsewhere gives the same knowledge.

    Where a line replaced an earlier one both are written, in their order. Documents are not in it: see
    `worldctx export jsonl`. A service may go on working on the data directory.

    Example: worldctx export facts world.jsonl.zst --data ./world
    """
    from worldctx.config import Settings
    from worldctx.wiring import reading

    counts = {"source": 0, "entity": 0, "fact": 0, "judgement": 0}
    with reading(Settings.read(data=data)) as graph, writing(target) as file, progress("lines") as bar:
        for one in graph.knowledge(Revision(revision) if revision else graph.head()):
            counts[type(one).__name__.lower()] += 1
            file.write(line_of(one).encode() + b"\n")
            bar.advance()
    if target != STDOUT:
        say(counts, as_json=as_json)
