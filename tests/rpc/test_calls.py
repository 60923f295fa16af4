"""Calls that are cancelled, late, too many, too large or broken: each is told what it is, and nobody else suffers."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import grpc
import pytest

from tests.conftest import serving
from tests.rpc.conftest import level, write
from worldctx.client.client import BlockingClient, Client, connect, connect_blocking
from worldctx.config import Settings
from worldctx.model.errors import (
    BadInput,
    Cancelled,
    DeadlineExceeded,
    Internal,
    NotFound,
    Overloaded,
    RevisionUnavailable,
    StoreUnavailable,
    Unauthenticated,
)
from worldctx.model.ids import Revision
from worldctx.ports.deadline import Deadline
from worldctx.rpc.calls import ENRICH, INGEST, LOOK_UP_MANY, Call
from worldctx.rpc.pool import Pool
from worldctx.rpc.streams import answers
from worldctx.rpc.telemetry import Telemetry
from worldctx.wire.v1 import context_pb2, graph_pb2, ingest_pb2
from worldctx.wiring import Running


@pytest.fixture
def address(small: Running) -> Iterator[str]:
    with serving(small) as found:
        yield found


@pytest.fixture
async def client(address: str) -> AsyncIterator[Client]:
    async with connect(address, timeout_s=30) as opened:
        yield opened


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


async def test_a_full_service_refuses_at_once_and_answers_again_when_it_has_room(small: Running, client: Client) -> None:
    """One thread and one place in the queue: of three calls that wait for the index the third is not let in."""
    with small.follower.resting():
        token = write(small, "a")
        request = context_pb2.LookUpRequest(text="Zanzibar", revision=token)
        waiting = [asyncio.create_task(client.look_up(request)) for _ in range(3)]
        done, rest = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        with pytest.raises(Overloaded, match="try again later") as caught:
            done.pop().result()
        assert caught.value.retry_after_s > 0
        assert len(rest) == 2
        assert not any(one.done() for one in rest)
    for one in rest:
        assert (await one).revision == token
    stats = await client.stats()
    assert (stats.counters["shed"], stats.counters["failed"]) == (1, 0)


async def test_a_cancelled_call_gives_its_thread_back(small: Running, client: Client) -> None:
    with small.follower.resting():
        token = write(small, "a")
        waiting = asyncio.create_task(client.look_up(context_pb2.LookUpRequest(text="x", revision=token)))
        await asyncio.sleep(0.2)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        # The only thread is free again though the index still rests.
        assert (await client.stats()).revision == token


async def test_an_expired_call_is_told_so_and_gives_its_thread_back(small: Running, address: str) -> None:
    async with connect(address, timeout_s=0.3) as hasty, connect(address) as client:
        with small.follower.resting():
            token = write(small, "a")
            with pytest.raises((DeadlineExceeded, RevisionUnavailable), match="more time"):
                await hasty.look_up(context_pb2.LookUpRequest(text="x", revision=token))
            assert (await client.stats()).revision == token


async def test_what_expired_or_was_cancelled_in_the_queue_is_not_worked_for() -> None:
    pool, gate, worked = Pool(workers=1, queue=4), threading.Event(), []

    def work(request: Any, deadline: Deadline) -> context_pb2.LookUpResponse:
        worked.append(request)
        gate.wait(30)
        return context_pb2.LookUpResponse()

    first = asyncio.create_task(pool.run(work, "first", Deadline()))
    await until(lambda: worked == ["first"])
    late = asyncio.create_task(pool.run(work, "late", Deadline.after(0.05)))
    gone = asyncio.create_task(pool.run(work, "gone", Deadline()))
    with pytest.raises(DeadlineExceeded):
        await late
    gone.cancel()
    last = asyncio.create_task(pool.run(work, "last", Deadline()))
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, last)
    assert worked == ["first", "last"]
    await asyncio.to_thread(pool.close)
    with pytest.raises(StoreUnavailable, match="shutting down"):
        await pool.run(work, "after", Deadline())


async def test_a_single_call_is_answered_while_streams_are_busy(tmp_path: Any) -> None:
    pool, gate = Pool(workers=2, queue=0), threading.Event()

    def work(request: Any, deadline: Deadline) -> context_pb2.LookUpResponse:
        if request == "bulk":
            gate.wait(30)
        return context_pb2.LookUpResponse()

    bulk = [asyncio.create_task(pool.run_in_turn(work, "bulk", Deadline())) for _ in range(5)]
    await asyncio.sleep(0.05)
    await pool.run(work, "single", Deadline.after(10))
    gate.set()
    await asyncio.gather(*bulk)
    await asyncio.to_thread(pool.close)


def message(number: int, items: int = 1) -> context_pb2.LookUpManyRequest:
    return context_pb2.LookUpManyRequest(items=[context_pb2.LookUpManyRequest.Item(id=str(number)) for _ in range(items)])


@pytest.mark.parametrize("call", [LOOK_UP_MANY, INGEST])
@pytest.mark.parametrize("items", [0, 1, 3])
async def test_a_stream_is_answered_in_order_within_its_window(call: Call, items: int) -> None:
    under_way, most, window = 0, 0, 6

    async def requests() -> AsyncIterator[Any]:
        for number in range(40):
            yield message(number, items) if items else context_pb2.LookUpManyRequest()

    async def run(request: Any) -> Any:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(int(request.items[0].id) % 5 if request.items else 50):  # later ones are often done earlier
            await asyncio.sleep(0)
        under_way -= 1
        return request

    found: list[Any] = [one async for one in answers(call, requests(), run, window)]
    assert len(found) == 40
    assert [one.items[0].id for one in found if one.items] == ([str(number) for number in range(40)] if items else [])
    assert most <= (1 if call.ordered else window // max(1, items) + 1)


async def test_leaving_a_stream_cancels_what_is_in_the_works_and_closes_its_requests() -> None:
    closed, cancelled = [], []

    async def requests() -> AsyncIterator[Any]:
        try:
            for number in range(100):
                yield message(number)
        finally:
            closed.append(True)

    async def run(request: Any) -> Any:
        if request.items[0].id == "0":
            return request
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            cancelled.append(request.items[0].id)
            raise

    stream = answers(LOOK_UP_MANY, requests(), run, 4)
    first: Any = await anext(stream)
    assert first.items[0].id == "0"
    await asyncio.sleep(0)
    await stream.aclose()
    assert closed == [True]
    assert set(cancelled) <= {str(number) for number in range(1, 6)}


async def test_what_fails_in_a_stream_fails_in_its_place() -> None:
    async def requests() -> AsyncIterator[Any]:
        for number in range(5):
            yield message(number)

    async def run(request: Any) -> Any:
        if request.items[0].id == "2":
            raise NotFound("two")
        return request

    seen: list[Any] = []
    with pytest.raises(NotFound):
        async for one in answers(LOOK_UP_MANY, requests(), run, 10):
            seen.append(one)
    assert [one.items[0].id for one in seen] == ["0", "1"]


async def test_the_options_of_a_stream_are_those_of_its_first_message() -> None:
    async def requests() -> AsyncIterator[Any]:
        for limit in (3, 5, 0):
            yield context_pb2.EnrichRequest(options=context_pb2.LookUpRequest(limit=limit))

    async def run(request: Any) -> Any:
        return request

    found: list[Any] = [one async for one in answers(ENRICH, requests(), run, 10)]
    assert [one.options.limit for one in found] == [3, 3, 3]


@pytest.mark.parametrize("remote", [True, False])
def test_an_error_of_the_callers_own_items_comes_out_as_it_is(address: str, tmp_path: Any, remote: bool) -> None:
    def items() -> Iterator[tuple[str, bytes]]:
        yield "1", b'{"text":"one"}'
        raise KeyError("mine")

    with connect_blocking(address if remote else f"embedded:{tmp_path}/other", **({} if remote else {"embedder": "none"})) as client:
        with pytest.raises(KeyError, match="mine"):
            list(client.ingest(items()))
        assert client.stats().graph["documents"] <= 1


def test_items_made_with_the_client_that_takes_them_are_refused_and_not_waited_for(address: str) -> None:
    with connect_blocking(address) as client, pytest.raises(RuntimeError, match="another one"):
        list(client.look_up_many((str(client.stats().revision), context_pb2.LookUpRequest(text="x")) for _ in range(2)))


@pytest.mark.parametrize("remote", [True, False])
def test_a_blocking_stream_that_is_left_lets_the_world_go(small: Running, address: str, tmp_path: Any, remote: bool) -> None:
    items = [(str(number), context_pb2.LookUpRequest(text="Chile")) for number in range(1000)]
    options: dict[str, Any] = {} if remote else {"embedder": "none"}
    with connect_blocking(address if remote else f"embedded:{tmp_path}/other", **options) as client:
        for item in client.look_up_many(items):
            assert item.id == "0"
            break
        assert client.stats().version
    assert not [one for one in threading.enumerate() if one.name == "worldctx-client"]


def test_ctrl_c_while_waiting_cancels_the_call(small: Running, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, caller, wait_for = threading.Event(), threading.get_ident(), small.follower.wait_for

    def told(revision: Revision, deadline: Deadline) -> None:
        waiting.set()
        wait_for(revision, deadline)

    def interrupt(answered: threading.Event) -> None:
        waiting.wait(20)  # the call has come so far that its caller does nothing but wait for it
        while not answered.wait(0.5):
            signal.pthread_kill(caller, signal.SIGINT)  # again, should Python have dropped it, as it may in a callback

    monkeypatch.setattr(small.follower, "wait_for", told)
    client: BlockingClient
    with connect_blocking(address) as client, small.follower.resting():
        token = write(small, "a")
        request = context_pb2.LookUpRequest(text="x", revision=token)
        for call in (lambda: client.look_up(request), lambda: list(client.look_up_many([("1", request)]))):
            waiting.clear()
            answered = threading.Event()
            interrupter = threading.Thread(target=interrupt, args=(answered,))
            interrupter.start()
            with pytest.raises(KeyboardInterrupt):
                try:
                    call()
                finally:
                    answered.set()
            interrupter.join()
            assert client.stats().revision == token  # the one thread is free again


async def test_a_message_over_the_limit_is_bad_input_that_says_what_to_do(small: Running) -> None:
    tight = small.settings.model_copy(update={"max_message_bytes": 4096})
    with serving(small, tight) as found:
        async with connect(found) as client:
            with pytest.raises(BadInput, match="larger than max.*max_message_bytes"):
                await client.look_up(context_pb2.LookUpRequest(text="x" * 10_000))
            # Answers are not bound by it: the caller could do nothing about them.
            write(small, *(f"d{number}" for number in range(50)), text="Zanzibar zephyrs blow and blow over {} for ever.")
            level(small)
            answer = await client.search(context_pb2.SearchRequest(text="Zanzibar", limit=100))
            assert answer.ByteSize() > 4096


async def test_bytes_that_are_no_message_are_refused(address: str) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        for path in ("ContextService/LookUp", "ContextService/LookUpMany"):
            many = path.endswith("Many")
            call: Any = (channel.stream_stream if many else channel.unary_unary)(f"/worldctx.v1.{path}", bytes, bytes)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                if many:
                    [one async for one in call(iter([b"\xff\xff\xff"]))]
                else:
                    await call(b"\xff\xff\xff")
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert "request: is no worldctx.v1.LookUp" in (caught.value.details() or "")
        unknown: Any = channel.unary_unary("/worldctx.v1.ContextService/Nothing", bytes, bytes)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await unknown(b"")
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_ids_and_tokens_that_are_none_are_refused_in_a_few_words(client: Client) -> None:
    for wrong in ("", "two words", "x" * 100_000):
        with pytest.raises(BadInput, match="^id: ") as caught:
            await client.get_entity(wrong)
        assert len(caught.value.message) < 300
    for token in ("x", "AAAA", "ÿ"):
        with pytest.raises(BadInput, match="page_token"):
            await client.list_facts(graph_pb2.ListFactsRequest(entity="ent:x", page_token=token))
    for limit in (-1, 10_001):
        with pytest.raises(BadInput, match="limit"):
            await client.find_entities("x", limit=limit)
    with pytest.raises(BadInput, match="exactly one"):
        await client.withdraw(ingest_pb2.WithdrawRequest())
    with pytest.raises(BadInput, match="not in the store"):
        await client.withdraw(ingest_pb2.WithdrawRequest(fact="f:none"))


async def test_a_service_with_a_token_asks_for_it(small: Running) -> None:
    with serving(small, small.settings.model_copy(update={"token": "sesame"})) as found:
        for given in ("", "sesam", "Sesame"):
            async with connect(found, token=given) as client:
                with pytest.raises(Unauthenticated):
                    await client.stats()
                with pytest.raises(Unauthenticated):
                    [one async for one in client.ingest([("1", b'{"text":"x"}')])]
        async with connect(found, token="sesame") as client:
            assert (await client.stats()).graph["documents"] == 0


async def test_answers_and_errors_carry_the_id_of_the_request_and_the_revisions(small: Running, address: str) -> None:
    write(small, "a")
    level(small)
    async with grpc.aio.insecure_channel(address) as channel:
        call: Any = channel.unary_unary("/worldctx.v1.AdminService/Stats", bytes, bytes)
        answered = call(b"", metadata=(("worldctx-request-id", "mine:1"),))
        await answered
        told = dict(await answered.trailing_metadata())
        assert told["worldctx-request-id"] == "mine:1"
        assert (told["worldctx-head-revision"], told["worldctx-index-revision"]) == ("1", "1")
        entity: Any = channel.unary_unary("/worldctx.v1.GraphService/GetEntity", bytes, bytes)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await entity(b"", metadata=(("worldctx-request-id", "not an id"),))
        named = dict(caught.value.trailing_metadata())["worldctx-request-id"]
        assert named and named != "not an id"


async def test_a_surprise_is_logged_under_the_id_that_the_caller_is_told(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(running: Running) -> list[str]:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Running, "verify", broken)
    with pytest.raises(Internal) as caught:
        await client.verify()
    named = caught.value.message.rsplit(" ", 1)[1]
    assert "secret" not in caught.value.message
    assert any(named in record.getMessage() and record.exc_info for record in caplog.records)


async def test_calls_are_counted_by_how_they_ended(small: Running) -> None:
    telemetry = Telemetry()
    call = Call("s", "Method", context_pb2.LookUpRequest, context_pb2.LookUpResponse)
    with telemetry.call(call):
        pass
    for error in (NotFound("x"), ZeroDivisionError(), asyncio.CancelledError(), Cancelled("x")):
        with pytest.raises(type(error)), telemetry.call(call):
            raise error
    counted = {sample.labels["code"]: sample.value for metric in telemetry.registry.collect() for sample in metric.samples
               if sample.name == "worldctx_calls_total"}
    assert counted == {"OK": 1, "NOT_FOUND": 1, "INTERNAL": 1, "CANCELLED": 2}


async def test_figures_are_shown_over_http_and_an_address_that_is_taken_is_said() -> None:
    import socket
    import urllib.request

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    telemetry = Telemetry()
    with telemetry.shown(f"127.0.0.1:{port}"):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert b"worldctx_calls" in answer.read()
        with pytest.raises(StoreUnavailable, match="cannot show metrics"), telemetry.shown(f"127.0.0.1:{port}"):
            pass
    for wrong in ("x", "127.0.0.1:99999", ":1"):
        with pytest.raises(BadInput, match="metrics"), telemetry.shown(wrong):
            pass


async def test_tls_needs_a_certificate_and_its_key(small: Running, tmp_path: Any) -> None:
    from worldctx.rpc.server import Server

    (tmp_path / "a.pem").write_text("no certificate")
    for given, words in (({"tls_cert": tmp_path / "a.pem"}, "tls_key"),
                         ({"tls_cert": tmp_path / "a.pem", "tls_key": tmp_path / "a.pem"}, "no PEM certificate"),
                         ({"tls_cert": tmp_path / "a.pem", "tls_key": tmp_path / "none"}, "cannot read .*none")):
        with pytest.raises(BadInput, match=words):
            await Server(small, Settings.read(listen="127.0.0.1:0", **given)).start()


def test_the_time_of_an_answer_is_no_part_of_it(small: Running) -> None:
    """Two answers at one revision, a moment apart, are the same bytes."""
    write(small, "a")
    level(small)
    with serving(small) as found, connect_blocking(found) as client:
        request = context_pb2.LookUpRequest(text="Zanzibar zephyrs", as_of="1990", revision=1)
        first = client.look_up(request).SerializeToString(deterministic=True)
        time.sleep(0.01)
        assert client.look_up(request).SerializeToString(deterministic=True) == first
