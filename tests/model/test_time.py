"""Dates keep their precision, intervals are half-open, and nothing unclear becomes a date."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.model.errors import BadInput
from worldctx.model.time import DAY, Interval, civil, days_in_month, instant, iso_day, parse_interval, parse_when

DAYS = st.integers(-4_000_000, 4_000_000)


@given(DAYS)
def test_civil_is_the_inverse_of_instant(day: int) -> None:
    year, month, of_month = civil(day * DAY)
    assert instant(year, month, of_month) == day * DAY
    assert 1 <= of_month <= days_in_month(year, month)


@given(st.dates())
def test_instants_agree_with_the_standard_library(date: datetime.date) -> None:
    assert instant(date.year, date.month, date.day) == (date - datetime.date(1970, 1, 1)).days * DAY
    assert iso_day(instant(date.year, date.month, date.day)) == date.isoformat()


@given(DAYS.filter(lambda day: -9999 < civil(day * DAY)[0] < 9999))
def test_a_day_written_and_read_is_the_same_day(day: int) -> None:
    when = parse_when(iso_day(day * DAY))
    assert (when.lo, when.hi) == (day * DAY, (day + 1) * DAY)


@pytest.mark.parametrize(("text", "first", "last"), [
    ("2005", "2005-01-01", "2005-12-31"),
    ("2004-02", "2004-02-01", "2004-02-29"),
    ("1972-06-01", "1972-06-01", "1972-06-01"),
    ("199X", "1990-01-01", "1999-12-31"),
    ("1984~", "1984-01-01", "1984-12-31"),
    ("2004-21", "2004-03-01", "2004-05-31"),
    ("-0044-03-15", "-0044-03-15", "-0044-03-15"),
    ("0000", "0000-01-01", "0000-12-31"),
])
def test_a_date_covers_what_its_precision_says(text: str, first: str, last: str) -> None:
    when = parse_when(text)
    assert when.edtf == text
    assert iso_day(when.lo) == first
    assert iso_day(when.hi - 1) == last


@pytest.mark.parametrize(("text", "expected"), [
    ("2001-02-03T04:05:06Z", "2001-02-03T04:05:06Z"),
    ("2001-02-03T04:05:06+02:00", "2001-02-03T02:05:06Z"),
    ("2001-02-03 04:05:06", "2001-02-03T04:05:06Z"),
])
def test_a_timestamp_is_read_in_utc(text: str, expected: str) -> None:
    when = parse_when(text)
    assert (when.edtf, when.hi - when.lo) == (expected, 1)


@pytest.mark.parametrize("text", ["yesterday-ish", "", "2001-02-30", "2001-13", "31/12/1999", "1999/2000", "12345678901",
                                  "2001-00-00", "Y17e9", "x" * 500])
def test_what_is_no_date_is_refused_with_the_field_and_a_way_out(text: str) -> None:
    with pytest.raises(BadInput, match="published_at.*EDTF") as caught:
        parse_when(text, "published_at")
    assert caught.value.violations[0].field == "published_at"


def test_an_end_before_its_start_is_refused() -> None:
    with pytest.raises(BadInput, match="precedes"):
        parse_interval("2005", "2004-12-31")


def test_an_interval_within_one_year_may_start_and_end_in_it() -> None:
    assert parse_interval("2005", "2005").edtf == "2005/2005"


WHENS = st.builds(lambda day: parse_when(iso_day(day * DAY)), st.integers(-200_000, 200_000))
INTERVALS = st.builds(lambda a, b, left, right: Interval(min(a, b, key=lambda w: w.lo) if left else None,
                                                         max(a, b, key=lambda w: w.lo) if right else None),
                      WHENS, WHENS, st.booleans(), st.booleans())


@given(INTERVALS, st.integers(-200_000, 200_000))
def test_an_interval_covers_an_instant_iff_it_overlaps_its_second(interval: Interval, day: int) -> None:
    assert interval.covers(day * DAY) == interval.overlaps(day * DAY, day * DAY + 1)


@given(INTERVALS, INTERVALS)
def test_overlap_is_symmetric(one: Interval, other: Interval) -> None:
    assert one.overlaps(other.lo, other.hi) == other.overlaps(one.lo, one.hi)


@given(INTERVALS)
def test_an_open_side_stays_open(interval: Interval) -> None:
    assert interval.edtf.startswith("..") == (interval.start is None)
    assert interval.edtf.endswith("..") == (interval.end is None)
