"""Items as Wikidata's dumps hold them, made for tests."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

from worldctx.exchange.facts import Line
from worldctx.exchange.importer import Taken
from worldctx.exchange.wikidata.classes import Classes
from worldctx.exchange.wikidata.filter import Filter
from worldctx.exchange.wikidata.importer import wikidata
from worldctx.model.entity import Entity
from worldctx.model.fact import Fact
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import parse_when

JULIAN, GREGORIAN = "http://www.wikidata.org/entity/Q1985786", "http://www.wikidata.org/entity/Q1985727"
EVERYTHING = Filter.load("everything")


def to(item: str) -> dict[str, Any]:
    letter = {"Q": "item", "P": "property", "L": "lexeme"}[item[0]]
    return {"type": "wikibase-entityid", "value": {"entity-type": letter, "id": item}}


def at(time: str, precision: int = 11, calendar: str = GREGORIAN) -> dict[str, Any]:
    return {"type": "time", "value": {"time": time, "timezone": 0, "before": 0, "after": 0, "precision": precision, "calendarmodel": calendar}}


def said(text: str) -> dict[str, Any]:
    return {"type": "string", "value": text}


def text(words: str, language: str) -> dict[str, Any]:
    return {"type": "monolingualtext", "value": {"text": words, "language": language}}


def amount(number: str, unit: str = "1") -> dict[str, Any]:
    return {"type": "quantity", "value": {"amount": number, "unit": unit}}


def point(lat: float, lon: float, globe: str = "Q2") -> dict[str, Any]:
    return {"type": "globecoordinate", "value": {"latitude": lat, "longitude": lon, "altitude": None, "precision": 0.01, "globe": f"http://www.wikidata.org/entity/{globe}"}}


def snak(key: str, value: dict[str, Any] | str, datatype: str = "") -> dict[str, Any]:
    if isinstance(value, str):
        return {"snaktype": value, "property": key}
    return {"snaktype": "value", "property": key, "datavalue": value, **({"datatype": datatype} if datatype else {})}


def statement(key: str, value: dict[str, Any] | str, rank: str = "normal", *, qualifiers: dict[str, Any] | None = None, references: list[dict[str, Any]] | None = None,
              datatype: str = "") -> dict[str, Any]:
    """`somevalue` and `novalue` for a value are those snaks; qualifiers and references map properties to values."""
    made: dict[str, Any] = {"mainsnak": snak(key, value, datatype), "type": "statement", "rank": rank}
    if qualifiers:
        made["qualifiers"] = {one: [snak(one, each) for each in (known if isinstance(known, list) else [known])] for one, known in qualifiers.items()}
    if references:
        made["references"] = [{"hash": "0", "snaks": {one: [snak(one, known)] for one, known in each.items()}} for each in references]
    return made


def item(number: str = "Q1", *statements: dict[str, Any], label: str = "Thing", labels: dict[str, str] | None = None, aliases: dict[str, list[str]] | None = None,
         description: str = "", sitelinks: int = 0, **more: Any) -> dict[str, Any]:
    claims: dict[str, list[dict[str, Any]]] = {}
    for place, one in enumerate(statements):
        claims.setdefault(one["mainsnak"]["property"], []).append({"id": f"{number}${place}", **one})
    named = labels if labels is not None else {"en": label}
    return {
        "type": "item", "id": number, "labels": {code: {"language": code, "value": value} for code, value in named.items()},
        "descriptions": {"en": {"language": "en", "value": description}} if description else {},
        "aliases": {code: [{"language": code, "value": value} for value in values] for code, values in (aliases or {}).items()},
        "claims": claims, "sitelinks": {f"{place}wiki": {"site": f"{place}wiki", "title": "x", "badges": []} for place in range(sitelinks)}, **more,
    }


def dump(path: Path, *items: dict[str, Any]) -> Path:
    path.write_text("[\n" + ",\n".join(json.dumps(one) for one in items) + "\n]\n", "utf-8")
    return path


_numbers = itertools.count()


def read(folder: Path, *items: dict[str, Any], kept: Filter = EVERYTHING, dumped: str = "", classes: Classes | None = None) -> list[Taken]:
    path = dump(folder / f"{next(_numbers)}.json", *items)
    return list(wikidata(kept, dumped=parse_when(dumped) if dumped else None, classes=classes).records(path))


def lines(folder: Path, *items: dict[str, Any], **options: Any) -> list[Line]:
    """What items make, without an error."""
    taken = read(folder, *items, **options)
    assert not [one.error.message for one in taken if one.error]
    return [line for one in taken for line in one.lines]


def entity(folder: Path, one: dict[str, Any], **options: Any) -> Entity:
    (found,) = (line for line in lines(folder, one, **options) if isinstance(line, Entity))
    return found


def facts(folder: Path, one: dict[str, Any], **options: Any) -> list[Fact]:
    return [line for line in lines(folder, one, **options) if isinstance(line, Fact)]


def sources(folder: Path, one: dict[str, Any], **options: Any) -> list[Source]:
    return [line for line in lines(folder, one, **options) if isinstance(line, Source)]


def judgements(taken: list[Taken]) -> list[Judgement]:
    return [line for one in taken for line in one.lines if isinstance(line, Judgement)]


def left_out(taken: list[Taken]) -> dict[str, int]:
    return {reason: count for one in taken for reason, count in one.left_out}
