"""The answer: what can truthfully be said about a text, with reasons, sources and what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from worldctx.model.entity import Kind
from worldctx.model.fact import Fact
from worldctx.model.ids import DocumentId, EntityId, PassageId, Revision
from worldctx.model.time import Interval, When


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a text, in Unicode code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something scored as it did: the feature's name, its value times its weight, and words for people."""

    feature: str
    weight: float
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entity that a mention may mean. Scores are 0 to 1, rounded to 4 places."""

    id: EntityId
    name: str
    kind: Kind
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A mention and what it was linked to; `id` None is NIL: a name that the graph does not know, or not then."""

    span: Span
    surface: str
    id: EntityId | None
    name: str
    kind: Kind | None
    score: float
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date or interval that the text names: `text[span] == surface`, resolved against the document's date.

    `value` is what it means in TIMEX3 (TimeML 1.2.1), with X for what is not known; of a period both ends: `1990/1995`.
    """

    span: Span
    surface: str
    valid: Interval
    relative: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True)
class RankedFact:
    """A fact that passed the three clocks, as it may be shown (an end not yet public is open).

    Attributes:
        valid: validity as shown.
        conflicts: ids of facts in this answer that say something else about the same subject, predicate and time.
        preferred: whether it is the one to go by among facts that say otherwise, or the same less precisely; see
            worldctx.lookup.prefer. False where nothing rivals it.
    """

    fact: Fact
    subject_name: str
    object_name: str
    valid: Interval
    source_title: str
    source_url: str
    score: float
    reasons: tuple[Reason, ...] = ()
    conflicts: tuple[str, ...] = ()
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class RankedPassage:
    """A passage that passed the clocks; `span` lies in its document's text."""

    id: PassageId
    document: DocumentId
    title: str
    text: str
    span: Span
    published: When | None
    source: str
    url: str
    score: float
    reasons: tuple[Reason, ...] = ()


class Status(StrEnum):
    """What is known about a slot. Nothing is ever guessed to fill one."""

    KNOWN = "known"
    ABSENT = "absent"  #: looked for, and it is not there
    UNKNOWN = "unknown"  #: there is something, but not what
    CONFLICT = "conflict"  #: several claims that exclude each other
    WITHHELD = "withheld"  #: known, but outside the clocks or below the confidence floor


@dataclass(frozen=True, slots=True)
class Claim:
    """One value of one field of the context record, with how it was had and where it was said.

    Attributes:
        field: `source.publisher`, `time.published`, `place.about`, ...
        ref: the entity or fact behind the value.
        method: declared_markup, url_pattern, registry, gazetteer, rule, classifier, graph_inference, inherited, human.
        extractor: `name@version`.
        span: evidence in the text, or None when `path` names an input field.
        leak: none, title-like or body-derived.
        reasons: why it is claimed with this confidence, as far as it was weighed.
    """

    field: str
    value: str
    ref: str = ""
    confidence: float = 1.0
    method: str = "rule"
    extractor: str = ""
    span: Span | None = None
    path: str = ""
    valid: Interval | None = None
    preferred: bool = True
    leak: str = "none"
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """One of source, when, where, who, what, why."""

    status: Status
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Slots:
    """The context record's six questions (facts and passages are lists of their own)."""

    source: Slot
    when: Slot
    where: Slot
    who: Slot
    what: Slot
    why: Slot


@dataclass(frozen=True, slots=True)
class RenderedSpan:
    """Characters of the rendered text that show one item; `part` is context, body, masked or citation."""

    span: Span
    part: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text for a model. `tokens` counts the context part (not the body) with the named tokenizer."""

    text: str
    spans: tuple[RenderedSpan, ...] = ()
    tokens: int = 0
    tokenizer: str = ""
    profile: str = "brief"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What the answer lacks and why: `budget`, `deadline`, `clock`, `limit`, `orphan`, `unavailable`."""

    what: str
    why: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """The whole answer. Same ask at the same revision gives the same bytes; `hash` is the digest of the rest."""

    entities: tuple[Link, ...]
    facts: tuple[RankedFact, ...]
    passages: tuple[RankedPassage, ...]
    dates: tuple[DateMention, ...]
    slots: Slots
    rendered: Rendered
    as_of: str
    as_of_basis: str
    known_by: str
    revision: Revision
    left_out: tuple[LeftOut, ...] = ()
    hash: str = ""
