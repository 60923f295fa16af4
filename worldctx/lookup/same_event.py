"""Which texts tell of the same event: the same kind, the same names, a day more or less, and like words. Pure.

The key is that of event identity in news (kind, participants, place, day; see docs/events.md); within it texts must be
alike, by the cosine of their vectors where there are any, else by the words that they share. No graph is asked, so that
texts on what the graph does not know are found together too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import regex

from worldctx.model.context import RankedPassage, Reason
from worldctx.model.time import DAY, When
from worldctx.text.dates import find_dates
from worldctx.text.triggers import EventType, find_triggers, related
from worldctx.text.words import CALENDAR, everyday

#: Two texts may date one event a day apart: one tells it on the day, the other on the morning after.
AROUND = DAY
#: Names that two texts on one event have in common at least.
NAMES = 2
#: Share of the rarer text's words that the other has, and cosine, from which on texts are alike.
SHARED, CLOSE = 0.2, 0.6
#: Passages of an answer that are compared.
COMPARED = 10
#: The feature of the reason that a passage gets; it adds nothing to its score.
SAME_EVENT = "same_event"
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}'’-]+")
_NAME = regex.compile(r"\p{Lu}[\p{L}\p{M}’-]+(?:[ \n]\p{Lu}[\p{L}\p{M}’-]+)*")


@dataclass(frozen=True, slots=True)
class Occasion:
    """One thing that a text tells to have happened: its kind, the names beside it, and within which instants."""

    type: EventType
    names: frozenset[str]
    lo: int
    hi: int


@dataclass(frozen=True, slots=True)
class Telling:
    """A text as far as it tells of events.

    Attributes:
        words: its content words, folded.
        vector: of the text, of length 1; empty where there is none.
    """

    id: str
    occasions: tuple[Occasion, ...]
    words: frozenset[str]
    vector: Sequence[float] = ()


def telling(name: str, text: str, published: When | None, vector: Sequence[float] = ()) -> Telling:
    """What a text tells of.

    Args:
        name: its id.
        published: when; an event without a date of its own is dated so, where that is a day.
    """
    occasions = []
    for part, mine in groupby(find_triggers(text), key=lambda one: one.sentence):
        sentence = text[part.start:part.end]
        names = frozenset(filter(None, map(_name, _NAME.findall(sentence))))
        days = [one.valid for one in find_dates(sentence, published)
                if one.valid.start is not None and one.valid.hi - one.valid.lo <= 2 * AROUND]
        if days:
            lo, hi = days[0].lo, days[0].hi
        elif published is not None and published.hi - published.lo <= DAY:
            lo, hi = published.lo - AROUND, published.hi
        else:
            continue
        occasions += [Occasion(kind, names, lo, hi) for kind in dict.fromkeys(one.type for one in mine)]
    words = frozenset(word.casefold() for word in _WORD.findall(text) if word.casefold() not in everyday())
    return Telling(name, tuple(occasions), words, vector)


def _name(run: str) -> str:
    """A run of capitalised words as a name, without everyday words at its ends; empty where nothing is left."""
    words = run.casefold().split()
    while words and _is_everyday(words[0]):
        del words[0]
    while words and _is_everyday(words[-1]):
        del words[-1]
    return " ".join(words)


def _is_everyday(word: str) -> bool:
    return word in everyday() or word in CALENDAR


def same_event(one: Telling, other: Telling) -> bool:
    """Whether two texts tell of an event that is the same."""
    return _alike(one, other) and any(_same(left, right) for left in one.occasions for right in other.occasions)


def _same(one: Occasion, other: Occasion) -> bool:
    return (related(one.type, other.type) and len(one.names & other.names) >= NAMES
            and one.lo - AROUND < other.hi and other.lo - AROUND < one.hi)


def _alike(one: Telling, other: Telling) -> bool:
    if one.vector and other.vector:
        return sum(left * right for left, right in zip(one.vector, other.vector, strict=True)) >= CLOSE
    fewer = min(len(one.words), len(other.words))
    return bool(fewer) and len(one.words & other.words) / fewer >= SHARED


def clusters(tellings: Sequence[Telling]) -> tuple[tuple[str, ...], ...]:
    """The texts that tell of the same events, by id; those of one text each are left out.

    A text joins a cluster when it tells of the same event as the first of it: chains of texts that each tell a little
    else do not grow together.
    """
    heads: list[tuple[Telling, list[str]]] = []
    for one in sorted(tellings, key=lambda telling: telling.id):
        for head, members in heads:
            if same_event(head, one):
                members.append(one.id)
                break
        else:
            if one.occasions:
                heads.append((one, [one.id]))
    return tuple(tuple(members) for _, members in heads if len(members) > 1)


def marked(text: str, published: When | None, is_document: bool, passages: Sequence[RankedPassage],
           ) -> tuple[RankedPassage, ...]:
    """Passages with a reason at those that tell of the event that a document tells of, or a better passage does.

    Args:
        text, published: of the document, or of the prompt.
        passages: best first.
    """
    if len(passages) + is_document < 2:
        return tuple(passages)
    told = {one.id: telling(str(one.id), one.text, one.published) for one in passages[:COMPARED]}
    before: list[tuple[Telling, str]] = []
    if is_document:
        before.append((telling("", text, published), "It tells of an event that the document tells of"))
    shown = []
    for place, one in enumerate(passages, 1):
        own = told.get(one.id)
        if own is None or not own.occasions:
            shown.append(one)
            continue
        why = next((why for other, why in before if same_event(other, own)), None)
        shown.append(one if why is None else replace(one, reasons=(*one.reasons, Reason(SAME_EVENT, 0.0, why))))
        before.append((own, f"It tells of the same event as passage {place}"))
    return tuple(shown)
