"""What callers get: entities, facts, passages and whole contexts, to messages and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from worldctx.model.clocks import Basis, Clocks, Known
from worldctx.model.context import (
    Candidate,
    Claim,
    Context,
    DateMention,
    LeftOut,
    Link,
    RankedFact,
    RankedPassage,
    Reason,
    Rendered,
    RenderedSpan,
    Slot,
    Slots,
    Status,
)
from worldctx.model.entity import Entity, Kind, label_under, names_under
from worldctx.model.fact import Evidence, Fact, Literal
from worldctx.model.ids import DocumentId, EntityId, FactId, PassageId, Revision, SourceId, digest
from worldctx.wire.scalars import edtf, interval_from, interval_message, span_from, span_message, when_from
from worldctx.wire.v1 import context_pb2, types_pb2

#: The slots of a context, in the order of the noun.
_SLOTS = ("source", "when", "where", "who", "what", "why")


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
        preferred=one.preferred,
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
        span=span_message(one.span), surface=one.surface, valid=interval_message(one.valid), relative=one.relative,
        value=one.value,
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
        reasons=_reasons(one.reasons),
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


def context_from(message: context_pb2.LookUpResponse) -> Context:
    """An answer as it may be told: the inverse of `context_message`.

    What an answer keeps to itself is not in it: an end that was not yet public (a fact's validity is the one shown),
    since when that end was public, and withdrawals.

    Raises:
        BadInput: the message holds what no answer does, such as a date that is none.
    """
    return Context(
        tuple(map(_link_from, message.entities)),
        tuple(map(_fact_from, message.facts)),
        tuple(map(_passage_from, message.passages)),
        tuple(map(_date_from, message.dates)),
        Slots(*(_slot_from(getattr(message, name)) for name in _SLOTS)),
        _rendered_from(message.rendered),
        message.as_of,
        message.as_of_basis,
        message.known_by,
        Revision(message.revision),
        tuple(LeftOut(one.what, one.why, one.count) for one in message.left_out),
        message.context_hash,
    )


def _reasons_from(messages: Iterable[types_pb2.Reason]) -> tuple[Reason, ...]:
    return tuple(Reason(one.feature, one.weight, one.text) for one in messages)


def _fact_from(message: types_pb2.Fact) -> RankedFact:
    said, valid = message.evidence, interval_from(message.valid)
    literal = Literal(message.object, message.datatype, message.unit, message.lang) if message.datatype else None
    fact = Fact(
        FactId(message.id),
        EntityId(message.subject),
        message.predicate,
        EntityId(message.object) if literal is None else None,
        literal,
        valid,
        Known(when_from(message.known_since, "known_since"), Basis(message.known_basis)),
        SourceId(message.source) if message.source else None,
        Evidence(
            DocumentId(said.document_id) if said.document_id else None,
            said.span.start if said.HasField("span") else None,
            said.span.end if said.HasField("span") else None,
            said.quote,
            said.record,
        ),
        message.method,
        message.confidence,
        Revision(message.recorded),
    )
    return RankedFact(
        fact,
        message.subject_name,
        message.object_name,
        valid,
        message.source_title,
        message.source_url,
        message.score,
        _reasons_from(message.reasons),
        tuple(message.conflicts),
        message.preferred,
    )


def _passage_from(message: types_pb2.Passage) -> RankedPassage:
    return RankedPassage(
        PassageId(message.id),
        DocumentId(message.document_id),
        message.title,
        message.text,
        span_from(message.span),
        when_from(message.published_at, "published_at"),
        message.source,
        message.url,
        message.score,
        _reasons_from(message.reasons),
    )


def _link_from(message: types_pb2.Link) -> Link:
    candidates = tuple(
        Candidate(EntityId(one.id), one.name, Kind(one.kind), one.score, _reasons_from(one.reasons))
        for one in message.candidates
    )
    return Link(
        span_from(message.span),
        message.surface,
        EntityId(message.id) if message.id else None,
        message.name,
        Kind(message.kind) if message.kind else None,
        message.score,
        candidates,
    )


def _date_from(message: types_pb2.DateMention) -> DateMention:
    return DateMention(span_from(message.span), message.surface, interval_from(message.valid), message.relative,
                       message.value)


def _slot_from(message: types_pb2.Slot) -> Slot:
    word = types_pb2.SlotStatus.Name(message.status).removeprefix("SLOT_STATUS_").lower()
    return Slot(Status(word), tuple(map(_claim_from, message.claims)))


def _claim_from(message: types_pb2.Claim) -> Claim:
    return Claim(
        message.field,
        message.value,
        message.ref,
        message.confidence,
        message.method,
        message.extractor,
        span_from(message.span) if message.HasField("span") else None,
        message.path,
        interval_from(message.valid) if message.HasField("valid") else None,
        message.preferred,
        message.leak_class,
        _reasons_from(message.reasons),
    )


def _rendered_from(message: types_pb2.Rendered) -> Rendered:
    spans = tuple(RenderedSpan(span_from(one.span), one.part, one.item) for one in message.spans)
    return Rendered(message.text, spans, message.tokens, message.tokenizer, message.profile)
