"""What a question asks for besides its words: when, in which session, from which source, and whether now. Pure.

Rules, not a model. What is found is used by worldctx.lookup.evidence to boost passages, and by retrieval to look
among those that were published then; each use has a reason in the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worldctx.model.context import DateMention
from worldctx.model.errors import BadInput
from worldctx.model.time import DAY, When, civil, days_in_month, instant, iso_day, parse_when
from worldctx.search.analysis import terms
from worldctx.text.dates import find_dates

#: What makes a question, as index terms: no passage needs it to answer.
QUESTION_WORDS = frozenset(terms(
    "who whom whose what which when where why how did do does many much long old tell me about please explain describe "
    "give information know happened say"))
#: Words for a saying: with one of them, a date in a question is that of a text rather than of what it tells.
_TALK_STEM = (r"(?:talk|chat|discuss|convers|messag|mention|sa(?:id|y)|told|tell|wrote|writ|post|publish|report|session"
              r"|dialog|meeting|ask|announce|topic|came up|summar|recommend|suggest|propos|article|news|headline)")
_TALK = re.compile(rf"\b{_TALK_STEM}", re.IGNORECASE)
#: Words that ask for when things were said and nothing more, as index terms.
TALK_WORDS = frozenset(terms(
    "talk chat discuss discussed discussion conversation conversations message messages mention mentioned said session "
    "sessions dialogue meeting topic topics came come up summarize summarise summary recap our we us together took "
    "take part number during last previous first week month weekend day days ago yesterday between main all"))
_NOW = re.compile(r"\b(?:now|currently|current|today|tonight|these days|nowadays|at the moment|latest|most recent"
                  r"|recently|recent|newest|so far|this (?:week|month|year)|as of)\b", re.IGNORECASE)
_ORDINALS = {word: number for number, word in enumerate(
    ("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
     "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth").split(), 1)}
_SESSION_NOUN = r"(?:sessions?|conversations?|chats?|dialogues?|meetings?|talks?|episodes?|visits?)"
_SESSION = re.compile(
    rf"\b{_SESSION_NOUN}\s*(?:number|no\.?|nr\.?|\#|_)?\s*(?P<after>\d{{1,4}})\b"
    rf"|\b(?P<digits>\d{{1,4}})(?:st|nd|rd|th)\s+{_SESSION_NOUN}\b"
    rf"|\b(?P<word>{'|'.join(_ORDINALS)})\s+{_SESSION_NOUN}\b"
    rf"|\b(?P<last>last|latest|most recent|previous)\s+(?:session|conversation|chat|dialogue|meeting|talk|time we)\b",
    re.IGNORECASE)
#: How a session is named in a title or at the head of a text.
_NAMED_SESSION = re.compile(rf"\b{_SESSION_NOUN}[\s_:#-]*(?:number|no\.?)?[\s_:#-]*(\d{{1,4}})\b", re.IGNORECASE)
_SOURCE = re.compile(r"\b(?i:according to|as reported by|reported by|published by|published in|reports? from|per)\s+"
                     r"(?P<name>(?:the\s+)?[A-Z][\w.&'-]*(?:\s+(?:of|and|[A-Z][\w.&'-]*))*)")
#: A day in digits alone, as file names have it, with or without the time of day.
_DIGITS = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:[_T]\d\d:?\d\d)?(?!\d)")
_PART_OF_MONTH = re.compile(r"\b(?P<which>first|second|third|fourth|last)\s+(?P<what>week|days?|half)\s+(?:of|in)\s+$",
                            re.IGNORECASE)
_WEEKEND = re.compile(r"\bweekend\s+(?:of|around|after)\s+$", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:,\s*)?(?:to|and|until|till|through|thru|[-–—])\s*(?:the\s+)?$", re.IGNORECASE)
_OPENING = re.compile(r"\b(?:from|between)\s+(?:the\s+)?$", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:before|prior to|earlier than|by|until)\s+(?:the\s+)?(?:year\s+)?$", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:after|later than|since|following)\s+(?:the\s+)?(?:year\s+)?$", re.IGNORECASE)
_HAS_YEAR = re.compile(r"\d{4}|\d0s|century", re.IGNORECASE)
_MONTH_OR_DAY = re.compile(r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)", re.IGNORECASE)
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")
#: A longer time than this is an age, not a time to look for.
_LONGEST = 150 * 366 * DAY


@dataclass(frozen=True, slots=True)
class Period:
    """A time that a question names: seconds from `lo` to before `hi`, and the words for it.

    Attributes:
        side: 0 for within; -1 before it, 1 after it.
    """

    lo: int
    hi: int
    words: str
    side: int = 0

    @property
    def days(self) -> int:
        """Its length, at least 1."""
        return max(1, (self.hi - self.lo) // DAY)

    def has(self, lo: int, hi: int) -> bool:
        """Whether a time lies within it, or on its side."""
        if self.side:
            return hi <= self.lo if self.side < 0 else lo >= self.hi
        return self.lo <= lo and hi <= self.hi


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt as it is understood.

    Attributes:
        terms: its index terms without question words, in order.
        periods: times that it names.
        said: whether they are certainly times at which something was said: they restrict, where texts are dated.
        bare: whether nothing is asked besides when: any text of that time answers.
        sessions: numbers of sessions; -1 for the last one.
        sources: names of publishers that it asks for, folded as terms.
        now: whether it asks about now.
        anchor: the date that it is asked as of, or where it is about now is asked at; None where it is not as
            precise as a month.
    """

    terms: tuple[str, ...] = ()
    periods: tuple[Period, ...] = ()
    said: bool = False
    bare: bool = False
    sessions: tuple[int, ...] = ()
    sources: tuple[tuple[str, ...], ...] = ()
    now: bool = False
    anchor: When | None = None


def question_of(text: str, dates: Sequence[DateMention], anchor: When | None = None, as_of: bool = False) -> Question:
    """The question that a prompt is.

    Args:
        dates: that are named in it, resolved as of `anchor`.
        anchor: when it is asked, or as of when.
        as_of: whether `anchor` was asked for, rather than being the date of asking.
    """
    asked = tuple(one for one in terms(text) if one not in QUESTION_WORDS)
    periods = tuple(_periods(text, dates, anchor))
    sessions = tuple(dict.fromkeys(_sessions(text)))
    named = {term for one in periods for term in terms(one.words)}
    numbered = {term for match in _SESSION.finditer(text) for term in terms(match.group())}
    bare = bool(periods or sessions) and not set(asked) - named - numbered - TALK_WORDS
    now = bool(_NOW.search(text)) and not periods
    near = now or as_of or -1 in sessions
    precise = anchor if near and anchor is not None and anchor.hi - anchor.lo <= 31 * DAY else None
    return Question(asked, periods, bool(periods) and (bare or bool(_TALK.search(text))), bare, sessions,
                    tuple(tuple(terms(match["name"])) for match in _SOURCE.finditer(text)),
                    now, precise)


def sessions_named(text: str) -> frozenset[int]:
    """Numbers of the sessions that a title, or the head of a text, is of."""
    return frozenset(int(one) for one in _NAMED_SESSION.findall(text))


def days_in(text: str) -> list[tuple[int, int]]:
    """First moment, and that after the last, of each day that stands in a text with its year."""
    return [(one.lo, one.hi) for one in _named(text, find_dates(text, None)) if one.hi - one.lo <= DAY]


def written(period: Period) -> str:
    """The ways in which the day of a period is written, as words to look for; empty where it is no single day."""
    if period.side or period.days > 1:
        return ""
    year, month, day = civil(period.lo)
    return f"{iso_day(period.lo)} {year:04}{month:02}{day:02} {day} {_MONTHS[month - 1]} {year}"


def _sessions(text: str) -> Iterator[int]:
    for match in _SESSION.finditer(text):
        if match["last"]:
            yield -1
        elif match["word"]:
            yield _ORDINALS[match["word"].casefold()]
        else:
            yield int(match["after"] or match["digits"])


@dataclass(frozen=True, slots=True)
class _Named:
    """A date as it stands in a text, `start` to `end`."""

    start: int
    end: int
    lo: int
    hi: int
    yearless: bool = False


def _periods(text: str, dates: Sequence[DateMention], anchor: When | None) -> Iterator[Period]:
    """Times named, two that are joined as one, those without a year in the year of the anchor and the one before."""
    for one in _joined(text, [one for one in _named(text, dates) if one.hi - one.lo < _LONGEST]):
        before = text[:one.start]
        side = -1 if _BEFORE.search(before) else 1 if _AFTER.search(before) else 0
        words = text[one.start:one.end]
        if not one.yearless:
            yield Period(one.lo, one.hi, words, side)
            continue
        latest = one.hi if anchor is None else anchor.hi
        yield from (Period(lo, lo + one.hi - one.lo, words, side)
                    for lo in (one.lo, _year_before(one.lo)) if lo < latest)


def _year_before(moment: int) -> int:
    year, month, day = civil(moment)
    return instant(year - 1, month, min(day, days_in_month(year - 1, month)))


def _named(text: str, dates: Sequence[DateMention]) -> list[_Named]:
    """Dates with both ends by their place, those in digits alone among them, narrowed by the words before."""
    found = [_narrowed(text, _Named(one.span.start, one.span.end, one.valid.lo, one.valid.hi, _yearless(one)))
             for one in dates if one.valid.start is not None and one.valid.end is not None]
    taken = [(one.start, one.end) for one in found]
    for match in _DIGITS.finditer(text):
        try:
            when = parse_when("-".join(match.groups()))
        except BadInput:
            continue
        if all(end <= match.start() or match.end() <= start for start, end in taken):
            found.append(_Named(match.start(), match.end(), when.lo, when.hi))
    # Of two that overlap, the longer one: "from 1960 to 1982" has 1960 in it.
    kept: list[_Named] = []
    for one in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _yearless(date: DateMention) -> bool:
    return bool(date.relative and _MONTH_OR_DAY.search(date.surface) and not _HAS_YEAR.search(date.surface))


def _narrowed(text: str, one: _Named) -> _Named:
    """A month after "the last week of" is that week; a day after "the weekend of" is two days."""
    surface = text[one.start:one.end]
    start = one.start + (len(surface) - len(re.sub(r"^(?:in|of|the)\s+", "", surface, flags=re.IGNORECASE)))
    before = text[:start]
    if _WEEKEND.search(before):
        return _Named(one.start, one.end, one.lo, one.lo + 2 * DAY, one.yearless)
    match = _PART_OF_MONTH.search(before)
    if match is None or not 28 * DAY <= one.hi - one.lo <= 31 * DAY:
        return one
    length = (one.hi - one.lo) // 2 if match["what"].casefold() == "half" else 7 * DAY
    which = match["which"].casefold()
    lo = one.hi - length if which == "last" else one.lo + (_ORDINALS[which] - 1) * length
    return _Named(match.start(), one.end, lo, min(lo + length, one.hi), one.yearless)


def _joined(text: str, dates: Sequence[_Named]) -> Iterator[_Named]:
    """Dates in order, "from May 3 to June 2, 2021" as one; the first takes its year from the second."""
    place = 0
    while place < len(dates):
        one = dates[place]
        other = dates[place + 1] if place + 1 < len(dates) else None
        if other is not None and _OPENING.search(text[:one.start]) and _JOINED.fullmatch(text[one.end:other.start]):
            lo = _in_year(one.lo, civil(other.lo)[0]) if one.yearless and not other.yearless else one.lo
            if lo < other.hi:
                yield _Named(one.start, other.end, lo, other.hi, one.yearless and other.yearless)
                place += 2
                continue
        yield one
        place += 1


def _in_year(moment: int, year: int) -> int:
    _, month, day = civil(moment)
    return instant(year, month, min(day, days_in_month(year, month)))
