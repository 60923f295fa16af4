"""Every RPC of the contract is called here, over gRPC on a real world, and does what its comment in the proto says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from google.protobuf.descriptor import ServiceDescriptor

from tests.conftest import serving
from worldctx.client.client import Client, connect
from worldctx.client.methods import Method
from worldctx.exchange.documents import parse_document
from worldctx.model.ask import Ask
from worldctx.model.errors import BadInput, NotFound
from worldctx.model.time import parse_when
from worldctx.rpc import calls
from worldctx.wire.v1 import admin_pb2, context_pb2, graph_pb2, ingest_pb2
from worldctx.wiring import Running

ALLENDE = "Salvador Allende"


@pytest.fixture
async def client(running: Running) -> AsyncIterator[Client]:
    with serving(running) as address:
        async with connect(address) as opened:
            yield opened


async def someone(client: Client) -> str:
    return (await client.find_entities(ALLENDE)).entities[0].id


async def look_up(client: Client) -> None:
    answer = await client.look_up(Ask("Who is the President of Chile?", as_of=parse_when("1972-06-01")))
    assert answer.facts[0].subject_name == ALLENDE


async def look_up_many(client: Client) -> None:
    asks = [(name, context_pb2.LookUpRequest(text=text)) for name, text in (("a", "Chile"), ("b", ""), ("c", "Peru"))]
    items = [(item.id, item.WhichOneof("result")) async for item in client.look_up_many(asks)]
    assert items == [("a", "response"), ("b", "error"), ("c", "response")]


async def enrich(client: Client) -> None:
    document = parse_document({"text": "Salvador Allende spoke in Santiago.", "published_at": "1972-05-01"}, max_chars=99)
    (item,) = [item async for item in client.enrich([("a", document)])]
    assert (item.response.as_of, item.response.known_by) == ("1972-05-01", "1972-05-01")
    assert [one.name for one in item.response.entities][:1] == [ALLENDE]


async def search(client: Client) -> None:
    found = await client.search(context_pb2.SearchRequest(text="market", limit=3))
    assert 0 < len(found.passages) <= 3


async def get_entity(client: Client) -> None:
    found = await client.get_entity(await someone(client))
    assert (found.entity.name, found.entity.kind) == (ALLENDE, "person")


async def find_entities(client: Client) -> None:
    found = await client.find_entities("salvador al", limit=1)
    assert [one.name for one in found.entities] == [ALLENDE]


async def list_facts(client: Client) -> None:
    request = graph_pb2.ListFactsRequest(entity=await someone(client), page_size=2)
    page = await client.list_facts(request)
    assert len(page.facts) == 2
    request.page_token = page.next_page_token
    assert not {one.id for one in page.facts} & {one.id for one in (await client.list_facts(request)).facts}


async def neighbours(client: Client) -> None:
    entity = await someone(client)
    found = (await client.neighbours(graph_pb2.NeighboursRequest(entity=entity))).neighbours
    assert found
    assert all(entity in (one.fact.subject, one.fact.object) and one.entity.id != entity for one in found)


async def timeline(client: Client) -> None:
    entity = await someone(client)
    request = graph_pb2.TimelineRequest(entity=entity, to="1960")
    setattr(request, "from", "1950")
    inside, whole = await client.timeline(request), await client.timeline(graph_pb2.TimelineRequest(entity=entity))
    assert {one.id for one in inside.facts} < {one.id for one in whole.facts}


async def ingest(client: Client) -> None:
    record = ("a", b'{"id":"every:1","text":"Zephyrs."}')
    (first,), (second,) = [[ack async for ack in client.ingest([record])] for _ in range(2)]
    assert (first.outcome, second.outcome) == (ingest_pb2.INGEST_OUTCOME_WRITTEN, ingest_pb2.INGEST_OUTCOME_DUPLICATE)
    assert first.revision == second.revision


async def write_facts(client: Client) -> None:
    lines = ['{"type":"fact","subject":"ent:new","predicate":"p","value":1}', "no line"]
    written = await client.write_facts(lines)
    assert (written.facts, [one.line for one in written.refused]) == (1, [2])


async def withdraw(client: Client) -> None:
    entity = await someone(client)
    request = graph_pb2.ListFactsRequest(entity=entity)
    before = (await client.list_facts(request)).facts
    gone = await client.withdraw(ingest_pb2.WithdrawRequest(fact=before[0].id, reason="test"))
    assert gone.withdrawn == 1
    assert [one.id for one in (await client.list_facts(request)).facts] == [one.id for one in before[1:]]


async def erase(client: Client) -> None:
    entity = await someone(client)
    facts = (await client.list_facts(graph_pb2.ListFactsRequest(entity=entity))).facts
    source = next(fact.source for fact in facts if fact.source)
    told = {one.kind: one.gone for one in (await client.erase(ingest_pb2.EraseRequest(sources=[source], dry_run=True))).kinds}
    assert told["sources"] == 1
    assert (await client.list_facts(graph_pb2.ListFactsRequest(entity=entity))).facts == facts
    erased = await client.erase(ingest_pb2.EraseRequest(sources=[source]))
    assert ({one.kind: one.gone for one in erased.kinds}, erased.revision) == (told, 3)
    left = (await client.list_facts(graph_pb2.ListFactsRequest(entity=entity))).facts
    assert [one.id for one in left] == [one.id for one in facts if one.source != source]
    assert not (await client.erase(ingest_pb2.EraseRequest(sources=[source]))).kinds


async def kept(client: Client, *texts: str) -> list[str]:
    items = [ingest_pb2.EnqueueRequest.Item(id=text, json=b'{"text":"%s"}' % text.encode()) for text in texts]
    return [item.record.key async for item in client.enqueue(items)]


async def enqueue(client: Client) -> None:
    items = [ingest_pb2.EnqueueRequest.Item(id="a", json=b'{"text":"Zephyrs."}'), ingest_pb2.EnqueueRequest.Item(id="b", json=b"{}"),
             ingest_pb2.EnqueueRequest.Item(id="c", facts=b'{"type":"fact","subject":"ent:new","predicate":"p","value":1}')]
    found = [item async for item in client.enqueue(items)]
    queued, refused = ingest_pb2.ENQUEUE_OUTCOME_QUEUED, ingest_pb2.ENQUEUE_OUTCOME_REFUSED
    assert [(item.id, item.outcome, item.record.kind) for item in found] == [
        ("a", queued, ingest_pb2.RECORD_KIND_DOCUMENT), ("b", refused, 0), ("c", queued, ingest_pb2.RECORD_KIND_FACTS)]
    assert "text" in found[1].error.message
    written = await client.write_facts(key=found[2].record.key)
    assert (written.facts, [one.status for one in await client.records([found[2].record.key])]) == (1, [ingest_pb2.RECORD_STATUS_DONE])
    again = [item async for item in client.enqueue(items[2:])]
    assert [(item.outcome, item.record.revision) for item in again] == [(ingest_pb2.ENQUEUE_OUTCOME_DUPLICATE, written.revision)]


async def claim(client: Client) -> None:
    (key,) = await kept(client, "Salvador Allende spoke.")
    mine = ingest_pb2.ClaimRequest(key=key, delivery="mine")
    granted = await client.claim(mine)
    assert (granted.outcome, granted.payload, granted.record.attempts) == (ingest_pb2.CLAIM_OUTCOME_GRANTED, b'{"text":"Salvador Allende spoke."}', 1)
    assert (granted.revision, granted.has_names, granted.embedder) == (2, True, "hashing-64@2")
    assert (await client.claim(ingest_pb2.ClaimRequest(key=key, delivery="other"))).outcome == ingest_pb2.CLAIM_OUTCOME_BUSY
    mine.redelivered, mine.names_after = True, 2
    again = await client.claim(mine)
    assert (again.outcome, again.record.attempts, again.has_names) == (ingest_pb2.CLAIM_OUTCOME_GRANTED, 2, False)
    await client.claim(mine)
    last = await client.claim(mine)
    assert (last.outcome, last.record.status, last.payload) == (ingest_pb2.CLAIM_OUTCOME_PARKED, ingest_pb2.RECORD_STATUS_PARKED, b"")
    assert "given up after 3 attempts; the last: its worker ended without a word" in last.record.reason
    with pytest.raises(NotFound):
        await client.claim(ingest_pb2.ClaimRequest(key="nobody"))


async def fail(client: Client) -> None:
    (key,) = await kept(client, "Zephyrs.")
    for number in range(1, 4):
        assert (await client.claim(ingest_pb2.ClaimRequest(key=key, delivery=str(number)))).record.attempts == number
        failed = await client.fail(key, f"no luck the {number}. time")
        assert (failed.status, failed.reason) == (ingest_pb2.RECORD_STATUS_FAILED, f"no luck the {number}. time")
    last = await client.claim(ingest_pb2.ClaimRequest(key=key))
    assert last.record.reason == "given up after 3 attempts; the last: no luck the 3. time"
    with pytest.raises(NotFound):
        await client.fail("nobody", "")


async def park(client: Client) -> None:
    (key,) = await kept(client, "Zephyrs.")
    assert (await client.park(key, "id: taken")).reason == "id: taken"
    assert (await client.claim(ingest_pb2.ClaimRequest(key=key))).outcome == ingest_pb2.CLAIM_OUTCOME_PARKED
    with pytest.raises(NotFound):
        await client.park("nobody", "")


async def get_records(client: Client) -> None:
    keys = await kept(client, "One.", "Two.")
    found = await client.records([keys[1], "nobody", keys[0]])
    assert [(one.key, one.status) for one in found] == [(key, ingest_pb2.RECORD_STATUS_QUEUED) for key in reversed(keys)]


async def get_import_mark(client: Client) -> None:
    lines = ['{"type":"source","id":"src:new"}', "{"]
    receipt = await client.write_facts(lines, mark=ingest_pb2.ImportMark(name="import:a", position=2))
    assert (receipt.sources, len(receipt.refused)) == (1, 1)
    assert [await client.import_mark(name) for name in ("import:a", "import:b")] == [2, 0]
    await client.write_facts(mark=ingest_pb2.ImportMark(name="import:a", position=4, finished=True))
    assert await client.import_mark("import:a") == 0
    for wrong in (ingest_pb2.ImportMark(position=1), ingest_pb2.ImportMark(name="import:a", position=-1)):
        with pytest.raises(BadInput, match="mark"):
            await client.write_facts(mark=wrong)


async def take_overdue(client: Client) -> None:
    keys = await kept(client, "One.", "Two.")
    assert list(await client.take_overdue(3600)) == []
    assert {one.key for one in await client.take_overdue(0, 1)} < set(keys)
    assert {one.key for one in await client.take_overdue(0)} == set(keys)


async def list_names(client: Client) -> None:
    (whole,) = [page async for page in client.names()]
    assert (whole.revision, whole.until) == (2, 2)
    assert ALLENDE in {row.name.name for row in whole.names}
    await client.write_facts(['{"type":"entity","id":"ent:new","kind":"person","names":[{"name":"Zephyr","lang":"en","from":"1990"}],"weight":0.5}'])
    while (await client.stats()).index_revision < 3:
        await asyncio.sleep(0.01)
    pages = [page async for page in client.names(limit=1)]
    assert [page.revision for page in pages] == [1, 3]
    assert list(pages[0].names) == list(whole.names)
    (row,) = pages[1].names
    assert (row.entity, row.kind, row.name.name, row.name.lang, row.name.valid.edtf, row.weight, row.recorded) == (
        "ent:new", "person", "Zephyr", "en", "1990/..", 0.5, 3)


async def list_dead_letters(client: Client) -> None:
    keys = await kept(client, *(f"Number {number}." for number in range(60)))
    for key in keys:
        await client.park(key, "why not")
    found = [record async for record in client.dead_letters()]
    assert [(one.key, one.reason) for one in found] == [(key, "why not") for key in sorted(keys)]


async def retry_dead_letters(client: Client) -> None:
    parked, waiting = await kept(client, "One.", "Two.")
    await client.park(parked, "why not")
    found = await client.retry_dead_letters([parked, waiting, "nobody"])
    assert [(one.key, one.status, one.reason) for one in found] == [(key, ingest_pb2.RECORD_STATUS_QUEUED, "") for key in (parked, waiting)]


async def drop_dead_letters(client: Client) -> None:
    parked, waiting = await kept(client, "One.", "Two.")
    await client.park(parked, "why not")
    assert list(await client.drop_dead_letters([parked, waiting, "nobody"])) == [parked]
    assert [one.key for one in await client.records([parked, waiting])] == [waiting]


async def stats(client: Client) -> None:
    found = await client.stats()
    assert found.graph["documents"] > 10
    assert (found.revision, found.index_revision, found.embedder.split("@")[0]) == (2, 2, "hashing-64")


async def verify(client: Client) -> None:
    found = await client.verify()
    assert (list(found.problems), found.revision) == ([], 2)


async def rebuild(client: Client) -> None:
    before = await client.search(context_pb2.SearchRequest(text="market"))
    made = await client.rebuild()
    assert made.passages > 10
    assert await client.search(context_pb2.SearchRequest(text="market")) == before


TESTED: dict[str, Callable[[Client], Awaitable[None]]] = {
    "ContextService/LookUp": look_up, "ContextService/LookUpMany": look_up_many, "ContextService/Enrich": enrich,
    "ContextService/Search": search, "GraphService/GetEntity": get_entity, "GraphService/FindEntities": find_entities,
    "GraphService/ListFacts": list_facts, "GraphService/Neighbours": neighbours, "GraphService/Timeline": timeline,
    "IngestService/Enqueue": enqueue, "IngestService/Claim": claim, "IngestService/Fail": fail, "IngestService/Park": park,
    "IngestService/GetImportMark": get_import_mark, "IngestService/GetRecords": get_records, "IngestService/TakeOverdue": take_overdue, "IngestService/ListNames": list_names,
    "IngestService/ListDeadLetters": list_dead_letters, "IngestService/RetryDeadLetters": retry_dead_letters,
    "IngestService/DropDeadLetters": drop_dead_letters, "IngestService/Ingest": ingest, "IngestService/WriteFacts": write_facts, "IngestService/Withdraw": withdraw,
    "IngestService/Erase": erase,
    "AdminService/Stats": stats, "AdminService/Verify": verify, "AdminService/Rebuild": rebuild,
}
SERVICES: list[ServiceDescriptor] = [
    service for file in (context_pb2, graph_pb2, ingest_pb2, admin_pb2) for service in file.DESCRIPTOR.services_by_name.values()
]


@pytest.mark.parametrize("name", TESTED)
async def test_a_call_does_what_it_promises(client: Client, name: str) -> None:
    await TESTED[name](client)


def test_every_call_of_the_contract_is_tested_served_and_offered_by_the_client() -> None:
    contract = {f"/{service.full_name}/{method.name}": method for service in SERVICES for method in service.methods}
    assert {f"/worldctx.v1.{name}" for name in TESTED} == set(contract)
    served = {one.path: one for one in vars(calls).values() if isinstance(one, calls.Call)}
    assert set(served) == set(contract)
    for path, method in contract.items():
        one = served[path]
        assert (one.request.DESCRIPTOR.full_name, one.response.DESCRIPTOR.full_name) == (method.input_type.full_name, method.output_type.full_name)
        assert one.stream == method.client_streaming == method.server_streaming
    from worldctx.client import methods

    offered = {one.path: one.response for one in vars(methods).values() if isinstance(one, Method)}
    assert offered == {path: one.response for path, one in served.items()}
