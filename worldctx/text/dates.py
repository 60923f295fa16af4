"""Dates and intervals that a text names, resolved against the date of the text; what cannot be resolved stays open.

Rules, not a model: each is a pattern and a function from its match to an interval in EDTF, with the precision that
was written. Relative expressions that are finer than the anchor supports are marked and left unresolved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from worldctx.model.context import DateMention, Span
from worldctx.model.errors import BadInput
from worldctx.model.time import ALWAYS, DAY, Interval, When, civil, days_in_month, instant, iso_day, parse_when

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")
_MONTH = (r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December"
          r"|Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)")
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>1\d{3}|20\d{2})"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = r"(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_NUMBERS = {word: number for number, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve".split())} | {"a": 1, "an": 1, "twenty": 20}
_COUNT = r"(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty)"
_WHICH = {"last": -1, "past": -1, "previous": -1, "this": 0, "current": 0, "next": 1, "coming": 1}
_SEASONS = {"spring": 21, "summer": 22, "autumn": 23, "fall": 23, "winter": 24}
_ORDINALS = {word: number for number, word in enumerate(
    ("zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
     "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth twenty-first").split())}
#: Words before a four-digit number that make it a year; after it, nouns that make it a quantity.
_LICENCE = (r"(?:in|since|until|till|from|by|before|after|during|of|to|between|and|year|circa|around|early|late|mid"
            r"|through)")
_QUANTITY = re.compile(
    r"\s*(?:%|percent|per cent|people|persons|men|women|children|troops|soldiers|tons?|tonnes|km|kilomet|miles|metres"
    r"|meters|dollars|million|billion|deaths|votes|pages|words|employees|members|inhabitants|refugees|square|hectares)\b",
    re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?:resolutions?|paragraph|article|no\.|number|section|page|document|[$€£#]|A/RES/|§|/)\s*(?:\(?[IVX]*\)?)\s*$",
    re.IGNORECASE)

Resolve = Callable[[re.Match[str], "When | None"], "Interval | None"]


class _Near(Enum):
    """What stands in every match of a rule. Rules are tried only near it: a text is mostly something else."""

    YEAR = "year"
    MONTH = "month"
    WEEKDAY = "weekday"
    CENTURY = "century"
    BC = "bc"
    DAY_WORD = "day word"
    UNIT = "unit"


#: The words of each kind, as they stand in the text, or in lower case where the rules ignore case.
_CAPITAL_WORDS = {
    _Near.MONTH: tuple(month[:3].title() for month in _MONTHS),
    _Near.WEEKDAY: tuple(day[:3].title() for day in _WEEKDAYS),
    _Near.BC: (" BC", " B.C."),
}
_SMALL_WORDS = {
    _Near.CENTURY: (" century",),
    _Near.DAY_WORD: ("today", "tonight", "yesterday", "tomorrow"),
    _Near.UNIT: (" day", " week", " month", " year", " decade", " century", " spring", " summer", " autumn", " winter"),
}
_ANY_YEAR = re.compile(r"(?:1\d|20)\d\d")
#: Characters to either side of such a word that a match may reach.
_REACH = 48


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    resolve: Resolve
    near: _Near
    relative: bool = False


def _on(text: str) -> Interval | None:
    try:
        when = parse_when(text)
    except BadInput:
        return None
    return Interval(when, when)


def _between(first: str, last: str) -> Interval | None:
    start, end = _on(first), _on(last)
    if start is None or end is None or end.hi <= start.lo:
        return None
    return Interval(start.start, end.end)


def _month_number(name: str) -> int:
    return next(number for number, full in enumerate(_MONTHS, 1) if full.startswith(name.casefold().rstrip(".")[:3]))


def _full(match: re.Match[str], anchor: When | None) -> Interval | None:
    return _on(f"{match['year']}-{_month_number(match['month']):02d}-{int(match['day']):02d}")


def _month_year(match: re.Match[str], anchor: When | None) -> Interval | None:
    return _on(f"{match['year']}-{_month_number(match['month']):02d}")


def _iso(match: re.Match[str], anchor: When | None) -> Interval | None:
    return _on(match.group())


def _years(match: re.Match[str], anchor: When | None) -> Interval | None:
    last = match["last"]
    return _between(match["year"], match["year"][:4 - len(last)] + last)


def _decade(match: re.Match[str], anchor: When | None) -> Interval | None:
    year, part = match["year"][:3], (match["part"] or "").casefold()
    if part == "early":
        return _between(f"{year}0", f"{year}3")
    if part == "mid":
        return _between(f"{year}4", f"{year}6")
    return _between(f"{year}7", f"{year}9") if part == "late" else _on(f"{year}X")


def _century(match: re.Match[str], anchor: When | None) -> Interval | None:
    word = match["ordinal"].casefold()
    number = _ORDINALS.get(word) or int(re.sub(r"\D", "", word) or 0)
    return _on(f"{number - 1:02d}XX") if 1 <= number <= 21 else None


def _season_year(match: re.Match[str], anchor: When | None) -> Interval | None:
    return _on(f"{match['year']}-{_SEASONS[match['season'].casefold()]}")


def _before_christ(match: re.Match[str], anchor: When | None) -> Interval | None:
    return _on(f"-{int(match['bc']) - 1:04d}" if int(match["bc"]) > 1 else "0000")


def _year(match: re.Match[str], anchor: When | None) -> Interval | None:
    return _on(match["year"])


def _open(match: re.Match[str], anchor: When | None) -> Interval | None:
    found = _on(match["year"])
    if found is None:
        return None
    return Interval(found.start, None) if match["word"].casefold() == "since" else Interval(None, found.end)


def _shift_month(year: int, month: int, by: int) -> tuple[int, int]:
    index = year * 12 + month - 1 + by
    return index // 12, index % 12 + 1


def _span_days(anchor: When) -> int:
    return (anchor.hi - anchor.lo) // DAY


def _day_word(match: re.Match[str], anchor: When | None) -> Interval | None:
    if anchor is None or not anchor.is_exact_day:
        return None
    shift = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}[match["word"].casefold()]
    return _on(iso_day(anchor.lo + shift * DAY))


def _counted(match: re.Match[str], anchor: When | None) -> Interval | None:
    count = match["count"].casefold()
    number = int(count) if count.isdigit() else _NUMBERS[count]
    sign = 1 if match.groupdict().get("ahead") else -1
    return _moved(match["unit"].casefold(), sign * number, anchor)


def _moved(unit: str, by: int, anchor: When | None) -> Interval | None:
    """The day, week, month, year or decade that lies `by` units from the anchor, at the unit's own precision."""
    if anchor is None:
        return None
    year, month, _ = civil(anchor.lo)
    if unit == "year":
        return _on(f"{year + by:04d}")
    if unit == "decade":
        return _on(f"{(year + 10 * by) // 10:03d}X")
    if unit == "century":
        return _on(f"{(year + 100 * by) // 100:02d}XX")
    if _span_days(anchor) > 31:
        return None
    if unit == "month":
        year, month = _shift_month(year, month, by)
        return _on(f"{year:04d}-{month:02d}")
    if not anchor.is_exact_day:
        return None
    if unit == "week":
        monday = anchor.lo - ((anchor.lo // DAY + 3) % 7) * DAY + 7 * by * DAY
        return _between(iso_day(monday), iso_day(monday + 6 * DAY))
    return _on(iso_day(anchor.lo + by * DAY))


def _this(match: re.Match[str], anchor: When | None) -> Interval | None:
    by = _WHICH[match["word"].casefold()]
    unit = match["unit"].casefold()
    if unit in _SEASONS:
        return _on(f"{civil(anchor.lo)[0] + by:04d}-{_SEASONS[unit]}") if anchor is not None else None
    return _moved(unit, by, anchor)


def _weekday(match: re.Match[str], anchor: When | None) -> Interval | None:
    """The nearest one in the past, the day of the text included; `next` looks ahead."""
    if anchor is None or not anchor.is_exact_day:
        return None
    today = (anchor.lo // DAY + 3) % 7
    wanted = _WEEKDAYS.index(match["weekday"].casefold())
    word = (match["word"] or "").casefold()
    back = (today - wanted) % 7
    if word in ("next", "this coming", "coming"):
        return _on(iso_day(anchor.lo + ((wanted - today) % 7 or 7) * DAY))
    return _on(iso_day(anchor.lo - (back or (7 if word in ("last", "past") else 0)) * DAY))


def _bare_day(match: re.Match[str], anchor: When | None) -> Interval | None:
    """A day without a year: the nearest to the anchor, half a year to either side."""
    if anchor is None or _span_days(anchor) > 366:
        return None
    month, day = _month_number(match["month"]), int(match["day"])
    year = civil(anchor.lo)[0]
    if _span_days(anchor) > 31:
        return _on(f"{year:04d}-{month:02d}-{day:02d}")
    found = [(abs(instant(one, month, day) - anchor.lo), one) for one in (year - 1, year, year + 1)
             if 1 <= day <= days_in_month(one, month)]
    return _on(f"{min(found)[1]:04d}-{month:02d}-{day:02d}") if found else None


def _bare_month(match: re.Match[str], anchor: When | None) -> Interval | None:
    """A month without a year: the latest one that has begun by the anchor."""
    if anchor is None or _span_days(anchor) > 31:
        return None
    year, month, _ = civil(anchor.lo)
    wanted = _month_number(match["month"])
    return _on(f"{year - (wanted > month):04d}-{wanted:02d}")


def _rule(near: _Near, pattern: str, resolve: Resolve, *, relative: bool = False, flags: int = 0) -> _Rule:
    return _Rule(re.compile(pattern, flags), resolve, near, relative)


#: In order: where two match at one place the longer wins, then the earlier rule.
_RULES: tuple[_Rule, ...] = (
    _rule(_Near.MONTH, rf"\b{_DAY}(?: of)? {_MONTH},? {_YEAR}\b", _full),
    _rule(_Near.MONTH, rf"\b{_MONTH} {_DAY},? {_YEAR}\b", _full),
    _rule(_Near.YEAR, r"\b(?:1\d{3}|20\d{2})-[01]\d-[0-3]\d\b", _iso),
    _rule(_Near.MONTH, rf"\b{_MONTH},? (?:of )?{_YEAR}\b", _month_year),
    _rule(_Near.YEAR, rf"\b(?P<season>[Ss]pring|[Ss]ummer|[Aa]utumn|[Ff]all|[Ww]inter) (?:of )?{_YEAR}\b",
          _season_year),
    _rule(_Near.YEAR, rf"\b(?:(?:[Ff]rom|[Bb]etween) )?{_YEAR}(?:\s?[-–—/]\s?| to | and | until )"
          r"(?P<last>(?:1\d|20)?\d{2})\b(?![-–])", _years),
    _rule(_Near.YEAR, r"\b(?:(?P<part>[Ee]arly|[Mm]id|[Ll]ate)[- ])?(?:the )?(?P<year>1\d\d0|20\d0)['’]?s\b", _decade),
    _rule(_Near.CENTURY, r"\b(?:the )?(?P<ordinal>\d{1,2}(?:st|nd|rd|th)|twenty-first|twentieth"
          r"|(?:nine|eigh|seven|six|fif|four|thir)teenth|twelfth|eleventh|tenth"
          r"|ninth|eighth|seventh|sixth|fifth|fourth|third|second|first) century\b",
          _century, flags=re.IGNORECASE),
    _rule(_Near.BC, r"\b(?P<bc>\d{1,4}) (?:BC|BCE|B\.C\.)(?=\W|$)", _before_christ),
    _rule(_Near.YEAR, rf"\b(?P<word>[Ss]ince|[Uu]ntil|[Tt]ill) {_YEAR}\b", _open),
    _rule(_Near.YEAR, rf"(?:(?<=\b)|(?<=\())\b{_YEAR}\b", _year),
    _rule(_Near.DAY_WORD, r"\b(?P<word>today|tonight|yesterday|tomorrow)\b", _day_word, relative=True,
          flags=re.IGNORECASE),
    _rule(_Near.UNIT, rf"\b{_COUNT} (?P<unit>day|week|month|year|decade)s? ago\b", _counted, relative=True,
          flags=re.IGNORECASE),
    _rule(_Near.UNIT, rf"\b(?P<ahead>in) {_COUNT} (?P<unit>day|week|month|year)s?(?:['’] time)?\b(?! of)", _counted,
          relative=True, flags=re.IGNORECASE),
    _rule(_Near.UNIT, r"\b(?P<word>last|past|previous|this|current|next|coming) "
          r"(?P<unit>day|week|month|year|decade|century|spring|summer|autumn|winter)\b", _this,
          relative=True, flags=re.IGNORECASE),
    _rule(_Near.WEEKDAY, rf"\b(?:(?P<word>[Ll]ast|[Pp]ast|[Nn]ext|[Tt]his|[Cc]oming) )?{_WEEKDAY}\b", _weekday,
          relative=True),
    _rule(_Near.MONTH, rf"\b{_DAY}(?: of)? {_MONTH}(?! ?,? ?\d)\b", _bare_day, relative=True),
    _rule(_Near.MONTH, rf"\b{_MONTH} {_DAY}\b(?!,? ?\d)", _bare_day, relative=True),
    _rule(_Near.MONTH, rf"\b(?:in|since|until|last|this|by|of) {_MONTH}\b(?! \d)", _bare_month, relative=True),
)


def find_dates(text: str, anchor: When | None) -> tuple[DateMention, ...]:
    """Dates that a text names, by start, not overlapping; `text[span] == surface`.

    Args:
        text: any text.
        anchor: the date of the text; relative expressions that it does not support have an open `valid`.
    """
    found: list[tuple[int, int, int, DateMention]] = []
    places = _places(text)
    for order, rule in enumerate(_RULES):
        for match in (one for first, last in places[rule.near] for one in rule.pattern.finditer(text, first, last)):
            start, end = match.span()
            if rule.resolve in (_year, _years, _open) and not _is_year(text, match):
                continue
            valid = rule.resolve(match, anchor)
            if valid is None and not rule.relative:
                continue
            date = DateMention(Span(start, end), match.group(), valid or ALWAYS, rule.relative)
            found.append((start, -end, order, date))
    kept: list[DateMention] = []
    for start, _, _, date in sorted(found, key=lambda one: one[:3]):
        if not kept or start >= kept[-1].span.end:
            kept.append(date)
    return tuple(kept)


def _places(text: str) -> dict[_Near, list[tuple[int, int]]]:
    """Where each kind of word stands, as disjoint stretches of text wide enough for every rule."""
    small = text.lower()
    if len(small) != len(text):  # a character that grows: offsets would be wrong
        small = "".join(char if len(char.lower()) != 1 else char.lower() for char in text)
    found = {near: [place for word in words for place in _all(text, word)] for near, words in _CAPITAL_WORDS.items()}
    found |= {near: [place for word in words for place in _all(small, word)] for near, words in _SMALL_WORDS.items()}
    found[_Near.YEAR] = [match.start() for match in _ANY_YEAR.finditer(text)]
    return {near: _stretches(sorted(places), len(text)) for near, places in found.items()}


def _all(text: str, word: str) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + 1)


def _stretches(places: Sequence[int], size: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for place in places:
        first, last = max(0, place - _REACH), min(size, place + _REACH)
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def only_date(text: str) -> When | None:
    """The one absolute date or interval that a prompt names, as one `When`; None when it names none or several."""
    resolved = {date.valid for date in find_dates(text, None)
                if date.valid.start is not None and date.valid.end is not None and not date.relative}
    if len(resolved) != 1:
        return None
    valid = resolved.pop()
    return When(valid.edtf, valid.lo, valid.hi) if valid.start is None or valid.start != valid.end else valid.start


def _is_year(text: str, match: re.Match[str]) -> bool:
    """Whether a bare number of four digits is a year here: licensed by what stands before it, and no quantity."""
    start, end = match.span()
    before, after = text[max(0, start - 24):start], text[end:end + 16]
    if _QUANTITY.match(after) or _NUMBERED.search(before) or after[:1] in ("%", "/") or after[:2] in (",0", ".0"):
        return False
    last = before.rstrip(" ")[-1:] if before.endswith(" ") else before[-1:]
    if re.match(r"[,.]\d", after) or re.search(r"[\d,.]$", last):
        return before.rstrip().endswith(",") and bool(re.search(r"[a-z], ?$", before))
    if match.group()[:1].isalpha() or len(match.group()) > 4:
        return True
    year = int(match["year"])
    licensed = re.search(rf"(?:\b{_LICENCE}|[(\[,;:–—-]|\b[Tt]he)\s*(?:the\s+)?$", before, re.IGNORECASE) is not None
    return licensed or 1800 <= year <= 2099
