"""An answer on paper: the text for the model, then what stands behind it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from worldctx.wire.v1 import context_pb2, types_pb2

#: Rows of each table; the rest is counted. --json has all.
ROWS = 12
#: Control characters but for line ends and tabs, and the marks that change the direction of what is read.
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def print_answer(out: Console, answer: context_pb2.LookUpResponse) -> None:
    """The rendered text, the links, the facts with their sources, the clocks, and what was left out."""
    out.print(printable(answer.rendered.text.rstrip("\n")), markup=False)
    _links(out, answer.entities)
    _facts(out, answer.facts)
    out.print()
    out.print(clocks_line(answer), style="dim", markup=False)
    for one in answer.left_out:
        count = f", {one.count}" if one.count else ""
        out.print(f"left out: {one.what} ({one.why}{count})", style="dim", markup=False)


def clocks_line(answer: context_pb2.LookUpResponse) -> str:
    """The clocks that the answer stands under, and its size."""
    return (
        f"as of {answer.as_of or 'any time'} ({answer.as_of_basis}) · known by {answer.known_by or 'any time'} · "
        f"revision {answer.revision} · {answer.rendered.tokens} tokens · {answer.context_hash}"
    )


def _links(out: Console, links: Sequence[types_pb2.Link]) -> None:
    rows = {
        (one.surface, one.id): (one.surface, one.name if one.id else "unknown here", one.id or "-", f"{one.score:.2f}")
        for one in reversed(links)
    }
    _print(out, ("in the text", "is", "id", "score"), list(reversed(rows.values())))


def _facts(out: Console, facts: Sequence[types_pb2.Fact]) -> None:
    rows = [(claim(one), held(one.valid), public_since(one), one.source_title or one.source or "-") for one in facts]
    _print(out, ("fact", "held", "public since", "source"), rows)


def claim(one: types_pb2.Fact) -> str:
    """Subject, predicate and value in words."""
    value = f"{one.object_name or one.object}{f' {one.unit}' if one.unit else ''}"
    word = "disputed, preferred" if one.preferred else "disputed"
    return f"{one.subject_name}: {one.predicate.replace('_', ' ')}: {value}{f' ({word})' if one.conflicts else ''}"


def public_since(one: types_pb2.Fact) -> str:
    """Since when it was public, and on what basis."""
    return f"{one.known_since} ({one.known_basis})" if one.known_since else one.known_basis


def held(valid: types_pb2.Interval) -> str:
    """An interval in short: `1970-11-03 – 1973-09-11`, `since 2001`, `any time`."""
    start, end = getattr(valid, "from"), valid.to
    if start and end:
        return start if start == end else f"{start} – {end}"
    return f"since {start}" if start else f"until {end}" if end else "any time"


def printable(text: str) -> str:
    """The text without what would steer a terminal: names, titles and passages are other people's words."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text)


def _print(out: Console, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    if not rows:
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows[:ROWS]:
        table.add_row(*(Text(printable(cell)) for cell in row))
    out.print()
    out.print(table, soft_wrap=False)
    if len(rows) > ROWS:
        out.print(f"… and {len(rows) - ROWS} more; --json has all", style="dim")
