"""docs/quality.md: the figures of all measurements, with what they are compared with and what was aimed at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from evals.published import PUBLISHED
from evals.row import Figure, Row

DOCS = Path(__file__).parents[1] / "docs" / "quality.md"
HEAD = """\
# Quality

Made by `make eval`, through the same client that callers use. Intervals are percentile bootstraps of 95 % over cases.
The data is that of development, kept apart in train, dev and test by a hash of each case's id where anything is trained
or chosen on it; the table has the test part. What is reported elsewhere is other data of the same kinds. One
configuration serves all rows, and no language model is asked.

```sh
make eval DATA=../shared/data                 # all rows, and this page anew
worldctx eval list                            # the names of the measurements, and which were run here
worldctx eval run ../shared/data --only NAME  # one of them; --json for machines, --write to renew this page
worldctx eval show NAME                       # its errors: counted by class, then each with the reasons that led to it
```

What each feature of the read path brings, and what it and each step cost, is in [quality-cost.md](quality-cost.md).
The rows are part of the source tree, not of the wheel: they need the data and the peers that they compare with. A small
fixed part runs with the tests as a guard, with floors a little below what stands here (tests/evals/test_guard.py).

"""
ELSEWHERE = """\
## Published elsewhere

On other sets of the kind, by their authors or by those who compared them.
"""
_COLUMNS = ("question", "data", "cases", "metric", "value", "interval", "baseline", "peers in the same run", "aim",
            "met")


def page(measured: Mapping[str, Sequence[Row]]) -> str:
    """The whole page.

    Args:
        measured: rows by the name of their measurement, in the order of the table.
    """
    rows = [row for rows in measured.values() for row in rows]
    published = [f"- {name}: {text}" for name, text in PUBLISHED.items() if name in measured]
    return HEAD + table(rows) + "\n".join(["", "## Notes", "", *notes(rows), "", ELSEWHERE, *published]) + "\n"


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table, a line for each figure."""
    lines = [f"| {' | '.join(_COLUMNS)} |", f"|{'---|' * len(_COLUMNS)}"]
    lines += [f"| {' | '.join((row.name, row.data, f'{row.cases:,}', *_cells(one)))} |"
              for row in rows for one in row.figures]
    return "\n".join(lines) + "\n"


def notes(rows: Iterable[Row]) -> list[str]:
    """What the rows say about their settings, each thing once."""
    return list(dict.fromkeys(f"- {row.name}: {row.note}" for row in rows if row.note))


def _cells(one: Figure) -> tuple[str, ...]:
    return (one.metric, shown(one.value), _interval(one), shown(one.baseline),
            "; ".join(f"{name} {shown(value)}" for name, value in one.peers), _aim(one), _met(one))


def _interval(one: Figure) -> str:
    return "all cases" if one.low == one.high else f"{shown(one.low)}–{shown(one.high)}"


def _aim(one: Figure) -> str:
    if one.aim is None:
        return ""
    return f"{'≤' if one.less_is_better or one.aim <= 0 else '≥'} {shown(one.aim)}"


def _met(one: Figure) -> str:
    return {None: "", True: "yes", False: "no"}[one.met]


def shown(value: float | None) -> str:
    """A figure with three places, fewer where it is large; empty where there is none."""
    if value is None:
        return ""
    size = abs(value)
    return f"{value:,.0f}" if size >= 1000 else f"{value:.1f}" if size >= 10 else f"{value:.3f}"
