"""Records that go in through workers: kept by the service, their keys sent to the broker, and watched until done."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from worldctx.client.client import BlockingClient
from worldctx.commands.records import BATCH, Records
from worldctx.commands.screen import complain, progress
from worldctx.exchange.jsonl import Line
from worldctx.exchange.streams import name_of
from worldctx.model.errors import BadInput, StoreUnavailable
from worldctx.wire.status import status_of
from worldctx.wire.v1 import ingest_pb2

if TYPE_CHECKING:
    from ingest.sender import Sender

#: Keys that are asked about at a time, and seconds between two looks: the shortest and the longest.
LOOK, LOOK_S = 1_000, (0.05, 1.0)
#: Seconds without any record done after which we ask whether there are workers.
STILL_S = 30.0

Answer = ingest_pb2.EnqueueResponse.Item


class QueuedRecords(Records[Answer]):
    """Documents that workers bring in.

    Attributes:
        unsent: why the broker did not take the keys; None where it did.
    """

    def __init__(self, target: Path | None, sender: Sender) -> None:
        super().__init__(target, ("written", "duplicate", "refused", "parked", "waiting"))
        self._sender, self._waiting = sender, dict[str, str]()
        self.unsent: StoreUnavailable | None = None

    def sent(self, client: BlockingClient, some: Sequence[Line]) -> Iterator[Answer]:
        """Have records kept, and send the keys of those that wait."""
        answers = list(client.enqueue(
            [ingest_pb2.EnqueueRequest.Item(id=str(line.number), json=line.data) for line in some], BATCH))
        self._send([one.record for one in answers if one.outcome == ingest_pb2.ENQUEUE_OUTCOME_QUEUED])
        yield from answers

    def refusal(self, line: Line, error: BadInput) -> Answer:
        """See Records."""
        return Answer(id=str(line.number), outcome=ingest_pb2.ENQUEUE_OUTCOME_REFUSED, error=status_of(error))

    def acknowledged(self, path: Path, line: Line, answer: Answer) -> None:
        """See Records."""
        key, where = answer.record.key, f"{name_of(path)}: line {line.number}"
        if answer.outcome == ingest_pb2.ENQUEUE_OUTCOME_REFUSED:
            self.refuse(path, line, answer.error.message)
        elif answer.outcome == ingest_pb2.ENQUEUE_OUTCOME_PARKED:
            self._parked(where, answer.record)
        elif answer.outcome == ingest_pb2.ENQUEUE_OUTCOME_DUPLICATE or key in self._waiting:
            self.counts["duplicate"] += 1
            self.revision = max(self.revision, answer.record.revision)
        else:
            self._waiting[key] = where
            self.counts["waiting"] += 1

    def watch(self, client: BlockingClient) -> None:
        """Wait until all that was queued is done or given up."""
        total, pause, moved, asked = len(self._waiting), LOOK_S[0], time.monotonic(), False
        with progress("documents", total) as bar:
            while self._waiting:
                before = len(self._waiting)
                failed = self._look(client)
                left = len(self._waiting)
                bar.at(total - left, total, f"{left - failed:,} queued, {failed:,} failed and tried again, "
                                            f"{self.counts['written']:,} done, {self.counts['parked']:,} parked")
                if left < before:
                    pause, moved, asked = LOOK_S[0], time.monotonic(), False
                elif time.monotonic() - moved > STILL_S and not asked:
                    complain(f"nothing was done for {STILL_S:.0f} s, {left:,} records wait; is `worldctx worker` "
                             "running, and `worldctx beat`? Ctrl-C leaves the records to them")
                    asked = True
                if self._waiting:
                    time.sleep(pause)
                    pause = min(2 * pause, LOOK_S[1])

    def _look(self, client: BlockingClient) -> int:
        """Ask about those that were not asked about for the longest time; how many of them have failed so far."""
        keys, failed = list(islice(self._waiting, LOOK)), 0
        found = {one.key: one for one in client.records(keys)}
        for key in keys:
            where, record = self._waiting.pop(key), found.get(key)
            if record is None:
                self.counts["waiting"] -= 1
                self.complaints.add(where, "was dropped by someone")
            elif record.status == ingest_pb2.RECORD_STATUS_DONE:
                self.counts["waiting"] -= 1
                self.counts["written"] += 1
                self.revision = max(self.revision, record.revision)
            elif record.status == ingest_pb2.RECORD_STATUS_PARKED:
                self.counts["waiting"] -= 1
                self._parked(where, record)
            else:
                self._waiting[key] = where
                failed += bool(record.reason)
        return failed

    def _parked(self, where: str, record: ingest_pb2.Record) -> None:
        self.counts["parked"] += 1
        self.complaints.add(where, f"parked: {record.reason} (worldctx dlq retry {record.key})")

    def _send(self, records: Sequence[ingest_pb2.Record]) -> None:
        if self.unsent is not None or not records:
            return
        try:
            self._sender.send(records)
        except StoreUnavailable as error:
            self.unsent = error
