"""A fact: one sourced claim. Never changed in place; a correction is a new fact, and a withdrawal is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from worldctx.model.clocks import Basis, Known
from worldctx.model.ids import DocumentId, EntityId, FactId, Revision, SourceId, digest_of, joined
from worldctx.model.time import ALWAYS, Interval

#: Predicates whose facts begin an entity's existence: before the earliest of them was said, nobody could name it.
EXISTENCE = frozenset({"birth_date", "inception", "founded", "has_time"})

#: What `fact_id` reads of a fact without a literal, and of one that was said nowhere in particular.
_NO_VALUE, _NOWHERE = joined(*(None,) * 4), joined(None, None, "")


@dataclass(frozen=True, slots=True)
class Literal:
    """A typed value. `datatype` is an XSD local name or `edtf`, `wkt`, `langString`; `unit` a UCUM code or empty."""

    value: str
    datatype: str = "string"
    unit: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a claim was said: characters [start, end) of a document's text, or a record of a data set."""

    document: DocumentId | None = None
    start: int | None = None
    end: int | None = None
    quote: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """Subject, predicate, object; when it held, where and since when it was said, how it was got and how sure it is.

    Attributes:
        object: an entity id, or None when `literal` is set.
        method: how it was got, `name@version` (prov:wasGeneratedBy).
        confidence: 0 to 1.
        recorded: revision of the commit that wrote it; 0 before it is written.
        withdrawn: revision of the commit that withdrew it, or None.
    """

    id: FactId
    subject: EntityId
    predicate: str
    object: EntityId | None = None
    literal: Literal | None = None
    valid: Interval = ALWAYS
    known: Known = Known()
    source: SourceId | None = None
    evidence: Evidence = Evidence()
    method: str = "declared@1"
    confidence: float = 1.0
    recorded: Revision = Revision(0)
    withdrawn: Revision | None = None

    @property
    def object_text(self) -> str:
        """The object's id, or the lexical form of the literal."""
        return str(self.object) if self.object is not None else ("" if self.literal is None else self.literal.value)


def fact_id(fact: Fact) -> FactId:
    """The id that a fact has by its content: importing twice is importing once.

    The basis of `known` is left out: it is derived, and a source's date learned later must not make a second fact.
    """
    literal, known, said = fact.literal, fact.known, fact.evidence
    # Pieces that most facts have alike are joined once: millions of facts are imported.
    value = _NO_VALUE if literal is None else joined(literal.value, literal.datatype, literal.unit, literal.lang)
    since = end_since = None
    if known.basis is Basis.STATED:
        since = known.since.edtf if known.since else None
        end_since = known.end_since.edtf if known.end_since else None
    is_nowhere = said.document is None and said.start is None and not said.quote
    place = _NOWHERE if is_nowhere else joined(
        said.document, None if said.start is None else str(said.start), said.quote)
    return FactId("f:" + digest_of(
        joined(fact.subject, fact.predicate, fact.object) + value
        + joined(fact.valid.edtf, since, end_since, fact.source) + place + joined(said.record)
        + _joined_method(fact.method, fact.confidence), 12))


@lru_cache(maxsize=4096)
def _joined_method(method: str, confidence: float) -> bytes:
    return joined(method, repr(confidence))
