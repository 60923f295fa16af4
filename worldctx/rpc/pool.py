"""The pool that does the work of all calls: a bounded number of threads behind a bounded queue."""

from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from google.protobuf.message import Message

from worldctx.model.errors import DeadlineExceeded, Internal, Overloaded, StoreUnavailable, WorldctxError
from worldctx.ports.deadline import Deadline
from worldctx.rpc.calls import Handler

log = logging.getLogger(__name__)


class Pool:
    """Runs handlers in threads. What does not fit is refused at once; who left or is late is not worked for.

    Streams take turns on all threads but one, so that bulk work never keeps single calls from being answered. They
    wait for their turn outside of the queue: a stream that is not served is simply not read.
    """

    def __init__(self, workers: int, queue: int) -> None:
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="worldctx-worker")
        self._bulk = asyncio.Semaphore(max(1, workers - 1))
        self._room = workers + queue
        self._busy = 0
        self._closed = False
        self._counts = {"requests": 0, "shed": 0, "failed": 0}
        self._lock = threading.Lock()

    def counts(self) -> Mapping[str, int]:
        """Requests taken, requests refused because the queue was full, and surprises, since the start."""
        with self._lock:
            return dict(self._counts)

    async def run_in_turn(self, handler: Handler, request: Any, deadline: Deadline, name: str = "") -> Message:
        """The response to one message of a stream; see `run` for the errors."""
        async with self._bulk:
            return await self.run(handler, request, deadline, name)

    async def run(self, handler: Handler, request: Any, deadline: Deadline, name: str = "") -> Message:
        """The handler's response.

        Args:
            handler: what answers.
            request: its message.
            deadline: when the caller stops waiting; it is told when the caller leaves earlier.
            name: id under which a surprise is logged; empty makes one.

        Raises:
            Overloaded: the queue is full.
            StoreUnavailable: the service is shutting down.
            DeadlineExceeded: the answer was not there in time; the work is told to stop.
            Internal: a surprise; it is logged in full under the id that the message names.
            WorldctxError: what the handler raised.
        """
        if self._closed:
            raise _closing()
        if self._busy >= self._room:
            self._count("shed")
            raise Overloaded(f"{self._busy} requests are waiting; try again later", retry_after_s=0.5)
        try:
            future = asyncio.get_running_loop().run_in_executor(
                self._threads, self._work, handler, request, deadline, name
            )
        except RuntimeError as error:  # closed by another thread meanwhile
            raise _closing() from error
        self._busy += 1
        self._count("requests")
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

    def _work(self, handler: Handler, request: Any, deadline: Deadline, name: str) -> Message:
        try:
            deadline.check()
            return handler(request, deadline)
        except WorldctxError:
            raise
        except Exception as error:
            name = name or uuid.uuid4().hex[:12]
            self._count("failed")
            log.exception("request %s failed", name)
            raise Internal(f"internal error; the server's log has the details under request {name}") from error

    def _count(self, what: str) -> None:
        with self._lock:
            self._counts[what] += 1

    def close(self) -> None:
        """Take no more; finish what was begun."""
        self._closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)


def _closing() -> StoreUnavailable:
    return StoreUnavailable("the service is shutting down; try again at another address or later")
