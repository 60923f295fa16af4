"""The sweeper: what waits in the ledger and that no message speaks of any more is sent again."""

from __future__ import annotations

import logging

from celery import Celery
from kombu.exceptions import ChannelError

from ingest.queues import Queues
from ingest.sender import Sender
from ingest.service import Away, Service
from ingest.settings import IngestSettings
from worldctx.model.errors import StoreUnavailable

log = logging.getLogger(__name__)
#: With so many messages in the queues workers have enough to do: what waits behind them is not lost.
ENOUGH = 1_000
TASK = "worldctx.sweep"


def register(app: Celery, settings: IngestSettings, service: Service) -> None:
    """Give the app its task."""

    def task() -> None:
        try:
            sweep(app, settings, service)
        except (Away, StoreUnavailable) as error:
            log.warning("not swept, next time again: %s", error)

    app.task(task, name=TASK, shared=False)


def sweep(app: Celery, settings: IngestSettings, service: Service) -> int:
    """Send the keys of records that nobody has touched for too long; how many they were.

    Raises:
        Away, StoreUnavailable: the service or the broker does not answer.
    """
    room = ENOUGH - depth(app, Queues(settings.prefix))
    if room <= 0:
        return 0
    rows = service.call(lambda client: client.take_overdue(settings.overdue_s, room))
    if not rows:
        return 0
    embedder = service.call(lambda client: client.stats()).embedder
    sent = Sender(app, embedder).send(rows)
    log.warning("sent %d records again that nobody had touched for %.0f s", sent, settings.overdue_s)
    return sent


def depth(app: Celery, queues: Queues) -> int:
    """Messages that wait in the queues of records."""
    count = 0
    with app.connection_for_read() as connection:
        for name in ("extract", "embed", "import"):
            try:
                count += connection.default_channel.queue_declare(queues.of(name), passive=True).message_count
            except ChannelError:  # no worker has been there yet, and nothing was sent
                continue
    return count
