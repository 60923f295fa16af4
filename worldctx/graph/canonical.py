"""The lines of the canonical dump: what a store says, without a trace of when and in which order it was told. Pure.

One JSON object a line, keys sorted, nothing that is empty or open. Of attributes that later lines replaced, all values
ever given are listed (`kinds`, `titles`), for which of them came last is a matter of order. A store puts its lines by
type, then by id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity
from worldctx.model.fact import Fact
from worldctx.model.ids import EntityId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import Interval


def document_line(one: Document, passages: Iterable[Passage], mentions: Sequence[Mention], *, withdrawn: bool) -> str:
    """A document with its passages, by ordinal, and its mentions."""
    return _line({
        "type": "document", "id": one.id, "content_hash": one.content_hash, "text": one.text, "url": one.url,
        "title": one.title, "author": one.author, "publisher": one.publisher, "language": one.language,
        "published": one.published.edtf if one.published else "", "modified": one.modified.edtf if one.modified else "",
        "place": one.place, "section": one.section, "extra": dict(one.extra), "withdrawn": withdrawn,
        "passages": [{"id": piece.id, "ordinal": piece.ordinal, "span": [piece.start, piece.end]}
                     for piece in passages],
        "mentions": sorted(
            ({"span": [said.start, said.end], "surface": said.surface, "candidates": list(said.candidates)}
             for said in mentions), key=lambda said: (said["span"], said["surface"], _json(said["candidates"])))})


def entity_line(entity: EntityId, lines: Sequence[Entity]) -> str:
    """An entity: all values that its attributes had, all its names and external ids; and which source told what of it.

    Args:
        entity: its id.
        lines: what was told of it: each with what it gave, and no more.
    """
    tellers = sorted({one.source or "" for one in lines})
    told = [{"source": teller, **_entity([one for one in lines if (one.source or "") == teller])} for teller in tellers]
    return _line({"type": "entity", "id": entity, **_entity(lines),
                  "told": [_said(one) for one in told] if any(tellers) else []})


def _entity(lines: Sequence[Entity]) -> dict[str, Any]:
    names = {name for one in lines for name in one.names}
    return {
        "kinds": _values(str(one.kind) for one in lines),
        "within": _values(one.within for one in lines),
        "lats": _values(one.lat for one in lines), "lons": _values(one.lon for one in lines),
        "descriptions": _values(one.description for one in lines),
        "weights": _values(one.weight or None for one in lines),
        "names": sorted((_said({"name": name.text, "lang": name.lang, "preferred": name.preferred,
                                "valid": _span(name.valid)}) for name in names), key=json.dumps),
        "same_as": sorted({other for one in lines for other in one.same_as})}


def fact_line(fact: Fact) -> str:
    """A fact, marked when it carries the revision that withdrew it."""
    known, said, literal = fact.known, fact.evidence, fact.literal
    return _line({
        "type": "fact", "id": fact.id, "subject": fact.subject, "predicate": fact.predicate, "object": fact.object,
        "literal": None if literal is None else [literal.value, literal.datatype, literal.unit, literal.lang],
        "valid": _span(fact.valid), "known_since": known.since.edtf if known.since else "", "basis": known.basis,
        "end_known_since": known.end_since.edtf if known.end_since else "", "source": fact.source,
        "document": said.document, "span": None if said.start is None else [said.start, said.end],
        "quote": said.quote, "record": said.record, "method": fact.method, "confidence": fact.confidence,
        "withdrawn": fact.withdrawn is not None})


def judgement_line(one: Judgement) -> str:
    """A judgement; `left` is the smaller id."""
    return _line({"type": "judgement", "left": one.left, "right": one.right, "by": one.by,
                  "at": one.at.edtf if one.at else None, "source": one.source,
                  "same": "unsure" if one.same is None else "yes" if one.same else "no"})


def source_line(states: Sequence[Source]) -> str:
    """A source: every state that its attributes had."""
    return _line({
        "type": "source", "id": states[0].id, "titles": _values(one.title for one in states),
        "urls": _values(one.url for one in states), "publishers": _values(one.publisher for one in states),
        "published": _values(one.published.edtf if one.published else None for one in states),
        "hosts": _values(one.host for one in states), "countries": _values(one.country for one in states),
        "sectors": _values(one.sector for one in states), "reliabilities": _values(one.reliability for one in states)})


def withdrawal_line(kind: str, target: str, reason: str) -> str:
    """A withdrawal of a fact, a document or a source."""
    return _line({"type": "withdrawal", kind: target, "reason": reason})


def _values(given: Iterable[Any]) -> list[Any]:
    return sorted(set(given) - {None, ""})


def _span(interval: Interval) -> str:
    return "" if interval.start is None and interval.end is None else interval.edtf


def _line(record: Mapping[str, Any]) -> str:
    return _json(_said(record))


def _said(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if value not in (None, "", False, [], {})}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
