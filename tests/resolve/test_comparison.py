"""Each feature says what it found and why, the same from both sides; the score is their sum in the open."""

from __future__ import annotations

from dataclasses import replace
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.model.entity import Kind, Name
from worldctx.model.ids import EntityId
from worldctx.model.time import ALWAYS, parse_interval, parse_when
from worldctx.resolve.comparison import FEATURES, Pair
from worldctx.resolve.identifier import identifier, identifiers
from worldctx.resolve.rarity import Rarity
from worldctx.resolve.score import MODELS, score
from worldctx.resolve.view import Neighbour, View

OHIO, UTAH, USA = EntityId("iso:US-OH"), EntityId("iso:US-UT"), EntityId("iso:US")


def person(name: str, id_: str = "ent:a", born: str = "", *neighbours: Neighbour, ids: tuple[str, ...] = ()) -> View:
    dates = {"birth_date": (parse_when(born),)} if born else {}
    return View(EntityId(id_), Kind.PERSON, (Name(name),), identifiers(ids), dates, neighbours=neighbours)


def place(name: str, id_: str, lat: float | None = None, lon: float = 0.0, within: tuple[EntityId, ...] = ()) -> View:
    return View(EntityId(id_), Kind.PLACE, (Name(name),), point=None if lat is None else (lat, lon), within=within)


def seat(office: str, where: EntityId, held: str = "2001-01-01/2004-12-31") -> Neighbour:
    return Neighbour("position_held", True, EntityId(office), parse_interval(*held.split("/")) if held else ALWAYS, (where, USA))


def census(*views: View, others: int = 1000) -> Rarity:
    rarity = Rarity()
    for view in views:
        rarity.add(view)
    for number in range(others):
        rarity.add(person(f"Given{number % 30} Family{number % 90}", f"ent:{number}", "", seat(f"ent:office-{number % 40}", OHIO)))
    return rarity


def found(left: View, right: View) -> dict[str, float]:
    pair = Pair(left, right, census(left, right))
    return {feature.__name__: said.value for feature in FEATURES if (said := feature(pair)).value}


@pytest.mark.parametrize(("left", "right", "feature"), [
    ("Ada Holm", "Holm, Ada", "given_name_equal"), ("William Holm", "Bill Holm", "given_name_short"), ("Dan Holm", "Daniel Holm", "given_name_short"),
    ("James Daniel Holm", "Daniel Holm", "given_name_short"), ("Sharon Holm", "Sharn Holm", "given_name_slip"), ("Ada Holm", "A. Holm", "given_name_initial"),
    ("Ada Holm", "Eve Holm", "given_name_differs"), ("Ada Childers", "Ada Chhilders", "surname_slip"), ("Ada Hyde-Smith", "Ada Hyde", "surname_slip"),
    ("Ada Holm", "Ada Wolny", "surname_differs"), ("Ada B. Holm", "Ada Beth Holm", "middle_name_agrees"), ("Ada B. Holm", "Ada C. Holm", "middle_name_differs"),
    ("Ada Holm Jr.", "Ada Holm III", "generation_differs"),
])
def test_names_of_persons_are_compared_part_by_part(left: str, right: str, feature: str) -> None:
    assert feature in found(person(left), person(right, "ent:b"))


def test_dates_agree_as_far_as_both_are_precise() -> None:
    day, year, other = (person("Ada Holm", f"ent:{born}", born) for born in ("1950-05-27", "1950", "1951-05-27"))
    assert "same_birth_day" in found(day, day) and "same_birth_year" in found(day, year)
    assert "birth_differs" in found(day, other) and "birth_differs" not in found(day, person("Ada Holm", "ent:x"))


def test_a_rare_name_says_more_than_a_common_one() -> None:
    rare = found(person("Dafna Jenet"), person("Dafna Jenet", "ent:b"))["rare_name"]
    common = found(person("Given1 Family1"), person("Given1 Family1", "ent:b")).get("rare_name", 0.0)
    assert rare > 0.5 > common


def test_shared_neighbours_speak_for_it_and_two_offices_at_once_in_two_states_against() -> None:
    here = person("Ada Holm", "ent:a", "", seat("ent:rare-office", UTAH))
    same = person("Ada Holm", "ent:b", "", seat("ent:rare-office", UTAH, "2003-01-01/2006-12-31"))
    later = person("Ada Holm", "ent:c", "", seat("ent:other", OHIO, "2010/2012"))
    elsewhere = person("Ada Holm", "ent:d", "", seat("ent:other", OHIO))
    assert {"shared_neighbours", "same_region"} <= found(here, same).keys()
    assert "other_region" in found(here, later) and "elsewhere_at_once" not in found(here, later)
    assert "elsewhere_at_once" in found(here, elsewhere)
    assert "two_seats_at_once" in found(here, person("Ada Holm", "ent:e", "", seat("ent:other", UTAH)))


def test_places_are_compared_by_distance_and_container() -> None:
    assert "near" in found(place("Bremen", "a:1", 53.08, 8.80), place("Bremen", "b:1", 53.10, 8.85))
    assert "far" in found(place("Bremen", "a:1", 53.08, 8.80), place("Bremen", "b:1", 41.45, -86.15))
    assert "other_container" in found(place("Springfield", "a:1", within=(OHIO, USA)), place("Springfield", "b:1", within=(UTAH, USA)))
    assert "same_container" in found(place("Springfield", "a:1", within=(OHIO, USA)), place("Springfield", "b:1", within=(USA,)))
    assert "contains_the_other" in found(place("Ohio", OHIO), place("Ohio", "b:1", within=(OHIO, USA)))


@pytest.mark.parametrize(("text", "wanted"), [
    ("wd:Q42", ("wd", "Q42")), ("http://www.wikidata.org/entity/Q42", ("wd", "Q42")), ("https://sws.geonames.org/123/", ("gn", "123")),
    ("https://viaf.org/viaf/75121530", ("viaf", "75121530")), ("ent:ada", None), ("https://example.org/a", None), ("no scheme", None),
])
def test_an_id_is_the_same_however_it_is_written(text: str, wanted: tuple[str, str] | None) -> None:
    assert identifier(text) == wanted


def test_an_authority_with_two_ids_outweighs_all_that_agrees() -> None:
    one, other = (person("Dafna Jenet", f"ent:{number}", "1950-05-27", seat("ent:rare-office", OHIO), ids=(number,)) for number in ("wd:Q1", "wd:Q2"))
    rarity = census(one, other)
    apart, together = score(Pair(one, other, rarity)), score(Pair(replace(one, identifiers=frozenset()), other, rarity))
    assert apart.value < 0.5 < together.value
    assert apart.reasons[0].text == "wd:Q1 / wd:Q2"


def test_persons_are_no_places() -> None:
    assert "kind_differs" in found(person("Ada Holm"), place("Ada Holm", "b:1"))


WORDS = st.sampled_from(["Ada", "Adá", "Bill", "William", "B.", "Holm", "Holmes", "Jr.", "O'Neil", "Hyde-Smith", "(x)", "\"Jim\"", ",", "", "'", "Q"])
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join).filter(lambda text: bool(text.strip()))


@given(NAMES, NAMES, st.sampled_from(["", "1950", "1950-05-27"]), st.sampled_from(["", "1950", "1951"]), st.sampled_from(list(Kind)))
def test_any_two_entities_have_a_score_that_is_the_same_from_both_sides(left: str, right: str, born: str, other: str, kind: Kind) -> None:
    one, two = replace(person(left, "ent:a", born), kind=kind), replace(person(right, "ent:b", other), kind=kind)
    rarity = census(one, two, others=5)
    here, there = score(Pair(one, two, rarity)), score(Pair(two, one, rarity))
    assert 0 <= here.value <= 1
    assert {each.feature: each.weight for each in here.reasons} == {each.feature: each.weight for each in there.reasons}
    model = MODELS.get(kind, MODELS[Kind.PLACE])
    assert here.value == round(1 / (1 + exp(-model.bias - sum(each.weight for each in here.reasons))), 4)
