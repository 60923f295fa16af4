"""What can be wrong with a graph file, looked for row by row."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

from worldctx.graph.connections import is_damage
from worldctx.graph.interned import Interned
from worldctx.graph.rows import FACT_COLUMNS, facts_from
from worldctx.graph.schema import TOTALS
from worldctx.model.fact import Fact, fact_id

_MINTED = re.compile("f:[0-9a-f]{24}")
_NUMBERED = ("sources", "entities", "names", "same_as", "judgements", "facts", "documents", "withdrawals")
_LIVE = "withdrawn IS NULL"
#: How each total of the newest commit is counted anew.
_COUNTS = {
    "entities": "SELECT count(DISTINCT id) FROM entities",
    "names": "SELECT count(*) FROM names WHERE again = 0",
    "facts": f"SELECT count(*) FROM facts WHERE {_LIVE}",
    "sources": "SELECT count(DISTINCT id) FROM sources",
    "documents": f"SELECT count(*) FROM documents WHERE {_LIVE}",
    "passages": f"SELECT count(*) FROM passages p JOIN documents d ON d.row = p.document WHERE d.{_LIVE}",
    "mentions": f"SELECT count(*) FROM mentions m JOIN documents d ON d.row = m.document WHERE d.{_LIVE}",
    "judgements": "SELECT count(*) FROM judgements",
}


def problems_in(connection: sqlite3.Connection, interned: Interned) -> Iterator[str]:
    """Everything that is wrong, one line each."""
    try:
        damaged = [text for (text,) in connection.execute("PRAGMA integrity_check") if text != "ok"]
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        damaged = [str(error)]  # too damaged to be looked through
    if damaged:
        # What follows would read damaged pages.
        yield from (f"graph.db: {text}" for text in damaged)
        return
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"{table} row {row}: refers to a row of {parent} that is not there"
    yield from _revisions(connection)
    yield from _totals(connection)
    yield from _documents(connection)
    yield from _sources(connection, interned)
    yield from _facts(connection, interned)


def _revisions(connection: sqlite3.Connection) -> Iterator[str]:
    head, count = connection.execute("SELECT coalesce(max(revision), 0), count(*) FROM commits").fetchone()
    if head != count:
        yield f"commits: {count} commits, but the newest has number {head}"
    for table in _NUMBERED:
        (wrong,) = connection.execute(
            f"SELECT count(*) FROM {table} WHERE recorded < 1 OR recorded > ?", (head,)).fetchone()
        if wrong:
            yield f"{table}: {wrong} rows recorded by a commit that is not there"
    for table in ("facts", "documents"):
        (wrong,) = connection.execute(f"SELECT count(*) FROM {table} WHERE withdrawn < recorded OR withdrawn > ?",
                                      (head,)).fetchone()
        if wrong:
            yield f"{table}: {wrong} rows withdrawn before they were recorded, or after the newest commit"


def _totals(connection: sqlite3.Connection) -> Iterator[str]:
    row = connection.execute(f"SELECT {', '.join(TOTALS)} FROM commits ORDER BY revision DESC LIMIT 1").fetchone()
    for name, total in zip(TOTALS, row or (0,) * len(TOTALS), strict=True):
        (found,) = connection.execute(_COUNTS[name]).fetchone()
        if found != total:
            yield f"{name}: the newest commit counts {total}, the store holds {found}"


def _documents(connection: sqlite3.Connection) -> Iterator[str]:
    documents = connection.execute("SELECT d.row, t.text, d.text FROM documents d JOIN terms t ON t.id = d.id")
    for row, document, text in documents:
        for piece, start, end, part in connection.execute(
                'SELECT id, start, "end", text FROM passages WHERE document = ?', (row,)):
            if text[start:end] != part:
                yield f"document {document}: passage {piece} is not the text at [{start}, {end})"
        for start, end, surface in connection.execute(
                'SELECT start, "end", surface FROM mentions WHERE document = ?', (row,)):
            if text[start:end] != surface:
                yield f"document {document}: the mention {surface!r} is not the text at [{start}, {end})"


def _sources(connection: sqlite3.Connection, interned: Interned) -> Iterator[str]:
    lost = "{0}.source IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sources s WHERE s.id = {0}.source)"
    for (fact,) in connection.execute(f"SELECT f.id FROM facts f WHERE {lost.format('f')}"):
        yield f"fact {fact}: its source is not there"
    for table, column in (("entities", "id"), ("names", "entity"), ("same_as", "entity"), ("judgements", "low")):
        for (number,) in connection.execute(f"SELECT DISTINCT t.{column} FROM {table} t WHERE {lost.format('t')}"):
            yield f"{table} of {interned.text(connection, number)}: a source that told of it is not there"


def _facts(connection: sqlite3.Connection, interned: Interned) -> Iterator[str]:
    rows = connection.execute(f"SELECT {FACT_COLUMNS}, valid_lo, valid_hi, known_hi, end_known_hi FROM facts f")
    for *row, valid_lo, valid_hi, known_hi, end_known_hi in rows:
        (one,) = facts_from((row,), connection, interned)
        if _MINTED.fullmatch(one.id) and fact_id(one) != one.id:
            yield f"fact {one.id}: its content is not what its id was made from"
        yield from _bounds(one, (valid_lo, valid_hi, known_hi, end_known_hi))


def _bounds(fact: Fact, bounds: tuple[int | None, ...]) -> Iterator[str]:
    """The columns that the clocks filter by must say what the dates say."""
    known, valid = fact.known, fact.valid
    expected = (None if valid.start is None else valid.lo, None if valid.end is None else valid.hi,
                None if known.since is None else known.hi, None if known.end_since is None else known.end_hi)
    if bounds != expected:
        yield f"fact {fact.id}: the bounds {bounds} are not those of its dates {expected}"
