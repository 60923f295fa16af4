"""The client: the same for a service and for a data directory in this process; asynchronous, with a blocking twin."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator, Iterable, Iterator, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Any, TypeVar

from google.protobuf.message import Message

from worldctx.client import methods
from worldctx.client.transport import EmbeddedTransport, GrpcTransport, Transport
from worldctx.exchange.documents import identified
from worldctx.model.ask import Ask
from worldctx.model.document import Document
from worldctx.model.errors import StoreUnavailable
from worldctx.wire.messages import ask_message, document_message
from worldctx.wire.v1 import admin_pb2, context_pb2, graph_pb2, ingest_pb2

T = TypeVar("T")
M = TypeVar("M", bound=Message)
#: Items that travel in one message of a stream, and bytes of more than one item: a service takes 64 MiB by default.
ITEMS, PARCEL_BYTES = 50, 8 * 2**20
#: Seconds that upkeep calls (verify, rebuild) may take.
LONG_S = 24 * 3600.0


class Client:
    """Asks for context, reads the graph and brings documents in. Errors are of worldctx.model.errors.

    Answers are the protobuf messages of the contract, so that all callers hold the same bytes.
    """

    def __init__(self, transport: Transport, timeout_s: float) -> None:
        self._transport, self._timeout = transport, timeout_s

    def __await__(self) -> Generator[Any, None, Client]:
        yield from asyncio.sleep(0).__await__()
        return self

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def look_up(self, ask: Ask | str | context_pb2.LookUpRequest) -> context_pb2.LookUpResponse:
        """The context of a text under the clocks of the ask."""
        return await self._transport.unary(methods.LOOK_UP, _request(ask), self._timeout)

    async def look_up_many(
        self,
        items: Iterable[tuple[str, Ask | context_pb2.LookUpRequest]],
    ) -> AsyncGenerator[context_pb2.LookUpManyResponse.Item, None]:
        """Contexts in the order of the items, each under its id; an item may come back with an error instead."""

        async def messages() -> AsyncIterator[context_pb2.LookUpManyRequest]:
            made = (context_pb2.LookUpManyRequest.Item(id=name, request=_request(ask)) for name, ask in items)
            for group in parcels(made, ITEMS):
                yield context_pb2.LookUpManyRequest(items=group)

        async with aclosing(self._transport.stream(methods.LOOK_UP_MANY, messages())) as responses:
            async for response in responses:
                for item in response.items:
                    yield item

    async def enrich(
        self,
        items: Iterable[tuple[str, Document]],
        options: context_pb2.LookUpRequest | None = None,
    ) -> AsyncGenerator[context_pb2.LookUpManyResponse.Item, None]:
        """Context records of documents, in order; nothing known after a document's own date is in them."""

        async def messages() -> AsyncIterator[context_pb2.EnrichRequest]:
            made = (context_pb2.EnrichRequest.Item(id=name, document=document_message(one)) for name, one in items)
            for group in parcels(made, ITEMS):
                yield context_pb2.EnrichRequest(options=options, items=group)

        async with aclosing(self._transport.stream(methods.ENRICH, messages())) as responses:
            async for response in responses:
                for item in response.items:
                    yield item

    async def search(self, request: context_pb2.SearchRequest) -> context_pb2.SearchResponse:
        """Passages only."""
        return await self._transport.unary(methods.SEARCH, request, self._timeout)

    async def get_entity(self, entity: str, clocks: graph_pb2.Clocks | None = None) -> graph_pb2.GetEntityResponse:
        """One entity by its own or an external id."""
        return await self._transport.unary(
            methods.GET_ENTITY, graph_pb2.GetEntityRequest(id=entity, clocks=clocks), self._timeout
        )

    async def find_entities(
        self, name: str, clocks: graph_pb2.Clocks | None = None, limit: int = 20
    ) -> graph_pb2.FindEntitiesResponse:
        """Entities whose name begins so."""
        return await self._transport.unary(
            methods.FIND_ENTITIES, graph_pb2.FindEntitiesRequest(name=name, limit=limit, clocks=clocks), self._timeout
        )

    async def list_facts(self, request: graph_pb2.ListFactsRequest) -> graph_pb2.ListFactsResponse:
        """A page of facts about an entity, or naming it."""
        return await self._transport.unary(methods.LIST_FACTS, request, self._timeout)

    async def neighbours(self, request: graph_pb2.NeighboursRequest) -> graph_pb2.NeighboursResponse:
        """Entities one fact away."""
        return await self._transport.unary(methods.NEIGHBOURS, request, self._timeout)

    async def timeline(self, request: graph_pb2.TimelineRequest) -> graph_pb2.TimelineResponse:
        """Dated facts in order."""
        return await self._transport.unary(methods.TIMELINE, request, self._timeout)

    async def ingest(
        self,
        items: Iterable[tuple[str, Document | bytes]],
        batch: int = 100,
    ) -> AsyncGenerator[ingest_pb2.IngestResponse.Item, None]:
        """Acknowledgements in the order of the records; what is acknowledged is durable."""

        async def messages() -> AsyncIterator[ingest_pb2.IngestRequest]:
            for group in parcels((_record(name, one) for name, one in items), batch):
                yield ingest_pb2.IngestRequest(items=group)

        async with aclosing(self._transport.stream(methods.INGEST, messages())) as responses:
            async for response in responses:
                for item in response.items:
                    yield item

    async def write_facts(
        self, lines: Iterable[str] = (), key: str = "", mark: ingest_pb2.ImportMark | None = None
    ) -> ingest_pb2.WriteFactsResponse:
        """Knowledge in the facts format, committed as one batch: lines, or those that are kept under a key."""
        request = ingest_pb2.WriteFactsRequest(lines=lines, key=key, mark=mark)
        return await self._transport.unary(methods.WRITE_FACTS, request, LONG_S)

    async def import_mark(self, name: str) -> int:
        """Input records of an import that are in; 0 for one that is unknown or finished."""
        request = ingest_pb2.GetImportMarkRequest(name=name)
        return int((await self._transport.unary(methods.GET_IMPORT_MARK, request, self._timeout)).position)

    async def withdraw(self, request: ingest_pb2.WithdrawRequest) -> ingest_pb2.WithdrawResponse:
        """Take a fact, a document or a source out of later revisions."""
        return await self._transport.unary(methods.WITHDRAW, request, LONG_S)

    async def erase(self, request: ingest_pb2.EraseRequest) -> ingest_pb2.EraseResponse:
        """Take what came from sources alone, or a document, out of every revision and all files."""
        return await self._transport.unary(methods.ERASE, request, LONG_S)

    async def ingest_prepared(self, prepared: ingest_pb2.PreparedDocument) -> ingest_pb2.IngestResponse.Item:
        """A document with what a worker found in it; the acknowledgement."""

        async def message() -> AsyncIterator[ingest_pb2.IngestRequest]:
            yield ingest_pb2.IngestRequest(items=[ingest_pb2.IngestRequest.Item(prepared=prepared)])

        async with aclosing(self._transport.stream(methods.INGEST, message())) as responses:
            async for response in responses:
                return response.items[0]
        raise StoreUnavailable("the service ended the stream without an acknowledgement")

    async def enqueue(
        self,
        items: Iterable[ingest_pb2.EnqueueRequest.Item],
        batch: int = 100,
    ) -> AsyncGenerator[ingest_pb2.EnqueueResponse.Item, None]:
        """Acknowledgements in the order of the records; what is acknowledged is kept until it is done."""

        async def messages() -> AsyncIterator[ingest_pb2.EnqueueRequest]:
            for group in parcels(items, batch):
                yield ingest_pb2.EnqueueRequest(items=group)

        async with aclosing(self._transport.stream(methods.ENQUEUE, messages())) as responses:
            async for response in responses:
                for item in response.items:
                    yield item

    async def claim(self, request: ingest_pb2.ClaimRequest) -> ingest_pb2.ClaimResponse:
        """A kept record for a worker; the attempt is counted."""
        return await self._transport.unary(methods.CLAIM, request, self._timeout)

    async def fail(self, key: str, reason: str) -> ingest_pb2.Record:
        """Say why an attempt failed."""
        request = ingest_pb2.FailRequest(key=key, reason=reason)
        return (await self._transport.unary(methods.FAIL, request, self._timeout)).record

    async def park(self, key: str, reason: str) -> ingest_pb2.Record:
        """Give up on a record."""
        request = ingest_pb2.ParkRequest(key=key, reason=reason)
        return (await self._transport.unary(methods.PARK, request, self._timeout)).record

    async def records(self, keys: Iterable[str]) -> Sequence[ingest_pb2.Record]:
        """What became of records, in the order of the keys; unknown keys are missing."""
        request = ingest_pb2.GetRecordsRequest(keys=keys)
        return (await self._transport.unary(methods.GET_RECORDS, request, self._timeout)).records

    async def take_overdue(self, untouched_s: float, limit: int = 0) -> Sequence[ingest_pb2.Record]:
        """Records that nobody has touched for so long; each is touched by being handed out."""
        request = ingest_pb2.TakeOverdueRequest(untouched_s=untouched_s, limit=limit)
        return (await self._transport.unary(methods.TAKE_OVERDUE, request, self._timeout)).records

    async def names(self, after: int = 0, limit: int = 0) -> AsyncGenerator[ingest_pb2.ListNamesResponse, None]:
        """The names that the service's lexicon has taken in since a revision, commit by commit."""
        while True:
            request = ingest_pb2.ListNamesRequest(after=after, limit=limit)
            page = await self._transport.unary(methods.LIST_NAMES, request, self._timeout)
            yield page
            after = page.revision
            if after >= page.until:
                return

    async def dead_letters(self) -> AsyncGenerator[ingest_pb2.Record, None]:
        """Records that were given up, by key."""
        token = ""
        while True:
            request = ingest_pb2.ListDeadLettersRequest(page_token=token, page_size=ITEMS)
            page = await self._transport.unary(methods.LIST_DEAD_LETTERS, request, self._timeout)
            for record in page.records:
                yield record
            token = page.next_page_token
            if not token:
                return

    async def retry_dead_letters(self, keys: Iterable[str]) -> Sequence[ingest_pb2.Record]:
        """Queue records that were given up anew."""
        request = ingest_pb2.RetryDeadLettersRequest(keys=keys)
        return (await self._transport.unary(methods.RETRY_DEAD_LETTERS, request, self._timeout)).records

    async def drop_dead_letters(self, keys: Iterable[str]) -> Sequence[str]:
        """Forget records that were given up; the keys of those that were."""
        request = ingest_pb2.DropDeadLettersRequest(keys=keys)
        return (await self._transport.unary(methods.DROP_DEAD_LETTERS, request, self._timeout)).keys

    async def stats(self) -> admin_pb2.StatsResponse:
        """Counts and revisions."""
        return await self._transport.unary(methods.STATS, admin_pb2.StatsRequest(), self._timeout)

    async def verify(self) -> admin_pb2.VerifyResponse:
        """Check graph and index."""
        return await self._transport.unary(methods.VERIFY, admin_pb2.VerifyRequest(), LONG_S)

    async def rebuild(self) -> admin_pb2.RebuildResponse:
        """Make the index anew."""
        return await self._transport.unary(methods.REBUILD, admin_pb2.RebuildRequest(), LONG_S)

    async def close(self) -> None:
        """Let go of the service, or of the data directory."""
        await self._transport.close()


class BlockingClient:
    """The blocking twin of `Client`: the same methods, called without `await`; streams come as plain iterators."""

    def __init__(self, target: str, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="worldctx-client", daemon=True)
        self._thread.start()
        try:
            self._client = self._wait(_opened(target, options))
        except BaseException:
            self._end()
            raise

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):
            raise AttributeError(name)
        method = getattr(self._client, name)

        def call(*args: Any, **given: Any) -> Any:
            result = method(*args, **given)
            return self._drain(result) if isinstance(result, AsyncGenerator) else self._wait(result)

        return call

    def __enter__(self) -> BlockingClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the service, or of the data directory."""
        if not self._loop.is_closed():
            try:
                self._wait(self._client.close())
            finally:
                self._end()

    def _end(self) -> None:
        asyncio.run_coroutine_threadsafe(_settled(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("the items of a stream cannot be made with the client that takes them; use another one")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            # Ctrl-C reaches the waiting thread only: the work is told, too.
            future.cancel()
            raise

    def _drain(self, stream: AsyncGenerator[T, None]) -> Iterator[T]:
        nothing = object()
        step: asyncio.Task[Any] | None = None

        async def following() -> Any:
            nonlocal step
            step = asyncio.current_task()
            return await anext(stream, nothing)

        async def leaving() -> None:
            if step is not None:  # Ctrl-C may have left it half way
                await asyncio.wait([step])
            await stream.aclose()

        try:
            while (item := self._wait(following())) is not nothing:
                yield item
        finally:
            if not self._loop.is_closed():
                self._wait(leaving())


async def _settled() -> None:
    """Nothing is under way any more: what was left behind is cancelled."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
    await asyncio.get_running_loop().shutdown_default_executor()


async def _opened(target: str, options: dict[str, Any]) -> Client:
    return connect(target, **options)


def connect(target: str, *, token: str = "", tls: bool = False, timeout_s: float = 30.0, **settings: Any) -> Client:
    """A client for `host:port`, or for a data directory in this process with `embedded:///absolute/dir`.

    Args:
        target: where to.
        token: bearer token of the service.
        tls: whether the service speaks TLS.
        timeout_s: deadline of each unary call, in seconds.
        settings: settings of an embedded world, such as `embedder="none"`.

    Raises:
        StoreUnavailable, IncompatibleData, Unsupported: the data directory cannot be opened.
    """
    if target.startswith("embedded:"):
        directory = target.removeprefix("embedded:")
        return Client(EmbeddedTransport(directory.removeprefix("//") or ".", **settings), timeout_s)
    return Client(GrpcTransport(target, token=token, tls=tls), timeout_s)


def connect_blocking(target: str, **options: Any) -> BlockingClient:
    """The blocking twin; see `connect`."""
    return BlockingClient(target, **options)


def _request(ask: Ask | str | context_pb2.LookUpRequest) -> context_pb2.LookUpRequest:
    if isinstance(ask, context_pb2.LookUpRequest):
        return ask
    return ask_message(Ask(ask) if isinstance(ask, str) else ask)


def _record(name: str, one: Document | bytes) -> ingest_pb2.IngestRequest.Item:
    if isinstance(one, bytes):
        return ingest_pb2.IngestRequest.Item(id=name, json=one)
    return ingest_pb2.IngestRequest.Item(id=name, document=document_message(identified(one)))


def parcels(items: Iterable[M], size: int) -> Iterator[list[M]]:
    """Items in lists of at most `size` that a message can hold; an item that is large by itself travels alone."""
    parcel: list[M] = []
    total = 0
    for item in items:
        weight = item.ByteSize()
        if parcel and total + weight > PARCEL_BYTES:
            yield parcel
            parcel, total = [], 0
        parcel.append(item)
        total += weight
        if len(parcel) == size:
            yield parcel
            parcel, total = [], 0
    if parcel:
        yield parcel


def groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Items in lists of at most `size`."""
    group: list[T] = []
    for item in items:
        group.append(item)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group
