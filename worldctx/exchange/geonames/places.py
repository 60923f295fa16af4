"""Rows of GeoNames' table of places: what each is, where it lies, and what is said of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from worldctx.exchange.facts import Line
from worldctx.exchange.gazetteers import (
    AS_OF,
    CAPITAL,
    CITY_FILES,
    GEONAMES,
    is_usable,
    useful_names,
    weight_of,
    well_known,
)
from worldctx.exchange.geonames.choice import Choice
from worldctx.exchange.geonames.countries import Countries
from worldctx.exchange.geonames.features import CAPITAL as SEAT
from worldctx.exchange.geonames.features import WEIGHTS, word_of
from worldctx.exchange.geonames.survey import MAX_ID, Survey, number_of
from worldctx.model.clocks import Basis, Known
from worldctx.model.entity import Entity, Kind, Name, folded_name
from worldctx.model.errors import BadInput
from worldctx.model.fact import Evidence, Fact, Literal
from worldctx.model.ids import EntityId, FactId, joined
from worldctx.model.time import ALWAYS, Interval, parse_when

#: How its facts were got, and how sure they are.
METHOD, CONFIDENCE = "geonames@1", 0.9
#: Inhabitants of what is called a city, as `import places` has it by default.
_CITY = CITY_FILES[-1]
#: More inhabitants than there are people: a slip.
_MAX_POPULATION = 10**11
#: Elevations that there are on Earth, in metres.
_DEEPEST, _HIGHEST = -12_000, 9_000
_weight = lru_cache(maxsize=65_536)(weight_of)
_Object = EntityId | Literal


@dataclass(frozen=True, slots=True)
class _Dated:
    """The clocks of what GeoNames says since a date, and how they go into a fact's id."""

    valid: Interval
    known: Known
    id_part: bytes


@lru_cache(maxsize=65_536)
def _dated(text: str) -> _Dated:
    when = parse_when(text, "modification date") if text else AS_OF
    valid = Interval(when, None)
    return _Dated(valid, Known(when, Basis.STATED), joined(valid.edtf, when.edtf, None, GEONAMES, None, None, ""))


_HOW = joined(METHOD, repr(CONFIDENCE))


def fact(subject: str, predicate: str, said: _Object, date: str, record: str) -> Fact:
    """A fact that GeoNames states since a date, with its id.

    The id is the one of `fact_id`, made of parts that were joined before: every row has one, and this takes a fifth of
    the time.
    """
    dated = _dated(date)
    if isinstance(said, Literal):
        target, literal = None, said
        value = joined(None, said.value, said.datatype, said.unit, said.lang)
    else:
        target, literal, value = said, None, joined(said, None, None, None, None)
    content = joined(subject, predicate) + value + dated.id_part + joined(record) + _HOW
    return Fact(
        FactId(f"f:{hashlib.blake2b(content, digest_size=12).hexdigest()}"), EntityId(subject), predicate, target,
        literal, dated.valid, dated.known, GEONAMES, Evidence(None, None, None, "", record), METHOD, CONFIDENCE)


class Places:
    """What rows of the table of places make.

    Args:
        choice: what is taken.
        countries: those of the packages.
        survey: what contains what.
        alternates: whether the column of alternate names is looked at: only where there is no table of them.
    """

    def __init__(self, choice: Choice, countries: Countries, survey: Survey, *, alternates: bool) -> None:
        self._choice, self._countries, self._survey = choice, countries, survey
        self._known: Mapping[str, int] | None = well_known() if alternates else None
        self._described = lru_cache(maxsize=65_536)(countries.described)
        self._wants_population = "population" in choice.facts
        self._further = tuple(sorted(choice.facts - {"population"}))

    def lines(self, cells: list[str]) -> tuple[Line, ...] | str:
        """The lines of a row, or why it is left out.

        Raises:
            BadInput: a cell is wrong; the message names the column.
        """
        refusal = self._choice.refusal(cells)
        if refusal:
            return refusal
        (cell, name, ascii_name, others, latitude, longitude, feature_class, code, country, _, first, _, _, _,
         inhabitants, _, _, _, date) = cells
        number = number_of(cell)
        if not number:
            raise BadInput.at("geonameid", f"{cell[:40]!r} is no whole number up to {MAX_ID}")
        if not name.strip():
            raise BadInput.at("name", "is missing")
        population = _population(inhabitants)
        lat: float | None = _degrees(latitude, 90, "latitude")
        lon: float | None = _degrees(longitude, 180, "longitude")
        identity = f"gn:{number}"
        if number in self._survey.fixed:
            # What is said of countries and continents stands in `Countries` already; the long name is one more.
            if feature_class != "A":
                lat = lon = None
            own = Name(name, "", self._countries.since.get(number, ALWAYS))
            entity = Entity(EntityId(identity), Kind.PLACE, (own,), (), lat, lon, None, "", 0.0, GEONAMES)
        else:
            container = self._survey.container(number)
            entity = Entity(
                EntityId(identity), Kind.PLACE, self._names(name, ascii_name, others, population),
                self._countries.same_as(code, country, first) if code == "ADM1" else (), lat, lon,
                EntityId(f"gn:{container}") if container else None,
                self._described(_word(feature_class, code, population), country),
                self._weight(feature_class, code, population, country, first), GEONAMES)
        found: list[Line] = [entity]
        if population and self._wants_population:
            found.append(fact(identity, "population", Literal(str(population), "integer"), date, str(number)))
        elif date:
            _dated(date)  # so that a wrong date is told, whatever comes of it
        if self._further:
            found += self._facts(identity, str(number), cells)
        return tuple(found)

    def _facts(self, identity: str, record: str, cells: list[str]) -> list[Line]:
        found: list[Line] = []
        for predicate in self._further:
            if predicate == "capital" and cells[7] == SEAT and (country := self._countries.id_of(cells[8])):
                found.append(fact(country, predicate, EntityId(identity), cells[18], record))
            elif predicate == "feature_code" and cells[7]:
                found.append(fact(identity, predicate, Literal(f"{cells[6]}.{cells[7]}"), cells[18], record))
            elif predicate == "elevation" and cells[15]:
                metres = Literal(_elevation(cells[15]), "integer", "m")
                found.append(fact(identity, predicate, metres, cells[18], record))
        return found

    def _names(self, name: str, ascii_name: str, others: str, population: int) -> tuple[Name, ...]:
        own = Name(name, "", ALWAYS, True)
        if name == ascii_name and not others:
            return (own,)
        texts: list[str] = []
        # Case and accents are folded when names are compared: what matters is another spelling, as in Straße, Đà Nẵng.
        if not name.isascii() and is_usable(ascii_name) and folded_name(ascii_name) != folded_name(name):
            texts.append(ascii_name)
        if others and population and self._known is not None:
            texts += (one for one in useful_names(name, others.split(","), population, self._known) if one not in texts)
        return (own, *map(Name, texts)) if texts else (own,)

    def _weight(self, feature_class: str, code: str, population: int, country: str, first: str) -> float:
        if feature_class == "A":
            return self._countries.weight(code, country, first)
        if code == SEAT:
            return max(_weight(population), CAPITAL)
        return max(_weight(population), WEIGHTS.get(code, 0.0)) if population or code in WEIGHTS else 0.0


def _word(feature_class: str, code: str, population: int) -> str:
    if feature_class != "P":
        return word_of(feature_class, code)
    return "capital" if code == SEAT else "city" if population >= _CITY and code != "PPLX" else word_of("P", code)


def _population(cell: str) -> int:
    if cell in ("", "0"):
        return 0
    if not (cell.isascii() and cell.isdecimal()) or len(cell) > 18 or int(cell) > _MAX_POPULATION:
        raise BadInput.at("population", f"{cell[:40]!r} is no number of people")
    return int(cell)


def _degrees(cell: str, most: int, column: str) -> float:
    try:
        found = float(cell)
    except ValueError:
        found = float("nan")
    if not -most <= found <= most or "_" in cell:
        raise BadInput.at(column, f"{cell[:40]!r} is no number of degrees from -{most} to {most}")
    return found


def _elevation(cell: str) -> str:
    digits = cell.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 5 or not _DEEPEST <= int(cell) <= _HIGHEST:
        raise BadInput.at("elevation", f"{cell[:40]!r} is no number of metres on Earth")
    return str(int(cell))
