"""Finding expressions of time: places first, then the rules of each, the longest match wins; then what it hangs on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from worldctx.model.context import Span
from worldctx.model.time import When
from worldctx.text.dates import calendar, clock, days, durations, numeric, pointed, quarters, years
from worldctx.text.dates.anchor import Anchor, anchor_from, anchor_of
from worldctx.text.dates.expression import Reading, TimeExpression, Type
from worldctx.text.dates.rule import Here, Near, Read, Rule
from worldctx.text.dates.triggers import LEADING, gate
from worldctx.text.dates.value import interval_of

_RULES = tuple(rule for module in (calendar, years, quarters, numeric, days, clock, pointed, durations)
               for rule in module.RULES)
#: Rules by what calls for them. Where two match equally far, the earlier one wins.
_BY_NEAR: dict[Near, tuple[Rule, ...]] = {
    near: tuple(rule for rule in _RULES if rule.near is near) for near in Near}
for _near, _others in ((Near.YEAR, (Near.ERA,)), (Near.NUMERIC, (Near.YEAR,)), (Near.CENTURY, (Near.UNIT,))):
    _BY_NEAR[_near] += tuple(rule for other in _others for rule in _BY_NEAR[other])
#: Words before an expression begin at most so many characters left of what called for its rules.
_REACH = 90
_DEICTIC = re.compile(r"\b(?:yesterday|tomorrow|tonight|(?:last|this|next) (?:week|month|night|year|monday|tuesday"
                      r"|wednesday"
                      r"|thursday|friday|saturday|sunday))\b")
_WRITTEN_LARGE = frozenset({Near.MONTH, Near.WEEKDAY, Near.HOLIDAY})
#: A text tells a history where it names at least so many years and none of them is near its own date.
_YEARS_OF_A_HISTORY = 4


def find_times(text: str, anchor: When | None) -> tuple[TimeExpression, ...]:
    """Expressions of time as TimeML's TIMEX3 marks them, by start, not overlapping; `text[span] == surface`.

    Args:
        text: any text.
        anchor: the date of the text (TimeML: document creation time); None where it is not known. Dates of a text
            without one, and of a history, hang on the last date that was named.
    """
    low = _lower(text)
    places = gate().places(low)
    if not places:
        return ()
    written = anchor_of(anchor)
    narrative = written is None or _is_history(low, written, places)
    backwards, size = low[::-1], len(low)
    found: list[TimeExpression] = []
    told: Anchor | None = None
    taken = 0
    for start, end, near in places:
        if start < taken or (near in _WRITTEN_LARGE and not text[start].isupper()):
            continue
        here = Here(text, written, told, narrative)
        match, read = _best(low, backwards, size, (start, end, near), taken, here)
        if match is None:
            continue
        for first, last, reading in _pieces(match, read):
            interval = interval_of(reading.value, reading.mod) if reading.type in (Type.DATE, Type.TIME) else None
            found.append(TimeExpression(Span(first, last), text[first:last], reading, interval))
            told = (anchor_from(reading.value) if interval is not None else None) or told
        taken = max(taken, match.end())
    return tuple(found)


def _best(low: str, backwards: str, size: int, place: tuple[int, int, Near], taken: int, here: Here,
          ) -> tuple[re.Match[str] | None, Read]:
    """The longest match that reaches from a possible beginning over the place, and what it reads."""
    start, _, near = place
    first = start
    lead = LEADING.match(backwards, size - start, min(size, size - start + _REACH))
    if lead is not None:
        first = max(taken, size - lead.end())
    rules = _BY_NEAR[near]
    while True:
        candidates = []
        for order, rule in enumerate(rules):
            match = rule.pattern.match(low, first)
            if match is not None and match.end() > start:
                candidates.append((-match.end(), order, match, rule))
        candidates.sort(key=lambda one: one[:2])
        for _, _, match, rule in candidates:
            read = rule.read(match, here)
            if read is not None:
                return match, read
        if first >= start:
            return None, None
        first = _next_word(low, first, start)


def _next_word(low: str, first: int, start: int) -> int:
    """Where the next word begins, no later than `start`."""
    at = first
    while at < start and (low[at].isalnum() or low[at] in "'."):
        at += 1
    while at < start and not low[at].isalnum():
        at += 1
    return at if at > first else first + 1


def _pieces(match: re.Match[str], read: Read) -> Sequence[tuple[int, int, Reading]]:
    if isinstance(read, Reading):
        end = match.end()
        return ((match.start(), end, read),)
    return tuple((match.start(group), match.end(group), one) for group, one in read or ())


def _lower(text: str) -> str:
    """In lower case with straight apostrophes, as long as the text itself, so that places are the same."""
    low = text.replace("\u0130", "I").lower()  # the one letter that grows in lower case
    if len(low) != len(text):
        low = "".join(small if len(small := char.lower()) == 1 else char for char in text)
    return low.replace("’", "'").replace("‘", "'")


def _is_history(low: str, written: Anchor, places: Sequence[tuple[int, int, Near]]) -> bool:
    """Whether a text tells of other times than its own: many years, none its own, no word like `yesterday`."""
    if not written.day:
        return False
    years = [int(low[start:end]) for start, end, near in places if near is Near.YEAR]
    far = sum(abs(year - written.year) > 1 for year in years)
    return far >= _YEARS_OF_A_HISTORY and far == len(years) and _DEICTIC.search(low, 0, 20_000) is None
