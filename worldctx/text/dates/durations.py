"""Rules for how long and how often: `three years`, `two-week`, `for decades`, `every other day`, `annual`."""

from __future__ import annotations

import re

from worldctx.text.dates.expression import Reading, Type
from worldctx.text.dates.rule import Here, Near, Read, Rule, before, behind, rule, words_of
from worldctx.text.dates.words import ABOUT, COUNT, NUMBER, ORDINAL, UNIT, UNITS, any_of, count_of, ordinal_number

_HALVES = {"minute": "PT30S", "hour": "PT30M", "day": "PT12H", "year": "P6M", "decade": "P5Y", "century": "P50Y"}
PARTS_OF_A_DAY = frozenset(("second", "minute", "hour"))
_OFTEN = {"daily": "P1D", "weekly": "P1W", "monthly": "P1M", "yearly": "P1Y", "annual": "P1Y", "annually": "P1Y",
          "quarterly": "P1Q", "hourly": "PT1H", "nightly": "P1D", "biweekly": "P2W", "bimonthly": "P2M",
          "biennial": "P2Y", "biannual": "P6M", "biannually": "P6M", "fortnightly": "P2W"}
#: Before `a year`: it is a rate.
_RATE = re.compile(r"(?:\b(?:times?|once|twice|thrice|hours?|days?|months?|weeks?|percent|million|billion|tons|barrels)"
                   r"|%|\$?[\d,.]*\d)[ \n]$")
#: Before a bare plural: `for years` is a duration, `years` alone mostly is not.
_LASTING = re.compile(r"(?:\b(?:for|after|within|took|takes?|taking|lasted|lasts?|spent|just|over|through"
                      r"|culmination of"
                      r"|in|only|mere)|[–—])[ \n]$")


def unit_of(word: str) -> str:
    """A unit's name in the singular, of what stands before the plural's s."""
    return "century" if word.startswith("centur") else word


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
    return f"P{'T' if unit in PARTS_OF_A_DAY else ''}{count}{UNITS[unit]}"


def lasting(count: str, unit: str, *, half: bool = False) -> Reading:
    """A duration; see `duration_value`."""
    return Reading(Type.DURATION, duration_value(count, unit, half=half))


def _often(count: str, unit: str) -> Reading:
    return Reading(Type.SET, duration_value(count, unit))


def is_age(match: re.Match[str]) -> bool:
    """Whether `-old` follows: an age is no time."""
    right = behind(match, 4)
    return right == "-old" or (right == " old" and "-" in match.group())


def _counted(match: re.Match[str], here: Here) -> Read:
    unit, words, low = unit_of(match["unit"]), words_of(match, "count"), match.string
    count = "X" if match["from"] else count_of(words)
    plural = low[match.end() - 1] == "s" or match["half"] is not None
    doubtful = unit == "second" and count in ("1", "X")  # `a second` one, `the second`
    if doubtful or is_age(match) or behind(match, 5) == "-long" or _is_title(match, here):
        return None
    if words in ("a", "an"):
        if match["unit"] == "night":
            return None
        if _RATE.search(before(match, 14)):
            return _often("1", unit)
    if words in ("some", "few") and not plural:
        return None
    if re.fullmatch(r"1\d{3}|20\d\d", words) and unit not in ("year", "hour", "minute"):
        return None
    hyphened = low[match.start("unit") - 1] == "-"
    if not plural and count not in ("1", "0.5", "X") and unit != "millennia" and not hyphened:
        return None
    return lasting(count, unit, half=bool(match["half"]))


def _is_title(match: re.Match[str], here: Here) -> bool:
    """Whether it stands in a name: the Thirty Years' War."""
    large = here.text[match.start("unit")].isupper() and here.text[match.start()].isupper()
    return large and match.start() > 0 and not here.text[match.end() - 1].isupper()


def _and_a_half(match: re.Match[str], here: Here) -> Read:
    return lasting(count_of(match["count"]), unit_of(match["unit"]), half=True)


def _adjective(match: re.Match[str], here: Here) -> Read:
    """`two-year`: the article belongs to what it describes."""
    title = here.text[match.start("unit")].isupper() and not here.text[match.end() - 1].isupper()
    return None if title or is_age(match) else lasting(count_of(match["count"]), unit_of(match["unit"]))


def _long(match: re.Match[str], here: Here) -> Read:
    return lasting("X" if match["many"] else "1", unit_of(match["unit"]))


def _quarter_century(match: re.Match[str], here: Here) -> Read:
    return lasting("25", "year")


def _some(match: re.Match[str], here: Here) -> Read:
    """`for years`: some number of them."""
    unit = match["unit"]
    if unit not in ("decade", "centurie") and _LASTING.search(before(match, 20)) is None:
        return None
    if unit in ("day", "hour", "minute") and re.match(r"[ \n](?:of|to)\b", behind(match, 4)):
        return None
    return lasting("X", unit_of(unit))


def _every(match: re.Match[str], here: Here) -> Read:
    words = words_of(match, "count")
    if match["unit"] == "second":
        return None
    if words in ("other", "second"):
        return _often("2", unit_of(match["unit"]))
    nth = bool(words) and re.fullmatch(ORDINAL, words) is not None
    count = str(ordinal_number(words)) if nth else count_of(words or "a")
    return _often(count, unit_of(match["unit"]))


def _times_a(match: re.Match[str], here: Here) -> Read:
    return _often("1", unit_of(match["unit"]))


def _adverb(match: re.Match[str], here: Here) -> Read:
    """`daily`, `annual`; not in a name, such as the Daily Telegraph, nor a daily that has one."""
    start, end, word = match.start("word"), match.end(), match["word"]
    follows = here.text[end:end + 2].strip()[:1].isupper()
    if (word == "daily" and follows) or match.string[max(0, start - 1):start] == "-":
        return None
    if here.text[start].isupper() and (follows or here.text[max(0, start - 2):start].strip()[-1:].isalpha()):
        return None
    return Reading(Type.SET, _OFTEN[word])


#: `over` and `under` count only after another preposition: `for over 60 years`, but `spread over two years`.
_ABOUT = rf"(?:(?:{any_of(ABOUT)}|(?:(?<=for\s)|(?<=after\s)|(?<=of\s)|(?<=in\s))(?:over|under)) )?"
#: `three to` of `three to five years`.
FROM = rf"(?P<from>(?:between )?{NUMBER}(?: (?:to|or|and) |(?<=\d)[-–](?=\d)))?"
#: A count before a unit, with what may stand between.
MANY = (rf"(?:(?:another|an additional|a further) )?{FROM}(?P<count>{COUNT})(?: |-)(?:(?:more|full|whole|entire|long"
        r"|short|consecutive|straight|additional|further|extra|calendar|working|business|good|solid|other) )?")
_UNITS, _AND_HALF = rf"(?P<unit>{UNIT})s?", "(?P<half> and a half)?"
_FREQUENT = rf"(?:(?:once|twice|{NUMBER} times?) )?"

RULES: tuple[Rule, ...] = (
    rule(Near.UNIT, _and_a_half, r"(?P<count>an?|one|two|three) and a half ",
         r"(?P<unit>year|month|week|day|hour|decade)s?"),
    rule(Near.UNIT, _and_a_half, r"(?P<count>\d+|one|two|three|four|five|six|seven|eight|nine|ten) and ",
         r"(?:a half|one-half|half) (?P<unit>year|month|week|day|hour|decade)s"),
    rule(Near.UNIT, _quarter_century, r"(?:a )?quarter(?: of a |-| )century"),
    rule(Near.UNIT, _every, rf"{_FREQUENT}(?:every|each)(?: (?:single )?(?P<count>other|{NUMBER}|few|couple of"
         rf"|{ORDINAL}))?",
         rf" {_UNITS}"),
    rule(Near.UNIT, _times_a, rf"(?:once|twice|thrice|(?:several|many|{NUMBER}) times) (?:an?|per|each|every) ",
         rf"(?P<unit>{UNIT})"),
    rule(Near.UNIT, _adjective, rf"(?P<count>{NUMBER}|several|multi)[-–](?P<unit>{UNIT}|quarter)(?:[-–](?:long"
         rf"|plus))?"),
    rule(Near.UNIT, _long, r"(?P<unit>year|month|week|day|decade|hour|century)(?P<many>s(?=-))?-?long"),
    rule(Near.UNIT, _counted, rf"{_ABOUT}{MANY}{_UNITS}{_AND_HALF}"),
    rule(Near.UNIT, _some, r"(?P<unit>day|week|month|year|decade|centurie|hour|minute)s"),
    rule(Near.SET, _adverb, rf"(?:(?:once|twice|semi) )?(?P<word>{'|'.join(sorted(_OFTEN, key=len, reverse=True))})"),
)
