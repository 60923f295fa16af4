"""The graph port: the record of what was said. Each promise here is a test in worldctx.testing.graph."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from worldctx.model.change import (
    Batch,
    Closure,
    DocumentRecord,
    Erased,
    Erasure,
    LedgerRow,
    Queued,
    Receipt,
    RecordKind,
)
from worldctx.model.clocks import Clocks
from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.fact import Fact
from worldctx.model.ids import ZERO, DocumentId, EntityId, FactId, PassageId, Revision, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import MIN_INSTANT


@dataclass(frozen=True, slots=True)
class NameRow:
    """One name as the lexicon needs it."""

    entity: EntityId
    kind: Kind
    name: Name
    weight: float
    recorded: Revision


@dataclass(frozen=True, slots=True)
class Commit:
    """What one commit added or withdrew, as far as the search index needs to follow it.

    Withdrawals come before additions: a commit may take a document out and put other bytes under its id in.

    Attributes:
        erased: documents that it erased, as far as they are not settled; None for a commit that is no erasure. What was
            erased is in no commit any more, earlier ones included.
    """

    revision: Revision
    documents: tuple[DocumentRecord, ...] = ()
    withdrawn: tuple[DocumentId, ...] = ()
    erased: tuple[DocumentId, ...] | None = None


#: What is left of a kept record when sources or documents are erased: all of it, less, or None for nothing.
Left = Callable[[RecordKind, bytes], bytes | None]


#: The clocks wide open: every fact of the revision.
ALL_TIMES = Clocks()


class Side(StrEnum):
    """Where in a fact an entity stands."""

    SUBJECT = "subject"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Step:
    """From entities to the facts that have one of them on a side; of one predicate, or of any (None)."""

    side: Side
    predicate: str | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """From entities by steps, each after the first from the other ends of the facts before; it finds the last facts."""

    ids: tuple[EntityId, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FactTable:
    """Facts in columns, as far as ranking looks at them. Row i of each column is one fact; rows come by fact id.

    Attributes:
        facts: their ids, each once.
        subjects, objects: places in `ids`; -1 for the object of a fact with a literal.
        predicates: places in `names`.
        starts: first instants of their validity, MIN_INSTANT for those without a start.
        confidences: 0 to 1.
        sourced: whether they have a source.
        events: whether their subject is an event.
        ids: as they stand in the facts, not resolved.
        names: of predicates.
    """

    facts: Sequence[FactId]
    subjects: NDArray[np.int64]
    objects: NDArray[np.int64]
    predicates: NDArray[np.int64]
    starts: NDArray[np.int64]
    confidences: NDArray[np.float64]
    sourced: NDArray[np.bool_]
    events: NDArray[np.bool_]
    ids: Sequence[EntityId]
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.facts)

    def where(self, kept: NDArray[np.bool_]) -> FactTable:
        """Those rows that are kept."""
        return replace(self, facts=[fact for fact, keeps in zip(self.facts, kept.tolist(), strict=True) if keeps],
                       **{name: getattr(self, name)[kept] for name in (
                           "subjects", "objects", "predicates", "starts", "confidences", "sourced", "events")})

    @staticmethod
    def of(facts: Iterable[Fact], events: Container[EntityId] = ()) -> FactTable:
        """The table of some facts; `events` are those of their subjects that are events."""
        rows = sorted({fact.id: fact for fact in facts}.values(), key=lambda fact: fact.id)
        ids = sorted({end for fact in rows for end in (fact.subject, fact.object) if end is not None})
        names = sorted({fact.predicate for fact in rows})
        place = {entity: at for at, entity in enumerate(ids)}
        return FactTable(
            [fact.id for fact in rows],
            np.array([place[fact.subject] for fact in rows], np.int64),
            np.array([-1 if fact.object is None else place[fact.object] for fact in rows], np.int64),
            np.array([names.index(fact.predicate) for fact in rows], np.int64),
            np.array([MIN_INSTANT if fact.valid.start is None else fact.valid.lo for fact in rows], np.int64),
            np.array([fact.confidence for fact in rows], np.float64),
            np.array([fact.source is not None for fact in rows], bool),
            np.array([fact.subject in events for fact in rows], bool), ids, names)


class GraphReader(Protocol):
    """Reads at one revision. What it returns never changes, whatever is written meanwhile. Safe in any thread.

    Lists come in a stated order; ids that do not exist (or not at this revision) are simply missing from a mapping.
    """

    @property
    def revision(self) -> Revision: ...

    def warm(self) -> None:
        """Bring into memory what reading needs. Never needed: it saves the first who reads the time that this takes."""
        ...

    def resolve(self, ids: Iterable[EntityId]) -> Mapping[EntityId, EntityId]:
        """The id under which each given id is read: itself, or the one it is the same as (external ids, judgements)."""
        ...

    def members(self, entity: EntityId) -> tuple[EntityId, ...]:
        """All ids with entries of their own that are read as this entity, sorted; itself when nothing was merged."""
        ...

    def entities(self, ids: Iterable[EntityId]) -> Mapping[EntityId, Entity]:
        """Entities by (resolved or external) id; merged ones come with the names of all their members."""
        ...

    def labels(self, ids: Iterable[EntityId], clocks: Clocks) -> Mapping[EntityId, str]:
        """The `model.entity.label_under` the clocks of entities, likewise, without reading the rest of them."""
        ...

    def search_entities(self, text: str, limit: int = 20) -> Sequence[EntityId]:
        """Entities with a name that begins with `text`, case and accents aside; heaviest first, then by id."""
        ...

    def facts_about(self, ids: Iterable[EntityId], clocks: Clocks = ALL_TIMES, *, predicate: str | None = None,
                    limit: int | None = None) -> Sequence[Fact]:
        """Facts whose subject is (a member of) one of the ids and that pass the three clocks, by subject, then id.

        Args:
            limit: at most this many for each subject.
        """
        ...

    def facts_naming(self, ids: Iterable[EntityId], clocks: Clocks = ALL_TIMES, *, predicate: str | None = None,
                     limit: int | None = None) -> Sequence[Fact]:
        """Facts whose object is (a member of) one of the ids, likewise, by object, then id."""
        ...

    def facts(self, ids: Iterable[FactId]) -> Mapping[FactId, Fact]:
        """Facts by id, whatever their clocks; withdrawn ones are missing."""
        ...

    def walk(self, walks: Sequence[Walk], clocks: Clocks, limit: int) -> FactTable:
        """The facts at the end of the walks that pass the three clocks and whose ends were not `unborn` under them.

        Args:
            limit: at most this many for each entity that a step goes on from, the first by id.
        """
        ...

    def unborn(self, ids: Iterable[EntityId], clocks: Clocks) -> set[EntityId]:
        """Those of the entities that nobody could have named under the clocks: their beginning was not yet public.

        The beginning of an entity is dated by its facts with a predicate of `model.fact.EXISTENCE`; the earliest
        publication counts. With the known clock open, a thing whose beginning lies after `as_of` was not in the world
        as of then; one that began before and was heard of later was. With both clocks open nothing is unborn.
        """
        ...

    def sources(self, ids: Iterable[SourceId]) -> Mapping[SourceId, Source]: ...

    def documents(self, ids: Iterable[DocumentId]) -> Mapping[DocumentId, Document]: ...

    def passages(self, ids: Iterable[PassageId]) -> Mapping[PassageId, Passage]:
        """Passages of documents that are there at this revision; those of withdrawn documents are missing."""
        ...

    def passages_of(self, document: DocumentId) -> Sequence[Passage]:
        """By ordinal."""
        ...

    def mentions(self, document: DocumentId) -> Sequence[Mention]:
        """By start."""
        ...

    def counts(self) -> Mapping[str, int]:
        """How many entities, names, facts, sources, documents, passages, mentions, judgements there are."""
        ...


class GraphStore(Protocol):
    """Where entities, events, facts and documents live. Append-only; one writer at a time; readers never wait."""

    def apply(self, batch: Batch) -> Receipt:
        """Write the batch in one transaction and make it durable before returning.

        Documents are keyed by content: the same bytes again are a duplicate, other bytes under a taken id a conflict;
        neither stops the rest. Facts are keyed by id; an existing fact is left as it is. Entity lines add up.

        Raises:
            BadInput: a withdrawal names nothing, a fact refers to a source that neither the batch nor the store holds.
            StoreFull, StoreUnavailable: nothing was written.
        """
        ...

    def head(self) -> Revision:
        """Number of the newest commit; 0 when there is none."""
        ...

    def seen(self) -> Revision:
        """The newest commit that this object has made or heard of; never waits, and never falls."""
        ...

    def at(self, revision: Revision | None = None) -> GraphReader:
        """A reader fixed to a revision (None: the head now).

        Raises:
            RevisionUnavailable: beyond the head.
        """
        ...

    def commits(self, after: Revision, limit: int = 100) -> Iterator[Commit]:
        """Commits after a revision, in order."""
        ...

    def names(self, after: Revision = ZERO) -> Iterator[NameRow]:
        """All names recorded after a revision, in a stable order: what the lexicon is built from."""
        ...

    def ledger(self, keys: Iterable[str]) -> Mapping[str, LedgerRow]:
        """What became of input records; no part of any revision. What is done stays done, whatever is called below."""
        ...

    def enqueue(self, records: Sequence[Queued]) -> Sequence[LedgerRow]:
        """Keep records durably under their keys until they are done; their payloads go in the commit that does them.

        Known keys are left as they are. One row for each record, in order.
        """
        ...

    def payload(self, key: str) -> bytes | None:
        """What was queued under a key; None once it is done, and for an unknown key."""
        ...

    def attempt(self, key: str) -> LedgerRow:
        """Count one more attempt at an input record, durably, before the work is done; forgets the last reason."""
        ...

    def fail(self, key: str, reason: str) -> LedgerRow | None:
        """Say why the last attempt failed; it may be tried again. A parked record stays parked; None: no such key."""
        ...

    def park(self, key: str, reason: str) -> LedgerRow:
        """Give up on an input record, with its reason."""
        ...

    def parked(self) -> Iterator[LedgerRow]:
        """By key."""
        ...

    def overdue(self, untouched_s: float, limit: int) -> Sequence[LedgerRow]:
        """Kept records that are queued or failed and that nobody has touched for so many seconds, longest first.

        Every change of a row touches it, and being handed out here does, too: the next call finds others.
        """
        ...

    def requeue(self, key: str) -> LedgerRow | None:
        """Queue a parked record anew, with no attempts; one that is not parked, or not kept, is left as it is.

        None: no such key.
        """
        ...

    def drop(self, key: str) -> bool:
        """Forget a parked record and what it held; False for one that is not parked."""
        ...

    def mark(self, name: str) -> int:
        """How many input records of an import are in; 0 for one that is unknown or finished. Part of no revision."""
        ...

    def closure(self, erasure: Erasure, left: Left, most: int = 20) -> Closure:
        """What an erasure would take out now; nothing is changed.

        Args:
            left: what is left of a kept record.
            most: how many of each kind are listed.

        Raises:
            BadInput: not exactly one of sources and document is given.
        """
        ...

    def erase(self, erasure: Erasure, left: Left) -> Erased:
        """Take out what came from sources alone, or a document and the facts that it is the evidence of.

        It is the one exception to "what a reader returned never changes": no revision shows what was erased, and its
        counts are as if it had never been told. Readers that were made before either answer as then, or refuse with
        StoreUnavailable. What other sources told as well stays, as of when they told it. Entities of which nobody told
        anything else are gone; ids that nobody names any more go out of the mentions of documents that stay. The
        ledger forgets the documents, which records of lines are done that may have told something of it, and how far
        imports have come.

        It is a commit of its own, made when something is erased: an index follows it, and then calls `settle`.

        Raises:
            BadInput: not exactly one of sources and document is given.
            StoreFull, StoreUnavailable: nothing was erased.
        """
        ...

    def erased(self) -> Revision:
        """The newest commit that erased anything; 0 for none."""
        ...

    def unsettled(self) -> Revision:
        """The newest erasure that is not settled; 0 for none."""
        ...

    def letting_go(self) -> Sequence[DocumentId]:
        """The documents of erasures that are not settled, by id: an index may still hold something of them."""
        ...

    def settle(self, revision: Revision) -> None:
        """No index holds what was erased up to a revision: forget the ids of the documents, and leave no byte of what
        was erased in any file that the store can reach. Safe to repeat; it is taken up again at the next start.

        Raises:
            StoreFull, StoreUnavailable: bytes of what was erased may be left in the files; nothing shows them.
        """
        ...

    def dump(self, revision: Revision | None = None) -> Iterator[str]:
        """The canonical dump: one JSON line per record, sorted, the same for the same content on every back end and
        whatever the order and number of the commits that brought it in.
        """
        ...

    def knowledge(self, revision: Revision | None = None) -> Iterator[Source | Entity | Fact | Judgement]:
        """All knowledge of a revision (None: the head now), sources first, then entities, facts and judgements.

        A source or an entity comes as often as a line changed it, and like the judgements in the order in which they
        were told: a store that is told all of it again, in this order, has the same dump at its head and reads the
        same. Withdrawn facts are left out, documents are not in it.
        """
        ...

    def check(self) -> Iterator[str]:
        """Everything that is wrong with the stored data, one line each; nothing when it is sound."""
        ...

    def close(self) -> None: ...
