"""Dates are found where they stand, with the precision that was written, and nothing unclear becomes a date."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worldctx.model.time import parse_when
from worldctx.text.dates import Type, find_dates, find_times, only_date

#: A value of TIMEX3, as far as we write it.
VALUE = re.compile(
    r"(?:PRESENT|PAST|FUTURE)_REF|PT?(?:X|\d+(?:\.\d+)?)(?:S|M|H|D|W|Y|Q|DE|CE|ML)|BC(?:\d{2}|\d{4})|\d\d|XX|\d{3}|XXX"
    r"|\d{4}/\d{4}|(?:FY)?[\dX]{4}(?:-(?:Q[1-4X]|H[12X]))?|[\dX]{4}(?:-(?:SP|SU|FA|WI|[\dX]{2}(?:-[\dX]{2})?|W[\dX]{2}(?:-(?:WE|[1-7]))?))?"
    r"(?:T(?:MO|AF|EV|NI|DT|[\dX]{2}:[\dX]{2}(?::\d\d)?(?:Z|[+-]\d\d:?\d\d)?))?|T\d\d:\d\d(?::\d\d)?Z?")

WEDNESDAY = "1998-03-18"
GOLD: list[tuple[str, str | None, list[tuple[str, str]]]] = [
    ("Signed on 12 March 1998 in Rome.", None, [("12 March 1998", "1998-03-12/1998-03-12")]),
    ("On March 12th, 1998 it rained.", None, [("March 12th, 1998", "1998-03-12/1998-03-12")]),
    ("In March 1998 and May 1999.", None, [("March 1998", "1998-03/1998-03"), ("May 1999", "1999-05/1999-05")]),
    ("The coup of 1973 ended it.", None, [("1973", "1973/1973")]),
    ("Between 1990 and 1995 it grew.", None, [("Between 1990 and 1995", "1990/1995")]),
    ("the years 1990-95", None, [("1990-95", "1990/1995")]),
    ("throughout the 1990s", None, [("the 1990s", "199X/199X")]),
    ("in the nineteenth century", None, [("the nineteenth century", "18XX/18XX")]),
    ("Caesar died in 44 BC.", None, [("44 BC", "-0043/-0043")]),
    ("in the spring of 1968", None, [("the spring of 1968", "1968-21/1968-21")]),
    ("since 1990 they have met", None, [("since 1990", "1990/..")]),
    ("until 2003 it was closed", None, [("until 2003", "../2003")]),
    ("2001-09-11 changed much", None, [("2001-09-11", "2001-09-11/2001-09-11")]),
    ("He said so yesterday.", WEDNESDAY, [("yesterday", "1998-03-17/1998-03-17")]),
    ("He left last Tuesday.", WEDNESDAY, [("last Tuesday", "1998-03-17/1998-03-17")]),
    ("He comes next Monday.", WEDNESDAY, [("next Monday", "1998-03-23/1998-03-23")]),
    ("two years ago it fell", WEDNESDAY, [("two years ago", "1996/1996")]),
    ("last month it rose", WEDNESDAY, [("last month", "1998-02/1998-02")]),
    ("last week it rose", WEDNESDAY, [("last week", "1998-03-09/1998-03-15")]),
    ("on 5 May we meet", WEDNESDAY, [("5 May", "1998-05-05/1998-05-05")]),
    ("this year is good", "1972", [("this year", "1972/1972")]),
    ("yesterday it fell", "1972", [("yesterday", "../..")]),
    ("yesterday it fell", None, [("yesterday", "../..")]),
    ("1066 people came", None, []),
    ("2000 tonnes of rice", None, []),
    ("Security Council resolution 1973 asks", None, []),
    ("a price of $1999 is high", None, []),
    ("31 February 1999 never was", None, [("February 1999", "1999-02/1999-02")]),
]


@pytest.mark.parametrize(("text", "anchor", "expected"), GOLD, ids=[text for text, _, _ in GOLD])
def test_a_date_is_read_as_a_person_would(text: str, anchor: str | None, expected: list[tuple[str, str]]) -> None:
    found = find_dates(text, parse_when(anchor) if anchor else None)
    assert [(one.surface, one.valid.edtf) for one in found] == expected


WORDS = st.sampled_from([
    *"the a an last next this that every each first second third fourth early mid- late end of about ago later earlier in on by since until "
    "from to and half quarter fiscal year years month months week weeks day days hour hours decade decades century centuries "
    "millennium night morning monday Tuesday Fridays January May march Sept. 3 15 31st 1998 1066 2005-06 19th nineteenth two twenty-one several "
    "few now recently past future spring fall winter Christmas Easter today tomorrow noon midnight 8:30 p.m. GMT o'clock BC AD 44 c. circa 1990s "
    "'80s thirties annual daily long old - – / ( ) , . ; will was Q3 H1 2012 1999-12-31 10/31/97 20260101_11:00 December 29 February 0 99 AH".split(),
    "\n", "\r\n", "\n\n", "\xa0", "İ", "é", "🙂", "’s", "half a", "a couple of", "the day after", "two and a half", "old style"])
ANCHORS = st.sampled_from([None, "1998-03-18", "2000-02-29", "0001-01-01", "9998-12-31", "1983", "1983-11", "199X", "-0044-03-15"])


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=80), ANCHORS)
def test_whatever_the_text_expressions_are_exact_apart_and_what_they_stand_for_can_be_read(text: str, date: str | None) -> None:
    end, anchor = 0, parse_when(date) if date else None
    found = find_times(text, anchor)
    for one in found:
        assert text[one.span.start:one.span.end] == one.surface
        assert end <= one.span.start < one.span.end
        end = one.span.end
        assert VALUE.fullmatch(one.reading.value), one
        if one.interval is not None:
            assert one.interval.lo < one.interval.hi
            assert one.reading.type in (Type.DATE, Type.TIME)
    assert find_times(text, anchor) == found
    end = 0
    for date_named in find_dates(text, anchor):
        assert text[date_named.span.start:date_named.span.end] == date_named.surface
        assert date_named.span.start >= end
        end = date_named.span.end


def test_a_prompt_with_one_date_is_about_that_date() -> None:
    assert only_date("who led Chile in 1972?") == parse_when("1972")
    assert only_date("who led Chile?") is None
    assert only_date("was it 1972 or 1985?") is None
    period = only_date("who led Chile from 1970 to 1973?")
    assert period is not None
    assert (period.lo, period.hi) == (parse_when("1970").lo, parse_when("1973").hi)
