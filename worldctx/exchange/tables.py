"""Knowledge and documents as flat tables, one for each noun: their columns, and the rows that a noun makes. Pure.

Ids are texts. A date stands as EDTF text, its precision kept, beside the bounds that the clocks use: whole seconds
since 1970-01-01T00:00:00Z in the proleptic Gregorian calendar, `_lo` the first one that it may mean and `_hi` the first
one after it (64 bits, for they reach further than timestamps of milliseconds do). What is open or unsaid is null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity, Name
from worldctx.model.fact import Fact
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import Interval, When

Type = Literal["text", "integer", "real", "truth", "texts", "pairs"]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `needed` ones are never null."""

    name: str
    type: Type = "text"
    needed: bool = False


def _key(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, needed=True) for name in names)


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def _bounds(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "integer") for name in names)


#: When a fact held or a name was in use: [valid_lo, valid_hi).
_VALID = (*_texts("valid_from", "valid_to"), *_bounds("valid_lo", "valid_hi"))
_SOURCE = Column("source")

#: Columns by table.
TABLES: Mapping[str, tuple[Column, ...]] = {
    "sources": (
        *_key("id"), *_texts("title", "url", "publisher", "published"), *_bounds("published_lo", "published_hi"),
        *_texts("host", "country", "sector", "reliability")),
    "entities": (
        *_key("id", "kind"), *_texts("label", "description", "within"), Column("lat", "real"), Column("lon", "real"),
        Column("weight", "real"), Column("sources", "texts", needed=True)),
    "names": (*_key("entity", "name"), *_texts("lang"), Column("preferred", "truth", needed=True), *_VALID, _SOURCE),
    "same_as": (*_key("entity", "external"), _SOURCE),
    "facts": (
        *_key("id", "subject", "predicate"), *_texts("object", "value", "datatype", "unit", "lang"), *_VALID,
        *_texts("known_since"), *_bounds("known_hi"), *_key("known_basis"), *_texts("end_known_since"),
        *_bounds("end_known_hi"), _SOURCE, *_texts("document"), *_bounds("span_start", "span_end"),
        *_texts("quote", "record"), *_key("method"), Column("confidence", "real", needed=True)),
    "judgements": (
        *_key("left", "right"), Column("same", "truth"), *_texts("by", "at"), *_bounds("at_lo", "at_hi"), _SOURCE),
    "documents": (
        *_key("id", "content_hash", "text"), *_texts("url", "title", "author", "publisher", "published"),
        *_bounds("published_lo", "published_hi"), *_texts("modified"), *_bounds("modified_lo", "modified_hi"),
        *_texts("language", "place", "section"), Column("extra", "pairs", needed=True)),
    "passages": (
        *_key("id", "document"), Column("ordinal", "integer", needed=True), Column("start", "integer", needed=True),
        Column("end", "integer", needed=True), *_key("text")),
    "mentions": (
        *_key("document"), Column("start", "integer", needed=True), Column("end", "integer", needed=True),
        *_key("surface"), Column("candidates", "texts", needed=True)),
}


def source_row(one: Source) -> Row:
    """A row of `sources`."""
    return (one.id, one.title or None, one.url or None, one.publisher, *_date(one.published), one.host or None,
            one.country or None, one.sector or None, one.reliability or None)


def entity_rows(lines: Sequence[Entity]) -> Iterator[tuple[str, Row]]:
    """The rows of `entities`, `names` and `same_as` that the lines about one entity make, in the order they came.

    Of an attribute the last line that says something of it counts, as in the graph; judgements are not applied.
    """
    lat = lon = within = weight = None
    description = ""
    names: set[tuple[Name, str]] = set()
    same: set[tuple[str, str]] = set()
    for one in lines:
        lat, lon = (one.lat if one.lat is not None else lat), (one.lon if one.lon is not None else lon)
        within, weight = one.within or within, one.weight or weight
        description = one.description or description
        names.update((name, one.source or "") for name in one.names)
        same.update((other, one.source or "") for other in one.same_as)
    entity, kind = lines[-1].id, lines[-1].kind.value
    ordered = sorted(names, key=_name_order)
    label = Entity(entity, lines[-1].kind, tuple(name for name, _ in ordered)).label() if ordered else None
    told_by = sorted({one.source for one in lines if one.source})
    yield "entities", (entity, kind, label, description or None, within, lat, lon, weight, told_by)
    for name, source in ordered:
        yield "names", (entity, name.text, name.lang or None, name.preferred, *_valid(name.valid), source or None)
    for other, source in sorted(same):
        yield "same_as", (entity, other, source or None)


def _name_order(told: tuple[Name, str]) -> tuple[object, ...]:
    name, source = told
    return name.text, name.lang, name.valid.edtf, name.preferred, source


def fact_row(one: Fact) -> Row:
    """A row of `facts`."""
    literal, known, said = one.literal, one.known, one.evidence
    (since, _, known_hi), (end_since, _, end_hi) = _date(known.since), _date(known.end_since)
    value = (None,) * 4 if literal is None else (
        literal.value, literal.datatype or None, literal.unit or None, literal.lang or None)
    return (
        one.id, one.subject, one.predicate, one.object, *value, *_valid(one.valid),
        since, known_hi, known.basis.value, end_since, end_hi, one.source, said.document, said.start, said.end,
        said.quote or None, said.record or None, one.method, one.confidence)


def judgement_row(one: Judgement) -> Row:
    """A row of `judgements`; the last one on a pair counts, and null is unsure."""
    return one.left, one.right, one.same, one.by or None, *_date(one.at), one.source


def document_row(one: Document) -> Row:
    """A row of `documents`."""
    return (
        one.id, one.content_hash, one.text, one.url or None, one.title or None, one.author or None,
        one.publisher or None, *_date(one.published), *_date(one.modified), one.language or None, one.place or None,
        one.section or None, sorted(one.extra.items()))


def passage_row(one: Passage) -> Row:
    """A row of `passages`: characters [start, end) of the document's text, counted as Unicode code points."""
    return one.id, one.document, one.ordinal, one.start, one.end, one.text


def mention_row(document: str, one: Mention) -> Row:
    """A row of `mentions`."""
    return document, one.start, one.end, one.surface, list(one.candidates)


def _date(when: When | None) -> tuple[str | None, int | None, int | None]:
    return (None, None, None) if when is None else (when.edtf, when.lo, when.hi)


def _valid(valid: Interval) -> tuple[str | None, str | None, int | None, int | None]:
    (start, lo, _), (end, _, hi) = _date(valid.start), _date(valid.end)
    return start, end, lo, hi
