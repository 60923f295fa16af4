"""Which pairs are worth comparing: those that share a rare key. Pure, but for what is fed in.

Standard blocking (Christen 2012, Data Matching, ch. 4) with a key for each way in which two records of one thing are
likely to agree. A block is as good as it is rare: blocks are read from the smallest on, one that is larger than
LARGEST tells too little and is left out, and an entity that has EACH partners from smaller blocks gets no more from
larger ones where its partner has them, too. So there are never many more than EACH pairs for each entity, whatever the
names. Memory: 12 bytes for each key of an entity (names have about eight) and 8 for each pair.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from math import floor

import numpy as np
from numpy.typing import NDArray

from worldctx.model.entity import Kind
from worldctx.model.time import When
from worldctx.resolve.nickname import long_forms
from worldctx.resolve.words import SMALL, acronym, person_name, words_of_name

#: Entities of one block at most; a key that more share is no evidence.
LARGEST = 60
#: Partners of an entity, after which larger blocks add none.
EACH = 40
#: Letters at either end of a word that outlive a slip of the pen elsewhere in it.
END = 4
VOWELS = frozenset("aeiouy")
#: Words of a name that are paired with each other; the first ones of a longer name.
PAIRED = 4
#: Side of a cell of the grid of places, in degrees: 5.5 km from south to north.
CELL = 0.05
#: Letters of an acronym.
ACRONYM = range(3, 8)

Numbers = NDArray[np.uint64]


def name_keys(text: str, kind: Kind) -> set[str]:
    """The keys of a name."""
    return _person_keys(text) if kind is Kind.PERSON else _title_keys(text)


def _person_keys(text: str) -> set[str]:
    name = person_name(text)
    if not name.given:
        return {f"whole {name.surname}"} if name.surname else set()
    words = (*((name.called,) if name.called else ()), name.given, *name.middle)[:PAIRED]
    keys = {f"whole {' '.join(sorted((name.given, *name.middle, name.surname)))}",
            f"initial {name.surname} {name.given[0]}", f"begins {name.surname} {name.given[:3]}",
            f"bones {bones(name.surname)} {name.given[0]}"}
    for place, word in enumerate(words):
        for form in long_forms(word) if len(word) > 1 else ():
            # A surname may be the last word, or one before it: Garcia Lopez, Smith Jones, Hyde-Smith.
            keys |= {f"two {form} {last}" for last in (*words[place + 1:], name.surname) if len(last) > 1}
            keys |= {f"head {form} {name.surname[:END]}", f"tail {form} {name.surname[-END:]}"}
    return keys


def bones(word: str) -> str:
    """The first letter and what other consonants there are, by the alphabet: most slips of the pen leave it as it is.

    After the skeleton key of Pollock and Zamora (1984), without its order.
    """
    return word[0] + "".join(sorted(set(word[1:]) - VOWELS))


def _title_keys(text: str) -> set[str]:
    words = words_of_name(text)
    telling = sorted({word for word in words if word not in SMALL}) or sorted(set(words))
    joined = "".join(words)
    keys = {f"whole {' '.join(telling)}", f"head {joined[:END + 2]}", f"tail {joined[-END - 2:]}"}
    keys |= {f"word {word}" for word in telling if len(word) > 2}
    short = acronym(words) if len(words) > 1 else ""
    if len(short) in ACRONYM:
        keys.add(f"acronym {short}")
    if len(words) == 1 and len(joined) in ACRONYM and text.isupper():
        keys.add(f"acronym {joined}")
    return keys


def date_keys(predicate: str, when: When, surnames: Iterable[str], first_letters: Iterable[str]) -> set[str]:
    """The keys of a beginning or an end: the very day with an initial, the year with a surname or first word."""
    year = when.edtf[:4] if when.edtf[:4].isdecimal() else ""
    keys = {f"{predicate} {year} {surname}" for surname in surnames} if year else set()
    if when.is_exact_day:
        keys |= {f"{predicate} {when.edtf} {letter}" for letter in first_letters}
    return keys


def place_keys(lat: float, lon: float, first_letters: Iterable[str]) -> set[str]:
    """The keys of a point: its cells in two grids, shifted against each other, with an initial.

    Points less than a quarter of a cell apart in both directions share a cell of one of the grids as a rule.
    """
    cells = [(floor(lat / CELL + shift), floor(lon / CELL + shift)) for shift in (0.0, 0.5)]
    return {f"cell {grid} {row} {column} {letter}" for grid, (row, column) in enumerate(cells)
            for letter in first_letters}


def claim_keys(predicate: str, other: str, heads: Iterable[str]) -> set[str]:
    """The keys of a fact: whoever has the same neighbour and a name that begins alike."""
    return {f"claim {predicate} {other} {head}" for head in heads}


def id_keys(identifiers: Iterable[tuple[str, str]]) -> set[str]:
    """The keys of external ids, by scheme."""
    return {f"id {scheme} {value}" for scheme, value in identifiers}


def number_of(key: str) -> int:
    """A key as 64 bits, the same in every process."""
    return int.from_bytes(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class Blocks:
    """Keys of entities, and the pairs that share some. Entities are numbers from 0 on."""

    def __init__(self) -> None:
        self._keys, self._entities = array("Q"), array("I")

    def add(self, entity: int, keys: Iterable[str]) -> None:
        """Give an entity keys; one that it has already is no second one."""
        for key in keys:
            self._keys.append(number_of(key))
            self._entities.append(entity)

    def pairs(self, count: int) -> Numbers:
        """The pairs, each as `low << 32 | high`, in ascending order.

        Args:
            count: of entities.
        """
        partners = np.zeros(count, np.int64)
        found = np.zeros(0, np.uint64)
        for members in self._by_size():
            one, other = np.triu_indices(members.shape[1], 1)
            low, high = members[:, one].ravel(), members[:, other].ravel()
            wanted = (partners[low] < EACH) | (partners[high] < EACH)
            fresh = np.unique(low[wanted].astype(np.uint64) << np.uint64(32) | high[wanted].astype(np.uint64))
            fresh = np.setdiff1d(fresh, found, assume_unique=True)
            for side in (fresh >> np.uint64(32), fresh & np.uint64(0xFFFFFFFF)):
                partners += np.bincount(side.astype(np.int64), minlength=count)
            found = np.union1d(found, fresh)
        return found

    def _by_size(self) -> Iterator[NDArray[np.int64]]:
        """Blocks of one size after another, from two on: a row for each, its members ascending."""
        keys, entities = np.frombuffer(self._keys, np.uint64), np.frombuffer(self._entities, np.uint32)
        order = np.lexsort((entities, keys))
        keys, entities = keys[order], entities[order].astype(np.int64)
        if len(keys):
            new = np.ones(len(keys), bool)
            new[1:] = (keys[1:] != keys[:-1]) | (entities[1:] != entities[:-1])
            keys, entities = keys[new], entities[new]
        _, starts, sizes = np.unique(keys, return_index=True, return_counts=True)
        for size in range(2, LARGEST + 1):
            first = starts[sizes == size]
            if len(first):
                yield entities[first[:, None] + np.arange(size)]


class Frequencies:
    """How many entities have a word, or a neighbour: what many share tells little."""

    def __init__(self) -> None:
        self._numbers = array("Q")
        self._known: tuple[Numbers, NDArray[np.int64]] | None = None

    def add(self, things: Iterable[str]) -> None:
        """Count things of one entity, each once."""
        self._numbers.extend(number_of(thing) for thing in set(things))
        self._known = None

    def of(self, thing: str) -> int:
        """How many have it; at least 1."""
        if self._known is None:
            self._known = np.unique(np.frombuffer(self._numbers, np.uint64), return_counts=True)
        numbers, counts = self._known
        place = int(np.searchsorted(numbers, np.uint64(number_of(thing))))
        found = place < len(numbers) and int(numbers[place]) == number_of(thing)
        return int(counts[place]) if found else 1
