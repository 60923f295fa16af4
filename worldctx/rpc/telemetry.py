"""What the service counts for operators, in the form of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from grpc import StatusCode
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from worldctx.model.errors import BadInput, StoreUnavailable, WorldctxError
from worldctx.rpc.calls import Call
from worldctx.wire.status import STATUS

#: Upper edges in seconds: from a warm look-up of a prompt to the default deadline.
SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Telemetry:
    """Counters of one server. Each server is given its own registry or shares one, never the process's."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry if registry is not None else CollectorRegistry()
        self._calls = Counter(
            "worldctx_calls", "Calls by how they ended.", ("service", "method", "code"), registry=self.registry
        )
        self._seconds = Histogram(
            "worldctx_call_seconds", "How long calls took.", ("service", "method"), buckets=SECONDS,
            registry=self.registry,
        )
        self._open = Gauge("worldctx_calls_open", "Calls under way.", ("service", "method"), registry=self.registry)
        self._items = Counter(
            "worldctx_stream_items", "Items of streams answered.", ("service", "method"), registry=self.registry
        )

    @contextmanager
    def call(self, call: Call) -> Iterator[None]:
        """Count a call: one that leaves with an error counts under its code, a caller that leaves as CANCELLED."""
        began, code = perf_counter(), StatusCode.CANCELLED
        self._open.labels(call.service, call.name).inc()
        try:
            yield
            code = StatusCode.OK
        except WorldctxError as error:
            code = STATUS[type(error)]
            raise
        except Exception:
            code = StatusCode.INTERNAL
            raise
        finally:
            self._open.labels(call.service, call.name).dec()
            self._calls.labels(call.service, call.name, code.name).inc()
            self._seconds.labels(call.service, call.name).observe(perf_counter() - began)

    def items(self, call: Call, count: int) -> None:
        """Count items of a stream that were answered."""
        self._items.labels(call.service, call.name).inc(count)

    @contextmanager
    def shown(self, address: str) -> Iterator[None]:
        """Serve the figures over HTTP at HOST:PORT for as long as the block lasts; an empty address serves nothing.

        Raises:
            BadInput: not HOST:PORT.
            StoreUnavailable: the address is in use.
        """
        if not address:
            yield
            return
        host, port = host_and_port(address, "metrics")
        try:
            server, thread = start_http_server(port, host.strip("[]"), self.registry)
        except OSError as error:
            raise StoreUnavailable(
                f"cannot show metrics on {address}: it is in use or not allowed; choose another address for metrics"
            ) from error
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def host_and_port(address: str, field: str) -> tuple[str, int]:
    """The parts of HOST:PORT.

    Raises:
        BadInput: it is something else; the message names the field.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise BadInput.at(field, f"{address!r} is not HOST:PORT")
    return host, int(port)
