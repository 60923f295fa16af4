"""Expressions of time as the dates and periods that a reader takes from them: `between 1990 and 1995` is one period.

Prepositions, which TIMEX3 leaves out, say here where a period begins and ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from worldctx.model.context import DateMention, Span
from worldctx.model.time import ALWAYS, Interval
from worldctx.text.dates.expression import Reading, TimeExpression, Type

_JOIN = re.compile(r"\s?[-–—]\s?|\s(?:to|until|till|through)\s", re.IGNORECASE)
_AND = re.compile(r"\sand\s", re.IGNORECASE)
_FROM = re.compile(r"\b(from|between)\s$", re.IGNORECASE)
_BOUND = re.compile(r"\b(since|until|till|up to)\s$", re.IGNORECASE)


def dates_of(text: str, times: Sequence[TimeExpression]) -> tuple[DateMention, ...]:
    """The dates and periods among the expressions, by start. Durations, sets and references are no dates."""
    found: list[DateMention] = []
    rest = [one for one in times
            if one.reading.type in (Type.DATE, Type.TIME) and not one.reading.value.endswith("_REF")]
    at = 0
    while at < len(rest):
        period = _period(text, rest[at], rest[at + 1]) if at + 1 < len(rest) else None
        if period is not None:
            found.append(period)
            at += 2
            continue
        found.append(_bounded(text, rest[at]))
        at += 1
    return tuple(found)


def _mention(text: str, start: int, end: int, valid: Interval, reading: Reading) -> DateMention:
    return DateMention(Span(start, end), text[start:end], valid, reading.relative, reading.value)


def _period(text: str, first: TimeExpression, last: TimeExpression) -> DateMention | None:
    """Two dates joined to one period, with `from` or `between` where that stands before."""
    between = text[first.span.end:last.span.start]
    before = _FROM.search(text, max(0, first.span.start - 9), first.span.start)
    paired = before is not None and before[1].lower() == "between"
    joined = (_JOIN.fullmatch(between) is not None and not paired) or (paired and _AND.fullmatch(between) is not None)
    if not joined or first.interval is None or last.interval is None:
        return None
    valid = Interval(first.interval.start, last.interval.end)
    if valid.hi <= first.interval.hi or first.interval.lo >= last.interval.lo:
        return None
    start = before.start(1) if before is not None else first.span.start
    return _mention(text, start, last.span.end, valid, Reading(
        Type.DATE, f"{first.reading.value}/{last.reading.value}",
        relative=first.reading.relative and last.reading.relative))


def _bounded(text: str, one: TimeExpression) -> DateMention:
    """One date; open to one side after `since` or `until`."""
    if one.interval is None:
        return _mention(text, one.span.start, one.span.end, ALWAYS, one.reading)
    before = _BOUND.search(text, max(0, one.span.start - 7), one.span.start)
    if before is None or one.reading.relative:
        return _mention(text, one.span.start, one.span.end, one.interval, one.reading)
    valid = Interval(one.interval.start, None) if before[1].lower() == "since" else Interval(None, one.interval.end)
    return _mention(text, before.start(1), one.span.end, valid, one.reading)
