"""Running an import: records in, large commits out, a report at the end; what was broken off goes on where it was."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Optional, TextIO

import typer

from worldctx.commands.screen import Complaints, Shown, complain, progress, say
from worldctx.commands.shapes import violated
from worldctx.commands.sink import LINES, Sink, both_named, writing_to
from worldctx.exchange.adding_up import added_up
from worldctx.exchange.facts import Line
from worldctx.exchange.importer import Importer, Taken
from worldctx.exchange.streams import STDIN, name_of
from worldctx.model.change import Mark
from worldctx.model.entity import Entity
from worldctx.model.errors import BadInput
from worldctx.model.fact import Fact
from worldctx.model.ids import digest
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source

Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="With --server: wait until the names can be found.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Read all, write nothing, and count.")]
Restart = Annotated[
    bool, typer.Option("--restart", help="Begin anew where an earlier import of the same file was broken off.")
]
Parked = Annotated[
    Optional[Path],
    typer.Option("--parked", metavar="FILE", help="Keep what cannot be taken there, as JSON lines with the reason."),
]

#: What a line counts as.
COUNTED: dict[type[Line], str] = {
    Source: "sources", Entity: "entities", Fact: "facts", Judgement: "judgements",
}
#: Bytes at either end of a file by which it is known again, beside its size.
_ENDS = 2**16
#: Input records after which cycles are looked for.
COLLECTED = 2**16


@dataclass(slots=True)
class Report:
    """What an import read and wrote.

    Attributes:
        counts: lines that were new, unchanged, refused, the last commit, and input records read.
        skipped: input records that were left out on purpose, by reason.
        left_out: parts of the others, likewise.
    """

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(
        ("sources", "entities", "facts", "judgements", "unchanged", "refused", "revision", "read"), 0))
    skipped: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    resumed: int = 0
    complaints: Complaints = field(default_factory=Complaints)
    parked: TextIO | None = None

    def take(self, path: Path, taken: Taken) -> None:
        """Count one input record."""
        self.counts["read"] += 1
        self.left_out.update(dict(taken.left_out))
        if taken.skipped:
            self.skipped[taken.skipped] += 1
        if taken.error is not None:
            self.refuse("", taken.error.message)
            self._park(path, taken)

    def refuse(self, where: str, reason: str) -> None:
        """Count and report a line that was not taken."""
        self.counts["refused"] += 1
        self.complaints.add(where, reason)

    def _park(self, path: Path, taken: Taken) -> None:
        if self.parked is not None and taken.error is not None:
            record = {"file": name_of(taken.path or path), "line": taken.number, "reason": taken.error.message,
                      "record": taken.raw}
            self.parked.write(json.dumps(record, ensure_ascii=False) + "\n")

    def shown(self, *, as_json: bool) -> dict[str, Any]:
        """The report, without what did not occur."""
        shown: dict[str, Any] = {**self.counts}
        for name, counter in (("skipped", self.skipped), ("left_out", self.left_out)):
            if counter:
                shown[name] = dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))
        if self.resumed:
            shown["read_before"] = self.resumed
        if as_json and self.complaints.count:
            shown["refused_lines"] = self.complaints.kept
        return shown


def run(
    importer: Importer,
    paths: Sequence[Path],
    *,
    data: Path | None = None,
    server: str | None = None,
    dry_run: bool = False,
    restart: bool = False,
    parked: Path | None = None,
    wait: bool = True,
    as_json: bool = False,
    shapes: list[Path] | None = None,
    strict: bool = False,
) -> None:
    """Read all files, write what they make, print the report.

    One commit holds some 20,000 lines and how far the import has come with them, so that one that was broken off goes
    on there; a line that was written already is written once. Without a service the graph alone is opened: that is the
    way for large amounts.

    Args:
        shapes: files of SHACL shapes that all lines together are validated by before any is written.
        strict: write nothing where they are violated.

    Raises:
        Exit: with code 1 when anything was refused, or violates the shapes.
        StoreFull, StoreUnavailable: what was written before is sound, and the same command goes on there.
    """
    both_named(data, server)
    if shapes and STDIN in paths:
        raise BadInput.at("--shapes", "standard input can be read once; put the data into a file")
    wrong = violated(_all_lines(importer, paths), shapes, strict=strict)
    report = Report()
    with _parking(parked) as report.parked:
        if dry_run:
            _count(importer, paths, report)
        else:
            with writing_to(data, server) as sink:
                with _collected_by_hand():
                    _Import(importer, sink, report).run(paths, restart=restart)
                if wait and report.counts["revision"]:
                    sink.settle(report.counts["revision"])
    report.complaints.close()
    say(report.shown(as_json=as_json), as_json=as_json)
    raise typer.Exit(1 if report.counts["refused"] or wrong else 0)


def _all_lines(importer: Importer, paths: Sequence[Path]) -> Iterator[Line]:
    yield from importer.begin()
    for path in paths:
        with suppress(BadInput):  # told of when it is imported
            for taken in importer.records(path):
                yield from taken.lines


def _count(importer: Importer, paths: Sequence[Path], report: Report) -> None:
    def count(line: Line) -> None:
        report.counts[COUNTED[type(line)]] += 1

    with progress("records") as bar:
        for line in importer.begin():
            count(line)
        for _, taken in _records(importer, paths, report, bar):
            for line in taken.lines:
                count(line)


class _Import:
    """One run: lines wait until there are enough for a commit."""

    def __init__(self, importer: Importer, sink: Sink, report: Report) -> None:
        self._importer, self._sink, self._report = importer, sink, report
        self._lines: list[Line] = []
        self._places: list[tuple[Path | None, int]] = []

    def run(self, paths: Sequence[Path], *, restart: bool) -> None:
        """Write all files, then forget how far they had come."""
        names = {path: name for path in paths if (name := _mark_name(self._importer, path))}
        before = {} if restart else {path: self._sink.mark(name) for path, name in names.items()}
        self._report.resumed = sum(before.values())
        if self._report.resumed:
            complain(f"going on after {self._report.resumed:,} records that are in already; --restart begins anew")
        position, at = 0, Path()
        try:
            for line in self._importer.begin():
                self._add(None, 0, line)
                if len(self._lines) >= LINES:
                    self._commit(None)
            with progress("records") as bar:
                for path, position, taken in self._taken(paths, before, bar):
                    at = path
                    for line in taken.lines:
                        self._add(taken.path or path, taken.number, line)
                    if len(self._lines) >= LINES:
                        self._commit(Mark(names[path], position) if path in names else None)
            self._commit(None)
        except KeyboardInterrupt:
            if at in names and not restart:
                complain(f"broken off near record {position:,} of {name_of(at)}; the same command goes on from there")
            raise
        for name in names.values():
            self._sink.write((), Mark(name, None))

    def _taken(self, paths: Sequence[Path], before: dict[Path, int], bar: Shown) -> Iterator[tuple[Path, int, Taken]]:
        position: Counter[Path] = Counter(before)
        for path, taken in _records(self._importer, paths, self._report, bar, before):
            position[path] += 1
            if self._report.counts["read"] % COLLECTED == 0:
                gc.collect()
            yield path, position[path], taken

    def _add(self, path: Path | None, number: int, line: Line) -> None:
        self._lines.append(line)
        self._places.append((path, number))

    def _commit(self, mark: Mark | None) -> None:
        if not self._lines and mark is None:
            return
        summed = added_up(self._lines)
        written = self._sink.write([line for _, line in summed], mark)
        counts = self._report.counts
        for key, count in written.counts.items():
            counts[key] += count
        counts["unchanged"] += max(0, len(summed) - sum(written.counts.values()) - len(written.refused))
        counts["revision"] = written.revision
        for place, reason in written.refused:
            path, number = self._places[summed[place][0]]
            where = f"{name_of(path)}: line {number}" if path is not None else ""
            self._report.refuse(where, _without_number(reason))
        self._lines, self._places = [], []


def _records(
    importer: Importer, paths: Sequence[Path], report: Report, bar: Shown, before: dict[Path, int] | None = None
) -> Iterator[tuple[Path, Taken]]:
    """The records of all files, counted and shown; a file that cannot be opened is one complaint."""
    total = sum(path.stat().st_size for path in paths if path != STDIN and path.is_file())
    done = 0
    for path in paths:
        try:
            for taken in importer.records(path, (before or {}).get(path, 0)):
                report.take(path, taken)
                if taken.size and report.counts["read"] % 100 == 0:
                    bar.at(done + taken.read, total, "bytes")
                elif not taken.size:
                    bar.advance()
                yield path, taken
        except BadInput as error:
            report.refuse("", error.message)
        done += path.stat().st_size if path != STDIN and path.is_file() else 0


def _without_number(reason: str) -> str:
    """The reason without the number of the line in its call: `line 7: source: …`."""
    first, _, rest = reason.partition(": ")
    return rest if first.startswith("line ") and first.removeprefix("line ").isdigit() else reason


def _mark_name(importer: Importer, path: Path) -> str:
    """Under which name it is kept how far a file has come: by what it holds and how it is read, not where it lies."""
    if path == STDIN or not path.is_file():
        return ""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_ENDS)
        file.seek(max(0, size - _ENDS))
        tail = file.read(_ENDS)
    ends = digest(head.decode("latin-1"), tail.decode("latin-1"))
    return f"import:{digest(importer.name, importer.choices, str(size), ends)}"


@contextmanager
def _collected_by_hand() -> Iterator[None]:
    """Cycles are looked for now and then only: lines have none, and looking took a quarter of the time."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


@contextmanager
def _parking(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8") as file:
        yield file
