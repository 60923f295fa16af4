"""One erasure of a SQLite graph, inside a transaction that the store begins and ends, with foreign keys off.

What is told of an entity by others is read anew, line by line, as if those that went had never come.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from worldctx.graph.closure import GOES, WITHDRAWALS_GO, Key, first_of, payloads
from worldctx.graph.schema import ENTITY_ATTRIBUTES, TOTALS
from worldctx.graph.standing import Standing, given_of
from worldctx.graph.totals import recount
from worldctx.model.change import Erasure, LedgerStatus, RecordKind
from worldctx.model.ids import DocumentId, Revision
from worldctx.ports.graph import Left

#: Columns that name a text by its number.
_NAMED = {
    "sources": ("id", "publisher"), "entities": ("id", "within", "source"), "names": ("entity", "source"),
    "same_as": ("entity", "external", "source"), "judgements": ("low", "high", "source"),
    "facts": ("subject", "predicate", "object", "source", "method", "document", "datatype", "unit", "lang"),
    "documents": ("id",),
}
#: Likewise, a date.
_DATED = {
    "sources": ("published",), "names": ("start", '"end"'), "judgements": ("at",),
    "facts": ("start", '"end"', "since", "end_since"), "documents": ("published", "modified"),
}
_ATTRIBUTES = ", ".join(ENTITY_ATTRIBUTES)


class Erasing:
    """Takes rows out. Nothing counts until the caller commits."""

    def __init__(self, connection: sqlite3.Connection, key: Key, erasure: Erasure, left: Left) -> None:
        self._connection, self._key, self._erasure, self._left = connection, key, erasure, left

    def erase(self, revision: Revision) -> tuple[DocumentId, ...]:
        """Take everything out and make the commit.

        Returns:
            The documents that are gone.
        """
        documents = tuple(DocumentId(text) for (text,) in self._connection.execute(
            f"SELECT DISTINCT t.text FROM documents x JOIN terms t ON t.id = x.id WHERE {GOES['documents']} ORDER BY 1",
            self._key))
        self._records(first_of(self._connection, self._key))
        self._delete("withdrawals", WITHDRAWALS_GO)
        for table in ("passages", "mentions", "documents", "facts"):
            self._delete(table, GOES[table])
        self._tellings()
        self._delete("sources", GOES["sources"])
        self._forget_texts()
        self._connection.execute(f"INSERT INTO commits VALUES (?{', 0' * (len(TOTALS) + 1)})", (revision,))
        recount(self._connection)
        self._connection.execute("INSERT INTO erasures VALUES (?, 0)", (revision,))
        self._connection.executemany("INSERT OR REPLACE INTO erased VALUES (?, ?)", (
            (one, revision) for one in documents))
        return documents

    def _delete(self, table: str, goes: str) -> int:
        return self._connection.execute(f"DELETE FROM {table} AS x WHERE {goes}", self._key).rowcount

    def _records(self, first: Revision) -> None:
        """Kept records without what goes; which are done, as far as they may have told it; how far imports have come.

        Args:
            first: the first commit that recorded anything of what goes.
        """
        less = [(one, rest) for one, kind, payload in payloads(self._connection)
                if (rest := self._left(kind, payload)) != payload]
        for one, rest in less:
            if rest is None:
                self._connection.execute("DELETE FROM payloads WHERE key = ?", (one,))
                self._connection.execute("DELETE FROM ledger WHERE key = ?", (one,))
            else:
                self._connection.execute("UPDATE payloads SET payload = ? WHERE key = ?", (rest, one))
        self._connection.execute(f"DELETE FROM ledger WHERE key IN (SELECT x.content_hash FROM documents x WHERE "
                                 f"{GOES['documents']})", self._key)
        if first:
            self._connection.execute("DELETE FROM ledger WHERE status = ? AND kind = ? AND revision >= ?",
                                     (LedgerStatus.DONE, RecordKind.FACTS, first))
        for one in self._erasure.documents:
            self._connection.execute("UPDATE ledger SET reason = '' WHERE instr(reason, ?)", (one,))
        self._connection.execute("DELETE FROM marks")

    def _tellings(self) -> None:
        """Take out what sources told of entities, and put what others told in order."""
        touched = self._numbers("SELECT DISTINCT x.id FROM entities x WHERE", "entities")
        named = self._numbers("SELECT DISTINCT x.entity FROM names x WHERE", "names")
        pairs = self._connection.execute(
            f"SELECT DISTINCT x.low, x.high FROM judgements x WHERE {GOES['judgements']}", self._key).fetchall()
        for table in ("entities", "names", "same_as", "judgements"):
            self._delete(table, GOES[table])
        for number in touched:
            self._retell(number)
        for number in named:
            self._rename(number)
        for pair in pairs:
            self._judge_anew(pair)

    def _numbers(self, query: str, table: str) -> list[int]:
        return [number for (number,) in self._connection.execute(f"{query} {GOES[table]}", self._key)]

    def _retell(self, number: int) -> None:
        """The lines of an entity, in order, each with the attributes as they stand after it."""
        standing = Standing(len(ENTITY_ATTRIBUTES))
        lines = self._connection.execute(
            f"SELECT row, source, given, {_ATTRIBUTES} FROM entities WHERE id = ? ORDER BY row", (number,)).fetchall()
        for row, source, mask, *values in lines:
            if not standing.tell(source, given_of(values, mask)):
                self._connection.execute("DELETE FROM entities WHERE row = ?", (row,))
                continue
            kind, lat, lon, within, description, weight = standing.values
            stands = (kind, lat, lon, within, description or "", weight)
            if stands != tuple(values):
                # What an older version wrote says what it gave by what it has.
                given = mask if mask is not None else sum(
                    1 << place for place, value in enumerate(values) if value not in (None, ""))
                self._connection.execute(
                    f"UPDATE entities SET ({_ATTRIBUTES}, given) = (?, ?, ?, ?, ?, ?, ?) WHERE row = ?",
                    (*stands, given, row))

    def _rename(self, number: int) -> None:
        """Which of the names of an entity were told before, by someone else."""
        seen: set[tuple[object, ...]] = set()
        for row, again, *name in self._connection.execute(
                'SELECT row, again, text, lang, start, "end", preferred FROM names WHERE entity = ? ORDER BY row',
                (number,)).fetchall():
            if again != (tuple(name) in seen):
                self._connection.execute("UPDATE names SET again = ? WHERE row = ?", (tuple(name) in seen, row))
            seen.add(tuple(name))

    def _judge_anew(self, pair: tuple[int, int]) -> None:
        standing = Standing(1)
        for row, source, *said in self._connection.execute(
                'SELECT row, source, same, "by", at FROM judgements WHERE low = ? AND high = ? ORDER BY row',
                pair).fetchall():
            if not standing.tell(source, (tuple(said),)):
                self._connection.execute("DELETE FROM judgements WHERE row = ?", (row,))

    def _forget_texts(self) -> None:
        """Ids, texts and dates that no row names any more go, also out of the mentions of documents that stay."""
        self._connection.execute("CREATE TEMP TABLE dead (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)")
        try:
            self._connection.execute(f"INSERT INTO dead SELECT id, text FROM terms WHERE id NOT IN ({_used(_NAMED)})")
            for document, ordinal, candidates in self._dead_mentions():
                if candidates:
                    self._connection.execute("UPDATE mentions SET candidates = ? WHERE document = ? AND ordinal = ?", (
                        json.dumps(candidates, ensure_ascii=False, sort_keys=True, separators=(",", ":")), document,
                        ordinal))
                else:
                    self._connection.execute("DELETE FROM mentions WHERE document = ? AND ordinal = ?",
                                             (document, ordinal))
            self._connection.execute("DELETE FROM terms WHERE id IN (SELECT id FROM dead)")
            self._connection.execute(f"DELETE FROM moments WHERE id NOT IN ({_used(_DATED)})")
        finally:
            self._connection.execute("DROP TABLE temp.dead")

    def _dead_mentions(self) -> Iterator[tuple[int, int, list[str]]]:
        """Mentions that may mean what nothing names any more, with what else they may mean."""
        if self._connection.execute("SELECT 1 FROM dead LIMIT 1").fetchone() is None:
            return
        found = self._connection.execute("""SELECT m.document, m.ordinal, m.candidates FROM mentions m WHERE EXISTS (
            SELECT 1 FROM json_each(m.candidates) j JOIN dead ON dead.text = j.value)""").fetchall()
        for document, ordinal, candidates in found:
            yield document, ordinal, [one for one in json.loads(candidates) if self._connection.execute(
                "SELECT 1 FROM dead WHERE text = ?", (one,)).fetchone() is None]


def _used(columns: dict[str, tuple[str, ...]]) -> str:
    """A query for the numbers that some columns hold."""
    return " UNION ".join(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"
                          for table, names in columns.items() for column in names)
