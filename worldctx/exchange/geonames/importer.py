"""GeoNames as an importer: its tables in any number, each record on its own line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from worldctx.exchange.facts import Line
from worldctx.exchange.gazetteers import GEONAMES
from worldctx.exchange.geonames.choice import Choice
from worldctx.exchange.geonames.countries import Countries
from worldctx.exchange.geonames.names import Names
from worldctx.exchange.geonames.places import METHOD, Places
from worldctx.exchange.geonames.rows import rows
from worldctx.exchange.geonames.survey import Survey, number_of, survey
from worldctx.exchange.geonames.tables import COLUMNS, Table, table_of
from worldctx.exchange.importer import Taken
from worldctx.exchange.jsonl import located
from worldctx.exchange.streams import name_of
from worldctx.model.entity import Entity, Kind
from worldctx.model.errors import BadInput
from worldctx.model.ids import EntityId

#: Characters of a refused row that are kept.
_RAW = 20_000
#: What one row makes, or why it is left out.
_Reader = Callable[[list[str]], "tuple[Line, ...] | str"]


class GeoNames:
    """An importer of any set of GeoNames' tables. Each table is read once for what contains what, and once for good.

    Args:
        paths: all files, in any order; `paths` gives them in the order in which they should be read.
        choice: what is taken.
    """

    name = METHOD

    def __init__(self, paths: Sequence[Path], choice: Choice | None = None) -> None:
        self._choice, self._countries = choice or Choice(), Countries()
        self._tables: dict[Path, Table] = {}
        self._faults: dict[Path, BadInput] = {}
        for path in paths:
            try:
                self._tables[path] = table_of(path)
            except BadInput as error:
                self._faults[path] = error
        self.paths: tuple[Path, ...] = tuple(sorted(dict.fromkeys(paths), key=self._order))

    @property
    def choices(self) -> str:
        """See Importer. What contains a place depends on all the files."""
        return f"{self._choice.text};{','.join(sorted(path.name for path in self._tables))}"

    def begin(self) -> Iterator[Line]:
        """See Importer."""
        return self._countries.lines()

    def records(self, path: Path, after: int = 0) -> Iterator[Taken]:
        """See Importer."""
        if path in self._faults:
            raise self._faults[path]
        table = self._tables[path]
        read, columns = self._reader(table), COLUMNS[table]
        size, position = path.stat().st_size, 0
        for number, text, done in rows(path):
            position += 1
            if position <= after:
                if table is Table.NAMES and isinstance(text, str):
                    self._names.pass_over(text.split("\t"))
                continue
            if isinstance(text, BadInput):
                yield Taken(number, (), "", text, "", done, size)
                continue
            cells = text.split("\t")
            try:
                if len(cells) not in columns:
                    raise _misfit(cells, columns)
                made = read(cells)
            except BadInput as error:
                yield Taken(number, (), "", located(error, path, number), text[:_RAW], done, size)
                continue
            if isinstance(made, str):
                yield Taken(number, (), made, None, "", done, size)
            else:
                left_out = (("container that lies in the place", 1),) if self._is_barred(table, cells) else ()
                yield Taken(number, made, "", None, "", done, size, left_out)

    def _order(self, path: Path) -> tuple[int, str]:
        return self._tables.get(path, Table.HIERARCHY), name_of(path)

    @cached_property
    def _survey(self) -> Survey:
        tables = sorted((table, path) for path, table in self._tables.items())
        return survey(tables, self._countries.numbers, self._countries.fixed, lambda row: not self._choice.refusal(row))

    @cached_property
    def _names(self) -> Names:
        return Names(self._choice, self._countries, self._survey)

    @cached_property
    def _places(self) -> Places:
        alternates = Table.NAMES not in self._tables.values()
        return Places(self._choice, self._countries, self._survey, alternates=alternates)

    def _reader(self, table: Table) -> _Reader:
        if table is Table.COUNTRIES:
            return self._countries.country
        if table is Table.ADMIN:
            return self._division
        if table is Table.PLACES:
            return self._places.lines
        return self._names.lines if table is Table.NAMES else self._relation

    def _division(self, cells: list[str]) -> tuple[Line, ...] | str:
        return (self._countries.division(cells, self._survey.container(number_of(cells[3]))),)

    def _relation(self, cells: list[str]) -> tuple[Line, ...] | str:
        """A row of `hierarchy`: the container of a place, if it is the one that counts."""
        parent, child = number_of(cells[0]), number_of(cells[1])
        if not parent or not child:
            raise BadInput.at("childId" if parent else "parentId", f"{cells[bool(parent)][:40]!r} is no geonameid")
        if len(cells) < 3 or cells[2] != "ADM":
            return "containment that is not administrative"
        if self._survey.closes_circle(parent, child):
            shown = self._survey.circles.get(child, f"gn:{child} in gn:{parent} in gn:{child}")
            raise BadInput.at("childId", f"its container lies in it ({shown}); take one of these rows out")
        if child in self._countries.fixed:
            return "container of a country or continent"
        if not (self._survey.is_taken(parent) and self._survey.is_taken(child)):
            return "of a place that is not taken"
        if not self._survey.contains(parent, child):
            return "second container of a place"
        within = EntityId(f"gn:{parent}")
        return (Entity(EntityId(f"gn:{child}"), Kind.PLACE, (), (), None, None, within, "", 0.0, GEONAMES),)

    def _is_barred(self, table: Table, cells: list[str]) -> bool:
        if not self._survey.has_barred or table not in (Table.PLACES, Table.ADMIN):
            return False
        return self._survey.is_barred(number_of(cells[0 if table is Table.PLACES else 3]))


def _misfit(cells: list[str], columns: tuple[int, ...]) -> BadInput:
    wanted = " or ".join(map(str, columns))
    return BadInput.at("columns", f"are {len(cells)}, not {wanted}; fetch the file again, or take the row out")
