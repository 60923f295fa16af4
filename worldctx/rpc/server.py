"""The gRPC server: the table of calls on a port, with health, deadlines, drain and clear errors."""

from __future__ import annotations

import asyncio
import hmac
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer
from grpc_status import rpc_status

from worldctx.config import Settings
from worldctx.model.errors import BadInput, StoreUnavailable, WorldctxError
from worldctx.ports.deadline import Deadline
from worldctx.rpc.backing import Backing
from worldctx.rpc.calls import SERVICES, Call, Handler, handlers
from worldctx.rpc.pool import Pool
from worldctx.wire.status import status_of

_LOOPBACK = ("127.", "localhost:", "[::1]:", "unix:")


class Server:
    """A gRPC server over an open world."""

    def __init__(self, backing: Backing, settings: Settings) -> None:
        self._backing, self._settings = backing, settings
        self._pool = Pool(settings.workers, settings.queue)
        self._health = HealthServicer()
        size = settings.max_message_bytes
        # Without SO_REUSEPORT a port that is taken is an error, instead of half of the calls going elsewhere.
        self._server = aio.server(
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", size),
                ("grpc.max_send_message_length", size),
                ("grpc.keepalive_time_ms", 60_000),
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_recv_ping_interval_without_data_ms", 30_000),
            ]
        )

    async def start(self) -> str:
        """Listen; returns the address with the port that was taken.

        Raises:
            StoreUnavailable: the address is in use.
            BadInput: beyond loopback without TLS.
        """
        table = handlers(self._backing)
        for service in SERVICES:
            methods = {
                call.name: self._method(call, handler) for call, handler in table.items() if call.service == service
            }
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if self._settings.reflection:
            from grpc_reflection.v1alpha import reflection

            reflection.enable_server_reflection((*SERVICES, reflection.SERVICE_NAME), self._server)
        port = self._listen()
        await self._server.start()
        for service in ("", *SERVICES):
            await self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        return f"{self._settings.listen.rsplit(':', 1)[0]}:{port}"

    async def stop(self) -> None:
        """Drain: not healthy, no new calls, those in flight get their time."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(self._settings.drain_s)
        await asyncio.to_thread(self._pool.close)

    def _listen(self) -> int:
        address, settings = self._settings.listen, self._settings
        if ":" not in address or not address.rsplit(":", 1)[1].isdigit():
            raise BadInput.at("listen", f"{address!r} is not HOST:PORT")
        try:
            if settings.tls_cert and settings.tls_key:
                pair = (settings.tls_key.read_bytes(), settings.tls_cert.read_bytes())
                return self._server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
            if not address.startswith(_LOOPBACK) and not settings.insecure:
                raise BadInput.at("listen", f"{address} is open to others; give tls_cert and tls_key, or --insecure")
            return self._server.add_insecure_port(address)
        except OSError as error:
            raise BadInput.at("tls", f"cannot read {error.filename}: {error.strerror}") from error
        except RuntimeError as error:
            raise StoreUnavailable(
                f"cannot listen on {address}: it is in use or not allowed; try another --listen"
            ) from error

    def _method(self, call: Call, handler: Handler) -> grpc.RpcMethodHandler[Any, Any]:
        serialise: Callable[[Message], bytes] = call.response.SerializeToString
        if call.stream:
            return grpc.stream_stream_rpc_method_handler(self._stream(handler), call.request.FromString, serialise)
        return grpc.unary_unary_rpc_method_handler(self._unary(handler), call.request.FromString, serialise)

    def _unary(self, handler: Handler) -> Callable[[Any, Any], Awaitable[Message]]:
        async def answer(request: Any, context: aio.ServicerContext[Any, Any]) -> Message:
            try:
                self._authorise(context)
                response = await self._pool.run(
                    handler, request, self._deadline(context, self._settings.default_deadline_s)
                )
                self._tell(context)
            except WorldctxError as error:
                await context.abort_with_status(rpc_status.to_status(status_of(error)))
                raise
            return response

        return answer

    def _stream(self, handler: Handler) -> Callable[[Any, Any], AsyncIterator[Message]]:
        async def answer(
            requests: AsyncIterator[Any], context: aio.ServicerContext[Any, Any]
        ) -> AsyncIterator[Message]:
            try:
                self._authorise(context)
                # One message at a time: the next is read when this one is answered, so that a fast sender waits.
                async for request in requests:
                    yield await self._pool.run(handler, request, self._deadline(context, None))
                self._tell(context)
            except WorldctxError as error:
                await context.abort_with_status(rpc_status.to_status(status_of(error)))

        return answer

    def _deadline(self, context: aio.ServicerContext[Any, Any], default: float | None) -> Deadline:
        left = context.time_remaining()
        return Deadline.after(default if left is None else left)

    def _tell(self, context: aio.ServicerContext[Any, Any]) -> None:
        world = self._backing.world
        context.set_trailing_metadata(
            (
                ("worldctx-head-revision", str(world.graph.head())),
                ("worldctx-index-revision", str(world.search.revision)),
            )
        )

    def _authorise(self, context: aio.ServicerContext[Any, Any]) -> None:
        if not self._settings.token:
            return
        given = dict(context.invocation_metadata() or ()).get("authorization", "")
        if not hmac.compare_digest(str(given).encode(), f"Bearer {self._settings.token}".encode()):
            raise BadInput.at("authorization", "the bearer token is missing or wrong")


async def serve(backing: Backing, settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then drain; a second signal ends at once.

    Args:
        backing: the open world.
        settings: address, limits, TLS.
        ready: called with the address once calls are taken.
    """
    server = Server(backing, settings)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    ready(await server.start())
    await stop.wait()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):
            loop.remove_signal_handler(number)
    await server.stop()
