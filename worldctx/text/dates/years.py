"""Rules for years and what is longer or named with them: seasons, decades, centuries, years before Christ."""

from __future__ import annotations

import re

from worldctx.text.dates.anchor import Anchor
from worldctx.text.dates.expression import Mod, Reading, Type
from worldctx.text.dates.part import ABOUT, PART, dated, mod_of, near
from worldctx.text.dates.rule import Here, Near, Read, Rule, before, behind, rule, words_of
from worldctx.text.dates.words import ORDINAL, SEASON, SEASONS, YEAR, ordinal_number

_DECADES = {"twenties": 2, "thirties": 3, "forties": 4, "fifties": 5, "sixties": 6, "seventies": 7, "eighties": 8,
            "nineties": 9}
_JOINED_SEASON = re.compile(rf"(?:\s?[-–—]\s?|\s(?:and|or|to)\s)(?:the\s)?{SEASON}(?:\sof)?\s({YEAR})\b")
_SEASON_BEGINS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}


def _season_year(match: re.Match[str], here: Here) -> Read:
    return dated(f"{match['year']}-{SEASONS[match['season']]}", mod_of(match["part"]))


def _season(match: re.Match[str], here: Here) -> Read:
    """A season without a year; `fall` and `spring` only after a word that makes them one."""
    which, season, mod = words_of(match, "which"), match["season"], mod_of(match["part"])
    if which in ("every", "each"):
        return Reading(Type.SET, f"XXXX-{SEASONS[season]}")
    doubtful = which in ("the", "") and season in ("fall", "spring") and not match["part"]
    if doubtful and re.search(r"\b(?:in|during|by|since|until|of)[ \n]$", before(match, 8)) is None:
        return None
    joined = _JOINED_SEASON.match(match.string, match.end())
    if joined is not None:
        return dated(f"{joined[1]}-{SEASONS[season]}", mod)
    anchor = here.then if which.startswith(("that", "the ")) else here.near if which == "the" else here.now
    year = "XXXX" if anchor is None else f"{_season_of(anchor, which, season):04d}"
    return near(f"{year}-{SEASONS[season]}", here, mod)


def _season_of(anchor: Anchor, which: str, season: str) -> int:
    """The year of `last summer`: this one's, if that is over."""
    first = _SEASON_BEGINS[season]
    if anchor.month and which in ("last", "this past", "past"):
        return anchor.year - (season == "winter" or anchor.month < first + 3)
    if anchor.month and which == "next":
        return anchor.year + (anchor.month >= first)
    return anchor.year + {"last": -1, "the previous": -1, "next": 1, "the following": 1, "the next": 1}.get(which, 0)


def _decade(match: re.Match[str], here: Here) -> Read:
    return dated(match["year"][:3], mod_of(match["part"]))


def _worded_decade(match: re.Match[str], here: Here) -> Read:
    """`the thirties`: of the century of the dates around, or the one before where that lies ahead."""
    word = match["decade"]
    number = _DECADES[word] if word in _DECADES else int(word[0])
    anchor = here.near or here.then
    century = 19 if anchor is None else anchor.year // 100
    ahead = anchor is not None and anchor.year < 100 * century + 10 * number
    return near(f"{max(0, century - ahead):02d}{number}", here, mod_of(match["part"]))


def _century(match: re.Match[str], here: Here) -> Read:
    number, era = ordinal_number(match["ordinal"]), (match["era"] or "").strip()
    if not 1 <= number <= 22:
        return None
    value = f"{number - 1:02d}"
    return dated(f"BC{value}" if era.startswith("b") else value, mod_of(match["half"] or match["part"]))


def _two_centuries(match: re.Match[str], here: Here) -> Read:
    one, two = ordinal_number(match["one"]), ordinal_number(match["last"])
    if not 1 <= one < two <= 22:
        return None
    return (("first", Reading(Type.DATE, f"{one - 1:02d}")), ("rest", Reading(Type.DATE, f"{two - 1:02d}")))


def _era(match: re.Match[str], here: Here) -> Read:
    """A year with its era. A year of the Hijra is marked and left open: which days it covers the text does not say."""
    if not here.text[match.start("era")].isupper():
        return None
    era, year = match["era"].replace(".", ""), int(match["number"].replace(",", ""))
    if era == "ah":
        return dated("XXXX")
    if not 1 <= year <= 9999:
        return None
    return dated(f"BC{year:04d}" if era.startswith("b") else f"{year:04d}", Mod.APPROX if match["about"] else Mod.NONE)


def _year(match: re.Match[str], here: Here) -> Read:
    about = (match["about"] or "").strip()
    sure = match["part"] is not None or match["prefix"] is not None or about in ("circa", "c.", "ca.")
    if sure and _QUANTITY.match(match.string, match.end()):
        return None
    if not sure and (not is_year(match) or (about and _COUNTED.match(behind(match, 8)) is None)):
        return None
    return dated(match["year"], Mod.APPROX if about else mod_of(match["part"]))


def _years(match: re.Match[str], here: Here) -> Read:
    """`1990-95`: one expression, since `95` alone says nothing."""
    first, last = match["year"], match["last"]
    full = first[:2] + last if first[2:] != "99" else f"{int(first[:2]) + 1}{last}"
    if not is_year(match, joined=True) or int(full) <= int(first):
        return None
    return dated(f"{first}/{full}")


#: After four digits: what makes them a quantity or a mere number.
_QUANTITY = re.compile(
    r"(?:\s*(?:%|percent\b|per cent\b|°)|[\s-](?:people|persons?|men|women|children|troops|soldiers|tons?|tonnes?|kms?"
    r"|kilomet\w+|miles?|metres?|meters?|feet|foot|ft|dollars?|euros?|pounds?|million|billion|thousand|deaths|votes"
    r"|pages|words|employees|members|inhabitants|refugees|square|hectares|acres|cases|copies|shares|points|jobs|houses"
    r"|homes|cars|aircraft|ships|horses|guns|workers|students|residents|families|visitors|seats|kg|mm|cm|m|g|lb|hp|rpm"
    r"|mhz|hours|days|years|degrees|civilian|confirmed|units|yen|rubles|francs|barrels|villages|schools|books|species"
    r"|patients|young|new|other|tanks|prisoners|casualties)\b|[,.]\d)")
#: Before four digits: what makes them a number of something.
_NUMBERED = re.compile(
    r"(?:\b(?:resolutions?|paragraphs?|articles?|no\s?\.?|nos\s?\.?|numbers?|numbered|section|pages?|documents?|p\."
    r"|pp\."
    r"|nearly|about|over|than|some|only|almost|approximately|roughly|estimated|another|least|most|flight|route|highway"
    r"|channel|room|bus|class|model|type|version|chapter|item)\s*|[$€£¥#§]\s?|res/|[/\d][-.,/]|[:@]|[a-z]-"
    r"|\d\s?[×x]\s?)$")
#: Before four digits: what makes them a year.
_LICENSED = re.compile(
    r"(?:\b(?:in|since|until|till|from|by|before|after|during|of|to|between|and|or|year|circa|around|early|late|mid"
    r"|through|throughout|for|as of|born|the|on|fiscal|class|summer|spring|autumn|fall|winter|starting|beginning"
    r"|ending|ended)\s+|[(\[,;–—-]\s*)$")
#: The same, where a small number is rather a quantity.
_PLAINLY = re.compile(r"(?:\b(?:in|since|until|till|from|by|before|after|year|circa|between|and|to|during|around|of"
                      r"|early|late)\s+|[(–—-]\s*)$")
#: The second year of a period.
_AFTER_YEAR = re.compile(rf"(?<![\d.,/-]){YEAR}\s?[-–—/]\s?$")
_YEAR_FOLLOWS = re.compile(rf"\s?[-–—]\s?{YEAR}(?![\d.,]\d|[-/])")
_NUMBER_BEFORE = re.compile(r"[\d,.]$|\d[-–—]$|[$€£#/:_]\s?$")
_YEAR_TAILS = ("born", "era", "built", "style", "present")
#: Behind `about 1850`: nothing that is counted by it.
_COUNTED = re.compile(r"\s?(?:$|[.,;:)\n]|\s(?:and|to|until|when|by|in|at|he|she|they|it|the|a|as|with|for|but)\b)")


def is_year(match: re.Match[str], *, joined: bool = False) -> bool:
    """Whether a bare number of four digits is a year here: licensed by what stands before it, and no quantity.

    Args:
        match: with the number as its group `year`.
        joined: whether the match goes on to a second year.
    """
    low, start, end = match.string, match.start("year"), match.end("year")
    left, right = low[max(0, start - 20):start], low[end:end + 16]
    if right[:1] in ("%", "×", "_") or (right[:1] == "/" and not joined and not right[1:5].isdigit()) or (
            _QUANTITY.match(right)):
        return False
    if _AFTER_YEAR.search(left):
        return True
    if (_NUMBER_BEFORE.search(left) and re.search(r"[a-z\d]{2},$", left) is None) or _NUMBERED.search(left):
        return False
    if joined or _YEAR_FOLLOWS.match(right):
        return True
    licensed, year = _LICENSED.search(left) is not None, int(match["year"])
    if right[:1] in ("-", "–") and right[1:2].isalpha() and not right[1:].startswith(_YEAR_TAILS):
        return licensed
    if year < 1500:
        return _PLAINLY.search(left) is not None and re.match(r"\s[a-z]+s\b", right) is None
    return licensed or (year >= 1700 and right[:1] not in ("-", "–"))


_THE_YEAR, _THE_SEASON = rf"(?P<year>{YEAR})", rf"(?P<season>{SEASON})"
_TO = r"(?:\s?[-–—/]\s?| (?:to|and|or|through|until) )"

RULES: tuple[Rule, ...] = (
    rule(Near.SEASON, _season_year, rf"{PART}?(?:the )?{_THE_SEASON}(?:,| of)? (?:the year )?{_THE_YEAR}"
         rf"(?:[-–/](?:\d{{4}}|\d\d))?"),
    rule(Near.SEASON, _season, r"(?P<which>(?:last|this|next|this past|past|the|that|every|each",
         rf"|the (?:following|same|previous|next)) )(?P<part>(?:early|mid|late)[-\s])?{_THE_SEASON}",
         r"(?! (?:of|from|in the)\b)"),
    rule(Near.SEASON, _season, rf"(?P<which>)(?P<part>(?:early|mid|late)[-\s]){_THE_SEASON}"),
    rule(Near.YEAR, _decade, rf"{PART}?(?:the )?(?P<year>1\d\d0|20\d0)'?s"),
    rule(Near.DECADE, _worded_decade, rf"{PART}?(?:the )?'(?P<decade>[2-9]0)'?s"),
    rule(Near.DECADE, _worded_decade, rf"{PART}?(?:the (?:(?:early|mid|late)[-\s])?)?(?P<decade>{'|'.join(_DECADES)})"),
    rule(Near.CENTURY, _two_centuries, rf"(?P<first>(?:the )?(?P<one>{ORDINAL})){_TO}",
         rf"(?P<rest>(?:the )?(?P<last>{ORDINAL}) centur(?:y|ies))"),
    rule(Near.CENTURY, _century, r"(?:(?:the )?(?P<half>first|second|latter|last|opening) (?:half|years|decades"
         r"|part) of )?",
         r"(?P<part>(?:the )?(?:early|mid|late|middle|end|beginning|turn|start)(?:[-\s]| of )(?:the )?)?",
         rf"(?:the )?(?P<ordinal>{ORDINAL})(?: |-)centur(?:y|ies)(?P<era> (?:b\.?c\.?(?:e\.?)?|a\.d\.|ad|ce))?"),
    rule(Near.ERA, _era, rf"{ABOUT}(?P<number>\d{{1,3}}(?:,\d{{3}})?|\d{{4}}) ?",
         r"(?P<era>b\.c\.e\.|b\.c\.|bce|bc|a\.d\.|ad|ce|a\.h\.|ah)"),
    rule(Near.ERA, _era, rf"{ABOUT}(?P<era>a\.d\.|ad|a\.h\.|ah) ?(?P<number>\d{{1,4}})"),
    rule(Near.YEAR, _years, rf"{_THE_YEAR}[-–—/](?P<last>\d\d)(?![-–—/\d,.]\d)"),
    rule(Near.YEAR, _year, rf"{ABOUT}{PART}?(?P<prefix>the year )?{_THE_YEAR}"),
)
