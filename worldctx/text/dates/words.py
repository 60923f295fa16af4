"""The words of time in English: months, weekdays, units, numbers, and the patterns that are made of them.

All patterns are for text in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SHORT_MONTHS = ("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
#: TIMEX3's letters of a duration; those after T count parts of a day.
UNITS: Mapping[str, str] = {
    "second": "S", "minute": "M", "hour": "H", "day": "D", "night": "D", "week": "W", "fortnight": "W",
    "month": "M", "quarter": "Q", "year": "Y", "decade": "DE", "century": "CE", "millennium": "ML",
    "millennia": "ML"}
SEASONS: Mapping[str, str] = {"spring": "SP", "summer": "SU", "autumn": "FA", "fall": "FA", "winter": "WI"}
PARTS: Mapping[str, str] = {"morning": "TMO", "afternoon": "TAF", "evening": "TEV", "night": "TNI", "daytime": "TDT"}
_ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
         "seventeen eighteen nineteen")
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINAL_ONES = ("zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
                 "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth")
NUMBERS: dict[str, int] = {word: number for number, word in enumerate(_ONES.split())}
ORDINALS: dict[str, int] = {word: number for number, word in enumerate(_ORDINAL_ONES.split())}
for _number, _tens in enumerate(_TENS.split(), 2):
    NUMBERS[_tens] = 10 * _number
    ORDINALS[_tens[:-1] + "ieth"] = 10 * _number
    for _unit in range(1, 10):
        NUMBERS[f"{_tens}-{_ONES.split()[_unit]}"] = 10 * _number + _unit
        ORDINALS[f"{_tens}-{_ORDINAL_ONES.split()[_unit]}"] = 10 * _number + _unit
#: Words that count without saying how many.
VAGUE = ("several", "a few", "few", "many", "some", "a couple of", "a couple", "a number of", "countless", "numerous",
         "dozens of", "hundreds of", "thousands of", "tens of")

#: White space inside an expression: a blank or the end of a line, not of a paragraph.
W = r"(?:[\x20\xa0\t]{1,2}(?:\r?\n[\x20\xa0\t]{0,2})?|\r?\n[\x20\xa0\t]{0,2})"


def spaced(pattern: str) -> str:
    """A pattern in which blanks stand for any white space within a paragraph."""
    return pattern.replace(" ", W)


def any_of(words: Mapping[str, object] | tuple[str, ...]) -> str:
    """A group that matches one of the words, the longest first."""
    return "(?:" + "|".join(sorted(map(spaced, words), key=lambda one: (-len(one), one))) + ")"


MONTH = any_of(MONTHS) + r"\b|(?:" + any_of(SHORT_MONTHS) + r")\b\.?"
WEEKDAY = any_of(WEEKDAYS)
SEASON = any_of(SEASONS)
ORDINAL = rf"(?:\d{{1,3}}(?:st|nd|rd|th)|{any_of(ORDINALS)})"
NUMBER = (rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,2}}{W}1/2|\d{{1,5}}(?:\.\d{{1,2}})?|{any_of(NUMBERS)}"
          rf"|(?:a|one){W}(?:hundred|thousand|dozen|million)|half{W}an?|an?{W}half)")
COUNT = rf"(?:{NUMBER}(?:{W}(?:hundred|thousand|million|dozen))?|{any_of(VAGUE)}|an?|another)"
UNIT = r"(?:second|minute|hour|day|night|week|fortnight|month|year|decade|centur(?:y|ie)|millennium|millennia)"
YEAR = r"(?:1\d{3}|20\d{2})"
DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
ABOUT = ("about", "approximately", "around", "nearly", "almost", "roughly", "some", "at least", "at most", "more than",
         "less than", "fewer than", "up to", "no more than", "no less than", "barely", "just over",
         "just under", "well over", "as many as", "as long as")


def month_number(word: str) -> int:
    """1 to 12, of a month's name in lower case, in full or short."""
    return next(number for number, full in enumerate(MONTHS, 1) if full.startswith(word[:3]))


def ordinal_number(word: str) -> int:
    """The number of `19th`, `nineteenth` or `twenty-first`; 0 for none."""
    word = "-".join(word.split())
    return ORDINALS.get(word) or int("".join(char for char in word if char.isdigit()) or 0)


def count_of(words: str) -> str:
    """A count as TIMEX3 writes it inside a duration: `3`, `2.5`, or `X` where the words do not say."""
    words = " ".join(words.split())
    if words in ("a", "an", "another"):
        return "1"
    if words in ("half a", "half an", "a half"):
        return "0.5"
    if words.endswith(" 1/2"):
        return f"{words.split()[0]}.5"
    if words[:1].isdigit():
        number, _, times = words.replace(",", "").partition(" ")
        return _times(number, times)
    first, _, times = words.partition(" ")
    if first in NUMBERS:
        return _times(str(NUMBERS[first]), times)
    if first in ("a", "one") and times in _TIMES:
        return _times("1", times)
    return "X"


_TIMES = {"": 1, "hundred": 100, "thousand": 1000, "million": 1_000_000, "dozen": 12}


def _times(number: str, times: str) -> str:
    value = float(number) * _TIMES[times] if times in _TIMES else float(number)
    return str(int(value)) if value == int(value) else str(value)
