"""What a text itself tells to have happened: a trigger with those who took part, a place and a time. Pure.

Precision before recall: a trigger alone is no event. Something in its sentence must say of whom, where or when it is
told, and a word that is often used otherwise (won, met, conference) needs a date beside it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from worldctx.model.context import DateMention, Link, Span
from worldctx.model.entity import Kind
from worldctx.model.ids import EntityId
from worldctx.model.time import DAY, Interval
from worldctx.text.triggers import EventType, Trigger, find_triggers

#: A longer period does not say when something happened.
LONGEST_S = 11 * 366 * DAY
#: Right before the name of a place: it happened there.
_THERE = re.compile(r"\b(?:in|at|near|outside|off|around|of)\s(?:the\s)?$", re.IGNORECASE)
#: Characters that such words take at most.
_LOOK_BACK = 12


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as a text tells it.

    Attributes:
        type: None where a prompt does not say what kind of thing it asks for.
        span: of the trigger; None for a prompt as a whole.
        word: the trigger.
        mentions: names in its sentence, linked or not, those that say where last.
        there: how many of them, from the end, say where.
        time: when, as far as the sentence says.
    """

    type: EventType | None
    span: Span | None
    word: str
    mentions: tuple[Link, ...]
    there: int = 0
    time: Interval | None = None

    @property
    def ids(self) -> tuple[EntityId, ...]:
        """What its names were linked to, or might mean: what an event says of who and where decides between them."""
        return tuple(dict.fromkeys(key for one in self.mentions for key in ids_of(one)))

    @property
    def who(self) -> tuple[Link, ...]:
        return self.mentions[:len(self.mentions) - self.there]

    @property
    def where(self) -> tuple[Link, ...]:
        return self.mentions[len(self.mentions) - self.there:]


def ids_of(mention: Link) -> tuple[EntityId, ...]:
    """What a name was linked to, then what else it might mean."""
    return tuple(key for key in (mention.id, *(one.id for one in mention.candidates)) if key is not None)


def happenings(text: str, links: Sequence[Link], dates: Sequence[DateMention]) -> tuple[Happening, ...]:
    """The events that a document tells of, by start: one of a type in a sentence, without those that it calls by name.

    Args:
        text: of the document.
        links, dates: of the text, by start.
    """
    found: list[Happening] = []
    for sentence, mine in groupby(_unnamed(find_triggers(text), links), key=lambda one: one.sentence):
        named = _within(links, sentence)
        when = [one for one in _within(dates, sentence) if _tells_when(one.valid)]
        if named or when:
            told = {one.type: one for one in reversed(list(mine)) if when or not one.weak}
            found += [_happening(text, one, named, when) for one in told.values()]
    return tuple(sorted(found, key=_place))


def asked_about(text: str, links: Sequence[Link], dates: Sequence[DateMention]) -> tuple[Happening, ...]:
    """What a prompt asks about, one for each time that it names: all its names, and the kind that its words tell."""
    types = [one.type for one in find_triggers(text)]
    periods: list[Interval | None] = list(dict.fromkeys(one.valid for one in dates if _tells_when(one.valid)))
    where = [one for one in links if one.kind is Kind.PLACE and _is_there(text, one)]
    mentions = (*_others(links, where), *where)
    return tuple(Happening(types[0] if types else None, None, "", mentions, len(where), time)
                 for time in periods or [None])


Spanned = TypeVar("Spanned", Link, DateMention)


def _within(rows: Sequence[Spanned], part: Span) -> Sequence[Spanned]:
    """Those of rows in order that begin in a part of the text."""
    return rows[bisect_left(rows, part.start, key=_start):bisect_left(rows, part.end, key=_start)]


def _start(one: Link | DateMention) -> int:
    return one.span.start


def _place(one: Happening) -> int:
    return one.span.start if one.span is not None else 0


def _unnamed(triggers: Sequence[Trigger], links: Sequence[Link]) -> Sequence[Trigger]:
    """The triggers that are no part of a linked name: the War in the name of a war, and in that of a ministry."""
    kept = []
    place = 0
    for one in triggers:
        while place < len(links) and links[place].span.end <= one.span.start:
            place += 1
        if place == len(links) or links[place].id is None or links[place].span.start > one.span.start:
            kept.append(one)
    return kept


def _tells_when(valid: Interval) -> bool:
    return valid.start is not None and valid.end is not None and valid.hi - valid.lo <= LONGEST_S


def _happening(text: str, trigger: Trigger, named: Sequence[Link], when: Sequence[DateMention]) -> Happening:
    where = [one for one in named if one.kind is Kind.PLACE and _is_there(text, one)]
    nearest = min(when, key=lambda one: (_gap(one.span, trigger.span), one.valid.hi - one.valid.lo, one.span.start),
                  default=None)
    return Happening(
        trigger.type, trigger.span, text[trigger.span.start:trigger.span.end],
        (*_others(named, where), *where), len(where), nearest.valid if nearest else None)


def _others(named: Sequence[Link], where: Sequence[Link]) -> list[Link]:
    """The names that are not those of where it happened: a dateline has them too."""
    ids, surfaces = {one.id for one in where if one.id}, {one.surface.casefold() for one in where}
    return [one for one in named if one.id not in ids and one.surface.casefold() not in surfaces]


def _is_there(text: str, place: Link) -> bool:
    """Whether the words before the name of a place say that it happened there."""
    return _THERE.search(text, max(0, place.span.start - _LOOK_BACK), place.span.start) is not None


def _gap(one: Span, other: Span) -> int:
    """Characters between two spans."""
    return max(one.start - other.end, other.start - one.end, 0)
