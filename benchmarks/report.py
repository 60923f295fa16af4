"""What a benchmark says: where it ran, on what, and its rows, as a table or as JSON."""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from benchmarks.invention import SIZES, Size

T = TypeVar("T")
#: Packages whose version decides speed.
_PACKAGES = ("worldctx", "numpy", "daachorse", "grpcio", "tokenizers", "tantivy", "bm25s")


def machine() -> dict[str, str]:
    """Where this runs: processor, cores, load, versions."""
    found = {"processor": _processor(), "cores": str(os.cpu_count()), "load": f"{os.getloadavg()[0]:.1f}",
             "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, or the median and the 95th percentile of many.

    Attributes:
        unit: `ms`, `docs/s` and so on.
        count: how many were measured.
        cpu_p50, cpu_p95: processor time of the measuring thread, which other work on the machine stretches less; None
            where other threads or processes do the work.
        target: what the project asks for, in words; empty when it asks for nothing.
        met: whether the target is met; None without one.
    """

    what: str
    unit: str
    p50: float
    p95: float | None = None
    count: int = 1
    cpu_p50: float | None = None
    cpu_p95: float | None = None
    target: str = ""
    met: bool | None = None


@dataclass(slots=True)
class Times:
    """Seconds of each of some calls: by the clock, and of processor time."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Measure what is done inside."""
        began, used = time.perf_counter(), time.thread_time()
        yield
        self.cpu.append(time.thread_time() - used)
        self.wall.append(time.perf_counter() - began)

    def after(self, count: int) -> Times:
        """Without the first ones."""
        return Times(self.wall[count:], self.cpu[count:])


@dataclass(slots=True)
class Report:
    """All rows of one benchmark."""

    benchmark: str
    size: Size
    rows: list[Row] = field(default_factory=list)
    machine: dict[str, str] = field(default_factory=machine)

    def times(self, what: str, times: Times, *, p50: float | None = None, p95: float | None = None) -> None:
        """Add durations, in milliseconds; the limits, where given, are the targets."""
        found = [percentile(times.wall, share) * 1000 for share in (0.5, 0.95)]
        used = [percentile(times.cpu, share) * 1000 for share in (0.5, 0.95)] if times.cpu else [None, None]
        limits = [f"{name} ≤ {limit:g} ms" for name, limit in (("p50", p50), ("p95", p95)) if limit is not None]
        met = all(value <= limit for value, limit in zip(found, (p50, p95), strict=True) if limit is not None)
        self.rows.append(Row(what, "ms", found[0], found[1], len(times.wall), used[0], used[1], ", ".join(limits),
                             met if limits else None))

    def figure(self, what: str, unit: str, value: float, *, least: float | None = None,
               most: float | None = None) -> None:
        """Add one figure; the limit, where given, is the target."""
        target = f"≥ {least:g} {unit}" if least is not None else f"≤ {most:g} {unit}" if most is not None else ""
        met = (least is None or value >= least) and (most is None or value <= most)
        self.rows.append(Row(what, unit, value, target=target, met=met if target else None))

    def show(self, *, as_json: bool) -> None:
        """Print it."""
        if as_json:
            print(json.dumps(asdict(self), ensure_ascii=False))
            return
        table = Table(title=f"{self.benchmark}, size {self.size.name}: {self.size.entities:,} entities, "
                            f"{self.size.facts:,} facts, {self.size.passages:,} passages",
                      caption="; ".join(f"{key} {value}" for key, value in self.machine.items()))
        for heading in ("what", "p50", "p95", "cpu p50", "cpu p95", "unit", "n", "target", ""):
            table.add_column(heading, justify="right" if heading.endswith(("p50", "p95")) or heading == "n" else "left")
        for row in self.rows:
            figures = map(_shown, (row.p50, row.p95, row.cpu_p50, row.cpu_p95))
            table.add_row(row.what, *figures, row.unit, str(row.count), row.target,
                          {True: "met", False: "missed", None: ""}[row.met])
        Console(width=None if sys.stdout.isatty() else 160).print(table)


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def timed(call: Callable[[T], object], items: Iterable[T]) -> Times:
    """How long each call takes."""
    times = Times()
    for item in items:
        with times.one():
            call(item)
    return times


@dataclass(frozen=True, slots=True)
class Options:
    """What every benchmark is told."""

    size: Size
    directory: Path
    as_json: bool


def options(about: str) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--size", choices=sorted(SIZES), default="small", help="of the world (default: small)")
    parser.add_argument("--dir", type=Path, default=Path(".bench"), help="where worlds are kept (default: .bench)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    return Options(SIZES[given.size], given.dir, given.json)


def run(about: str, measure: Callable[[Size, Path], Report]) -> None:
    """The command of one benchmark."""
    given = options(about)
    measure(given.size, given.directory).show(as_json=given.as_json)
