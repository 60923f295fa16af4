"""The first look at GeoNames' tables: which places are taken and which contains which, in a few bytes for each place.

Held in memory: two arrays of 4 bytes for each number up to the largest geonameid (13.5 million: 108 MB), and one entry
for each pair of first- and second-order codes (50,000). Both have a bound, whatever the files hold.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from worldctx.exchange.geonames.rows import rows
from worldctx.exchange.geonames.tables import Table

#: Largest geonameid: five times the largest that GeoNames has given out. It bounds the arrays.
MAX_ID = 2**26
#: Codes that are told apart; GeoNames has 50,000. Places with further ones are placed in their country alone.
MAX_CODES = 2**20
#: How many places of a circle are named when it is reported, and for how many of its relations.
_SHOWN, _TOLD = 8, 1000

#: Feature code, country, first- and second-order code of a place, as far as its container depends on them.
_Codes = tuple[int, str, str, str]
#: Whether a row of the table of places is one that is taken.
Wanted = Callable[[list[str]], bool]


def number_of(cell: str) -> int:
    """A geonameid; 0 where the cell holds none."""
    number = int(cell) if cell.isascii() and cell.isdecimal() and len(cell) < 10 else 0
    return number if number <= MAX_ID else 0


def _level(code: str) -> int:
    """1 for what lies in its country, 2 for what lies in a first-order division, 3 for all that lies in those."""
    if code.startswith("PCL"):
        return 1
    return {"ADM1": 1, "ADM2": 2}.get(code.removesuffix("H"), 3)


@dataclass(slots=True)
class Survey:
    """What is taken, and what contains it.

    Containers come from the table `hierarchy` first, where its type is ADM, then from the codes of the place: its
    second-order division, its first-order one, its country. What is not taken contains nothing; countries and
    continents always are there, and what contains them is not looked for here.

    Attributes:
        countries: geonameid by ISO 3166-1 code.
        fixed: numbers of countries and continents.
        has_places: whether tables of places or divisions were read; where none were, every number counts as taken.
        circles: circles of containment, as texts, by the children in them; of the first ones that were found.
    """

    countries: Mapping[str, int]
    fixed: frozenset[int]
    has_places: bool = False
    circles: dict[int, str] = field(default_factory=dict)
    _groups: array[int] = field(default_factory=lambda: array("i", [0]))
    _above: array[int] = field(default_factory=lambda: array("i", [0]))
    _codes: dict[_Codes, int] = field(default_factory=dict)
    _divisions: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _containers: list[tuple[int, ...]] = field(default_factory=list)
    _barred: set[int] = field(default_factory=set)

    def is_taken(self, place: int) -> bool:
        """Whether lines about this place make sense: it is in the tables that are imported, or none are."""
        return not self.has_places or place in self.fixed or (place < len(self._groups) and self._groups[place] != 0)

    def container(self, place: int) -> int:
        """The place that contains it, or 0."""
        if place in self.fixed:
            return 0
        above = self._above[place] if place < len(self._above) else 0
        return above if above > 0 else self._by_codes(place)

    @property
    def has_barred(self) -> bool:
        """Whether there is any place of which `is_barred` is true."""
        return bool(self._barred)

    def is_barred(self, place: int) -> bool:
        """Whether its codes would close a circle, so that it has no container."""
        return place in self._barred

    def _by_codes(self, place: int) -> int:
        group = self._groups[place] if place < len(self._groups) else 0
        if not group or place in self._barred:
            return 0
        # Of the numbers that its codes stand for, the innermost one that is not the place itself.
        return next((one for one in self._containers[group] if one != place), 0)

    def add_place(self, place: int, code: str, country: str, first: str, second: str) -> None:
        """Take a place."""
        level = _level(code)
        key = (level, country, first if level > 1 else "", second if level > 2 else "")
        group = self._codes.get(key)
        if group is None:
            if len(self._codes) >= MAX_CODES:
                key = (1, country if country in self.countries else "", "", "")
            group = self._codes.setdefault(key, len(self._codes) + 1)
        self._reach(self._groups, place)
        self._groups[place] = group
        if code in ("ADM1", "ADM2"):
            self._add_division(place, country, first, second if level == 2 else "")

    def add_division(self, place: int, code: str) -> None:
        """Take a division by its code, `FR.11` or `FR.11.75`, which places have in three columns."""
        country, _, rest = code.partition(".")
        first, _, second = rest.partition(".")
        self.add_place(place, "ADM2" if second else "ADM1", country, first, second)

    def _add_division(self, place: int, country: str, first: str, second: str) -> None:
        if first and len(self._divisions) < MAX_CODES:
            self._divisions.setdefault((country, first, second), place)

    def add_relation(self, parent: int, child: int) -> bool:
        """A container from `hierarchy`; False where the child has one already, or one of the two is not taken."""
        if child in self.fixed or not (self.is_taken(parent) and self.is_taken(child)):
            return False
        self._reach(self._above, child)
        if self._above[child] in (0, parent):
            self._above[child] = parent
            return True
        return False

    def contains(self, parent: int, child: int) -> bool:
        """Whether this relation of `hierarchy` is the one that counts."""
        return child < len(self._above) and self._above[child] == parent

    def closes_circle(self, parent: int, child: int) -> bool:
        """Whether this relation of `hierarchy` was taken out because the child contains the parent."""
        return child < len(self._above) and self._above[child] == -parent

    def settle(self) -> None:
        """Work out the containers once all tables are read, and take out what would close a circle."""
        self._containers = [()] * (len(self._codes) + 1)
        for (level, country, first, second), group in self._codes.items():
            keys = ((country, first, second) if second else None, (country, first, "") if first else None)
            found = [self._divisions.get(key, 0) for key in keys if key] if level > 1 else []
            self._containers[group] = tuple(dict.fromkeys(filter(None, (*found, self.countries.get(country, 0)))))
        seen = bytearray(max(len(self._groups), len(self._above)))
        for start in self._suspects():
            self._walk(start, seen)

    def _suspects(self) -> Iterator[int]:
        """A circle leads through a relation of `hierarchy` or through a division."""
        yield from (child for child, parent in enumerate(self._above) if parent > 0)
        yield from self._divisions.values()

    def _walk(self, start: int, seen: bytearray) -> None:
        """Follow the containers from a place; a circle on the way is broken, and the walk begun anew."""
        path: dict[int, None] = {}
        place = start
        while place and place < len(seen) and not seen[place]:
            if place in path:
                ring = list(path)
                self._break(ring[ring.index(place):])
                path, place = {}, start
                continue
            path[place] = None
            place = self.container(place)
        for one in path:
            seen[one] = 1

    def _break(self, ring: list[int]) -> None:
        """Take the relations of `hierarchy` out of a circle; where there are none, its places have no container."""
        related = [child for child in ring if child < len(self._above) and self._above[child] > 0]
        more = f" … ({len(ring)} places)" if len(ring) > _SHOWN else f" in gn:{ring[0]}"
        for child in related:
            if len(self.circles) < _TOLD:
                self.circles[child] = " in ".join(f"gn:{one}" for one in ring[:_SHOWN]) + more
            self._above[child] = -self._above[child]
        if not related:
            self._barred.update(ring)

    @staticmethod
    def _reach(numbers: array[int], place: int) -> None:
        if place >= len(numbers):
            # By an eighth at a time, as lists grow.
            numbers.frombytes(bytes(numbers.itemsize * (place + 1 - len(numbers) + place // 8)))


def survey(tables: Iterable[tuple[Table, Path]], countries: Mapping[str, int], fixed: frozenset[int],
           wanted: Wanted) -> Survey:
    """Read the tables once for what is taken and what contains it. Rows that are wrong are passed over here.

    Args:
        tables: in the order of `Table`.
        countries: geonameid by ISO 3166-1 code.
        fixed: numbers of countries and continents.
        wanted: which rows of the table of places are taken.
    """
    found = Survey(countries, fixed)
    for table, path in tables:
        if table in (Table.ADMIN, Table.PLACES):
            found.has_places = True
            _add = _add_division if table is Table.ADMIN else _add_place
            for _, text, _ in rows(path):
                if isinstance(text, str):
                    _add(found, text.split("\t"), wanted)
        elif table is Table.HIERARCHY:
            for _, text, _ in rows(path):
                if isinstance(text, str):
                    _add_relation(found, text.split("\t"))
    found.settle()
    return found


def _add_division(found: Survey, cells: list[str], _: Wanted) -> None:
    if len(cells) == 4 and (place := number_of(cells[3])):
        found.add_division(place, cells[0])


def _add_place(found: Survey, cells: list[str], wanted: Wanted) -> None:
    if len(cells) == 19 and wanted(cells) and (place := number_of(cells[0])):
        found.add_place(place, cells[7], cells[8], cells[10], cells[11])


def _add_relation(found: Survey, cells: list[str]) -> None:
    if len(cells) == 3 and cells[2] == "ADM" and (child := number_of(cells[1])) and (parent := number_of(cells[0])):
        found.add_relation(parent, child)
