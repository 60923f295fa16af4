"""A stream of requests answered in order, with a bounded number of items in the works. Server and embedded client."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any

from google.protobuf.message import Message

from worldctx.rpc.calls import Call


async def answers(
    call: Call, requests: AsyncIterator[Any], run: Callable[[Any], Awaitable[Message]], window: int
) -> AsyncGenerator[Message, None]:
    """One response per request, in order.

    Reading ahead hides the way of the messages and uses more than one thread; a full window stops the reading, so that
    a fast sender, or one that does not take its answers, waits. Leaving the iterator cancels what is in the works.

    Args:
        call: what is called; where its order matters the next message is begun when the one before is done.
        requests: messages with `items`.
        run: answers one message.
        window: items in the works at most; one message is always let in.

    Raises:
        WorldctxError: what `run` raises, in its place in the order.
    """
    source = _carried(call, requests)
    works: deque[tuple[asyncio.Future[Message], int]] = deque()
    items = 0
    reading: asyncio.Future[Any] | None = asyncio.ensure_future(_following(source))
    try:
        while reading is not None or works:
            room = not works or (items < window and not call.ordered)
            waited = ([reading] if reading is not None and room else []) + [one for one, _ in list(works)[:1]]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if works and works[0][0].done():
                response, size = works.popleft()
                items -= size
                yield response.result()
            elif reading is not None and room:
                request = reading.result()
                reading = None if request is None else asyncio.ensure_future(_following(source))
                if request is not None:
                    # A message without items counts as well: the works must stay bounded whatever is sent.
                    size = max(1, len(request.items))
                    works.append((asyncio.ensure_future(run(request)), size))
                    items += size
    finally:
        left = [one for one, _ in works] + ([reading] if reading is not None else [])
        for one in left:
            one.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await source.aclose()


async def _carried(call: Call, requests: AsyncIterator[Any]) -> AsyncGenerator[Any, None]:
    """The requests, each with the settings of the first."""
    first: Message | None = None
    try:
        async for request in requests:
            if call.settings:
                if first is None:
                    first = type(getattr(request, call.settings))()
                    first.CopyFrom(getattr(request, call.settings))
                else:
                    getattr(request, call.settings).CopyFrom(first)
            yield request
    finally:
        if isinstance(requests, AsyncGenerator):
            await requests.aclose()


async def _following(source: AsyncIterator[Any]) -> Any:
    return await anext(source, None)
