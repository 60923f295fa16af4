"""Rules for dates by the calendar: days, months, years, seasons, decades, centuries, quarters and fiscal years."""

from __future__ import annotations

import re

from worldctx.text.dates.anchor import day_value, moved, year_of_day, year_of_month
from worldctx.text.dates.expression import Mod, Reading, Type
from worldctx.text.dates.rule import Here, Near, Read, Rule, looks_ahead, outlook, rule
from worldctx.text.dates.words import (
    DAY,
    MONTH,
    ORDINAL,
    SEASON,
    SEASONS,
    WEEKDAY,
    YEAR,
    W,
    month_number,
    ordinal_number,
)

_SHORT_DAY = r"(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)\b\.?"
_WEEKDAY = rf"(?:(?:{WEEKDAY}|{_SHORT_DAY}),?{W})?"
_COMMA = r"\s?,?\s{1,2}"
_YEARS = rf"(?P<year>{YEAR})"
#: Early, mid, late: with what they do to a date.
_PART = (rf"(?P<part>(?:the{W})?(?:early|mid|late|later|earlier)(?:[-–]|{W})(?:part{W}of{W}|in{W}|the{W})*"
         rf"|(?:the{W})?(?:very{W})?(?:beginning|start|opening|middle|end|close|turn|eve|(?:early|late|last|first|closing|opening){W}(?:months|days|weeks|years|part)){W}of{W}(?:the{W})?)")
_ABOUT = rf"(?P<about>(?:about|around|approximately|circa|c\.|ca\.){W}?)?"
_MODS = ((("early", "earlier", "beginning", "start", "opening", "first", "turn"), Mod.START),
         (("mid", "middle"), Mod.MID), (("late", "later", "end", "close", "closing", "last", "eve"), Mod.END))


def mod_of(part: str | None) -> Mod:
    """Start, middle or end, by the words that say so."""
    words = re.findall(r"[a-z]+", part or "")
    return next((mod for names, mod in _MODS if any(word in names for word in words)), Mod.NONE)


def _date(value: str | None, mod: Mod = Mod.NONE, *, relative: bool = False, here: Here | None = None) -> Reading | None:
    if value is None:
        return None
    anchor = (here.near.edtf if here.near is not None else "") if relative and here is not None else ""
    return Reading(Type.DATE, value, mod, relative, anchor)


def _number(day: str) -> int:
    return int(re.sub(r"\D", "", day))


def _capital(match: re.Match[str], here: Here, group: str = "month") -> bool:
    """A month is written with a capital: `may` and `march` mostly mean something else."""
    return here.text[match.start(group)].isupper()


def _full(match: re.Match[str], here: Here) -> Read:
    if not _capital(match, here):
        return None
    return _date(day_value(int(match["year"]), month_number(match["month"]), _number(match["day"])))


def _day_of_which_year(match: re.Match[str], here: Here) -> Read:
    if not _capital(match, here):
        return None
    which = " ".join(match["which"].split())
    year = here.now.year + {"last": -1, "next": 1}.get(which.split()[0], 0) if here.now is not None else None
    return _date(day_value(year, month_number(match["month"]), _number(match["day"])), relative=True, here=here)


def _bare_day(match: re.Match[str], here: Here) -> Read:
    if not _capital(match, here):
        return None
    month, day = month_number(match["month"]), _number(match["day"])
    year = _year_behind(match) or year_of_day(here.near, month, day, outlook=outlook(match, here), narrative=here.narrative)
    return _date(day_value(year, month, day), relative=True, here=here)


_JOINED = re.compile(rf"(?:\s?[-–—]\s?|\s(?:to|and|until|through|or)\s)(?:the\s)?(?:{DAY}\s)?(?:{MONTH})(?:\s{DAY},?)?(?:\s?,?\s|\sof\s)({YEAR})\b")


def _year_behind(match: re.Match[str]) -> int | None:
    """The year that a date shares with the one it is joined to: `22 June to 5 July 1941`."""
    found = _JOINED.match(match.string, match.end())
    return int(found[1]) if found is not None else None


def _two_days(match: re.Match[str], here: Here) -> Read:
    """`15 to 22 July 2017`: two dates of one month."""
    if not _capital(match, here):
        return None
    month, first, last = month_number(match["month"]), _number(match["first"]), _number(match["last"])
    if first >= last:
        return None
    year = int(match["year"]) if match["year"] else year_of_day(here.near, month, last, outlook=outlook(match, here), narrative=here.narrative)
    one, two = (_date(day_value(year, month, day), relative=match["year"] is None, here=here) for day in (first, last))
    return None if one is None or two is None else (("first", one), ("rest", two))


def _month_year(match: re.Match[str], here: Here) -> Read:
    if not _capital(match, here):
        return None
    return _date(f"{match['year']}-{month_number(match['month']):02d}", mod_of(match["part"]))


def _bare_month(match: re.Match[str], here: Here) -> Read:
    """A month alone; `may`, `march` and short forms only after a word that makes them one."""
    if not _capital(match, here):
        return None
    word, part = match["month"], match["part"]
    low, start = match.string, match.start()
    plain = word.rstrip(".") in ("may", "march") or len(word.rstrip(".")) < 4
    if plain and not part and not match["which"] and re.search(
            r"\b(?:in|since|until|till|by|of|from|to|through|during|and|or|between|for|before|after|late|early|every|that|on)[ \n]$",
            low[max(0, start - 9):start]) is None:
        return None
    if low[match.end():match.end() + 2].strip()[:1].isdigit() and not match["which"]:
        return None
    number = month_number(word)
    which = " ".join((match["which"] or "").split())
    if which in ("every", "each"):
        return Reading(Type.SET, f"XXXX-{number:02d}")
    return _date(_month_value(number, which, match, here), mod_of(part), relative=True, here=here)


def _month_value(number: int, which: str, match: re.Match[str], here: Here) -> str:
    anchor = here.now if which in ("last", "next", "this", "this past", "past", "coming", "this coming") else here.near
    if which in ("that", "the following", "the same", "the next"):
        anchor = here.then
    if not which and (behind := _year_behind(match)) is not None:
        return f"{behind:04d}-{number:02d}"
    year = year_of_month(anchor, number, ahead=which in ("next", "the following", "coming", "this coming", "the next") or (
        not which and not here.narrative and looks_ahead(match, here)), narrative=(here.narrative and not which) or anchor is not here.near)
    if year is not None and anchor is not None and anchor.month and not here.narrative:
        if which in ("last", "this past", "past") and number == anchor.month:
            year -= 1
        if which in ("this", "of this year", "this year"):
            year = anchor.year
    return f"{'XXXX' if year is None else f'{year:04d}'}-{number:02d}"


def _month_of_which_year(match: re.Match[str], here: Here) -> Read:
    if not _capital(match, here):
        return None
    which = match["whichyear"].split()[0]
    year = f"{here.now.year + {'last': -1, 'next': 1}.get(which, 0):04d}" if here.now is not None else "XXXX"
    if which in ("that", "the") and here.then is not None:
        year = f"{here.then.year:04d}"
    return _date(f"{year}-{month_number(match['month']):02d}", mod_of(match["part"]), relative=True, here=here)


def _season_year(match: re.Match[str], here: Here) -> Read:
    return _date(f"{match['year']}-{SEASONS[match['season']]}", mod_of(match["part"]))


def _season_years(match: re.Match[str], here: Here) -> Read:
    return _date(f"{match['year']}-{SEASONS[match['season']]}")


_JOINED_SEASON = re.compile(rf"(?:\s?[-–—]\s?|\s(?:and|or|to)\s)(?:the\s)?{SEASON}(?:\sof)?\s({YEAR})\b")


def _season(match: re.Match[str], here: Here) -> Read:
    which, season = " ".join((match["which"] or "").split()), match["season"]
    if which in ("every", "each"):
        return Reading(Type.SET, f"XXXX-{SEASONS[season]}")
    if which in ("the", "") and season in ("fall", "spring") and not match["part"] and re.search(
            r"\b(?:in|during|by|since|until|of)[ \n]$", match.string[max(0, match.start() - 8):match.start()]) is None:
        return None
    joined = _JOINED_SEASON.match(match.string, match.end())
    if joined is not None:
        return _date(f"{joined[1]}-{SEASONS[season]}", mod_of(match["part"]))
    anchor = here.then if which in ("that", "the following", "the same", "the next") else here.near if which == "the" else here.now
    by = {"last": -1, "the previous": -1, "next": 1, "the following": 1, "the next": 1}.get(which, 0)
    if anchor is None:
        return _date(f"XXXX-{SEASONS[season]}", mod_of(match["part"]), relative=True, here=here)
    if which in ("last", "this past", "past", "next") and anchor.month:
        first = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}[season]
        over = anchor.month >= first + 3 if season != "winter" else False
        by = (0 if over else -1) if which != "next" else (0 if anchor.month < first else 1)
    return _date(f"{anchor.year + by:04d}-{SEASONS[season]}", mod_of(match["part"]), relative=True, here=here)


def _decade(match: re.Match[str], here: Here) -> Read:
    return _date(match["year"][:3], mod_of(match["part"]))


_DECADES = {"twenties": 2, "thirties": 3, "forties": 4, "fifties": 5, "sixties": 6, "seventies": 7, "eighties": 8,
            "nineties": 9}


def _worded_decade(match: re.Match[str], here: Here) -> Read:
    word = match["decade"]
    number = _DECADES.get(word) if word in _DECADES else int(word[0])
    anchor = here.near or here.then
    century = 19 if anchor is None else anchor.year // 100
    if anchor is not None and anchor.year < century * 100 + 10 * (number or 0):
        century -= 1
    return _date(f"{century:02d}{number}", mod_of(match["part"]), relative=True, here=here)


def _century(match: re.Match[str], here: Here) -> Read:
    number = ordinal_number(match["ordinal"])
    part = mod_of(match["part"])
    if match["half"]:
        part = Mod.START if match["half"] in ("first", "1st", "opening") else Mod.END
    era = (match["era"] or "").replace(".", "").strip()
    if not 1 <= number <= 22:
        return None
    return _date(f"BC{number - 1:02d}" if era.startswith("b") else f"{number - 1:02d}", part)


def _two_centuries(match: re.Match[str], here: Here) -> Read:
    one, two = ordinal_number(match["one"]), ordinal_number(match["last"])
    if not 1 <= one < two <= 22:
        return None
    first, last = _date(f"{one - 1:02d}"), _date(f"{two - 1:02d}")
    return None if first is None or last is None else (("first", first), ("rest", last))


def _era(match: re.Match[str], here: Here) -> Read:
    era = match["era"].replace(".", "")
    if not here.text[match.start("era")].isupper():
        return None
    year = int((match["number"] or "").replace(",", ""))
    mod = Mod.APPROX if match["about"] else Mod.NONE
    if era in ("ah",):
        return _date("XXXX")
    if not 1 <= year <= 9999:
        return None
    return _date(f"BC{year:04d}" if era.startswith("b") else f"{year:04d}", mod)


def _quarter(match: re.Match[str], here: Here) -> Read:
    """A quarter or half by number, of a year that is named, or else of the text's."""
    letter = "Q" if match["unit"] == "quarter" else "H"
    word = " ".join(match["which"].split())
    of = " ".join((match["of"] or "").split())
    number = ordinal_number(word)
    if not number:
        return _near_quarter(word, letter, here)
    if number > (4 if letter == "Q" else 2):
        return None
    year = re.search(YEAR, of)
    if letter == "H" and not of and re.match(r"\s+of\b", match.string[match.end():match.end() + 5]):
        return None
    if letter == "H" and not of and re.search(r"\b(?:in|during|for|of|over)[ \n]$", match.string[max(0, match.start() - 8):match.start()]) is None:
        return None
    if year is not None:
        return _date(f"{year[0]}-{letter}{number}")
    anchor = here.now if of else here.near
    by = -1 if re.search(r"\b(?:last|previous|prior|earlier|ago)\b", of) else 1 if "next" in of else 0
    if re.search(r"\b(?:season|game|match|century|decade|month|contract)\b", of):
        return None
    if anchor is None:
        return _date(f"XXXX-{letter}{number}", relative=True, here=here)
    ahead = anchor.month and not by and not of and 3 * number - 2 > anchor.month and letter == "Q"
    if ahead and not looks_ahead(match, here):
        by = -1
    return _date(f"{anchor.year + by:04d}-{letter}{number}", relative=True, here=here)


def _near_quarter(word: str, letter: str, here: Here) -> Read:
    by = {"last": -1, "latest": -1, "previous": -1, "prior": -1, "next": 1, "coming": 1, "following": 1, "this": 0,
          "current": 0, "most recent": -1}.get(word)
    unit = "quarter" if letter == "Q" else "half"
    if word in ("year-earlier", "year-ago", "year earlier", "year ago"):
        return _date(moved(here.now, unit, -4 if letter == "Q" else -2), relative=True, here=here)
    if by is None or unit == "half":
        return None
    return _date(moved(here.now, unit, by), relative=True, here=here)


def _short_quarter(match: re.Match[str], here: Here) -> Read:
    year = match["year"] or match["first"]
    part = match["part"].upper()
    if year is None:
        return _date(f"{here.now.year:04d}-{part}" if here.now else f"XXXX-{part}", relative=True, here=here)
    return _date(f"{year if len(year) == 4 else '20' + year}-{part}")


def _fiscal(match: re.Match[str], here: Here) -> Read:
    return _date(f"FY{match['year']}")


def _fiscal_year(match: re.Match[str], here: Here) -> Read:
    which = match["which"].split()[-1] if match["which"] else "this"
    by = {"last": -1, "previous": -1, "prior": -1, "next": 1, "coming": 1}.get(which, 0)
    return _date("FY" + moved(here.now, "year", by), relative=True, here=here)


def _year(match: re.Match[str], here: Here) -> Read:
    about = (match["about"] or "").strip()
    sure = match["part"] is not None or match["prefix"] is not None or about in ("circa", "c.", "ca.")
    if (not sure and not is_year(match)) or (about in ("about", "around", "approximately") and not _stands_alone(match)):
        return None
    if match["part"] is not None and _QUANTITY.match(match.string, match.end()):
        return None
    return _date(match["year"], Mod.APPROX if match["about"] else mod_of(match["part"]))


def _years(match: re.Match[str], here: Here) -> Read:
    """`1990-95`: one expression, since `95` alone says nothing."""
    first, last = match["year"], match["last"]
    full = first[:4 - len(last)] + last
    if int(full) < int(first) and len(last) == 2 and first[2:] == "99":
        full = str(int(first[:2]) + 1) + last
    if not is_year(match) or int(full) <= int(first) or match.string[match.start() - 1:match.start()] in ("-", "–", "/", "."):
        return None
    return _date(f"{first}/{full}")


def _iso(match: re.Match[str], here: Here) -> Read:
    value = day_value(int(match["year"]), int(match["m"]), int(match["d"])) if 1 <= int(match["m"]) <= 12 else None
    if value is None or not match["clock"]:
        return _date(value)
    clock = match["clock"].lstrip("t _").upper()
    return Reading(Type.TIME, f"{value}T{clock}")


def _numeric(match: re.Match[str], here: Here) -> Read:
    """`31/10/1989`: only where day and month cannot be mistaken for each other; else month and day stay unknown."""
    first, second, year = int(match["first"]), int(match["second"]), match["year"]
    if len(year) == 2:
        if match["mark"] != "/" or first > 31 or second > 31 or not (first > 12 or second > 12 or re.search(
                r"\b(?:on|dated?|published|posted|updated)[: ]{1,2}$", match.string[max(0, match.start() - 11):match.start()])):
            return None
        year = ("20" if here.now is None or (here.now.year >= 2000 and int(year) <= here.now.year % 100 + 1) else "19") + year
        if here.now is None and int(match["year"]) > 40:
            year = "19" + match["year"]
    if match["mark"] == "." and second <= 12 and len(match["year"]) == 4:  # day first wherever dots are used
        return _date(day_value(int(year), second, first))
    if first > 12 >= second >= 1:
        return _date(day_value(int(year), second, first))
    if second > 12 >= first >= 1:
        return _date(day_value(int(year), first, second))
    if first == second and 1 <= first <= 12:
        return _date(day_value(int(year), first, second))
    return _date(f"{year}-XX-XX") if 1 <= first <= 12 and 1 <= second <= 12 else None


def _compact(match: re.Match[str], here: Here) -> Read:
    """`20260101_11:00`, as in the headers of chat logs."""
    value = day_value(int(match["year"]), int(match["m"]), int(match["d"])) if 1 <= int(match["m"]) <= 12 else None
    return None if value is None else Reading(Type.TIME, f"{value}T{match['hour']}:{match['minute']}")


def _old_style(match: re.Match[str], here: Here) -> Read:
    """A day of the Julian calendar, named as such: converted, for that is arithmetic."""
    if not _capital(match, here):
        return None
    from worldctx.text.dates.julian import gregorian

    found = gregorian(int(match["year"]), month_number(match["month"]), _number(match["day"]))
    return None if found is None else _date(found)


def _hijri(match: re.Match[str], here: Here) -> Read:
    """A date of the Islamic calendar: found and marked, not converted, for its days depend on who saw the moon."""
    return _date("XXXX-XX-XX") if here.text[match.start("era")].isupper() else None


#: After four digits: what makes them a quantity or a mere number.
_QUANTITY = re.compile(
    r"(?:\s*(?:%|percent\b|per cent\b|°)|[\s-](?:people|persons?|men|women|children|troops|soldiers|tons?|tonnes?|kms?|kilomet\w+|miles?"
    r"|metres?|meters?|feet|foot|ft|dollars?|euros?|pounds?|million|billion|thousand|deaths|votes|pages|words|employees|members"
    r"|inhabitants|refugees|square|hectares|acres|cases|copies|shares|points|jobs|houses|homes|cars|aircraft|ships|horses|men|guns"
    r"|workers|students|residents|families|visitors|seats|kg|mm|cm|m|g|lb|hp|rpm|mhz|hours|days|years|degrees|civilian|confirmed|units|yen|rubles|francs"
    r"|barrels|villages|schools|books|species|patients|hefner|young|new|other|tanks|prisoners|casualties)\b|[,.]\d)")
_NUMBERED = re.compile(
    r"(?:\b(?:resolutions?|paragraphs?|articles?|no\s?\.?|nos\s?\.?|numbers?|numbered|section|pages?|documents?|p\.|pp\.|nearly|about|over|than|some|only|almost"
    r"|approximately|roughly|estimated|another|least|most|flight|route|highway|channel|room|bus|class|model|type|version|chapter|item)\s*|[$€£¥#§]\s?|res/|[/\d][-.,/]|[:@]|[a-z]-|\d\s?[×x]\s?)$")
_LICENSED = re.compile(
    r"(?:\b(?:in|since|until|till|from|by|before|after|during|of|to|between|and|or|year|circa|around|early|late|mid|through|throughout|for|as of|born|the"
    r"|on|fiscal|until|class|summer|spring|autumn|fall|winter|starting|beginning|ending|ended)\s+|[(\[,;–—-]\s*)$")


_PLAINLY = re.compile(r"(?:\b(?:in|since|until|till|from|by|before|after|year|circa|between|and|to|during|around|of|early|late)\s+|[(–—-]\s*)$")


def is_year(match: re.Match[str]) -> bool:
    """Whether a bare number of four digits is a year here: licensed by what stands before it, and no quantity."""
    low, start, end = match.string, match.start("year"), match.end("year")
    after = low[end:end + 16]
    if after[:1] in ("%", "×", "_") or (after[:1] == "/" and after[1:5].isdigit() is False and "last" not in match.re.groupindex) or (
            _QUANTITY.match(after)):
        return False
    before = low[max(0, start - 20):start]
    if _AFTER_YEAR.search(before):
        return True
    if _NUMBER_BEFORE.search(before) and re.search(r"[a-z\d]{2},$", before) is None:
        return False
    if _NUMBERED.search(before):
        return False
    if "last" in match.re.groupindex:
        return True
    licensed = _LICENSED.search(before) is not None
    if after[:1] in ("-", "–") and after[1:2].isalpha() and not after[1:].startswith(_YEAR_TAILS):
        return licensed
    if int(match["year"]) < 1500:
        return _PLAINLY.search(before) is not None and re.match(r"\s[a-z]+s\b", after) is None
    return licensed or (int(match["year"]) >= 1700 and after[:1] not in ("-", "–"))


#: The second year of a period.
_AFTER_YEAR = re.compile(rf"(?<![\d.,/-]){YEAR}\s?[-–—/]\s?$")
_NUMBER_BEFORE = re.compile(r"[\d,.]$|\d[-–—]$|[$€£#/:_]\s?$")
_YEAR_TAILS = ("born", "era", "built", "style", "present")


def _stands_alone(match: re.Match[str]) -> bool:
    """Whether nothing is counted by the number: `about 1850 ,` against `about 1850 men`."""
    return re.match(r"\s?(?:$|[.,;:)\n]|\s(?:and|to|until|when|by|in|at|he|she|they|it|the|a|as|with|for|but)\b)",
                    match.string[match.end():match.end() + 8]) is not None


_WHICH_YEAR = rf"(?P<whichyear>(?:this|last|next|that|the{W}same|the{W}following){W}year)"
_DAY_GROUP, _MONTH_GROUP = rf"(?P<day>{DAY})", rf"(?P<month>{MONTH})"
_TO = rf"(?:\s?[-–—/]\s?|{W}(?:to|and|or|through|until){W})"

RULES: tuple[Rule, ...] = (
    rule(Near.MONTH, rf"{_WEEKDAY}(?:the{W})?{_DAY_GROUP}(?:{W}of)?(?:{W}|-){_MONTH_GROUP}(?:{_COMMA}|-){_YEARS}{W}\(?(?:o\.s\.|old{W}style|julian)\)?", _old_style),
    rule(Near.MONTH, rf"{_WEEKDAY}(?:the{W})?{_DAY_GROUP}(?:{W}of)?(?:{W}|-)?{_MONTH_GROUP}(?:{_COMMA}|-){_YEARS}", _full),
    rule(Near.MONTH, rf"{_WEEKDAY}{_MONTH_GROUP}{W}(?:the{W})?{_DAY_GROUP}{_COMMA}{_YEARS}", _full),
    rule(Near.MONTH, rf"(?P<year>{YEAR}){W}{_MONTH_GROUP}{W}{_DAY_GROUP}", _full),
    rule(Near.MONTH, rf"(?P<first>{_WEEKDAY}{DAY}){_TO}(?P<rest>{_WEEKDAY}(?P<last>{DAY})(?:{W}of)?{W}{_MONTH_GROUP}(?:{_COMMA}(?P<year>{YEAR})(?!\d))?)", _two_days),
    rule(Near.MONTH, rf"{_WEEKDAY}{_DAY_GROUP}(?:{W}of)?{W}{_MONTH_GROUP}{_COMMA}(?P<which>(?:this|last|next){W}year)", _day_of_which_year),
    rule(Near.MONTH, rf"{_WEEKDAY}{_MONTH_GROUP}{W}{_DAY_GROUP}{_COMMA}(?P<which>(?:this|last|next){W}year)", _day_of_which_year),
    rule(Near.MONTH, rf"{_WEEKDAY}(?:the{W})?{_DAY_GROUP}(?:{W}of)?(?:{W}|-){_MONTH_GROUP}", _bare_day),
    rule(Near.MONTH, rf"{_WEEKDAY}{_MONTH_GROUP}{W}(?:the{W})?{_DAY_GROUP}(?![,.]?\d|:\d|{W}(?:people|per|percent))", _bare_day),
    rule(Near.MONTH, rf"{_PART}?{_MONTH_GROUP}{_COMMA}(?:of{W})?(?:the{W}year{W})?{_YEARS}", _month_year),
    rule(Near.MONTH, rf"{_PART}?{_MONTH_GROUP}(?:{W}of)?,?{W}{_WHICH_YEAR}", _month_of_which_year),
    rule(Near.MONTH, rf"(?P<which>(?:(?:this|last|next|this{W}past|this{W}coming|past|coming|every|each|that|the{W}same|the{W}following|the{W}next){W})?){_PART}?{_MONTH_GROUP}", _bare_month),
    rule(Near.SEASON, rf"{_PART}?(?:the{W})?(?P<season>{SEASON})(?:,|{W}of)?{W}(?:the{W}year{W})?{_YEARS}(?:[-–/]\d\d)?", _season_year),
    rule(Near.SEASON, rf"(?P<which>(?:last|this|next|this{W}past|past|the|that|every|each|the{W}(?:following|same|previous|next)){W})(?P<part>(?:early|mid|late)[-\s])?(?P<season>{SEASON})(?!{W}(?:of|from|in{W}the)\b)", _season),
    rule(Near.SEASON, rf"(?P<which>)(?P<part>(?:early|mid|late)[-\s])(?P<season>{SEASON})", _season),
    rule(Near.DECADE, rf"{_PART}?(?:the{W})?(?P<year>1\d\d0|20\d0)[’']?s", _decade),
    rule(Near.DECADE, rf"{_PART}?(?:the{W})?[’'‘]?(?P<decade>[2-9]0)[’']?s(?<=[’'‘][2-9]0s)", _worded_decade),
    rule(Near.DECADE, rf"{_PART}?(?:the{W}(?:(?:early|mid|late)[-\s])?)?(?P<decade>{'|'.join(_DECADES)})", _worded_decade),
    rule(Near.CENTURY, rf"(?P<first>(?:the{W})?(?P<one>{ORDINAL})){_TO}(?P<rest>(?:the{W})?(?P<last>{ORDINAL}){W}centur(?:y|ies))", _two_centuries),
    rule(Near.CENTURY, rf"(?:(?:the{W})?(?P<half>first|second|1st|2nd|latter|last|opening){W}(?:half|years|decades|part){W}of{W})?(?P<part>(?:the{W})?(?:early|mid|late|middle|end|beginning|turn|start)(?:[-\s]|{W}of{W})(?:the{W})?)?(?:the{W})?(?P<ordinal>{ORDINAL})(?:{W}|-)centur(?:y|ies)(?P<era>{W}(?:b\.?c\.?(?:e\.?)?|a\.d\.|ad|ce))?", _century),
    rule(Near.ERA, rf"{_ABOUT}(?P<number>\d{{1,3}}(?:,\d{{3}})?|\d{{4}}){W}?(?P<era>b\.c\.e\.|b\.c\.|bce|bc|a\.d\.|ad|ce|a\.h\.|ah)", _era),
    rule(Near.ERA, rf"{_ABOUT}(?P<era>a\.d\.|ad|a\.h\.|ah){W}?(?P<number>\d{{1,4}})", _era),
    rule(Near.UNIT, rf"(?:the{W})?(?:company[’']s{W})?(?:fiscal{W})?(?P<which>first|second|third|fourth|1st|2nd|3rd|4th|last|latest|most{W}recent|next|previous|prior|coming|following|this|current|year[-\s]earlier|year[-\s]ago)(?:{W}|-)(?:fiscal{W})?(?P<unit>quarter|half)(?P<of>(?:{W}(?:of|in))?,?{W}(?:(?:the{W})?(?:fiscal|calendar)?{W}?(?:year{W})?{YEAR}|(?:last|this|next|the|the{W}previous){W}(?:fiscal{W})?(?:year|season|game|match|century|decade|month)))?", _quarter),
    rule(Near.NUMERIC, rf"(?:(?P<first>{YEAR}),?[\s-]?)?(?P<part>[qh][1-4])(?:(?:{W}of)?,?[\s-]?[’']?(?P<year>{YEAR}|\d\d(?!\d)))?", _short_quarter),
    rule(Near.YEAR, rf"(?:the{W})?(?:fiscal(?:{W}year)?|fy){W}?[’']?{_YEARS}", _fiscal),
    rule(Near.UNIT, rf"(?P<which>(?:(?:the|this|last|next|its|their)(?:{W}(?:current|next|last|previous|prior|coming))?{W})?)fiscal{W}year(?!{W}(?:{YEAR}))", _fiscal_year),
    rule(Near.YEAR, rf"{_YEARS}-(?P<m>[01]\d)-(?P<d>[0-3]\d)(?P<clock>[t _][0-2]\d:[0-5]\d(?::[0-5]\d)?(?:z|[+-]\d\d:?\d\d)?)?", _iso),
    rule(Near.YEAR, rf"{_YEARS}/(?P<m>0[1-9]|1[0-2])/(?P<d>[0-3]\d)(?P<clock>(?!))?", _iso),
    rule(Near.NUMERIC, r"(?P<first>\d{1,2})(?P<mark>[/.-])(?P<second>\d{1,2})(?P=mark)(?P<year>(?:1[5-9]|20)\d\d|\d\d)", _numeric),
    rule(Near.NUMERIC, r"(?P<year>20\d\d|19\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)[_ t](?P<hour>[0-2]\d):?(?P<minute>[0-5]\d)", _compact),
    rule(Near.YEAR, rf"{_YEARS}[-–—/](?P<last>\d\d)(?![-–—/\d,.]\d)", _years),
    rule(Near.YEAR, rf"{_ABOUT}{_PART}?(?P<prefix>the{W}year{W})?{_YEARS}", _year),
)
