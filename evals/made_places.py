"""Duplicates made of cities: a second record as another gazetteer would have it, among their real namesakes."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from dataclasses import replace

from evals.made_duplicates import PARTS, SEED, slip
from worldctx.exchange.facts import line_of
from worldctx.exchange.gazetteers import places
from worldctx.model.entity import Entity, Name, folded_name
from worldctx.model.ids import EntityId
from worldctx.model.source import Source

#: Smallest city, in inhabitants; share of the cities that get a second record.
SMALLEST, SHARE = 15_000, 0.2
#: How far apart two gazetteers put the centre of a city, as a standard deviation in degrees: 3 km.
APART = 0.027
#: The scheme of the cities' ids, which is taken away: two ids of an authority would give the answer.
SCHEME = "gn:"


def labelled(part: str) -> tuple[list[str], frozenset[frozenset[str]]]:
    """Lines of a part of the cities and of all that contains them, and the pairs of ids that are one place."""
    draw = random.Random(f"{SEED} places {part}")
    lines, pairs = list[str](), set[frozenset[str]]()
    for one in _told():
        if not isinstance(one, Entity) or not _is_city(one):
            lines.append(line_of(one))
        elif zlib.crc32(folded_name(one.names[0].text).encode()) % 10 in PARTS[part]:
            city = replace(one, id=EntityId(f"town:{one.id.removeprefix(SCHEME)}"), same_as=())
            lines.append(line_of(city))
            if draw.random() < SHARE:
                other = _another(city, draw)
                lines.append(line_of(other))
                pairs.add(frozenset((str(city.id), str(other.id))))
    return lines, frozenset(pairs)


def _told() -> Iterator[Source | Entity]:
    for one in places(SMALLEST):
        if isinstance(one, Source) or (isinstance(one, Entity) and one.names):
            yield one


def _is_city(one: Entity) -> bool:
    return one.id.startswith(SCHEME) and one.description not in ("country", "continent")


def _another(city: Entity, draw: random.Random) -> Entity:
    name = draw.choice(city.names[1:]).text if len(city.names) > 1 and draw.random() < 0.3 else city.names[0].text
    roll = draw.random()
    if roll < 0.2:
        name = folded_name(name).title()
    elif roll < 0.3:
        name = name.replace("-", " ").replace("Saint ", "St. ")
    elif roll < 0.35:
        name = f"City of {name}"
    elif roll < 0.4:
        name = slip(name, draw)
    roll = draw.random()
    within = city.within if roll < 0.6 else None
    lat, lon = city.lat, city.lon
    if lat is not None and lon is not None:
        lat = max(-90.0, min(90.0, lat + draw.gauss(0, APART)))
        lon = max(-180.0, min(180.0, lon + draw.gauss(0, APART)))
    if within is not None and draw.random() < 0.5:  # never neither: then nobody could tell
        lat = lon = None
    return Entity(EntityId(f"register:{city.id}"), city.kind, (Name(name, preferred=True),), (),
                  lat and round(lat, 3), lon and round(lon, 3), within)
