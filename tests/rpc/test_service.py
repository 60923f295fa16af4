"""The service answers as the embedded client does, byte for byte, and says clearly what is wrong."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

import worldctx
from worldctx.client.client import Client, connect
from worldctx.config import Settings
from worldctx.model.ask import Ask
from worldctx.model.document import Document
from worldctx.model.errors import (
    BadInput,
    DeadlineExceeded,
    NotFound,
    Overloaded,
    RevisionUnavailable,
    StoreUnavailable,
    WorldctxError,
)
from worldctx.model.ids import DocumentId
from worldctx.model.time import parse_when
from worldctx.ports.deadline import Deadline
from worldctx.rpc.pool import Pool
from worldctx.rpc.server import Server
from worldctx.wire.messages import to_dict
from worldctx.wire.status import STATUS, error_of, status_of
from worldctx.wire.v1 import context_pb2, graph_pb2, ingest_pb2
from worldctx.wiring import Running

QUESTION = Ask("Who is the President of Chile?", as_of=parse_when("1972-06-01"), limit=3)


@pytest.fixture
async def address(running: Running) -> AsyncIterator[str]:
    server = Server(running, running.settings)
    try:
        yield await server.start()
    finally:
        await server.stop()


@pytest.fixture
async def client(address: str) -> AsyncIterator[Client]:
    async with connect(address) as opened:
        yield opened


async def test_the_same_question_is_answered_as_of_two_dates(client: Client) -> None:
    then = await client.look_up(QUESTION)
    later = await client.look_up(Ask(QUESTION.text, as_of=parse_when("1990-06-01"), limit=3))
    assert then.facts[0].subject_name == "Salvador Allende"
    assert later.facts[0].subject_name == "Patricio Aylwin"
    assert then.facts[0].source_title
    assert then.facts[0].reasons


async def test_what_became_public_later_is_not_told_earlier(client: Client) -> None:
    def ask(known: str) -> Ask:
        return Ask("Who was Deep Throat?", as_of=parse_when("1990"), known_by=parse_when(known))

    assert "Mark Felt" not in str(await client.look_up(ask("2004")))
    assert "Mark Felt" in str(await client.look_up(ask("2005")))


async def test_an_end_that_was_not_public_is_shown_as_open(client: Client) -> None:
    answer = await client.look_up(Ask(QUESTION.text, as_of=QUESTION.as_of, known_by=QUESTION.as_of))
    assert answer.facts[0].valid.edtf == "1970-11-03/.."
    assert "1973" not in answer.rendered.text


async def test_remote_and_embedded_give_the_same_bytes(client: Client, world: Path, tmp_path: Path) -> None:
    remote = await client.look_up(QUESTION)
    copied = shutil.copytree(world, tmp_path / "copy", ignore=shutil.ignore_patterns("lock"))
    async with connect(f"embedded:{copied}", embedder="hashing") as embedded:
        local = await embedded.look_up(QUESTION)
    assert local.SerializeToString(deterministic=True) == remote.SerializeToString(deterministic=True)
    assert local.context_hash


async def test_a_claim_that_others_contradict_names_them(client: Client) -> None:
    answer = await client.look_up(Ask("How high is Mount Everest?", as_of=parse_when("2024")))
    heights = [fact for fact in answer.facts if fact.predicate == "elevation"]
    assert len({fact.object for fact in heights}) == len(heights) == 4
    assert all(len(fact.conflicts) == 3 for fact in heights)
    assert [fact.preferred for fact in heights] == [True, False, False, False]
    assert answer.rendered.text.index("(preferred; other sources say otherwise)") < answer.rendered.text.index("(disputed: other")
    assert to_dict(answer)["what"]["status"] == "conflict"


async def test_what_is_not_known_is_said_to_be_unknown(client: Client) -> None:
    answer = await client.look_up(Ask("What is the population of Mount Everest?", as_of=parse_when("2024")))
    assert to_dict(answer)["what"]["status"] == "unknown"
    assert "Unknown: population of Mount Everest" in answer.rendered.text


async def test_the_json_form_has_the_names_and_types_of_the_contract(client: Client) -> None:
    shown = to_dict(await client.look_up(Ask("Salvador Allende in Santiago", as_of=parse_when("1972"))))
    assert {"entities", "facts", "passages", "rendered", "as_of", "known_by", "revision", "context_hash", "left_out"} <= shown.keys()
    link = next(one for one in shown["entities"] if one["name"] == "Salvador Allende")
    assert link["span"] == {"start": 0, "end": 16}
    assert link["candidates"][0]["reasons"]
    assert isinstance(shown["revision"], int)
    assert {"from", "to", "edtf"} <= shown["facts"][0]["valid"].keys()


@pytest.mark.parametrize(("request_", "field"), [
    (context_pb2.LookUpRequest(), "text"),
    (context_pb2.LookUpRequest(text="x", as_of="yesterday-ish"), "as_of"),
    (context_pb2.LookUpRequest(text="x", known_by="2001-02-30"), "known_by"),
    (context_pb2.LookUpRequest(text="x", profile="loud"), "profile"),
    (context_pb2.LookUpRequest(text="x", limit=-1), "limit"),
    (context_pb2.LookUpRequest(text="x", filter=context_pb2.Filter(kinds=["thing"])), "filter.kinds"),
])
async def test_bad_input_names_its_field(client: Client, request_: context_pb2.LookUpRequest, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        await client.look_up(request_)
    assert [one.field for one in caught.value.violations] == [field]


async def test_a_revision_that_does_not_exist_is_refused(client: Client) -> None:
    with pytest.raises(RevisionUnavailable):
        await client.look_up(context_pb2.LookUpRequest(text="x", revision=10_000))


async def test_the_graph_is_read_under_the_clocks(client: Client) -> None:
    found = await client.find_entities("Salvador Al")
    entity = found.entities[0].id
    assert (await client.get_entity(entity)).entity.kind == "person"
    with pytest.raises(NotFound):
        await client.get_entity(entity, graph_pb2.Clocks(known_by="1850"))
    with pytest.raises(NotFound):
        await client.get_entity("ent:nobody")
    offices = await client.list_facts(graph_pb2.ListFactsRequest(entity=entity, predicate="position_held", clocks=graph_pb2.Clocks(as_of="1972")))
    assert len(offices.facts) == 1
    assert (await client.neighbours(graph_pb2.NeighboursRequest(entity=entity))).neighbours
    facts = (await client.timeline(graph_pb2.TimelineRequest(entity=entity))).facts
    starts = [getattr(fact.valid, "from") for fact in facts]
    assert len(starts) > 2
    assert starts == sorted(starts)


async def test_pages_of_facts_are_complete_and_disjoint(client: Client) -> None:
    entity = "ent:united-nations"
    whole = await client.list_facts(graph_pb2.ListFactsRequest(entity=entity, naming=True, page_size=10_000))
    seen: list[str] = []
    token = ""
    while True:
        page = await client.list_facts(graph_pb2.ListFactsRequest(entity=entity, naming=True, page_size=7, page_token=token))
        seen += [fact.id for fact in page.facts]
        token = page.next_page_token
        if not token:
            break
    assert seen == [fact.id for fact in whole.facts]


async def test_documents_are_acknowledged_in_order_and_bad_ones_fail_alone(client: Client) -> None:
    records: list[tuple[str, Document | bytes]] = [
        ("a", b'{"id":"t:1","text":"Chile is long.","published_at":"1999"}'), ("b", b'{"text":3}'), ("c", b"not json"),
        ("d", b'{"id":"t:1","text":"Chile is long.","published_at":"1999"}'), ("e", b'{"id":"t:1","text":"other"}'),
        ("f", b'{"text":"x","published_at":"yesterday-ish"}'), ("g", Document(DocumentId("t:2"), "Chile is narrow.")), ("h", b"\xff\xfe"),
        ("i", b'{"text":"   "}'), ("j", b'{"body":"Chile has a coast.","mood":"calm"}')]
    acks = [ack async for ack in client.ingest(records)]
    assert [ack.id for ack in acks] == list("abcdefghij")
    words = [ingest_pb2.IngestOutcome.Name(ack.outcome).rsplit("_", 1)[1] for ack in acks]
    assert words == ["WRITTEN", "REFUSED", "REFUSED", "DUPLICATE", "REFUSED", "REFUSED", "WRITTEN", "REFUSED", "REFUSED", "WRITTEN"]
    assert "published_at" in acks[5].error.message
    answer = await client.look_up(context_pb2.LookUpRequest(text="Chile is long and narrow", revision=acks[-1].revision))
    assert {"t:1", "t:2"} <= {passage.document_id for passage in answer.passages}


async def test_a_withdrawn_document_stays_in_older_revisions_only(client: Client) -> None:
    async for _ in client.ingest([("a", b'{"id":"t:w","text":"Zanzibar zephyrs blow."}')]):
        pass
    before = (await client.stats()).revision
    gone = await client.withdraw(ingest_pb2.WithdrawRequest(document="t:w", reason="test"))

    async def found(revision: int) -> bool:
        answer = await client.look_up(context_pb2.LookUpRequest(text="Zanzibar zephyrs", revision=revision))
        return any(passage.document_id == "t:w" for passage in answer.passages)

    assert await found(before)
    assert not await found(gone.revision)


async def test_facts_are_taken_in_any_order_and_bad_lines_are_named(client: Client) -> None:
    lines = ['{"type":"fact","subject":"ent:q","predicate":"p","value":1,"source":"src:q"}', '{"type":"source","id":"src:q"}',
             '{"type":"fact","subject":"ent:q","predicate":"p","value":1,"valid":{"from":"2001","to":"2000"}}', "{", '{"type":"thing"}',
             '{"type":"fact","subject":"ent:q","predicate":"unheard_of","object":"ent:r"}', '{"type":"entity","id":"ent:q","kind":"ghost"}']
    receipt = await client.write_facts(lines)
    assert (receipt.sources, receipt.facts) == (1, 2)
    assert [one.line for one in receipt.refused] == [3, 4, 5, 7]
    assert (await client.write_facts(lines)).facts == 0


async def test_many_are_answered_in_order_and_one_bad_item_fails_alone(client: Client) -> None:
    items = [(str(number), context_pb2.LookUpRequest(text="" if number == 70 else "Chile", as_of="1972")) for number in range(120)]
    answers = [item async for item in client.look_up_many(items)]
    assert [item.id for item in answers] == [name for name, _ in items]
    assert [item.id for item in answers if item.WhichOneof("result") == "error"] == ["70"]


async def test_verify_is_clean_and_rebuild_changes_no_answer(client: Client) -> None:
    before = await client.look_up(QUESTION)
    assert list((await client.verify()).problems) == []
    assert (await client.rebuild()).passages > 0
    assert await client.look_up(QUESTION) == before
    assert list((await client.verify()).problems) == []


async def test_the_service_is_healthy_and_a_taken_port_is_said(address: str, running: Running) -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        health = await health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service="worldctx.v1.ContextService"))
    assert health.status == health_pb2.HealthCheckResponse.SERVING
    second = Server(running, Settings.read(listen=address))
    with pytest.raises(StoreUnavailable, match="in use"):
        await second.start()


async def test_a_data_directory_in_use_is_said(running: Running) -> None:
    with pytest.raises(StoreUnavailable, match="in use"):
        connect(f"embedded:{running.settings.data}", embedder="hashing")


async def test_an_open_address_without_tls_is_refused(running: Running) -> None:
    with pytest.raises(BadInput, match="insecure"):
        await Server(running, Settings.read(listen="0.0.0.0:0")).start()


async def test_a_full_queue_refuses_at_once_and_a_late_answer_is_not_waited_for() -> None:
    pool, gate = Pool(workers=1, queue=1), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(request: object, deadline: Deadline) -> context_pb2.LookUpResponse:
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()
        return context_pb2.LookUpResponse()

    waiting = [asyncio.create_task(pool.run(slow, None, Deadline())) for _ in range(2)]
    await asyncio.sleep(0.05)
    with pytest.raises(Overloaded):
        await pool.run(slow, None, Deadline())
    gate.set()
    await asyncio.gather(*waiting)
    gate.clear()
    with pytest.raises(DeadlineExceeded):
        await pool.run(slow, None, Deadline.after(0.05))
    gate.set()
    await asyncio.to_thread(pool.close)


async def test_a_surprise_is_told_without_its_details() -> None:
    def broken(request: object, deadline: Deadline) -> context_pb2.LookUpResponse:
        raise ZeroDivisionError("secret")

    pool = Pool(1, 1)
    with pytest.raises(WorldctxError, match="internal error") as caught:
        await pool.run(broken, None, Deadline())
    assert "secret" not in str(caught.value)
    pool.close()


def test_every_error_has_a_status_and_comes_back_as_itself() -> None:
    assert set(WorldctxError.__subclasses__()) == set(STATUS)
    for kind in STATUS:
        back = error_of(status_of(kind("message")))
        assert (type(back), back.message) == (kind, "message")


def test_the_blocking_twin_says_the_same(world: Path) -> None:
    with worldctx.connect_blocking(f"embedded:{world}", embedder="hashing") as client:
        one = client.look_up(QUESTION)
        many = list(client.look_up_many([("a", QUESTION)]))
    assert many[0].response == one
