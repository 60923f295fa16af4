"""A rule: a pattern, what it means, and the words that call for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from worldctx.text.dates.anchor import Anchor
from worldctx.text.dates.expression import Reading
from worldctx.text.dates.words import spaced


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


def rule(near: Near, read: Callable[[re.Match[str], Here], Read], *pattern: str) -> Rule:
    """A rule from the parts of its pattern; blanks stand for white space. A match ends at the end of a word."""
    return Rule(near, re.compile(rf"(?:{spaced(''.join(pattern))})(?!\w)"), read)


def before(match: re.Match[str], size: int) -> str:
    """What stands before a match, `size` characters at most."""
    return match.string[max(0, match.start() - size):match.start()]


def behind(match: re.Match[str], size: int) -> str:
    """What stands behind a match, `size` characters at most."""
    return match.string[match.end():match.end() + size]


def words_of(match: re.Match[str], group: str) -> str:
    """The words of a group with single blanks between; empty where it did not take part."""
    return " ".join((match[group] or "").split())


_AHEAD = re.compile(
    r"\b(?:will|would|shall|must|won't|going to|scheduled|expected|expects?|due|plans?|planned|planning|upcoming"
    r"|see you|see y'all|let's|how about|what about|looking forward|can'?t wait|meet|next|starting|starts|begins?"
    r"|tomorrow|works for|free|available|join us|intends?|hopes?|aims?|to be held|is set|are set|opens|expires?"
    r"|takes? (?:effect|place)|effective)\b|'ll\b")
#: Words that look ahead where nothing in the clause looks back.
_WEAKLY_AHEAD = re.compile(r"\b(?:by|until|till|may|can|could|should)\b")
_BACK = re.compile(r"\b(?:was|were|had|did|said|told|announced|reported|died|killed|came|went|took|made|ended|rose|fell"
                   r"|closed|been|since|after|ago|began|won|lost|left|met|(?<!be )\w{3,}ed)\b")


def outlook(match: re.Match[str]) -> int:
    """Where the clause of a match looks: 1 ahead, -1 back, 0 where no word says so. The nearest word before decides."""
    low, start, end = match.string, match.start(), match.end()
    first = max(start - 90, 0, *(low.rfind(stop, max(0, start - 90), start) for stop in (". ", "\n", "! ", "? ", "; ")))
    left, right = low[first:start], re.split(r"[.!?;\n]", low[end:end + 60], maxsplit=1)[0]
    ahead = max((one.end() for one in _AHEAD.finditer(left)), default=-1)
    back = max((one.end() for one in _BACK.finditer(left)), default=-1)
    if ahead >= 0 or back >= 0:
        return 1 if ahead >= back else -1
    if _BACK.search(right):
        return -1
    return 1 if _AHEAD.search(right) or _WEAKLY_AHEAD.search(left) else 0


def looks_ahead(match: re.Match[str]) -> bool:
    """Whether the clause speaks of what is to come."""
    return outlook(match) > 0
