"""One hop in the graph as of a date: the facts about one entity, and those that name it, straight from the reader."""

from __future__ import annotations

from pathlib import Path
from random import Random

from benchmarks.built import opened
from benchmarks.invention import FIRST_YEAR, LAST_YEAR, Invention, Size
from benchmarks.report import Report, run, timed
from worldctx.model.clocks import Clocks
from worldctx.model.ids import EntityId
from worldctx.model.time import parse_when

#: Entities measured, each under a date of its own.
COUNT = 2000
#: Facts read of an entity that has many.
LIMIT = 32


def measure(size: Size, directory: Path) -> Report:
    """All rows."""
    report = Report("one hop", size)
    dice = Random(7)
    entities = Invention(size).entities
    asks = [(dice.choice(entities).id, Clocks(parse_when(f"{dice.randint(FIRST_YEAR, LAST_YEAR)}-05-17")))
            for _ in range(COUNT)]
    with opened(directory, size) as running:
        reader = running.world.graph.at()

        def about(ask: tuple[EntityId, Clocks]) -> None:
            reader.facts_about([ask[0]], ask[1])

        def naming(ask: tuple[EntityId, Clocks]) -> None:
            reader.facts_naming([ask[0]], ask[1], limit=LIMIT)

        report.times("facts about an entity as of a date, first time", timed(about, asks))
        report.times("facts about an entity as of a date, looked at before", timed(about, asks), p50=0.1)
        report.times(f"the first {LIMIT} facts that name an entity as of a date", timed(naming, asks))
        hubs = [(entity.id, clocks) for entity, (_, clocks) in zip(entities[:200], asks, strict=False)]
        report.times(f"the same, the 200 entities most spoken of ({LIMIT} of up to thousands)", timed(naming, hubs))
        report.times("an entity with its names", timed(lambda ask: reader.entities([ask[0]]), asks))
    return report


if __name__ == "__main__":
    run(__doc__ or "", measure)
