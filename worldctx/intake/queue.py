"""The queue of input records: kept in the ledger, handed to one worker at a time, given up after too many attempts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from worldctx.exchange.documents import parse_document
from worldctx.model.change import LedgerRow, LedgerStatus, Queued, RecordKind
from worldctx.model.errors import BadInput, NotFound, WorldctxError
from worldctx.model.ids import digest
from worldctx.ports.graph import GraphStore

#: A record that was tried so often and is not done is given up.
MOST_ATTEMPTS = 3
#: Seconds for which a record is one worker's alone, unless it asks for another time: longer than a task may take.
LEASE_S = 660.0
#: Leases that are kept before those that have run out are looked for.
MANY = 10_000
#: What is said of an attempt of which nothing was heard.
SILENT = "its worker ended without a word: killed, out of memory, out of time, or crashed by the record"


class Claimed(StrEnum):
    """Whether a worker may work on a record."""

    GRANTED = "granted"
    DONE = "done"
    PARKED = "parked"
    BUSY = "busy"  #: somebody else is at work on it


@dataclass(frozen=True, slots=True)
class Claim:
    """A record for a worker, or why not."""

    outcome: Claimed
    row: LedgerRow
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a record that was to be queued: a row of the ledger, or an error."""

    row: LedgerRow | None
    error: WorldctxError | None = None


class Queue:
    """The ledger as workers see it. Leases are kept in memory: with them gone, the worst is that work is done twice.

    Safe in any thread.
    """

    def __init__(self, graph: Callable[[], GraphStore], max_text_chars: int) -> None:
        self._graph, self._max_chars = graph, max_text_chars
        self._lock = threading.Lock()
        self._leases: dict[str, tuple[str, float]] = {}

    def enqueue(self, records: Sequence[tuple[RecordKind, bytes]]) -> list[Entered]:
        """Keep the good records; durable when this returns.

        Raises:
            StoreFull, StoreUnavailable: none is kept.
        """
        made = [self._queued(kind, payload) for kind, payload in records]
        rows = iter(self._graph().enqueue([one for one in made if isinstance(one, Queued)]))
        return [Entered(next(rows)) if isinstance(one, Queued) else Entered(None, one) for one in made]

    def claim(self, key: str, delivery: str, *, redelivered: bool = False, lease_s: float = 0) -> Claim:
        """Hand a record to a worker and count the attempt, unless it is done, given up or somebody else's.

        Args:
            key: of the record.
            delivery: id of the message that brought the key. The same one, delivered again since nobody acknowledged
                it, takes the lease over: whoever had it is lost.
            redelivered: whether the broker says that.
            lease_s: how long nobody else gets it.

        Raises:
            NotFound: nothing is kept under the key.
        """
        graph = self._graph()
        with self._lock:
            row = graph.ledger([key]).get(key)
            if row is None or row.kind is None:
                raise NotFound(f"no record is kept under {key[:64]!a}; it was dropped, or never queued")
            if row.status in (LedgerStatus.DONE, LedgerStatus.PARKED):
                self._leases.pop(key, None)
                return Claim(Claimed(row.status.value), row)
            holder, until = self._leases.get(key, ("", 0.0))
            if until > time.monotonic() and not (redelivered and holder == delivery):
                return Claim(Claimed.BUSY, row)
            if row.attempts >= MOST_ATTEMPTS:
                self._leases.pop(key, None)
                return Claim(Claimed.PARKED, graph.park(key, given_up(row.attempts, row.reason)))
            row = graph.attempt(key)
            self._lease(key, delivery, lease_s or LEASE_S)
        payload = graph.payload(key)
        if payload is None:  # done meanwhile, by someone who needed no lease
            return Claim(Claimed.DONE, graph.ledger([key])[key])
        return Claim(Claimed.GRANTED, row, payload)

    def fail(self, key: str, reason: str) -> LedgerRow:
        """Say why an attempt failed, and let others have the record.

        Raises:
            NotFound: there is no such record.
        """
        row = self._graph().fail(key, reason)
        if row is None:
            raise NotFound(f"no record is kept under {key[:64]!a}")
        self._release(key)
        return row

    def park(self, key: str, reason: str) -> LedgerRow:
        """Give up on a record that cannot be done.

        Raises:
            NotFound: there is no such record.
        """
        if key not in self._graph().ledger([key]):
            raise NotFound(f"no record is kept under {key[:64]!a}")
        row = self._graph().park(key, reason)
        self._release(key)
        return row

    def lines(self, key: str) -> list[str]:
        """The lines of a kept batch of facts.

        Raises:
            NotFound: there is none under the key, or it is done.
            BadInput: it is no batch of facts.
        """
        row, payload = self._graph().ledger([key]).get(key), self._graph().payload(key)
        if row is None or payload is None:
            raise NotFound(f"no lines are kept under {key[:64]!a}: they are done, or were dropped")
        if row.kind is not RecordKind.FACTS:
            raise BadInput.at("key", "is that of a document; bring it in with Ingest")
        return payload.decode().split("\n")

    def records(self, keys: Iterable[str]) -> list[LedgerRow]:
        """The rows of keys, in their order; unknown ones are missing."""
        keys = list(keys)
        rows = self._graph().ledger(keys)
        return [rows[key] for key in keys if key in rows]

    def overdue(self, untouched_s: float, limit: int) -> list[LedgerRow]:
        """Rows that wait and that nobody has touched for so long."""
        return list(self._graph().overdue(untouched_s, limit))

    def parked(self, after: str, limit: int) -> list[LedgerRow]:
        """The next rows that were given up, by key."""
        return list(islice((row for row in self._graph().parked() if row.key > after), limit))

    def retry(self, keys: Iterable[str]) -> list[LedgerRow]:
        """Queue what was given up anew."""
        return [row for key in keys if (row := self._graph().requeue(key)) is not None]

    def drop(self, keys: Iterable[str]) -> list[str]:
        """Forget what was given up; the keys of what was."""
        return [key for key in keys if self._graph().drop(key)]

    def _queued(self, kind: RecordKind, payload: bytes) -> Queued | WorldctxError:
        try:
            if kind is RecordKind.DOCUMENT:
                return Queued(parse_document(payload, max_chars=self._max_chars).content_hash, kind, payload)
            return Queued(digest("facts", payload.decode()), kind, payload)
        except UnicodeDecodeError as error:
            return BadInput.at("facts", f"is not UTF-8 (byte {error.start})")
        except WorldctxError as error:
            return error

    def _lease(self, key: str, delivery: str, seconds: float) -> None:
        now = time.monotonic()
        if len(self._leases) >= MANY:
            self._leases = {one: lease for one, lease in self._leases.items() if lease[1] > now}
        self._leases[key] = (delivery, now + seconds)

    def _release(self, key: str) -> None:
        with self._lock:
            self._leases.pop(key, None)


def given_up(attempts: int, reason: str) -> str:
    """Why a record was parked."""
    return f"given up after {attempts} attempts; the last: {reason or SILENT}"
