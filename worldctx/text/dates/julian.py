"""Days of the Julian calendar as days of the Gregorian one. Method: Julian day numbers (Richards 2013)."""

from __future__ import annotations

from worldctx.model.time import DAY, days_in_month, iso_day

#: The Julian day number of 1970-01-01, at noon.
_EPOCH = 2_440_588


def gregorian(year: int, month: int, day: int) -> str | None:
    """The EDTF day of the proleptic Gregorian calendar; None for a day that no such month has."""
    days = 29 if month == 2 and year % 4 == 0 else days_in_month(2001, month) if 1 <= month <= 12 else 0
    if not 1 <= day <= days:
        return None
    shift = (14 - month) // 12
    years, months = year + 4800 - shift, month + 12 * shift - 3
    number = day + (153 * months + 2) // 5 + 365 * years + years // 4 - 32_083
    return iso_day((number - _EPOCH) * DAY)
