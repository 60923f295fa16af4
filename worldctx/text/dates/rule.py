"""A rule: a pattern, what it means, and the words that call for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from worldctx.text.dates.anchor import Anchor
from worldctx.text.dates.expression import Reading


class Near(StrEnum):
    """What stands in every match of a rule. A rule is tried only where such a word or number is."""

    MONTH = "month"
    WEEKDAY = "weekday"
    DAY_WORD = "day word"
    PART = "part of a day"
    UNIT = "unit"
    CENTURY = "century"
    SEASON = "season"
    SET = "set"
    REFERENCE = "reference"
    HOLIDAY = "holiday"
    YEAR = "year"
    CLOCK = "clock"
    ERA = "era"
    DECADE = "decade"
    NUMERIC = "numeric"


@dataclass(frozen=True, slots=True)
class Here:
    """Where a rule's match stands.

    Attributes:
        text: as it was written; patterns match its lower case.
        written: the date of the text.
        told: the last date that the text named before.
        narrative: whether the text tells of the past from within: its dates hang on each other, not on its own date.
    """

    text: str
    written: Anchor | None
    told: Anchor | None
    narrative: bool

    @property
    def now(self) -> Anchor | None:
        """What `today`, `last year` and `two days ago` hang on."""
        return self.written

    @property
    def near(self) -> Anchor | None:
        """What a bare month, day or weekday hangs on."""
        return self.told if self.narrative else self.written

    @property
    def then(self) -> Anchor | None:
        """What `a year later` and `the same day` hang on."""
        return self.told or self.written


#: One reading of the whole match, or readings of named groups of it.
Read = Reading | tuple[tuple[str, Reading], ...] | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern over text in lower case, matched where an expression may begin."""

    near: Near
    pattern: re.Pattern[str]
    read: Callable[[re.Match[str], Here], Read]


def rule(near: Near, pattern: str, read: Callable[[re.Match[str], Here], Read]) -> Rule:
    """A rule whose pattern ends at the end of a word."""
    return Rule(near, re.compile(rf"(?:{pattern})(?!\w)"), read)


_AHEAD = re.compile(
    r"\b(?:will|would|shall|won[’']t|going to|scheduled|expected|expects?|due|plans?|planned|planning|upcoming|see you"
    r"|see y[’']all|let[’']s|how about|what about|looking forward|can[’']?t wait|until|till|by|meet|next|starting|starts"
    r"|begins?|tomorrow|works for|free|available|join us|intends?|hopes?|aims?|to be held|is set|are set|may|opens|expires?|takes? (?:effect|place)|effective)\b|[’']ll\b")
_BACK = re.compile(r"\b(?:was|were|had|did|said|told|announced|reported|died|killed|came|went|took|made|ended|rose|fell"
                   r"|closed|been|since|after|ago|last)\b")


def looks_ahead(match: re.Match[str], here: Here) -> bool:
    """Whether the clause speaks of what is to come: the word that says so stands nearer than one of the past."""
    low, start, end = match.string, match.start(), match.end()
    first = max(low.rfind(stop, max(0, start - 90), start) for stop in (". ", "\n", "! ", "? ", "; "))
    before, after = low[max(first, start - 90, 0):start], low[end:end + 60]
    after = re.split(r"[.!?;\n]", after, maxsplit=1)[0]
    ahead = [start - one.end() - max(first, start - 90, 0) for one in _AHEAD.finditer(before)]
    back = [start - one.end() - max(first, start - 90, 0) for one in _BACK.finditer(before)]
    if ahead or back:
        return min(ahead, default=999) < min(back, default=999)
    return _AHEAD.search(after) is not None and _BACK.search(after) is None
