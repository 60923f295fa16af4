"""From a TIMEX3 value to the dates it stands for, as an EDTF interval; None where it names no certain one."""

from __future__ import annotations

import re
from functools import lru_cache

from worldctx.model.errors import BadInput
from worldctx.model.time import DAY, Interval, When, instant, iso_day, parse_when
from worldctx.text.dates.expression import Mod

_SEASON_CODES = {"SP": 21, "SU": 22, "FA": 23, "WI": 24}
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:T.*)?")
_WEEK = re.compile(r"(\d{4})-W(\d\d)(?:-(WE|[1-7]))?(?:T.*)?")
_PART = re.compile(r"(\d{4})-(Q[1-4]|H[12]|SP|SU|FA|WI)")
_BEFORE_CHRIST = re.compile(r"BC(\d{4})")
#: First and last digit of the years in which a decade is young, middling and old.
_THIRDS = {Mod.START: ("0", "3"), Mod.MID: ("4", "6"), Mod.END: ("7", "9")}


def monday(year: int, week: int) -> int:
    """The first second of an ISO 8601 week."""
    fourth = instant(year, 1, 4)
    return fourth - ((fourth // DAY + 3) % 7) * DAY + 7 * (week - 1) * DAY


def iso_week(moment: int) -> tuple[int, int]:
    """Year and number of the ISO 8601 week that an instant lies in."""
    thursday = moment // DAY - (moment // DAY + 3) % 7 + 3
    year = int(iso_day(thursday * DAY)[:4])
    return year, (thursday - instant(year) // DAY) // 7 + 1


@lru_cache(maxsize=16_384)
def interval_of(value: str, mod: Mod = Mod.NONE) -> Interval | None:
    """The interval of a value, at the precision that was written.

    Args:
        value: of TIMEX3. What has an X in it, a duration, a set or a reference to past or future has no interval.
        mod: early, mid or late narrows a decade or century; about makes a date approximate (EDTF `~`).
    """
    if "X" in value or "_" in value or value[:1] in ("P", "T", "F"):
        return None
    if "/" in value:
        first, last = value.split("/")
        return between(first, last)
    if day := _DAY.fullmatch(value):
        return _one(day[1])
    if week := _WEEK.fullmatch(value):
        return _week(int(week[1]), int(week[2]), week[3])
    if part := _PART.fullmatch(value):
        return _part_of_year(part[1], part[2])
    if before := _BEFORE_CHRIST.fullmatch(value):
        year = int(before[1])
        return _one(f"-{year - 1:04d}" if year > 1 else "0000")
    if len(value) == 3 and value.isdigit():
        return between(value + _THIRDS[mod][0], value + _THIRDS[mod][1]) if mod in _THIRDS else _one(f"{value}X")
    if len(value) == 2 and value.isdigit():
        return _century(value, mod)
    return _one(value + "~" if mod is Mod.APPROX and len(value) in (4, 7) else value)


def _century(value: str, mod: Mod) -> Interval | None:
    thirds = {Mod.START: ("00", "33"), Mod.MID: ("34", "66"), Mod.END: ("67", "99")}
    return between(value + thirds[mod][0], value + thirds[mod][1]) if mod in thirds else _one(f"{value}XX")


def _week(year: int, week: int, day: str | None) -> Interval | None:
    first = monday(year, week)
    if not 1 <= week <= 53:
        return None
    if day == "WE":
        return between(iso_day(first + 5 * DAY), iso_day(first + 6 * DAY))
    if day:
        return _one(iso_day(first + (int(day) - 1) * DAY))
    return between(iso_day(first), iso_day(first + 6 * DAY))


def _part_of_year(year: str, part: str) -> Interval | None:
    if part in _SEASON_CODES:
        return _one(f"{year}-{_SEASON_CODES[part]}")
    number, months = int(part[1]), 3 if part[0] == "Q" else 6
    return between(f"{year}-{months * (number - 1) + 1:02d}", f"{year}-{months * number:02d}")


def _one(text: str) -> Interval | None:
    when = date(text)
    return None if when is None else Interval(when, when)


def between(first: str, last: str) -> Interval | None:
    """From one EDTF date to another; None where one is no date or they stand the wrong way round."""
    start, end = date(first), date(last)
    if start is None or end is None or end.hi <= start.lo:
        return None
    return Interval(start, end)


def date(text: str) -> When | None:
    """An EDTF date, or None."""
    try:
        return parse_when(text)
    except BadInput:
        return None
