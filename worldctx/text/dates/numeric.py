"""Rules for dates in figures: ISO 8601, with slashes or dots, and the stamps of chat logs."""

from __future__ import annotations

import re

from worldctx.text.dates.anchor import day_value
from worldctx.text.dates.expression import Reading, Type
from worldctx.text.dates.part import dated
from worldctx.text.dates.rule import Here, Near, Read, Rule, before, rule
from worldctx.text.dates.words import YEAR


def _iso(match: re.Match[str], here: Here) -> Read:
    value = _day(match)
    if value is None or not match["clock"]:
        return dated(value)
    return Reading(Type.TIME, f"{value}T{match['clock'][1:].upper()}")


def _compact(match: re.Match[str], here: Here) -> Read:
    value = _day(match)
    return None if value is None else Reading(Type.TIME, f"{value}T{match['hour']}:{match['minute']}")


def _day(match: re.Match[str]) -> str | None:
    month = int(match["m"])
    return day_value(int(match["year"]), month, int(match["d"])) if 1 <= month <= 12 else None


def _figures(match: re.Match[str], here: Here) -> Read:
    """`31/10/1989`: only where day and month cannot be mistaken for each other; else month and day stay unknown."""
    first, second, year = int(match["first"]), int(match["second"]), _full_year(match, here)
    if year is None or not (1 <= first <= 31 and 1 <= second <= 31):
        return None
    if match["mark"] == ".":  # day first wherever dots are used
        return dated(day_value(year, second, first)) if second <= 12 else None
    if first > 12 or second > 12 or first == second:
        day, month = max(first, second), min(first, second)
        return dated(day_value(year, month, day)) if month <= 12 else None
    return dated(f"{year:04d}-XX-XX")


def _full_year(match: re.Match[str], here: Here) -> int | None:
    """A year of two figures is that of the text's century, or the one before; a mere fraction or score has none."""
    year = match["year"]
    if len(year) == 4:
        return int(year)
    introduced = re.search(r"\b(?:on|dated?|published|posted|updated)[: ]{1,2}$", before(match, 11)) is not None
    if match["mark"] != "/" or not (introduced or max(int(match["first"]), int(match["second"])) > 12):
        return None
    latest = here.now.year + 1 if here.now is not None else 2040
    century = latest // 100 * 100
    full = century + int(year) if century + int(year) <= latest else century - 100 + int(year)
    return full if full > 0 else None


RULES: tuple[Rule, ...] = (
    rule(Near.YEAR, _iso, rf"(?P<year>{YEAR})-(?P<m>[01]\d)-(?P<d>[0-3]\d)",
         r"(?P<clock>[t\x20_][0-2]\d:[0-5]\d(?::[0-5]\d)?(?:z|[+-]\d\d:?\d\d)?)?"),
    rule(Near.YEAR, _iso, rf"(?P<year>{YEAR})/(?P<m>0[1-9]|1[0-2])/(?P<d>[0-3]\d)(?P<clock>)"),
    rule(Near.NUMERIC, _figures, r"(?P<first>\d{1,2})(?P<mark>[/.-])(?P<second>\d{1,2})(?P=mark)",
         r"(?P<year>(?:1[5-9]|20)\d\d|\d\d)"),
    rule(Near.NUMERIC, _compact, r"(?P<year>20\d\d|19\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)[_t\x20](?P<hour>[0-2]\d)",
         r":?(?P<minute>[0-5]\d)"),
)
