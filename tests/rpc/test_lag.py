"""The index may lag behind the graph; what is answered is right all the same, and the lag is told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import serving
from tests.rpc.conftest import level, write
from worldctx.client.client import connect, connect_blocking
from worldctx.config import Settings
from worldctx.lookup.pipeline import find_passages
from worldctx.model.ask import Ask
from worldctx.model.change import Withdrawal
from worldctx.model.errors import RevisionUnavailable
from worldctx.model.ids import DocumentId, Revision
from worldctx.ports.deadline import Deadline
from worldctx.ports.search import SearchIndex
from worldctx.rpc.context_service import ContextService
from worldctx.rpc.telemetry import Telemetry
from worldctx.wire.v1 import context_pb2
from worldctx.wiring import Running, open_running

WORDS = "Zanzibar zephyrs"


def found(running: Running, revision: Revision | None) -> tuple[set[str], int]:
    """Documents that a search at a revision shows, and how many hits the graph did not hold."""
    answer = find_passages(Ask(WORDS, revision=revision, limit=50), running.world, Deadline())
    return {one.document for one in answer.passages}, sum(one.count for one in answer.left_out if one.why == "orphan")


def test_a_withdrawal_that_the_index_has_not_seen_is_not_shown_and_is_counted(small: Running) -> None:
    write(small, "a", "b", "c")
    before = level(small)
    with small.follower.resting():
        small.writer.withdraw(Withdrawal(document=DocumentId("b")))
        head = small.world.graph.head()
        assert small.world.search.revision == before < head
        assert found(small, head) == ({"a", "c"}, 1)
        assert found(small, before) == ({"a", "b", "c"}, 0)
    level(small)
    assert found(small, head) == ({"a", "c"}, 0)


class FellBack:
    """An index that says it is level, and holds what it held before: as after its files were put back from a copy."""

    def __init__(self, index: SearchIndex, revision: Revision) -> None:
        self._index, self.revision = index, revision

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


def test_dropped_hits_are_counted_for_operators(small: Running) -> None:
    write(small, "a", "b")
    level(small)
    with small.follower.resting():
        small.writer.withdraw(Withdrawal(document=DocumentId("a")))
        small.world = replace(small.world, search=FellBack(small.world.search, small.world.graph.head()))
        with serving(small) as address, connect_blocking(address) as client:
            answer = client.search(context_pb2.SearchRequest(text=WORDS))
            assert [one.document_id for one in answer.passages] == ["b"]
            assert [(one.what, one.count) for one in answer.left_out if one.why == "orphan"] == [("passages", 1)]
            assert client.stats().counters["orphans"] == 1


async def test_the_token_of_an_acknowledgement_is_honoured_or_refused_never_stale(small: Running) -> None:
    service, loop = ContextService(small), asyncio.get_running_loop()
    with small.follower.resting():
        token = write(small, "mine")
        request = context_pb2.SearchRequest(text=WORDS, revision=token)
        with pytest.raises(RevisionUnavailable, match="not yet"):
            service.search(request, Deadline.after(0.05))
        unpinned = service.search(context_pb2.SearchRequest(text=WORDS), Deadline())
        assert (unpinned.revision, list(unpinned.passages)) == (0, [])
        waiting = loop.run_in_executor(None, service.search, request, Deadline.after(30))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    answer = await waiting
    assert answer.revision == token
    assert [one.document_id for one in answer.passages] == ["mine"]


async def test_the_lag_is_told_and_made_up_without_a_hand(small: Running) -> None:
    with serving(small) as address:
        async with connect(address) as client:
            with small.follower.resting():
                write(small, "a")
                write(small, "b")
                stats = await client.stats()
                assert (stats.revision, stats.index_revision) == (2, 0)
            level(small)
            stats = await client.stats()
            assert (stats.revision, stats.index_revision) == (2, 2)


def test_the_lag_is_a_metric(small: Running) -> None:
    telemetry = Telemetry()
    telemetry.watch(small, lambda: {"dropped_hits": 3})

    def shown() -> dict[str, float]:
        return {sample.name: sample.value for metric in telemetry.registry.collect() for sample in metric.samples}

    with small.follower.resting():
        write(small, "a")
        write(small, "b")
        seen = shown()
        assert [seen[f"worldctx_{name}"] for name in ("graph_revision", "index_revision", "index_lag", "index_failing", "dropped_hits_total")] == [2, 0, 2, 0, 3]
    level(small)
    assert [shown()[f"worldctx_{name}"] for name in ("graph_revision", "index_revision", "index_lag")] == [2, 2, 0]


STEPS = st.lists(st.tuples(st.sampled_from(["write", "withdraw", "read", "step"]), st.integers(0, 5)), max_size=20)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_whatever_is_written_and_however_the_index_lags_reads_are_those_of_the_graph(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    """The oracle: which documents are there at each revision. Every read is either that, or refused."""
    with open_running(Settings.read(data=tmp_path_factory.mktemp("w") / "d", embedder="none")) as running:
        service, there = ContextService(running), [set[str]()]
        with running.follower.resting():
            for step, number in steps:
                name = f"d{number}"
                if step == "write" and name not in there[-1]:
                    write(running, name, text=f"Zanzibar zephyrs blow over {len(there)} {{}}.")
                    there.append(there[-1] | {name})
                elif step == "withdraw" and name in there[-1]:
                    running.writer.withdraw(Withdrawal(document=DocumentId(name)))
                    there.append(there[-1] - {name})
                elif step == "step":
                    running.follower.step()
                elif step == "read":
                    revision = min(number + 1, len(there) - 1)
                    request = context_pb2.SearchRequest(text=WORDS, revision=revision, limit=50)
                    if running.world.search.revision < revision:
                        with pytest.raises(RevisionUnavailable):
                            service.search(request, Deadline.after(0.001))
                    elif revision:
                        answer = service.search(request, Deadline())
                        assert {one.document_id for one in answer.passages} == there[revision]
        assert running.verify() == []
        assert found(running, None) == (there[-1], 0)


def test_the_embedded_client_reads_its_own_writes_too(tmp_path: Path) -> None:
    with connect_blocking(f"embedded:{tmp_path}/other", embedder="none") as client:
        (ack,) = client.ingest([("1", b'{"id":"own","text":"Zanzibar zephyrs."}')])
        answer = client.search(context_pb2.SearchRequest(text=WORDS, revision=ack.revision))
    assert [one.document_id for one in answer.passages] == ["own"]
