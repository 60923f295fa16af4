"""A question is understood: the times, sessions and sources that it names, and whether it asks about now."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.lookup.question import Question, question_of, sessions_named
from worldctx.model.time import iso_day, parse_when
from worldctx.text.dates import find_dates

TODAY = parse_when("2026-12-31")


def read(text: str, today: str = "2026-12-31", as_of: bool = True) -> Question:
    anchor = parse_when(today)
    return question_of(text, tuple(find_dates(text, anchor)), anchor, as_of)


def times(text: str) -> list[tuple[str, str]]:
    """First and last day of what a question names."""
    return [(iso_day(one.lo), iso_day(one.hi - 1)) for one in read(text).periods]


@pytest.mark.parametrize(("text", "first", "last"), [
    ("What did we discuss on May 3, 2026?", "2026-05-03", "2026-05-03"),
    ("What did we discuss in May 2026?", "2026-05-01", "2026-05-31"),
    ("What is the theme of the chat on 20260901_13:00?", "2026-09-01", "2026-09-01"),
    ("What came up in the first week of March 2026?", "2026-03-01", "2026-03-07"),
    ("What came up on the weekend of June 6, 2026?", "2026-06-06", "2026-06-07"),
    ("What was said between May 3, 2026 and May 10, 2026?", "2026-05-03", "2026-05-10"),
    ("Who led the league from Sep 2001 to Oct 2003?", "2001-09-01", "2003-10-31"),
    ("Who led the league from 1998 to 2003?", "1998-01-01", "2003-12-31"),
    ("From April 8 to April 10, 2026, what did they chat about?", "2026-04-08", "2026-04-10"),
    ("Who played there yesterday?", "2026-12-30", "2026-12-30"),
])
def test_a_time_is_as_long_as_its_words_say(text: str, first: str, last: str) -> None:
    assert times(text) == [(first, last)]


def test_a_day_without_a_year_is_the_last_one_of_its_name() -> None:
    assert times("What does he report on January 6th?") == [("2026-01-06", "2026-01-06")]


@pytest.mark.parametrize(("text", "day", "inside"), [
    ("Who led the club before 2001?", "2000-06-01", True), ("Who led the club before 2001?", "2001-06-01", False),
    ("Who led the club after 2001?", "2002-01-01", True), ("Who led the club after 2001?", "2001-12-31", False),
])
def test_before_and_after_are_sides(text: str, day: str, inside: bool) -> None:
    when = parse_when(day)
    assert [one.has(when.lo, when.hi) for one in read(text).periods] == [inside]


@pytest.mark.parametrize(("text", "said", "bare"), [
    ("What did we talk about on May 3, 2026?", True, True),
    ("What song did they discuss on May 3, 2026?", True, False),
    ("Which team did he play for in May 2026?", False, False),
    ("What songs did they discuss?", False, False),
])
def test_a_date_of_a_talk_is_told_from_one_that_is_talked_about(text: str, said: bool, bare: bool) -> None:
    found = read(text)
    assert (found.said, found.bare) == (said, bare)


@pytest.mark.parametrize(("text", "sessions"), [
    ("What did we talk about in session 12?", (12,)), ("In our third conversation, what came up?", (3,)),
    ("Summarize the 4th chat.", (4,)), ("What did I say in the last session?", (-1,)),
    ("Who won the third match?", ()), ("What happened in 1812?", ()),
])
def test_sessions_are_numbers(text: str, sessions: tuple[int, ...]) -> None:
    assert read(text).sessions == sessions


def test_a_title_names_its_session() -> None:
    assert sessions_named("conv-26 session_3") == {3}
    assert sessions_named("Conversation #7: the garden") == {7}
    assert sessions_named("The 3 Amigos") == frozenset()


def test_a_source_is_named() -> None:
    assert read("According to Reuters, who won the vote?").sources == (("reuter",),)


@pytest.mark.parametrize(("text", "now"), [
    ("Who is the current mayor?", True), ("What is the latest on the strike?", True), ("Who was mayor in 1990?", False),
    ("Who is the mayor?", False),
])
def test_now_is_told(text: str, now: bool) -> None:
    assert read(text).now is now


def test_a_date_of_asking_matters_where_now_is_asked_about_and_one_that_is_asked_for_always() -> None:
    assert read("Who is the mayor?", as_of=False).anchor is None
    assert read("Who is the current mayor?", as_of=False).anchor == TODAY
    assert read("Who is the mayor?").anchor == TODAY
    assert read("Who is the mayor?", "2026").anchor is None, "a year is too coarse to tell what is recent"


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    found = read(text)
    assert all(one.lo < one.hi and one.days >= 1 for one in found.periods)
    assert found == read(text)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_every_day_in_digits_is_that_day(day: date) -> None:
    assert times(f"What was said on {day:%Y%m%d}?") == [(day.isoformat(), day.isoformat())]
