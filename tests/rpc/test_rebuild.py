"""Upkeep while requests are under way: no answer loses anything by it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from tests.rpc.conftest import level, write
from worldctx.lookup.pipeline import find_passages
from worldctx.model.ask import Ask
from worldctx.model.errors import RevisionUnavailable, StoreUnavailable
from worldctx.model.ids import PassageId, Revision
from worldctx.ports.deadline import Deadline
from worldctx.ports.search import SearchIndex
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


class WrittenToMeanwhile:
    """An index that is looked through while another document goes in and the follower has all the time it needs."""

    def __init__(self, index: SearchIndex, meanwhile: Callable[[], object]) -> None:
        self._index, self._meanwhile = index, meanwhile

    def check(self, expected: Sequence[PassageId]) -> Sequence[str]:
        self._meanwhile()
        return self._index.check(expected)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


def test_what_is_written_during_verify_is_no_difference(small: Running) -> None:
    write(small, "a")
    level(small)

    def meanwhile() -> None:
        write(small, "b")
        with suppress(RevisionUnavailable):
            small.follower.wait_for(Revision(2), Deadline.after(0.3))

    whole = small.world
    small.world = replace(whole, search=WrittenToMeanwhile(whole.search, meanwhile))
    assert small.verify() == []
    small.world = whole
    assert level(small) == 2
    assert small.verify() == []


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
    monkeypatch.setattr("worldctx.search.folder.os.fsync", _full)
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
