"""Judgements are kept and read through; taking one back restores exactly; nothing judged apart is joined by a chain."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from worldctx.graph.sqlite import SqliteGraph, open_graph
from worldctx.model.change import Batch
from worldctx.model.clocks import Clocks
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.fact import Fact
from worldctx.model.ids import EntityId, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.resolve.judged import Camps, Judged, judgements, taken_back, tied
from worldctx.testing.strategies import entities, facts
from worldctx.testing.strategies import judgements as some_judgements

A, B, C = (EntityId(f"ent:{letter}") for letter in "abc")
IDS = [EntityId(f"ent:{letter}") for letter in "abcdef"] + [EntityId(f"wd:Q{number}") for number in range(4)]
SOURCES = (Source(SourceId("src:a")), Source(SourceId("src:b")))
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@contextmanager
def new_store(*batches: Batch) -> Iterator[SqliteGraph]:
    with tempfile.TemporaryDirectory() as folder:
        graph = open_graph(Path(folder))
        try:
            for one in batches:
                graph.apply(one)
            yield graph
        finally:
            graph.close()


def judge(store: SqliteGraph, left: EntityId, right: EntityId, same: bool | None) -> None:
    # By somebody who has said nothing yet: the same judgement by the same person again is none.
    store.apply(Batch(judgements=(Judgement(left, right, same, "a third one"),)))


def reading(store: SqliteGraph) -> list[object]:
    """All that a reader answers at the head, and what the store holds but for its judgements."""
    reader = store.at()
    return [reader.resolve(IDS), reader.entities(IDS), [reader.members(one) for one in IDS], reader.labels(IDS, Clocks()),
            [fact.id for fact in reader.facts_about(IDS)], reader.facts_naming(IDS), reader.search_entities("a"),
            [line for line in store.dump() if '"judgement"' not in line]]


@QUICK
@given(st.lists(entities(), min_size=1, max_size=6), st.lists(facts(), max_size=6), st.lists(some_judgements(), max_size=3),
       st.sampled_from(IDS), st.sampled_from(IDS))
def test_a_merge_that_is_taken_back_leaves_every_answer_as_it_was(
    given_: Sequence[Entity], told: Sequence[Fact], earlier: Sequence[Judgement], left: EntityId, right: EntityId
) -> None:
    assume(left != right)
    with new_store(Batch(SOURCES, tuple(given_), tuple(told)), *(Batch(judgements=(one,)) for one in earlier)) as store:
        before, count = reading(store), store.at().counts()["judgements"]
        judge(store, left, right, True)
        history = Judged(judgements(store), store.at().resolve).history(left, right)
        judge(store, left, right, taken_back(history, tied=tied(store, left, right)))
        assert reading(store) == before
        assert store.at().counts()["judgements"] >= count + (1 if history[-1].same else 0)


@QUICK
@given(st.lists(entities(), min_size=2, max_size=6), st.lists(facts(), max_size=6))
def test_a_merge_of_two_that_nothing_ties_ends_with_the_opposite_judgement(given_: Sequence[Entity], told: Sequence[Fact]) -> None:
    with new_store(Batch(SOURCES, tuple(given_), tuple(told))) as store:
        left, right = given_[0].id, given_[-1].id
        assume(left != right and not tied(store, left, right))
        assume(len(set(store.at().resolve([left, right]).values())) == 2)
        before = reading(store)
        judge(store, left, right, True)
        assert len(set(store.at().resolve([left, right]).values())) == 1
        judge(store, left, right, False)
        assert reading(store) == before


def people() -> Batch:
    return Batch(entities=tuple(Entity(one, Kind.PERSON, (Name(f"Name {one[-1]}"),)) for one in (A, B, C)))


def test_a_chain_holds_two_together_that_are_judged_different_until_one_of_its_links_is_cut() -> None:
    with new_store(people()) as store:
        judge(store, A, B, True)
        judge(store, B, C, True)
        judge(store, A, C, False)
        assert set(store.at().resolve([A, B, C]).values()) == {A}
        judge(store, B, C, False)
        assert dict(store.at().resolve([A, B, C])) == {A: A, B: A, C: C}


def test_what_is_different_stands_before_what_is_unsure_between_two_merged_entities() -> None:
    with new_store(people()) as store:
        judge(store, A, B, True)
        judge(store, A, C, None)
        judge(store, B, C, False)
        judged = Judged(judgements(store), store.at().resolve)
        stands = judged.between(A, C)
        assert stands is not None and (stands.left, stands.right, stands.same) == (B, C, False)
        assert list(judged.apart) == [(A, C)]


def test_a_chain_that_would_join_what_was_judged_different_is_seen_before_it_is_closed() -> None:
    camps = Camps([(C, A)])
    assert camps.against(A, B) is None
    camps.join(A, B)
    assert camps.against(B, C) == (A, C)
    assert camps.of(A) == {A, B}


def test_an_undone_judgement_gives_the_one_before_back() -> None:
    first, second = Judgement(A, B, False, "me"), Judgement(A, B, True, "you")
    assert taken_back([first, second], tied=False) is False
    assert taken_back([second], tied=False) is None
    assert taken_back([Judgement(A, B, False)], tied=True) is True
