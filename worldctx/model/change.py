"""What is written: a batch that one commit makes durable whole, and the receipt that acknowledges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity
from worldctx.model.fact import Fact
from worldctx.model.ids import DocumentId, FactId, Revision, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document with what extraction found in it; it is written whole or not at all."""

    document: Document
    passages: tuple[Passage, ...] = ()
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document with what a worker says that it found in it; to be checked before it is believed.

    Attributes:
        document: as it was declared.
        content_hash: the key under which the worker had it.
        passages: where they start and end.
        embedder: what the vectors were made with.
        vectors: one for each passage: rows of 32-bit floats, little-endian; empty where there are none.
    """

    document: Document
    content_hash: str
    passages: tuple[tuple[int, int], ...]
    mentions: tuple[Mention, ...]
    embedder: str = ""
    vectors: bytes = b""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Takes one fact, one document, or all that a source said out of every later revision; earlier ones keep it.

    Exactly one of `fact`, `document` and `source` is set.
    """

    fact: FactId | None = None
    document: DocumentId | None = None
    source: SourceId | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Erasure:
    """Takes sources, or one document, out of every revision, without a trace. Exactly one of the two is given."""

    sources: tuple[SourceId, ...] = ()
    document: DocumentId | None = None

    @property
    def documents(self) -> tuple[DocumentId, ...]:
        """Ids under which documents go: the document's own, or those of sources, which may be documents too."""
        return (self.document,) if self.document is not None else tuple(map(DocumentId, self.sources))


@dataclass(frozen=True, slots=True)
class Closure:
    """What an erasure takes out, and what it leaves though what goes told it too.

    Attributes:
        gone: how many of each kind go, by the names in CLOSURE; records are those that wait or were given up.
        some: the first of them, by id; names as `entity: name`; of mentions none.
        stays: how many names, external ids, judgements and entities stay because others told them as well, and records
            of which only a part goes.
    """

    gone: Mapping[str, int]
    some: Mapping[str, tuple[str, ...]]
    stays: Mapping[str, int]

    def __bool__(self) -> bool:
        return any(self.gone.values()) or self.stays.get("records", 0) > 0


#: What a closure counts. Lines are what entity lines said of attributes.
CLOSURE = ("sources", "facts", "entities", "lines", "names", "same_as", "judgements", "documents", "passages",
           "mentions", "withdrawals", "records")


@dataclass(frozen=True, slots=True)
class Erased:
    """Acknowledgement of an erasure: durable when it is handed out.

    Attributes:
        revision: the commit's number; the head as it was when there was nothing to erase.
        documents: those that an index may still hold; see `ports.graph.GraphStore.settle`.
    """

    revision: Revision
    closure: Closure
    documents: tuple[DocumentId, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """How far an import has come, kept in the commit that took it there.

    Attributes:
        name: of the import: what it reads, and under which options.
        position: input records that are in; None when all are, and nothing is kept of it.
    """

    name: str
    position: int | None


@dataclass(frozen=True, slots=True)
class Batch:
    """One transaction's worth of changes.

    Attributes:
        done: keys of the input records that this is the effect of, beside the documents, whose keys are their content
            hashes: the ledger says done in the same transaction, also where nothing else is new.
        marks: likewise, how far imports have come.
    """

    sources: tuple[Source, ...] = ()
    entities: tuple[Entity, ...] = ()
    facts: tuple[Fact, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    documents: tuple[DocumentRecord, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()
    done: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


class Outcome(StrEnum):
    """What became of one document of a batch."""

    WRITTEN = "written"
    DUPLICATE = "duplicate"  #: the same bytes are there already; the revision is that of the first time
    CONFLICT = "conflict"  #: the id is taken by other bytes; nothing of this document was written


@dataclass(frozen=True, slots=True)
class DocumentOutcome:
    """Acknowledgement of one document."""

    document: DocumentId
    outcome: Outcome
    revision: Revision


@dataclass(frozen=True, slots=True)
class Receipt:
    """Acknowledgement of a batch: durable when it is handed out.

    Attributes:
        revision: the commit's number; the head as it was when the batch changed nothing.
        documents: one outcome per document, in order.
        facts_written, entities_written, sources_written, withdrawn: what was new.
    """

    revision: Revision
    documents: tuple[DocumentOutcome, ...] = ()
    facts_written: int = 0
    entities_written: int = 0
    sources_written: int = 0
    judgements_written: int = 0
    withdrawn: int = 0


class LedgerStatus(StrEnum):
    """State of one input record in our own ledger."""

    QUEUED = "queued"  #: kept with its payload, and not yet tried
    DONE = "done"
    FAILED = "failed"  #: an attempt failed or is under way; it will be tried again
    PARKED = "parked"  #: given up after its attempts; see `reason`


class RecordKind(StrEnum):
    """What an input record holds."""

    DOCUMENT = "document"  #: one JSON object
    FACTS = "facts"  #: lines of the facts format


@dataclass(frozen=True, slots=True)
class Queued:
    """An input record that is to be kept until it is done.

    Attributes:
        key: content hash of the document, or of the bytes of a batch of fact lines.
    """

    key: str
    kind: RecordKind
    payload: bytes


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One input record.

    Attributes:
        key: content hash.
        status: what became of it.
        attempts: how often it was tried.
        reason: why the last attempt failed, or why it was parked.
        revision: the commit that did it.
        kind: what it holds; None for one that was never queued.
    """

    key: str
    status: LedgerStatus
    attempts: int
    reason: str = ""
    revision: Revision = Revision(0)
    kind: RecordKind | None = None
