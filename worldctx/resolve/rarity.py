"""How common words of names, neighbours and regions are in a graph: what many share tells little."""

from __future__ import annotations

from math import log10

from worldctx.model.entity import Kind
from worldctx.resolve.blocking import Frequencies
from worldctx.resolve.view import Neighbour, View
from worldctx.resolve.words import person_name, words_of_name


class Rarity:
    """Counts over all entities."""

    def __init__(self) -> None:
        self._entities = 0
        self._counted = Frequencies()

    def add(self, view: View) -> None:
        """Count one more entity."""
        self._entities += 1
        words = {word for name in view.names for word in _words(name.text, view.kind)}
        self._counted.add([*(f"word {word}" for word in words), *map(_key, view.neighbours),
                           *(f"region {one}" for each in view.neighbours for one in each.where)])

    def namesakes(self, words: tuple[str, ...]) -> float:
        """How many entities are to be expected to have all these words in their names, were they drawn by chance."""
        total = max(1, self._entities)
        expected = float(total)
        for word in words:
            expected *= self._counted.of(f"word {word}") / total
        return expected

    def neighbour(self, one: Neighbour) -> float:
        """By how many powers of ten having this neighbour is rarer than being there at all."""
        return self._rare(_key(one))

    def region(self, region: str) -> float:
        """The same for doing something in a region."""
        return self._rare(f"region {region}")

    def _rare(self, key: str) -> float:
        return max(0.0, log10(max(1, self._entities) / self._counted.of(key)))


def _words(text: str, kind: Kind) -> tuple[str, ...]:
    if kind is not Kind.PERSON:
        return words_of_name(text)
    name = person_name(text)
    return name.given, name.called, *name.middle, name.surname


def _key(one: Neighbour) -> str:
    return f"neighbour {one.predicate} {one.outward} {one.other}"
