"""The contract of ports.graph as tests: inherit GraphStoreContract and give a fixture `store` with an empty store.

The promises about erasure stand in `worldctx.testing.erasure`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from worldctx.model.change import (
    Batch,
    DocumentRecord,
    LedgerStatus,
    Mark,
    Outcome,
    Queued,
    RecordKind,
    Withdrawal,
)
from worldctx.model.clocks import Basis, Clocks, Known
from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity, Kind, Name, label_under
from worldctx.model.errors import BadInput, RevisionUnavailable
from worldctx.model.fact import Evidence, Fact, Literal, fact_id
from worldctx.model.ids import ZERO, DocumentId, EntityId, FactId, PassageId, Revision, SourceId, digest
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import ALWAYS, Interval, parse_interval, parse_when
from worldctx.ports.graph import ALL_TIMES, FactTable, GraphReader, GraphStore, Side, Step, Walk

ADA, BOB, CLUB, Q1, Q2 = map(EntityId, ("ent:ada", "ent:bob", "ent:club", "wd:Q1", "wd:Q2"))
DAILY = Source(SourceId("src:daily"), "The Daily", published=parse_when("2001"))
WEEKLY = Source(SourceId("src:weekly"), "The Weekly")
ABOUT, NAMING = Step(Side.SUBJECT), Step(Side.OBJECT)
#: Before everything that these tests tell of.
THEN = Clocks(parse_when("1970"), parse_when("1970").hi)
PERSON = Entity(ADA, Kind.PERSON, (Name("Ada", "en"),))


def batch_of(*told: Source | Entity | Fact | Judgement) -> Batch:
    """A batch of knowledge in the order in which it is told."""
    return Batch(
        tuple(one for one in told if isinstance(one, Source)), tuple(one for one in told if isinstance(one, Entity)),
        tuple(one for one in told if isinstance(one, Fact)), tuple(one for one in told if isinstance(one, Judgement)))


def claim(subject: EntityId = ADA, predicate: str = "member_of", target: EntityId | None = CLUB, *,
          valid: Interval = ALWAYS, known: Known = Known(), source: SourceId | None = None,  # noqa: B008  frozen
          evidence: Evidence = Evidence(), literal: Literal | None = None) -> Fact:  # noqa: B008  frozen
    """A fact with the id of its content."""
    fact = Fact(FactId(""), subject, predicate, None if literal else target, literal, valid, known, source, evidence)
    return replace(fact, id=fact_id(fact))


def record(number: str, text: str = "Ada met Bob.", **known: Any) -> DocumentRecord:
    """A document of one passage with a mention of Ada."""
    key = DocumentId(number)
    document = Document(key, text, content_hash=digest(number, text), published=parse_when("2001-05"), **known)
    passage = Passage(PassageId(f"{number}#{digest(text, size=4)}"), key, 0, 0, len(text), text)
    return DocumentRecord(document, (passage,), (Mention(0, 3, text[:3], (ADA, BOB)),))


def stored(facts: Iterable[Fact]) -> list[Fact]:
    """Facts without the revision that their store gave them."""
    return [replace(fact, recorded=ZERO) for fact in facts]


def columns_of(table: FactTable) -> list[tuple[object, ...]]:
    """A table as rows of plain values, however its store numbered ids and predicates."""
    return [(fact, table.ids[subject], table.ids[target] if target >= 0 else None, table.names[predicate], *values)
            for fact, subject, target, predicate, *values in zip(
                table.facts, *(column.tolist() for column in (
                    table.subjects, table.objects, table.predicates, table.starts, table.confidences, table.sourced,
                    table.events)), strict=True)]


def table_of(reader: GraphReader, *walks: Walk, clocks: Clocks = ALL_TIMES,
             limit: int = 100) -> list[tuple[object, ...]]:
    """What walks find, likewise."""
    return columns_of(reader.walk(walks, clocks, limit))


class GraphStoreContract:
    """Every promise of ports.graph, one test each."""

    def test_a_new_store_is_empty_at_revision_zero(self, store: GraphStore) -> None:
        assert store.head() == ZERO
        assert set(store.at().counts().values()) == {0}
        assert not any(map(list, (store.dump(), store.commits(ZERO), store.names(), store.check(), store.parked())))

    def test_every_commit_has_the_next_number(self, store: GraphStore) -> None:
        first = store.apply(Batch(entities=(PERSON,)))
        second = store.apply(Batch(facts=(claim(),)))
        assert (first.revision, second.revision, store.head(), store.seen()) == (1, 2, 2, 2)

    def test_an_empty_batch_makes_no_commit(self, store: GraphStore) -> None:
        assert store.apply(Batch()).revision == store.head() == ZERO

    def test_a_batch_that_changes_nothing_makes_no_commit(self, store: GraphStore) -> None:
        judgement = Judgement(ADA, BOB, True, "me")
        batch = Batch((DAILY,), (PERSON,), (claim(source=DAILY.id),), (judgement,), (record("doc:1"),))
        before = store.apply(batch)
        again = store.apply(batch)
        assert (before.facts_written, before.entities_written, before.sources_written) == (1, 1, 1)
        assert again.revision == store.head() == before.revision
        written = (again.facts_written, again.entities_written, again.sources_written, again.judgements_written)
        assert written == (0, 0, 0, 0)

    def test_a_reader_beyond_the_head_is_refused(self, store: GraphStore) -> None:
        with pytest.raises(RevisionUnavailable):
            store.at(Revision(1))

    def test_an_old_revision_never_changes(self, store: GraphStore) -> None:
        first = store.apply(Batch((DAILY,), (PERSON,), (claim(),), documents=(record("doc:1"),))).revision
        reader = store.at(first)

        def seen() -> list[object]:
            return [reader.facts_about([ADA]), reader.entities([ADA, Q1]), reader.members(ADA), reader.counts(),
                    reader.documents([DocumentId("doc:1")]), reader.passages_of(DocumentId("doc:1")),
                    reader.mentions(DocumentId("doc:1")), reader.sources([DAILY.id]), reader.search_entities("a"),
                    list(store.dump(first))]

        before = seen()
        renamed = replace(PERSON, names=(Name("Countess"),), same_as=(Q1,))
        store.apply(Batch((replace(DAILY, title="Daily"),), (renamed,), (claim(target=BOB),),
                          (Judgement(ADA, BOB, True),)))
        store.apply(Batch(withdrawals=(Withdrawal(fact=claim().id), Withdrawal(document=DocumentId("doc:1")))))
        assert seen() == before

    def test_a_fact_comes_back_as_it_was_written(self, store: GraphStore) -> None:
        evidence = Evidence(DocumentId("doc:1"), 3, 6, "met", "row 7")
        literal = Literal("12", "integer", "km", "en")
        full = claim(literal=literal, valid=parse_interval("2001-05", "2003~"), source=DAILY.id, evidence=evidence,
                     known=Known(parse_when("2001-06-01"), Basis.STATED, parse_when("2004")))
        full = replace(full, method="rule@2", confidence=0.25)
        full = replace(full, id=fact_id(full))
        store.apply(Batch((DAILY,), facts=(full, claim())))
        assert store.at().facts([full.id, claim().id, FactId("f:none")]) == {
            one.id: replace(one, recorded=Revision(1)) for one in (full, claim())}

    def test_an_existing_fact_is_left_as_it_is(self, store: GraphStore) -> None:
        store.apply(Batch(facts=(claim(),)))
        assert store.apply(Batch(facts=(replace(claim(), predicate="other"),))).facts_written == 0
        assert stored(store.at().facts_about([ADA])) == [claim()]

    def test_facts_about_come_by_subject_then_id(self, store: GraphStore) -> None:
        facts = [claim(subject, target=EntityId(f"ent:{n}")) for subject in (BOB, ADA) for n in range(5)]
        store.apply(Batch(facts=tuple(facts)))
        ordered = sorted(facts, key=lambda fact: (fact.subject, fact.id))
        assert stored(store.at().facts_about([BOB, ADA, BOB])) == ordered

    def test_the_limit_holds_for_each_subject(self, store: GraphStore) -> None:
        facts = [claim(subject, target=EntityId(f"ent:{n}")) for subject in (BOB, ADA) for n in range(5)]
        store.apply(Batch(facts=tuple(facts)))
        ordered = sorted(facts, key=lambda fact: (fact.subject, fact.id))
        assert stored(store.at().facts_about([BOB, ADA], limit=2)) == ordered[:2] + ordered[5:7]

    def test_facts_naming_an_entity_come_by_object_then_id(self, store: GraphStore) -> None:
        facts = [claim(EntityId(f"ent:{n}"), target=target) for target in (CLUB, BOB) for n in range(4)]
        store.apply(Batch(facts=(*facts, claim(literal=Literal("ent:club")))))
        ordered = sorted(facts, key=lambda fact: (str(fact.object), fact.id))
        assert stored(store.at().facts_naming([CLUB, BOB])) == ordered
        assert stored(store.at().facts_naming([CLUB], limit=1)) == [one for one in ordered if one.object == CLUB][:1]

    def test_facts_can_be_asked_for_by_predicate(self, store: GraphStore) -> None:
        store.apply(Batch(facts=(claim(), claim(predicate="founded"))))
        reader = store.at()
        assert stored(reader.facts_about([ADA], predicate="founded")) == [claim(predicate="founded")]
        assert stored(reader.facts_naming([CLUB], predicate="founded")) == [claim(predicate="founded")]
        assert reader.facts_about([ADA], predicate="never heard of") == []

    def test_the_valid_clock_filters_facts(self, store: GraphStore) -> None:
        early, late = claim(valid=parse_interval("1990", "1994")), claim(valid=parse_interval("1995", None))
        store.apply(Batch(facts=(early, late)))
        assert stored(store.at().facts_about([ADA], Clocks(parse_when("1993-05")))) == [early]
        assert stored(store.at().facts_naming([CLUB], Clocks(parse_when("1996")))) == [late]

    def test_the_known_clock_filters_facts_and_keeps_a_hidden_end(self, store: GraphStore) -> None:
        since, end = parse_when("1990"), parse_when("1999")
        one = claim(valid=parse_interval("1990", "1994"), known=Known(since, Basis.STATED, end))
        store.apply(Batch(facts=(one,)))
        asked = Clocks(parse_when("1996"), parse_when("1996").hi)
        assert stored(store.at().facts_about([ADA], asked)) == [one]
        assert store.at().facts_about([ADA], Clocks(parse_when("1996"), end.hi)) == []
        assert store.at().facts_about([ADA], Clocks(None, since.hi - 1)) == []

    def test_strict_leaves_out_what_does_not_declare_when_it_was_said(self, store: GraphStore) -> None:
        since = parse_when("1990")
        facts = [claim(predicate=basis, known=Known(None if basis is Basis.UNSTATED else since, basis))
                 for basis in Basis]
        store.apply(Batch(facts=tuple(facts)))
        found = {fact.known.basis for fact in store.at().facts_about([ADA], Clocks(strict=True))}
        assert found == {Basis.STATED, Basis.SOURCE}

    def test_the_recorded_clock_hides_what_came_later(self, store: GraphStore) -> None:
        first = store.apply(Batch(facts=(claim(),))).revision
        store.apply(Batch(facts=(claim(target=BOB),)))
        assert stored(store.at(first).facts_about([ADA])) == [claim()]
        assert list(store.at(first).facts([claim(target=BOB).id])) == []

    def test_a_withdrawn_fact_is_gone_from_later_revisions_only(self, store: GraphStore) -> None:
        before = store.apply(Batch(facts=(claim(), claim(target=BOB)))).revision
        receipt = store.apply(Batch(withdrawals=(Withdrawal(fact=claim().id, reason="wrong"),)))
        assert receipt.withdrawn == 1
        assert stored(store.at().facts_about([ADA])) == [claim(target=BOB)]
        assert list(store.at().facts([claim().id])) == []
        assert [fact.withdrawn for fact in store.at(before).facts_about([ADA])] == [None, None]

    def test_a_withdrawn_fact_stays_withdrawn_when_it_is_delivered_again(self, store: GraphStore) -> None:
        store.apply(Batch(facts=(claim(),)))
        store.apply(Batch(withdrawals=(Withdrawal(fact=claim().id),)))
        assert store.apply(Batch(facts=(claim(),))).facts_written == 0
        assert store.at().facts_about([ADA]) == []

    def test_withdrawing_a_source_takes_out_all_its_facts(self, store: GraphStore) -> None:
        own, other = claim(source=DAILY.id), claim(target=BOB)
        store.apply(Batch((DAILY,), facts=(own, other)))
        assert store.apply(Batch(withdrawals=(Withdrawal(source=DAILY.id),))).withdrawn == 1
        assert stored(store.at().facts_about([ADA])) == [other]

    def test_withdrawing_a_document_takes_out_its_passages_mentions_and_facts(self, store: GraphStore) -> None:
        one, key = record("doc:1"), DocumentId("doc:1")
        store.apply(Batch(facts=(claim(evidence=Evidence(key, 0, 3)),), documents=(one,)))
        store.apply(Batch(withdrawals=(Withdrawal(document=key),)))
        reader = store.at()
        assert not reader.documents([key])
        assert not reader.passages([one.passages[0].id])
        assert not any((reader.passages_of(key), reader.mentions(key), reader.facts_about([ADA])))
        assert {reader.counts()[name] for name in ("documents", "passages", "mentions", "facts")} == {0}

    @pytest.mark.parametrize("withdrawal", [
        Withdrawal(fact=FactId("f:0")), Withdrawal(document=DocumentId("doc:0")), Withdrawal(source=SourceId("src:0")),
        Withdrawal(), Withdrawal(fact=FactId("f:0"), document=DocumentId("doc:0"))])
    def test_a_withdrawal_of_nothing_is_bad_input_and_nothing_is_written(
            self, store: GraphStore, withdrawal: Withdrawal) -> None:
        with pytest.raises(BadInput, match=r"withdrawals\[0\]"):
            store.apply(Batch(entities=(PERSON,), withdrawals=(withdrawal,)))
        assert store.head() == ZERO
        assert store.at().entities([ADA]) == {}

    def test_a_fact_of_an_unknown_source_is_bad_input_and_nothing_is_written(self, store: GraphStore) -> None:
        with pytest.raises(BadInput, match=r"facts\[1\]\.source.*src:daily"):
            store.apply(Batch(facts=(claim(), claim(source=DAILY.id))))
        assert store.head() == ZERO
        assert store.apply(Batch((DAILY,), facts=(claim(source=DAILY.id),))).revision == 1

    def test_entity_lines_for_one_id_add_up(self, store: GraphStore) -> None:
        first = Entity(ADA, Kind.PERSON, (Name("Ada", "en"),), (Q1,), 1.0, 0.0, CLUB, "a countess", 0.5)
        second = Entity(ADA, Kind.PERSON, (Name("Lovelace"),), (Q2,), description="a mathematician")
        store.apply(Batch(entities=(first,)))
        assert store.apply(Batch(entities=(second, second))).entities_written == 1
        assert store.at().entities([ADA]) == {ADA: replace(
            first, names=(Name("Ada", "en"), Name("Lovelace")), same_as=(Q1, Q2), description="a mathematician")}
        assert store.at(Revision(1)).entities([ADA]) == {ADA: first}

    def test_every_source_that_tells_a_line_is_kept(self, store: GraphStore) -> None:
        told = [replace(PERSON, same_as=(Q1,), description="a countess", source=one)
                for one in (None, DAILY.id, WEEKLY.id)]
        judged = [Judgement(ADA, BOB, True, "me", source=one.source) for one in told]
        store.apply(Batch((DAILY, WEEKLY)))
        for one, judgement in zip(told, judged, strict=True):
            receipt = store.apply(Batch(entities=(one, one), judgements=(judgement, judgement)))
            assert (receipt.entities_written, receipt.judgements_written) == (1, 1)
            again = store.apply(Batch(entities=(one,), judgements=(judgement,)))
            assert (again.revision, again.entities_written) == (receipt.revision, 0)
        assert [one for one in store.knowledge() if isinstance(one, Entity | Judgement)] == [*told, *judged]
        assert (store.at().counts()["entities"], store.at().counts()["names"]) == (1, 1)
        assert [(row.name, row.recorded) for row in store.names()] == [(Name("Ada", "en"), 2)]
        entity, *judgements, _, _ = map(json.loads, store.dump())
        assert [one.get("source") for one in entity["told"]] == [None, DAILY.id, WEEKLY.id]
        assert [one.get("source") for one in judgements] == [None, DAILY.id, WEEKLY.id]
        assert store.at().entities([ADA]) == {ADA: replace(told[0], source=None)}
        assert list(store.check()) == []

    def test_what_one_source_tells_again_after_another_denied_it_counts(self, store: GraphStore) -> None:
        one, other = (replace(PERSON, description=text, source=source) for text, source in (
            ("a countess", DAILY.id), ("a poet", WEEKLY.id)))
        store.apply(Batch((DAILY, WEEKLY)))
        for line in (one, other, one):
            assert store.apply(Batch(entities=(line,))).entities_written == 1
            assert store.at().entities([ADA])[ADA].description == line.description

    def test_an_entity_of_an_unknown_source_is_bad_input_and_nothing_is_written(self, store: GraphStore) -> None:
        with pytest.raises(BadInput, match=r"entities\[1\]\.source.*src:daily"):
            store.apply(Batch(entities=(PERSON, replace(PERSON, source=DAILY.id))))
        with pytest.raises(BadInput, match=r"judgements\[0\]\.source.*src:daily"):
            store.apply(Batch(entities=(PERSON,), judgements=(Judgement(ADA, BOB, True, source=DAILY.id),)))
        assert store.head() == ZERO

    def test_source_lines_for_one_id_add_up(self, store: GraphStore) -> None:
        store.apply(Batch((DAILY,)))
        assert store.apply(Batch((Source(DAILY.id, host="daily.example"),))).sources_written == 1
        assert store.at().sources([DAILY.id, SourceId("src:0")]) == {DAILY.id: replace(DAILY, host="daily.example")}
        assert store.at(Revision(1)).sources([DAILY.id]) == {DAILY.id: DAILY}

    def test_an_external_id_resolves_to_the_entity_that_carries_it(self, store: GraphStore) -> None:
        store.apply(Batch(entities=(replace(PERSON, same_as=(Q1,)),), facts=(claim(Q1), claim(BOB, target=Q1))))
        reader = store.at()
        assert reader.resolve([Q1, ADA, BOB]) == {Q1: ADA, ADA: ADA, BOB: BOB}
        assert reader.entities([Q1])[Q1].id == ADA
        assert reader.members(Q1) == reader.members(ADA) == (ADA,)
        assert stored(reader.facts_about([ADA])) == [claim(Q1)]
        assert stored(reader.facts_naming([ADA])) == [claim(BOB, target=Q1)]

    def test_entities_that_carry_the_same_external_id_are_one(self, store: GraphStore) -> None:
        other = Entity(BOB, Kind.PERSON, (Name("Bob"),), (Q1,), description="the same")
        before = store.apply(Batch(entities=(replace(PERSON, same_as=(Q1,)),))).revision
        store.apply(Batch(entities=(other,), facts=(claim(), claim(BOB))))
        reader = store.at()
        assert reader.resolve([ADA, BOB, Q1]) == {ADA: ADA, BOB: ADA, Q1: ADA}
        assert reader.members(BOB) == (ADA, BOB)
        merged = reader.entities([BOB])[BOB]
        assert (merged.id, merged.description) == (ADA, "the same")
        assert [name.text for name in merged.names] == ["Ada", "Bob"]
        assert stored(reader.facts_about([BOB])) == [claim(), claim(BOB)]
        assert store.at(before).members(ADA) == (ADA,)

    def test_a_judgement_merges_and_a_later_one_undoes_it(self, store: GraphStore) -> None:
        entities = (PERSON, Entity(BOB, Kind.PERSON))
        merged = store.apply(Batch(entities=entities, judgements=(Judgement(BOB, ADA, True),))).revision
        store.apply(Batch(judgements=(Judgement(ADA, BOB, False),)))
        unsure = store.apply(Batch(judgements=(Judgement(ADA, BOB, None),))).revision
        assert store.at(merged).members(BOB) == (ADA, BOB)
        assert store.at(Revision(merged + 1)).members(BOB) == store.at(unsure).members(BOB) == (BOB,)
        assert store.apply(Batch(judgements=(Judgement(ADA, BOB, True),))).judgements_written == 1
        assert store.at().resolve([BOB]) == {BOB: ADA}

    def test_entities_judged_apart_stay_apart_though_they_share_an_external_id(self, store: GraphStore) -> None:
        entities = (replace(PERSON, same_as=(Q1,)), Entity(BOB, Kind.PERSON, same_as=(Q1,)))
        store.apply(Batch(entities=entities, judgements=(Judgement(ADA, BOB, False),), facts=(claim(Q1),)))
        reader = store.at()
        assert reader.resolve([ADA, BOB, Q1]) == {ADA: ADA, BOB: BOB, Q1: ADA}
        assert stored(reader.facts_about([ADA])) == [claim(Q1)]
        assert reader.facts_about([BOB]) == []

    def test_a_link_is_cut_by_a_judgement_on_its_pair(self, store: GraphStore) -> None:
        store.apply(Batch(entities=(replace(PERSON, same_as=(Q1,)),), judgements=(Judgement(Q1, ADA, False),)))
        assert store.at().resolve([Q1]) == {Q1: Q1}

    def test_merging_reaches_through_chains(self, store: GraphStore) -> None:
        entities = (replace(PERSON, same_as=(Q1,)), Entity(BOB, Kind.PERSON, same_as=(Q1, Q2)),
                    Entity(CLUB, Kind.PERSON, same_as=(Q2,)))
        store.apply(Batch(entities=entities))
        assert store.at().members(CLUB) == (ADA, BOB, CLUB)

    def test_unknown_ids_are_missing_and_resolve_to_themselves(self, store: GraphStore) -> None:
        reader = store.at()
        assert reader.resolve([ADA]) == {ADA: ADA}
        assert reader.members(ADA) == (ADA,)
        assert not any((reader.entities([ADA]), reader.documents([DocumentId("doc:1")]), reader.unborn([ADA], THEN)))
        assert len(reader.walk([Walk((ADA,), (ABOUT,))], THEN, 10)) == 0
        assert reader.facts_about([ADA, EntityId("\ud800")]) == []

    def test_a_label_is_that_of_the_entity_under_the_clocks(self, store: GraphStore) -> None:
        first, second = parse_interval("1950", "1989"), parse_interval("1990", None)
        store.apply(Batch(entities=(
            replace(PERSON, same_as=(Q1,)), Entity(BOB, Kind.PERSON, (Name("Rob", "", first), Name("Bob", "", second))),
            Entity(CLUB, Kind.ORGANISATION))))
        reader = store.at()
        for clocks in (ALL_TIMES, THEN, Clocks(parse_when("1995")), Clocks(None, parse_when("1940").hi)):
            labels = reader.labels([ADA, BOB, CLUB, Q1, Q2], clocks)
            entities = reader.entities([ADA, BOB, CLUB, Q1])
            assert labels == {key: label_under(one, clocks) for key, one in entities.items()}
            assert reader.labels([ADA, BOB, CLUB, Q1, Q2], clocks) == labels

    def test_entities_are_found_by_the_beginning_of_a_name(self, store: GraphStore) -> None:
        light = Entity(ADA, Kind.PERSON, (Name("Zoë"),), weight=0.1)
        heavy = Entity(BOB, Kind.PERSON, (Name("ZOE Smith"), Name("Zo")), weight=0.9)
        store.apply(Batch(entities=(light, heavy, Entity(CLUB, Kind.PLACE, (Name("Azo"),)))))
        reader = store.at()
        assert list(reader.search_entities("zoe")) == [BOB, ADA]
        assert list(reader.search_entities("ZÖ", limit=1)) == [BOB]
        assert list(reader.search_entities("")) == list(reader.search_entities("%")) == []

    def test_nobody_could_name_what_began_later(self, store: GraphStore) -> None:
        early, late = (Known(parse_when(year), Basis.STATED) for year in ("1990", "1995"))
        begun = parse_interval("1985", None)
        store.apply(Batch(facts=(
            claim(predicate="birth_date", literal=Literal("1980"), known=late),
            claim(predicate="inception", literal=Literal("1980"), known=early),
            claim(predicate="inception", literal=Literal("1981")),
            claim(CLUB, predicate="inception", literal=Literal("1985"), valid=begun, known=late),
            claim(BOB, known=late))))
        reader, ids = store.at(), [ADA, BOB, CLUB, Q1]

        def unborn(as_of: str | None, cutoff: str | None) -> set[EntityId]:
            return reader.unborn(ids, Clocks(parse_when(as_of) if as_of else None,
                                             parse_when(cutoff).hi if cutoff else None))

        assert unborn(None, "1989") == unborn("1970", "1989") == {ADA, CLUB}
        assert unborn(None, "1990") == unborn("1970", "1994") == {CLUB}
        assert unborn(None, "1995") == unborn(None, None) == set()
        # With the known clock open, what had begun was there, whenever we heard of it.
        assert unborn("1984", None) == {ADA, CLUB}
        assert unborn("1985", None) == {ADA}
        assert unborn("1990", None) == set()

    def test_a_withdrawn_beginning_counts_no_more(self, store: GraphStore) -> None:
        fact = claim(predicate="inception", literal=Literal("1990"), known=Known(parse_when("1990"), Basis.STATED))
        first = store.apply(Batch(facts=(fact,))).revision
        assert store.at().unborn([ADA], THEN) == {ADA}
        store.apply(Batch(withdrawals=(Withdrawal(fact=fact.id),)))
        assert (store.at().unborn([ADA], THEN), store.at(first).unborn([ADA], THEN)) == (set(), {ADA})

    def test_a_walk_finds_the_facts_on_a_side(self, store: GraphStore) -> None:
        facts = [claim(), claim(BOB), claim(BOB, "founded"), claim(CLUB, "inception", literal=Literal("1950")),
                 claim(CLUB, target=ADA)]
        store.apply(Batch(facts=tuple(facts)))
        reader = store.at()
        assert table_of(reader, Walk((ADA, CLUB), (ABOUT,))) == columns_of(FactTable.of([facts[0], *facts[3:]]))
        assert table_of(reader, Walk((CLUB,), (NAMING,))) == columns_of(FactTable.of(facts[:3]))
        founded = Step(Side.OBJECT, "founded")
        assert table_of(reader, Walk((CLUB,), (founded,))) == columns_of(FactTable.of(facts[2:3]))
        every = (Walk((CLUB,), (NAMING,)), Walk((BOB, BOB), (ABOUT,)), Walk((Q1,), (ABOUT,)))
        assert table_of(reader, *every) == columns_of(FactTable.of(facts[:3]))
        assert len(reader.walk([Walk((CLUB,), (Step(Side.OBJECT, "never heard of"),))], ALL_TIMES, 10)) == 0
        assert len(reader.walk([], ALL_TIMES, 10)) == 0

    def test_a_walk_goes_on_from_the_other_ends(self, store: GraphStore) -> None:
        heads, office = EntityId("ent:heads"), claim(Q1, "jurisdiction", CLUB)
        holds = [claim(one, "position_held", Q1) for one in (ADA, BOB)]
        store.apply(Batch(facts=(office, claim(heads, "position_held", CLUB), *holds)))
        walk = Walk((CLUB,), (Step(Side.OBJECT, "jurisdiction"), Step(Side.OBJECT, "position_held")))
        assert table_of(store.at(), walk) == columns_of(FactTable.of(holds))
        back = Walk((ADA,), (Step(Side.SUBJECT), Step(Side.SUBJECT, "jurisdiction")))
        assert table_of(store.at(), back) == columns_of(FactTable.of([office]))

    def test_a_walk_takes_the_first_facts_of_each_entity_by_id(self, store: GraphStore) -> None:
        facts = [claim(one, target=EntityId(f"ent:{number}")) for one in (ADA, BOB) for number in range(9)]
        for fact in facts:  # in commits of their own: whatever a store keeps by commit does not change the order
            store.apply(Batch(facts=(fact,)))
        facts.sort(key=lambda fact: fact.id)
        first = [fact for one in (ADA, BOB) for fact in [fact for fact in facts if fact.subject == one][:4]]
        assert table_of(store.at(), Walk((ADA, BOB), (ABOUT,)), limit=4) == columns_of(FactTable.of(first))

    def test_a_walk_leaves_out_what_names_the_unborn(self, store: GraphStore) -> None:
        later = Known(parse_when("1990"), Basis.STATED)
        store.apply(Batch(facts=(claim(), claim(BOB), claim(BOB, target=ADA),
                                 claim(predicate="birth_date", literal=Literal("1990"), known=later))))
        assert table_of(store.at(), Walk((CLUB, BOB), (NAMING,)), Walk((BOB,), (ABOUT,)), clocks=THEN) == columns_of(
            FactTable.of([claim(BOB)]))

    def test_a_walk_reads_merged_ids_as_one(self, store: GraphStore) -> None:
        store.apply(Batch(entities=(Entity(ADA, Kind.EVENT, same_as=(Q1,)), Entity(BOB, Kind.PERSON)),
                          facts=(claim(), claim(Q1), claim(BOB, target=Q1))))
        reader = store.at()
        assert table_of(reader, Walk((Q1,), (ABOUT,))) == columns_of(FactTable.of([claim(), claim(Q1)], {ADA, Q1}))
        assert table_of(reader, Walk((ADA,), (NAMING,))) == columns_of(FactTable.of([claim(BOB, target=Q1)]))

    def test_a_walk_at_an_old_revision_stays_the_same(self, store: GraphStore) -> None:
        first = store.apply(Batch(facts=(claim(),))).revision
        before = table_of(store.at(first), Walk((ADA,), (ABOUT,)))
        store.apply(Batch(facts=(claim(predicate="founded"),), entities=(Entity(ADA, Kind.EVENT),)))
        second = store.apply(Batch(withdrawals=(Withdrawal(fact=claim().id),))).revision
        assert table_of(store.at(first), Walk((ADA,), (ABOUT,))) == before == columns_of(FactTable.of([claim()]))
        assert table_of(store.at(second), Walk((ADA,), (ABOUT,))) == columns_of(
            FactTable.of([claim(predicate="founded")], {ADA}))

    def test_a_document_comes_back_whole(self, store: GraphStore) -> None:
        text = "e\u0301\U0001f680 Ada\r\n\x00 met"
        one = record("doc:1", text, title="T", url="http://x", author="a", place="p", section="s", language="en")
        one = replace(one, document=replace(one.document, extra={"k": "1"}, modified=parse_when("2002")))
        receipt = store.apply(Batch(documents=(one,)))
        reader, key = store.at(), one.document.id
        assert [(ack.document, ack.outcome, ack.revision) for ack in receipt.documents] == [(key, Outcome.WRITTEN, 1)]
        assert reader.documents([key]) == {key: one.document}
        assert tuple(reader.passages_of(key)) == one.passages
        assert reader.passages([one.passages[0].id]) == {one.passages[0].id: one.passages[0]}
        assert tuple(reader.mentions(key)) == one.mentions

    @pytest.mark.parametrize("name", ["", "x" * 201, "f:1\0"])
    def test_a_fact_needs_a_good_id(self, store: GraphStore, name: str) -> None:
        with pytest.raises(BadInput, match=r"facts\[1\].id"):
            store.apply(Batch(facts=(claim(), replace(claim(), id=FactId(name)))))
        assert store.head() == ZERO

    def test_the_same_bytes_again_are_a_duplicate_with_the_first_revision(self, store: GraphStore) -> None:
        store.apply(Batch(documents=(record("doc:1"),)))
        receipt = store.apply(Batch(documents=(record("doc:2"), record("doc:1"), record("doc:2"))))
        assert [(ack.outcome, ack.revision) for ack in receipt.documents] == [
            (Outcome.WRITTEN, 2), (Outcome.DUPLICATE, 1), (Outcome.DUPLICATE, 2)]

    def test_other_bytes_under_a_taken_id_are_a_conflict_that_stops_nothing_else(self, store: GraphStore) -> None:
        store.apply(Batch(documents=(record("doc:1"),)))
        receipt = store.apply(Batch(documents=(record("doc:1", "Bob left."), record("doc:2"))))
        assert [ack.outcome for ack in receipt.documents] == [Outcome.CONFLICT, Outcome.WRITTEN]
        assert store.at().documents([DocumentId("doc:1")])[DocumentId("doc:1")].text == "Ada met Bob."

    def test_facts_read_off_a_refused_document_are_not_written(self, store: GraphStore) -> None:
        store.apply(Batch(documents=(record("doc:1"),)))
        fact = claim(evidence=Evidence(DocumentId("doc:1"), 0, 3))
        assert store.apply(Batch(facts=(fact,), documents=(record("doc:1", "Bob left."),))).facts_written == 0

    def test_a_withdrawn_document_makes_room_for_other_bytes_even_in_the_same_batch(self, store: GraphStore) -> None:
        key, new = DocumentId("doc:1"), record("doc:1", "Bob left.")
        store.apply(Batch(documents=(record("doc:1"),)))
        receipt = store.apply(Batch(documents=(new,), withdrawals=(Withdrawal(document=key),)))
        assert receipt.documents[0].outcome is Outcome.WRITTEN
        assert store.at().documents([key]) == {key: new.document}
        assert store.at(Revision(1)).documents([key]) == {key: record("doc:1").document}
        (commit,) = store.commits(Revision(1))
        assert (commit.withdrawn, commit.documents) == ((key,), (new,))

    def test_commits_are_followed_in_order(self, store: GraphStore) -> None:
        store.apply(Batch(documents=(record("doc:2"), record("doc:1"))))
        store.apply(Batch(facts=(claim(),)))
        store.apply(Batch(withdrawals=(Withdrawal(document=DocumentId("doc:1")),)))
        first, second, third = store.commits(ZERO)
        assert (first.revision, first.documents, first.withdrawn) == (1, (record("doc:2"), record("doc:1")), ())
        assert (second.revision, second.documents, second.withdrawn) == (2, (), ())
        assert (third.documents, third.withdrawn) == ((), (DocumentId("doc:1"),))
        assert [commit.revision for commit in store.commits(Revision(1), limit=1)] == [2]

    def test_names_stream_with_kind_and_weight_from_any_revision_on(self, store: GraphStore) -> None:
        store.apply(Batch(entities=(replace(PERSON, weight=0.5), Entity(CLUB, Kind.PLACE, (Name("Z"), Name("B"))))))
        dated = Name("Countess", valid=parse_interval("1838", None))
        store.apply(Batch(entities=(replace(PERSON, names=(dated,)),)))
        rows = list(store.names())
        assert [(row.entity, row.kind, row.name.text, row.weight, row.recorded) for row in rows] == [
            (ADA, Kind.PERSON, "Ada", 0.5, 1), (CLUB, Kind.PLACE, "B", 0.0, 1), (CLUB, Kind.PLACE, "Z", 0.0, 1),
            (ADA, Kind.PERSON, "Countess", 0.5, 2)]
        assert [row.name for row in store.names(Revision(1))] == [dated]
        assert list(store.names(Revision(2))) == []

    def test_counts_are_those_of_the_revision(self, store: GraphStore) -> None:
        store.apply(Batch((DAILY,), (PERSON,), (claim(),), (Judgement(ADA, BOB, None),), (record("doc:1"),)))
        store.apply(Batch(facts=(claim(BOB),)))
        store.apply(Batch(withdrawals=(Withdrawal(fact=claim().id),)))
        expected = dict.fromkeys(("entities", "names", "facts", "sources", "documents", "passages", "mentions",
                                  "judgements"), 1)
        assert store.at().counts() == store.at(Revision(1)).counts() == expected
        assert store.at(Revision(2)).counts() == expected | {"facts": 2}

    def test_the_ledger_says_done_in_the_commit_that_did_it(self, store: GraphStore) -> None:
        key = record("doc:1").document.content_hash
        assert store.attempt(key).status is LedgerStatus.FAILED
        store.apply(Batch(documents=(record("doc:1"),)))
        row = store.ledger([key, "other"])[key]
        assert (row.status, row.attempts, row.revision) == (LedgerStatus.DONE, 1, 1)
        assert store.attempt(key) == store.park(key, "late") == row

    def test_attempts_are_counted_and_a_record_can_be_parked_and_tried_again(self, store: GraphStore) -> None:
        assert [store.attempt("k").attempts for _ in range(3)] == [1, 2, 3]
        row = store.park("k", "it crashes")
        assert (row.status, row.attempts, row.reason) == (LedgerStatus.PARKED, 3, "it crashes")
        store.park("a", "no JSON")
        assert [parked.key for parked in store.parked()] == ["a", "k"]
        assert store.attempt("k").status is LedgerStatus.FAILED
        assert [parked.key for parked in store.parked()] == ["a"]
        assert store.head() == ZERO

    def test_a_queued_record_is_kept_until_the_commit_that_does_it(self, store: GraphStore) -> None:
        key = record("doc:1").document.content_hash
        (row,) = store.enqueue([Queued(key, RecordKind.DOCUMENT, b'{"text": "Ada met Bob."}')])
        assert (row.key, row.status, row.attempts, row.kind) == (key, LedgerStatus.QUEUED, 0, RecordKind.DOCUMENT)
        assert (store.ledger([key])[key], store.head()) == (row, ZERO)
        assert store.payload(key) == b'{"text": "Ada met Bob."}'
        assert (store.attempt(key).attempts, store.payload(key) is None) == (1, False)
        store.apply(Batch(documents=(record("doc:1"),)))
        done = store.ledger([key])[key]
        assert (done.status, done.attempts, done.revision, done.kind) == (
            LedgerStatus.DONE, 1, 1, RecordKind.DOCUMENT)
        assert store.payload(key) is None

    def test_known_keys_are_left_as_they_are_when_they_are_queued_again(self, store: GraphStore) -> None:
        key = record("doc:1").document.content_hash
        store.apply(Batch(documents=(record("doc:1"),)))
        store.enqueue([Queued("k", RecordKind.FACTS, b"first"), Queued("p", RecordKind.FACTS, b"bad")])
        store.attempt("k")
        store.park("p", "it is bad")
        before = store.ledger([key, "k", "p"])
        rows = store.enqueue([Queued(one, RecordKind.FACTS, b"again") for one in ("k", key, "p", "new", "new")])
        assert [row.key for row in rows] == ["k", key, "p", "new", "new"]
        assert {row.key: row for row in rows[:3]} == before == store.ledger([key, "k", "p"])
        assert [store.payload(one) for one in ("k", key, "p", "new")] == [b"first", None, b"bad", b"again"]
        assert store.enqueue([]) == []

    def test_a_batch_says_which_records_it_did_even_when_nothing_is_new(self, store: GraphStore) -> None:
        store.enqueue([Queued(key, RecordKind.FACTS, key.encode()) for key in ("a", "b", "c")])
        store.apply(Batch(facts=(claim(),), done=("a",)))
        assert store.apply(Batch(facts=(claim(),), done=("b",))).revision == store.head() == 1
        rows = store.ledger(["a", "b", "c"])
        assert [(rows[key].status, rows[key].revision) for key in ("a", "b")] == [(LedgerStatus.DONE, 1)] * 2
        assert [store.payload(key) for key in ("a", "b", "c")] == [None, None, b"c"]
        store.apply(Batch(facts=(claim(target=BOB),), done=("a",)))
        assert store.ledger(["a"])["a"] == rows["a"]
        assert list(store.check()) == []

    def test_how_far_an_import_has_come_is_known_from_the_commit_that_took_it_there(self, store: GraphStore) -> None:
        assert store.mark("import:a") == 0
        store.apply(Batch(facts=(claim(),), marks=(Mark("import:a", 10), Mark("import:b", 3))))
        assert store.apply(Batch(facts=(claim(),), marks=(Mark("import:a", 20),))).revision == store.head() == 1
        assert [store.mark(name) for name in ("import:a", "import:b", "a")] == [20, 3, 0]
        with pytest.raises(BadInput):
            store.apply(Batch(facts=(claim(source=DAILY.id),), marks=(Mark("import:a", 30),)))
        assert store.mark("import:a") == 20
        store.apply(Batch(marks=(Mark("import:a", None),)))
        assert [store.mark(name) for name in ("import:a", "import:b")] == [0, 3]
        assert list(store.check()) == []

    def test_a_refused_batch_does_no_record(self, store: GraphStore) -> None:
        store.enqueue([Queued("a", RecordKind.FACTS, b"a")])
        with pytest.raises(BadInput):
            store.apply(Batch(facts=(claim(source=DAILY.id),), done=("a",)))
        assert (store.ledger(["a"])["a"].status, store.payload("a")) == (LedgerStatus.QUEUED, b"a")

    def test_what_is_done_stays_done_while_others_try_it(self, store: GraphStore) -> None:
        records = [record(f"doc:{number}") for number in range(30)]
        keys = [one.document.content_hash for one in records]
        store.enqueue([Queued(key, RecordKind.DOCUMENT, b"{}") for key in keys])
        over = threading.Event()

        def tried(what: Callable[[str], object]) -> None:
            while not over.is_set():
                for key in keys:
                    what(key)

        threads = [threading.Thread(target=tried, args=(what,)) for what in (
            store.attempt, lambda key: store.fail(key, "late"), lambda key: store.park(key, "late"), store.requeue)]
        for thread in threads:
            thread.start()
        for one in records:
            store.apply(Batch(documents=(one,)))
        over.set()
        for thread in threads:
            thread.join()
        assert {row.status for row in store.ledger(keys).values()} == {LedgerStatus.DONE}
        assert {store.payload(key) for key in keys} == {None}

    def test_a_failure_is_told_until_the_next_attempt(self, store: GraphStore) -> None:
        store.enqueue([Queued("k", RecordKind.FACTS, b"k")])
        store.attempt("k")
        row = store.fail("k", "no route")
        assert row is not None
        assert (row.status, row.attempts, row.reason) == (LedgerStatus.FAILED, 1, "no route")
        assert (store.attempt("k").reason, store.payload("k")) == ("", b"k")
        assert store.fail("nobody", "never seen") is None
        assert (store.fail("k", "\ud800") or row).reason == "?"

    def test_what_is_parked_or_done_cannot_fail(self, store: GraphStore) -> None:
        store.enqueue([Queued("p", RecordKind.FACTS, b"p"), Queued("d", RecordKind.FACTS, b"d")])
        store.apply(Batch(done=("d",)))
        parked = store.park("p", "bad")
        assert (store.fail("p", "late"), store.fail("d", "late")) == (parked, store.ledger(["d"])["d"])
        assert store.ledger(["d"])["d"].status is LedgerStatus.DONE

    def test_a_parked_record_can_be_queued_anew(self, store: GraphStore) -> None:
        store.enqueue([Queued("k", RecordKind.FACTS, b"k"), Queued("q", RecordKind.FACTS, b"q")])
        store.attempt("k")
        store.park("k", "it crashes")
        store.park("never kept", "no JSON")
        row = store.requeue("k")
        assert row is not None
        assert (row.status, row.attempts, row.reason, store.payload("k")) == (LedgerStatus.QUEUED, 0, "", b"k")
        store.attempt("q")
        assert store.requeue("q") == store.ledger(["q"])["q"]
        assert (store.requeue("never kept") or row).status is LedgerStatus.PARKED
        assert store.requeue("nobody") is None

    def test_a_parked_record_can_be_dropped_and_queued_again(self, store: GraphStore) -> None:
        one = Queued("k", RecordKind.FACTS, b"k")
        store.enqueue([one])
        assert store.drop("k") is store.drop("nobody") is False
        store.park("k", "it crashes")
        assert store.drop("k") is True
        assert (store.ledger(["k"]), store.payload("k"), list(store.parked())) == ({}, None, [])
        assert store.enqueue([one])[0].status is LedgerStatus.QUEUED

    def test_records_that_nobody_touched_for_a_while_are_handed_out_longest_first(self, store: GraphStore) -> None:
        for key in ("c", "a", "b", "parked", "done"):
            store.enqueue([Queued(key, RecordKind.FACTS, key.encode())])
        store.attempt("never kept")
        store.park("parked", "bad")
        store.apply(Batch(done=("done",)))
        store.attempt("c")
        store.fail("c", "once")
        assert store.overdue(3600, 10) == []
        first = store.overdue(0, 2)
        assert [row.key for row in first] == ["a", "b"]
        assert [row.key for row in store.overdue(0, 10)] == ["c", "a", "b"]
        assert store.overdue(3600, 10) == []
        assert store.head() == ZERO

    def test_the_dump_does_not_depend_on_the_order_or_number_of_commits(
            self, store: GraphStore, other_store: GraphStore) -> None:
        richer = Entity(ADA, Kind.PERSON, (Name("Ada", "en"), Name("Lovelace")), (Q1,), description="a countess")
        parts = [Batch((DAILY,)), Batch(entities=(PERSON,)), Batch(entities=(richer,)), Batch(facts=(claim(),)),
                 Batch(judgements=(Judgement(BOB, ADA, True),)), Batch(documents=(record("doc:2"),)),
                 Batch(documents=(record("doc:1"),))]
        for part in parts:
            store.apply(part)
        for part in (*reversed(parts), *parts):
            other_store.apply(part)
        lines = list(store.dump())
        assert lines == list(other_store.dump())
        assert [json.loads(line)["type"] for line in lines] == ["document", "document", "entity", "fact", "judgement",
                                                                "source"]

    def test_knowledge_told_again_in_its_order_is_the_same_knowledge(
            self, store: GraphStore, other_store: GraphStore) -> None:
        other = other_store
        gone = claim(predicate="likes", source=DAILY.id)
        store.apply(Batch((DAILY,), (PERSON, Entity(BOB, Kind.PERSON)), (claim(source=DAILY.id), gone)))
        store.apply(Batch((replace(DAILY, title="The Daily News"),), (replace(PERSON, kind=Kind.WORK, weight=0.5),),
                          judgements=(Judgement(ADA, BOB, True, "me"),)))
        store.apply(Batch(entities=(replace(PERSON, names=(Name("Lady Ada"),), same_as=(Q1,)),),
                          judgements=(Judgement(BOB, ADA, False, "you", parse_when("2001")),),
                          withdrawals=(Withdrawal(fact=gone.id),)))
        for one in store.knowledge():
            other.apply(batch_of(one))
        assert list(other.dump(other.head())) == [line for line in store.dump(store.head()) if "withdrawal" not in line]
        before, after = store.at().entities([ADA, BOB]), other.at().entities([ADA, BOB])
        assert after == before
        assert after[ADA].id != after[BOB].id
        assert not any(one.same_as for one in store.knowledge(Revision(1)) if isinstance(one, Entity))

    def test_the_dump_marks_what_was_withdrawn_and_leaves_it_out_at_a_revision(self, store: GraphStore) -> None:
        store.apply(Batch(facts=(claim(),)))
        after = store.apply(Batch(withdrawals=(Withdrawal(fact=claim().id, reason="wrong"),))).revision
        marked, withdrawal = map(json.loads, store.dump())
        assert marked["withdrawn"] is True
        assert withdrawal == {"type": "withdrawal", "fact": claim().id, "reason": "wrong"}
        assert [json.loads(line)["type"] for line in store.dump(after)] == ["withdrawal"]
        assert ["withdrawn" in json.loads(line) for line in store.dump(Revision(1))] == [False]

    def test_a_text_without_a_utf8_form_is_bad_input_that_names_the_field(self, store: GraphStore) -> None:
        with pytest.raises(BadInput, match=r"documents\[0\]\.document\.title"):
            store.apply(Batch(documents=(record("doc:1", title="\ud800"),)))
        with pytest.raises(BadInput, match=r"entities\[0\]\.names\[0\]\.text"):
            store.apply(Batch(entities=(replace(PERSON, names=(Name("\udfff"),)),)))
        assert store.apply(Batch(entities=(PERSON,))).revision == 1

    def test_a_sound_store_has_nothing_to_complain_about(self, store: GraphStore) -> None:
        store.apply(Batch((DAILY,), (PERSON,), (claim(source=DAILY.id),), documents=(record("doc:1"),)))
        store.apply(Batch(withdrawals=(Withdrawal(source=DAILY.id),)))
        assert list(store.check()) == []

    def test_readers_in_other_threads_see_whole_documents_while_one_writes(self, store: GraphStore) -> None:
        wrong: list[object] = []
        done = threading.Event()

        def read() -> None:
            while not done.is_set():
                counts = store.at().counts()
                if not counts["documents"] == counts["passages"] == counts["mentions"]:
                    wrong.append(counts)

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(20):
            store.apply(Batch(documents=(record(f"doc:{number}"), record(f"doc:more{number}"))))
        done.set()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert store.at().counts()["documents"] == 40

    def test_a_closed_store_can_be_closed_again(self, store: GraphStore) -> None:
        store.close()
        store.close()
