"""Periods, bounds, sessions, feasts and other calendars: what of them is certain becomes an interval, the rest stays open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.model.time import ALWAYS, instant, parse_when
from worldctx.text.dates import Mod, find_dates, find_times
from worldctx.text.dates.holidays import HOLIDAYS, easter, holiday_value
from worldctx.text.dates.julian import gregorian
from worldctx.text.dates.value import interval_of, iso_week, monday


def named(text: str, date: str | None = None) -> list[tuple[str, str, str]]:
    return [(one.surface, one.valid.edtf, one.value) for one in find_dates(text, parse_when(date) if date else None)]


@pytest.mark.parametrize(("text", "surface", "edtf", "value"), [
    ("It grew from 1990 to 1995.", "from 1990 to 1995", "1990/1995", "1990/1995"),
    ("It grew between 1990 and 1995.", "between 1990 and 1995", "1990/1995", "1990/1995"),
    ("He ruled (1876–1909) there.", "1876–1909", "1876/1909", "1876/1909"),
    ("It ran 3 May 2004 – 5 June 2005.", "3 May 2004 – 5 June 2005", "2004-05-03/2005-06-05", "2004-05-03/2005-06-05"),
    ("Since March 1990 it is open.", "Since March 1990", "1990-03/..", "1990-03"),
    ("It was open until 2003.", "until 2003", "../2003", "2003"),
    ("The fifty-third session of the General Assembly ended.", "The fifty-third session of the General Assembly", "1998-09/1999-09", ""),
    ("the 1st session of the United Nations General Assembly", "the 1st session of the United Nations General Assembly", "1946-01/1946-12", ""),
    ("It began c. 1850 there.", "c. 1850", "1850~/1850~", "1850"),
    ("It began in the late 1960s.", "the late 1960s", "1967/1969", "196"),
    ("It began in the third quarter of 1998.", "the third quarter of 1998", "1998-07/1998-09", "1998-Q3"),
    ("It began in fiscal 1998.", "fiscal 1998", "../..", "FY1998"),
    ("He came in 1420 AH to Cairo.", "1420 AH", "../..", "XXXX"),
    ("Signed on 03/04/2019.", "03/04/2019", "../..", "2019-XX-XX"),
    ("Easter 2024 was early.", "Easter 2024", "2024-03-31/2024-03-31", "2024-03-31"),
    ("He died on 5 March 1953 (Julian).", "5 March 1953 (Julian)", "1953-03-18/1953-03-18", "1953-03-18"),
])
def test_a_period_is_read_whole_and_only_what_is_certain_has_ends(text: str, surface: str, edtf: str, value: str) -> None:
    assert named(text) == [(surface, edtf, value)]


def test_durations_sets_and_references_are_no_dates() -> None:
    assert named("For three years he now comes every week, in the past too.", "1998-03-18") == []


def test_the_session_of_a_body_without_a_known_rule_stays_unnamed() -> None:
    assert named("the fifty-third session of the Economic and Social Council") == []


@pytest.mark.parametrize(("year", "month", "day"), [(1900, 4, 15), (1998, 4, 12), (2000, 4, 23), (2008, 3, 23), (2038, 4, 25)])
def test_easter_falls_where_the_church_has_it(year: int, month: int, day: int) -> None:
    assert easter(year) == instant(year, month, day)


@pytest.mark.parametrize(("name", "year", "value"), [
    ("thanksgiving", 1998, "1998-11-26"), ("memorial day", 1998, "1998-05-25"), ("labor day", 2013, "2013-09-02"),
    ("good friday", 1998, "1998-04-10"), ("christmas", None, "XXXX-12-25"), ("easter", None, "XXXX-XX-XX"), ("no feast", 1998, None),
])
def test_a_feast_has_its_day(name: str, year: int | None, value: str | None) -> None:
    assert holiday_value(name, year) == value


@given(st.sampled_from(sorted(HOLIDAYS)), st.integers(1600, 9999))
def test_every_feast_is_a_day_of_its_year(name: str, year: int) -> None:
    value = holiday_value(name, year)
    assert value is not None
    assert parse_when(value).is_exact_day
    assert value.startswith(f"{year:04d}-")


@pytest.mark.parametrize(("day", "converted"), [
    ((1917, 10, 25), "1917-11-07"), ((1582, 10, 4), "1582-10-14"), ((1700, 2, 29), "1700-03-11"), ((1701, 2, 29), None), ((1917, 13, 1), None),
])
def test_days_of_the_julian_calendar_are_converted(day: tuple[int, int, int], converted: str | None) -> None:
    assert gregorian(*day) == converted


@given(st.integers(1, 9998), st.integers(1, 53))
def test_weeks_are_those_of_iso_8601(year: int, week: int) -> None:
    import datetime

    try:
        expected = datetime.date.fromisocalendar(year, week, 1)
    except ValueError:
        return
    assert monday(year, week) == instant(expected.year, expected.month, expected.day)
    if expected.year == year or week == 1:
        assert iso_week(monday(year, week)) == (year, week)


@pytest.mark.parametrize("value", ["XXXX-05", "P3Y", "PRESENT_REF", "FY1998", "T12:00", "1998-W99", "1998-02-31", "XXXX-WXX-1", ""])
def test_a_value_that_is_no_certain_time_has_no_interval(value: str) -> None:
    assert interval_of(value) is None


def test_early_and_late_narrow_what_is_long() -> None:
    found = [interval_of("199", mod) for mod in (Mod.START, Mod.MID, Mod.END, Mod.NONE)]
    assert [one.edtf for one in found if one is not None] == ["1990/1993", "1994/1996", "1997/1999", "199X/199X"]
    assert [one.reading.mod for one in find_times("in the early 1990s and mid-April 1998", None)] == [Mod.START, Mod.MID]
    assert find_dates("yesterday", None)[0].valid == ALWAYS
