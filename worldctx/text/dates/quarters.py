"""Rules for the parts of a business year: quarters, halves and fiscal years."""

from __future__ import annotations

import re

from worldctx.text.dates.anchor import moved
from worldctx.text.dates.part import dated, near
from worldctx.text.dates.rule import Here, Near, Read, Rule, before, behind, looks_ahead, rule, words_of
from worldctx.text.dates.words import YEAR, ordinal_number

_BY = {"last": -1, "latest": -1, "most recent": -1, "previous": -1, "prior": -1, "next": 1, "coming": 1, "following": 1,
       "this": 0, "current": 0, "year-earlier": -4, "year-ago": -4, "year earlier": -4, "year ago": -4}


def _quarter(match: re.Match[str], here: Here) -> Read:
    """A quarter or half by its number, of the year that is named, or else the last one that has begun."""
    quarter, which, of = match["unit"] == "quarter", words_of(match, "which"), words_of(match, "of")
    number = ordinal_number(which)
    if not number:
        return near(moved(here.now, "quarter", _BY[which]), here) if quarter else None
    if number > (4 if quarter else 2) or re.search(r"\b(?:season|game|match|century|decade|month)\b", of):
        return None
    if quarter and not of and re.match(r"\s+of\s(?:the|this|that|a)\b[\w\s-]{0,20}century", behind(match, 40)):
        return None
    if not quarter and not of and not _is_half_year(match):
        return None
    letter, year = "Q" if quarter else "H", re.search(YEAR, of)
    if year is not None:
        return dated(f"{'FY' if 'fiscal' in of else ''}{year[0]}-{letter}{number}")
    anchor = here.now if of else here.near
    if anchor is None and not quarter:  # more likely that of a game
        return None
    if anchor is None:
        return near(f"XXXX-{letter}{number}", here)
    by = -1 if re.search(r"\b(?:last|previous)\b", of) else 1 if "next" in of else 0
    begun = not quarter or not anchor.month or 3 * number - 2 <= anchor.month
    if not of and not begun and not looks_ahead(match):
        by = -1
    return near(f"{anchor.year + by:04d}-{letter}{number}", here)


def _is_half_year(match: re.Match[str]) -> bool:
    """Whether `the first half` stands alone after a preposition: else it is that of a game or a century."""
    return re.match(r"\s+of\b", behind(match, 5)) is None and re.search(
        r"\b(?:in|during|for|of|over)[ \n]$", before(match, 8)) is not None


def _short_quarter(match: re.Match[str], here: Here) -> Read:
    """`Q3 2012`, `2012-H1`, `4Q`."""
    year, part = match["year"] or match["first"], match["part"].upper()
    if year is None:
        return near(f"{here.now.year:04d}-{part}" if here.now is not None else f"XXXX-{part}", here)
    return dated(f"{year if len(year) == 4 else '20' + year}-{part}")


def _fiscal(match: re.Match[str], here: Here) -> Read:
    return dated(f"FY{match['year']}")


def _fiscal_year(match: re.Match[str], here: Here) -> Read:
    """`the last fiscal year`: which months it has the text does not say."""
    by = {"last": -1, "previous": -1, "prior": -1, "next": 1, "coming": 1}
    shift = next((by[word] for word in match["which"].split() if word in by), 0)
    return near("FY" + moved(here.now, "year", shift), here)


RULES: tuple[Rule, ...] = (
    rule(Near.UNIT, _quarter, r"(?:the )?(?:fiscal )?(?P<which>first|second|third|fourth|1st|2nd|3rd|4th|last|latest",
         r"|most recent|next|previous|prior|coming|following|this|current|year[-\s]earlier|year[-\s]ago)(?: |-)",
         r"(?:fiscal )?(?P<unit>quarter|half)(?P<of>(?: (?:of|in))?,? (?:(?:the )?(?:fiscal|calendar)? ?(?:year )?",
         rf"{YEAR}|(?:last|this|next|the|the previous) (?:fiscal )?(?:year|season|game|match|century|decade|month)))?"),
    rule(Near.NUMERIC, _short_quarter, rf"(?:(?P<first>{YEAR}),?[\s-]?)?(?P<part>[qh][1-4])",
         rf"(?:(?: of)?,?[\s-]?'?(?P<year>{YEAR}|\d\d(?!\d)))?"),
    rule(Near.YEAR, _fiscal, rf"(?:the )?(?:fiscal(?: year)?|fy) ?'?(?P<year>{YEAR})"),
    rule(Near.UNIT, _fiscal_year, r"(?P<which>(?:(?:the|this|last|next|its|their)",
         rf"(?: (?:current|next|last|previous|prior|coming))? )?)fiscal year(?! {YEAR})"),
)
