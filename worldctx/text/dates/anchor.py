"""The date that others hang on, and moving from it by units: at the unit's own precision, never finer than it knows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from worldctx.model.time import DAY, When, civil, days_in_month, instant, iso_day
from worldctx.text.dates.value import iso_week, monday
from worldctx.text.dates.words import WEEKDAYS

_VALUE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_WEEK = re.compile(r"(\d{4})-W(\d\d)(?:-([1-7]))?")
#: What a unit looks like when nothing is known of it.
UNKNOWN = {"year": "XXXX", "month": "XXXX-XX", "week": "XXXX-WXX", "weekend": "XXXX-WXX-WE", "day": "XXXX-XX-XX",
           "quarter": "XXXX-QX", "half": "XXXX-HX", "decade": "XXX", "century": "XX"}


@dataclass(frozen=True, slots=True)
class Anchor:
    """A year, a month or a day of the proleptic Gregorian calendar; month and day are 0 where they are not known."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def moment(self) -> int:
        """Its first second."""
        return instant(self.year, self.month or 1, self.day or 1)

    @property
    def edtf(self) -> str:
        parts = [f"{self.year:04d}"] + [f"{part:02d}" for part in (self.month, self.day) if part]
        return "-".join(parts)


def anchor_of(when: When | None) -> Anchor | None:
    """An anchor as precise as a date is; None for none, and for one that is not within a year."""
    if when is None:
        return None
    days = (when.hi - when.lo) // DAY
    year, month, day = civil(when.lo)
    if not 1 <= year <= 9998 or days > 366:
        return None
    return Anchor(year, month if days <= 31 else 0, day if days <= 1 else 0)


def anchor_from(value: str) -> Anchor | None:
    """An anchor from the TIMEX3 value of a date that a text named; None for one that is no year, month or day."""
    if (week := _WEEK.match(value)) is not None:
        moment = monday(int(week[1]), int(week[2])) + (int(week[3] or 1) - 1) * DAY
        year, month, day = civil(moment)
        return Anchor(year, month, day if week[3] else 0)
    found = _VALUE.match(value)
    return Anchor(int(found[1]), int(found[2] or 0), int(found[3] or 0)) if found and found[1] != "0000" else None


def moved(anchor: Anchor | None, unit: str, by: int) -> str:
    """The unit that lies `by` units from the anchor's, as a TIMEX3 value; with X for what the anchor does not know.

    Args:
        unit: year, month, week, weekend, day, quarter, half, decade or century.
    """
    if anchor is None or not 1 <= anchor.year + by * {"century": 100, "decade": 10}.get(unit, 1) <= 9998:
        return UNKNOWN[unit]
    year = anchor.year
    if unit == "year":
        return f"{year + by:04d}"
    if unit == "decade":
        return f"{(year + 10 * by) // 10:03d}"
    if unit == "century":
        return f"{(year + 100 * by) // 100:02d}"
    if not anchor.month:
        return f"{year:04d}{UNKNOWN[unit][4:]}" if by == 0 else UNKNOWN[unit]
    if unit == "month":
        return month_after(year, anchor.month, by)
    if unit in ("quarter", "half"):
        size = 3 if unit == "quarter" else 6
        index = year * (12 // size) + (anchor.month - 1) // size + by
        return f"{index // (12 // size):04d}-{unit[0].upper()}{index % (12 // size) + 1}"
    if not anchor.day:
        return f"{year:04d}-{anchor.month:02d}-XX" if by == 0 and unit == "day" else UNKNOWN[unit]
    if unit == "day":
        return iso_day(anchor.moment + by * DAY)
    year, week = iso_week(anchor.moment + 7 * by * DAY)
    return f"{year:04d}-W{week:02d}" + ("-WE" if unit == "weekend" else "")


def month_after(year: int, month: int, by: int) -> str:
    """The month that lies `by` months after a month."""
    index = year * 12 + month - 1 + by
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def weekday_value(anchor: Anchor | None, weekday: str, direction: int) -> str:
    """The day that a weekday's name means: -1 the nearest past one, today included; -2 before today; 1 the next one."""
    wanted = WEEKDAYS.index(weekday)
    if anchor is None or not anchor.day:
        return f"XXXX-WXX-{wanted + 1}"
    today = (anchor.moment // DAY + 3) % 7
    if direction > 0:
        return iso_day(anchor.moment + ((wanted - today) % 7 or 7) * DAY)
    back = (today - wanted) % 7
    return iso_day(anchor.moment - (back or (7 if direction == -2 else 0)) * DAY)


def day_value(year: int | None, month: int, day: int) -> str | None:
    """A day as a value; X for the year where it is not known. None for a day that no such month has."""
    if year is not None and not 1 <= year <= 9999:
        return None
    if not 1 <= day <= (29 if year is None and month == 2 else days_in_month(year or 2001, month)):
        return None
    return f"{'XXXX' if year is None else f'{year:04d}'}-{month:02d}-{day:02d}"


def year_of_month(anchor: Anchor | None, month: int, *, ahead: bool, narrative: bool) -> int | None:
    """The year of a month named without one.

    In the news it is the last such month that has begun, or the next one where the clause looks ahead; in a
    narrative it goes on from the last date that was named.
    """
    if anchor is None:
        return None
    if not anchor.month:
        return anchor.year
    if narrative:
        return anchor.year + (month < anchor.month and anchor.month - month > 7)
    if ahead:
        return anchor.year + (month < anchor.month)
    return anchor.year - (month > anchor.month)


def year_of_day(anchor: Anchor | None, month: int, day: int, *, outlook: int, narrative: bool) -> int | None:
    """The year of a day named without one.

    Args:
        outlook: where its clause looks: 1 ahead, -1 back, 0 unknown; then a day up to 45 days ahead is not yet over.
    """
    if anchor is None or not anchor.month or narrative:
        return year_of_month(anchor, month, ahead=False, narrative=narrative)
    reference = instant(anchor.year, anchor.month, anchor.day or 15)
    for year in (anchor.year + 1, anchor.year):
        if day <= days_in_month(year, month) and 0 <= instant(year, month, day) - reference <= (
                300 * DAY if outlook > 0 else 0 if outlook < 0 else 45 * DAY):
            return year
    return anchor.year - (instant(anchor.year, month, min(day, 28)) > reference)
