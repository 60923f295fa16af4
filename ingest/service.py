"""The service as a worker process sees it: waited for when it is away, with a lexicon and a model of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from ingest.settings import IngestSettings
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.model.errors import (
    BadInput,
    DeadlineExceeded,
    Overloaded,
    StoreFull,
    StoreUnavailable,
    Unauthenticated,
    WorldctxError,
)
from worldctx.model.ids import ZERO, Revision
from worldctx.ports.embedder import Embedder
from worldctx.ports.graph import NameRow
from worldctx.text.gazetteer import Gazetteer
from worldctx.wire.records import name_from
from worldctx.wire.v1 import ingest_pb2

T = TypeVar("T")
log = logging.getLogger(__name__)
#: What is no fault of the record: the service is away, busy or full, and may not be for ever.
AWAY = (StoreUnavailable, Overloaded, StoreFull, DeadlineExceeded, Unauthenticated)
#: Seconds between two tries at a service that is away, doubling up to the last.
PAUSE_S = (0.2, 5.0)


class Away(Exception):
    """The service did not come back while we waited."""


class Service:
    """Opened at the first use, in the process that uses it: gRPC and models do not survive a fork."""

    def __init__(self, settings: IngestSettings) -> None:
        self._settings = settings
        self._client: BlockingClient | None = None
        self._embedder: Embedder | None = None
        self._opened = False
        self._lexicon, self._known = Gazetteer(()), ZERO

    def call(self, what: Callable[[BlockingClient], T]) -> T:
        """What the service answers; one that is away is waited for.

        Raises:
            Away: it did not come back in time.
            WorldctxError: what the service says of the request.
        """
        pause, end = PAUSE_S[0], time.monotonic() + self._settings.patience_s
        while True:
            try:
                return what(self._connected())
            except AWAY as error:
                if time.monotonic() + pause > end:
                    raise Away(error.message) from error
                log.warning("waiting for the service: %s", error.message)
                time.sleep(max(pause, error.retry_after_s) if isinstance(error, Overloaded) else pause)
                pause = min(2 * pause, PAUSE_S[1])

    @property
    def known(self) -> Revision:
        """The revision up to which we know the names."""
        return self._known

    def lexicon(self, claim: ingest_pb2.ClaimResponse) -> Gazetteer:
        """The names of the claim's revision, and perhaps later ones, which do not count there."""
        if claim.has_names and claim.revision > self._known:
            # Streamed, since the first names of a store may be a million. What breaks off begins anew.
            self._lexicon, self._known = self.call(self._followed)
        elif claim.revision > self._known:
            self._known = Revision(claim.revision)
        return self._lexicon

    def embedder(self, name: str) -> Embedder | None:
        """Our model, if it is the service's."""
        if not self._opened:
            self._opened = True
            self._embedder = _open_embedder()
            if self._embedder is None or self._embedder.name != name:
                log.warning("the service's vectors are made with %s, and this worker has %s: the service makes them "
                            "itself; set WORLDCTX_EMBEDDER, or have workers on the queue `extract` only",
                            name, self._embedder.name if self._embedder else "no model")
        return self._embedder if self._embedder is not None and self._embedder.name == name else None

    def close(self) -> None:
        """Let go of the service."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _connected(self) -> BlockingClient:
        if self._client is None:
            self._client = connected(self._settings)
        return self._client

    def _followed(self, client: BlockingClient) -> tuple[Gazetteer, Revision]:
        reached = self._known

        def rows() -> Iterator[NameRow]:
            nonlocal reached
            for page in client.names(self._known):
                yield from map(name_from, page.names)
                reached = Revision(page.revision)

        fresh = Gazetteer(rows()) if self._known == ZERO else self._lexicon.extended(list(rows()))
        return fresh, reached


def connected(settings: IngestSettings) -> BlockingClient:
    """A client of the service that the settings name.

    Raises:
        BadInput: they name none.
    """
    bare = settings.server.removeprefix("https://").removeprefix("http://").rstrip("/")
    if not bare:
        raise BadInput.at("server", "names no service; give --server HOST:PORT")
    return connect_blocking(bare, token=settings.token, tls=settings.server.startswith("https://"))


def _open_embedder() -> Embedder | None:
    from worldctx.config import Settings
    from worldctx.wiring import open_embedder

    try:
        return open_embedder(Settings.read())
    except WorldctxError as error:
        log.warning("no model: %s", error.message)
        return None
