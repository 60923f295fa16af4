"""Events as an answer has them: named, told of, detected or near, with confidence, evidence, time and place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from worldctx.lookup.happening import Happening
from worldctx.model.context import Reason, Span
from worldctx.model.ids import EntityId
from worldctx.model.time import Interval
from worldctx.text.triggers import CODES

#: How much a prompt is about an event that it tells of, at most.
ABOUT = 0.9
#: Confidence of what the text alone tells (the precision of triggers in the evaluation), and of what is merely near.
DETECTED, NEAR = 0.75, 0.5
#: Names shown of those who took part.
MENTIONS = 4


@dataclass(frozen=True, slots=True)
class Event:
    """An event in an answer.

    Attributes:
        id: None for one that only the text tells of.
        name: its name, or the code of its kind and the word that tells it.
        how: `named`, `matched`, `near` or `detected`.
        score: 0 to 1.
        span: where the text tells of it; None for a near one.
        time: as far as it may be told.
        place: where, with its name; empty where unknown.
        whole: what it is part of, with its name; empty where unknown.
    """

    id: EntityId | None
    name: str
    how: str
    score: float
    span: Span | None = None
    time: Interval | None = None
    place: tuple[EntityId, str] | None = None
    whole: tuple[EntityId, str] | None = None
    reasons: tuple[Reason, ...] = ()


def with_events(weights: Mapping[EntityId, float], events: Iterable[Event]) -> dict[EntityId, float]:
    """The weights of what a text is about, with those of the events that it tells of without naming them."""
    told = {one.id: round(ABOUT * one.score, 4) for one in events if one.how == "matched" and one.id is not None}
    return {**told, **weights}


def listed(events: Sequence[Event], happened: Sequence[Happening], near: Iterable[EntityId],
           labels: Mapping[EntityId, str]) -> tuple[Event, ...]:
    """All events of an answer: those that the graph knows, then what the text alone tells, then those near it.

    Args:
        events: that the text names or tells of.
        happened: what it tells to have happened.
        near: events that touch what it is about.
        labels: of these.
    """
    known = {one.id for one in events}
    spans = {one.span for one in events}
    detected = [Event(None, _described(one), "detected", DETECTED, one.span, one.time) for one in happened
                if one.type is not None and one.span is not None and one.span not in spans]
    # Who asks for a time is not helped by what happened at another.
    if any(one.span is None and one.time is not None for one in happened):
        near = ()
    beside = [Event(one, labels.get(one, str(one)), "near", NEAR) for one in near if one not in known]
    return (*events, *detected, *beside)


def _described(one: Happening) -> str:
    """The code of its kind, the word that tells it, who and where: `MAVEN:Attack bombed: Iraq (Baghdad)`."""
    who, where = (", ".join(list(dict.fromkeys(link.name or link.surface for link in side))[:MENTIONS])
                  for side in (one.who, one.where))
    code = f"{CODES[one.type]} {one.word}" if one.type is not None else one.word
    return f"{code}{f': {who}' if who else ''}{f' ({where})' if where else ''}"
