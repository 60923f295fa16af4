"""Rules for times of day: `8:30 p.m. Sunday`, `17:45 GMT`, `five o'clock`, `this morning`, `the night of 4 June`."""

from __future__ import annotations

import re

from worldctx.text.dates.anchor import day_value, moved
from worldctx.text.dates.calendar import number_of, year_near
from worldctx.text.dates.days import day_of, hanging
from worldctx.text.dates.expression import Reading, Type
from worldctx.text.dates.part import mod_of
from worldctx.text.dates.rule import Here, Near, Read, Rule, before, behind, rule, words_of
from worldctx.text.dates.words import DAY, MONTH, PARTS, WEEKDAY, YEAR, count_of, month_number

_NOON = {"noon": "T12:00", "midday": "T12:00", "midnight": "T24:00"}
#: Universal time; other zones are left to the words.
_UNIVERSAL = ("gmt", "utc", "z")
_DAY_BEHIND = re.compile(rf"(?:\s\([^()]{{2,20}}\))?\s(?:on\s)?((?:(?:next|last|this)\s)?(?:{WEEKDAY}))(?!\w)")
_DAY_BEFORE = re.compile(rf"(?:\b(?:{WEEKDAY}|yesterday|tomorrow|today|\d)"
                         r"(?:,?\sat(?:\s(?:about|around))?\s|,\s|\saround\s|\sfrom\s)|[ap]\.?m\.?\s\()$")


def _clock(match: re.Match[str], here: Here) -> Read:
    """Hours with minutes, a half of the day, or a zone; hours alone are no time."""
    hour, minute = int(match["hour"]), match["minute"]
    half, zone = re.sub(r"[.\s]", "", match["half"] or ""), (match["zone"] or "").strip(" ()\n")
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif not minute or (not zone and not _is_clock(match)):
        return None
    time = f"T{hour:02d}:{minute or '00'}" + (f":{match['second']}" if match["second"] else "")
    return _at(time + ("Z" if zone in _UNIVERSAL else ""), match, here)


def _zoned(match: re.Match[str], here: Here) -> Read:
    """`1900 GMT`."""
    return _at(f"T{match['hour']}:{match['minute']}Z", match, here)


def _noon(match: re.Match[str], here: Here) -> Read:
    return _at(_NOON[match["noon"]], match, here)


def _oclock(match: re.Match[str], here: Here) -> Read:
    """`five o'clock`: of the morning or the evening it does not say."""
    hour = int(count_of(match["hour"]))
    if not 1 <= hour <= 12:
        return None
    day = day_of(words_of(match, "day"), match, here) if match["day"] else ""
    return hanging(Type.TIME, f"{day}T{hour:02d}:00", here.near)


def _at(time: str, match: re.Match[str], here: Here) -> Reading:
    """A time of the day that is named with it, stands beside it, or else is that of the text."""
    words = words_of(match, "day").lstrip(", ")
    day = day_of(words, match, here) if words else _day_beside(match, here) or moved(here.near, "day", 0)
    return hanging(Type.TIME, ("" if "X" in day else day) + time, here.near)


def _day_beside(match: re.Match[str], here: Here) -> str | None:
    """The day of `9 p.m. on Wednesday`, and of `Monday at 10 a.m.`."""
    follows = _DAY_BEHIND.match(match.string, match.end())
    if follows is not None:
        return day_of(follows[1], match, here)
    leads = _DAY_BEFORE.search(match.string, max(0, match.start() - 30), match.start())
    return here.told.edtf if leads is not None and here.told is not None and here.told.day else None


def _is_clock(match: re.Match[str]) -> bool:
    """Whether `17:45` is a time rather than a score, a ratio or a verse."""
    if re.match(r"[\d:.]\d|-\d|[ \n](?:win|victory|defeat|loss"
                r"|ratio)", behind(match, 9)) or before(match, 1) in tuple(":.-/"):
        return False
    return re.search(r"(?:\b(?:at|by|from|until|till|since|to|around|about|before|after|between|and|is|it's|time:?)|^"
                     r"|[\n(\[])\s?$",
                     before(match, 9)) is not None


def _part_of_day(match: re.Match[str], here: Here) -> Read:
    """`this morning`, `last night`, `late in the evening`, `that afternoon`."""
    which, code = words_of(match, "which"), PARTS[match["time"]]
    if which in ("every", "each"):
        return Reading(Type.SET, f"XXXX-XX-XX{code}")
    if which == "the" and not match["part"] and (behind(match, 4)[1:3] == "of" or re.search(
            r"\b(?:in|during|for|by|of|through)[ \n]$", before(match, 8)) is None):
        return None
    if not which and not match["part"]:
        return None
    anchor = here.now if which in ("this", "last", "next") else here.then
    by = {"last": -1, "the previous": -1, "next": 1, "the next": 1, "the following": 1}.get(which, 0)
    return hanging(Type.TIME, moved(anchor, "day", by) + code, anchor, mod_of(match["part"]))


def _part_of_date(match: re.Match[str], here: Here) -> Read:
    """`the night of 4 June 1989`."""
    month, day = month_number(match["m1"] or match["m2"]), number_of(match["d1"] or match["d2"])
    year = int(match["year"]) if match["year"] else year_near(match, here, month, day)
    value = day_value(year, month, day)
    return None if value is None else hanging(Type.TIME, value + PARTS[match["time"]], here.near, mod_of(match["part"]))


_PARTS = "|".join(PARTS)
_ZONE = (r"(?P<zone> ?\(?(?:gmt|utc|est|edt|cst|cdt|mst|mdt|pst|pdt|bst|cet|cest|eet|ist|jst|et|ct|pt|local time"
         r"|eastern(?: (?:standard|daylight))? time|z)\)?)?")
_DAYS = rf"(?:(?:(?:next|last|this) )?(?:{WEEKDAY})|today|yesterday|tomorrow)"

RULES: tuple[Rule, ...] = (
    rule(Near.CLOCK, _clock, r"(?P<hour>2[0-3]|[01]?\d)(?::(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?)?",
         rf"(?P<half> ?(?:[ap]\. ?m\.|[ap]m))?{_ZONE}(?P<day>,? {_DAYS})?"),
    rule(Near.CLOCK, _zoned, rf"(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d) (?:gmt|utc)(?P<day>,? {_DAYS})?"),
    rule(Near.CLOCK, _noon, rf"(?P<noon>noon|midday|midnight)(?P<day>,? {_DAYS})?"),
    rule(Near.CLOCK, _oclock, r"(?P<hour>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven"
         r"|twelve) o'clock",
         rf"(?P<day> {_DAYS})?"),
    rule(Near.PART, _part_of_day, r"(?P<which>(?:(?:this|last|that|every|each|the|the (?:same|next|following"
         r"|previous)) )?)",
         rf"(?P<part>(?:early|late|mid)[-\s])?(?P<time>{_PARTS})"),
    rule(Near.PART, _part_of_day, r"(?P<part>(?:early|late) (?:on |in )?)(?P<which>(?:the|this|last|that) )",
         rf"(?P<time>{_PARTS})"),
    rule(Near.PART, _part_of_date, r"(?:the )?(?P<part>(?:early|late) (?:on |in )?(?:the )?)?",
         rf"(?P<time>{_PARTS})(?: of| on)? ",
         rf"(?:(?P<d1>{DAY})(?:[-–]\d\d?|/\d\d?)? (?P<m1>{MONTH})|(?P<m2>{MONTH}) (?P<d2>{DAY}))(?:,? "
         rf"(?P<year>{YEAR}))?"),
)
