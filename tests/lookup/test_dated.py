"""A date belongs to what its clause tells; the attribute of one noun dates no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.lookup.dated import covered, date_of
from worldctx.model.context import Link, Span
from worldctx.model.ids import EntityId
from worldctx.text.dates import find_dates


def told(text: str, word: str) -> str | None:
    start = text.index(word)
    found = date_of(text, Span(0, len(text)), Span(start, start + len(word)), find_dates(text, None))
    return found.surface if found is not None else None


@pytest.mark.parametrize(("text", "word", "date"), [
    ("The city was founded in 1850 and burned down in 1871.", "founded", "1850"),
    ("The city was founded in 1850 and burned down in 1871.", "burned", "1871"),
    ("In 1998 the treaty was signed, and the embassy opened.", "signed", "1998"),
    ("In 1998 the treaty was signed, and the embassy opened.", "opened", "1998"),
    ("In 1998 the treaty was signed, and the embassy opened in 2001.", "opened", "2001"),
    ("Tenney Frank (1876-1939) taught Smith.", "Tenney Frank", "1876-1939"),
    ("The 1996 elections were lost by Dole.", "elections", "1996"),
    ("He recalled the 1996 elections when he met Dole.", "met", None),
    ("The bridge, which was built in 1932, collapsed.", "built", "1932"),
    ("The war ended in 1945; the town was rebuilt; the mill closed.", "closed", None),
    ("Nothing is said of when it burned.", "burned", None),
])
def test_a_date_belongs_to_the_clause_that_it_stands_in(text: str, word: str, date: str | None) -> None:
    assert told(text, word) == date


def link(text: str, word: str) -> Link:
    start = text.index(word)
    return Link(Span(start, start + len(word)), word, EntityId(f"ent:{word}"), word, None, 1.0)


def test_a_text_is_about_the_time_that_most_of_its_names_are_told_of() -> None:
    text = "In 1944 Eisenhower, Montgomery and Bradley landed. A film of 1962 shows it. The book of 1959 does, too."
    weights = covered(text, [link(text, word) for word in ("Eisenhower", "Montgomery", "Bradley")], find_dates(text, None))
    assert weights.most_common(1)[0][0].edtf == "1944/1944"


@given(st.text(alphabet=st.sampled_from("In 1944, the (1850) x; and who.\n"), max_size=120), st.integers(0, 100), st.integers(0, 20))
def test_whatever_the_text_the_date_is_one_of_those_given(text: str, start: int, size: int) -> None:
    dates = find_dates(text, None)
    found = date_of(text, Span(0, len(text)), Span(min(start, len(text)), min(start + size, len(text))), dates)
    assert found is None or found in dates
