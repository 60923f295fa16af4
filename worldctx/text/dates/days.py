"""Rules for days that the text's own date gives, and for times of day: weekdays, yesterday, mornings, clocks, feasts."""

from __future__ import annotations

import re

from worldctx.text.dates.anchor import Anchor, anchor_from, moved, weekday_value
from worldctx.text.dates.calendar import mod_of
from worldctx.text.dates.expression import Mod, Reading, Type
from worldctx.text.dates.holidays import HOLIDAYS, holiday_value
from worldctx.text.dates.rule import Here, Near, Read, Rule, looks_ahead, outlook, rule
from worldctx.text.dates.words import DAY, MONTH, PARTS, WEEKDAY, WEEKDAYS, YEAR, W, any_of, count_of

_PART = "|".join(PARTS)
_ZONE = rf"(?:{W}?\(?(?:gmt|utc|est|edt|cst|cdt|mst|mdt|pst|pdt|bst|cet|cest|eet|ist|jst|et|ct|pt|local{W}time|eastern(?:{W}(?:standard|daylight))?{W}time|z)\)?)?"
_EARLY = rf"(?P<part>(?:early|late|mid|earlier|later)(?:{W}(?:on{W})?|-))?"


def _reading(type: Type, value: str, anchor: Anchor | None, mod: Mod = Mod.NONE) -> Reading:
    return Reading(type, value, mod, True, anchor.edtf if anchor is not None else "")


def _day(words: str, match: re.Match[str], here: Here) -> str | None:
    """The day that `yesterday`, `last Tuesday` or `Tuesday` means."""
    *which, word = words.split()
    if word in ("today", "tonight", "yesterday", "tomorrow"):
        by = {"yesterday": -1, "tomorrow": 1}.get(word, 0)
        return moved(here.now, "day", by)
    if word not in WEEKDAYS:
        return None
    name = " ".join(which)
    anchor = here.now if name else here.near
    if name in ("next", "coming", "this coming", "the following", "the next"):
        return weekday_value(here.then if name.startswith("the ") else anchor, word, 1)
    if name in ("last", "past", "this past", "the previous"):
        return weekday_value(anchor, word, -2)
    if here.narrative:
        return weekday_value(anchor, word, 1) if looks_ahead(match, here) else weekday_value(anchor, word, -1)
    ahead = name != "last" and looks_ahead(match, here)
    value = weekday_value(anchor, word, -1)
    if ahead and anchor is not None and anchor.day and value != moved(anchor, "day", 0):
        return weekday_value(anchor, word, 1)
    return value


#: Newspapers and days that history has given a name to.
_NAMED = re.compile(r"\s(?:times|telegraph|mirror|express|mail|post|herald|tribune|sun|night (?:live|football)|school)\b")
_CALLED = re.compile(r"\b(?:bloody|black|super|cyber)\s$")


def _weekday(match: re.Match[str], here: Here) -> Read:
    start = match.start("weekday")
    if not here.text[start].isupper() or _NAMED.match(match.string, match.end("weekday")) or _CALLED.search(
            match.string, max(0, start - 8), start):
        return None
    which = " ".join((match["which"] or "").split())
    word = match["weekday"]
    part = match["time"]
    if which in ("every", "each") or match["plural"] or match["often"]:
        return Reading(Type.SET, f"XXXX-WXX-{WEEKDAYS.index(word) + 1}" + (PARTS[part] if part else ""))
    if match["week"]:
        week = match["week"].split()
        by = {"last": -1, "next": 1, "this": 0}[week[-2] if len(week) > 1 else "this"]
        value = moved(here.now, "week", by)
        value = f"{value}-{WEEKDAYS.index(word) + 1}"
        if "X" not in value:
            found = anchor_from(value)
            value = found.edtf if found is not None else value
    else:
        value = _day(f"{which} {word}".strip(), match, here) or ""
    if not part:
        return _reading(Type.DATE, value, here.now, mod_of(match["part"]))
    return _reading(Type.TIME, value + PARTS[part], here.now, mod_of(match["part"]))


def _day_word(match: re.Match[str], here: Here) -> Read:
    word, part = match["word"], match["time"]
    if word == "overnight":
        return _reading(Type.TIME, moved(here.now, "day", 0) + "TNI", here.now)
    value = moved(here.now, "day", {"yesterday": -1, "tomorrow": 1}.get(word, 0))
    mod = mod_of(match["part"])
    if word == "tonight":
        return _reading(Type.TIME, value + "TNI", here.now, mod)
    if part:
        return _reading(Type.TIME, value + PARTS[part], here.now, mod)
    if word == "today" and (here.now is None or not here.now.day or here.narrative):
        value = "PRESENT_REF"
    return _reading(Type.DATE, value, here.now, mod)


def _part_of_day(match: re.Match[str], here: Here) -> Read:
    """`this morning`, `last night`, `the evening of 6 June`, `that afternoon`."""
    which, part = " ".join((match["which"] or "").split()), match["time"]
    code = PARTS[part]
    if which in ("every", "each"):
        return Reading(Type.SET, f"XXXX-XX-XX{code}")
    anchor = here.now if which in ("this", "last", "next") else here.then
    by = -1 if which == "last" else 1 if which in ("the next", "the following", "next") else -1 if which == "the previous" else 0
    if which == "the" and not match["part"]:
        before = match.string[max(0, match.start() - 8):match.start()]
        if re.search(r"\b(?:in|during|for|by|of|through)[ \n]$", before) is None:
            return None
        if re.match(r"[ \n]of\b", match.string[match.end():match.end() + 4]):
            return None
    if which == "" and not match["part"]:
        return None
    value = moved(anchor, "day", by)
    return _reading(Type.TIME, value + code, anchor, mod_of(match["part"]))


def _part_of_date(match: re.Match[str], here: Here) -> Read:
    """`the night of 4 June 1989`, `June 6 morning`."""
    from worldctx.text.dates.anchor import day_value, year_of_day
    from worldctx.text.dates.words import month_number

    month = match["m1"] or match["m2"]
    day = int(re.sub(r"\D", "", match["d1"] or match["d2"]))
    number = month_number(month)
    year = int(match["year"]) if match["year"] else year_of_day(here.near, number, day, outlook=outlook(match, here), narrative=here.narrative)
    value = day_value(year, number, day)
    return None if value is None else _reading(Type.TIME, value + PARTS[match["time"]], here.now, mod_of(match["part"]))


_NOON = {"noon": "T12:00", "midday": "T12:00", "midnight": "T24:00"}


def _clock(match: re.Match[str], here: Here) -> Read:
    """`8:30 p.m.`, `3 p.m. Sunday`, `at 17:45 GMT`, `five o'clock`, `noon`."""
    word = match["noon"]
    if word:
        time = _NOON[word]
    else:
        hour = int(count_of(match["hour"])) if count_of(match["hour"]).isdigit() else -1
        minute, half = match["minute"], (match["half"] or "").replace(".", "").replace(" ", "")
        if (match["second"] and int(match["second"]) > 59) or not 0 <= hour <= 24 or (minute and int(minute) > 59):
            return None
        if half:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if half == "pm" else 0)
        elif not match["oclock"] and (not minute or not _is_clock(match)):
            return None
        time = f"T{hour:02d}:{minute or '00'}" + (f":{match['second']}" if match["second"] else "")
        zone = (match["zone"] or "").strip(" ()\n")
        if zone in ("gmt", "utc", "z"):
            time += "Z"
    day = match["day"]
    if day:
        word = day.split()[-1]
        if word in WEEKDAYS or word in ("today", "yesterday", "tomorrow"):
            value = _day(" ".join(day.split()), match, here)
        elif word in PARTS:
            value = moved(here.now, "day", {"tomorrow": 1, "yesterday": -1}.get(day.split()[0], 0))
        else:
            value = None
        return None if value is None else _reading(Type.TIME, value + time, here.now)
    value = _day_beside(match, here) or moved(here.near, "day", 0)
    return _reading(Type.TIME, (value if "X" not in value else "") + time, here.now)


_DAY_BEHIND = re.compile(rf"(?:\s\([^()]{{2,20}}\))?\s(?:on\s)?((?:(?:next|last|this)\s)?(?:{WEEKDAY}))(?!\w)")
_DAY_BEFORE = re.compile(rf"\b(?:{WEEKDAY}|yesterday|tomorrow|today|\d)(?:,?\sat(?:\s(?:about|around))?\s|,\s|\saround\s|\sfrom\s)$")


def _day_beside(match: re.Match[str], here: Here) -> str | None:
    """The day of `9 p.m. on Wednesday`, and of `Monday at 10 a.m.`."""
    behind = _DAY_BEHIND.match(match.string, match.end())
    if behind is not None:
        return _day(" ".join(behind[1].split()), match, here)
    before = _DAY_BEFORE.search(match.string, max(0, match.start() - 30), match.start())
    return here.told.edtf if before is not None and here.told is not None and here.told.day else None


def _is_clock(match: re.Match[str]) -> bool:
    """Whether `17:45` is a time rather than a score, a ratio or a verse."""
    if match["zone"]:
        return True
    low, start, end = match.string, match.start(), match.end()
    if re.match(r"[\d:.]|-\d|[ \n](?:win|victory|defeat|loss|ratio)", low[end:end + 9]) or low[max(0, start - 1):start] in (":", ".", "-", "/"):
        return False
    return re.search(r"(?:\b(?:at|by|from|until|till|since|to|around|about|before|after|between|and|time:?)|^|[\n(\[])\s?$", low[max(0, start - 9):start]) is not None


def _ordinal_day(match: re.Match[str], here: Here) -> Read:
    """`on the 8th`: of the text's month, or the next one where it has gone by and the clause looks ahead."""
    low, end = match.string, match.end()
    if re.match(r"[ \n][a-z]", low[end:end + 2]) and re.match(
            r"[ \n](?:and|or|at|to|for|with|if|in|works|is|was|would|when|because|we|i|so|but|from|of this|of that|of the month|after|before)\b", low[end:end + 14]) is None:
        return None
    if re.match(r"[ \n](?:to|and|or)[ \n][\w \n-]{0,20}centur", low[end:end + 35]):
        return None
    if re.search(r"\b(?:on|by|until|till|from|since|tomorrow,|after|before)[ \n]$|, $", low[max(0, match.start() - 10):match.start()]) is None:
        return None
    number = int(re.sub(r"\D", "", match["day"]))
    anchor = here.near
    if anchor is None or not anchor.month or not 1 <= number <= 31:
        return None
    month = moved(Anchor(anchor.year, anchor.month), "month", 1 if anchor.day and number < anchor.day and looks_ahead(match, here) else 0)
    return _reading(Type.DATE, f"{month}-{number:02d}", anchor)


def _holiday(match: re.Match[str], here: Here) -> Read:
    name = " ".join(match["name"].replace("’", "'").split())
    which, year = " ".join((match["which"] or "").split()), match["year"]
    if not here.text[match.start("name")].isupper():
        return None
    if year:
        value = holiday_value(name, int(year))
        return None if value is None else Reading(Type.DATE, value)
    anchor = here.near
    if anchor is None:
        return _reading(Type.DATE, holiday_value(name, None) or "XXXX-XX-XX", None)
    value = holiday_value(name, anchor.year)
    if value is None:
        return None
    if anchor.day:
        today = moved(anchor, "day", 0)
        if (which == "last" and value >= today) or (not which and value > today and not looks_ahead(match, here) and not here.narrative and int(
                value[5:7]) - anchor.month > 2):
            value = holiday_value(name, anchor.year - 1) or value
        if (which == "next" or (not which and looks_ahead(match, here))) and value < today:
            value = holiday_value(name, anchor.year + 1) or value
    return _reading(Type.DATE, value, anchor)


_DAYS = rf"(?:(?:(?:next|last|this){W})?(?:{WEEKDAY})|today|yesterday|tomorrow)"
RULES: tuple[Rule, ...] = (
    rule(Near.WEEKDAY, rf"{_EARLY}(?P<which>(?:(?:last|next|this|coming|past|this{W}past|this{W}coming|every|each|the{W}following|the{W}next|the{W}previous){W})?)(?P<weekday>{WEEKDAY})(?P<plural>s?)(?:{W}(?P<time>{_PART})(?P<often>s?))?(?P<week>{W}(?:of{W})?(?:last|next|this){W}week)?(?!,?{W}(?:the{W})?(?:(?:{MONTH}){W}\d|{DAY}(?:{W}of)?{W}(?:{MONTH})))", _weekday),
    rule(Near.DAY_WORD, rf"{_EARLY}(?P<word>today|tonight|yesterday|tomorrow|overnight)(?:{W}(?P<time>{_PART}))?", _day_word),
    rule(Near.DAY_WORD, rf"{_EARLY}(?P<time>(?!))?(?P<word>today)s", _day_word),
    rule(Near.PART, rf"(?P<which>(?:(?:this|last|that|every|each|the|the{W}(?:same|next|following|previous)){W})?)(?P<part>(?:early|late|mid)[-\s])?(?P<time>{_PART})", _part_of_day),
    rule(Near.PART, rf"(?P<part>(?:early|late){W}(?:on{W}|in{W})?)(?P<which>(?:the|this|last|that){W})(?P<time>{_PART})", _part_of_day),
    rule(Near.PART, rf"(?:the{W})?(?P<part>(?:early|late){W})?(?P<time>{_PART})(?:{W}of|{W}on)?{W}(?:(?P<d1>{DAY})(?:[-–]\d\d?|/\d\d?)?{W}(?P<m1>{MONTH})|(?P<m2>{MONTH}){W}(?P<d2>{DAY}))(?:,?{W}(?P<year>{YEAR}))?", _part_of_date),
    rule(Near.CLOCK, rf"(?:(?:shortly|just|soon){W}(?:before|after){W})?(?:(?P<hour>[01]?\d|2[0-4])(?::(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?|\.(?:[0-5]\d)(?=\s?[ap]\.?m))?(?:{W}?(?P<half>[ap]\.{W}?m\.|[ap]m))?(?P<oclock>(?!))?(?P<zone>{_ZONE})|(?P<noon>noon|midday|midnight))(?P<day>,?{W}(?:(?:next|last|this){W})?(?:{WEEKDAY}|today|yesterday|tomorrow)(?:{W}(?:{_PART}))?)?", lambda match, here: _clock(match, here)),
    rule(Near.CLOCK, rf"(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>(?!))?(?P<half>(?!))?(?P<oclock>(?!))?{W}(?P<zone>gmt|utc|z)(?P<noon>(?!))?(?P<day>(?!))?", lambda match, here: _clock(match, here)),
    rule(Near.CLOCK, rf"(?P<hour>\d{{1,2}}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?P<minute>(?!))?(?P<second>(?!))?{W}o[’']clock(?P<half>(?!))?(?P<oclock>)(?P<zone>(?!))?(?P<noon>(?!))?(?P<day>{W}{_DAYS})?", lambda match, here: _oclock(match, here)),
    rule(Near.NUMERIC, r"the\s(?P<day>(?:3[01]|[12]?\d)(?:st|nd|rd|th))", _ordinal_day),
    rule(Near.HOLIDAY, rf"(?P<which>(?:(?:last|next|this){W})?)(?P<name>{any_of(HOLIDAYS)})(?:,?{W}(?:of{W})?(?P<year>{YEAR}))?", _holiday),
)


def _oclock(match: re.Match[str], here: Here) -> Read:
    hour = int(count_of(match["hour"]))
    if not 1 <= hour <= 12:
        return None
    value = _day(" ".join(match["day"].split()), match, here) if match["day"] else None
    return _reading(Type.TIME, (value or "") + f"T{hour:02d}:00", here.now)
