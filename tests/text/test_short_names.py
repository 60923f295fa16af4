"""Demonyms and declared acronyms: where they stand, and what they stand for."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.text.acronyms import declared_acronyms
from worldctx.text.demonyms import find_demonyms
from worldctx.text.fold import fold

WORDS = st.sampled_from(["French", "South", "Korean", "US", "U.S.", "the", "(WHO)", "World", "Health", "Organization", "é", "\n", "  "])


@pytest.mark.parametrize(("text", "surfaces"), [
    ("A French minister and three Kenyans met.", ["French", "Kenyans"]),
    ("U.S. beef, US troops and the U.K.", ["U.S.", "US", "U.K."]),
    ("The South\nKorean and North Korean sides.", ["South\nKorean", "North Korean"]),
    ("A French-speaking town; the French language.", []),
    ("THE US AND THEM", []),
    ("frenchified, Frenchify, it told us", []),
    ("", []),
])
def test_demonyms_are_found_as_they_are_written(text: str, surfaces: list[str]) -> None:
    assert [one.surface for one in find_demonyms(text)] == surfaces


def test_a_demonym_may_stand_for_several_places() -> None:
    (one,) = find_demonyms("the Congolese people")
    assert one.places == (("iso:COD",), ("iso:COG",))


@pytest.mark.parametrize(("text", "short", "name"), [
    ("the World Health Organization (WHO) met", "WHO", "World Health Organization"),
    ("the Department of Health (DOH) said", "DOH", "Department of Health"),
    ("the Palestine Liberation Organization \n[PLO] has", "PLO", "Palestine Liberation Organization"),
    ("the Treatment Action Campaign (Tac) states", "Tac", "Treatment Action Campaign"),
])
def test_a_short_form_is_declared_behind_its_name(text: str, short: str, name: str) -> None:
    found = declared_acronyms(text)[short]
    assert text[found.start:found.end] == name


@pytest.mark.parametrize("text", ["He came (USA) late.", "the army (see BBC)", "(WHO)", "cattle (BSE) died", "", "[A] (b) (())"])
def test_what_is_in_brackets_is_no_short_form_of_what_it_does_not_begin(text: str) -> None:
    assert declared_acronyms(text) == {}


@given(st.lists(WORDS, max_size=12).map(" ".join))
def test_spans_stand_where_they_say(text: str) -> None:
    demonyms = find_demonyms(text)
    assert [text[one.start:one.end] for one in demonyms] == [one.surface for one in demonyms]
    assert all(one.end <= other.start for one, other in pairwise(demonyms))
    for short, one in declared_acronyms(text).items():
        assert short == one.short
        assert 0 <= one.start < one.end <= len(text)


@pytest.mark.parametrize(("text", "folded"), [
    ("World Trade \n Organization", "world trade organization"),
    ("Guinea-\nBissau", "guinea bissau"),
    ("one\r\ntwo", "one two"),
    ("One.\n\nTwo", "one   two"),
])
def test_a_wrapped_line_is_one_blank_and_a_paragraph_is_not(text: str, folded: str) -> None:
    found = fold(text)
    assert found.text == folded
    for place, char in enumerate(folded):
        start, end = found.span(place, place + 1)
        assert char == " " or text[start:end].casefold() == char
