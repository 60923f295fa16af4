"""The statements of an entity as facts, each with its validity, its source and the id of its statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from worldctx.exchange.wikidata.filter import Filter
from worldctx.exchange.wikidata.life import Life
from worldctx.exchange.wikidata.predicates import OF_EVENTS
from worldctx.exchange.wikidata.reason import DEPRECATED, MALFORMED, QUALIFIER, UNKNOWN, Reason
from worldctx.exchange.wikidata.references import WIKIDATA, Reference, chosen
from worldctx.exchange.wikidata.statements import (
    CIRCA,
    EARLIEST,
    END,
    LATEST,
    NATURE,
    NOT_THE_MODEL,
    POINT,
    START,
    Statement,
    Value,
    best,
    date,
    held,
    target_number,
    value,
)
from worldctx.exchange.wikidata.times import about, between, year_of
from worldctx.model.clocks import Basis, Known
from worldctx.model.entity import Kind
from worldctx.model.event import HAS_TIME
from worldctx.model.fact import EXISTENCE, Evidence, Fact, Literal
from worldctx.model.ids import EntityId, FactId
from worldctx.model.source import Source
from worldctx.model.time import ALWAYS, Interval, When

METHOD = "wikidata@1"
#: How sure a fact is by the rank of its statement, and how much less without a reference. Below 1, for anyone may edit.
CONFIDENCE: Mapping[str, float] = {"preferred": 0.95, "normal": 0.85}
UNREFERENCED = 0.05
#: Qualifiers that are read.
_READ = frozenset({START, END, POINT, EARLIEST, LATEST, NATURE})
_UNKNOWN, _NO_EVIDENCE = Known(), Evidence()


@dataclass(frozen=True, slots=True)
class Subject:
    """The entity that statements are about.

    Attributes:
        dumped: the day that the dump was made, by which all that it says was public; None where it is not known.
    """

    id: EntityId
    life: Life
    dumped: When | None = None


def facts_of(
    subject: Subject, claims: Mapping[str, Sequence[Statement]], kept: Filter, left_out: Counter[str]
) -> Iterator[tuple[Fact, Source | None]]:
    """The facts that an entity's statements make, each with the source of its reference.

    Statements of deprecated rank, unknown values, what the filter leaves out and what cannot be read are counted in
    `left_out` by reason.
    """
    is_event = subject.life.kind is Kind.EVENT
    for key, statements in claims.items():
        predicate = kept.predicate(key, statements)
        if not predicate.name:
            left_out[predicate.reason] += len(statements)
            continue
        name = OF_EVENTS.get(key, predicate.name) if is_event else predicate.name
        for statement in statements:
            try:
                found = _fact(subject, name, statement)
            except NOT_THE_MODEL:
                found = MALFORMED
            if isinstance(found, Reason):
                left_out[found] += 1
                continue
            others = len(statement["qualifiers"].keys() - _READ) if "qualifiers" in statement else 0
            if others:
                left_out[QUALIFIER] += others
            yield found
    if is_event and "P585" not in claims and "P580" in claims and kept.predicate("P585", ()).name:
        yield from _span(subject, claims["P580"])


def _fact(subject: Subject, predicate: str, statement: Statement) -> tuple[Fact, Source | None] | Reason:
    rank = statement.get("rank", "normal")
    if rank == "deprecated":
        return DEPRECATED
    qualifiers = statement.get("qualifiers") or {}
    said = value(statement["mainsnak"])
    if qualifiers and (isinstance(said, When) or said is UNKNOWN):
        said = _uncertain(said, qualifiers)
    if isinstance(said, Reason):
        return said
    valid = held(qualifiers, subject.dumped) if qualifiers else ALWAYS
    if isinstance(valid, Reason):
        return valid
    if valid is ALWAYS:
        valid = _implied(subject.life, predicate, said)
    return _made(subject, predicate, said, valid, statement)


def _implied(life: Life, predicate: str, said: Value) -> Interval:
    """When a statement without qualifiers of time held: a date begins with itself."""
    if isinstance(said, When):
        return Interval(said, said if predicate == HAS_TIME else None)
    return life.of_undated(predicate, names_entity=isinstance(said, str))


def _uncertain(
    said: When | Reason, qualifiers: Mapping[str, Sequence[Mapping[str, object]]]
) -> When | Reason:
    """A date with its qualifiers: one that lies between two years, or one that is about right."""
    if EARLIEST in qualifiers and LATEST in qualifiers:
        first, last = date(qualifiers[EARLIEST][0]), date(qualifiers[LATEST][0])
        span = between(first, last) if isinstance(first, When) and isinstance(last, When) else None
        said = span or said
    if isinstance(said, When) and any(target_number(one) == CIRCA for one in qualifiers.get(NATURE, ())):
        return about(said)
    return said


def _span(subject: Subject, starts: Sequence[Statement]) -> Iterator[tuple[Fact, Source | None]]:
    """The time of an event that has a start and perhaps an end: both are its validity.

    Its value is public from the start, so that it is the year of the start, unless the event was over the same day.
    """
    begin, end = subject.life.begin, subject.life.end
    usable = best(starts)
    if begin is None or not usable:
        return
    said = begin if end == begin else year_of(begin)
    try:
        yield _made(subject, HAS_TIME, said, Interval(begin, end), usable[0])
    except NOT_THE_MODEL:
        return  # counted where the start itself is read


def _made(
    subject: Subject, predicate: str, said: Value, valid: Interval, statement: Statement
) -> tuple[Fact, Source | None]:
    references = statement.get("references")
    # A thing exists for us since its birth or founding was public: that a book of 2013 is cited for it says nothing.
    cited = chosen(references, dated=predicate not in EXISTENCE) if references else None
    source = cited.source if cited is not None else None
    is_entity = isinstance(said, str)
    literal = said if isinstance(said, Literal) else Literal(said.edtf, "edtf") if isinstance(said, When) else None
    confidence = CONFIDENCE[statement.get("rank", "normal")]
    return Fact(
        FactId(""),
        subject.id,
        predicate,
        EntityId(said) if is_entity else None,  # type: ignore[arg-type] # a text, as was just asked
        literal,
        valid,
        _known(subject, valid, source),
        source.id if source is not None else WIKIDATA,
        _evidence(statement, cited),
        METHOD,
        confidence if source is not None else round(confidence - UNREFERENCED, 2),
    ), source


def _evidence(statement: Statement, cited: Reference | None) -> Evidence:
    record = statement.get("id")
    if not isinstance(record, str):
        raise TypeError("id")
    return Evidence(None, None, None, cited.quote if cited is not None else "", record)


def _known(subject: Subject, valid: Interval, source: Source | None) -> Known:
    """Since when a claim was public, as far as it says so itself (see docs/clocks.md).

    A source that was published, and else the start of the validity, are found by `resolve_known`. What has neither was
    public when the dump was made. An end that came after the source was known when it came.
    """
    published = source.published if source is not None else None
    if published is not None:
        later = valid.end if valid.end is not None and valid.end.hi > published.hi else None
        return Known(None, Basis.UNSTATED, later) if later is not None else _UNKNOWN
    if valid.start is not None:
        return _UNKNOWN
    if subject.dumped is not None:
        return Known(subject.dumped, Basis.STATED)
    return Known(None, Basis.UNSTATED, valid.end) if valid.end is not None else _UNKNOWN
