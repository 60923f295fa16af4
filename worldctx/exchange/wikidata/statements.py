"""Statements of the Wikidata data model: what a snak says, which ranks count, since when and until when it held."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from worldctx.exchange.wikidata.reason import (
    ENDED_BEFORE,
    ENDED_SOME_TIME,
    NO_VALUE,
    OTHER_KIND,
    UNKNOWN,
    Reason,
)
from worldctx.exchange.wikidata.times import when_of
from worldctx.model.errors import BadInput
from worldctx.model.fact import Literal
from worldctx.model.ids import EntityId
from worldctx.model.time import ALWAYS, Interval, When

Snak = Mapping[str, Any]
Statement = Mapping[str, Any]
Value = EntityId | Literal | When

#: What reading raises of what does not keep to the data model.
NOT_THE_MODEL = (KeyError, TypeError, ValueError, AttributeError, IndexError)
START, END, POINT, EARLIEST, LATEST = "P580", "P582", "P585", "P1319", "P1326"
#: The nature of the statement, of which only `circa` is read.
NATURE, CIRCA = "P1480", 5_727_902
_ID = re.compile(r"[QPL][1-9]\d{0,11}(?:-[FS][1-9]\d{0,5})?")
_LETTERS = {"item": "Q", "property": "P", "lexeme": "L"}
_AMOUNT = re.compile(r"([+-]?)0*(\d+)(\.\d+)?")
_EARTH = "Q2"
#: Units by the number of their item, as UCUM codes. Money has none there and is written as an annotation.
_UNITS: Mapping[str, str] = {
    "Q11573": "m", "Q828224": "km", "Q174728": "cm", "Q174789": "mm", "Q3710": "[ft_i]", "Q218593": "[in_i]",
    "Q253276": "[mi_i]", "Q93318": "[nmi_i]", "Q712226": "km2", "Q25343": "m2", "Q35852": "har", "Q232291": "[mi_i]2",
    "Q81292": "[acr_us]", "Q11570": "kg", "Q41803": "g", "Q191118": "t", "Q100995": "[lb_av]", "Q11574": "s",
    "Q7727": "min", "Q25235": "h", "Q573": "d", "Q23387": "wk", "Q5151": "mo", "Q577": "a", "Q11229": "%",
    "Q25267": "Cel", "Q42289": "[degF]", "Q11579": "K", "Q11582": "L", "Q25517": "m3", "Q180154": "km/h",
    "Q182429": "m/s", "Q25236": "W", "Q6982035": "MW", "Q39369": "Hz", "Q28390": "deg", "Q1811": "AU",
    "Q531": "[ly]",
    "Q4917": "{USD}", "Q4916": "{EUR}", "Q25224": "{GBP}", "Q8146": "{JPY}", "Q39099": "{CNY}", "Q25344": "{CHF}",
    "Q80524": "{INR}", "Q41044": "{RUB}", "Q1104069": "{CAD}", "Q259502": "{AUD}", "Q16068": "{DEM}", "Q4730": "{MXN}",
}


def table(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object of an entity; a missing one, null and the empty list that PHP writes for it are empty.

    Raises:
        BadInput: it is something else.
    """
    found = record.get(key)
    if isinstance(found, dict):
        return found
    if not found and (found is None or isinstance(found, list)):
        return {}
    raise BadInput.at(key, f"must be an object, not a JSON {type(found).__name__}")


def best(statements: Iterable[Statement]) -> list[Statement]:
    """Those of the best rank, as Wikidata's `truthy` ones: the preferred ones, else the normal ones."""
    found = list(statements)
    return ([one for one in found if one.get("rank") == "preferred"]
            or [one for one in found if one.get("rank", "normal") == "normal"])


def target(snak: Snak) -> EntityId | None:
    """The entity that a snak names."""
    number = target_id(snak)
    return EntityId(f"wd:{number}") if number else None


def target_number(snak: Snak) -> int | None:
    """The number of the item that a snak names."""
    number = target_id(snak)
    return int(number[1:]) if number.startswith("Q") else None


def target_id(snak: Snak) -> str:
    """Id of the entity that a snak names, `Q42`; empty where it names none. Dumps before 2016 give its number alone."""
    if snak.get("snaktype") != "value" or snak["datavalue"]["type"] != "wikibase-entityid":
        return ""
    return _entity(snak["datavalue"]["value"])


def _entity(value: Mapping[str, Any]) -> str:
    found = value.get("id")
    if found is None:
        number, letter = value["numeric-id"], _LETTERS[value["entity-type"]]
        found = f"{letter}{number}"
    if _ID.fullmatch(found) is None:
        raise ValueError("id")
    return str(found)


def text(snak: Snak) -> str:
    """The text of a string or of a text in a language; empty where there is none."""
    if snak.get("snaktype") != "value":
        return ""
    value = snak["datavalue"]["value"]
    found = value["text"] if snak["datavalue"]["type"] == "monolingualtext" else value
    return found.strip() if isinstance(found, str) else ""


def date(snak: Snak) -> When | Reason:
    """The date of a snak, or why there is none."""
    if snak["snaktype"] != "value":
        return UNKNOWN if snak["snaktype"] == "somevalue" else NO_VALUE
    return when_of(snak["datavalue"]["value"])


def value(snak: Snak) -> Value | Reason:
    """What a snak says, or why it is left out.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it does not keep to the data model.
    """
    if snak["snaktype"] != "value":
        return UNKNOWN if snak["snaktype"] == "somevalue" else NO_VALUE
    data = snak["datavalue"]
    kind, said = data["type"], data["value"]
    if kind == "wikibase-entityid":
        return EntityId("wd:" + _entity(said))
    if kind == "time":
        return when_of(said)
    if kind == "string":
        return _string(said, snak.get("datatype", ""))
    if kind == "quantity":
        return _quantity(said)
    if kind == "monolingualtext":
        plain = said["text"].strip()
        return Literal(plain, "langString", lang=language(said["language"])) if plain else NO_VALUE
    if kind == "globecoordinate":
        return _point(said)
    return OTHER_KIND


def _string(said: str, datatype: str) -> Literal | Reason:
    plain = said.strip()
    if not plain:
        return NO_VALUE
    return Literal(plain, "anyURI" if datatype == "url" else "string")


def _quantity(said: Mapping[str, Any]) -> Literal:
    sign, whole, fraction = _parts(said["amount"])
    unit = said.get("unit", "1")
    number = unit.rpartition("/")[2]
    code = "" if unit == "1" else _UNITS.get(number) or "{wd:" + number + "}"
    if unit != "1" and _ID.fullmatch(number) is None:
        raise ValueError("unit")
    fraction = fraction.rstrip("0").rstrip(".")
    minus = "-" if sign == "-" and (whole != "0" or fraction) else ""
    return Literal(minus + whole + fraction, "decimal" if fraction else "integer", code)


def _parts(amount: str) -> tuple[str, str, str]:
    found = _AMOUNT.fullmatch(amount)
    if found is None:
        raise ValueError("amount")
    return found[1], found[2], found[3] or ""


def _point(said: Mapping[str, Any]) -> Literal:
    """A point as WKT, longitude first (GeoSPARQL); of another body than the Earth with that before it."""
    lat, lon = float(said["latitude"]), float(said["longitude"])
    globe = globe_of(said)
    body = "" if globe == _EARTH else f"<http://www.wikidata.org/entity/{globe}> "
    return Literal(f"{body}POINT({lon:.10g} {lat:.10g})", "wkt")


def globe_of(said: Mapping[str, Any]) -> str:
    """The body that coordinates are of, `Q2` for the Earth, which it is where none is named."""
    globe = str(said.get("globe") or _EARTH).rpartition("/")[2]
    return globe if _ID.fullmatch(globe) else _EARTH


def on_earth(snak: Snak) -> tuple[float, float] | None:
    """Latitude and longitude of a snak, in degrees, where it is a point of the Earth."""
    if snak["snaktype"] != "value" or snak["datavalue"]["type"] != "globecoordinate":
        return None
    said = snak["datavalue"]["value"]
    lat, lon = float(said["latitude"]), float(said["longitude"])
    return (lat, lon) if globe_of(said) == _EARTH and -90 <= lat <= 90 and -180 <= lon <= 180 else None


#: Language codes of Wikimedia that are no BCP 47 tags, and `mul`, which is for any language.
_TAGS: Mapping[str, str] = {
    "mul": "", "und": "", "zxx": "", "mis": "", "simple": "en", "als": "gsw", "bat-smg": "sgs", "be-x-old": "be-tarask",
    "fiu-vro": "vro", "roa-rup": "rup", "zh-classical": "lzh", "zh-min-nan": "nan", "zh-yue": "yue", "no": "nb",
}


def language(code: str) -> str:
    """The BCP 47 tag for a language code of Wikimedia."""
    return _TAGS.get(code, code)


def held(qualifiers: Mapping[str, Sequence[Snak]], ended: When | None) -> Interval | Reason:
    """When a statement held by its qualifiers, or why that cannot be said.

    Start time and end time are its sides; a point in time alone is both. Of several starts the earliest counts, of
    several ends the latest.

    Args:
        ended: until when what has ended at an unknown time held at most: the day of the dump.
    """
    start = _side(qualifiers.get(START, ()), latest=False)
    end = _side(qualifiers.get(END, ()), latest=True)
    if start is None and end is None:
        start, end = (_side(qualifiers.get(POINT, ()), latest=latest) for latest in (False, True))
    if isinstance(start, Reason) or isinstance(end, Reason):
        return start if isinstance(start, Reason) else Reason(end)
    if end is None and any(snak["snaktype"] == "somevalue" for snak in qualifiers.get(END, ())):
        if ended is None:
            return ENDED_SOME_TIME
        end = ended
    if start is None and end is None:
        return ALWAYS
    if start is not None and end is not None and end.hi <= start.lo:
        return ENDED_BEFORE
    return Interval(start, end)


def _side(snaks: Sequence[Snak], *, latest: bool) -> When | Reason | None:
    """The earliest or latest of some dates; None where none of them says one; why one cannot be read."""
    found: When | None = None
    for snak in snaks:
        if snak["snaktype"] != "value":
            continue
        when = date(snak)
        if isinstance(when, Reason):
            return when
        if found is None or ((when.hi > found.hi) if latest else (when.lo < found.lo)):
            found = when
    return found
