"""The gRPC server: the table of calls on a port, with health, deadlines, drain and clear errors."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext, SSLError

import grpc
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1._async import HealthServicer

from worldctx.config import Settings
from worldctx.model.errors import BadInput, StoreUnavailable
from worldctx.rpc.backing import Backing
from worldctx.rpc.calls import SERVICES, handlers
from worldctx.rpc.endpoint import Endpoint
from worldctx.rpc.pool import Pool
from worldctx.rpc.telemetry import Telemetry, host_and_port


class Server:
    """A gRPC server over an open world."""

    def __init__(self, backing: Backing, settings: Settings, telemetry: Telemetry | None = None) -> None:
        self._backing, self._settings = backing, settings
        self._pool = Pool(settings.workers, settings.queue)
        self._telemetry = telemetry or Telemetry()
        self._endpoint = Endpoint(backing, settings, self._pool, self._telemetry)
        self._health = HealthServicer()
        size = settings.max_message_bytes
        # Without SO_REUSEPORT a port that is taken is an error, instead of half of the calls going elsewhere.
        self._server = aio.server(
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", size),
                # Answers are ours to make: a window of large ones must not fail for what the caller cannot change.
                ("grpc.max_send_message_length", -1),
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
        table, counters = handlers(self._backing, self._pool.counts)
        self._telemetry.watch(self._backing, counters)
        for service in SERVICES:
            methods = {
                call.name: self._endpoint.method(call, handler)
                for call, handler in table.items()
                if call.service == service
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
        host, _ = host_and_port(address, "listen")
        if (settings.tls_cert is None) != (settings.tls_key is None):
            raise BadInput.at("tls_key" if settings.tls_cert else "tls_cert", "is missing: TLS needs both")
        try:
            if settings.tls_cert and settings.tls_key:
                _check_pair(settings.tls_cert, settings.tls_key)
                pair = (settings.tls_key.read_bytes(), settings.tls_cert.read_bytes())
                return self._server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
            if not _is_loopback(host) and not settings.insecure:
                raise BadInput.at("listen", f"{address} is open to others; give tls_cert and tls_key, or --insecure")
            return self._server.add_insecure_port(address)
        except OSError as error:
            raise BadInput.at("tls_cert", f"cannot read {error.filename}: {error.strerror}") from error
        except RuntimeError as error:
            raise StoreUnavailable(
                f"cannot listen on {address}: it is in use or not allowed; try another --listen"
            ) from error


def _check_pair(certificate: Path, key: Path) -> None:
    """Whether a certificate and a key belong together: gRPC itself notices only when the first caller comes."""
    for path in (certificate, key):
        path.open("rb").close()  # the error of `load_cert_chain` does not say which of the two is missing
    try:
        SSLContext(PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except SSLError as error:
        raise BadInput.at("tls_cert", f"{certificate} and {key} are no PEM certificate and its key") from error


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


async def serve(backing: Backing, settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then drain; a second signal ends at once.

    Args:
        backing: the open world.
        settings: address, limits, TLS.
        ready: called with the address once calls are taken.

    Raises:
        StoreUnavailable: an address is in use.
        BadInput: a setting is wrong, or the address is beyond loopback without TLS.
    """
    telemetry = Telemetry()
    server = Server(backing, settings, telemetry)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    with telemetry.shown(settings.metrics):
        address = await server.start()
        try:
            ready(address)
            await stop.wait()
        finally:
            # From here on a signal does what it does to any process: it ends it.
            for number in (signal.SIGTERM, signal.SIGINT):
                with suppress(NotImplementedError):
                    loop.remove_signal_handler(number)
            await server.stop()
