"""A budget is counted as the tokenizer itself counts, however the count is come by."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import ByteLevel

from worldctx.embed.tokens import WordPieceCounter, open_tokens
from worldctx.model.errors import BadInput

PIECES = st.sampled_from(["Ångström", "e\u0301", " ", "  ", "\u00a0", "\t", "\r\n", "\x00", "\x0b", "\u2028", "[SEP]", "a[MASK]b", "##ing", "unaffable", "中国", "👩\u200d🚀", "ΣΑΣ", "İ", "-", "x" * 80, "x" * 120])


@pytest.mark.model
@settings(max_examples=300, deadline=None)
@given(text=st.lists(PIECES | st.text(max_size=6), max_size=20).map("".join))
def test_the_count_is_that_of_the_whole_text(text: str) -> None:
    counter = open_tokens()
    if not isinstance(counter, WordPieceCounter):
        pytest.skip("the extra `embed` is not installed")
    assert counter.count(text) == len(counter._tokenizer.encode(text, add_special_tokens=False))


def test_a_tokenizer_that_does_not_cut_at_blanks_first_counts_the_text_as_a_whole(tmp_path: Path) -> None:
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    assert open_tokens(str(tmp_path / "tokenizer.json")).count("one two three") == 1


def test_a_tokenizer_that_is_not_there_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no file"):
        open_tokens(str(tmp_path / "tokenizer.json"))
