"""Nouns to messages and back. Pure; the only place where both are known."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from worldctx.exchange.documents import check_text, identified
from worldctx.model.ask import Ask, Filter, Profile
from worldctx.model.clocks import Clocks
from worldctx.model.context import (
    Claim,
    Context,
    DateMention,
    LeftOut,
    Link,
    RankedFact,
    RankedPassage,
    Reason,
    Rendered,
    Slot,
    Span,
)
from worldctx.model.document import Document
from worldctx.model.entity import Entity, Kind, label_under, names_under
from worldctx.model.errors import BadInput
from worldctx.model.fact import Evidence
from worldctx.model.ids import DocumentId, Revision, digest
from worldctx.model.time import Interval, When, parse_when
from worldctx.wire.v1 import context_pb2, graph_pb2, types_pb2


def to_json(message: Message) -> str:
    """The JSON form of a message on one line: names as in the contract, numbers as numbers, empty fields printed."""
    return json.dumps(to_dict(message), ensure_ascii=False)


def to_dict(message: Message) -> dict[str, Any]:
    """The JSON form of a message as Python values, in the order of the contract.

    As protobuf's own JSON form, but that 64-bit integers are numbers (no count of ours reaches 2**53) and that the
    words of our enumerations stand alone and in lower case: `known`, `written`.
    """
    if not message.DESCRIPTOR.full_name.startswith("worldctx."):
        found: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
        return found
    return {
        field.name: _json_of(field, getattr(message, field.name))
        for field in message.DESCRIPTOR.fields
        if not field.has_presence or message.HasField(field.name)
    }


# `field` is a field's descriptor, of a class that differs between protobuf's Python and C.
def _json_of(field: Any, value: Any) -> Any:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        one = field.message_type.fields_by_name["value"]
        return {str(key): _scalar(one, value[key]) for key in sorted(value)}
    return [_scalar(field, one) for one in value] if field.is_repeated else _scalar(field, value)


def _scalar(field: Any, value: Any) -> Any:
    if field.message_type is not None:
        return to_dict(value)
    if field.enum_type is not None:
        # buf's rule for enumerations: each word begins with the name of its type.
        prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        return field.enum_type.values_by_number[value].name.removeprefix(prefix).lower()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def when_from(text: str, field: str) -> When | None:
    """A date field of a message; empty is None."""
    return parse_when(text, field) if text else None


def edtf(when: When | None) -> str:
    """A date as a message carries it."""
    return "" if when is None else when.edtf


def interval_message(valid: Interval) -> types_pb2.Interval:
    """An interval with both sides and as EDTF."""
    return types_pb2.Interval(**{"from": edtf(valid.start), "to": edtf(valid.end), "edtf": valid.edtf})


def span_message(span: Span) -> types_pb2.Span:
    """A span."""
    return types_pb2.Span(start=span.start, end=span.end)


def document_message(document: Document) -> types_pb2.Document:
    """A document; the content hash stays behind, since the reader makes it anew."""
    return types_pb2.Document(
        id=document.id,
        text=document.text,
        url=document.url,
        title=document.title,
        author=document.author,
        publisher=document.publisher,
        published_at=edtf(document.published),
        modified_at=edtf(document.modified),
        language=document.language,
        place=document.place,
        section=document.section,
        extra=dict(document.extra),
    )


def document_from(message: types_pb2.Document, max_chars: int, text: str | None = None) -> Document:
    """A document with its id and content hash.

    Args:
        message: the declared fields.
        max_chars: longest text accepted.
        text: stands for the message's own text when that is empty.

    Raises:
        BadInput: a date is none, or the text is missing or too long.
    """
    body = message.text or text or ""
    check_text(body, max_chars)
    return identified(
        Document(
            DocumentId(message.id),
            body,
            message.url,
            message.title,
            message.author,
            message.publisher,
            when_from(message.published_at, "published_at"),
            when_from(message.modified_at, "modified_at"),
            message.language,
            message.place,
            message.section,
            dict(message.extra),
        )
    )


def filter_from(message: context_pb2.Filter) -> Filter:
    """A filter; unknown kinds are refused."""
    bad = [kind for kind in message.kinds if kind not in set(Kind)]
    if bad:
        raise BadInput.at("filter.kinds", f"{bad[0]!r} is none of {', '.join(Kind)}")
    return Filter(
        tuple(message.sources),
        tuple(message.places),
        tuple(message.languages),
        tuple(message.kinds),
        when_from(message.published_from, "filter.published_from"),
        when_from(message.published_to, "filter.published_to"),
    )


def filter_message(wanted: Filter) -> context_pb2.Filter:
    """A filter as a message."""
    return context_pb2.Filter(
        sources=wanted.sources,
        places=wanted.places,
        languages=wanted.languages,
        kinds=wanted.kinds,
        published_from=edtf(wanted.published_from),
        published_to=edtf(wanted.published_to),
    )


def ask_from(message: context_pb2.LookUpRequest, max_chars: int, *, enriching: bool = False) -> Ask:
    """An ask. Zero means the default for budget, limit and revision.

    Raises:
        BadInput: the message names the field.
    """
    profile = message.profile or (Profile.HEADER if enriching else Profile.BRIEF)
    if profile not in set(Profile):
        raise BadInput.at("profile", f"{message.profile!r} is none of {', '.join(Profile)}")
    for name in ("budget", "limit", "revision"):
        if getattr(message, name) < 0:
            raise BadInput.at(name, "must not be negative")
    document = document_from(message.document, max_chars, message.text) if message.HasField("document") else None
    if document is None:
        check_text(message.text, max_chars)
    return Ask(
        message.text or (document.text if document else ""),
        when_from(message.as_of, "as_of"),
        when_from(message.known_by, "known_by"),
        when_from(message.now, "now"),
        Revision(message.revision) if message.revision else None,
        document,
        message.strict,
        message.budget or 512,
        message.limit or 10,
        Profile(profile),
        filter_from(message.filter),
        enriching,
    )


def ask_message(ask: Ask) -> context_pb2.LookUpRequest:
    """An ask as a message."""
    message = context_pb2.LookUpRequest(
        text="" if ask.document is not None and ask.text == ask.document.text else ask.text,
        as_of=edtf(ask.as_of),
        known_by=edtf(ask.known_by),
        now=edtf(ask.now),
        revision=ask.revision or 0,
        strict=ask.strict,
        budget=ask.budget,
        limit=ask.limit,
        profile=ask.profile,
        filter=filter_message(ask.filter),
    )
    if ask.document is not None:
        message.document.CopyFrom(document_message(ask.document))
    return message


def clocks_from(message: graph_pb2.Clocks) -> Clocks:
    """The clocks of a graph read: no default but open."""
    as_of, known_by = when_from(message.as_of, "clocks.as_of"), when_from(message.known_by, "clocks.known_by")
    cutoff = known_by.hi if known_by else None
    return Clocks(as_of, cutoff, cutoff, message.strict)


def entity_message(entity: Entity, clocks: Clocks) -> types_pb2.Entity:
    """An entity with the names in use under the clocks."""
    names = [
        types_pb2.Name(name=name.text, lang=name.lang, valid=interval_message(name.valid), preferred=name.preferred)
        for name in names_under(entity, clocks)
    ]
    message = types_pb2.Entity(
        id=entity.id,
        kind=entity.kind,
        name=label_under(entity, clocks),
        names=names,
        same_as=entity.same_as,
        within=entity.within or "",
        description=entity.description,
        weight=entity.weight,
    )
    if entity.lat is not None and entity.lon is not None:
        message.lat, message.lon = entity.lat, entity.lon
    return message


def fact_message(one: RankedFact) -> types_pb2.Fact:
    """A fact as it may be shown."""
    fact, literal = one.fact, one.fact.literal
    return types_pb2.Fact(
        id=fact.id,
        subject=fact.subject,
        subject_name=one.subject_name,
        predicate=fact.predicate,
        object=fact.object_text,
        object_name=one.object_name,
        datatype=literal.datatype if literal else "",
        unit=literal.unit if literal else "",
        lang=literal.lang if literal else "",
        valid=interval_message(one.valid),
        known_since=edtf(fact.known.since),
        known_basis=fact.known.basis,
        source=fact.source or "",
        source_title=one.source_title,
        source_url=one.source_url,
        evidence=_evidence(fact.evidence),
        method=fact.method,
        confidence=fact.confidence,
        recorded=fact.recorded,
        score=one.score,
        reasons=_reasons(one.reasons),
        conflicts=one.conflicts,
    )


def passage_message(one: RankedPassage) -> types_pb2.Passage:
    """A passage."""
    return types_pb2.Passage(
        id=one.id,
        document_id=one.document,
        title=one.title,
        text=one.text,
        span=span_message(one.span),
        published_at=edtf(one.published),
        source=one.source,
        url=one.url,
        score=one.score,
        reasons=_reasons(one.reasons),
    )


def context_message(context: Context) -> context_pb2.LookUpResponse:
    """The whole answer, with `context_hash`: the digest of everything else in it."""
    message = context_pb2.LookUpResponse(
        entities=[_link(one) for one in context.entities],
        facts=[fact_message(one) for one in context.facts],
        passages=[passage_message(one) for one in context.passages],
        dates=[_date(one) for one in context.dates],
        source=_slot(context.slots.source),
        when=_slot(context.slots.when),
        where=_slot(context.slots.where),
        who=_slot(context.slots.who),
        what=_slot(context.slots.what),
        why=_slot(context.slots.why),
        rendered=_rendered(context.rendered),
        as_of=context.as_of,
        as_of_basis=context.as_of_basis,
        known_by=context.known_by,
        revision=context.revision,
        left_out=left_out_messages(context.left_out),
    )
    message.context_hash = digest(message.SerializeToString(deterministic=True).hex())
    return message


def left_out_messages(left: Sequence[LeftOut]) -> list[types_pb2.LeftOut]:
    """What is missing."""
    return [types_pb2.LeftOut(what=one.what, why=one.why, count=one.count) for one in left]


def _evidence(evidence: Evidence) -> types_pb2.Evidence:
    message = types_pb2.Evidence(document_id=evidence.document or "", quote=evidence.quote, record=evidence.record)
    if evidence.start is not None and evidence.end is not None:
        message.span.CopyFrom(types_pb2.Span(start=evidence.start, end=evidence.end))
    return message


def _reasons(reasons: Sequence[Reason]) -> list[types_pb2.Reason]:
    return [types_pb2.Reason(feature=one.feature, weight=one.weight, text=one.text) for one in reasons]


def _link(one: Link) -> types_pb2.Link:
    candidates = [
        types_pb2.Candidate(
            id=each.id, name=each.name, kind=each.kind, score=each.score, reasons=_reasons(each.reasons)
        )
        for each in one.candidates
    ]
    return types_pb2.Link(
        id=one.id or "",
        kind=one.kind or "",
        name=one.name,
        span=span_message(one.span),
        surface=one.surface,
        score=one.score,
        candidates=candidates,
    )


def _date(one: DateMention) -> types_pb2.DateMention:
    return types_pb2.DateMention(
        span=span_message(one.span), surface=one.surface, valid=interval_message(one.valid), relative=one.relative
    )


def _slot(slot: Slot) -> types_pb2.Slot:
    return types_pb2.Slot(
        status=types_pb2.SlotStatus.Value(f"SLOT_STATUS_{slot.status.upper()}"),
        claims=[_claim(one) for one in slot.claims],
    )


def _claim(one: Claim) -> types_pb2.Claim:
    message = types_pb2.Claim(
        field=one.field,
        value=one.value,
        ref=one.ref,
        confidence=one.confidence,
        method=one.method,
        extractor=one.extractor,
        path=one.path,
        preferred=one.preferred,
        leak_class=one.leak,
    )
    if one.span is not None:
        message.span.CopyFrom(span_message(one.span))
    if one.valid is not None:
        message.valid.CopyFrom(interval_message(one.valid))
    return message


def _rendered(one: Rendered) -> types_pb2.Rendered:
    spans = [types_pb2.RenderedSpan(span=span_message(each.span), part=each.part, item=each.item) for each in one.spans]
    return types_pb2.Rendered(
        text=one.text, spans=spans, tokens=one.tokens, tokenizer=one.tokenizer, profile=one.profile
    )


def request_from(record: Mapping[str, Any]) -> context_pb2.LookUpRequest:
    """A request from a line of a query file: `text`, `as_of`, `known_by`, `limit`, `filter` and the other fields.

    Raises:
        BadInput: a field is unknown or of a wrong type.
    """
    from google.protobuf.json_format import ParseDict, ParseError

    try:
        return ParseDict(
            {key: value for key, value in record.items() if key != "id" and value is not None},
            context_pb2.LookUpRequest(),
        )
    except ParseError as error:
        raise BadInput.at("query", str(error)) from error
