"""Sending keys to the broker. A message that is lost costs time only: the ledger knows what waits."""

from __future__ import annotations

from collections.abc import Iterable

from celery import Celery
from kombu.exceptions import OperationalError

from ingest.queues import task_for
from worldctx.model.errors import StoreUnavailable
from worldctx.model.url import without_password
from worldctx.wire.v1 import ingest_pb2


class Sender:
    """Sends the keys of kept records to the queue of each."""

    def __init__(self, app: Celery, embedder: str) -> None:
        self._app, self._embedder = app, embedder

    def close(self) -> None:
        """Let go of the broker."""
        self._app.close()

    def send(self, records: Iterable[ingest_pb2.Record]) -> int:
        """Send the keys of records; how many there were.

        Raises:
            StoreUnavailable: the broker does not take them.
        """
        sent = 0
        try:
            with self._app.producer_or_acquire() as producer:
                for record in records:
                    task = task_for(record.kind, self._embedder)
                    # Limits are the worker's own: named here, they would be the sender's.
                    self._app.send_task(task, (record.key,), producer=producer, ignore_result=True, time_limit=None,
                                        soft_time_limit=None)
                    sent += 1
        except (OperationalError, *self._app.connection_for_write().connection_errors) as error:
            where = without_password(str(self._app.conf.broker_url))
            raise StoreUnavailable(f"no broker answers at {where} ({_words(error)}); is it running, and is that its "
                                   "address?") from error
        return sent


def _words(error: BaseException) -> str:
    """What a driver says, without the URL that some of them quote."""
    said = str(error) or type(error).__name__
    return type(error).__name__ if "://" in said else " ".join(said.split())[:200]
