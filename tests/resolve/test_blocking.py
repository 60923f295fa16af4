"""Blocking proposes pairs that share a rare key, never more than it promises, whatever the order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.model.entity import Kind
from worldctx.model.time import parse_when
from worldctx.resolve.blocking import EACH, LARGEST, Blocks, date_keys, name_keys, number_of, place_keys


@pytest.mark.parametrize(("one", "other"), [
    ("Ada Holm", "Holm, Ada"), ("William Holm", "Bill Holm"), ("Ada Holm", "Ada B. Holm"), ("Ada Holm", "A. Holm"),
    ("Ada Holm", "ÁDA HOLM"), ("Greg Childers", "G. Chhilders"), ("Cindy Hyde-Smith", "Cindy Smith"),
    ('James "Jim" Holm', "Jim Holm"), ("Ada Holm Jr.", "Ada Holm"), ("Ana García López", "Ana García"), ("Devin Nunes", "Devin Nuens"),
])
def test_two_ways_to_write_a_person_share_a_key(one: str, other: str) -> None:
    assert name_keys(one, Kind.PERSON) & name_keys(other, Kind.PERSON)


@pytest.mark.parametrize(("one", "other"), [
    ("World Health Organization", "WHO"), ("City of Bremen", "Bremen"), ("Universität Bremen", "Bremen Universitat"),
    ("Sankt Gallen", "Sankt-Gallen"), ("Museum of Tides", "Tides Museum"),
])
def test_two_ways_to_write_a_title_share_a_key(one: str, other: str) -> None:
    assert name_keys(one, Kind.ORGANISATION) & name_keys(other, Kind.ORGANISATION)


def test_names_that_have_nothing_in_common_share_no_key() -> None:
    assert not name_keys("Ada Holm", Kind.PERSON) & name_keys("Jan Wolny", Kind.PERSON)


def test_a_birth_year_with_a_surname_and_a_birth_day_with_an_initial_are_keys() -> None:
    day, year = parse_when("1950-05-27"), parse_when("1950")
    assert date_keys("birth_date", day, {"holm"}, {"h"}) & date_keys("birth_date", year, {"holm"}, {"h"})
    assert date_keys("birth_date", day, {"holm"}, {"h"}) & date_keys("birth_date", day, {"hulm"}, {"h"})
    assert not date_keys("birth_date", year, {"holm"}, {"h"}) & date_keys("birth_date", year, {"hulm"}, {"h"})


@given(st.floats(-89, 89), st.floats(-179, 179), st.floats(-0.012, 0.012), st.floats(-0.012, 0.012))
def test_points_a_kilometre_apart_share_a_cell_of_one_of_the_grids_or_lie_at_two_edges(
    lat: float, lon: float, up: float, right: float
) -> None:
    here, there = place_keys(lat, lon, {"a"}), place_keys(lat + up, lon + right, {"a"})
    rows = {floor_of(lat, shift) == floor_of(lat + up, shift) and floor_of(lon, shift) == floor_of(lon + right, shift) for shift in (0.0, 0.5)}
    assert bool(here & there) is (True in rows)
    assert not here & place_keys(lat, lon, {"b"})


def floor_of(value: float, shift: float) -> int:
    return int((value / 0.05 + shift) // 1)


def pairs_of(keys: list[set[str]]) -> list[tuple[int, int]]:
    blocks = Blocks()
    for entity, own in enumerate(keys):
        blocks.add(entity, sorted(own))
    return [(pair >> 32, pair & 0xFFFFFFFF) for pair in blocks.pairs(len(keys)).tolist()]


@given(st.lists(st.sets(st.sampled_from("abcdefgh"), max_size=4), max_size=30))
def test_small_blocks_give_exactly_the_pairs_that_share_a_key(keys: list[set[str]]) -> None:
    assert pairs_of(keys) == [(one, other) for one in range(len(keys)) for other in range(one + 1, len(keys)) if keys[one] & keys[other]]


def test_a_key_that_too_many_share_proposes_nothing() -> None:
    assert pairs_of([{"common"}] * (LARGEST + 1)) == []
    assert len(pairs_of([{"common"}] * LARGEST)) == LARGEST * (LARGEST - 1) // 2


def test_the_number_of_pairs_is_bounded_by_the_number_of_entities_and_rare_keys_come_first() -> None:
    draw = random.Random(1)
    keys = [{f"k{draw.randrange(60)}" for _ in range(6)} | {f"rare{number // 2}"} for number in range(1200)]
    found = pairs_of(keys)
    assert {(number, number + 1) for number in range(0, 1200, 2)} <= set(found)
    assert len(found) <= len(keys) * (EACH + LARGEST)


def test_keys_are_the_same_numbers_in_every_process() -> None:
    assert number_of("two ada holm") == 9568187074655742210
