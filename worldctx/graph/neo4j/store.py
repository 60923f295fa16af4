"""The graph store on a Neo4j server: the same record as the embedded one, for those who run one already."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import neo4j

from worldctx.graph.batch import unstorable
from worldctx.graph.canonical import (
    document_line,
    entity_line,
    fact_line,
    judgement_line,
    source_line,
    withdrawal_line,
)
from worldctx.graph.knowledge import attributed
from worldctx.graph.neo4j.bolt import Bolt, Row
from worldctx.graph.neo4j.check import problems_in
from worldctx.graph.neo4j.closure import closure_of, key_of
from worldctx.graph.neo4j.erasing import begin, finish, refuse_while_erasing, under_way
from worldctx.graph.neo4j.ledger import Ledger
from worldctx.graph.neo4j.reader import Epochs, Neo4jReader, Remembered
from worldctx.graph.neo4j.rows import (
    VISIBLE,
    date_from,
    document_from,
    fact_from,
    line_from,
    mentions_from,
    name_from,
    passage_from,
    source_from,
    told_by,
)
from worldctx.graph.neo4j.sameness import Sameness
from worldctx.graph.neo4j.schema import STORE, prepare, version_of
from worldctx.graph.neo4j.writing import Writing
from worldctx.model.change import Batch, Closure, DocumentRecord, Erased, Erasure, LedgerRow, Queued, Receipt
from worldctx.model.entity import Entity, Kind
from worldctx.model.errors import BadInput, RevisionUnavailable, StoreUnavailable
from worldctx.model.fact import Fact
from worldctx.model.ids import ZERO, DocumentId, EntityId, Revision, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.ports.failpoint import failpoint
from worldctx.ports.graph import Commit, Left, NameRow

#: Commits whose documents are read at a time, at most; rows of a page of all else, documents and entities of a page.
COMMITS, PAGE, WHOLE = 16, 5_000, 200

_HEAD = """MATCH (s:Store {id: $id}) RETURN s.head, s.told, s.linked, s.begun, s.sourced, s.links,
    coalesce(s.erased, 0), coalesce(s.unsettled, 0), s.erasing"""
_ERASED = """MATCH (c:Commit) WHERE c.erased AND c.revision > $after AND c.revision <= $last
    RETURN c.revision, COLLECT { MATCH (e:Erased) WHERE e.revision = c.revision RETURN e.document }"""
_LETTING_GO = "MATCH (e:Erased) WHERE e.revision >= $first RETURN e.document ORDER BY e.document"
_SETTLE = """MATCH (s:Store {id: $id}) SET s.writer = NULL
    SET s.unsettled = CASE WHEN s.unsettled <= $revision THEN 0 ELSE s.unsettled END
    WITH s MATCH (e:Erased) WHERE e.revision <= $revision DELETE e"""
_COMMITTED = """MATCH (d:Document) WHERE d.recorded > $after AND d.recorded <= $last
    RETURN d.recorded, properties(d), [(d)-[:HAS_PASSAGE]->(p) | properties(p)] ORDER BY d.recorded, d.ordinal"""
_GONE = "MATCH (d:Document) WHERE d.withdrawn > $after AND d.withdrawn <= $last RETURN d.withdrawn, d.id"
#: The index on `recorded` gives them commit by commit; within a commit they are put in order here.
_NAMES = """MATCH (n:Name) WHERE n.recorded > $after AND n.again IS NULL MATCH (e:Entity {id: n.entity})
    RETURN n.recorded, n.ordinal, n.entity, e.kind, e.weight, properties(n) ORDER BY n.recorded"""
#: Pages in the order of their keys, which the indexes give.
_ALL_DOCUMENTS = """MATCH (d:Document) WHERE d.id >= $after AND d.recorded <= $revision AND {0}
    RETURN d.id, properties(d), [(d)-[:HAS_PASSAGE]->(p) | properties(p)]
    ORDER BY d.id, d.content_hash SKIP $skip LIMIT $limit"""
_ALL_ENTITIES = """MATCH (e:Entity) WHERE e.id > $after RETURN e.id,
    [(e)-[:STATED]->(s:State) WHERE s.recorded <= $revision | [s.recorded, s.ordinal, properties(s)]],
    [(e)-[:NAMED]->(n:Name) WHERE n.recorded <= $revision | [n.recorded, n.ordinal, properties(n)]],
    [(e)-[l:SAME_AS]->(x) WHERE l.recorded <= $revision | [l.recorded, l.ordinal, [l.source, x.id]]]
    ORDER BY e.id LIMIT $limit"""
_ALL_FACTS = """MATCH ()-[f:FACT]->() WHERE f.id > $after AND {0}
    RETURN f.id, properties(f) ORDER BY f.id LIMIT $limit"""
_ALL_SOURCES = """MATCH (n:Source) WHERE n.id > $after RETURN n.id,
    [(n)-[:STATED]->(s:State) WHERE s.recorded <= $revision | [s.recorded, s.ordinal, properties(s)]]
    ORDER BY n.id LIMIT $limit"""
_ALL_JUDGEMENTS = """MATCH (l)-[j:JUDGED]->(h) WHERE j.recorded <= $revision
    RETURN l.id, h.id, j.same, j.by, j.at, j.source ORDER BY j.recorded, j.ordinal"""
_ALL_WITHDRAWALS = """MATCH (w:Withdrawal) WHERE w.recorded <= $revision
    RETURN DISTINCT w.kind, w.target, w.reason"""


@dataclass(frozen=True, slots=True)
class _Head:
    """What the store's own node says: the newest commit and the last ones that could change what is remembered."""

    revision: Revision = ZERO
    told: Revision = ZERO
    linked: Revision = ZERO
    begun: Revision = ZERO
    sourced: Revision = ZERO
    links: int = 0
    erased: Revision = ZERO
    unsettled: Revision = ZERO


def open_neo4j(url: str, *, read_only: bool = False) -> Neo4jGraph:
    """Open the graph in a database of a Neo4j server; an empty database becomes a new graph.

    Args:
        url: `neo4j://[user:password@]host[:port][/database]`; `neo4j+s` for TLS.
        read_only: leave the database as it is.

    Raises:
        BadInput: the URL is none.
        StoreUnavailable: nobody answers there, it refuses the password, or there is nothing to read.
        Unsupported: the server is too old.
        IncompatibleData: another program's data, or a later release's.
    """
    bolt = Bolt(url)
    try:
        if not read_only:
            prepare(bolt)
            end_erasure(bolt)
        elif version_of(bolt) == 0:
            raise StoreUnavailable(f"{bolt.name} holds no graph; ingest or import something first")
        return Neo4jGraph(bolt)
    except BaseException:
        bolt.close()
        raise


class Neo4jGraph:
    """A ports.graph.GraphStore. Safe in any thread, and beside other services on the same database."""

    def __init__(self, bolt: Bolt) -> None:
        self._bolt = bolt
        self._ledger = Ledger(bolt)
        self._sameness = Sameness(bolt)
        self._remembered = Remembered()
        self._state = _Head()
        self._closed = False
        self._turn = threading.Lock()
        self.head()

    def apply(self, batch: Batch) -> Receipt:
        """See ports.graph.GraphStore."""
        self._check_open()
        field = unstorable(batch)
        if field is not None:
            raise BadInput.at(field or "batch", "holds a lone surrogate, which is no character; decode the input as "
                                                "UTF-8")
        failpoint("graph.apply.begun")
        key = uuid.uuid4().hex  # of this attempt, never of what is written

        def work(transaction: neo4j.ManagedTransaction) -> Receipt:
            writing = Writing(transaction, key)
            before = writing.receipt_before()
            if before is not None:
                return before
            receipt, changed = writing.write(batch)
            if not changed:
                raise _NothingNew(receipt)
            failpoint("graph.apply.before_commit")
            return receipt

        try:
            receipt = self._bolt.write(work)
        except _NothingNew as nothing:  # what it left behind is gone with its transaction
            if batch.done or batch.marks:
                self._ledger.done(batch.done, batch.marks, self.head())
            return nothing.receipt
        failpoint("graph.apply.after_commit")
        self.head()
        return receipt

    def head(self) -> Revision:
        """See ports.graph.GraphStore."""
        self._check_open()
        rows = self._bolt.read(_HEAD, id=STORE)
        if not rows:
            raise StoreUnavailable(f"{self._bolt.name} lost its data while worldctx was connected; start it again")
        *state, erasing = rows[0]
        refuse_while_erasing({"erasing": erasing})
        with self._turn:
            if state[0] >= self._state.revision:
                before, self._state = self._state, _Head(*state)
                if self._state.erased > before.erased:
                    self._forget()
            return self._state.revision

    def seen(self) -> Revision:
        """See ports.graph.GraphStore."""
        return self._state.revision

    def at(self, revision: Revision | None = None) -> Neo4jReader:
        """See ports.graph.GraphStore."""
        if revision is None or revision > self._state.revision:
            head = self.head()
            revision = head if revision is None else revision
        state = self._state
        if not 0 <= revision <= state.revision:
            raise RevisionUnavailable(f"revision {revision} does not exist; the newest is {state.revision}")
        epochs = Epochs(min(revision, state.told), min(revision, state.linked) if state.links else None,
                        min(revision, state.begun), min(revision, state.sourced))
        return Neo4jReader(self._bolt, self._sameness, self._remembered, revision, epochs)

    def commits(self, after: Revision, limit: int = 100) -> Iterator[Commit]:
        """See ports.graph.GraphStore."""
        last, first, count = min(after + limit, self.head()), int(after), 1
        while first < last:
            # One, then more and more: who follows may stop after the first large one.
            until = min(first + count, last)
            records: dict[int, list[DocumentRecord]] = {}
            for recorded, row, passages in self._bolt.read(_COMMITTED, after=first, last=until):
                records.setdefault(recorded, []).append(_record(row, passages))
            gone: dict[int, list[str]] = {}
            for withdrawn, document in self._bolt.read(_GONE, after=first, last=until):
                gone.setdefault(withdrawn, []).append(document)
            erased: dict[int, tuple[DocumentId, ...]] = {}
            if self._state.erased > first:
                erased = {revision: tuple(map(DocumentId, sorted(ids)))
                          for revision, ids in self._bolt.read(_ERASED, after=first, last=until)}
            for number in range(first + 1, until + 1):
                yield Commit(Revision(number), tuple(records.get(number, ())),
                             tuple(map(DocumentId, sorted(gone.get(number, ())))), erased.get(number))
            first, count = until, min(2 * count, COMMITS)

    def names(self, after: Revision = ZERO) -> Iterator[NameRow]:
        """See ports.graph.GraphStore. By revision, then entity and text."""
        rows = self._bolt.stream(_NAMES, after=after)
        for recorded, own in groupby(rows, key=lambda row: row[0]):
            for _, _, entity, kind, weight, name in sorted(own, key=lambda row: row[1]):
                yield NameRow(EntityId(entity), Kind(kind), name_from(name), weight or 0.0, Revision(recorded))

    def ledger(self, keys: Iterable[str]) -> dict[str, LedgerRow]:
        """See ports.graph.GraphStore."""
        return self._ledger.rows(keys)

    def enqueue(self, records: Sequence[Queued]) -> list[LedgerRow]:
        """See ports.graph.GraphStore."""
        return self._ledger.enqueue(records)

    def payload(self, key: str) -> bytes | None:
        """See ports.graph.GraphStore."""
        return self._ledger.payload(key)

    def attempt(self, key: str) -> LedgerRow:
        """See ports.graph.GraphStore. A parked record is tried again."""
        return self._ledger.attempt(key)

    def fail(self, key: str, reason: str) -> LedgerRow | None:
        """See ports.graph.GraphStore."""
        return self._ledger.fail(key, reason)

    def park(self, key: str, reason: str) -> LedgerRow:
        """See ports.graph.GraphStore."""
        return self._ledger.park(key, reason)

    def parked(self) -> Iterator[LedgerRow]:
        """See ports.graph.GraphStore."""
        return self._ledger.parked()

    def overdue(self, untouched_s: float, limit: int) -> list[LedgerRow]:
        """See ports.graph.GraphStore."""
        return self._ledger.overdue(untouched_s, limit)

    def requeue(self, key: str) -> LedgerRow | None:
        """See ports.graph.GraphStore."""
        return self._ledger.requeue(key)

    def drop(self, key: str) -> bool:
        """See ports.graph.GraphStore."""
        return self._ledger.drop(key)

    def mark(self, name: str) -> int:
        """See ports.graph.GraphStore."""
        return self._ledger.mark(name)

    def closure(self, erasure: Erasure, left: Left, most: int = 20) -> Closure:
        """See ports.graph.GraphStore."""
        self.head()
        return closure_of(self._bolt, key_of(erasure), left, most)

    def erase(self, erasure: Erasure, left: Left) -> Erased:
        """See ports.graph.GraphStore. One that another service began and did not end is ended first."""
        self._check_open()
        failpoint("graph.erase.begun")
        end_erasure(self._bolt)
        key = key_of(erasure)
        closure = self.closure(erasure, left, 0)
        if not closure:
            return Erased(self._state.revision, closure)
        begin(self._bolt, key, left)
        self._forget()
        revision = end_erasure(self._bolt)
        failpoint("graph.erase.after_commit")
        self.head()
        return Erased(revision, closure, tuple(self._letting_go(revision)))

    def erased(self) -> Revision:
        """See ports.graph.GraphStore."""
        return self._state.erased

    def unsettled(self) -> Revision:
        """See ports.graph.GraphStore."""
        return self._state.unsettled

    def letting_go(self) -> list[DocumentId]:
        """See ports.graph.GraphStore."""
        return self._letting_go(ZERO)

    def _letting_go(self, first: Revision) -> list[DocumentId]:
        return [DocumentId(one) for (one,) in self._bolt.read(_LETTING_GO, first=first)]

    def settle(self, revision: Revision) -> None:
        """See ports.graph.GraphStore. What the server keeps in its files of what was deleted is its own affair."""
        failpoint("graph.settle.begun")
        self._bolt.write(lambda one: one.run(_SETTLE, {"id": STORE, "revision": revision}).consume())
        failpoint("graph.settle.before_end")
        self.head()

    def dump(self, revision: Revision | None = None) -> Iterator[str]:
        """See ports.graph.GraphStore. At the head withdrawn records come marked; at a revision only what it shows."""
        everything = revision is None
        number = self.at(revision).revision
        shown = "f.recorded <= $revision" if everything else VISIBLE.format("f")
        for row, passages in self._documents(number, "true" if everything else VISIBLE.format("d")):
            record = _record(row, passages)
            yield document_line(record.document, record.passages, record.mentions,
                                withdrawn=everything and row.get("withdrawn") is not None)
        for entity, states, names, same_as in self._pages(_ALL_ENTITIES, number, WHOLE):
            if states:
                yield entity_line(EntityId(entity), _lines(EntityId(entity), states, names, same_as))
        for _, row in self._pages(_ALL_FACTS.format(shown), number):
            yield fact_line(fact_from(row, withdrawn=everything))
        judgements = set(map(tuple, self._bolt.read(_ALL_JUDGEMENTS, revision=number)))
        # As SQL orders them: what is nothing comes first.
        for low, high, same, by, at, source in sorted(judgements, key=lambda row: (
                row[0], row[1], row[2] is not None, bool(row[2]), row[3], row[4] is not None, str(row[4]),
                row[5] is not None, str(row[5]))):
            yield judgement_line(Judgement(EntityId(low), EntityId(high), same, by, date_from(at), source))
        for source, states in self._pages(_ALL_SOURCES, number):
            if states:
                yield source_line([source_from(SourceId(source), row) for row in _ordered(states)])
        for kind, target, reason in sorted(self._bolt.read(_ALL_WITHDRAWALS, revision=number)):
            yield withdrawal_line(kind, target, reason)

    def knowledge(self, revision: Revision | None = None) -> Iterator[Source | Entity | Fact | Judgement]:
        """See ports.graph.GraphStore."""
        number = self.at(revision).revision
        for source, states in self._pages(_ALL_SOURCES, number):
            yield from (source_from(SourceId(source), row) for row in _ordered(states))
        for key, states, names, same_as in self._pages(_ALL_ENTITIES, number, WHOLE):
            yield from _lines(EntityId(key), states, names, same_as)
        for _, row in self._pages(_ALL_FACTS.format(VISIBLE.format("f")), number):
            yield fact_from(row)
        for low, high, same, by, at, source in self._bolt.read(_ALL_JUDGEMENTS, revision=number):
            yield Judgement(EntityId(low), EntityId(high), same, by, date_from(at), source)

    def check(self) -> Iterator[str]:
        """See ports.graph.GraphStore."""
        head = self.head()
        yield from problems_in(self._bolt, head)
        for row, passages in self._documents(head, "true"):
            record = _record(row, passages)
            document, text = record.document.id, record.document.text
            for piece in record.passages:
                if text[piece.start:piece.end] != piece.text:
                    yield f"document {document}: passage {piece.id} is not the text at [{piece.start}, {piece.end})"
            for said in record.mentions:
                if text[said.start:said.end] != said.surface:
                    yield (f"document {document}: the mention {said.surface!r} is not the text at "
                           f"[{said.start}, {said.end})")

    def close(self) -> None:
        """See ports.graph.GraphStore. Safe to repeat."""
        self._closed = True
        self._bolt.close()

    def _forget(self) -> None:
        """Remember nothing of what was: those who read with it are refused."""
        self._remembered.gone = True
        self._remembered = Remembered()
        self._sameness = Sameness(self._bolt)

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("the graph store is closed")

    def _pages(self, query: str, revision: Revision, size: int = PAGE) -> Iterator[Row]:
        """Rows in the order of their first column, a page at a time; nothing is held open between pages."""
        after = ""
        while True:
            rows = self._bolt.read(query, after=after, revision=revision, limit=size)
            yield from rows
            if len(rows) < size:
                return
            after = rows[-1][0]

    def _documents(self, revision: Revision, shown: str) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Documents by id and then by content: there may be several of one id."""
        after, seen = "", 0
        while True:
            rows = self._bolt.read(_ALL_DOCUMENTS.format(shown), after=after, skip=seen, revision=revision, limit=WHOLE)
            for key, row, passages in rows:
                seen = seen + 1 if key == after else 1
                after = key
                yield row, passages
            if len(rows) < WHOLE:
                return


def end_erasure(bolt: Bolt) -> Revision:
    """End an erasure that was begun; its revision, 0 when there is none."""
    mark = under_way(bolt)
    return ZERO if mark is None else finish(bolt, mark)


class _NothingNew(Exception):
    """The batch changes nothing: its transaction is rolled back."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__()
        self.receipt = receipt


def _record(row: dict[str, Any], passages: Iterable[dict[str, Any]]) -> DocumentRecord:
    document = document_from(row)
    pieces = (passage_from(one, document.id) for one in passages)
    return DocumentRecord(document, tuple(sorted(pieces, key=lambda piece: piece.ordinal)),
                          mentions_from(row["mentions"]))


def _lines(entity: EntityId, states: Iterable[list[Any]], names: Iterable[list[Any]],
           same_as: Iterable[list[Any]]) -> list[Entity]:
    """What an entity was told to be; see graph.knowledge."""
    return attributed(
        [line_from(entity, row) for row in _ordered(states)],
        [(told_by(row), name_from(row)) for row in _ordered(names)],
        [(source, EntityId(other)) for source, other in _ordered(same_as)])


def _ordered(rows: Iterable[list[Any]]) -> list[Any]:
    """The last of (recorded, ordinal, something), in the order in which they were told."""
    return [row[2] for row in sorted(rows, key=lambda row: row[:2])]
