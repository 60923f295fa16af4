"""A time of Wikidata becomes the EDTF date that it means, and never more precise than it was stated."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.wikidata.made import GREGORIAN, JULIAN
from worldctx.exchange.wikidata.reason import BROKEN_TIME, COARSE, NO_YEAR, Reason
from worldctx.exchange.wikidata.times import about, between, when_of
from worldctx.model.time import DAY, When, civil, instant, iso_day, parse_when

EDTF = [
    ("+1952-03-11T00:00:00Z", 11, "1952-03-11"),
    ("+00000001952-03-11T00:00:00Z", 11, "1952-03-11"),  # as dumps before 2015 wrote it
    ("+1952-03-11T00:00:00Z", 14, "1952-03-11"),  # there is no time of day in Wikibase
    ("+1952-03-00T00:00:00Z", 10, "1952-03"),
    ("+1952-03-11T00:00:00Z", 10, "1952-03"),
    ("+1952-01-01T00:00:00Z", 9, "1952"),  # a year is no January 1st
    ("+2021-00-00T00:00:00Z", 9, "2021"),
    ("+2021-00-00T00:00:00Z", 11, "2021"),  # what is there
    ("+2021-07-00T00:00:00Z", 11, "2021-07"),
    ("+2021-00-05T00:00:00Z", 10, "2021"),
    ("+1900-02-29T00:00:00Z", 11, "1900-02"),  # a day that there was not
    ("+0044-00-00T00:00:00Z", 9, "0044"),
    ("-0044-03-15T00:00:00Z", 11, "-0043-03-15"),  # 44 BCE is the astronomical year -43
    ("-0044-00-00T00:00:00Z", 9, "-0043"),
    ("-0001-00-00T00:00:00Z", 9, "0000"),
    ("+12021-05-01T00:00:00Z", 11, "Y12021"),
    ("-12021-00-00T00:00:00Z", 9, "Y-12020"),
    ("+1950-00-00T00:00:00Z", 8, "195X"),
    ("+1957-00-00T00:00:00Z", 8, "195X"),
    ("+0007-00-00T00:00:00Z", 8, "[0001..0009]"),
    ("-0044-00-00T00:00:00Z", 8, "[-0048..-0039]"),  # the 40s BCE: 49 to 40 BCE
    ("-0003-00-00T00:00:00Z", 8, "[-0008..0000]"),
    ("+2000-00-00T00:00:00Z", 7, "[1901..2000]"),  # the 20th century, as Wikibase shows it
    ("+1901-00-00T00:00:00Z", 7, "[1901..2000]"),
    ("+1900-00-00T00:00:00Z", 7, "[1801..1900]"),
    ("-0100-00-00T00:00:00Z", 7, "[-0099..0000]"),  # the 1st century BCE: 100 to 1 BCE
    ("-0101-00-00T00:00:00Z", 7, "[-0199..-0100]"),
    ("+2000-00-00T00:00:00Z", 6, "[1001..2000]"),
    ("-1500-00-00T00:00:00Z", 6, "[-1999..-1000]"),
]


def read(time: str, precision: int = 11, calendar: str = GREGORIAN) -> When | Reason:
    return when_of({"time": time, "precision": precision, "calendarmodel": calendar, "timezone": 0, "before": 0, "after": 0})


def shown(time: str, precision: int = 11, calendar: str = GREGORIAN) -> str:
    found = read(time, precision, calendar)
    assert isinstance(found, When), found
    return found.edtf


@pytest.mark.parametrize(("time", "precision", "edtf"), EDTF)
def test_a_time_is_as_precise_as_it_was_stated(time: str, precision: int, edtf: str) -> None:
    assert shown(time, precision) == edtf


@pytest.mark.parametrize(("julian", "gregorian"), [
    ("+1616-04-23", "1616-05-03"), ("+1917-10-25", "1917-11-07"), ("+1582-10-04", "1582-10-14"), ("+1700-02-29", "1700-03-11"),
    ("+0004-02-29", "0004-02-27"), ("+0001-01-01", "0000-12-30"), ("-0044-03-15", "-0043-03-13"), ("-4713-01-01", "-4713-11-24"),
])
def test_a_day_of_the_julian_calendar_becomes_a_gregorian_one(julian: str, gregorian: str) -> None:
    assert shown(f"{julian}T00:00:00Z", 11, JULIAN) == gregorian


def test_what_is_less_precise_than_a_day_is_not_converted() -> None:
    assert [shown("+1616-04-23T00:00:00Z", precision, JULIAN) for precision in (10, 9, 8)] == ["1616-04", "1616", "161X"]


@pytest.mark.parametrize(("time", "precision", "why"), [
    ("+0000-00-00T00:00:00Z", 9, NO_YEAR), ("-13798000000-00-00T00:00:00Z", 3, COARSE), ("+2000-00-00T00:00:00Z", 5, COARSE), ("+99000-00-00T00:00:00Z", 7, COARSE),
    ("+2000-13-01T00:00:00Z", 11, BROKEN_TIME), ("+2000-01-32T00:00:00Z", 11, BROKEN_TIME), ("2000-01-01", 11, BROKEN_TIME), ("", 11, BROKEN_TIME),
    ("+9999999999999999-00-00T00:00:00Z", 9, NO_YEAR), ("+2000-01-01T00:00:00Z\n", 11, BROKEN_TIME),
])
def test_what_is_no_date_says_why(time: str, precision: int, why: Reason) -> None:
    assert read(time, precision) == why


@pytest.mark.parametrize("value", [{}, {"time": None, "precision": 11}, {"time": "+2000-01-01T00:00:00Z", "precision": "11"}, {"time": "+2000-01-01T00:00:00Z", "precision": 11, "calendarmodel": 3}])
def test_a_time_that_is_not_in_the_data_model_says_why(value: dict[str, object]) -> None:
    assert when_of(value) == BROKEN_TIME


@settings(deadline=None)  # the first date that the EDTF library reads makes its grammar
@given(st.integers(-9000, 9000).filter(bool), st.integers(0, 12), st.integers(0, 31), st.integers(6, 11), st.booleans())
def test_every_time_in_reach_gives_a_date_that_holds_its_year(year: int, month: int, day: int, precision: int, julian: bool) -> None:
    found = read(f"{'-' if year < 0 else '+'}{abs(year):04d}-{month:02d}-{day:02d}T00:00:00Z", precision, JULIAN if julian else GREGORIAN)
    assert isinstance(found, When)
    assert parse_when(found.edtf) == found
    astronomical = year if year > 0 else year + 1
    slack = 70 * DAY if julian and precision == 11 else 0  # how far the two calendars are apart by then
    assert found.lo < instant(astronomical + 1) + slack
    assert found.hi > instant(astronomical) - slack
    shortest = {11: 1, 10: 28, 9: 365, 8: 3287, 7: 36_524, 6: 365_242}[precision if month or precision < 10 else 9]
    assert found.hi - found.lo >= shortest * DAY


@settings(deadline=None)  # the first date that the EDTF library reads makes its grammar
@given(st.integers(instant(-4000) // DAY, instant(4000) // DAY))
def test_days_of_the_julian_calendar_follow_each_other(number: int) -> None:
    """Counted by another way: the Julian date of a day, from the days since 1 January of the year 1 in cycles of four years."""
    days = number - (instant(0, 12, 30) // DAY)  # 1 January of the year 1, Julian
    cycle, rest = divmod(days, 1461)
    year_in_cycle = min(rest // 365, 3)
    year, day = cycle * 4 + year_in_cycle + 1, rest - 365 * year_in_cycle
    lengths = [31, 29 if year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    month = 1
    while day >= lengths[month - 1]:
        day -= lengths[month - 1]
        month += 1
    historical = year if year > 0 else year - 1
    assert shown(f"{'-' if historical < 0 else '+'}{abs(historical):04d}-{month:02d}-{day + 1:02d}T00:00:00Z", 11, JULIAN) == iso_day(number * DAY)
    assert civil(number * DAY)[0] - year in (-1, 0, 1)


def test_a_date_between_two_years_is_a_set_and_an_approximate_one_says_so() -> None:
    first, last = parse_when("1480"), parse_when("1490")
    found = between(first, last)
    assert found is not None
    assert found.edtf == "[1480..1490]"
    assert between(last, first) is None
    assert between(first, parse_when("1490-05")) is None
    assert [about(parse_when(one)).edtf for one in ("1480", "1480-05", "-0043-03-15", "148X")] == ["1480~", "1480-05~", "-0043-03-15~", "148X"]
