"""What the service counts for operators, in the form of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

from grpc import StatusCode
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from worldctx.model.errors import BadInput, StoreUnavailable, WorldctxError
from worldctx.rpc.backing import Backing
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

    def watch(self, backing: Backing, counters: Callable[[], Mapping[str, int]]) -> None:
        """Show the revisions of an open world, how far its index lags behind, and running counters."""
        self.registry.register(_World(backing, counters))

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


class _World(Collector):
    """What is looked up when somebody asks for the figures. It never waits for a server."""

    def __init__(self, backing: Backing, counters: Callable[[], Mapping[str, int]]) -> None:
        self._backing, self._counters = backing, counters

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        """See prometheus_client."""
        world = self._backing.world
        head, index = world.graph.seen(), world.search.revision
        yield GaugeMetricFamily("worldctx_graph_revision", "Newest commit of the graph.", head)
        yield GaugeMetricFamily("worldctx_index_revision", "Newest commit that the index holds.", index)
        yield GaugeMetricFamily("worldctx_index_lag", "Commits that the index is behind the graph.",
                                max(0, head - index))
        yield GaugeMetricFamily("worldctx_index_failing", "1 while the index cannot follow the graph.",
                                1 if self._backing.follower.failure else 0)
        for name, count in sorted(self._counters().items()):
            yield CounterMetricFamily(f"worldctx_{name}", f"Running counter {name} (see AdminService.Stats).", count)


def host_and_port(address: str, field: str) -> tuple[str, int]:
    """The parts of HOST:PORT.

    Raises:
        BadInput: it is something else; the message names the field.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise BadInput.at(field, f"{address!r} is not HOST:PORT")
    return host, int(port)
