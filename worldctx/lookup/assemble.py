"""The slots of the context record: source, when, where, who, what, why. Pure. Unknown is said, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from worldctx.lookup.dated import covered
from worldctx.lookup.event import Event
from worldctx.lookup.places import NOWHERE, Ground
from worldctx.lookup.whereabouts import about, made_in
from worldctx.model.context import Claim, DateMention, Link, RankedFact, Slot, Slots, Status
from worldctx.model.document import Document
from worldctx.model.entity import Kind
from worldctx.model.event import HAS_TIME
from worldctx.model.ids import EntityId
from worldctx.model.source import host_of
from worldctx.model.time import DAY, Interval, iso_day
from worldctx.text.kinds import PURPOSES, REGISTERS, kind_of
from worldctx.text.kinds import TOPICS as MEDIA_TOPICS
from worldctx.text.page import published_on
from worldctx.text.published import published_in

#: Claims shown in one slot.
SLOT_SIZE = 8
#: CORE registers (Laippala et al. 2021) that a title, section or declared genre gives away for certain.
_REGISTERS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), code, name) for pattern, code, name in (
        (r"\b(?:statement in the|speech|address|remarks|sermon|transcript)\b", "CORE:SP", "spoken"),
        (r"\b(?:obituary|obituaries)\b", "CORE:NA", "narrative"),
        (r"\b(?:op-ed|opinion|editorial|commentary|letter to the editor)\b", "CORE:OP", "opinion"),
        (r"\breview\b", "CORE:RV", "review"),
        (r"\b(?:recipe|recipes)\b", "CORE:RE", "recipe"),
        (r"\b(?:sport|sports|match report)\b", "CORE:SR", "sports report"),
        (r"\b(?:abstract|research article)\b", "CORE:RA", "research article"),
        (r"\b(?:encyclop(?:a?e)dia|encyclopedic)\b", "CORE:EN", "encyclopedia article"),
        (r"\b(?:legal notice|terms and conditions|statute)\b", "CORE:LT", "legal terms"),
        (r"\b(?:interview)\b", "CORE:IT", "interview"),
        (r"\b(?:news|wire report|dispatch)\b", "CORE:NE", "news report"),
        (r"\b(?:blog)\b", "CORE:NB", "narrative blog"),
    ))
RULES = "worldctx-rules@1"
#: Confidence from which on a classifier is believed; see the row "which register" of docs/quality.md.
SURE = 0.8


def assemble(text: str, document: Document | None, links: Sequence[Link], dates: Sequence[DateMention],
             salience: Mapping[EntityId, float], publisher: Link | None, facts: Sequence[RankedFact],
             events: Sequence[Event], labels: Mapping[EntityId, str], absent: Sequence[Claim],
             ground: Ground = NOWHERE) -> Slots:
    """All six slots.

    Args:
        text: the query.
        document: its declared metadata, if it is a document.
        links, dates, salience: what the text names.
        publisher: what the declared publisher was linked to.
        facts: the chosen facts.
        events: that the text names, tells of or is near to, best first.
        labels: of entities, as of the clocks.
        absent: claims for what was asked and is not there.
        ground: where the places of the text lie, and where it comes from.
    """
    return Slots(
        source=_source(document, publisher, labels),
        when=_when(text, document, links, dates),
        where=_slot([*made_in(text, document, links, ground, labels), *about(links, salience, ground, labels)]),
        who=_linked(links, salience, (Kind.PERSON, Kind.ORGANISATION), "entities"),
        what=_what(events, facts, absent),
        why=_why(document, text),
    )


def _slot(claims: Sequence[Claim]) -> Slot:
    return Slot(Status.KNOWN if claims else Status.ABSENT, tuple(claims[:SLOT_SIZE]))


def _declared(field: str, value: str, path: str, ref: str = "", leak: str = "none") -> Claim:
    return Claim(field, value, ref, 1.0, "declared_markup", RULES, None, path, leak=leak)


def declared_country(document: Document | None) -> EntityId | None:
    """The id of the country that the input names beside its fields, by its ISO 3166-1 code of three letters."""
    code = document.extra.get("country", "") if document is not None else ""
    return EntityId(f"iso:{code}") if len(code) == 3 and code.isascii() and code.isupper() else None


def _source(document: Document | None, publisher: Link | None, labels: Mapping[EntityId, str]) -> Slot:
    if document is None:
        return Slot(Status.ABSENT)
    claims = []
    if document.publisher:
        claims.append(_declared("source.publisher", document.publisher, "publisher",
                                str(publisher.id) if publisher and publisher.id else ""))
    if host := host_of(document.url):
        claims.append(Claim("source.host", host, "", 1.0, "url_pattern", RULES, None, "url"))
    if (country := declared_country(document)) is not None and country in labels:
        claims.append(_declared("source.country", labels[country], "extra.country", str(country)))
    if document.author:
        claims.append(_declared("author", document.author, "author"))
    return _slot(claims)


def _when(text: str, document: Document | None, links: Sequence[Link], dates: Sequence[DateMention]) -> Slot:
    claims = []
    if document is not None and document.published is None and (told := _published(document)) is not None:
        claims.append(told)
    if document is not None and document.published is not None:
        claims.append(_declared("time.published", document.published.edtf, "published_at"))
    if document is not None and document.modified is not None:
        claims.append(_declared("time.modified", document.modified.edtf, "modified_at"))
    counted = covered(text, links, dates)
    spans = {date.valid: date.span for date in reversed(dates)}
    written = document.published.lo if document is not None and document.published is not None else None
    for valid, _ in sorted(counted.items(), key=lambda one: _nearness(one[0], one[1], written)):
        claims.append(Claim("time.covers", shown_interval(valid), "", 0.8, "rule", "worldctx-dates@1", spans[valid],
                            valid=valid, preferred=not any(one.field == "time.covers" for one in claims),
                            leak="body-derived"))
    return _slot(claims)


def _published(document: Document) -> Claim | None:
    """When a document without a declared date says that it was published: its page as `html`, else its own head."""
    html = document.extra.get("html", "")
    found = published_on(html, document.url, htmldate=False) if html or document.url else None
    if found is None:
        found = published_in(document.text)
    if found is None:
        return None
    return Claim("time.published", found.when.edtf, "", found.confidence, found.method, "worldctx-published@1",
                 found.span, "" if found.span is not None else "url" if found.path == "url" else "extra.html")


def _nearness(valid: Interval, count: int, written: int | None) -> tuple[bool, int, int, int, str]:
    """The order of times spoken of: whole centuries last, the most named first, then the nearest to the text's own."""
    distance = 0 if written is None else abs(valid.lo - written)
    return valid.hi - valid.lo > 11 * 366 * DAY, -count, distance, valid.lo, valid.edtf


def shown_interval(valid: Interval) -> str:
    """An interval in the fewest words: `1972` rather than `1972/1972`."""
    if valid.start is not None and valid.end is not None and valid.start.edtf == valid.end.edtf:
        return valid.start.edtf
    return valid.edtf


def _linked(links: Sequence[Link], salience: Mapping[EntityId, float], kinds: tuple[Kind, ...], field: str) -> Slot:
    first: dict[EntityId, Link] = {}
    for one in links:
        if one.id is not None and one.kind in kinds:
            first.setdefault(one.id, one)
    best = sorted(first.values(), key=lambda one: (-salience.get(one.id or EntityId(""), 0.0), one.id or ""))
    claims = [Claim(field, one.name, str(one.id), one.score, "gazetteer", "worldctx-link@1", one.span,
                    preferred=place == 0, leak="body-derived") for place, one in enumerate(best)]
    if not claims and any(one.id is None for one in links) and field == "entities":
        return Slot(Status.UNKNOWN)
    return _slot(claims)


def _what(events: Sequence[Event], facts: Sequence[RankedFact], absent: Sequence[Claim]) -> Slot:
    """Events, the best with its place and what it is part of, after what was asked for and is not there."""
    dated = {str(one.id) for one in events if one.time is not None}
    # When an event took place is told beside its name: nothing is missing.
    absent = [one for one in absent if not (one.field == f"asked.{HAS_TIME}" and one.ref in dated)]
    claims = list(absent)
    for place, one in enumerate(events):
        claims.append(_event(one, one.name, str(one.id or ""), "events", place == 0))
        for field, other in (("events.place", one.place), ("events.part_of", one.whole)) if place == 0 else ():
            if other is not None:
                claims.append(_event(one, other[1], str(other[0]), field, True))
    if absent:
        return Slot(Status.UNKNOWN, tuple(claims[:SLOT_SIZE]))
    if any(one.conflicts for one in facts):
        return Slot(Status.CONFLICT, tuple(claims[:SLOT_SIZE]))
    return _slot(claims)


def _event(one: Event, value: str, ref: str, field: str, preferred: bool) -> Claim:
    methods = {"named": "gazetteer", "detected": "rule"}
    return Claim(field, value, ref, one.score, methods.get(one.how, "graph_inference"), "worldctx-events@1", one.span,
                 valid=one.time, preferred=preferred, leak="body-derived" if one.span is not None else "none",
                 reasons=one.reasons if field == "events" else ())


def _why(document: Document | None, text: str) -> Slot:
    """Genre, purpose and topic: by rule where the input gives them away, else by classifier where it is sure."""
    if document is None:
        return Slot(Status.ABSENT)
    kind, declared = kind_of(text), _declared_genre(document)
    judged = (("genre", kind.register, "CORE", {code: name for code, (name, _) in REGISTERS.items()}),
              ("purpose", kind.purpose, "FTD", PURPOSES), ("topic", kind.topic, "medtop", MEDIA_TOPICS))
    claims = [] if declared is None else [declared]
    for field, best, scheme, names in judged:
        if best is not None and best.confidence >= SURE and not (field == "genre" and declared is not None):
            code = f"{best.code}000000" if scheme == "medtop" else best.code
            claims.append(Claim(field, f"{scheme}:{code} {names[best.code]}", "", best.confidence, "classifier",
                                "worldctx-kinds@1", leak="body-derived"))
    return _slot(claims)


def _declared_genre(document: Document) -> Claim | None:
    for path, value in (("section", document.section), ("extra.genre", document.extra.get("genre", "")),
                        ("title", document.title)):
        for pattern, code, name in _REGISTERS:
            if pattern.search(value):
                return Claim("genre", f"{code} {name}", "", 0.9, "rule", "core-registers@1", None, path,
                             leak="title-like" if path == "title" else "none")
    return None


def day_of(instant: int | None) -> str:
    """The last day before an exclusive instant, as EDTF; empty when open."""
    return "" if instant is None else iso_day(instant - DAY if instant % DAY == 0 else instant)
