"""Words become the same index terms whoever asks, and those that are stored in indexes stay what they are."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.search.analysis import LONGEST_TERM, term_of, terms, words


@pytest.mark.parametrize(("text", "expected"), [
    ("The Ministers' ministries were generously organised", ["minist", "ministri", "generous", "organis"]),
    ("Elections, elected, election of 1972", ["elect", "elect", "elect", "1972"]),
    ("ÉLYSÉE naïve Москва", ["elyse", "naiv", "москва"]),
    ("skies dying early inning herring evening", ["sky", "die", "earli", "inning", "herring", "evening"]),
])
def test_terms_are_those_of_stored_indexes(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_a_term_has_a_longest_length() -> None:
    assert len(term_of("x" * 100)) == LONGEST_TERM


def test_threads_that_stem_at_once_get_the_same_terms() -> None:
    text = " ".join(f"{word}{end}" for word in ("nation", "gener", "relat", "hope", "formal") for end in (
        "s", "ing", "ed", "ational", "fulness", "izations", "iviti", "ously"))
    uncached = term_of.__wrapped__
    expected = [uncached(word) for word in text.split()]
    with ThreadPoolExecutor(8) as threads:
        for found in threads.map(lambda _: [uncached(word) for word in text.split() * 20], range(32)):
            assert found == expected * 20


@given(st.text(st.characters(max_codepoint=127)))
def test_words_are_runs_of_letters_and_digits(text: str) -> None:
    assert words(text) == re.findall(r"[a-z0-9]+", text.lower())
