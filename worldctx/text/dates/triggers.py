"""Where expressions of time may stand: an automaton finds the words, digits the rest; rules are tried there only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from worldctx.text.dates.holidays import HOLIDAYS
from worldctx.text.dates.rule import Near
from worldctx.text.dates.words import MONTHS, NUMBERS, ORDINALS, SEASONS, SHORT_MONTHS, VAGUE, WEEKDAYS

_UNITS = "minute hour day week fortnight month quarter year decade millennium weekend".split()
#: The words of each kind.
_WORDS: Mapping[Near, Sequence[str]] = {
    Near.MONTH: (*MONTHS, *SHORT_MONTHS),
    Near.WEEKDAY: (*WEEKDAYS, *(f"{day}s" for day in WEEKDAYS)),
    Near.DAY_WORD: ("today", "todays", "tonight", "yesterday", "tomorrow", "overnight"),
    Near.PART: ("morning", "afternoon", "evening", "night", "mornings", "evenings", "afternoons"),
    Near.UNIT: (*_UNITS, *(f"{unit}s" for unit in _UNITS), "seconds", "half", "millennia", "nights", "yearlong",
                "daylong", "weeklong", "monthlong"),
    Near.CENTURY: ("century", "centuries"),
    Near.SEASON: tuple(SEASONS),
    Near.SET: ("daily", "weekly", "monthly", "yearly", "annual", "annually", "quarterly", "hourly", "nightly",
               "biweekly", "bimonthly", "biennial", "biannual", "biannually", "fortnightly"),
    Near.REFERENCE: ("now", "currently", "nowadays", "presently", "recently", "lately", "the past", "the recent past",
                     "the distant past", "the future", "the near future", "the foreseeable future",
                     "the not too distant future", "future", "the present", "the time", "the moment", "this moment",
                     "this very moment", "this time", "that time"),
    Near.HOLIDAY: tuple(HOLIDAYS),
    Near.CLOCK: ("noon", "midday", "midnight", "o'clock"),
    Near.ERA: (" bc", " b.c", " bce", " ad", " a.d", "ad ", "a.d. "),
    Near.DECADE: ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties"),
}
#: Words that an expression may begin with, left of what calls for a rule.
_LEADING = (*NUMBERS, *ORDINALS, *VAGUE, *WEEKDAYS, *(
    "the a an another additional about approximately around nearly almost roughly some least at most more than less "
    "fewer over under up to no barely just well as many long last past previous preceding prior next coming following "
    "subsequent same this that these those each every early earlier late later mid middle end beginning start opening "
    "close closing turn eve rest remainder course part in of on very current present fiscal calendar year final recent "
    "future upcoming its his her their our full whole entire consecutive straight further extra working business good "
    "solid other half hundred thousand million dozen couple number few several once twice thrice times time only day "
    "days night morning evening afternoon before after tomorrow yesterday week weeks ending and or between months "
    "ensuing short years latter semi single c. ca. circa mon tue tues wed thu thurs fri sat sun mon. tue. wed. thu. "
    "fri. sat. sun. latest year-earlier year-ago ago through until right shortly soon a.d. ad fy"
).split())
_DIGITS = re.compile(r"\d+")
_HALF_DAY = re.compile(r"(?:\.\d\d)?[ \xa0]?[ap]\.?m\b")
_SLASHED = re.compile(r"[/.-]\d{1,2}[/.-]\d")


def _reversed_leading() -> re.Pattern[str]:
    words = sorted({word[::-1] for word in _LEADING}, key=lambda one: (-len(one), one))
    one = "|".join(re.escape(word) for word in words)
    # Backwards: separators, then a word that begins at a word boundary.
    number = r"(?:(?:ht|dn|ts|dr)?[\d][\d,.]{0,9})"
    return re.compile(rf"(?:[ \t\r\n\xa0,]{{1,3}}(?:{one}|{number})(?![\w.])|-(?:{one}|{number})(?![\w.]))*")


class Gate:
    """Finds the places of a text where a rule may match. Built once; immutable."""

    def __init__(self) -> None:
        pairs = [(word, near) for near, words in _WORDS.items() for word in words]
        self._near: list[Near] = [near for _, near in pairs]
        words = [word for word, _ in pairs]
        self._automaton = CharwiseDoubleArrayAhoCorasick(words, match_kind=MATCH_KIND_LEFTMOST_LONGEST)

    def places(self, low: str) -> list[tuple[int, int, Near]]:
        """Start, end and kind of each word and number that calls for rules, by start.

        Args:
            low: the text in lower case, with straight apostrophes.
        """
        near, size = self._near, len(low)
        found = []
        for start, end, key in self._automaton.find(low):
            if (start == 0 or not low[start - 1].isalnum() or not low[start].isalnum()) and (
                    end == size or not low[end].isalnum() or not low[end - 1].isalnum()):
                found.append((start + (low[start] == " "), end, near[key]))
        for match in _DIGITS.finditer(low):
            start, end = match.span()
            kind = _kind(low, start, end)
            if kind is not None:
                found.append((start - (kind is Near.DECADE), end, kind))
        found.sort()
        return found


def _kind(low: str, start: int, end: int) -> Near | None:
    """What a run of digits may be part of."""
    before, after = low[start - 1:start], low[end:end + 1]
    if end - start == 4 and low.startswith((" gmt", " utc"), end):
        return Near.CLOCK
    if end - start == 4:
        return Near.YEAR if low[start] == "1" or low.startswith("20", start) else None
    if end - start == 8:
        return Near.NUMERIC if after in ("_", "t") and low.startswith(("19", "20"), start) else None
    if end - start > 2:
        return None
    if after == "s" and low[end + 1:end + 2] != "t":
        return Near.DECADE if before == "'" else None
    if after == ":":
        return Near.CLOCK if low[end + 1:end + 3].isdigit() else None
    if low.startswith(("st", "nd", "rd", "th"), end):
        return Near.NUMERIC if low.startswith("the ", max(0, start - 4)) else None
    if after and after in "/.-" and _SLASHED.match(low, end):
        return Near.NUMERIC if before not in (".", ",", "/", "-") else None
    if after and after in " ap.\xa0" and _HALF_DAY.match(low, end):
        return Near.CLOCK
    if before in ("q", "h") and end - start == 1 and not low[start - 2:start - 1].isalnum():
        return Near.NUMERIC
    return None


LEADING = _reversed_leading()


@lru_cache(maxsize=1)
def gate() -> Gate:
    """The one gate: made when it is first needed."""
    return Gate()
