"""The pool that does the work of all calls: a bounded number of threads behind a bounded queue."""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from google.protobuf.message import Message

from worldctx.model.errors import DeadlineExceeded, Internal, Overloaded, StoreUnavailable, WorldctxError
from worldctx.ports.deadline import Deadline
from worldctx.rpc.calls import Handler

log = logging.getLogger(__name__)


class Pool:
    """Runs handlers in threads. What does not fit is refused at once; who left or is late is not worked for."""

    def __init__(self, workers: int, queue: int) -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="worldctx-worker")
        self._room = workers + queue
        self._busy = 0
        self._closed = False
        self._counts: dict[str, int] = {"requests": 0, "shed": 0, "failed": 0}
        self._lock = threading.Lock()

    @property
    def counts(self) -> dict[str, int]:
        """Requests taken, refused because the queue was full, and failed by surprise, since the start."""
        return dict(self._counts)

    async def run(self, handler: Handler, request: Any, deadline: Deadline) -> Message:
        """The handler's response.

        Raises:
            Overloaded: the queue is full.
            StoreUnavailable: the service is shutting down.
            Internal: a surprise; it is logged in full under the id that the message names.
            WorldctxError: what the handler raised.
        """
        if self._closed:
            raise StoreUnavailable("the service is shutting down; try again at another address or later")
        if self._busy >= self._room:
            self._counts["shed"] += 1
            raise Overloaded(f"{self._busy} requests are waiting; try again later", retry_after_s=0.5)
        self._busy += 1
        self._counts["requests"] += 1
        future = asyncio.get_running_loop().run_in_executor(self._threads, self._work, handler, request, deadline)
        future.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.shield(future), None if deadline.at is None else deadline.remaining)
        except TimeoutError as error:
            raise DeadlineExceeded("the deadline passed before the answer was ready; allow more time") from error
        except asyncio.CancelledError:
            deadline.gone.set()
            raise

    def _done(self, future: asyncio.Future[Message]) -> None:
        self._busy -= 1
        if not future.cancelled():
            future.exception()

    def _work(self, handler: Handler, request: Any, deadline: Deadline) -> Message:
        try:
            deadline.check()
            return handler(request, deadline)
        except WorldctxError:
            raise
        except Exception as error:
            name = uuid.uuid4().hex[:12]
            with self._lock:
                self._counts["failed"] += 1
            log.exception("request %s failed", name)
            raise Internal(f"internal error; the server's log has the details under request {name}") from error

    def close(self) -> None:
        """Take no more; finish what was begun."""
        self._closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)
