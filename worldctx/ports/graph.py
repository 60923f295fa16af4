"""The graph port: the record of what was said. Each promise here is a test in worldctx.testing.graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from worldctx.model.change import Batch, DocumentRecord, LedgerRow, Receipt
from worldctx.model.clocks import Clocks, Known
from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.fact import Fact
from worldctx.model.ids import ZERO, DocumentId, EntityId, FactId, PassageId, Revision, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source


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
    """

    revision: Revision
    documents: tuple[DocumentRecord, ...] = ()
    withdrawn: tuple[DocumentId, ...] = ()


#: The clocks wide open: every fact of the revision.
ALL_TIMES = Clocks()


class GraphReader(Protocol):
    """Reads at one revision. What it returns never changes, whatever is written meanwhile. Safe in any thread.

    Lists come in a stated order; ids that do not exist (or not at this revision) are simply missing from a mapping.
    """

    @property
    def revision(self) -> Revision: ...

    def resolve(self, ids: Iterable[EntityId]) -> Mapping[EntityId, EntityId]:
        """The id under which each given id is read: itself, or the one it is the same as (external ids, judgements)."""
        ...

    def members(self, entity: EntityId) -> tuple[EntityId, ...]:
        """All ids with entries of their own that are read as this entity, sorted; itself when nothing was merged."""
        ...

    def entities(self, ids: Iterable[EntityId]) -> Mapping[EntityId, Entity]:
        """Entities by (resolved or external) id; merged ones come with the names of all their members."""
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

    def existence(self, ids: Iterable[EntityId]) -> Mapping[EntityId, Known]:
        """For entities with a fact that begins their existence (birth, inception, time of an event): the earliest
        publication among those facts.
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

    def ledger(self, keys: Iterable[str]) -> Mapping[str, LedgerRow]: ...

    def attempt(self, key: str) -> LedgerRow:
        """Count one more attempt at an input record, durably, before the work is done."""
        ...

    def park(self, key: str, reason: str) -> LedgerRow:
        """Give up on an input record, with its reason."""
        ...

    def parked(self) -> Iterator[LedgerRow]: ...

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
