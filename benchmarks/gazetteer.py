"""Names in running text: megabytes a second on one core, and what a gazetteer of the world's names takes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types

from benchmarks.invention import Invention, Size
from benchmarks.report import Report, run
from worldctx.model.clocks import Clocks
from worldctx.model.ids import DocumentId, Revision
from worldctx.model.time import parse_when
from worldctx.ports.graph import NameRow
from worldctx.text.gazetteer import Gazetteer
from worldctx.text.passages import passages_of

#: Characters scanned; those that the plain pattern is given, which is slower by far; entities that have 100,000 names.
CHARACTERS, SLOW_CHARACTERS = 2_000_000, 20_000
NAMED = 87_000
#: Times that everything is scanned; the best counts, as other work on the machine only ever adds.
TURNS = 3


def measure(size: Size, directory: Path) -> Report:
    """All rows. At the small size the target's 100,000 names, else as many as the world has."""
    report = Report("gazetteer", size)
    world = Size(size.name, NAMED, 0, 0) if size.name == "small" else size
    invention = Invention(world)
    rows = [NameRow(one.id, one.kind, name, one.weight, Revision(1))
            for one in invention.entities for name in one.names]
    text = invention.running_text(CHARACTERS)
    pieces = [piece.text for piece in passages_of(DocumentId("d"), text)]
    before = psutil.Process().memory_info().rss
    began = time.perf_counter()
    gazetteer = Gazetteer(rows)
    report.figure(f"built from {len(rows):,} names", "s", time.perf_counter() - began)
    report.figure("memory it takes", "MiB", (psutil.Process().memory_info().rss - before) / 2**20)
    clocks = Clocks(parse_when("1972-05-17"))
    first = _rate(lambda: len(gazetteer.scan(text, clocks, Revision(1))), text, turns=1)
    report.figure("one text of 2 MB, first time", "MB/s", first, least=5)
    again = _rate(lambda: len(gazetteer.scan(text, clocks, Revision(1))), text)
    report.figure("one text of 2 MB, names seen before", "MB/s", again)
    report.figure("passage by passage", "MB/s", _rate(
        lambda: sum(len(gazetteer.scan(piece, clocks, Revision(1))) for piece in pieces), text))
    report.figure("names found in it", "names", len(gazetteer.scan(text, clocks, Revision(1))))
    grown = gazetteer
    for number in range(40):
        grown = grown.extended(rows[number:number + 1])
    began = time.perf_counter()
    for number in range(100):
        grown = grown.extended(rows[number:number + 1])
    report.figure("one new name taken in", "ms", (time.perf_counter() - began) * 10)
    small = text[:SLOW_CHARACTERS]
    pattern = re.compile(r"\b(?:" + "|".join(sorted({re.escape(row.name.text) for row in rows}, reverse=True)) + r")\b")
    plain = _rate(lambda: len(pattern.findall(small)), small, turns=1)
    report.figure("peer: one regular expression of all names (re)", "MB/s", plain)
    report.figure("the gazetteer, first time, against it", "times", first / plain)
    return report


def _rate(scan: Callable[[], int], text: str, turns: int = TURNS) -> float:
    """Megabytes of UTF-8 a second of this thread's time on its core."""
    best = float("inf")
    for _ in range(turns):
        began = time.thread_time()
        scan()
        best = min(best, time.thread_time() - began)
    return len(text.encode()) / 1e6 / best


if __name__ == "__main__":
    run(__doc__ or "", measure)
