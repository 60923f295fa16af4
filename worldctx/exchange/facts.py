"""The facts format: JSON lines of sources, entities, facts and judgements, in any order; and its inverse."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from worldctx.exchange.fields import date_of, id_of, number_of, only, parse_object, text_of
from worldctx.model.clocks import Basis, Known
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.errors import BadInput
from worldctx.model.fact import Evidence, Fact, Literal, fact_id
from worldctx.model.ids import DocumentId, EntityId, FactId, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source, host_of
from worldctx.model.time import Interval, When, parse_interval

#: How a fact was got, where its line does not say.
METHOD = "declared@1"
#: A fact as a line gives it: `known` is UNSTATED until `resolve_known`, unless the line states it; its id may be empty.
FactLine = Fact
Line = Source | Entity | FactLine | Judgement

_SOURCE = frozenset(
    {"type", "id", "title", "url", "publisher", "published_at", "host", "country", "sector", "reliability"}
)
_ENTITY = frozenset({"type", "id", "kind", "names", "same_as", "lat", "lon", "within", "description", "weight",
                     "source"})
_NAME = frozenset({"name", "lang", "from", "to", "preferred"})
_FACT = frozenset(
    {
        "type",
        "id",
        "subject",
        "predicate",
        "object",
        "value",
        "datatype",
        "unit",
        "lang",
        "valid",
        "known_since",
        "end_known_since",
        "source",
        "quote",
        "document",
        "start",
        "end",
        "record",
        "method",
        "confidence",
    }
)
_VALID = frozenset({"from", "to", "edtf"})
_JUDGEMENT = frozenset({"type", "left", "right", "same", "by", "at", "source"})


def parse_line(text: str, number: int = 1) -> Line:
    """One line of the format. A fact comes with `known` as stated; `resolve_known` completes it.

    Raises:
        BadInput: the message names the line and the field.
    """
    try:
        return read_record(parse_object(text))
    except BadInput as error:
        raise BadInput(f"line {number}: {error.message}", violations=error.violations) from error


def read_record(record: Mapping[str, Any]) -> Line:
    """What a line's object says.

    Raises:
        BadInput: the message names the field. Keys that nobody would read are refused, for a slip of the pen would
            lose data silently.
    """
    kind = record.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise BadInput.at("type", f"is {_shown(kind)}; it must be source, entity, fact or judgement")
    return reader(record)


def resolve_known(fact: Fact, source: Source | None) -> Fact:
    """The fact with the basis of its known clock, and the id of its content unless it brought one.

    Stated dates come first, then the source's publication, then the start of its validity; with the last, the end of
    its validity became known when it came.
    """
    known = fact.known
    if known.basis is not Basis.STATED:
        if source is not None and source.published is not None:
            known = Known(source.published, Basis.SOURCE, known.end_since)
        elif fact.valid.start is not None:
            known = Known(fact.valid.start, Basis.VALID_START, known.end_since or fact.valid.end)
    if known is fact.known and fact.id:
        return fact
    # Its id has no part of what is derived. Not `replace`, which takes longer than the rest, and there are millions.
    return Fact(fact.id or fact_id(fact), fact.subject, fact.predicate, fact.object, fact.literal, fact.valid, known,
                fact.source, fact.evidence, fact.method, fact.confidence, fact.recorded, fact.withdrawn)


def _source(record: Mapping[str, Any]) -> Source:
    only(record, _SOURCE, "source")
    url = text_of(record, "url")
    try:
        urlsplit(url)
    except ValueError as error:
        raise BadInput.at("url", f"{url[:60]!r} is no URL") from error
    publisher = id_of(record, "publisher")
    return Source(
        SourceId(id_of(record, "id", needed=True)),
        text_of(record, "title"),
        url,
        EntityId(publisher) if publisher else None,
        date_of(record, "published_at"),
        # An empty one says that the address is not where it was published.
        host_of(url) if record.get("host") is None else text_of(record, "host"),
        text_of(record, "country"),
        text_of(record, "sector"),
        text_of(record, "reliability"),
    )


def _entity(record: Mapping[str, Any]) -> Entity:
    only(record, _ENTITY, "entity")
    kind = text_of(record, "kind")
    if kind not in set(Kind):
        raise BadInput.at("kind", f"is {kind!r}; it must be one of {', '.join(Kind)}")
    names = _list(record, "names", "objects")
    same = _list(record, "same_as", "ids")
    within = id_of(record, "within")
    return Entity(
        EntityId(id_of(record, "id", needed=True)),
        Kind(kind),
        tuple(_name(one, place) for place, one in enumerate(names)),
        tuple(
            EntityId(id_of({"same_as": one}, "same_as", f"same_as[{place}]", needed=True))
            for place, one in enumerate(same)
        ),
        number_of(record, "lat", -90, 90),
        number_of(record, "lon", -180, 180),
        EntityId(within) if within else None,
        text_of(record, "description"),
        number_of(record, "weight", 0, 1) or 0.0,
        _told_by(record),
    )


def _told_by(record: Mapping[str, Any]) -> SourceId | None:
    source = id_of(record, "source")
    return SourceId(source) if source else None


def _name(record: Any, place: int) -> Name:
    field = f"names[{place}]"
    if not isinstance(record, Mapping):
        raise BadInput.at(field, "must be an object with a name")
    only(record, _NAME, "name")
    name = text_of(record, "name", f"{field}.name")
    if not name.strip():
        raise BadInput.at(f"{field}.name", "is missing")
    preferred = record.get("preferred")
    if preferred is not None and not isinstance(preferred, bool):
        raise BadInput.at(f"{field}.preferred", f"must be true or false, not {_shown(preferred)}")
    return Name(name, text_of(record, "lang", f"{field}.lang"), _interval(record, field), bool(preferred))


def _list(record: Mapping[str, Any], key: str, of: str) -> list[Any]:
    found = record.get(key)
    if found is not None and not isinstance(found, list):
        raise BadInput.at(key, f"must be a list of {of}, not {_shown(found)}")
    return found or []


def _shown(value: Any) -> str:
    return json.dumps(value, default=str)[:40]


def _interval(record: Mapping[str, Any], field: str) -> Interval:
    if record.get("edtf") and not record.get("from") and not record.get("to"):
        first, _, last = text_of(record, "edtf", f"{field}.edtf").partition("/")
        return parse_interval(first, last or first, field)
    start, end = _side(record, "from", field), _side(record, "to", field)
    return parse_interval(start.edtf if start else None, end.edtf if end else None, field)


def _side(record: Mapping[str, Any], key: str, field: str) -> When | None:
    return None if record.get(key) == ".." else date_of(record, key, f"{field}.{key}")


def _fact(record: Mapping[str, Any]) -> Fact:
    only(record, _FACT, "fact")
    target, value = id_of(record, "object"), record.get("value")
    if bool(target) == (value is not None):
        raise BadInput.at("object", "is missing; a fact has either an object (an id) or a value" if not target else
                          "stands beside a value; a fact has one of the two")
    stray = next((key for key in ("datatype", "unit", "lang") if target and record.get(key)), None)
    if stray is not None:
        raise BadInput.at(stray, "belongs to a value, and this fact has an object")
    valid = record.get("valid")
    if valid is not None and not isinstance(valid, Mapping):
        raise BadInput.at("valid", 'must be an object such as {"from": "2001", "to": "2005-03-01"}')
    valid = valid or {}
    only(valid, _VALID, "validity")
    since, end_since = date_of(record, "known_since"), date_of(record, "end_known_since")
    document = id_of(record, "document")
    confidence = number_of(record, "confidence", 0, 1)
    start, end = _offset(record, "start"), _offset(record, "end")
    if start is not None and end is not None and end < start:
        raise BadInput.at("end", f"{end} precedes start ({start})")
    predicate = text_of(record, "predicate")
    if not predicate.strip():
        raise BadInput.at("predicate", "is missing")
    return Fact(
        FactId(id_of(record, "id")),
        EntityId(id_of(record, "subject", needed=True)),
        predicate,
        EntityId(target) if target else None,
        None if target else _literal(record, value),
        _interval(valid, "valid"),
        Known(since, Basis.STATED if since else Basis.UNSTATED, end_since),
        _told_by(record),
        Evidence(
            DocumentId(document) if document else None,
            start,
            end,
            text_of(record, "quote"),
            text_of(record, "record"),
        ),
        text_of(record, "method") or METHOD,
        1.0 if confidence is None else confidence,
    )


def _offset(record: Mapping[str, Any], key: str) -> int | None:
    value = number_of(record, key, 0, 2**53)
    if value is not None and not value.is_integer():
        raise BadInput.at(key, f"must be a whole number of characters, not {value}")
    return None if value is None else int(value)


def _literal(record: Mapping[str, Any], value: Any) -> Literal:
    kinds = {bool: "boolean", int: "integer", float: "decimal", str: "string"}
    if type(value) not in kinds:
        raise BadInput.at("value", f"must be a text, a number, true or false, not {_shown(value)}")
    return Literal(
        text_of(record, "value") if isinstance(value, str) else _lexical(value),
        text_of(record, "datatype") or kinds[type(value)],
        text_of(record, "unit"),
        text_of(record, "lang"),
    )


def _lexical(value: float) -> str:
    """The XSD lexical form of a JSON number or truth value."""
    if isinstance(value, float) and not math.isfinite(value):
        raise BadInput.at("value", "is too large for a number; write it as a text with its datatype")
    # XSD decimals have no exponent.
    return f"{Decimal(repr(value)):f}" if isinstance(value, float) else json.dumps(value)


def _judgement(record: Mapping[str, Any]) -> Judgement:
    only(record, _JUDGEMENT, "judgement")
    same = record.get("same")
    if same is not None and not isinstance(same, bool):
        raise BadInput.at("same", "must be true, false or null (unsure)")
    return Judgement(
        EntityId(id_of(record, "left", needed=True)),
        EntityId(id_of(record, "right", needed=True)),
        same,
        text_of(record, "by"),
        date_of(record, "at"),
        _told_by(record),
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Line]] = {
    "source": _source,
    "entity": _entity,
    "fact": _fact,
    "judgement": _judgement,
}


def line_of(one: Line) -> str:
    """The line for a record: the inverse of `parse_line`, keys sorted, empty ones left out."""
    record = _written(one)
    return json.dumps(
        {
            key: value
            for key, value in record.items()
            if (key in ("value", "host") and value is not None) or value not in (None, "", [], {})
        },
        ensure_ascii=False,
        sort_keys=True,
    )


def _written(one: Line) -> dict[str, Any]:
    if isinstance(one, Source):
        return {
            "type": "source",
            "id": one.id,
            "title": one.title,
            "url": one.url,
            "publisher": one.publisher,
            "published_at": one.published and one.published.edtf,
            "host": None if one.host == host_of(one.url) else one.host,
            "country": one.country,
            "sector": one.sector,
            "reliability": one.reliability,
        }
    if isinstance(one, Entity):
        return {
            "type": "entity",
            "id": one.id,
            "kind": one.kind.value,
            "names": [_name_written(name) for name in one.names],
            "same_as": list(one.same_as),
            "lat": one.lat,
            "lon": one.lon,
            "within": one.within,
            "description": one.description,
            "weight": one.weight or None,
            "source": one.source,
        }
    if isinstance(one, Judgement):
        return {
            "type": "judgement",
            "left": one.left,
            "right": one.right,
            "same": one.same,
            "by": one.by,
            "at": one.at and one.at.edtf,
            "source": one.source,
        }
    known, literal = one.known, one.literal
    # What `resolve_known` would derive again is not written, and neither is the id that the content has.
    derived = known.basis is Basis.VALID_START and known.end_since == one.valid.end
    # A value goes out as text with its datatype, so that no digit of it changes on the way.
    return {
        "type": "fact",
        "id": one.id if one.id != fact_id(one) else None,
        "subject": one.subject,
        "predicate": one.predicate,
        "object": one.object,
        "value": None if literal is None else literal.value,
        "datatype": literal and literal.datatype,
        "unit": literal and literal.unit,
        "lang": literal and literal.lang,
        "valid": {side: when.edtf for side, when in (("from", one.valid.start), ("to", one.valid.end)) if when},
        "known_since": known.since.edtf if known.since and known.basis is Basis.STATED else None,
        "end_known_since": known.end_since.edtf if known.end_since and not derived else None,
        "source": one.source,
        "quote": one.evidence.quote,
        "document": one.evidence.document,
        "start": one.evidence.start,
        "end": one.evidence.end,
        "record": one.evidence.record,
        "method": one.method if one.method != METHOD else None,
        "confidence": None if one.confidence == 1.0 else one.confidence,
    }


def _name_written(name: Name) -> dict[str, Any]:
    sides = {"from": name.valid.start and name.valid.start.edtf, "to": name.valid.end and name.valid.end.edtf}
    record = {"name": name.text, "lang": name.lang, **sides, "preferred": name.preferred or None}
    return {key: value for key, value in record.items() if value}
