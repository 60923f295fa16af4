"""Imports into an empty graph by the command line: records and facts a second, memory, and what single writes take."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import dumps
from benchmarks.invention import Size
from benchmarks.report import Report, run
from worldctx.client.client import connect_blocking
from worldctx.exchange.facts import line_of
from worldctx.exchange.wikidata.filter import Filter, languages_of
from worldctx.exchange.wikidata.importer import wikidata

#: Entries of each dump at the size `small`; at `million` twenty times as many.
ITEMS, PLACES, SINGLE = 10_000, 100_000, 300
_TIMES = {"tiny": 0.02, "small": 1, "million": 20}


@dataclass(frozen=True, slots=True)
class Imported:
    """One run of the command line: what it told, and what it took."""

    told: dict[str, int]
    seconds: float
    cpu_s: float
    peak_mib: float


def measure(size: Size, directory: Path) -> Report:
    """All rows."""
    report = Report("imports", size)
    times = _TIMES.get(size.name, 1)
    items, places = int(ITEMS * times), int(PLACES * times)
    directory.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=directory) as name:
        folder = Path(name)
        few = _import(folder, "wikidata", [_file(folder / "few.json", dumps.wikidata(items, 3))], "few")
        _shown(report, "Wikidata items of 3 statements", few, items, "entities/s", least=3_000, memory=1536)
        one = _import(folder, "wikidata", [_file(folder / "items.json", dumps.wikidata(items))])
        _shown(report, "Wikidata items of 10 statements", one, items, "entities/s", least=3_000, memory=1536)
        report.figure("facts of Wikidata items, in bulk", "facts/s of processor time", one.told["facts"] / one.cpu_s,
                      least=20_000)
        report.figure("items in bulk against one call for each, by the clock", "times",
                      items / one.seconds / _single(folder), least=10)
        files = [_file(folder / "allCountries.txt", dumps.geonames(places)),
                 _file(folder / "alternateNamesV2.txt", dumps.alternate_names(places))]
        one = _import(folder, "geonames", files)
        _shown(report, "GeoNames rows, places and alternate names", one, 2 * places, "rows/s", least=50_000,
               memory=1536)
        exported = folder / "facts.jsonl"
        _command("export", "facts", str(exported), "--data", str(folder / "wikidata"))
        one = _import(folder, "facts", [exported])
        _shown(report, "facts in the facts format", one, one.told["facts"], "facts/s", memory=1536)
    return report


def _shown(report: Report, what: str, one: Imported, count: int, unit: str, *, memory: float,
           least: float | None = None) -> None:
    """Rows of one import."""
    report.figure(f"{what}, by the clock", unit, count / one.seconds)
    report.figure(f"{what}, by processor time", unit, count / one.cpu_s, least=least)
    report.figure(f"{what}, memory at most", "MiB", one.peak_mib, most=memory)


def _file(path: Path, lines: Iterable[bytes]) -> Path:
    with path.open("wb") as file:
        file.writelines(lines)
    return path


def _import(folder: Path, what: str, files: list[Path], graph: str = "") -> Imported:
    """Import files into a graph of their own, in a process of its own."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    told, peak = _command("import", what, *map(str, files), "--data", str(folder / (graph or what)), "--json")
    seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Imported(json.loads(told), seconds, cpu, peak)


#: Runs the command line and tells, on the last line of standard error, the most memory that it held, in KiB.
_RUN = """
import resource, sys
from worldctx.cli import run
code = run(sys.argv[1:])
sys.stderr.write(f"\\n{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}")
sys.exit(code)
"""


def _command(*words: str) -> tuple[str, float]:
    done = subprocess.run([sys.executable, "-c", _RUN, *words], capture_output=True, text=True, check=True)
    return done.stdout, int(done.stderr.split()[-1]) / 1024


def _single(folder: Path) -> float:
    """Items a second, each a call and a commit, as a feed of changes makes them; already read, and written only."""
    path = _file(folder / "single.json", dumps.wikidata(SINGLE))
    importer = wikidata(Filter.load("default"), languages_of([], "languages"), None, None)
    groups = [list(importer.begin()), *(taken.lines for taken in importer.records(path) if taken.lines)]
    texts = [list(map(line_of, lines)) for lines in groups]
    with connect_blocking(f"embedded:{folder / 'single'}", embedder="none") as client:
        began = time.perf_counter()
        for text in texts:
            client.write_facts(text)
        return len(texts) / (time.perf_counter() - began)


if __name__ == "__main__":
    run(__doc__ or "", measure)
