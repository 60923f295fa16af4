"""Upkeep while requests are under way: no answer loses anything by it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.rpc.conftest import level, write
from worldctx.lookup.pipeline import find_passages
from worldctx.model.ask import Ask
from worldctx.model.errors import StoreUnavailable
from worldctx.ports.deadline import Deadline
from worldctx.rpc.context_service import ContextService
from worldctx.testing.failpoints import FailpointError, armed
from worldctx.wire.v1 import context_pb2
from worldctx.wiring import Running

ASK = Ask("Zanzibar zephyrs", limit=50)


def test_a_request_that_holds_the_old_index_is_answered_from_it(small: Running) -> None:
    write(small, "a", "b")
    level(small)
    held = small.world
    before = find_passages(ASK, held, Deadline())
    assert small.rebuild() == (1, 2)
    assert small.world is not held
    assert find_passages(ASK, held, Deadline()) == before
    assert find_passages(ASK, small.world, Deadline()) == before


def test_answers_stay_the_same_while_the_index_is_made_anew_again_and_again(small: Running) -> None:
    write(small, *(f"d{number}" for number in range(20)))
    level(small)
    service, stop = ContextService(small), threading.Event()

    def ask() -> set[tuple[int, bytes]]:
        seen = set()
        while not stop.is_set():
            answer = service.search(context_pb2.SearchRequest(text=ASK.text, limit=50), Deadline.after(30))
            assert len(answer.passages) >= 20
            seen.add((answer.revision, answer.SerializeToString(deterministic=True)))
        return seen

    with ThreadPoolExecutor(3) as threads:
        asking = [threads.submit(ask) for _ in range(3)]
        try:
            for number in range(6):
                token = write(small, f"new{number}")
                assert small.rebuild()[0] >= token
                own = service.search(context_pb2.SearchRequest(text=f"new{number}", revision=token), Deadline.after(30))
                assert own.passages[0].document_id == f"new{number}"
        finally:
            stop.set()
        seen = set.union(*(one.result() for one in asking))
    assert len({revision for revision, _ in seen}) == len(seen), "one revision, one answer"
    assert small.verify() == []


def test_verify_is_clean_while_others_write(small: Running) -> None:
    stop = threading.Event()

    def writing() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            write(small, f"w{number}")

    with ThreadPoolExecutor(1) as threads:
        busy = threads.submit(writing)
        try:
            assert [small.verify() for _ in range(5)] == [[]] * 5
        finally:
            stop.set()
        busy.result()


def test_two_rebuilds_at_once_are_one(small: Running) -> None:
    write(small, "a")
    with small.follower.resting(), ThreadPoolExecutor(1) as threads:
        first = threads.submit(small.rebuild)  # waits for the follower at the end
        while not (small.settings.data / "search.new" / "manifest.json").exists():
            assert not first.done()
        with pytest.raises(StoreUnavailable, match="under way"):
            small.rebuild()
        small.follower._turn.release()
        assert first.result() == (1, 1)
        small.follower._turn.acquire()


def test_a_rebuild_that_fails_leaves_the_old_index_in_service(small: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    write(small, "a", "b")
    level(small)
    monkeypatch.setattr("worldctx.search.embedded.os.fsync", _full)
    with pytest.raises(Exception, match="No space left"):
        small.rebuild()
    monkeypatch.undo()
    assert len(find_passages(ASK, small.world, Deadline()).passages) == 2
    write(small, "c")
    level(small)
    assert small.verify() == []
    assert small.rebuild() == (2, 3)


def _full(handle: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_commit_that_fails_is_no_effect_and_the_next_one_goes_in(small: Running) -> None:
    with armed("graph.apply.before_commit"), pytest.raises(FailpointError):
        write(small, "a")
    assert small.world.graph.head() == 0
    assert write(small, "a") == 1
    level(small)
    assert small.verify() == []
