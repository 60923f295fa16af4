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


class Standing:
    """The attributes of one thing after some tellings, in the order in which they came."""

    def __init__(self, count: int) -> None:
        """Nothing is told yet of any of `count` attributes."""
        self.values: list[object] = [None] * count
        self._agreed: list[set[object]] = [set() for _ in range(count)]

    def tell(self, source: object, given: Sequence[object]) -> bool:
        """Take a telling in; False when there is no need to keep it.

        Args:
            source: who tells it; None for nobody in particular.
            given: a value for each attribute, SILENT for those that it says nothing of. A later value wins.
        """
        adds = False
        for place, value in enumerate(given):
            if value in SILENT:
                continue
            if self.values[place] != value:
                self.values[place] = value
                self._agreed[place] = {source}
                adds = True
            elif source not in self._agreed[place]:
                self._agreed[place].add(source)
                adds = True
        return adds


def mask_of(given: Sequence[object]) -> int:
    """Which attributes a telling gives: bit n for the n-th."""
    return sum(1 << place for place, value in enumerate(given) if value not in SILENT)


def given_of(values: Sequence[Any], mask: int | None) -> list[Any]:
    """Of the attributes as they stood after a telling those that it gave; None as mask for all that have a value."""
    return [value if mask is None or mask >> place & 1 else None for place, value in enumerate(values)]
