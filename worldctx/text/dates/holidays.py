"""Feasts that fall on a day by a rule that is the same wherever they are kept."""

from __future__ import annotations

from collections.abc import Mapping

from worldctx.model.time import DAY, days_in_month, instant, iso_day

#: Month and day; or month, weekday (0 is Monday) and which one of the month (-1 is the last); or days after Easter.
HOLIDAYS: Mapping[str, tuple[int, ...]] = {
    "christmas": (12, 25), "christmas day": (12, 25), "christmas eve": (12, 24), "boxing day": (12, 26),
    "new year's eve": (12, 31), "new year's day": (1, 1), "valentine's day": (2, 14), "st. patrick's day": (3, 17),
    "april fools' day": (4, 1), "may day": (5, 1), "halloween": (10, 31), "all saints' day": (11, 1),
    "armistice day": (11, 11), "remembrance day": (11, 11), "fourth of july": (7, 4), "bastille day": (7, 14),
    "epiphany": (1, 6), "earth day": (4, 22), "veterans day": (11, 11), "juneteenth": (6, 19),
    "thanksgiving": (11, 3, 4), "thanksgiving day": (11, 3, 4), "labor day": (9, 0, 1), "memorial day": (5, 0, -1),
    "columbus day": (10, 0, 2), "martin luther king day": (1, 0, 3), "presidents' day": (2, 0, 3),
    "easter": (0,), "easter sunday": (0,), "easter monday": (1,), "good friday": (-2,), "palm sunday": (-7,),
    "ash wednesday": (-46,), "ascension day": (39,), "whit monday": (50,),
}


def holiday_value(name: str, year: int | None) -> str | None:
    """The day of a feast as a TIMEX3 value; without a year what is known of it: `XXXX-12-25`.

    Args:
        name: in lower case, a key of HOLIDAYS.
    """
    rule = HOLIDAYS.get(name)
    if rule is None:
        return None
    if year is None:
        return f"XXXX-{rule[0]:02d}-{rule[1]:02d}" if len(rule) == 2 else "XXXX-XX-XX"
    if len(rule) == 1:
        return iso_day(easter(year) + rule[0] * DAY)
    if len(rule) == 2:
        return f"{year:04d}-{rule[0]:02d}-{rule[1]:02d}"
    month, weekday, which = rule
    if which < 0:
        last = instant(year, month, days_in_month(year, month))
        return iso_day(last - (((last // DAY + 3) % 7 - weekday) % 7) * DAY)
    first = instant(year, month, 1)
    return iso_day(first + ((weekday - (first // DAY + 3) % 7) % 7 + 7 * (which - 1)) * DAY)


def easter(year: int) -> int:
    """The first second of Easter Sunday of the Western churches. Method: the anonymous Gregorian computus."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return instant(year, f // 31, f % 31 + 1)
