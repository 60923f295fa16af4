"""Which of the places of one name a text means: what stands behind it, where the text comes from, what else it names.

Pure: entities come in as values. Toponym resolution by containment, spatial closeness and the home of the publisher
(Leidner 2007; Lieberman, Samet and Sankaranarayanan 2010, whose local lexicon of a newspaper is `home` here).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from math import cos, exp, radians, sqrt
from typing import Protocol

from worldctx.lookup.mention import Named
from worldctx.model.entity import Entity, Kind
from worldctx.model.ids import EntityId
from worldctx.ports.lexicon import NameHit
from worldctx.text.regions import abbreviated_behind

#: Kilometres at which closeness has fallen to 1/e, beyond which it is none, and of a degree of latitude.
CLOSE_KM, FAR_KM, DEGREE_KM = 60.0, 300.0, 111.2
FAR_DEGREES = FAR_KM / DEGREE_KM
#: Pairs of places whose closeness is remembered: each pass asks anew, and the homes of texts come again.
REMEMBERED = 1 << 14
#: How likely a meaning must be before others are measured from it, and how many such places there are at most.
LIKELY, BEACONS = 0.35, 16
#: As many other places of a state or country in one text say all that they can say.
ENOUGH = 2.0

#: Countries have this weight or more.
COUNTRY = 0.6
#: What may stand between a place and what contains it.
_JOINTS = (", ", " (", ",", ", in ", " in ")
#: How sure it must be at least that a text comes from a place: dozens are called New York.
LEAST_HOME = 0.02

_NONE: frozenset[EntityId] = frozenset()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one place lies: WGS 84 degrees, if known, and what contains it, from the nearest on."""

    lat: float | None
    lon: float | None
    within: tuple[EntityId, ...] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """Where candidates lie, and what the text and its publisher say of where it is.

    Attributes:
        spots: of places, by the ids of hits and by their own.
        behind: for a surface, the areas that stand behind it somewhere in the text (`Paris, Texas`).
        before: for a surface, the places that it stands behind.
        home: where the text comes from, each with how sure that is.
    """

    spots: Mapping[EntityId, Spot] = field(default_factory=dict)
    behind: Mapping[str, frozenset[EntityId]] = field(default_factory=dict)
    before: Mapping[str, frozenset[EntityId]] = field(default_factory=dict)
    home: Mapping[EntityId, float] = field(default_factory=dict)


#: Nothing is known of where anything lies.
NOWHERE = Ground()


@dataclass(frozen=True, slots=True)
class Votes:
    """Where the likely meanings of all mentions lie.

    Attributes:
        areas: for an area, how likely each surface is to mean a place in it.
        beacons: places that are likely meant: surface, place, how likely.
        totals: for an area, the sum over all surfaces.
    """

    areas: Mapping[EntityId, Mapping[str, float]] = field(default_factory=dict)
    beacons: tuple[tuple[str, Spot, float], ...] = ()
    totals: Mapping[EntityId, float] = field(default_factory=dict)


class Placed(Protocol):
    """A scene as far as places are judged against it."""

    @property
    def entities(self) -> Mapping[EntityId, Entity]: ...

    @property
    def ground(self) -> Ground: ...

    @property
    def votes(self) -> Votes: ...


def ground_of(text: str, mentions: Sequence[Named], entities: Mapping[EntityId, Entity],
              home: Mapping[EntityId, float]) -> Ground:
    """The ground of a text.

    Args:
        mentions: by start.
        entities: candidates, what contains them, and what is abbreviated behind them.
        home: where the text comes from, each with how sure that is.
    """
    spots: dict[EntityId, Spot] = {}
    above: dict[EntityId | None, tuple[EntityId, ...]] = {}  # the towns of one county have the same above them
    for key, one in entities.items():
        if one.kind is Kind.PLACE:
            if one.within not in above:
                above[one.within] = _from(one.within, entities)
            spots[key] = spots[one.id] = spots.get(one.id) or Spot(one.lat, one.lon, above[one.within])
    return Ground(spots, *_adjacent(text, mentions, entities, spots), home)


def _adjacent(text: str, mentions: Sequence[Named], entities: Mapping[EntityId, Entity],
              spots: Mapping[EntityId, Spot]) -> tuple[dict[str, frozenset[EntityId]], dict[str, frozenset[EntityId]]]:
    """For a surface, the areas that stand behind it; for another, the places in front of it that it may contain."""
    behind: dict[str, set[EntityId]] = defaultdict(set)
    before: dict[str, set[EntityId]] = defaultdict(set)
    for place, mention in enumerate(mentions):
        if not mention.hits:
            continue
        areas = {entities[key].id for one in abbreviated_behind(text, mention.end)
                 if (key := EntityId(one)) in entities}
        follower = mentions[place + 1] if place + 1 < len(mentions) else None
        if (follower is not None and follower.hits and text[mention.end:follower.start] in _JOINTS
                and not (_may_be_country(mention, spots) and _may_be_country(follower, spots))):
            areas |= {entities[hit.entity].id for hit in follower.hits if hit.entity in entities}
        else:
            follower = None
        if not areas:
            continue
        inside = {entities[hit.entity].id: spots[hit.entity].within for hit in mention.hits if hit.entity in spots}
        inside = {one: within for one, within in inside.items() if not areas.isdisjoint(within)}
        if inside:
            behind[mention.surface] |= areas.intersection(chain.from_iterable(inside.values()))
            if follower is not None:
                before[follower.surface] |= inside.keys()
    return ({key: frozenset(value) for key, value in behind.items()},
            {key: frozenset(value) for key, value in before.items()})


def _may_be_country(mention: Named, spots: Mapping[EntityId, Spot]) -> bool:
    """Whether it may name a country: one behind another is a list (China, Japan), though there is a China in Japan."""
    return any(hit.entity in spots and len(spots[hit.entity].within) == 1 and hit.weight >= COUNTRY
               for hit in mention.hits)


def home_of(told: Sequence[tuple[str, Sequence[Named], float]], entities: Mapping[EntityId, Entity],
            ) -> dict[EntityId, float]:
    """Where a text comes from, by what its metadata say; each place with how sure that is, 0 to 1.

    Args:
        told: a declared text (`Paris, Texas`; the publisher's name), the mentions in it, and how far to trust it.
        entities: candidates and what contains them.
    """
    home: dict[EntityId, float] = {}
    for text, mentions, trust in told:
        named = next((one for one in mentions if any(hit.kind is Kind.PLACE for hit in one.hits)), None)
        if named is None:
            continue
        spots = {hit.entity: spot_of(entities[hit.entity], entities) for one in mentions for hit in one.hits
                 if hit.entity in entities and hit.kind is Kind.PLACE}
        behind, _ = _adjacent(text, mentions, entities, spots)
        areas = behind.get(named.surface, _NONE)
        meant = {entities[hit.entity].id: hit.weight for hit in named.hits
                 if hit.entity in spots and (not areas or not areas.isdisjoint(spots[hit.entity].within))}
        whole = sum(weight * weight for weight in meant.values())
        for entity, weight in meant.items():
            sure = trust * (weight * weight / whole if whole else 1 / len(meant))
            if sure >= LEAST_HOME:
                home[entity] = round(max(home.get(entity, 0.0), sure), 4)
    return home


def spot_of(place: Entity, entities: Mapping[EntityId, Entity]) -> Spot:
    """Where a place lies, by what is known of it and of what contains it."""
    return Spot(place.lat, place.lon, _from(place.within, entities))


def _from(area: EntityId | None, entities: Mapping[EntityId, Entity]) -> tuple[EntityId, ...]:
    """An area and what contains it, from the nearest on."""
    above: list[EntityId] = []
    while area is not None and area not in above and len(above) < 4:
        above.append(area)
        area = entities[area].within if area in entities else None
    return tuple(above)


def votes_of(found: Mapping[str, Sequence[tuple[EntityId, float]]], ground: Ground) -> Votes:
    """What the likely meanings of all surfaces say together.

    Args:
        found: candidates of each surface with the probability of each.
    """
    areas: dict[EntityId, dict[str, float]] = defaultdict(dict)
    beacons = []
    for surface, candidates in found.items():
        for entity, chance in candidates:
            spot = ground.spots.get(entity) if chance >= 0.02 else None
            if spot is None:
                continue
            for area in (entity, *spot.within):
                named = areas[area]
                named[surface] = min(1.0, named.get(surface, 0.0) + chance)
            if chance >= LIKELY and spot.lat is not None and len(spot.within) > 1:
                beacons.append((surface, spot, chance))
    beacons.sort(key=lambda one: (-one[2], one[0]))
    return Votes(areas, tuple(beacons[:BEACONS]), {area: sum(named.values()) for area, named in areas.items()})


def distance_km(one: Spot, other: Spot) -> float | None:
    """Kilometres between two near places (equirectangular); None where it is more than FAR_KM or not known."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return None
    north = (one.lat - other.lat) * DEGREE_KM
    if abs(north) > FAR_KM:
        return None
    east = (((one.lon - other.lon + 180) % 360) - 180) * DEGREE_KM * cos(radians(one.lat))
    return None if abs(east) > FAR_KM else sqrt(north * north + east * east)


def nowhere(mention: Named, hit: NameHit, scene: Placed) -> float:
    """It is a place of which nobody said where it lies."""
    spot = _spot(hit, scene)
    return float(spot is not None and spot.lat is None)


def in_what_stands_behind(mention: Named, hit: NameHit, scene: Placed) -> float:
    """It lies in the state or country that stands behind the name."""
    behind = scene.ground.behind.get(mention.surface)
    if not behind:
        return 0.0
    spot = scene.ground.spots.get(hit.entity)
    return float(spot is not None and not behind.isdisjoint(spot.within))


def not_in_what_stands_behind(mention: Named, hit: NameHit, scene: Placed) -> float:
    """A state or country stands behind the name, and it lies elsewhere."""
    behind = scene.ground.behind.get(mention.surface)
    if not behind:
        return 0.0
    spot = scene.ground.spots.get(hit.entity)
    return float(spot is None or behind.isdisjoint(spot.within))


def holds_what_stands_before(mention: Named, hit: NameHit, scene: Placed) -> float:
    """It contains the place that it stands behind."""
    before = scene.ground.before.get(mention.surface)
    if not before or (entity := scene.entities.get(hit.entity)) is None:
        return 0.0
    spots = scene.ground.spots
    return float(any(entity.id in spots[one].within for one in before))


def near_home(mention: Named, hit: NameHit, scene: Placed) -> float:
    """It is where the text comes from, or near."""
    if not scene.ground.home:
        return 0.0
    spot, spots = _spot(hit, scene), scene.ground.spots
    if spot is None:
        return 0.0
    return max((sure * _closeness(spot, spots[one]) for one, sure in scene.ground.home.items()
                if one in spots and len(spots[one].within) > 1), default=0.0)


def in_the_home_state(mention: Named, hit: NameHit, scene: Placed) -> float:
    """It lies in the state or province that the text comes from."""
    return _in_home(hit, scene, _state)


def in_the_home_country(mention: Named, hit: NameHit, scene: Placed) -> float:
    """It lies in the country that the text comes from."""
    return _in_home(hit, scene, _country)


def _in_home(hit: NameHit, scene: Placed, area: Callable[[EntityId, Spot], EntityId | None]) -> float:
    """How sure it is that it lies in the same area of one kind as the home of the text."""
    if not scene.ground.home:
        return 0.0
    spot, spots = _spot(hit, scene), scene.ground.spots
    if spot is None or len(spot.within) < 2:
        return 0.0
    return max((sure for one, sure in scene.ground.home.items()
                if one in spots and area(one, spots[one]) in spot.within), default=0.0)


def in_a_state_of_others(mention: Named, hit: NameHit, scene: Placed) -> float:
    """Other places of the text lie in the same state or province."""
    spot = _spot(hit, scene)
    return _share(mention, spot.within[0], scene) if spot is not None and len(spot.within) > 2 else 0.0


def in_a_country_of_others(mention: Named, hit: NameHit, scene: Placed) -> float:
    """Other places of the text lie in the same country."""
    spot = _spot(hit, scene)
    return _share(mention, spot.within[-2], scene) if spot is not None and len(spot.within) > 1 else 0.0


def near_others(mention: Named, hit: NameHit, scene: Placed) -> float:
    """Other places of the text are near."""
    spot = scene.ground.spots.get(hit.entity)
    if spot is None or spot.lat is None or len(spot.within) < 2:
        return 0.0
    best = 0.0
    for surface, other, chance in scene.votes.beacons:  # the likeliest first
        if chance <= best:
            break
        if other.lat is not None and abs(spot.lat - other.lat) < FAR_DEGREES and surface != mention.surface:
            best = max(best, chance * _closeness(spot, other))
    return round(best, 4)


def contains_others(mention: Named, hit: NameHit, scene: Placed) -> float:
    """Other places of the text lie in it."""
    if hit.entity not in scene.ground.spots:
        return 0.0
    return _share(mention, scene.entities[hit.entity].id, scene)


def _spot(hit: NameHit, scene: Placed) -> Spot | None:
    return scene.ground.spots.get(hit.entity)


def _share(mention: Named, area: EntityId, scene: Placed) -> float:
    others = scene.votes.areas.get(area)
    if not others:
        return 0.0
    return round(min(1.0, (scene.votes.totals[area] - others.get(mention.surface, 0.0)) / ENOUGH), 4)


def _closeness(one: Spot, other: Spot) -> float:
    return _close(one.lat, one.lon, other.lat, other.lon)


@lru_cache(maxsize=REMEMBERED)
def _close(lat: float | None, lon: float | None, other_lat: float | None, other_lon: float | None) -> float:
    km = distance_km(Spot(lat, lon), Spot(other_lat, other_lon))
    return 0.0 if km is None else round(exp(-km / CLOSE_KM), 4)


def _state(entity: EntityId, spot: Spot) -> EntityId | None:
    """The first-order area of a place, which may be one itself: continent and country are above it."""
    return spot.within[-3] if len(spot.within) > 2 else entity if len(spot.within) == 2 else None


def _country(entity: EntityId, spot: Spot) -> EntityId | None:
    return spot.within[-2] if len(spot.within) > 1 else entity if spot.within else None


#: Log-odds of each feature, as in link.FEATURES. Set on the dev half of evals/gold/local_news.txt and of the news that
#: evals/toponyms.py reads: what linking is trained on has no publishers, and seldom a state behind a town.
WEIGHTS: Mapping[Callable[[Named, NameHit, Placed], float], float] = {
    in_what_stands_behind: 4.0, not_in_what_stands_behind: -4.0, holds_what_stands_before: 3.0,
    near_home: 3.0, in_the_home_state: 1.5, in_the_home_country: 1.0,
    in_a_state_of_others: 2.5, in_a_country_of_others: 2.0, near_others: 3.0, contains_others: 0.6, nowhere: -0.8,
}
#: What must be known of its surroundings for a feature to say anything.
NEEDED_AROUND: Mapping[Callable[[Named, NameHit, Placed], float], Callable[[Named, Placed], bool]] = {
    in_what_stands_behind: lambda mention, scene: mention.surface in scene.ground.behind,
    not_in_what_stands_behind: lambda mention, scene: mention.surface in scene.ground.behind,
    holds_what_stands_before: lambda mention, scene: mention.surface in scene.ground.before,
    near_home: lambda _, scene: bool(scene.ground.home),
    in_the_home_state: lambda _, scene: bool(scene.ground.home),
    in_the_home_country: lambda _, scene: bool(scene.ground.home),
}
#: Those that look at what else the text names.
SOCIAL = frozenset({in_a_state_of_others, in_a_country_of_others, near_others, contains_others})
