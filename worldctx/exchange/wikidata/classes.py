"""The hierarchy of classes (`subclass of`, P279) of a dump, in arrays of numbers, and kinds found through it."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from worldctx.exchange.wikidata.dump import Entry, entries, object_of
from worldctx.exchange.wikidata.kinds import KINDS, first
from worldctx.exchange.wikidata.statements import NOT_THE_MODEL, best, table, target_number
from worldctx.model.entity import Kind
from worldctx.model.errors import BadInput

#: Classes looked at for one entity at most: some of the hierarchy's circles and tangles are wide.
MAX_CLASSES = 2_000
#: Sets of classes whose kind is remembered.
_REMEMBERED = 200_000
#: Item numbers that fit into the arrays.
_LARGEST = 2**32 - 1
_MARK = b'"P279"'


@dataclass(slots=True)
class Classes:
    """Which class is below which: pairs sorted by the lower one. Four million pairs take 32 MiB.

    Attributes:
        lower, upper: item numbers, side by side.
    """

    lower: np.ndarray[Any, np.dtype[np.uint32]] = field(default_factory=lambda: np.zeros(0, np.uint32))
    upper: np.ndarray[Any, np.dtype[np.uint32]] = field(default_factory=lambda: np.zeros(0, np.uint32))
    _found: dict[tuple[int, ...], Kind | None] = field(default_factory=dict)

    @classmethod
    def read(cls, paths: Sequence[Path]) -> Classes:
        """All pairs that the entities of these dumps state, deprecated ones aside. What is broken is passed over here.

        Raises:
            BadInput: a file cannot be opened.
        """
        lower, upper = array("I"), array("I")
        for path in paths:
            for entry in entries(path):
                for one, other in _pairs(entry):
                    lower.append(one)
                    upper.append(other)
        below, above = np.array(lower, np.uint32), np.array(upper, np.uint32)
        order = np.lexsort((above, below))
        return cls(below[order], above[order])

    @property
    def digest(self) -> str:
        """A text that differs where the pairs differ."""
        return hashlib.blake2b(self.lower.tobytes() + self.upper.tobytes(), digest_size=16).hexdigest()

    def kind(self, classes: Iterable[int]) -> Kind | None:
        """The kind of an instance of these classes: that of the nearest class in the table, upwards by breadth.

        Where several are equally near, the first in `kinds.ORDER` is taken; None where none is found.
        """
        key = tuple(classes)
        if key not in self._found:
            if len(self._found) >= _REMEMBERED:
                self._found.clear()
            self._found[key] = self._search(key)
        return self._found[key]

    def reaches(self, classes: Iterable[int], wanted: Set[int]) -> bool:
        """Whether one of the classes is one of those wanted, or below one."""
        level, seen = list(classes), set[int]()
        while level and len(seen) <= MAX_CLASSES:
            if not wanted.isdisjoint(level):
                return True
            seen.update(level)
            level = [one for below in level for one in self._above(below) if one not in seen] if len(self.lower) else []
        return False

    def _search(self, level: Sequence[int]) -> Kind | None:
        seen = set(level)
        while level:
            kind = first(KINDS[one] for one in level if one in KINDS)
            if kind is not None or len(seen) > MAX_CLASSES:
                return kind
            above = [one for below in level for one in self._above(below) if one not in seen]
            level = list(dict.fromkeys(above))
            seen.update(level)
        return None

    def _above(self, below: int) -> list[int]:
        if below > _LARGEST:
            return []
        # A number of another type than the array's would make numpy convert the array with each search.
        number = np.uint32(below)
        start, end = self.lower.searchsorted(number), self.lower.searchsorted(number, "right")
        found: list[int] = self.upper[start:end].tolist()
        return found


def _pairs(entry: Entry) -> Iterator[tuple[int, int]]:
    if isinstance(entry.data, BadInput) or (isinstance(entry.data, bytes) and _MARK not in entry.data):
        return
    try:
        record = object_of(entry.data) if isinstance(entry.data, bytes) else entry.data
        number = int(str(record["id"]).removeprefix("Q"))
        for statement in best(table(record, "claims").get("P279", ())):
            above = target_number(statement["mainsnak"])
            if above is not None and 0 < number <= _LARGEST and 0 < above <= _LARGEST:
                yield number, above
    except (BadInput, *NOT_THE_MODEL):
        return  # the pass that writes entities says what is wrong
