"""Which date belongs to what: the date that a sentence gives to a name or an event in it. Pure.

A date in the same clause goes before one in another, one right at the word before all: `the 1996 elections`,
`Frank (1876-1939)`. A date that opens the sentence holds for all of its clauses that have none of their own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from worldctx.model.context import DateMention, Link, Span
from worldctx.model.time import Interval
from worldctx.text.sentences import sentences

#: Where one clause ends and another begins.
_BREAK = re.compile(
    r"[;:()—]|,?\s(?:and|but|while|whereas|which|who|whose|where|when|after|before|because|although|though|until)\s",
    re.IGNORECASE)
#: Only these words stand before a date that opens a sentence.
_OPENING = re.compile(r"\W*(?:(?:in|on|by|since|until|from|between|during|after|before|at|early|late|as of)\s+)?"
                      r"(?:the\s+)?",
                      re.IGNORECASE)
_ATTRIBUTE = re.compile(r"\b(?:the|a|an|his|her|its|their|our|this|that)\s$", re.IGNORECASE)


def date_of(text: str, sentence: Span, target: Span, dates: Sequence[DateMention]) -> DateMention | None:
    """The date that a sentence gives to one place in it; None where it names none, or none in reach.

    Args:
        text: the whole text.
        sentence: where it stands.
        target: of a name or of the word for an event.
        dates: those of the sentence.
    """
    clear = [(_rank(text, sentence, target, one), one) for one in dates]
    reached = [(rank, one) for rank, one in clear if rank is not None]
    return min(reached, key=lambda one: one[0])[1] if reached else None


def _rank(text: str, sentence: Span, target: Span, date: DateMention) -> tuple[int, int, int, int] | None:
    """How far a date is from a place: clauses between, another noun's attribute, characters, its start."""
    before = date.span.end <= target.start
    first, last = (date.span.end, target.start) if before else (target.end, date.span.start)
    between = text[first:last] if first < last else ""
    if (before and not between.strip()) or (not before and re.fullmatch(r"\s*\(\s*(?:born|b\.|d\.|died"
        r"|c\.)?\s*", between)):
        return -1, 0, len(between), date.span.start
    if _is_attribute(text, date):
        return None
    breaks = len(_BREAK.findall(between))
    if breaks and _opens(text, sentence, date):
        breaks = 1
    elif breaks and _bracketed(text, sentence, date):
        return None
    return (breaks, 0, len(between), date.span.start) if breaks <= 1 else None


def _is_attribute(text: str, date: DateMention) -> bool:
    """Whether it says which one is meant by the noun behind it: `the 1996 elections`."""
    start, end = date.span.start, date.span.end
    return (_ATTRIBUTE.search(text, max(0, start - 6), start) is not None
            and re.match(r"\s(?!(?:and|or|in|on|at|to|the|he|she|it|they|was|were|is|had|has|when|until|by|for|with"
                         r"|after|but|as|a|of)\b)[A-Za-z]",
                         text[end:end + 8]) is not None)


def _opens(text: str, sentence: Span, date: DateMention) -> bool:
    return _OPENING.fullmatch(text, sentence.start, date.span.start) is not None


def _bracketed(text: str, sentence: Span, date: DateMention) -> bool:
    opened = text.rfind("(", sentence.start, date.span.start)
    return opened >= 0 and text.find(")", opened, date.span.start) < 0


def covered(text: str, links: Sequence[Link], dates: Sequence[DateMention]) -> Counter[Interval]:
    """How much of a text is told of each closed period that it names: its mentions, and the names that they date.

    Args:
        text: the whole text.
        links, dates: of the text, by start.
    """
    weights: Counter[Interval] = Counter(one.valid for one in dates if _is_closed(one))
    for first, last in sentences(text) if dates and links else ():
        mine = [one for one in _within(dates, first, last) if _is_closed(one)]
        if not mine:
            continue
        for link in _links_within(links, first, last):
            told = date_of(text, Span(first, last), link.span, mine) if link.id is not None else None
            if told is not None:
                weights[told.valid] += 1
    return weights


def _is_closed(one: DateMention) -> bool:
    return one.valid.start is not None and one.valid.end is not None


def _within(dates: Sequence[DateMention], first: int, last: int) -> Sequence[DateMention]:
    return dates[bisect_left(dates, first, key=lambda one: one.span.start):
                 bisect_left(dates, last, key=lambda one: one.span.start)]


def _links_within(links: Sequence[Link], first: int, last: int) -> Sequence[Link]:
    return links[bisect_left(links, first, key=lambda one: one.span.start):
                 bisect_left(links, last, key=lambda one: one.span.start)]
