"""Rules for units of time that are counted or pointed at: durations, sets, `a year ago`, `last week`, `the same day`."""

from __future__ import annotations

import re

from worldctx.model.time import DAY
from worldctx.text.dates.anchor import UNKNOWN, Anchor, anchor_from, moved
from worldctx.text.dates.calendar import mod_of
from worldctx.text.dates.expression import Mod, Reading, Type
from worldctx.text.dates.rule import Here, Near, Read, Rule, looks_ahead, outlook, rule
from worldctx.text.dates.words import ABOUT, COUNT, NUMBER, ORDINAL, UNIT, UNITS, W, any_of, count_of

_ABOUT = rf"(?:{any_of(ABOUT)}{W})?"
_FROM = rf"(?P<from>(?:between{W})?{NUMBER}(?:{W}(?:to|or|and){W}|[-–]))?"
_MANY = rf"(?:(?:another|an{W}additional|a{W}further){W})?{_FROM}(?P<count>{COUNT})(?:{W}|-)(?:(?:more|full|whole|entire|long|short|consecutive|straight|additional|further|extra|calendar|working|business|good|solid|other){W})?"
_UNITS = rf"(?P<unit>{UNIT})s?"
_AND_HALF = rf"(?P<half>{W}and{W}a{W}half)?"
_HALVES = {"hour": "PT30M", "day": "PT12H", "year": "P6M", "decade": "P5Y", "century": "P50Y", "minute": "PT30S"}
_PARTS_OF_A_DAY = frozenset("second minute hour".split())


def singular(unit: str) -> str:
    """`centurie` and `night` as the units they are."""
    return {"centurie": "century", "night": "day", "fortnight": "week", "millennia": "millennium"}.get(unit, unit)


def duration_value(count: str, unit: str, *, half: bool = False) -> str:
    """A duration as TIMEX3 writes it: P3Y, PT30M, PXD.

    Args:
        count: a number, or X.
        unit: its name, in the singular.
        half: whether half a unit comes on top.
    """
    if count == "0.5" and unit in _HALVES:
        return _HALVES[unit]
    if half and count != "X":
        count = str(float(count) + 0.5)
    if unit == "fortnight" and count.isdigit():
        count = str(2 * int(count))
    return f"P{'T' if unit in _PARTS_OF_A_DAY else ''}{count}{UNITS['century' if unit == 'century' else unit]}"


UNITS = {**UNITS, "century": "CE"}


def _relative(value: str, anchor: Anchor | None, mod: Mod = Mod.NONE) -> Reading:
    return Reading(Type.DATE, value, mod, True, anchor.edtf if anchor is not None else "")


def _duration(match: re.Match[str], here: Here) -> Read:
    count, unit = "X" if match["from"] else count_of(match["count"]), match["unit"]
    if here.text[match.start("unit")].isupper() and not here.text[match.start()].islower() and match.start() and not here.text[match.end() - 1].isupper():
        return None
    low, start, end = match.string, match.start(), match.end()
    if low[end:end + 4] in ("-old", " old") and "-" in low[match.start("unit") - 1:match.start("unit")]:
        return None
    if low[end:end + 5] in ("-long", "-olds") or low[end:end + 4] == "-old" or (unit == "second" and count in ("1", "X")):
        return None
    plural = low[end - 1] == "s"
    words = match["count"]
    if words in ("a", "an"):
        before = low[max(0, start - 14):start]
        if unit in ("night", "second") or (low[end:end + 2] in ("’s", "'s") and unit != "day" and False):
            return None
        if re.search(r"(?:\btimes?|\bonce|\btwice|\bthrice|\bhours?|\bdays?|\bmonths?|\bweeks?|\bpercent|%|\bmillion|\bbillion|\btons|\bbarrels|\$?[\d,.]*\d)[ \n]$", before):
            return Reading(Type.SET, duration_value("1", unit))
    if words.split()[0] in ("some", "few", "many") and not plural and words != "many":
        return None
    if re.fullmatch(r"1\d{3}|20\d\d", words) and not re.search(r"\b(?:for|about|over|than|nearly)[ \n]$", low[max(0, start - 8):start]):
        return None if unit in ("day", "week", "month", "quarter") else Reading(Type.DURATION, duration_value(count, unit))
    if not plural and unit not in ("century", "millennia") and count not in ("1", "0.5", "X") and low[match.start("unit") - 1] != "-":
        return None
    return Reading(Type.DURATION, duration_value(count, singular_of_century(unit), half=bool(match["half"])))


def singular_of_century(unit: str) -> str:
    return "century" if unit.startswith("centur") else unit


def _adjective(match: re.Match[str], here: Here) -> Read:
    """`two-year`, `decade-long`: the article belongs to what they describe."""
    low, end = match.string, match.end()
    if low[end:end + 4] in ("-old", " old"):
        return None
    return Reading(Type.DURATION, duration_value(count_of(match["count"]), match["unit"]))


def _long(match: re.Match[str], here: Here) -> Read:
    return Reading(Type.DURATION, duration_value("X" if match["many"] else "1", match["unit"]))


def _bare_plural(match: re.Match[str], here: Here) -> Read:
    """`for years`: some number of them."""
    before = match.string[max(0, match.start() - 20):match.start()]
    if match["ago"]:
        word = match["ago"].split()[0]
        return _relative("PAST_REF" if word in ("ago", "earlier", "before") else "FUTURE_REF", here.now)
    if re.search(r"(?:\b(?:for|after|within|took|takes?|taking|lasted|lasts?|spent|just|over|through|culmination of|in|only|mere)|[–—])[ \n]$", before) is None:
        return None
    if re.match(r"[ \n](?:of|to)\b", match.string[match.end():match.end() + 4]) and match["unit"] in ("day", "hour", "minute"):
        return None
    return Reading(Type.DURATION, duration_value("X", singular_of_century(match["unit"])))


def _ago(match: re.Match[str], here: Here) -> Read:
    count, unit = count_of(match["count"]), singular(singular_of_century(match["unit"]))
    way = " ".join(match["way"].split())
    anchor = here.now if way in ("ago", "from now", "from today", "hence") else here.then
    sign = -1 if way in ("ago", "earlier", "before", "previously", "prior", "beforehand") else 1
    if unit in _PARTS_OF_A_DAY:
        if count.isdigit() and way == "ago":
            return Reading(Type.TIME, moved(anchor, "day", 0) + "TXX:XX", Mod.NONE, True, anchor.edtf if anchor else "")
        return Reading(Type.TIME, "XXXX-XX-XXTXX:XX", Mod.NONE, True, anchor.edtf if anchor else "")
    if match["unit"] == "fortnight" and count.isdigit():
        count = str(2 * int(count))
    if match["half"] and unit == "year" and count.isdigit():
        return _relative(moved(anchor, "month", sign * (12 * int(count) + 6)), anchor)
    if count == "0.5" and unit in ("century", "decade"):
        return _relative(moved(anchor, "year", sign * (50 if unit == "century" else 5)), anchor)
    if not count.isdigit():
        vague = {"ago": "PAST_REF", "from now": "FUTURE_REF", "hence": "FUTURE_REF", "from today": "FUTURE_REF"}.get(way)
        return _relative(vague or UNKNOWN.get(unit, "XXXX"), anchor)
    if unit == "millennium":
        return _relative("PAST_REF" if sign < 0 else "FUTURE_REF", anchor)
    return _relative(moved(anchor, unit, sign * int(count)), anchor)


_IN_TIME = {"day": "day", "week": "week", "month": "month", "year": "year"}


def _last_counted(match: re.Match[str], here: Here) -> Read:
    """`the past three years`: a stretch that ends now."""
    count = count_of(match["count"]) if match["count"] and not match["from"] else "X"
    unit = singular_of_century(match["unit"])
    words = " ".join(match["which"].split()).split()[-1]
    if not match["count"] and match.string[match.end() - 1] != "s":
        return None
    if not match["count"]:
        ref = {"recent": "PAST_REF", "past": "PAST_REF", "coming": "FUTURE_REF", "future": "FUTURE_REF", "upcoming": "FUTURE_REF"}.get(words)
        if ref is None and words in ("first", "early", "later", "final"):
            return None
        return _relative(ref, here.now) if ref else Reading(Type.DURATION, duration_value("X", unit))
    return Reading(Type.DURATION, duration_value(count, unit, half=bool(match["half"])))


_BY = {"last": -1, "past": -1, "previous": -1, "preceding": -1, "prior": -1, "next": 1, "coming": 1, "following": 1,
       "subsequent": 1, "this": 0, "current": 0, "same": 0, "that": 0, "present": 0, "very": 0, "ensuing": 1}
_THEN = frozenset("previous preceding prior following subsequent same that very ensuing".split())
_OVER = re.compile(r"\b(?:over|in|during|within|for|of|throughout|through)[ \n]$")


def _pointed(match: re.Match[str], here: Here) -> Read:
    """`last week`, `the following year`, `that day`, `this month`."""
    words, unit = match["which"].split(), singular_of_century(match["unit"])
    word = next((one for one in reversed(words) if one in _BY), "this")
    the = words[0] == "the"
    low, start = match.string, match.start()
    if unit in _PARTS_OF_A_DAY or unit in ("night", "millennium", "fortnight"):
        return None
    if word == "past" or (the and word in ("last", "next", "coming") and _OVER.search(low[max(0, start - 11):start]) and unit != "day" and unit != "weekend"):
        if unit == "weekend":
            return _relative(moved(here.now, "weekend", -1), here.now)
        return Reading(Type.DURATION, duration_value("1", unit))
    narrative = word in _THEN or (the and word == "next") or (here.narrative and word in ("next",))
    anchor = here.then if narrative else here.now
    if unit == "day" and low[match.end():match.end() + 8] == " and age":
        return None
    if the and word == "last" and unit == "day":
        return None
    if unit == "day" and word in ("last", "current", "coming", "present"):
        return None
    return _relative(moved(anchor, unit, _BY[word]), anchor, mod_of(match["part"]))


def _part_of_unit(match: re.Match[str], here: Here) -> Read:
    """`the end of the year`, `later this month`, `early in the week`."""
    words, unit = (match["which"] or "the").split(), singular_of_century(match["unit"])
    word = next((one for one in reversed(words) if one in _BY), "this")
    if unit in _PARTS_OF_A_DAY or unit in ("night", "millennium", "fortnight"):
        return None
    anchor = here.then if word in _THEN else here.now if word != "this" or words != ["the"] else here.near
    return _relative(moved(anchor, unit, _BY[word]), anchor, mod_of(match["part"]))


_BARE = re.compile(r"\b(?:for|in|during|of|throughout|through|over|within|by)[ \n]$")


def _the_unit(match: re.Match[str], here: Here) -> Read:
    """`for the year`, `in the week`: the text's own."""
    low, start, end = match.string, match.start(), match.end()
    unit = match["unit"]
    before = low[max(0, start - 12):start]
    if (unit != "weekend" and _BARE.search(before) is None) or re.match(r"[ \n](?:of|that|when|in which|after|before|following|since|to|ended|ending|beginning|[’']s)|[-’'](?!s?[ ])", low[end:end + 12]):
        return None
    if (unit in ("day", "month") and before.endswith("of ")) or re.search(r"\b(?:times?|man|woman|person|player|most|part|rest|half|all|team|time|days|one) of[ \n]$", low[max(0, start - 14):start]):
        return None
    if re.match(r"[ \n](?:1\d|20)\d\d", low[end:end + 5]):
        return None
    if unit == "decade":
        return _relative(moved(here.then, "decade", 0), here.then)
    if unit == "weekend" and here.now is not None and here.now.day and (here.now.moment // DAY + 3) % 7 < 5 and not looks_ahead(match, here):
        return _relative(moved(here.now, "weekend", -1), here.now)
    return _relative(moved(here.near, unit, 0), here.near)


def _those(match: re.Match[str], here: Here) -> Read:
    if match["which"] == "these":
        return _relative("PRESENT_REF", here.now) if match["unit"] == "day" else None
    if match["unit"] == "day":
        return _relative("PAST_REF", here.now)
    return None


def _every(match: re.Match[str], here: Here) -> Read:
    count = match["count"]
    number = "1" if not count else "2" if count in ("other", "second") else str(ordinal(count) or count_of(count))
    if match["unit"] == "second":
        return None
    return Reading(Type.SET, duration_value(number, singular_of_century(match["unit"])))


def ordinal(words: str) -> int:
    from worldctx.text.dates.words import ordinal_number

    try:
        return ordinal_number(words)
    except ValueError:
        return 0


def _times_a(match: re.Match[str], here: Here) -> Read:
    return Reading(Type.SET, duration_value("1", match["unit"]))


_OFTEN = {"daily": "P1D", "weekly": "P1W", "monthly": "P1M", "yearly": "P1Y", "annual": "P1Y", "annually": "P1Y",
          "quarterly": "P1Q", "hourly": "PT1H", "nightly": "P1D", "biweekly": "P2W", "bimonthly": "P2M", "biennial": "P2Y",
          "biannual": "P6M", "biannually": "P6M", "fortnightly": "P2W"}


def _often(match: re.Match[str], here: Here) -> Read:
    """`daily`, `annual`; not in a name, such as the Daily Telegraph."""
    low, start, end = match.string, match.start("word"), match.end()
    after = here.text[end:end + 2].strip()[:1]
    if after.isupper() and low[start:end] == "daily":
        return None
    if here.text[start].isupper():
        if after.isupper() or here.text[max(0, start - 2):start].strip()[-1:].isalpha():
            return None
    if low[max(0, start - 1):start] == "-":
        return None
    return Reading(Type.SET, _OFTEN[match["word"]])


_REFS = {"now": "PRESENT_REF", "right now": "PRESENT_REF", "currently": "PRESENT_REF", "nowadays": "PRESENT_REF",
         "presently": "PRESENT_REF", "at present": "PRESENT_REF", "the present": "PRESENT_REF", "the moment": "PRESENT_REF",
         "this moment": "PRESENT_REF", "this very moment": "PRESENT_REF", "the present time": "PRESENT_REF", "this time": "PRESENT_REF",
         "recently": "PAST_REF", "more recently": "PAST_REF", "most recently": "PAST_REF", "just recently": "PAST_REF", "very recently": "PAST_REF", "lately": "PAST_REF", "the past": "PAST_REF", "the recent past": "PAST_REF", "previously": "PAST_REF",
         "the distant past": "PAST_REF", "that time": "PAST_REF", "the time": "PAST_REF", "formerly": "PAST_REF",
         "the future": "FUTURE_REF", "the near future": "FUTURE_REF", "the foreseeable future": "FUTURE_REF",
         "the not too distant future": "FUTURE_REF", "future": "FUTURE_REF", "the present day": "PRESENT_REF", "the coming": ""}


def _reference(match: re.Match[str], here: Here) -> Read:
    words = " ".join(match["words"].split())
    low, start, end = match.string, match.start(), match.end()
    before, after = low[max(0, start - 10):start], low[end:end + 12]
    if words in ("the moment", "this time", "that time", "the time", "this moment") and re.search(r"\b(?:at|for|by|since|until|from|of|before|after)[ \n]$" if words != "the time" else r"\bat[ \n]$", before) is None:
        return None
    if words in ("the time", "the moment") and re.match(r"[ \n](?:of|when|that|to|in)\b", after):
        return None
    if words == "this time" and re.search(r"\b(?:at)[ \n]$", before) is None:
        return None
    if words in ("the past", "the present", "the future") and re.match(r"[ \n]\w", after) and re.match(
            r"[ \n](?:and|or|of|is|was|has|have|to|in|with|that|by|for|but|as|will|when|it|we|than|on|at|are|can|be|may|through|without|which|who|so|he|they|had|under|if|from|should|must|would|there|during|because|while)\b", after) is None:
        return None
    if words == "future" and (re.search(r"\bin[ \n]$", before) is None or re.match(r"[ \n](?!and|but|we|the|to|it|they|he|be)[a-z]", after)):
        return None
    if words == "now" and (after[:5] == " that" or re.search(r"\b(?:every|until then and) $", before) or after[:10] == " and then " or after[:10] == " and again"):
        return None
    if words == "formerly" or words == "previously":
        return None
    if words.startswith("the ") and here.text[start + 4].isupper():
        return None
    ref = _REFS.get(words)
    return _relative(ref, here.now) if ref else None


def _day_beside(match: re.Match[str], here: Here) -> Read:
    by = 2 if match["beside"] == "tomorrow" else -2
    return _relative(moved(here.now, "day", by), here.now)


def _day_after(match: re.Match[str], here: Here) -> Read:
    """`the day before`, `a day later`: of the last date named, unless the clause says of what."""
    after = match.string[match.end():match.end() + 2]
    if after[:1] not in (".", ",", ";", ")", "", "\n") and after.strip()[:1] not in (".", ",", ";", ")"):
        return None
    by = -1 if match["way"] == "before" else 1
    return _relative(moved(here.then, match["unit"], by), here.then)


def _week_of(match: re.Match[str], here: Here) -> Read:
    from worldctx.text.dates.anchor import day_value, year_of_day
    from worldctx.text.dates.words import month_number

    month, day = month_number(match["month"]), int(re.sub(r"\D", "", match["day"]))
    year = int(match["year"]) if match["year"] else year_of_day(here.near, month, day, outlook=outlook(match, here), narrative=here.narrative)
    value = day_value(year, month, day)
    found = anchor_from(value) if value and year is not None else None
    return _relative(moved(found, "week", 0), here.now)


_AFTER_WHICH = r"(?:of|in|for)"
_WHICH = rf"(?:(?:the|this|that)(?:{W}(?:very))?(?:{W}(?:last|past|previous|preceding|prior|next|coming|following|subsequent|same|current|present|ensuing))?|last|next|past|previous|following)"
_UNIT_X = r"(?P<unit>day|week|weekend|month|quarter|year|decade|century)"
_EARLY = rf"(?P<part>(?:very{W})?(?:early|earlier|late|later|mid)(?:-|{W}))"
_MD = r"(?P<month>january|february|march|april|may|june|july|august|september|october|november|december|jan\.?|feb\.?|mar\.?|apr\.?|jun\.?|jul\.?|aug\.?|sept?\.?|oct\.?|nov\.?|dec\.?)"

RULES: tuple[Rule, ...] = (
    rule(Near.UNIT, rf"{_ABOUT}(?:just{W})?(?:only{W})?{_MANY}{_UNITS}{_AND_HALF}{W}(?P<way>ago|later|earlier|hence|previously|beforehand|afterwards?|from{W}now|from{W}today)", _ago),
    rule(Near.UNIT, rf"(?P<count>an?|one|two|three){W}(?P<half>and{W}a{W}half{W})(?P<unit>years?|months?|weeks?|days?|hours?|decades?){W}?", lambda match, here: Reading(Type.DURATION, duration_value(count_of(match["count"]), match["unit"].rstrip("s"), half=True))),
    rule(Near.UNIT, rf"(?P<count>\d+|one|two|three|four|five|six|seven|eight|nine|ten){W}and{W}(?:a{W}half|one-half|half){W}(?P<unit>year|month|week|day|hour|decade)s", lambda match, here: Reading(Type.DURATION, duration_value(count_of(match["count"]), match["unit"], half=True))),
    rule(Near.UNIT, rf"(?:(?:about|nearly|almost|approximately|roughly|at{W}least|more{W}than|less{W}than|just){W})?(?P<which>(?:(?:the|these|those|its|his|her|their|our){W})?(?:last|past|previous|next|coming|following|first|final|preceding|recent|future|upcoming|early|subsequent)){W}(?:{_FROM}(?P<count>{COUNT})(?:{W}|-))?(?:(?:full|consecutive|fiscal|short|long){W})?{_UNITS}{_AND_HALF}(?P<of>{W}of{W}(?:the{W}year|this{W}year|last{W}year|next{W}year|(?:fiscal{W})?(?:1\d|20)\d\d))?", _last_counted),
    rule(Near.UNIT, rf"(?:{_EARLY}(?:in{W})?)?(?P<which>{_WHICH}){W}{_UNIT_X}", lambda match, here: _pointed_or_the(match, here)),
    rule(Near.UNIT, rf"(?P<part>(?:the{W})?(?:very{W})?(?:beginning|start|end|middle|close|turn|rest|remainder|course|first{W}half|second{W}half|latter{W}half|first{W}part|early{W}part|latter{W}part){W}of){W}(?P<which>{_WHICH}){W}{_UNIT_X}", _part_of_unit),
    rule(Near.UNIT, r"(?P<part>mid|year|month)-(?P<which>)(?P<unit>year|month|week|end)", lambda match, here: _relative(moved(here.now, {"end": match["part"]}.get(match["unit"], match["unit"]) if match["part"] != "mid" else match["unit"], 0), here.now, Mod.MID if match["part"] == "mid" else Mod.END) if (match["part"] != "mid" and match["unit"] == "end") or (match["part"] == "mid" and match["unit"] != "end") else None),
    rule(Near.UNIT, rf"(?:the{W}|a{W})?year-(?:earlier|ago)(?:{W}(?:period|month|figure|level))?", lambda match, here: _relative(moved(here.now, "year", -1), here.now)),
    rule(Near.UNIT, rf"(?P<which>these|those){W}(?P<unit>day|week|month|year)s", _those),
    rule(Near.UNIT, rf"(?:(?:once|twice|{NUMBER}{W}times?){W})?(?:every|each)(?:{W}(?:single{W})?(?P<count>other|{NUMBER}|few|couple{W}of|{ORDINAL}))?{W}(?:and{W}every{W})?{_UNITS}", _every),
    rule(Near.UNIT, rf"(?:once|twice|thrice|(?:several|many|{NUMBER}){W}times){W}(?:an?|per|each|every){W}(?P<unit>{UNIT})", _times_a),
    rule(Near.UNIT, rf"(?P<count>{NUMBER}|several|multi)[-–](?P<unit>{UNIT}|quarter)(?:[-–](?:long|plus))?", _adjective),
    rule(Near.UNIT, r"(?P<many>)(?P<unit>year|month|week|day|decade|hour|century)-?long", _long),
    rule(Near.UNIT, r"(?P<unit>(?:year|month|week|day|decade|hour))s-long(?P<many>)", lambda match, here: Reading(Type.DURATION, duration_value("X", match["unit"]))),
    rule(Near.UNIT, rf"{_ABOUT}{_MANY}{_UNITS}{_AND_HALF}", _duration),
    rule(Near.UNIT, rf"(?P<unit>day|week|month|year|decade|centurie|hour|minute)s(?:{W}(?P<ago>ago|later|earlier|hence|from{W}now))?", _bare_plural),
    rule(Near.UNIT, rf"the{W}day{W}(?:after|before){W}(?P<beside>tomorrow|yesterday)", _day_beside),
    rule(Near.UNIT, rf"(?:the|a|one){W}(?P<unit>day|week|month|year){W}(?P<way>before|after)", _day_after),
    rule(Near.UNIT, rf"the{W}week{W}(?:of|beginning|ending|ended|starting|that{W}(?:began|ended|starts|ends))(?:{W}on)?{W}{_MD}{W}(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?:,?{W}(?P<year>(?:1\d|20)\d\d))?", _week_of),
    rule(Near.SET, rf"(?:(?:once|twice|semi){W})?(?P<word>{'|'.join(sorted(_OFTEN, key=len, reverse=True))})", _often),
    rule(Near.REFERENCE, rf"(?P<words>{any_of(tuple(_REFS))})", _reference),
)


def _pointed_or_the(match: re.Match[str], here: Here) -> Read:
    words = match["which"].split()
    if words == ["the"]:
        if match["part"]:
            return _part_of_unit(match, here)
        return _the_unit(match, here)
    if words in (["past"], ["previous"], ["following"]):
        return None
    return _pointed(match, here)
