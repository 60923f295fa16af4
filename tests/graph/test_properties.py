"""What holds for whatever is written, in whatever order."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worldctx.graph.sqlite import SqliteGraph, open_graph
from worldctx.model.change import Batch, DocumentRecord, Withdrawal
from worldctx.model.clocks import Clocks
from worldctx.model.entity import Entity, Kind, label_under
from worldctx.model.fact import EXISTENCE, Fact
from worldctx.model.ids import ZERO, EntityId, Revision, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import parse_when
from worldctx.ports.graph import FactTable, GraphReader, Side, Step, Walk
from worldctx.testing.graph import columns_of, table_of
from worldctx.testing.strategies import clocks, document_records, entities, facts, judgements

IDS = [EntityId(f"ent:{letter}") for letter in "abcdef"] + [EntityId(f"wd:Q{number}") for number in range(4)]
SOURCES = (Source(SourceId("src:a")), Source(SourceId("src:b")))
THEN = Clocks(parse_when("2000"), parse_when("2000").hi)
WALKS = [Walk(tuple(IDS), steps) for steps in ((Step(Side.SUBJECT),), (Step(Side.OBJECT), Step(Side.SUBJECT)))]
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@contextmanager
def new_store() -> Iterator[SqliteGraph]:
    with tempfile.TemporaryDirectory() as folder:
        graph = open_graph(Path(folder))
        try:
            yield graph
        finally:
            graph.close()


def batches() -> st.SearchStrategy[Batch]:
    return st.builds(lambda e, f, j, d: Batch(SOURCES, tuple(e), tuple(f), tuple(j), tuple(d)),
                     st.lists(entities(), max_size=3), st.lists(facts(), max_size=3),
                     st.lists(judgements(), max_size=2), st.lists(document_records(), max_size=2))


def everything(store: SqliteGraph, revision: Revision) -> list[object]:
    reader = store.at(revision)
    return [reader.labels(IDS, THEN), reader.resolve(IDS), reader.entities(IDS), [reader.members(one) for one in IDS], reader.facts_about(IDS),
            reader.facts_naming(IDS), reader.unborn(IDS, THEN), table_of(reader, *WALKS, clocks=THEN, limit=3), reader.search_entities("a"), reader.counts(),
            list(store.dump(revision))]


@QUICK
@given(st.lists(batches(), max_size=4))
def test_what_a_reader_saw_at_a_revision_it_sees_for_ever(parts: list[Batch]) -> None:
    with new_store() as store:
        seen = {}
        for part in parts:
            revision = store.apply(part).revision
            seen[revision] = everything(store, revision)
            live = store.at().facts_about(IDS)
            if live:
                revision = store.apply(Batch(withdrawals=(Withdrawal(fact=live[0].id),))).revision
                seen[revision] = everything(store, revision)
        assert {revision: everything(store, revision) for revision in seen} == seen
        assert list(store.check()) == []
        with_counts = store.at().counts()
        assert with_counts["facts"] == len([line for line in store.dump(store.head()) if '"type":"fact"' in line])


@QUICK
@given(st.lists(facts(), max_size=12), st.lists(clocks(), min_size=1, max_size=6))
def test_the_clocks_in_sql_are_the_clocks_of_the_model(written: list[Fact], asked: list[Clocks]) -> None:
    with new_store() as store:
        store.apply(Batch(SOURCES, facts=tuple(written)))
        reader, kept = store.at(), {fact.id: replace(fact, recorded=Revision(1)) for fact in reversed(written)}
        for one in asked:
            expected = [fact for fact in kept.values() if one.sees(fact.valid, fact.known)]
            assert reader.facts_about(IDS, one) == sorted(expected, key=lambda fact: (fact.subject, fact.id))
            named = [fact for fact in expected if fact.object is not None]
            assert reader.facts_naming(IDS, one) == sorted(named, key=lambda fact: (str(fact.object), fact.id))


@QUICK
@given(st.lists(batches(), max_size=5), clocks(), st.integers(1, 4), st.sampled_from(Side), st.booleans())
def test_a_walk_finds_what_the_lists_of_facts_hold(parts: list[Batch], one: Clocks, limit: int, side: Side,
                                                   late: bool) -> None:
    with new_store() as store:
        for part in parts:
            store.apply(part)
            if not late:  # so that what is kept in memory grows commit by commit
                store.at().warm()
        reader = store.at()
        read = reader.facts_about if side is Side.SUBJECT else reader.facts_naming
        found = [fact for key in sorted(set(reader.resolve(IDS).values()))
                 for fact in sorted(read([key], one), key=lambda fact: fact.id)[:limit]]
        hidden = unborn(reader, {end for fact in found for end in (fact.subject, fact.object) if end}, one)
        expected = [fact for fact in found if not {fact.subject, fact.object} & hidden]
        ends = store.at().entities({fact.subject for fact in expected})
        events = {key for key, entity in ends.items() if entity.kind is Kind.EVENT}
        assert table_of(reader, Walk(tuple(IDS), (Step(side),)), clocks=one, limit=limit) == columns_of(
            FactTable.of(expected, events))
        assert reader.unborn(IDS, one) == unborn(reader, IDS, one)
        labels = reader.labels(IDS, one)  # before anything is remembered of the entities
        assert labels == {key: label_under(entity, one) for key, entity in reader.entities(IDS).items()}


def unborn(reader: GraphReader, ids: Iterable[EntityId], one: Clocks) -> set[EntityId]:
    """The rule in words, over the facts that date a beginning."""
    limit = one.hi if one.cutoff is None else one.cutoff
    late = set()
    for entity in ids:
        begins = [fact for fact in reader.facts_about([entity]) if fact.predicate in EXISTENCE]
        public = [fact.known.since.hi for fact in begins if fact.known.since is not None]
        begun = any(fact.valid.start is not None and fact.valid.start.lo < limit for fact in begins)
        if public and min(public) > limit and not (one.cutoff is None and begun):
            late.add(entity)
    return late if one.cutoff is not None or one.as_of is not None else set()


@QUICK
@given(batches(), st.randoms(use_true_random=False), st.booleans())
def test_the_dump_is_that_of_the_content_however_it_was_split(whole: Batch, random: Random, twice: bool) -> None:
    # Of two documents of one id the first wins: the one thing that is a matter of order.
    whole = replace(whole, documents=tuple({one.document.id: one for one in whole.documents}.values()))
    pieces = [Batch(SOURCES), *_pieces(whole)]
    rest = pieces[1:]
    random.shuffle(rest)
    with new_store() as one, new_store() as other:
        one.apply(whole)
        for piece in [pieces[0], *rest, *(rest if twice else ())]:
            other.apply(piece)
        assert list(one.dump()) == list(other.dump())
        assert list(other.check()) == []


def _pieces(whole: Batch) -> Iterator[Batch]:
    yield from (Batch(entities=(one,)) for one in whole.entities)
    yield from (Batch(facts=(one,)) for one in whole.facts)
    yield from (Batch(judgements=(one,)) for one in whole.judgements)
    yield from (Batch(documents=(one,)) for one in whole.documents)


@QUICK
@given(st.lists(document_records(), max_size=5))
def test_documents_come_back_as_they_were_written(written: list[DocumentRecord]) -> None:
    with new_store() as store:
        for one in written:
            store.apply(Batch(documents=(one,)))
        first = {one.document.id: one for one in reversed(written)}
        assert {one.document.id: one for commit in store.commits(ZERO) for one in commit.documents} == first
        assert list(store.check()) == []


@QUICK
@given(st.lists(entities(), max_size=6), st.lists(judgements(), max_size=4))
def test_sameness_is_that_of_a_plain_union(lines: list[Entity], judged: list[Judgement]) -> None:
    with new_store() as store:
        store.apply(Batch(SOURCES, tuple(lines), judgements=tuple(judged)))
        groups = merged(lines, judged)
        reader = store.at()
        for entity in {line.id for line in lines}:
            assert set(reader.members(entity)) == groups[entity]
            assert reader.resolve([entity])[entity] == min(groups[entity])
            assert all(reader.resolve([member])[member] == min(groups[entity]) for member in groups[entity])


def merged(lines: Sequence[Entity], judged: Sequence[Judgement]) -> dict[EntityId, set[EntityId]]:
    """Entities in one group, by repeated union: the slow and obvious way."""
    latest = {frozenset((one.left, one.right)): one.same for one in judged}
    own = {line.id for line in lines}
    linked = {frozenset((line.id, other)) for line in lines for other in line.same_as} | set(latest)
    linked = {pair for pair in linked if latest.get(pair, True)}
    near: dict[EntityId, set[EntityId]] = {one: set() for pair in linked for one in pair}
    for left, right in (tuple(pair) for pair in linked):
        near[left].add(right)
        near[right].add(left)
    groups = {one: {one} for one in own}
    for left, right in itertools.permutations(own, 2):
        if latest.get(frozenset((left, right)), True) and _reaches(left, right, near, own):
            union = groups[left] | groups[right]
            for one in union:
                groups[one] = union
    return groups


def _reaches(left: EntityId, right: EntityId, near: dict[EntityId, set[EntityId]], own: set[EntityId]) -> bool:
    """Whether a path of external ids without entries of their own leads from one to the other."""
    seen, queue = {left}, [left]
    while queue:
        for other in near.get(queue.pop(), set()) - seen:
            if other == right:
                return True
            seen.add(other)
            if other not in own:
                queue.append(other)
    return False
