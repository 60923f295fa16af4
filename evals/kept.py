"""What runs leave behind: the figures and the cases of each measurement, in a folder outside version control."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evals.case import Case
from evals.row import Figure, Row

#: Beside the sources.
KEPT = Path(__file__).parents[1] / ".evals"
#: The class of errors that a row gives no class.
UNCLASSED = "not classed"


@dataclass(frozen=True, slots=True)
class Kept:
    """A folder of figures and cases by the name of the measurement, as `eval run --only` takes it."""

    folder: Path = KEPT

    def keep(self, name: str, rows: Sequence[Row]) -> None:
        """Put the figures and cases of a measurement in the place of those of its last run."""
        self._write(self.folder / "rows" / f"{name}.jsonl", map(record, rows))
        self._write(self.folder / "cases" / f"{name}.jsonl",
                    ({"row": row.name, **asdict(case)} for row in rows for case in row.examined))

    def has(self, name: str) -> bool:
        """Whether a measurement was ever kept."""
        return (self.folder / "rows" / f"{name}.jsonl").exists()

    def rows(self, name: str) -> list[Row]:
        """The figures of the last run, without their cases."""
        return [_row(one) for one in self._read(self.folder / "rows" / f"{name}.jsonl")]

    def cases(self, name: str) -> Iterator[tuple[str, Case]]:
        """Each case of the last run, with the question of its row."""
        for one in self._read(self.folder / "cases" / f"{name}.jsonl"):
            yield one.pop("row"), Case(**{**one, "reasons": tuple(one["reasons"])})

    def _write(self, file: Path, records: Iterable[dict[str, Any]]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        whole = file.with_suffix(".part")
        whole.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
        whole.replace(file)

    def _read(self, file: Path) -> list[dict[str, Any]]:
        # Not splitlines(): texts of cases hold characters that it takes for ends of lines.
        return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def record(row: Row) -> dict[str, Any]:
    """A row as JSON has it, without its cases."""
    return {key: value for key, value in asdict(row).items() if key != "examined"}


def _row(kept: dict[str, Any]) -> Row:
    figures = tuple(Figure(**{**one, "peers": tuple(map(tuple, one["peers"]))}) for one in kept.pop("figures"))
    return Row(**kept, figures=figures)


def faults(cases: Iterable[Case]) -> dict[str, int]:
    """How many errors each class has, most first."""
    counts = Counter(one.fault or UNCLASSED for one in cases if one.score < 1)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def failures(cases: Iterable[Case], fault: str | None = None) -> list[Case]:
    """The errors, of one class where one is named, worst first, ties by id."""
    found = [one for one in cases if one.score < 1 and fault in (None, one.fault or UNCLASSED)]
    return sorted(found, key=lambda one: (one.score, one.id))
