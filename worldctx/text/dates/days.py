"""Rules for days that the text's own date gives: `Tuesday`, `yesterday`, `the 8th`, feasts."""

from __future__ import annotations

import re

from worldctx.text.dates.anchor import Anchor, anchor_from, moved, weekday_value
from worldctx.text.dates.calendar import number_of
from worldctx.text.dates.expression import Mod, Reading, Type
from worldctx.text.dates.holidays import HOLIDAYS, holiday_value
from worldctx.text.dates.part import dated, mod_of
from worldctx.text.dates.rule import Here, Near, Read, Rule, before, behind, looks_ahead, outlook, rule, words_of
from worldctx.text.dates.words import DAY, MONTH, PARTS, WEEKDAY, WEEKDAYS, YEAR, any_of

#: Newspapers and days that history has given a name to.
_NAMED = re.compile(r"\s(?:times|telegraph|mirror|express|mail|post|herald|tribune|sun|night (?:live|football)"
                    r"|school)\b")
_CALLED = re.compile(r"\b(?:bloody|black|super|cyber)\s$")
_NEXT = frozenset(("next", "coming", "this coming", "the following", "the next"))
_LAST = frozenset(("last", "past", "this past", "the previous"))


def hanging(type_: Type, value: str, anchor: Anchor | None, mod: Mod = Mod.NONE) -> Reading:
    """A date or time that hangs on an anchor."""
    return Reading(type_, value, mod, True, anchor.edtf if anchor is not None else "")


def day_of(words: str, match: re.Match[str], here: Here) -> str:
    """The day that `yesterday`, `last Tuesday` or `Tuesday` means: the nearest past one, or the next."""
    *which, word = words.split()
    if word not in WEEKDAYS:
        return moved(here.now, "day", {"yesterday": -1, "tomorrow": 1}.get(word, 0))
    name = " ".join(which)
    if name in _NEXT:
        return weekday_value(here.then if name.startswith("the ") else here.now, word, 1)
    if name in _LAST:
        return weekday_value(here.now, word, -2)
    anchor = here.now if name else here.near
    if name == "this":
        return _of_this_week(anchor, word)
    latest = weekday_value(anchor, word, -1)
    today = anchor is not None and anchor.day and latest == moved(anchor, "day", 0)
    return weekday_value(anchor, word, 1) if not today and looks_ahead(match) else latest


def _of_this_week(anchor: Anchor | None, weekday: str) -> str:
    """`this Saturday`: of the week that the anchor lies in, from Monday to Sunday."""
    number = WEEKDAYS.index(weekday) + 1
    found = anchor_from(f"{moved(anchor, 'week', 0)}-{number}")
    return found.edtf if found is not None else f"XXXX-WXX-{number}"


def _weekday(match: re.Match[str], here: Here) -> Read:
    start, word, part = match.start("weekday"), match["weekday"], match["time"]
    named = _NAMED.match(match.string, match.end("weekday")) or _CALLED.search(match.string, max(0, start - 8), start)
    if named or not here.text[start].isupper():
        return None
    which, code = words_of(match, "which"), PARTS[part] if part else ""
    number = WEEKDAYS.index(word) + 1
    if which in ("every", "each") or match["plural"] or match["often"]:
        return Reading(Type.SET, f"XXXX-WXX-{number}{code}")
    if match["week"]:
        week = moved(here.now, "week", {"last": -1, "next": 1, "this": 0}[match["week"].split()[-2]])
        found = anchor_from(f"{week}-{number}")
        value = found.edtf if found is not None else f"XXXX-WXX-{number}"
    else:
        value = day_of(f"{which} {word}", match, here)
    return hanging(Type.TIME if part else Type.DATE, value + code, here.near, mod_of(match["part"]))


def _day_word(match: re.Match[str], here: Here) -> Read:
    """`today`: of a text dated to the day; else it means the present."""
    word, part = match["word"], match["time"]
    value = moved(here.now, "day", {"yesterday": -1, "tomorrow": 1}.get(word, 0))
    mod = mod_of(match["part"])
    if word in ("tonight", "overnight"):
        return hanging(Type.TIME, value + "TNI", here.now, mod)
    if part:
        return hanging(Type.TIME, value + PARTS[part], here.now, mod)
    if word == "today" and (here.now is None or not here.now.day or here.narrative):
        value = "PRESENT_REF"
    return hanging(Type.DATE, value, here.now, mod)


def _ordinal_day(match: re.Match[str], here: Here) -> Read:
    """`on the 8th`: of the text's month, or the next one where it has gone by and the clause looks ahead."""
    right = behind(match, 35)
    if re.match(r"[ \n][a-z]", right) and _MAY_FOLLOW.match(right) is None:
        return None
    if re.match(r"[ \n](?:to|and|or)[ \n][\w \n-]{0,20}centur", right):
        return None
    if re.search(r"\b(?:on|by|until|till|from|since|tomorrow,|after|before)[ \n]$|, $", before(match, 10)) is None:
        return None
    number, anchor = number_of(match["day"]), here.near
    if anchor is None or not anchor.month or not 1 <= number <= 31:
        return None
    ahead = anchor.day and number < anchor.day and looks_ahead(match)
    month = moved(Anchor(anchor.year, anchor.month), "month", 1 if ahead else 0)
    return hanging(Type.DATE, f"{month}-{number:02d}", anchor)


_MAY_FOLLOW = re.compile(r"[ \n](?:and|or|at|to|for|with|if|in|works|is|was|would|when|because|we|i|so|but|from|of this"
                         r"|of that|of the month|after|before)\b")


def _holiday(match: re.Match[str], here: Here) -> Read:
    """A feast: of the year that is named, or the one nearest to where the clause looks."""
    name, which = words_of(match, "name"), words_of(match, "which")
    if not here.text[match.start("name")].isupper():
        return None
    if match["year"]:
        return dated(holiday_value(name, int(match["year"])))
    anchor = here.near
    value = holiday_value(name, anchor.year if anchor is not None else None)
    if value is None:
        return None
    if anchor is not None and anchor.day and not here.narrative:
        value = holiday_value(name, anchor.year + _years_off(match, which, value, anchor)) or value
    return hanging(Type.DATE, value, anchor)


def _years_off(match: re.Match[str], which: str, value: str, anchor: Anchor) -> int:
    """-1, 0 or 1: a feast to come in more than two months is last year's, unless the clause looks ahead."""
    today, ahead = anchor.edtf, outlook(match) > 0
    if value < today:
        return 1 if which == "next" or (not which and ahead) else 0
    far = int(value[5:7]) - anchor.month > 2
    return -1 if which == "last" or (not which and far and not ahead) else 0


_PARTS = "|".join(PARTS)
_DATE_FOLLOWS = rf"(?!,? (?:the )?(?:(?:{MONTH}) \d|{DAY}(?: of)? (?:{MONTH})|{YEAR}-))"
EARLY = "(?P<part>(?:early|late|mid|earlier|later)(?: (?:on )?|-))?"

RULES: tuple[Rule, ...] = (
    rule(Near.WEEKDAY, _weekday, EARLY, r"(?P<which>(?:(?:last|next|this|coming|past|this past|this coming|every|each",
         rf"|the following|the next|the previous) )?)(?P<weekday>{WEEKDAY})(?P<plural>s?)",
         rf"(?: (?P<time>{_PARTS})(?P<often>s?))?(?P<week> (?:of )?(?:last|next|this) week)?{_DATE_FOLLOWS}"),
    rule(Near.DAY_WORD, _day_word, EARLY, rf"(?P<word>today|tonight|yesterday|tomorrow|overnight)(?: "
         rf"(?P<time>{_PARTS}))?"),
    rule(Near.DAY_WORD, _day_word, EARLY, "(?P<word>today)s(?P<time>(?!))?"),
    rule(Near.NUMERIC, _ordinal_day, r"the\s(?P<day>(?:3[01]|[12]?\d)(?:st|nd|rd|th))"),
    rule(Near.HOLIDAY, _holiday, r"(?P<which>(?:(?:last|next|this) )?)",
         rf"(?P<name>{any_of(HOLIDAYS)})(?:,? (?:of )?(?P<year>{YEAR}))?"),
)
