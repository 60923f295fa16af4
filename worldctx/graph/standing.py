"""What is told of one thing, attribute by attribute: which value counts, and who has said so since it does. Pure.

Several sources may tell the same, and any of them may be erased: a telling is kept unless the store would say the same
without it, whichever of the other sources were gone. That is so when, for each attribute that it gives, its source has
given this value already and no source gave another one since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: What says nothing of an attribute.
SILENT = (None, "")
_NOBODY = object()


class Standing:
    """The attributes of one thing after some tellings, in the order in which they came.

    Most things are told by one source alone: who agrees on which value is noted only when another comes.
    """

    __slots__ = ("_agreed", "_sole", "values")

    def __init__(self, count: int) -> None:
        """Nothing is told yet of any of `count` attributes."""
        self.values: list[object] = [None] * count
        self._sole: object = _NOBODY
        self._agreed: list[set[object]] = []

    def tell(self, source: object, given: Sequence[object]) -> bool:
        """Take a telling in; False when there is no need to keep it.

        Args:
            source: who tells it; None for nobody in particular.
            given: a value for each attribute, SILENT for those that it says nothing of. A later value wins.
        """
        if self._sole is _NOBODY:
            self._sole = source
        if not self._agreed and source != self._sole:
            self._agreed = [set() if value in SILENT else {self._sole} for value in self.values]
        adds = False
        for place, value in enumerate(given):
            if value is None or value == "":
                continue
            if self.values[place] != value:
                self.values[place] = value
                adds = True
                if self._agreed:
                    self._agreed[place] = {source}
            elif self._agreed and source not in self._agreed[place]:
                self._agreed[place].add(source)
                adds = True
        return adds


def mask_of(given: Sequence[object]) -> int:
    """Which attributes a telling gives: bit n for the n-th."""
    mask, bit = 0, 1
    for value in given:
        if value is not None and value != "":
            mask |= bit
        bit <<= 1
    return mask


def given_of(values: Sequence[Any], mask: int | None) -> list[Any]:
    """Of the attributes as they stood after a telling those that it gave; None as mask for all that have a value."""
    return [value if mask is None or mask >> place & 1 else None for place, value in enumerate(values)]
