"""Which place of a name is meant: what stands behind it, the home of the publisher, and the others decide."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from worldctx.lookup import places
from worldctx.lookup.mention import Named
from worldctx.lookup.places import Ground, Spot, Votes, distance_km, ground_of, home_of, votes_of
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.ids import EntityId
from worldctx.ports.lexicon import NameHit


def place(key: str, name: str, within: str | None, lat: float, lon: float, weight: float = 0.3) -> Entity:
    return Entity(EntityId(key), Kind.PLACE, (Name(name),), (), lat, lon, EntityId(within) if within else None,
                  weight=weight)


WORLD = {one.id: one for one in (
    place("america", "North America", None, 46, -100), place("europe", "Europe", None, 48, 9),
    place("us", "United States", "america", 40, -100, 0.9), place("france", "France", "europe", 47, 2, 0.8),
    place("texas", "Texas", "us", 31, -99, 0.5), place("idf", "Île-de-France", "france", 48.7, 2.5),
    place("paris", "Paris", "idf", 48.85, 2.35, 0.7), place("paris-tx", "Paris", "texas", 33.66, -95.56, 0.2),
    place("reno-tx", "Reno", "texas", 33.66, -95.46, 0.1), place("reno", "Reno", "us", 39.5, -119.8, 0.4))}
#: The abbreviation `Tex.` means this external id.
BY_CODE = {**WORLD, EntityId("iso3166-2:US-TX"): WORLD[EntityId("texas")]}


@dataclass(frozen=True)
class Around:
    entities: dict[EntityId, Entity] = field(default_factory=lambda: BY_CODE)
    ground: Ground = field(default_factory=Ground)
    votes: Votes = field(default_factory=Votes)


def hit(key: str) -> NameHit:
    one = WORLD[EntityId(key)]
    return NameHit(one.id, Kind.PLACE, one.names[0].text, True, True, one.weight)


def named(text: str, surface: str, *keys: str) -> Named:
    start = text.index(surface)
    return Named(start, start + len(surface), surface, tuple(map(hit, keys)), None)


def test_the_state_behind_a_town_says_which_town_is_meant() -> None:
    text = "A fire in Paris, Texas, was put out."
    mentions = [named(text, "Paris", "paris", "paris-tx"), named(text, "Texas", "texas")]
    scene = Around(ground=ground_of(text, mentions, WORLD, {}))
    assert places.in_what_stands_behind(mentions[0], hit("paris-tx"), scene) == 1
    assert places.in_what_stands_behind(mentions[0], hit("paris"), scene) == 0
    assert places.not_in_what_stands_behind(mentions[0], hit("paris"), scene) == 1
    assert places.holds_what_stands_before(mentions[1], hit("texas"), scene) == 1


def test_an_abbreviated_state_does_as_well() -> None:
    text = "A fire in Paris, Tex., was put out."
    mentions = [named(text, "Paris", "paris", "paris-tx")]
    scene = Around(ground=ground_of(text, mentions, BY_CODE, {}))
    assert places.in_what_stands_behind(mentions[0], hit("paris-tx"), scene) == 1


def test_a_country_that_merely_comes_next_in_a_list_says_nothing() -> None:
    text = "They flew to Reno, France and home."
    mentions = [named(text, "Reno", "reno", "reno-tx"), named(text, "France", "france")]
    scene = Around(ground=ground_of(text, mentions, WORLD, {}))
    assert places.not_in_what_stands_behind(mentions[0], hit("reno"), scene) == 0


def test_a_list_of_countries_is_no_containment() -> None:
    text = "They flew to France, United States and home."
    inner = place("france-us", "France", "us", 40, -90, 0.1)
    entities = {**WORLD, inner.id: inner}
    mention = Named(13, 19, "France", (hit("france"), NameHit(inner.id, Kind.PLACE, "France", True, True, 0.1)), None)
    scene = Around(entities, ground_of(text, [mention, named(text, "United States", "us")], entities, {}))
    assert places.not_in_what_stands_behind(mention, hit("france"), scene) == 0


def test_a_declared_home_is_certain_and_a_publishers_name_is_trusted_less() -> None:
    declared = "Paris, Texas"
    mentions = [named(declared, "Paris", "paris", "paris-tx"), named(declared, "Texas", "texas")]
    assert home_of([(declared, mentions, 1.0)], WORLD) == {"paris-tx": 1.0}
    masthead = "The Paris News"
    found = home_of([(masthead, [named(masthead, "Paris", "paris", "paris-tx")], 0.7)], WORLD)
    assert set(found) == {"paris", "paris-tx"}
    assert sum(found.values()) <= 0.7001


def test_towns_near_the_home_of_the_text_are_meant() -> None:
    text = "A fire in Reno was put out."
    mention = named(text, "Reno", "reno", "reno-tx")
    scene = Around(ground=ground_of(text, [mention], WORLD, {EntityId("paris-tx"): 1.0}))
    assert places.near_home(mention, hit("reno-tx"), scene) > 0.5 > places.near_home(mention, hit("reno"), scene)
    assert places.in_the_home_state(mention, hit("reno-tx"), scene) == 1
    assert places.in_the_home_state(mention, hit("reno"), scene) == 0


def test_the_likely_meanings_of_others_vote_and_a_name_does_not_vote_for_itself() -> None:
    text = "Paris and Reno"
    mentions = [named(text, "Paris", "paris", "paris-tx"), named(text, "Reno", "reno-tx", "reno")]
    ground = ground_of(text, mentions, WORLD, {})
    votes = votes_of({"Paris": [(EntityId("paris-tx"), 0.8)], "Reno": [(EntityId("reno-tx"), 0.1)]}, ground)
    scene = Around(ground=ground, votes=votes)
    assert places.near_others(mentions[1], hit("reno-tx"), scene) > 0.5
    assert places.near_others(mentions[1], hit("reno"), scene) == 0
    assert places.in_a_state_of_others(mentions[1], hit("reno-tx"), scene) == 0.4
    assert places.near_others(mentions[0], hit("paris-tx"), scene) == 0


def test_a_place_that_nobody_located_counts_less() -> None:
    lost = Entity(EntityId("lost"), Kind.PLACE, (Name("Atlantis"),))
    entities = {lost.id: lost}
    mention = Named(0, 8, "Atlantis", (NameHit(lost.id, Kind.PLACE, "Atlantis", True, True, 0.1),), None)
    scene = Around(entities, ground_of("Atlantis", [mention], entities, {}))
    assert places.nowhere(mention, mention.hits[0], scene) == 1


def test_containers_that_contain_each_other_end() -> None:
    one, other = place("a", "A", "b", 0, 0), place("b", "B", "a", 0, 0)
    assert places.spot_of(one, {one.id: one, other.id: other}).within == ("b", "a")


@given(st.floats(-80, 80), st.floats(-180, 180), st.floats(-1, 1), st.floats(-1, 1))
def test_near_distances_are_those_of_the_sphere(lat: float, lon: float, north: float, east: float) -> None:
    from evals.toponyms import distance_km as great_circle

    there = (lat + north, (lon + east + 180) % 360 - 180)
    found = distance_km(Spot(lat, lon), Spot(*there))
    assert found is not None
    assert abs(found - great_circle((lat, lon), there)) < 12
