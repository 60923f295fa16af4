"""Folding: case, accents and punctuation aside, with a map back to the original characters.

Every character that is neither a letter nor a digit becomes a blank, so that a name between blanks is a name between
word boundaries, and the automaton needs no check of its own. The end of a wrapped line counts as one blank.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_ASCII = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)) + bytes([32] * 128)
#: Where a line was wrapped, when that takes more than one character: blanks around the break, a hyphen before it.
_WRAPPED = re.compile(r"(?<=\S)(?:-[ \t]*\r?\n[ \t]*|[ \t]+\r?\n[ \t]*|\r?\n[ \t]+|\r\n)(?=\S)")
#: No mark that combines comes before the next code point.
_LAST_ALONE = "\u02ff"
_RUNS = re.compile(r"[\x00-\x7f]+|[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text, and where its characters come from.

    Most characters fold to one, so that positions agree but for a shift. From folded position `places[i]` on, up to the
    next place, folded position p comes from the original p + `shifts[i]`; before the first place the two agree.
    """

    text: str
    places: Sequence[int] = ()
    shifts: Sequence[int] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original characters behind the folded characters [start, end), which must not be empty."""
        if not self.places:
            return start, end
        return self._origin(start), self._origin(end - 1) + 1

    def _origin(self, position: int) -> int:
        at = bisect_right(self.places, position)
        return position + self.shifts[at - 1] if at else position


def fold(text: str) -> Folded:
    """Fold a text: casefold, compatibility decomposition without marks (Unicode NFKD), blanks for the rest."""
    wraps = [match.span() for match in _WRAPPED.finditer(text)] if "\n" in text else []
    if text.isascii() and not wraps:
        return Folded(_fold_ascii(text))
    parts: list[str] = []
    places: list[int] = []
    shifts: list[int] = []
    length, shift, at = 0, 0, 0  # of the folded text so far; original position minus folded one; original position
    for start, end in [*wraps, (len(text), len(text))]:
        for run in _RUNS.finditer(text, at, start):
            piece = run.group()
            if piece.isascii():
                parts.append(_fold_ascii(piece))
                length += len(piece)
                continue
            for char in piece:
                folded = _fold_char(char)
                parts.append(folded)
                for extra in range(1, len(folded)):  # all but the first come from a character that lies further back
                    places.append(length + extra)
                    shifts.append(shift - extra)
                length += len(folded)
                if len(folded) != 1:
                    shift += 1 - len(folded)
                    places.append(length)
                    shifts.append(shift)
        if end > start:
            parts.append(" ")
            length += 1
            shift += end - start - 1
            places.append(length)
            shifts.append(shift)
        at = end
    return Folded("".join(parts), places, shifts)


def _fold_ascii(text: str) -> str:
    return text.encode("ascii").translate(_ASCII).decode("ascii")


def fold_name(name: str) -> str:
    """A name as it is looked for: folded, without blanks at its ends."""
    return (_fold_ascii(name) if name.isascii() else fold(name).text).strip()


@lru_cache(maxsize=65_536)
def _fold_char(char: str) -> str:
    if unicodedata.combining(char):
        return ""
    flat = "".join(one for one in unicodedata.normalize("NFKD", char.casefold()) if not unicodedata.combining(one))
    return "".join(one if one.isalnum() else " " for one in flat.casefold()) or " "


def grapheme_end(text: str, end: int) -> int:
    """`end` moved over combining marks, so that a span never cuts a letter from its accents."""
    while end < len(text) and text[end] > _LAST_ALONE and unicodedata.combining(text[end]):
        end += 1
    return end
