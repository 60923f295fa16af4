"""How a client reaches a world: over gRPC, or in process. Both run the same handlers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import ExitStack, aclosing
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeVar

from google.protobuf.message import Message
from google.rpc import status_pb2
from grpc import StatusCode, aio, ssl_channel_credentials
from grpc_status import rpc_status

from worldctx.client.methods import Method
from worldctx.model.errors import WorldctxError
from worldctx.ports.deadline import Deadline
from worldctx.wire.status import error_of

R = TypeVar("R", bound=Message)
_CONFIG = (
    '{"methodConfig": [{"name": [{"service": "worldctx.v1.ContextService"}, {"service": "worldctx.v1.GraphService"}],'
    '"retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.05s", "maxBackoff": "0.5s", "backoffMultiplier": 2,'
    '"retryableStatusCodes": ["UNAVAILABLE"]}}]}'
)


class Transport(Protocol):
    """Carries calls. Errors come out as WorldctxError."""

    async def unary(self, method: Method[R], request: Message, timeout: float | None) -> R: ...

    def stream(self, method: Method[R], requests: AsyncIterator[Message]) -> AsyncGenerator[R, None]: ...

    async def close(self) -> None: ...


class GrpcTransport:
    """A channel to a service."""

    def __init__(self, target: str, *, token: str = "", tls: bool = False) -> None:
        options = [
            ("grpc.service_config", _CONFIG),
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
            ("grpc.keepalive_time_ms", 60_000),
        ]
        self._target = target
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()
        self._channel = (
            aio.secure_channel(target, ssl_channel_credentials(), options)
            if tls
            else aio.insecure_channel(target, options)
        )

    async def unary(self, method: Method[R], request: Message, timeout: float | None) -> R:
        """One call."""
        call = self._channel.unary_unary(method.path, type(request).SerializeToString, method.response.FromString)
        try:
            return await call(request, timeout=timeout, metadata=self._metadata)
        except aio.AioRpcError as error:
            raise self._ours(error) from error

    async def stream(self, method: Method[R], requests: AsyncIterator[Message]) -> AsyncGenerator[R, None]:
        """One stream; leaving it cancels the call."""
        call: aio.StreamStreamMultiCallable[Message, R] = self._channel.stream_stream(
            method.path, lambda message: message.SerializeToString(), method.response.FromString
        )
        failed: list[Exception] = []
        ended: list[aio.AioRpcError] = []
        opened = call(_watched(requests, failed), metadata=self._metadata)
        # Where a service ends a stream while the caller still writes, a write that fails then replaces the status by
        # one of gRPC's own that says nothing (grpc issue 36066): the first one is the service's.
        opened.add_done_callback(lambda call: ended.append(_status_of(call)))
        try:
            async for response in opened:
                yield response
        except (aio.AioRpcError, asyncio.CancelledError) as error:
            # gRPC cancels a call whose requests cannot be had, and says nothing of the reason.
            if failed:
                raise failed[0] from error
            if isinstance(error, aio.AioRpcError):
                raise self._ours(ended[0] if ended else error) from error
            raise
        finally:
            opened.cancel()

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()

    def _ours(self, error: aio.AioRpcError) -> WorldctxError:
        code = error.code()
        try:
            status = rpc_status.from_call(error)
        except ValueError:  # details that do not fit the code: not of our service
            status = None
        if status is not None:
            return error_of(status)
        message = error.details() or code.value[1]
        if code is StatusCode.UNAVAILABLE:
            message = f"no service answers at {self._target} ({message}); is it running, and is that its address?"
        elif code is StatusCode.DEADLINE_EXCEEDED:
            message = "the answer did not come within the deadline; allow more time (timeout_s) or ask for less"
        return error_of(status_pb2.Status(code=code.value[0], message=message))


class EmbeddedTransport:
    """The handlers in this process, over a data directory that this process opens."""

    def __init__(self, directory: str, **settings: Any) -> None:
        # Imported by name and late: a client of a remote service installs and loads none of this.
        config, wiring = import_module("worldctx.config"), import_module("worldctx.wiring")
        calls, pool = import_module("worldctx.rpc.calls"), import_module("worldctx.rpc.pool")
        self._answers = import_module("worldctx.rpc.streams").answers
        made = config.Settings.read(data=Path(directory), **settings)
        self._stack = ExitStack()
        self.running = self._stack.enter_context(wiring.open_running(made))
        self._pool = pool.Pool(made.workers, made.queue)
        table, _ = calls.handlers(self.running, self._pool.counts)
        self._calls = {call.path: (call, run) for call, run in table.items()}

    async def unary(self, method: Method[R], request: Message, timeout: float | None) -> R:
        """One call."""
        _, handler = self._calls[method.path]
        response: R = await self._pool.run(handler, request, Deadline.after(timeout))
        return response

    async def stream(self, method: Method[R], requests: AsyncIterator[Message]) -> AsyncGenerator[R, None]:
        """One stream; leaving it cancels what is in the works."""
        call, handler = self._calls[method.path]

        async def run(request: Message) -> R:
            response: R = await self._pool.run_in_turn(handler, request, Deadline())
            return response

        async with aclosing(self._answers(call, requests, run, self.running.settings.stream_window)) as responses:
            async for response in responses:
                yield response

    async def close(self) -> None:
        """Finish and close the stores."""
        await asyncio.to_thread(self._pool.close)
        await asyncio.to_thread(self._stack.close)


def _status_of(call: Any) -> aio.AioRpcError:
    """How a call ended, from within its own callback, where nothing can be waited for and nothing needs to be."""
    code, trailing, details = (_ready(one()) for one in (call.code, call.trailing_metadata, call.details))
    return aio.AioRpcError(code, aio.Metadata(), trailing or aio.Metadata(), details or "")


def _ready(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    work.close()
    return None


async def _watched(requests: AsyncIterator[Message], failed: list[Exception]) -> AsyncIterator[Message]:
    """The requests; what goes wrong while they are made is kept."""
    try:
        async for request in requests:
            yield request
    except Exception as error:
        failed.append(error)
        raise
