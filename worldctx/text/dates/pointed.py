"""Rules for times that are pointed at: `a year ago`, `last week`, `the same day`, `the past three years`, `now`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from worldctx.model.time import DAY
from worldctx.text.dates.anchor import UNKNOWN, Anchor, anchor_from, day_value, moved
from worldctx.text.dates.calendar import number_of, year_near
from worldctx.text.dates.durations import FROM, MANY, PARTS_OF_A_DAY, lasting, unit_of
from worldctx.text.dates.expression import Mod, Reading, Type
from worldctx.text.dates.part import mod_of
from worldctx.text.dates.rule import Here, Near, Read, Rule, before, behind, looks_ahead, rule, words_of
from worldctx.text.dates.words import ABOUT, COUNT, MONTH, UNIT, any_of, count_of, month_number

_BY = {"last": -1, "past": -1, "previous": -1, "preceding": -1, "prior": -1, "next": 1, "coming": 1, "following": 1,
       "subsequent": 1, "ensuing": 1, "this": 0, "current": 0, "same": 0, "that": 0, "present": 0, "very": 0}
#: These point from the date that was told last, the others from that of the text.
_TOLD = frozenset("previous preceding prior following subsequent same that very ensuing".split())
_BACKWARDS = frozenset("ago earlier before previously prior beforehand".split())
#: No single date: a night belongs to two days, and what is longer than a century is not counted from a year.
_UNPOINTED = PARTS_OF_A_DAY | {"night", "millennium", "millennia", "fortnight"}
_OVER = re.compile(r"\b(?:over|in|during|within|for|of|throughout|through)[ \n]$")


def pointed(value: str, anchor: Anchor | None, mod: Mod = Mod.NONE) -> Reading:
    """A date that hangs on an anchor."""
    return Reading(Type.DATE, value, mod, True, anchor.edtf if anchor is not None else "")


def _ago(match: re.Match[str], here: Here) -> Read:
    count, way = "X" if match["from"] else count_of(match["count"]), words_of(match, "way")
    unit = unit_of(match["unit"])
    unit = {"night": "day", "fortnight": "week", "millennia": "millennium"}.get(unit, unit)
    deictic = way in ("ago", "from now", "from today", "hence")
    anchor = here.now if deictic else here.then
    sign = -1 if way in _BACKWARDS else 1
    if unit in PARTS_OF_A_DAY:
        return Reading(Type.TIME, UNKNOWN["day"] + "TXX:XX", Mod.NONE, True, anchor.edtf if anchor is not None else "")
    if match["unit"] == "fortnight" and count.isdigit():
        count = str(2 * int(count))
    if match["half"] and unit == "year" and count.isdigit():
        return pointed(moved(anchor, "month", sign * (12 * int(count) + 6)), anchor)
    if count == "0.5" and unit in ("century", "decade"):
        return pointed(moved(anchor, "year", sign * (50 if unit == "century" else 5)), anchor)
    if not count.isdigit() or unit == "millennium":
        vague = "PAST_REF" if sign < 0 else "FUTURE_REF"
        return pointed(vague if deictic or unit == "millennium" else UNKNOWN[unit], anchor)
    return pointed(moved(anchor, unit, sign * int(count)), anchor)


def _long_ago(match: re.Match[str], here: Here) -> Read:
    return pointed("PAST_REF" if match["way"].split()[0] in _BACKWARDS else "FUTURE_REF", here.now)


def _stretch(match: re.Match[str], here: Here) -> Read:
    """`the past three years`: a stretch that ends now; `recent weeks`: no certain one."""
    if match["count"]:
        count = "X" if match["from"] else count_of(match["count"])
        return lasting(count, unit_of(match["unit"]), half=bool(match["half"]))
    if match.string[match.end() - 1] != "s":
        return None
    word = match["which"].split()[-1]
    ref = {"recent": "PAST_REF", "past": "PAST_REF", "coming": "FUTURE_REF", "future": "FUTURE_REF",
           "upcoming": "FUTURE_REF"}.get(word)
    if ref is not None:
        return pointed(ref, here.now)
    return None if word in ("first", "early", "later", "final") else lasting("X", unit_of(match["unit"]))


def _which(match: re.Match[str], here: Here) -> Read:
    """`last week`, `the following year`, `that day`, `later this month`, `for the year`."""
    words, unit = match["which"].split(), unit_of(match["unit"])
    if words == ["the"]:
        return _part_of(match, here) if match["part"] else _the(match, here)
    if len(words) == 1 and words[0] in ("past", "previous", "following"):
        return None
    word = next((one for one in reversed(words) if one in _BY), "this")
    the = words[0] == "the"
    if unit == "weekend" and word == "past":
        return pointed(moved(here.now, "weekend", -1), here.now)
    stretch = the and word in ("last", "next", "coming") and unit not in ("day", "weekend")
    if word == "past" or (stretch and _OVER.search(before(match, 11))):
        return lasting("1", unit)
    if unit == "day" and (behind(match, 8) == " and age" or word in ("last", "current", "coming", "present")):
        return None
    if unit == "day" and words == ["this"] and re.search(r"\b(?:to|until|till)[ \n]$", before(match, 7)):
        return pointed("PRESENT_REF", here.now)
    anchor = here.then if word in _TOLD or (the and word == "next") or (here.narrative and word == "next") else here.now
    return pointed(moved(anchor, unit, _BY[word]), anchor, mod_of(match["part"]))


def _part_of(match: re.Match[str], here: Here) -> Read:
    """`the end of the year`, `early in the week`."""
    words = match["which"].split()
    word = next((one for one in reversed(words) if one in _BY), "this")
    anchor = here.then if word in _TOLD else here.near if words == ["the"] else here.now
    return pointed(moved(anchor, unit_of(match["unit"]), _BY[word]), anchor, mod_of(match["part"]))


_DURING = re.compile(r"\b(?:for|in|during|of|throughout|through|over|within|by)[ \n]$")
_OF_WHICH = re.compile(r"[ \n](?:of|that|when|in which|after|before|following|since|to|ended|ending|beginning|'s)"
                       r"|[-'](?!s?[ ])|[ \n](?:1\d|20)\d\d")
_ONE_OF = re.compile(r"\b(?:times?|man|woman|person|player|most|part|rest|half|all|team|days|one) of[ \n]$")


def _the(match: re.Match[str], here: Here) -> Read:
    """`for the year`, `over the weekend`: the text's own, or that which it tells of."""
    unit = match["unit"]
    if (unit != "weekend" and _DURING.search(before(match, 12)) is None) or _OF_WHICH.match(behind(match, 12)):
        return None
    if (unit in ("day", "month") and before(match, 3) == "of ") or _ONE_OF.search(before(match, 14)):
        return None
    if unit == "weekend" and here.now is not None and here.now.day and not looks_ahead(match):
        weekday = (here.now.moment // DAY + 3) % 7
        return pointed(moved(here.now, "weekend", -1 if weekday < 5 else 0), here.now)
    anchor = here.then if unit == "decade" else here.near
    return pointed(moved(anchor, unit_of(unit), 0), anchor)


def _these_days(match: re.Match[str], here: Here) -> Read:
    return pointed("PRESENT_REF" if match["which"] == "these" else "PAST_REF", here.now)


def _middle(match: re.Match[str], here: Here) -> Read:
    """`mid-year`, `year-end`."""
    return pointed(moved(here.now, match["unit"], 0), here.now, Mod.MID if match["mid"] else Mod.END)


def _year_earlier(match: re.Match[str], here: Here) -> Read:
    return pointed(moved(here.now, "year", -1), here.now)


def _beside(match: re.Match[str], here: Here) -> Read:
    """`the day after tomorrow`."""
    return pointed(moved(here.now, "day", 2 if match["beside"] == "tomorrow" else -2), here.now)


def _before_it(match: re.Match[str], here: Here) -> Read:
    """`the day before`: of the date told last, unless the clause goes on to say of what."""
    if behind(match, 2).strip()[:1] not in (".", ",", ";", ")", ""):
        return None
    return pointed(moved(here.then, match["unit"], -1 if match["way"] == "before" else 1), here.then)


def _week_of(match: re.Match[str], here: Here) -> Read:
    month, day = month_number(match["month"]), number_of(match["day"])
    year = int(match["year"]) if match["year"] else year_near(match, here, month, day)
    value = day_value(year, month, day)
    return pointed(moved(anchor_from(value) if value and year is not None else None, "week", 0), here.now)


#: What points at no date in particular, by its words.
_REFS: Mapping[str, str] = {
    "now": "PRESENT_REF", "right now": "PRESENT_REF", "currently": "PRESENT_REF", "nowadays": "PRESENT_REF",
    "presently": "PRESENT_REF", "the present": "PRESENT_REF", "the present day": "PRESENT_REF",
    "the present time": "PRESENT_REF", "the moment": "PRESENT_REF", "this moment": "PRESENT_REF",
    "this very moment": "PRESENT_REF", "this time": "PRESENT_REF", "recently": "PAST_REF", "lately": "PAST_REF",
    "more recently": "PAST_REF", "most recently": "PAST_REF", "just recently": "PAST_REF", "very recently": "PAST_REF",
    "the past": "PAST_REF", "the recent past": "PAST_REF", "the distant past": "PAST_REF", "that time": "PAST_REF",
    "the time": "PAST_REF", "the future": "FUTURE_REF", "the near future": "FUTURE_REF", "future": "FUTURE_REF",
    "the foreseeable future": "FUTURE_REF", "the not too distant future": "FUTURE_REF"}
#: Before these: `at the time`, but not `all the time`.
_AT = {"the time": r"\bat[ \n]$", "this time": r"\bat[ \n]$", "future": r"\bin[ \n]$",
       **dict.fromkeys(("the moment", "that time", "this moment"), r"\b(?:at|for|by|since|until|from|of|before"
           r"|after)[ \n]$")}
#: What may follow `the past`, where it is no adjective.
_GOES_ON = re.compile(r"[ \n](?:and|or|of|is|was|has|have|to|in|with|that|by|for|but|as|will|when|it|we|than|on|at"
                      r"|are|can|be"
                      r"|may|through|without|which|who|so|he|they|had|under|if|from|should|must|would|there|during"
                      r"|because|while)\b")


def _reference(match: re.Match[str], here: Here) -> Read:
    words, right = words_of(match, "words"), behind(match, 12)
    if words in _AT and re.search(_AT[words], before(match, 10)) is None:
        return None
    if words in ("the time", "the moment") and re.match(r"[ \n](?:of|when|that|to|in)\b", right):
        return None
    noun = words in ("the past", "the present", "the future", "future")
    if noun and re.match(r"[ \n]\w", right) and _GOES_ON.match(right) is None:
        return None
    first, second = here.text[match.start() + 4:match.start() + 5], here.text[match.start() + 5:match.start() + 6]
    if words.startswith("the ") and first.isupper() and not second.isupper():  # a title
        return None
    if words == "now" and (right[:5] == " that" or right[:9] == " and then" or right[:10] == " and again" or re.search(
            r"\bevery[ \n]$", before(match, 7))):
        return None
    return pointed(_REFS[words], here.now)


_ABOUT = rf"(?:{any_of(ABOUT)} )?"
_UNITS, _AND_HALF = rf"(?P<unit>{UNIT})s?", "(?P<half> and a half)?"
_WHICH = (r"(?:(?:the|this|that)(?: (?:very))?(?: (?:last|past|previous|preceding|prior|next|coming|following"
          r"|subsequent|same"
          r"|current|present|ensuing))?|last|next|past|previous|following)")
_SINGLE = r"(?P<unit>day|week|weekend|month|quarter|year|decade|century)"

RULES: tuple[Rule, ...] = (
    rule(Near.UNIT, _ago, rf"{_ABOUT}{MANY}{_UNITS}{_AND_HALF} ",
         r"(?P<way>ago|later|earlier|hence|previously|beforehand|afterwards?|from now|from today)"),
    rule(Near.UNIT, _stretch, r"(?:(?:about|nearly|almost|approximately|roughly|at least|more than|less than|just) )?",
         r"(?P<which>(?:(?:the|these|those|its|his|her|their|our|this) )?(?:last|past|previous|next|coming"
         r"|following|first",
         rf"|final|preceding|recent|future|upcoming|early|subsequent)) (?:{FROM}(?P<count>{COUNT})(?: |-))?",
         rf"(?:(?:full|consecutive|fiscal|short|long) )?{_UNITS}{_AND_HALF}",
         r"(?: of (?:the year|this year|last year|next year|(?:fiscal )?(?:1\d|20)\d\d))?"),
    rule(Near.UNIT, _which, r"(?:(?P<part>(?:very )?(?:early|earlier|late|later|mid)(?:-| ))(?:in )?)?",
         rf"(?P<which>{_WHICH}) {_SINGLE}"),
    rule(Near.UNIT, _part_of, r"(?P<part>(?:the )?(?:very )?(?:beginning|start|end|middle|close|turn|rest|remainder"
         r"|course",
         rf"|first half|second half|latter half|first part|early part|latter part) of) (?P<which>{_WHICH}) {_SINGLE}"),
    rule(Near.UNIT, _middle, r"(?P<mid>mid)-(?P<unit>year|month|week)"),
    rule(Near.UNIT, _middle, r"(?P<unit>year|month)-end(?P<mid>(?!))?"),
    rule(Near.UNIT, _year_earlier, r"(?:the |a )?year-(?:earlier|ago)(?: (?:period|month|figure|level))?"),
    rule(Near.UNIT, _these_days, r"(?P<which>these|those) days"),
    rule(Near.UNIT, _long_ago, r"(?:days|weeks|months|years|decades|centuries) (?P<way>ago|later|earlier|hence"
         r"|from now)"),
    rule(Near.UNIT, _beside, r"the day (?:after|before) (?P<beside>tomorrow|yesterday)"),
    rule(Near.UNIT, _before_it, r"(?:the|a|one) (?P<unit>day|week|month|year) (?P<way>before|after)"),
    rule(Near.UNIT, _week_of, r"the week (?:of|beginning|ending|ended|starting|that (?:began|ended|starts|ends))"
         r"(?: on)? ",
         rf"(?P<month>{MONTH}) (?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?:,? (?P<year>(?:1\d|20)\d\d))?"),
    rule(Near.REFERENCE, _reference, rf"(?P<words>{any_of(tuple(_REFS))})"),
)
