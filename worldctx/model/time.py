"""Dates with their precision (EDTF) and the half-open intervals of seconds that they stand for.

A date is never rounded: `2005` stays the year 2005 and also carries [2005-01-01, 2006-01-01) in UTC. An
instant is an `int`: seconds since 1970-01-01T00:00:00Z in the proleptic Gregorian calendar, so years before 1 work.
Standard: EDTF, ISO 8601-2:2019, levels 0 and 1 (and what the `edtf` library reads of level 2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from worldctx.model.errors import BadInput

#: Open sides. They fit into a signed 64-bit column with room to add a day.
MIN_INSTANT = -(2**62)
MAX_INSTANT = 2**62
DAY = 86_400

_PLAIN = re.compile(r"(-?\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_UNSPECIFIED = re.compile(r"(\d{2})(\d|X)X")
_APPROXIMATE_YEAR = re.compile(r"(\d{4})[~?%]")
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_HELP = "is not a date; write it as EDTF, such as 2004, 2004-05, 2004-05-17, 2004~ or 199X"


def is_leap(year: int) -> bool:
    """Whether the proleptic Gregorian `year` (astronomical: 0 is 1 BC) has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """Days of a month (1–12) of the proleptic Gregorian calendar."""
    return 29 if month == 2 and is_leap(year) else _MONTH_DAYS[month - 1]


def instant(year: int, month: int = 1, day: int = 1) -> int:
    """Midnight UTC that begins the given day. Method: days_from_civil (H. Hinnant, date algorithms)."""
    shifted = year - (month <= 2)
    era = shifted // 400
    year_of_era = shifted - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return (era * 146_097 + day_of_era - 719_468) * DAY


def civil(moment: int) -> tuple[int, int, int]:
    """Year, month and day (UTC) of an instant: the inverse of `instant`."""
    days = moment // DAY + 719_468
    era = days // 146_097
    day_of_era = days - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1


def iso_day(moment: int) -> str:
    """The day of an instant as EDTF, `1972-06-01` or `-0044-03-15`."""
    year, month, day = civil(moment)
    return f"{'-' if year < 0 else ''}{abs(year):04d}-{month:02d}-{day:02d}"


@dataclass(frozen=True, slots=True)
class When:
    """One date as it was written, and the seconds [lo, hi) that it may mean.

    Attributes:
        edtf: the date as EDTF text, its precision kept.
        lo: first second it may mean.
        hi: first second after it.
    """

    edtf: str
    lo: int
    hi: int

    def __hash__(self) -> int:
        """By the text, which keeps its own hash: dates are looked up by the million."""
        return hash(self.edtf)

    @property
    def is_exact_day(self) -> bool:
        """Known to the day or better."""
        return self.hi - self.lo <= DAY


@dataclass(frozen=True, slots=True)
class Interval:
    """From the earliest to the last moment that something held; None is an open side.

    `end` is inclusive at its own precision (to 2005 covers the whole of 2005), so that the
    seconds covered are [start.lo, end.hi).
    """

    start: When | None = None
    end: When | None = None

    @property
    def lo(self) -> int:
        """First second it may have held."""
        return MIN_INSTANT if self.start is None else self.start.lo

    @property
    def hi(self) -> int:
        """First second at which it certainly no longer held."""
        return MAX_INSTANT if self.end is None else self.end.hi

    @property
    def edtf(self) -> str:
        """EDTF interval text; `..` marks an open side."""
        return f"{'..' if self.start is None else self.start.edtf}/{'..' if self.end is None else self.end.edtf}"

    def covers(self, moment: int) -> bool:
        """Whether it may have held at the instant."""
        return self.lo <= moment < self.hi

    def overlaps(self, lo: int, hi: int) -> bool:
        """Whether it may have held at some instant of [lo, hi)."""
        return self.lo < hi and lo < self.hi


ALWAYS = Interval()


def parse_when(text: str, field: str = "date") -> When:
    """Read one date.

    Args:
        text: EDTF (any level the `edtf` library reads), or an ISO 8601 timestamp (no zone means UTC).
        field: the name used in the error.

    Raises:
        BadInput: not a date; the message names `field` and shows the accepted forms.
    """
    try:
        return _parse(text)
    except (ValueError, OverflowError) as error:
        shown = text if len(text) <= 60 else text[:57] + "..."
        raise BadInput.at(field, f"{shown!r} {_HELP}") from error


@lru_cache(maxsize=65_536)
def _parse(text: str) -> When:
    plain = _PLAIN.fullmatch(text)
    if plain:
        return _plain(text, *plain.groups())
    if "T" in text or (" " in text and ":" in text):
        stamp = datetime.fromisoformat(text)
        stamp = stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)
        second = instant(stamp.year, stamp.month, stamp.day) + stamp.hour * 3600 + stamp.minute * 60 + stamp.second
        return When(stamp.strftime("%Y-%m-%dT%H:%M:%SZ"), second, second + 1)
    return _frequent(text) or _library(text)


def _frequent(text: str) -> When | None:
    """Decades, centuries and approximate years, which running text is full of: as the library reads them, fast."""
    if unspecified := _UNSPECIFIED.fullmatch(text):
        decade = unspecified[2] != "X"
        first = int(unspecified[1] + unspecified[2]) * 10 if decade else int(unspecified[1]) * 100
        return When(text, instant(first), instant(first + (10 if decade else 100)))
    if approximate := _APPROXIMATE_YEAR.fullmatch(text):
        year = int(approximate[1])
        return When(text, instant(year), instant(year + 1))
    return None


def _plain(text: str, year: str, month: str | None, day: str | None) -> When:
    y = int(year)
    if month is None:
        return When(text, instant(y), instant(y + 1))
    m = int(month)
    if m in range(21, 25) and day is None:
        return _library(text)
    if not 1 <= m <= 12:
        raise ValueError("month")
    if day is None:
        return When(text, instant(y, m), instant(y + m // 12, m % 12 + 1))
    d = int(day)
    if not 1 <= d <= days_in_month(y, m):
        raise ValueError("day")
    return When(text, instant(y, m, d), instant(y, m, d) + DAY)


def _library(text: str) -> When:
    """What the fast path does not read goes to the EDTF library (approximate, unspecified, seasons, level 2)."""
    from edtf import parse_edtf
    from edtf.parser.edtf_exceptions import EDTFParseException

    if "/" in text or not text or len(text) > 100:
        raise ValueError("not one date")
    try:
        parsed = parse_edtf(text)
        lower, upper = parsed.lower_strict(), parsed.upper_strict()
    except (EDTFParseException, TypeError, AttributeError, NotImplementedError) as error:
        raise ValueError(text) from error
    lo, hi = instant(*lower[:3]), instant(*upper[:3]) + DAY
    if not MIN_INSTANT < lo < hi < MAX_INSTANT:
        raise ValueError("out of range")
    return When(text, lo, hi)


def parse_interval(start: str | None, end: str | None, field: str = "valid") -> Interval:
    """Read an interval from its two sides; None, empty and `..` are open.

    Raises:
        BadInput: a side is no date, or the end precedes the start.
    """
    first = None if start in (None, "", "..") else parse_when(str(start), f"{field}.from")
    last = None if end in (None, "", "..") else parse_when(str(end), f"{field}.to")
    if first is not None and last is not None and last.hi <= first.lo:
        raise BadInput.at(f"{field}.to", f"{last.edtf} precedes {field}.from ({first.edtf}); swap them or omit one")
    return Interval(first, last)
