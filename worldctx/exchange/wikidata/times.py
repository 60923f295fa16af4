"""Times of Wikidata as EDTF dates, each as precise as it was stated.

Source of the rules: Wikibase, "JSON data model", section on time values. Years before 1 are numbered historically there
(-0044 is 44 BCE, there is no year 0), in EDTF astronomically (-0043); days are those of the calendar that is named,
in EDTF those of the proleptic Gregorian one; month and day may be 00, and a day that a calendar has not may occur.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from worldctx.exchange.wikidata.reason import BROKEN_TIME, COARSE, NO_YEAR, Reason
from worldctx.model.errors import BadInput
from worldctx.model.time import DAY, When, days_in_month, iso_day, parse_when

_TIME = re.compile(r"([+-])(\d{1,16})-(\d\d)-(\d\d)T\d\d:\d\d:\d\dZ")
#: Precisions, as Wikibase numbers them.
DAYS, MONTHS, YEARS, DECADES, CENTURIES, MILLENNIA = 11, 10, 9, 8, 7, 6
_JULIAN = "Q1985786"
#: Largest year that EDTF writes without a letter before it, and the largest that a moment in seconds can stand for.
_PLAIN, _LARGEST = 9999, 10**11
#: Largest year whose millennium EDTF writes without a letter.
_LAST_SPAN = 9000
#: Julian day number of 1970-01-01.
_EPOCH = 2_440_588
_DATE, _DAY_OR_MONTH = re.compile(r"-?\d{4}(-\d\d){0,2}"), re.compile(r"-?\d{4}(-\d\d){1,2}")


def when_of(value: Mapping[str, Any]) -> When | Reason:
    """The date that a time value stands for, or why it gives none.

    Hours and finer precisions are read as days: Wikibase keeps no time of day. A century is the years that Wikibase
    shows it as: that of +2000 is the 20th, 1901 to 2000, as the EDTF set `[1901..2000]`, for `19XX` begins a year
    before it.
    """
    time, precision, calendar = value.get("time"), value.get("precision"), value.get("calendarmodel", "")
    if not isinstance(time, str) or not isinstance(precision, int) or not isinstance(calendar, str):
        return BROKEN_TIME
    return _when(time, precision, calendar.endswith(_JULIAN))


def between(first: When, last: When) -> When | None:
    """The date that lies somewhere from the first year to the last one; None where EDTF cannot say it."""
    if last.hi <= first.lo or len(first.edtf.lstrip("-")) != 4 or len(last.edtf.lstrip("-")) != 4:
        return None
    return parse_when(f"[{first.edtf}..{last.edtf}]")


def about(when: When) -> When:
    """The date as an approximate one (EDTF `~`); dates that are sets or spans stay as they are."""
    return parse_when(when.edtf + "~") if _DATE.fullmatch(when.edtf) else when


def year_of(when: When) -> When:
    """The year of a date that is a day or a month; other dates stay as they are."""
    return parse_when(when.edtf[:-3 * when.edtf.lstrip("-").count("-")]) if _DAY_OR_MONTH.fullmatch(when.edtf) else when


@lru_cache(maxsize=65_536)
def _when(time: str, precision: int, julian: bool) -> When | Reason:
    found = _TIME.fullmatch(time)
    if found is None:
        return BROKEN_TIME
    stated, month, day = int(found[1] + found[2]), int(found[3]), int(found[4])
    if stated == 0 or abs(stated) > _LARGEST:
        return NO_YEAR
    if precision < MILLENNIA or (precision < YEARS and abs(stated) > _LAST_SPAN):
        return COARSE
    if month > 12 or day > 31:
        return BROKEN_TIME
    text = _span(stated, precision) if precision < YEARS else _day(stated, month, day, precision, julian=julian)
    try:
        return parse_when(text)
    except BadInput:
        return BROKEN_TIME


def _day(stated: int, month: int, day: int, precision: int, *, julian: bool) -> str:
    year = stated if stated > 0 else stated + 1
    if precision == YEARS or month == 0 or abs(year) > _PLAIN:
        return _year(year)
    if precision == MONTHS or day == 0:
        return f"{_year(year)}-{month:02d}"
    leap_day = julian and month == 2 and day == 29 and year % 4 == 0
    if day > days_in_month(year, month) and not leap_day:
        return f"{_year(year)}-{month:02d}"
    return _gregorian(year, month, day) if julian else f"{_year(year)}-{month:02d}-{day:02d}"


def _year(year: int) -> str:
    sign = "-" if year < 0 else ""
    return f"{sign}{abs(year):04d}" if abs(year) <= _PLAIN else f"Y{year}"


def _gregorian(year: int, month: int, day: int) -> str:
    """A day of the Julian calendar in the proleptic Gregorian one.

    Method: Julian day number from a date of the Julian calendar (L. E. Doggett, in Explanatory Supplement to the
    Astronomical Almanac, 1992, section 12.95), whose days `model.time` counts from 1970.
    """
    shift = (14 - month) // 12
    years, months = year + 4800 - shift, month + 12 * shift - 3
    number = day + (153 * months + 2) // 5 + 365 * years + years // 4 - 32_083
    return iso_day((number - _EPOCH) * DAY)


def _span(stated: int, precision: int) -> str:
    """A decade, century or millennium: `195X`, `[1901..2000]`, before year 1 `[-0048..-0039]` (the 40s BCE)."""
    size = 10 ** (YEARS - precision)
    if precision == DECADES:
        first = abs(stated) // size * size
        last = first + size - 1
        if stated >= size:
            return f"{first // size:03d}X"
        first = max(first, 1)
    else:
        last = -(-abs(stated) // size) * size
        first = last - size + 1
    if stated < 0:
        first, last = 1 - last, 1 - first
    return f"[{_year(first)}..{_year(last)}]"
