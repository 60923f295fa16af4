"""`python -m evals DATA`: every row of the quality table, measured through the client.

`--write` renews docs/quality.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from evals import facts_as_of, multi_hop, office, passages, same_thing
from evals.row import Figure, Row

DOCS = Path(__file__).parents[1] / "docs" / "quality.md"
HEAD = """\
# Quality

Made by `make eval` (`python -m evals DATA --write`), through the same client that callers use. Intervals are percentile
bootstraps of 95 %. The data is that of development: nothing is tuned on it beyond what the notes say, and what is
reported elsewhere is other data of the same kinds. One configuration serves all rows.

"""


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the evaluation data.")],
    embedder: Annotated[str, typer.Option(help="As for serve.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON a row.")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", help="Names of rows; may be given often.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Renew docs/quality.md.")] = False,
) -> None:
    """Measure, print the table, and tell progress on standard error."""
    rows = []
    for row in _rows(data, embedder, only or []):
        sys.stderr.write(f"{row.name}: done\n")
        rows.append(row)
        if as_json:
            sys.stdout.write(json.dumps(asdict(row)) + "\n")
    if not as_json:
        sys.stdout.write(table(rows))
    if write:
        DOCS.write_text(HEAD + table(rows), encoding="utf-8")


#: Every measurement by the name under which it is asked for, in the order of the table: one line each.
MEASURED: Mapping[str, Callable[[Path, str], Iterable[Row]]] = {
    "facts-as-of": lambda data, embedder: [facts_as_of.run(data)],
    "office": lambda data, embedder: office.run(data),
    "dated": lambda data, embedder: [passages.run_dated(data, embedder)],
    "multi-hop": multi_hop.run_many,
    "same-thing": lambda data, embedder: same_thing.run(data),
}


def _rows(data: Path, embedder: str, only: Sequence[str]) -> Iterator[Row]:
    for name, measure in MEASURED.items():
        if not only or name in only:
            yield from measure(data, embedder)


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| question | data | cases | metric | value | interval | baseline | aim |", "|---" * 8 + "|"]
    lines += [f"| {row.name} | {row.data} | {row.cases:,} | {one.metric} | {one.value:.3f} | {_interval(one)} | "
              f"{_shown(one.baseline)} | {_shown(one.aim)} |" for row in rows for one in row.figures]
    notes = dict.fromkeys(f"- {row.name}: {row.note}" for row in rows if row.note)
    return "\n".join([*lines, "", *notes]) + "\n"


def _interval(one: Figure) -> str:
    return "all cases" if one.low == one.high else f"{one.low:.3f}–{one.high:.3f}"


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    typer.run(main)
