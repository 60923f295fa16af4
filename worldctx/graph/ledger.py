"""The ledger in SQLite: what became of each input record, and what it held until it was done. In no revision."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager

from worldctx.graph.connections import Connections
from worldctx.graph.interned import is_storable
from worldctx.model.change import LedgerRow, LedgerStatus, Queued, RecordKind
from worldctx.model.errors import BadInput, StoreUnavailable
from worldctx.model.ids import Revision
from worldctx.ports.failpoint import failpoint

_LEDGER = "SELECT key, status, attempts, reason, revision, kind FROM ledger"
_ENQUEUE = f"""INSERT INTO ledger (key, status, attempts, reason, revision, kind, touched)
    VALUES (:key, '{LedgerStatus.QUEUED}', 0, '', 0, :kind, :now) ON CONFLICT (key) DO NOTHING"""
_ATTEMPT = f"""INSERT INTO ledger (key, status, attempts, reason, revision, touched)
    VALUES (:key, '{LedgerStatus.FAILED}', 1, '', 0, :now) ON CONFLICT (key) DO UPDATE SET status = excluded.status,
    attempts = attempts + 1, reason = '', touched = excluded.touched WHERE status != '{LedgerStatus.DONE}'"""
_FAIL = f"""UPDATE ledger SET status = '{LedgerStatus.FAILED}', reason = :reason, touched = :now
    WHERE key = :key AND status NOT IN ('{LedgerStatus.DONE}', '{LedgerStatus.PARKED}')"""
_PARK = f"""INSERT INTO ledger (key, status, attempts, reason, revision, touched)
    VALUES (:key, '{LedgerStatus.PARKED}', 0, :reason, 0, :now) ON CONFLICT (key) DO UPDATE SET
    status = excluded.status, reason = excluded.reason, touched = excluded.touched
    WHERE status != '{LedgerStatus.DONE}'"""
_REQUEUE = f"""UPDATE ledger SET status = '{LedgerStatus.QUEUED}', attempts = 0, reason = '', touched = :now
    WHERE key = :key AND status = '{LedgerStatus.PARKED}' AND kind IS NOT NULL"""
_DROP = f"DELETE FROM ledger WHERE key = ? AND status = '{LedgerStatus.PARKED}'"
#: The words of the index `ledger_waiting`, so that it is used.
_OVERDUE = f"""{_LEDGER} WHERE status IN ('queued', 'failed') AND kind IS NOT NULL AND touched <= ?
    ORDER BY touched, key LIMIT ?"""
_TOUCH = "UPDATE ledger SET touched = ? WHERE key = ?"


class Ledger:
    """The part of a ports.graph.GraphStore that keeps account of input records."""

    def __init__(self, connections: Connections,
                 writing: Callable[[], AbstractContextManager[sqlite3.Connection]]) -> None:
        """A ledger in an open file.

        Args:
            writing: gives the writer's turn, inside a transaction.
        """
        self._connections, self._writing = connections, writing

    def rows(self, keys: Iterable[str]) -> dict[str, LedgerRow]:
        """See GraphStore.ledger."""
        with self._connections.reading() as connection:
            return {row.key: row for key in filter(is_storable, keys) if (row := _ledger_row(connection, key))}

    def enqueue(self, records: Sequence[Queued]) -> list[LedgerRow]:
        """See GraphStore."""
        if not records:
            return []
        _check_keys(record.key for record in records)
        with self._writing() as connection:
            now = time.time()
            for record in records:
                made = connection.execute(_ENQUEUE, {"key": record.key, "kind": record.kind, "now": now}).rowcount
                if made:
                    connection.execute("INSERT INTO payloads VALUES (?, ?)", (record.key, record.payload))
            rows = [_ledger_row(connection, record.key) for record in records]
            failpoint("graph.ledger.before_commit")
            connection.execute("COMMIT")
        return [row for row in rows if row is not None]

    def payload(self, key: str) -> bytes | None:
        """See GraphStore."""
        if not is_storable(key):
            return None
        with self._connections.reading() as connection:
            row = connection.execute("SELECT payload FROM payloads WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def attempt(self, key: str) -> LedgerRow:
        """See GraphStore. A parked record is tried again."""
        return _known(key, self._account(_ATTEMPT, key))

    def fail(self, key: str, reason: str) -> LedgerRow | None:
        """See GraphStore."""
        return self._account(_FAIL, key, reason)

    def park(self, key: str, reason: str) -> LedgerRow:
        """See GraphStore."""
        return _known(key, self._account(_PARK, key, reason))

    def requeue(self, key: str) -> LedgerRow | None:
        """See GraphStore."""
        return self._account(_REQUEUE, key)

    def drop(self, key: str) -> bool:
        """See GraphStore."""
        if not is_storable(key):
            return False
        with self._writing() as connection:
            dropped = connection.execute(_DROP, (key,)).rowcount > 0
            if dropped:
                connection.execute("DELETE FROM payloads WHERE key = ?", (key,))
            connection.execute("COMMIT")
        return dropped

    def overdue(self, untouched_s: float, limit: int) -> list[LedgerRow]:
        """See GraphStore."""
        with self._writing() as connection:
            now = time.time()
            rows = list(map(_ledger_of, connection.execute(_OVERDUE, (now - untouched_s, limit))))
            connection.executemany(_TOUCH, ((now, row.key) for row in rows))
            connection.execute("COMMIT")
        return rows

    def parked(self) -> Iterator[LedgerRow]:
        """See GraphStore."""
        with self._connections.reading() as connection:
            for row in connection.execute(f"{_LEDGER} WHERE status = '{LedgerStatus.PARKED}' ORDER BY key"):
                yield _ledger_of(row)

    def mark(self, name: str) -> int:
        """See GraphStore."""
        with self._connections.reading() as connection:
            row = connection.execute("SELECT position FROM marks WHERE name = ?", (name,)).fetchone()
        return 0 if row is None else int(row[0])

    def _account(self, statement: str, key: str, reason: str = "") -> LedgerRow | None:
        _check_keys((key,))
        values = {"key": key, "now": time.time(), "reason": reason.encode("utf-8", "replace").decode()}
        with self._writing() as connection:
            connection.execute(statement, values)
            row = _ledger_row(connection, key)
            failpoint("graph.ledger.before_commit")
            connection.execute("COMMIT")
        return row


def _ledger_row(connection: sqlite3.Connection, key: str) -> LedgerRow | None:
    row = connection.execute(f"{_LEDGER} WHERE key = ?", (key,)).fetchone()
    return None if row is None else _ledger_of(row)


def _ledger_of(row: tuple[str, str, int, str, int, str | None]) -> LedgerRow:
    key, status, attempts, reason, revision, kind = row
    return LedgerRow(key, LedgerStatus(status), attempts, reason, Revision(revision),
                     None if kind is None else RecordKind(kind))


def _check_keys(keys: Iterable[str]) -> None:
    if not all(map(is_storable, keys)):
        raise BadInput.at("key", "holds a lone surrogate; use the content hash")


def _known(key: str, row: LedgerRow | None) -> LedgerRow:
    if row is None:
        raise StoreUnavailable(f"the ledger lost {key!r}")
    return row
