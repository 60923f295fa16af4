"""Folding: case, accents and punctuation aside, with a map back to the original characters.

Every character that is neither a letter nor a digit becomes a blank, so that a name between blanks is a name between
word boundaries, and the automaton needs no check of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_ASCII = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)) + bytes([32] * 128)
_RUNS = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. `origin[i]` is the original character behind folded character i; None is the identity."""

    text: str
    origin: Sequence[int] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original characters behind the folded characters [start, end), which must not be empty."""
        if self.origin is None:
            return start, end
        return self.origin[start], self.origin[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold a text: casefold, compatibility decomposition without marks (Unicode NFKD), blanks for the rest."""
    if text.isascii():
        return Folded(text.encode("ascii").translate(_ASCII).decode("ascii"), None)
    parts: list[str] = []
    origin: list[int] = []
    for run in _RUNS.finditer(text):
        piece, start = run.group(), run.start()
        if piece.isascii():
            parts.append(piece.encode("ascii").translate(_ASCII).decode("ascii"))
            origin.extend(range(start, run.end()))
            continue
        for offset, char in enumerate(piece, start):
            folded = _fold_char(char)
            parts.append(folded)
            origin.extend([offset] * len(folded))
    return Folded("".join(parts), origin)


def fold_name(name: str) -> str:
    """A name as it is looked for: folded, without blanks at its ends."""
    return fold(name).text.strip()


@lru_cache(maxsize=65_536)
def _fold_char(char: str) -> str:
    if unicodedata.combining(char):
        return ""
    flat = "".join(one for one in unicodedata.normalize("NFKD", char.casefold()) if not unicodedata.combining(one))
    return "".join(one if one.isalnum() else " " for one in flat.casefold()) or " "


def grapheme_end(text: str, end: int) -> int:
    """`end` moved over combining marks, so that a span never cuts a letter from its accents."""
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    return end
