"""A call on the wire: who asks, how long they wait, under what id, and how an error is told. The asyncio edge."""

from __future__ import annotations

import hmac
import logging
import re
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, cast

import grpc
from google.protobuf.message import DecodeError, Message
from grpc import aio
from grpc_status import rpc_status

from worldctx.config import Settings
from worldctx.model.errors import BadInput, Internal, Unauthenticated, WorldctxError
from worldctx.ports.deadline import Deadline
from worldctx.rpc.backing import Backing
from worldctx.rpc.calls import Call, Handler
from worldctx.rpc.pool import Pool
from worldctx.rpc.streams import answers
from worldctx.rpc.telemetry import Telemetry
from worldctx.wire.status import status_of

#: Metadata of answers and errors. A caller may send the id; it is then used in the log and sent back.
REQUEST_ID, HEAD, INDEX = "worldctx-request-id", "worldctx-head-revision", "worldctx-index-revision"
_REQUEST_ID = re.compile(r"[\w.:/-]{1,64}", re.ASCII)

Context = aio.ServicerContext[Any, Any]
log = logging.getLogger(__name__)


class Endpoint:
    """Makes gRPC method handlers of our handlers."""

    def __init__(self, backing: Backing, settings: Settings, pool: Pool, telemetry: Telemetry) -> None:
        self._backing, self._settings, self._pool, self._telemetry = backing, settings, pool, telemetry

    def method(self, call: Call, handler: Handler) -> grpc.RpcMethodHandler[Any, Any]:
        """The method handler of a call."""
        read, write = _reader(call), call.response.SerializeToString
        if call.stream:

            async def stream(requests: AsyncIterator[Any], context: Context) -> AsyncIterator[Message]:
                name = _request_id(context)
                try:
                    async with aclosing(self._stream(call, handler, requests, context, name)) as responses:
                        async for response in responses:
                            yield response
                    context.set_trailing_metadata(self._told(name))
                except Exception as error:  # noqa: BLE001 - told to the caller as what it is, and surprises are logged
                    await self._abort(context, error, name)

            return grpc.stream_stream_rpc_method_handler(stream, read, write)

        async def unary(request: Any, context: Context) -> Message:
            name = _request_id(context)
            try:
                with self._telemetry.call(call):
                    self._authorise(context)
                    _check(request)
                    response = await self._pool.run(handler, request, self._deadline(context, call), name)
                context.set_trailing_metadata(self._told(name))
            except Exception as error:
                await self._abort(context, error, name)
                raise
            return response

        return grpc.unary_unary_rpc_method_handler(unary, read, write)

    async def _stream(
        self, call: Call, handler: Handler, requests: AsyncIterator[Any], context: Context, name: str
    ) -> AsyncGenerator[Message, None]:
        async def run(request: Any) -> Message:
            return await self._pool.run_in_turn(handler, request, self._deadline(context, call), name)

        with self._telemetry.call(call):
            self._authorise(context)
            async with aclosing(answers(call, _checked(requests), run, self._settings.stream_window)) as responses:
                async for response in responses:
                    yield response
                    self._telemetry.items(call, len(response.items))  # type: ignore[attr-defined]  # streams have items

    def _deadline(self, context: Context, call: Call) -> Deadline:
        """The caller's; a single call that brings none gets the default, a stream may run for ever."""
        left = cast("float | None", context.time_remaining())  # None without a deadline, whatever the stubs say
        return Deadline.after(left if left is not None or call.stream else self._settings.default_deadline_s)

    def _authorise(self, context: Context) -> None:
        if not self._settings.token:
            return
        given = dict(context.invocation_metadata() or ()).get("authorization", "")
        if not hmac.compare_digest(str(given).encode(), f"Bearer {self._settings.token}".encode()):
            raise Unauthenticated("the bearer token is missing or wrong; give the client the service's token")

    def _told(self, name: str) -> tuple[tuple[str, str], ...]:
        world = self._backing.world
        return (REQUEST_ID, name), (HEAD, str(world.graph.seen())), (INDEX, str(world.search.revision))

    async def _abort(self, context: Context, error: Exception, name: str) -> None:
        if not isinstance(error, WorldctxError):
            # Not from a handler: the pool has seen to those. gRPC would tell the caller its words.
            log.error("request %s failed", name, exc_info=error)
            error = Internal(f"internal error; the server's log has the details under request {name}")
        status = rpc_status.to_status(status_of(error))
        await context.abort(status.code, status.details, (*status.trailing_metadata, (REQUEST_ID, name)))


def _reader(call: Call) -> Callable[[bytes], Message | BadInput]:
    """Reads a request. What is none is handed on as the error it is: raised here, gRPC would make a surprise of it."""

    def read(data: bytes) -> Message | BadInput:
        try:
            return call.request.FromString(data)
        except DecodeError:
            return BadInput.at("request", f"is no {call.request.DESCRIPTOR.full_name}; use the contract's code")

    return read


def _check(request: Message | BadInput) -> None:
    if isinstance(request, BadInput):
        raise request


async def _checked(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for request in requests:
        _check(request)
        yield request


def _request_id(context: Context) -> str:
    given = str(dict(context.invocation_metadata() or ()).get(REQUEST_ID, ""))
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex[:12]
