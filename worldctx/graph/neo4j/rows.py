"""What the properties of the Neo4j graph mean: maps to nouns and back, and the three clocks as Cypher."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from worldctx.graph.interned import BASES
from worldctx.graph.schema import ENTITY_ATTRIBUTES
from worldctx.model.clocks import DECLARED, Basis, Clocks, Known
from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.errors import BadInput
from worldctx.model.fact import EXISTENCE, Evidence, Fact, Literal
from worldctx.model.ids import DocumentId, EntityId, FactId, PassageId, Revision, SourceId
from worldctx.model.source import Source
from worldctx.model.time import ALWAYS, Interval, When, parse_when

Properties = Mapping[str, Any]

#: Beyond every revision and every instant of a clock.
EVER = 2**62
#: The recorded clock, for what may be withdrawn. Parameter $revision. No OR in this and what follows: the planner would
#: look everything up once for each side of it, and put the two together in memory.
VISIBLE = f"{{0}}.recorded <= $revision AND coalesce({{0}}.withdrawn, {EVER}) > $revision"
_BASES = {str(basis): basis for basis in BASES}
_NO_EVIDENCE = Evidence()


def clock_conditions(clocks: Clocks) -> tuple[str, dict[str, Any]]:
    """`clocks.sees` for a fact `f`, as Cypher that follows other conditions, and its parameters.

    A missing valid_lo, valid_hi or known_hi stands for the open side; a missing end_known_hi for "together with the
    rest", which can then not lie beyond the cutoff because known_hi does not.
    """
    text, values = "", dict[str, Any]()
    if clocks.strict:
        text += " AND f.basis IN $declared"
        values["declared"] = sorted(DECLARED)
    if clocks.cutoff is not None:
        text += f" AND coalesce(f.known_hi, -{EVER}) <= $cutoff"
        values["cutoff"] = clocks.cutoff
    if clocks.as_of is not None:
        ends_later = f"coalesce(f.valid_hi, {EVER}) > $as_of_lo"
        if clocks.cutoff is not None:
            ends_later = f"CASE WHEN f.end_known_hi > $cutoff THEN true ELSE {ends_later} END"
        text += f" AND coalesce(f.valid_lo, -{EVER}) < $as_of_hi AND {ends_later}"
        values |= {"as_of_lo": clocks.lo, "as_of_hi": clocks.hi}
    return text, values


def date_text(when: When | None) -> str | None:
    """A date as a property: its EDTF, with its bounds behind where they are not those that the EDTF has."""
    if when is None:
        return None
    try:
        if parse_when(when.edtf) == when:
            return when.edtf
    except BadInput:
        pass
    return f"{when.edtf}@{when.lo}/{when.hi}"


@lru_cache(maxsize=1 << 16)
def date_from(text: str | None) -> When | None:
    """The inverse of `date_text`."""
    if text is None:
        return None
    edtf, at, bounds = text.rpartition("@")
    if not at:
        return parse_when(text)
    lo, _, hi = bounds.partition("/")
    return When(edtf, int(lo), int(hi))


@lru_cache(maxsize=1 << 16)
def interval_from(start: str | None, end: str | None) -> Interval:
    """The interval between two dates."""
    return ALWAYS if start is None and end is None else Interval(date_from(start), date_from(end))


@lru_cache(maxsize=1 << 16)
def _known_from(since: str | None, basis: str, end_since: str | None) -> Known:
    return Known(date_from(since), _BASES.get(basis, Basis.UNSTATED), date_from(end_since))


def fact_properties(fact: Fact, revision: Revision) -> dict[str, Any]:
    """The properties of a fact; what was not said is None, which Neo4j does not keep."""
    valid, known, said, literal = fact.valid, fact.known, fact.evidence, fact.literal
    return {
        "id": fact.id, "subject": fact.subject, "predicate": fact.predicate, "object": fact.object,
        "begins": fact.subject if fact.predicate in EXISTENCE else None,
        "start": date_text(valid.start), "end": date_text(valid.end),
        "valid_lo": None if valid.start is None else valid.start.lo,
        "valid_hi": None if valid.end is None else valid.end.hi,
        "since": date_text(known.since), "basis": str(known.basis), "end_since": date_text(known.end_since),
        "known_hi": None if known.since is None else known.since.hi,
        "end_known_hi": None if known.end_since is None else known.end_since.hi,
        "source": fact.source, "method": fact.method, "confidence": fact.confidence, "recorded": revision,
        "document": said.document, "span_start": said.start, "span_end": said.end, "quote": said.quote or None,
        "record": said.record or None,
        **({} if literal is None else {"value": literal.value, "datatype": literal.datatype or None,
                                       "unit": literal.unit or None, "lang": literal.lang or None})}


def fact_from(row: Properties, *, withdrawn: bool = False) -> Fact:
    """A fact of its properties. A reader never sees a withdrawal, which lies beyond its revision; dumps do."""
    get = row.get
    value = get("value")
    literal = None if value is None else Literal(value, get("datatype", ""), get("unit", ""), get("lang", ""))
    document, start, end = get("document"), get("span_start"), get("span_end")
    quote, record = get("quote", ""), get("record", "")
    said = document is not None or start is not None or end is not None or quote or record
    source, gone = get("source"), get("withdrawn")
    return Fact(
        FactId(row["id"]), EntityId(row["subject"]), row["predicate"], get("object"), literal,
        interval_from(get("start"), get("end")), _known_from(get("since"), row["basis"], get("end_since")),
        None if source is None else SourceId(source),
        Evidence(None if document is None else DocumentId(document), start, end, quote, record)
        if said else _NO_EVIDENCE,
        row["method"], row["confidence"], Revision(row["recorded"]),
        Revision(gone) if withdrawn and gone is not None else None)


def name_properties(name: Name) -> dict[str, Any]:
    """The properties of a name that make it this name."""
    return {"text": name.text, "lang": name.lang, "start": date_text(name.valid.start),
            "end": date_text(name.valid.end), "preferred": name.preferred}


def name_key(row: Properties) -> tuple[Any, ...]:
    """What makes a name this name, of its properties."""
    return row["text"], row["lang"], row.get("start"), row.get("end"), row["preferred"]


def name_from(row: Properties) -> Name:
    """A name of its properties."""
    return Name(row["text"], row["lang"], interval_from(row.get("start"), row.get("end")), row["preferred"])


def state_properties(entity: Entity) -> dict[str, Any]:
    """The attributes of an entity line; what it does not say is None."""
    return {"kind": str(entity.kind), "lat": entity.lat, "lon": entity.lon, "within": entity.within,
            "description": entity.description or None, "weight": entity.weight or None}


def state_from(entity: EntityId, row: Properties) -> Entity:
    """An entity with the attributes of a state, and without names."""
    within = row.get("within")
    return Entity(entity, Kind(row["kind"]), (), (), row.get("lat"), row.get("lon"),
                  None if within is None else EntityId(within), row.get("description", ""), row.get("weight", 0.0))


def line_from(entity: EntityId, row: Properties) -> Entity:
    """What a line gave of an entity, of the properties of its state, and who told it; without names."""
    given = row.get("given", ENTITY_ATTRIBUTES)
    return replace(state_from(entity, {name: value for name, value in row.items() if name in given or name == "kind"}),
                   source=told_by(row))


def told_by(row: Properties) -> SourceId | None:
    """Who told a state, a name, a link or a judgement."""
    source = row.get("source")
    return None if source is None else SourceId(source)


def source_properties(source: Source) -> dict[str, Any]:
    """The attributes of a source line; what it does not say is None."""
    return {"title": source.title or None, "url": source.url or None, "publisher": source.publisher,
            "published": date_text(source.published), "host": source.host or None, "country": source.country or None,
            "sector": source.sector or None, "reliability": source.reliability or None}


def source_from(source: SourceId, row: Properties) -> Source:
    """A source with the attributes of a state."""
    get = row.get
    publisher = get("publisher")
    return Source(source, get("title", ""), get("url", ""), None if publisher is None else EntityId(publisher),
                  date_from(get("published")), get("host", ""), get("country", ""), get("sector", ""),
                  get("reliability", ""))


def document_properties(one: Document, mentions: tuple[Mention, ...], revision: Revision) -> dict[str, Any]:
    """The properties of a document; its mentions are JSON texts, in order."""
    return {
        "id": one.id, "content_hash": one.content_hash, "recorded": revision, "url": one.url, "title": one.title,
        "author": one.author, "publisher": one.publisher, "published": date_text(one.published),
        "modified": date_text(one.modified), "language": one.language, "place": one.place, "section": one.section,
        "extra": to_json(dict(one.extra)), "text": one.text,
        "mentions": [to_json([said.start, said.end, said.surface, list(said.candidates)]) for said in mentions]}


def document_from(row: Properties) -> Document:
    """A document of its properties."""
    return Document(
        DocumentId(row["id"]), row["text"], row["url"], row["title"], row["author"], row["publisher"],
        date_from(row.get("published")), date_from(row.get("modified")), row["language"], row["place"],
        row["section"], json.loads(row["extra"]), row["content_hash"])


def mentions_from(texts: list[str]) -> tuple[Mention, ...]:
    """Mentions of what `document_properties` made of them."""
    return tuple(Mention(start, end, surface, tuple(map(EntityId, candidates)))
                 for start, end, surface, candidates in map(json.loads, texts))


def passage_properties(one: Passage) -> dict[str, Any]:
    """The properties of a passage."""
    return {"id": one.id, "ordinal": one.ordinal, "start": one.start, "end": one.end, "text": one.text}


def passage_from(row: Properties, document: DocumentId) -> Passage:
    """A passage of its properties."""
    return Passage(PassageId(row["id"]), document, row["ordinal"], row["start"], row["end"], row["text"])


def to_json(value: object) -> str:
    """What `extra` and mentions are kept as."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
