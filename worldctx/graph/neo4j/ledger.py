"""The ledger in Neo4j: what became of each input record, and what it held until it was done. In no revision."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import neo4j

from worldctx.graph.interned import is_storable
from worldctx.graph.neo4j.bolt import Bolt
from worldctx.model.change import LedgerRow, LedgerStatus, Mark, Queued, RecordKind
from worldctx.model.errors import BadInput, StoreUnavailable
from worldctx.model.ids import Revision
from worldctx.ports.failpoint import failpoint

_NEW = "ON CREATE SET l.status = '', l.attempts = 0, l.reason = '', l.revision = 0"
#: Writing to a row takes its lock, and only what is read behind that is what another transaction left there: a look at
#: the status before would be a look at what it was before the commit that is being waited for.
_LOCKED = "SET l.lock = true REMOVE l.lock WITH l"
_UNLESS_DONE = f"{_LOCKED} WHERE l.status <> '{LedgerStatus.DONE}' SET l.touched = $now,"
_LEDGER = "UNWIND $keys AS key MATCH (l:Ledger {key: key}) RETURN l {.*, payload: NULL}"
_ENQUEUE = f"""UNWIND $rows AS row MERGE (l:Ledger {{key: row.key}}) ON CREATE SET
    l.status = '{LedgerStatus.QUEUED}', l.attempts = 0, l.reason = '', l.revision = 0, l.kind = row.kind,
    l.payload = row.payload, l.touched = $now"""
_PAYLOAD = "MATCH (l:Ledger {key: $key}) RETURN l.payload"
_ATTEMPT = f"""MERGE (l:Ledger {{key: $key}}) {_NEW} {_UNLESS_DONE} l.status = '{LedgerStatus.FAILED}',
    l.attempts = l.attempts + 1, l.reason = ''"""
_FAIL = f"""MATCH (l:Ledger {{key: $key}}) {_LOCKED}
    WHERE NOT l.status IN ['{LedgerStatus.DONE}', '{LedgerStatus.PARKED}']
    SET l.touched = $now, l.status = '{LedgerStatus.FAILED}', l.reason = $reason"""
_PARK = f"""MERGE (l:Ledger {{key: $key}}) {_NEW} {_UNLESS_DONE} l.status = '{LedgerStatus.PARKED}',
    l.reason = $reason"""
_REQUEUE = f"""MATCH (l:Ledger {{key: $key}}) {_LOCKED}
    WHERE l.status = '{LedgerStatus.PARKED}' AND l.kind IS NOT NULL
    SET l.status = '{LedgerStatus.QUEUED}', l.attempts = 0, l.reason = '', l.touched = $now"""
_DROP = f"""MATCH (l:Ledger {{key: $key}}) {_LOCKED} WHERE l.status = '{LedgerStatus.PARKED}'
    DELETE l RETURN count(*)"""
_PARKED = f"""MATCH (l:Ledger {{status: '{LedgerStatus.PARKED}'}}) WHERE l.key > $after
    RETURN l {{.*, payload: NULL}} ORDER BY l.key LIMIT $limit"""
_OVERDUE = f"""MATCH (l:Ledger) WHERE l.status IN ['{LedgerStatus.QUEUED}', '{LedgerStatus.FAILED}']
    AND l.kind IS NOT NULL AND l.touched <= $untouched WITH l ORDER BY l.touched, l.key LIMIT $limit
    SET l.touched = $now RETURN l {{.*, payload: NULL}}"""
_DONE = f"""UNWIND $keys AS key MERGE (l:Ledger {{key: key}}) {_NEW} {_UNLESS_DONE}
    l.status = '{LedgerStatus.DONE}', l.reason = '', l.revision = $revision, l.payload = NULL,
    l.attempts = CASE WHEN l.attempts < 1 THEN 1 ELSE l.attempts END"""

_MARK = "MATCH (m:Mark {name: $name}) RETURN m.position"
_SET_MARK = "MERGE (m:Mark {name: $name}) SET m.position = $position"
_DROP_MARK = "MATCH (m:Mark {name: $name}) DELETE m"

_PAGE = 1000


class Ledger:
    """The part of a ports.graph.GraphStore that keeps account of input records."""

    def __init__(self, bolt: Bolt) -> None:
        self._bolt = bolt

    def rows(self, keys: Iterable[str]) -> dict[str, LedgerRow]:
        """See GraphStore.ledger."""
        rows = self._bolt.read(_LEDGER, keys=[key for key in keys if is_storable(key)])
        return {row["key"]: _row_from(row) for (row,) in rows}

    def enqueue(self, records: Sequence[Queued]) -> list[LedgerRow]:
        """See GraphStore."""
        if not records:
            return []
        rows = [{"key": _checked(one.key), "kind": str(one.kind), "payload": one.payload} for one in records]
        keys = [row["key"] for row in rows]

        def work(transaction: neo4j.ManagedTransaction) -> list[list[Any]]:
            transaction.run(_ENQUEUE, {"rows": rows, "now": time.time()}).consume()
            found = transaction.run(_LEDGER, {"keys": keys}).values()
            failpoint("graph.ledger.before_commit")
            return found

        return [_row_from(row) for (row,) in self._bolt.write(work)]

    def payload(self, key: str) -> bytes | None:
        """See GraphStore."""
        rows = self._bolt.read(_PAYLOAD, key=key) if is_storable(key) else []
        return bytes(rows[0][0]) if rows and rows[0][0] is not None else None

    def attempt(self, key: str) -> LedgerRow:
        """See GraphStore. A parked record is tried again."""
        return _known(key, self._changed(_ATTEMPT, key))

    def fail(self, key: str, reason: str) -> LedgerRow | None:
        """See GraphStore."""
        return self._changed(_FAIL, key, reason)

    def park(self, key: str, reason: str) -> LedgerRow:
        """See GraphStore."""
        return _known(key, self._changed(_PARK, key, reason))

    def requeue(self, key: str) -> LedgerRow | None:
        """See GraphStore."""
        return self._changed(_REQUEUE, key)

    def drop(self, key: str) -> bool:
        """See GraphStore."""
        if not is_storable(key):
            return False
        return self._bolt.write(lambda transaction: transaction.run(_DROP, {"key": key}).values()) != [[0]]

    def done(self, keys: Sequence[str], marks: Sequence[Mark], revision: Revision) -> None:
        """Say that records are done, and how far imports have come, of which nothing was new."""

        def work(transaction: neo4j.ManagedTransaction) -> None:
            say_done(transaction, keys, revision)
            say_marks(transaction, marks)

        self._bolt.write(work)

    def mark(self, name: str) -> int:
        """See GraphStore."""
        rows = self._bolt.read(_MARK, name=name) if is_storable(name) else []
        return int(rows[0][0]) if rows else 0

    def overdue(self, untouched_s: float, limit: int) -> list[LedgerRow]:
        """See GraphStore."""
        now = time.time()
        values = {"untouched": now - untouched_s, "now": now, "limit": limit}
        return [_row_from(row) for (row,) in self._bolt.write(
            lambda transaction: transaction.run(_OVERDUE, values).values())]

    def parked(self) -> Iterator[LedgerRow]:
        """See GraphStore."""
        after = ""
        while True:
            rows = [_row_from(row) for (row,) in self._bolt.read(_PARKED, after=after, limit=_PAGE)]
            yield from rows
            if len(rows) < _PAGE:
                return
            after = rows[-1].key

    def _changed(self, statement: str, key: str, reason: str = "") -> LedgerRow | None:
        values = {"key": _checked(key), "now": time.time(), "reason": reason.encode("utf-8", "replace").decode()}

        def work(transaction: neo4j.ManagedTransaction) -> list[list[Any]]:
            transaction.run(statement, values).consume()
            found = transaction.run(_LEDGER, {"keys": [key]}).values()
            failpoint("graph.ledger.before_commit")
            return found

        rows = self._bolt.write(work)
        return _row_from(rows[0][0]) if rows else None


def say_done(transaction: neo4j.ManagedTransaction, keys: Sequence[str], revision: Revision) -> None:
    """Say that input records are done and let go of what was kept of them.

    In the transaction of their effect: done means done, however often a record is delivered.
    """
    transaction.run(_DONE, {"keys": [*keys], "revision": revision, "now": time.time()}).consume()


def say_marks(transaction: neo4j.ManagedTransaction, marks: Sequence[Mark]) -> None:
    """Say how far imports have come, in the transaction that took them there."""
    for one in marks:
        transaction.run(_DROP_MARK if one.position is None else _SET_MARK,
                        {"name": one.name, "position": one.position}).consume()



def _row_from(row: Mapping[str, Any]) -> LedgerRow:
    kind = row.get("kind")
    return LedgerRow(row["key"], LedgerStatus(row["status"]), row["attempts"], row["reason"],
                     Revision(row["revision"]), None if kind is None else RecordKind(kind))


def _checked(key: str) -> str:
    if not is_storable(key):
        raise BadInput.at("key", "holds a lone surrogate; use the content hash")
    return key


def _known(key: str, row: LedgerRow | None) -> LedgerRow:
    if row is None:
        raise StoreUnavailable(f"the ledger lost {key!r}")
    return row
