"""Rules for days and months by their names: `3 May 2004`, `15 to 22 July`, `last March`."""

from __future__ import annotations

import re

from worldctx.text.dates.anchor import day_value, year_of_day, year_of_month
from worldctx.text.dates.expression import Reading, Type
from worldctx.text.dates.julian import gregorian
from worldctx.text.dates.part import PART, dated, mod_of, near
from worldctx.text.dates.rule import Here, Near, Read, Rule, before, behind, looks_ahead, outlook, rule, words_of
from worldctx.text.dates.words import DAY, MONTH, WEEKDAY, YEAR, month_number

#: After these, `may`, `march` and a month's short form are months.
_INTRODUCES = re.compile(r"\b(?:in|since|until|till|by|of|from|to|through|during|and|or|between|for|before|after|late"
                         r"|early|every|that|on)[ \n]$")
#: What joins two dates, up to the year that they share.
_JOINED = re.compile(rf"(?:\s?[-–—]\s?|\s(?:to|and|until|through|or)\s)(?:the\s)?(?:{DAY}\s)?(?:{MONTH})"
                     rf"(?:\s{DAY},?)?(?:\s?,?\s|\sof\s)({YEAR})\b")
_NEXT = frozenset(("next", "the following", "coming", "this coming", "the next"))
_TEXTS_OWN = frozenset(("last", "next", "this", "this past", "past", "coming", "this coming"))
_TOLD = frozenset(("that", "the following", "the same", "the next", "the previous"))


def number_of(day: str) -> int:
    """12 of `12th`."""
    return int(re.sub(r"\D", "", day))


def is_capital(match: re.Match[str], here: Here, group: str = "month") -> bool:
    """Whether a name was written with a capital: `may` and `march` mostly mean something else."""
    return here.text[match.start(group)].isupper()


def _full(match: re.Match[str], here: Here) -> Read:
    if not is_capital(match, here):
        return None
    return dated(day_value(int(match["year"]), month_number(match["month"]), number_of(match["day"])))


def _old_style(match: re.Match[str], here: Here) -> Read:
    """A day of the Julian calendar, named as such: converted, for that is arithmetic."""
    if not is_capital(match, here):
        return None
    return dated(gregorian(int(match["year"]), month_number(match["month"]), number_of(match["day"])))


def _day_of_which_year(match: re.Match[str], here: Here) -> Read:
    if not is_capital(match, here):
        return None
    by = {"last": -1, "next": 1}.get(words_of(match, "which").split()[0], 0)
    year = here.now.year + by if here.now is not None else None
    return near(day_value(year, month_number(match["month"]), number_of(match["day"])), here)


def year_near(match: re.Match[str], here: Here, month: int, day: int) -> int | None:
    """The year of a day that is named without one."""
    return _year_behind(match) or year_of_day(here.near, month, day, outlook=outlook(match), narrative=here.narrative)


def _bare_day(match: re.Match[str], here: Here) -> Read:
    if not is_capital(match, here):
        return None
    month, day = month_number(match["month"]), number_of(match["day"])
    return near(day_value(year_near(match, here, month, day), month, day), here)


def _year_behind(match: re.Match[str]) -> int | None:
    """The year that a date shares with the one it is joined to: `22 June to 5 July 1941`."""
    found = _JOINED.match(match.string, match.end())
    return int(found[1]) if found is not None else None


def _two_days(match: re.Match[str], here: Here) -> Read:
    """`15 to 22 July 2017`: two dates of one month."""
    month, first, last = month_number(match["month"]), number_of(match["first"]), number_of(match["last"])
    if not is_capital(match, here) or first >= last:
        return None
    year = int(match["year"]) if match["year"] else year_near(match, here, month, last)
    values = [day_value(year, month, day) for day in (first, last)]
    one, two = [dated(value) if match["year"] else near(value, here) for value in values]
    return None if one is None or two is None else (("first", one), ("rest", two))


def _month_year(match: re.Match[str], here: Here) -> Read:
    if not is_capital(match, here):
        return None
    return dated(f"{match['year']}-{month_number(match['month']):02d}", mod_of(match["part"]))


def _month_of_which_year(match: re.Match[str], here: Here) -> Read:
    if not is_capital(match, here):
        return None
    which = match["which"].split()[0]
    anchor = here.then if which in ("that", "the") else here.now
    year = "XXXX" if anchor is None else f"{anchor.year + {'last': -1, 'next': 1}.get(which, 0):04d}"
    return near(f"{year}-{month_number(match['month']):02d}", here, mod_of(match["part"]))


def _bare_month(match: re.Match[str], here: Here) -> Read:
    if not is_capital(match, here):
        return None
    word, part, which = match["month"].rstrip("."), match["part"], words_of(match, "which")
    doubtful = word in ("may", "march") or len(word) < 4
    if doubtful and not part and not which and _INTRODUCES.search(before(match, 9)) is None:
        return None
    if not which and not part and word in _GIVEN_NAMES and _is_name(match, here):
        return None
    if not which and behind(match, 2).strip()[:1].isdigit():
        return None
    number = month_number(word)
    if which in ("every", "each"):
        return Reading(Type.SET, f"XXXX-{number:02d}")
    year = _year_of(match, here, number, which)
    return near(f"{'XXXX' if year is None else f'{year:04d}'}-{number:02d}", here, mod_of(part))


_GIVEN_NAMES = frozenset(("april", "may", "june", "august"))


def _is_name(match: re.Match[str], here: Here) -> bool:
    """Whether a month's name is a person's: capitalised words stand beside it, and none introduces a date."""
    left, right = here.text[max(0, match.start() - 20):match.start()], here.text[match.end():match.end() + 2]
    beside = re.match(r" \w", right) is not None and right[1].isupper()
    return (beside or re.search(r"(?:^|[a-z.] )[A-Z][a-z]+\.? $", left) is not None) and (
        _INTRODUCES.search(before(match, 9)) is None)


def _year_of(match: re.Match[str], here: Here, month: int, which: str) -> int | None:
    """The year of a month that is named without one."""
    if not which and (shared := _year_behind(match)) is not None:
        return shared
    anchor = here.now if which in _TEXTS_OWN else here.then if which in _TOLD else here.near
    narrative = (here.narrative and not which) or (which in _TOLD and which != "the previous")
    ahead = which in _NEXT or (not which and not here.narrative and looks_ahead(match))
    year = year_of_month(anchor, month, ahead=ahead, narrative=narrative)
    if year is None or anchor is None or not anchor.month or narrative:
        return year
    if which in ("last", "this past", "past") and month == anchor.month:
        return year - 1
    return anchor.year if which == "this" else year


_WEEKDAY = rf"(?:(?:{WEEKDAY}|(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)\b\.?),? )?"
_COMMA = r"\s?,?\s{1,2}"
_THE_DAY, _THE_MONTH, _THE_YEAR = rf"(?:the )?(?P<day>{DAY})", rf"(?P<month>{MONTH})", rf"(?P<year>{YEAR})"
_TO = r"(?:\s?[-–—/]\s?| (?:to|and|or|through|until) )"

RULES: tuple[Rule, ...] = (
    rule(Near.MONTH, _old_style, rf"{_WEEKDAY}{_THE_DAY}(?: of)?(?: |-){_THE_MONTH}(?:{_COMMA}|-){_THE_YEAR}",
         r" (?:o\.s\.|old style|julian|\((?:o\.s\.|old style|julian(?: calendar)?)\))"),
    rule(Near.MONTH, _full, rf"{_WEEKDAY}{_THE_DAY}(?: of)?(?: |-)?{_THE_MONTH}(?:{_COMMA}|-){_THE_YEAR}"),
    rule(Near.MONTH, _full, rf"{_WEEKDAY}{_THE_MONTH} {_THE_DAY}{_COMMA}{_THE_YEAR}"),
    rule(Near.MONTH, _full, rf"{_THE_YEAR} {_THE_MONTH} {_THE_DAY}"),
    rule(Near.MONTH, _two_days, rf"(?P<first>{_WEEKDAY}{DAY}){_TO}(?P<rest>{_WEEKDAY}(?P<last>{DAY})(?: of)? ",
         rf"{_THE_MONTH}(?:{_COMMA}{_THE_YEAR}(?!\d))?)"),
    rule(Near.MONTH, _day_of_which_year, rf"{_WEEKDAY}(?:{_THE_DAY}(?: of)? {_THE_MONTH}){_COMMA}",
         r"(?P<which>(?:this|last|next) year)"),
    rule(Near.MONTH, _day_of_which_year, rf"{_WEEKDAY}{_THE_MONTH} {_THE_DAY}{_COMMA}",
         r"(?P<which>(?:this|last|next) year)"),
    rule(Near.MONTH, _bare_day, rf"{_WEEKDAY}{_THE_DAY}(?: of)?(?: |-){_THE_MONTH}"),
    rule(Near.MONTH, _bare_day, rf"{_WEEKDAY}{_THE_MONTH} {_THE_DAY}(?![,.]?\d|:\d| (?:people|per|percent))"),
    rule(Near.MONTH, _month_year, rf"{PART}?{_THE_MONTH}{_COMMA}(?:of )?(?:the year )?{_THE_YEAR}"),
    rule(Near.MONTH, _month_of_which_year, rf"{PART}?{_THE_MONTH}(?: of)?,? ",
         r"(?P<which>(?:this|last|next|that|the same|the following) year)"),
    rule(Near.MONTH, _bare_month, r"(?P<which>(?:(?:this|last|next|this past|this coming|past|coming|every|each|that",
         rf"|the same|the following|the next|the previous) )?){PART}?{_THE_MONTH}"),
)
