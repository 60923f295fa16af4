"""What an item of Wikidata is as an entity: kind, names, description, weight, coordinates and what contains it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worldctx.exchange.template import head_of
from worldctx.exchange.wikidata.classes import Classes
from worldctx.exchange.wikidata.identity import same_as
from worldctx.exchange.wikidata.kinds import by_evidence
from worldctx.exchange.wikidata.life import Life
from worldctx.exchange.wikidata.references import WIKIDATA
from worldctx.exchange.wikidata.statements import (
    END,
    Statement,
    best,
    held,
    language,
    on_earth,
    table,
    target,
    target_number,
)
from worldctx.exchange.wikidata.times import year_of
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.ids import EntityId
from worldctx.model.time import ALWAYS, Interval

#: Names of one entity at most; the best known have some fifty in a language.
MAX_NAMES = 200
#: Characters of a name and of a description at most; Wikidata allows 250.
MAX_NAME = 400
#: An entity with this many sitelinks has weight 1; the best known have some 350.
SITELINKS = 300
#: Languages in which a label is looked for where none of the chosen ones has any; then the first by the alphabet.
FALLBACK = ("mul", "en", "en-gb", "en-ca", "de", "fr", "es", "it", "pt", "nl", "sv", "pl", "cs", "tr", "id", "vi")
#: Properties whose values are names, and are in use while their statements hold.
_NAMES = ("P1448", "P1813", "P2561", "P1705", "P1477", "P1559")
_COORDINATES, _LOCATED_IN, _COUNTRY, _CONTINENT = "P625", "P131", "P17", "P30"
_INSTANCE_OF, _SUBCLASS_OF = "P31", "P279"
TOO_MANY, TOO_LONG, BROKEN = f"name beyond the first {MAX_NAMES}", f"name longer than {MAX_NAME}", "broken name"

Claims = Mapping[str, Sequence[Statement]]


def classes_of(claims: Claims) -> list[int]:
    """Numbers of the classes that a thing is an instance of, by its statements of the best rank.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: a statement does not keep to the data model.
    """
    found = (target_number(one["mainsnak"]) for one in best(claims.get(_INSTANCE_OF, ())))
    return [one for one in dict.fromkeys(found) if one is not None]


def kind_of(instance_of: Sequence[int], claims: Claims, classes: Classes) -> Kind:
    """The kind of a thing: that of its classes, else what its own statements tell.

    What is only a class itself is a product where it is a kind of product (a model of a car), else a concept.
    """
    kind = classes.kind(instance_of)
    if kind is not None:
        return kind
    if _SUBCLASS_OF in claims and not instance_of:
        above = [target_number(one["mainsnak"]) for one in best(claims[_SUBCLASS_OF])]
        found = classes.kind(one for one in above if one is not None)
        return Kind.PRODUCT if found is Kind.PRODUCT else Kind.CONCEPT
    return by_evidence(claims)


def entity_of(
    entity: EntityId, life: Life, record: Mapping[str, Any], claims: Claims, languages: Sequence[str],
    left_out: Counter[str],
) -> Entity:
    """The entity for an item; what cannot be kept of it is counted in `left_out`.

    Works and products bear their names since the year that they came out: before it a text means something else by
    them. Of the rest the facts of birth and founding say since when they can be meant.

    Raises:
        BadInput: the record does not keep to the data model.
        KeyError, TypeError, ValueError, AttributeError: likewise.
    """
    point = next((found for one in best(claims.get(_COORDINATES, ())) if (found := on_earth(one["mainsnak"]))), None)
    kind = life.kind
    begin = life.begin if kind in (Kind.WORK, Kind.PRODUCT) else None
    used = ALWAYS if begin is None else Interval(year_of(begin), None)
    same = dict.fromkeys(same_as(kind, claims, left_out))
    return Entity(
        entity, kind, _names(record, claims, languages, used, left_out), tuple(same), point[0] if point else None,
        point[1] if point else None, _within(entity, kind, claims), _description(record, kind, languages),
        weight_of(len(record.get("sitelinks") or ())), WIKIDATA)


def weight_of(sitelinks: int) -> float:
    """How well known a thing is by the number of wikis that have a page of it: (log(1+n) / log(1+300))³, at most 1.

    10 sitelinks give 0.07, 50 give 0.33, 200 give 0.8: the weights of countries, capitals and people in the world pack.
    """
    return round(min(1.0, math.log1p(sitelinks) / math.log1p(SITELINKS)) ** 3, 4)


def _names(
    record: Mapping[str, Any], claims: Claims, languages: Sequence[str], used: Interval, left_out: Counter[str]
) -> tuple[Name, ...]:
    labels, aliases = table(record, "labels"), table(record, "aliases")
    found: dict[tuple[str, ...], Name] = {}
    labelled = [one for one in languages if one in labels] or _fallback(labels, aliases, languages)
    told = _told(labels, aliases, claims, labelled, languages)
    for text, lang, valid, preferred in told:
        if not isinstance(text, str) or not isinstance(lang, str):
            left_out[BROKEN] += 1
        elif len(text) > MAX_NAME:
            left_out[TOO_LONG] += 1
        elif len(found) >= MAX_NAMES:
            left_out[TOO_MANY] += 1 + sum(1 for _ in told)
        elif plain := text.strip():
            key = (plain, lang) if valid is ALWAYS else (plain, lang, valid.edtf)
            if key not in found:
                found[key] = Name(plain, lang, used if valid is ALWAYS else valid, preferred)
    return tuple(found.values())


def _told(
    labels: Mapping[str, Any], aliases: Mapping[str, Any], claims: Claims, labelled: Sequence[str],
    languages: Sequence[str],
) -> Iterator[tuple[Any, Any, Interval, bool]]:
    """Labels first, then names with their time, then aliases: text, language, validity, whether it is preferred."""
    for code in labelled:
        yield labels[code]["value"], language(code), ALWAYS, True
    for key in _NAMES:
        for one in claims.get(key, ()):
            snak = one["mainsnak"]
            if one.get("rank") == "deprecated" or snak.get("snaktype") != "value":
                continue
            said = snak["datavalue"]["value"]
            if isinstance(said, dict) and said.get("language") in languages:
                valid = held(one.get("qualifiers") or {}, None)
                if isinstance(valid, Interval):
                    yield said["text"], language(said["language"]), valid, False
    for code in languages:
        listed = aliases.get(code, ())
        for one in listed.values() if isinstance(listed, dict) else listed:
            yield one["value"], language(code), ALWAYS, False


def _fallback(labels: Mapping[str, Any], aliases: Mapping[str, Any], languages: Sequence[str]) -> list[str]:
    """The one other language that gives a label, unless an alias in a chosen one can stand for it."""
    if not labels or any(aliases.get(one) for one in languages):
        return []
    return [next((one for one in FALLBACK if one in labels), min(labels))]


def _description(record: Mapping[str, Any], kind: Kind, languages: Sequence[str]) -> str:
    """English, else the first chosen language that has one; without what may tell of later times.

    Descriptions are shown whatever the clocks say. Of people, organisations and events the beginning is kept
    ("English writer and humorist (1952–2001)" is an English writer), of the rest all but what stands in brackets.
    """
    told = table(record, "descriptions")
    code = next((one for one in ("en", *languages) if one in told), None)
    text = told[code]["value"] if code is not None else ""
    if not isinstance(text, str) or len(text) > MAX_NAME:
        return ""
    timed = kind in (Kind.PERSON, Kind.ORGANISATION, Kind.EVENT)
    return (head_of(text) if timed else text.partition("(")[0]).strip(" ,;")


def _within(entity: EntityId, kind: Kind, claims: Claims) -> EntityId | None:
    """What contains a place: its administrative unit, else its country, else its continent, as of today.

    Organisations lie in the unit that is stated, but in no country as a whole. Of several the first of the best rank
    is taken.
    """
    if kind not in (Kind.PLACE, Kind.ORGANISATION):
        return None
    for key in (_LOCATED_IN, _COUNTRY, _CONTINENT) if kind is Kind.PLACE else (_LOCATED_IN,):
        current = [one for one in claims.get(key, ()) if END not in (one.get("qualifiers") or {})]
        for one in best(current):
            found = target(one["mainsnak"])
            if found is not None and found != entity:
                return found
    return None
