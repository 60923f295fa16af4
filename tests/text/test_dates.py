"""Dates are found where they stand, with the precision that was written, and nothing unclear becomes a date."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.model.time import parse_when
from worldctx.text.dates import find_dates, only_date

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


@given(st.text(alphabet=st.sampled_from("19 0287JanuaryMayof,-–/st yesterday\r\né🙂\u0301\0"), max_size=200))
def test_spans_are_exact_and_disjoint_whatever_the_text(text: str) -> None:
    end = 0
    for one in find_dates(text, parse_when("2001-02-03")):
        assert text[one.span.start:one.span.end] == one.surface
        assert one.span.start >= end
        end = one.span.end


def test_a_prompt_with_one_date_is_about_that_date() -> None:
    assert only_date("who led Chile in 1972?") == parse_when("1972")
    assert only_date("who led Chile?") is None
    assert only_date("was it 1972 or 1985?") is None
    period = only_date("who led Chile from 1970 to 1973?")
    assert period is not None
    assert (period.lo, period.hi) == (parse_when("1970").lo, parse_when("1973").hi)
