"""The promises of ports.graph about erasure as tests: inherit ErasureContract beside GraphStoreContract."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace

import pytest

from worldctx.exchange.facts import line_of
from worldctx.intake.remains import left_by
from worldctx.model.change import Batch, DocumentRecord, Erasure, Mark, Outcome, Queued, RecordKind, Withdrawal
from worldctx.model.clocks import Basis, Known
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.errors import BadInput, StoreUnavailable
from worldctx.model.fact import Evidence, Literal
from worldctx.model.ids import ZERO, DocumentId, EntityId, Revision
from worldctx.model.judgement import Judgement
from worldctx.model.time import parse_when
from worldctx.ports.graph import ALL_TIMES, FactTable, GraphReader, GraphStore, Walk
from worldctx.testing.graph import (
    ABOUT,
    ADA,
    BOB,
    CLUB,
    DAILY,
    PERSON,
    Q1,
    Q2,
    THEN,
    WEEKLY,
    claim,
    columns_of,
    record,
    stored,
    table_of,
)


def _without(one: DocumentRecord, entity: EntityId) -> DocumentRecord:
    """The document, its mentions without one thing that they may mean."""
    return replace(one, mentions=tuple(replace(said, candidates=tuple(
        key for key in said.candidates if key != entity)) for said in one.mentions))


def document_json(number: str) -> bytes:
    """A document as it comes in."""
    return json.dumps({"id": number, "text": "Ada met Bob."}).encode()


class ErasureContract:
    """Every promise about erasing, one test each; the fixtures are those of GraphStoreContract."""

    def test_erasing_a_source_leaves_what_others_told(self, store: GraphStore, other_store: GraphStore) -> None:
        told = (replace(PERSON, same_as=(Q1,), description="a countess", source=DAILY.id),
                replace(PERSON, names=(Name("Ada", "en"), Name("Lovelace")), same_as=(Q1, Q2), weight=0.5,
                        source=WEEKLY.id))
        alone = Entity(BOB, Kind.PERSON, (Name("Bob"),), source=DAILY.id)
        judged = (Judgement(ADA, CLUB, False, "me", source=DAILY.id),
                  Judgement(ADA, CLUB, True, "me", source=WEEKLY.id))
        facts = (claim(source=DAILY.id), claim(source=WEEKLY.id), claim(BOB, source=DAILY.id))
        documents = (record(DAILY.id), record("doc:1"))
        store.apply(Batch((DAILY, WEEKLY), (*told, alone), facts, judged, documents))
        store.apply(Batch(entities=(replace(told[0], description="a poet"),),
                          withdrawals=(Withdrawal(fact=facts[0].id, reason="wrong"),)))
        erased = store.erase(Erasure((DAILY.id,)), left_by(Erasure((DAILY.id,))))
        assert (erased.revision, store.head(), erased.documents) == (3, 3, (documents[0].document.id,))
        assert erased.closure.gone == {
            "sources": 1, "facts": 2, "entities": 1, "lines": 3, "names": 1, "same_as": 0, "judgements": 1,
            "documents": 1, "passages": 1, "mentions": 1, "withdrawals": 1, "records": 0}
        assert erased.closure.stays == {"entities": 1, "names": 1, "same_as": 1, "judgements": 0, "records": 0}
        other_store.apply(Batch((WEEKLY,), told[1:], facts[1:2], judged[1:], (_without(documents[1], BOB),)))
        assert list(store.dump()) == list(other_store.dump())
        for revision in (1, 2, 3):
            assert store.at(Revision(revision)).counts() == other_store.at().counts()
            assert list(store.dump(Revision(revision))) == list(other_store.dump())
            assert store.at(Revision(revision)).entities([ADA, BOB]) == other_store.at().entities([ADA])
        assert list(store.check()) == []

    def test_erasing_a_document_takes_what_was_read_off_it(self, store: GraphStore) -> None:
        one, key = record("doc:1"), DocumentId("doc:1")
        fact = claim(evidence=Evidence(key, 0, 3))
        store.apply(Batch((DAILY,), (PERSON,), (fact, claim(source=DAILY.id)), documents=(one, record("doc:2"))))
        store.apply(Batch(withdrawals=(Withdrawal(document=key),)))
        store.apply(Batch(documents=(record("doc:1", "Bob left."),)))
        erased = store.erase(Erasure(document=key), left_by(Erasure(document=key)))
        assert erased.documents == (key,)
        assert {name: count for name, count in erased.closure.gone.items() if count} == {
            "documents": 2, "facts": 1, "passages": 2, "mentions": 2, "withdrawals": 1}
        for revision in (1, 2, 3, 4):
            reader = store.at(Revision(revision))
            assert not any((reader.documents([key]), reader.passages([one.passages[0].id]), reader.mentions(key)))
            assert stored(reader.facts_about([ADA])) == [claim(source=DAILY.id)]
            assert reader.counts()["documents"] == 1
        assert store.ledger([one.document.content_hash]) == {}
        assert store.apply(Batch(documents=(one,))).documents[0].outcome is Outcome.WRITTEN
        assert list(store.check()) == []

    def test_a_closure_tells_before_what_an_erasure_takes(self, store: GraphStore) -> None:
        store.apply(Batch((DAILY, WEEKLY), (replace(PERSON, source=DAILY.id), replace(PERSON, source=WEEKLY.id)),
                          (claim(source=DAILY.id), claim(BOB, source=DAILY.id))))
        lines = list(store.dump())
        for erasure in (Erasure((DAILY.id,)), Erasure((DAILY.id, WEEKLY.id)), Erasure(document=DocumentId("doc:1"))):
            closure = store.closure(erasure, left_by(erasure), most=1)
            assert all(len(some) <= 1 for some in closure.some.values())
            assert bool(closure) is (erasure.document is None)
        first = store.closure(Erasure((DAILY.id,)), left_by(Erasure((DAILY.id,))))
        assert (first.some["facts"], first.some["names"], first.stays["names"]) == (
            tuple(sorted(fact.id for fact in (claim(source=DAILY.id), claim(BOB, source=DAILY.id)))), (), 1)
        both = store.closure(Erasure((DAILY.id, WEEKLY.id)), left_by(Erasure((DAILY.id, WEEKLY.id))))
        assert (both.some["names"], both.some["entities"], both.stays["names"]) == (("ent:ada: Ada",), (ADA,), 0)
        assert (list(store.dump()), store.head()) == (lines, 1)

    def test_erasing_what_is_not_there_changes_nothing(self, store: GraphStore) -> None:
        store.apply(Batch((DAILY,), (PERSON,), (claim(source=DAILY.id),)))
        for erasure in (Erasure((WEEKLY.id,)), Erasure(document=DocumentId("doc:1"))):
            erased = store.erase(erasure, left_by(erasure))
            assert (erased.revision, erased.documents, bool(erased.closure)) == (1, (), False)
        assert (store.head(), store.erased()) == (1, ZERO)
        for wrong in (Erasure(), Erasure((DAILY.id,), DocumentId("doc:1"))):
            with pytest.raises(BadInput, match="exactly one"):
                store.erase(wrong, left_by(wrong))
            with pytest.raises(BadInput, match="exactly one"):
                store.closure(wrong, left_by(wrong))

    def test_an_erasure_is_a_commit_that_is_followed_and_settled(self, store: GraphStore) -> None:
        store.apply(Batch(documents=(record("doc:1"), record("doc:2"))))
        erasure = Erasure(document=DocumentId("doc:1"))
        store.erase(erasure, left_by(erasure))
        first, second = store.commits(ZERO)
        assert ([one.document.id for one in first.documents], first.erased) == (["doc:2"], None)
        assert (second.documents, second.withdrawn, second.erased) == ((), (), (DocumentId("doc:1"),))
        assert (store.erased(), store.unsettled(), list(store.letting_go())) == (2, 2, [DocumentId("doc:1")])
        store.apply(Batch(entities=(PERSON,)))
        store.settle(Revision(2))
        store.settle(Revision(2))
        assert (store.erased(), store.unsettled(), list(store.letting_go())) == (2, ZERO, [])
        assert [one.erased for one in store.commits(ZERO)] == [None, (), None]
        assert list(store.check()) == []

    def test_readers_made_after_an_erasure_remember_nothing_of_it(self, store: GraphStore) -> None:
        store.apply(Batch((DAILY, WEEKLY), (replace(PERSON, source=DAILY.id, same_as=(Q1,)),
                                            Entity(BOB, Kind.EVENT, (Name("Bob"),), source=WEEKLY.id)),
                          (claim(source=DAILY.id), claim(BOB, "inception", literal=Literal("1990"), source=DAILY.id,
                                                         known=Known(parse_when("1990"), Basis.STATED)))))
        before = store.at(Revision(1))

        def seen(reader: GraphReader) -> list[object]:
            return [reader.entities([ADA, Q1]), reader.resolve([Q1]), reader.labels([ADA], ALL_TIMES),
                    reader.facts([claim(source=DAILY.id).id]), table_of(reader, Walk((ADA, CLUB), (ABOUT,))),
                    reader.sources([DAILY.id]), reader.unborn([BOB], THEN), list(reader.search_entities("ad"))]

        assert all(map(bool, seen(before)))
        store.erase(Erasure((DAILY.id,)), left_by(Erasure((DAILY.id,))))
        for revision in (1, 2):
            assert seen(store.at(Revision(revision))) == [{}, {Q1: Q1}, {}, {}, [], {}, set(), []]
        with contextlib.suppress(StoreUnavailable):  # a reader that was made before may refuse, or answer as then
            assert before.sources([WEEKLY.id]) == {WEEKLY.id: WEEKLY}
        store.apply(Batch((DAILY,), (replace(PERSON, source=DAILY.id),), (claim(source=DAILY.id),)))
        assert store.at().entities([ADA])[ADA].names == PERSON.names
        assert table_of(store.at(), Walk((ADA,), (ABOUT,))) == columns_of(FactTable.of([claim(source=DAILY.id)]))
        assert [row.recorded for row in store.names()] == [1, 3]
        assert list(store.check()) == []

    def test_kept_records_lose_what_is_erased(self, store: GraphStore) -> None:
        own, other = (line_of(replace(PERSON, source=one)) for one in (DAILY.id, WEEKLY.id))
        store.apply(Batch((DAILY, WEEKLY), facts=(claim(source=WEEKLY.id),), done=("before",)))
        store.apply(Batch(facts=(claim(source=DAILY.id),), done=("after",), marks=(Mark("import:a", 3),)))
        store.enqueue([
            Queued("own", RecordKind.FACTS, own.encode()), Queued("both", RecordKind.FACTS, f"{own}\n{other}".encode()),
            Queued("other", RecordKind.FACTS, other.encode()), Queued("done", RecordKind.FACTS, own.encode()),
            Queued("document", RecordKind.DOCUMENT, document_json(DAILY.id)),
            Queued("more", RecordKind.DOCUMENT, document_json("doc:1")),
            Queued("broken", RecordKind.DOCUMENT, f'{{"id":"{DAILY.id}"'.encode())])
        store.apply(Batch(done=("done",)))
        store.park("broken", f"'{DAILY.id}' is broken")
        store.park("other", f"{DAILY.id} is not known")
        erasure = Erasure((DAILY.id,))
        gone = store.closure(erasure, left_by(erasure))
        assert (gone.gone["records"], gone.some["records"], gone.stays["records"]) == (
            3, ("broken", "document", "own"), 1)
        store.erase(erasure, left_by(erasure))
        keys = ["own", "both", "other", "done", "document", "more", "broken", "before", "after"]
        assert sorted(store.ledger(keys)) == ["after", "before", "both", "more", "other"]
        assert [store.payload(key) for key in ("both", "other", "more")] == [
            other.encode(), other.encode(), document_json("doc:1")]
        assert (store.ledger(["other"])["other"].reason, store.mark("import:a")) == ("", 0)
