"""What contains what: hierarchy first, then codes; never a circle."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.geonames.published import entities, errors, imported, lines, place, skipped, taken, write
from worldctx.exchange.geonames import survey as module
from worldctx.exchange.geonames.importer import GeoNames
from worldctx.exchange.geonames.survey import Survey

FRANCE = 3017382


def relation(parent: object, child: object, kind: str = "ADM") -> str:
    return f"{parent}\t{child}\t{kind}"


def settled(places: list[tuple[int, str, str]], relations: list[tuple[int, int]]) -> Survey:
    """Of places with feature code and first-order code, all in France."""
    found = Survey({"FR": FRANCE}, frozenset((FRANCE,)), has_places=True)
    for number, code, first in places:
        found.add_place(number, code, "FR", first, "")
    for parent, child in relations:
        found.add_relation(parent, child)
    found.settle()
    return found


def test_hierarchy_counts_before_codes(tmp_path: Path) -> None:
    towns = write(tmp_path, "FR.txt", [
        place(11, "Région", "A.ADM1", admin="11."), place(75, "Département", "A.ADM2", admin="11.75"),
        place(751, "Arrondissement", "A.ADM3", admin="11.75"), place(7511, "Commune", "A.ADM4", admin="11.75")])
    table = write(tmp_path, "hierarchy.txt", [
        relation(11, 75), relation(75, 751), relation(751, 7511), relation(75, 7511), relation(11, 7511, ""),
        relation(6295630, 6255148), relation(6255148, FRANCE), relation(75, 999)])
    found = taken([table, towns])
    within = {key: one.within for key, one in entities([line for one in found.values() for line in lines(one)]).items()}
    assert within == {"gn:11": f"gn:{FRANCE}", "gn:75": "gn:11", "gn:751": "gn:75", "gn:7511": "gn:751"}
    assert entities(lines(found[towns]))["gn:7511"].within == "gn:751"
    assert skipped(found[table]) == {
        "second container of a place": 1, "containment that is not administrative": 1,
        "container of a country or continent": 2, "of a place that is not taken": 1}


def test_a_circle_is_told_and_not_written_and_its_places_lie_where_their_codes_say(tmp_path: Path) -> None:
    towns = write(tmp_path, "FR.txt", [place(1, "A"), place(2, "B"), place(3, "C"), place(4, "D")])
    rows = [relation(2, 1), relation(3, 2), relation(1, 3), relation(1, 4), relation(4, 4)]
    table = write(tmp_path, "hierarchy.txt", rows)
    found = taken([towns, table])
    told = errors(found[table])
    assert [one.partition(": childId: ")[0].rpartition(": ")[2] for one in told] == ["line 1", "line 2", "line 3"]
    assert all("its container lies in it" in one and "gn:1" in one and "gn:3" in one for one in told)
    within = {key: one.within for key, one in entities([line for one in found.values() for line in lines(one)]).items()}
    assert within == {"gn:1": f"gn:{FRANCE}", "gn:2": f"gn:{FRANCE}", "gn:3": f"gn:{FRANCE}", "gn:4": "gn:1"}


def test_a_place_in_itself_is_a_circle(tmp_path: Path) -> None:
    table = write(tmp_path, "hierarchy.txt", [relation(5, 5)])
    assert "its container lies in it (gn:5 in gn:5)" in errors(taken([table])[table])[0]


def test_a_circle_of_hierarchy_and_codes_is_found(tmp_path: Path) -> None:
    # The town lies in the region by its code, and hierarchy puts the region into the town.
    towns = write(tmp_path, "FR.txt", [place(11, "Région", "A.ADM1", admin="11."), place(1, "Ville", admin="11.")])
    table = write(tmp_path, "hierarchy.txt", [relation(1, 11)])
    found = taken([towns, table])
    assert len(errors(found[table])) == 1
    assert {key: one.within for key, one in entities(lines(found[towns])).items()} == {"gn:11": f"gn:{FRANCE}", "gn:1": "gn:11"}


def test_a_circle_of_codes_alone_leaves_its_places_without_a_container(tmp_path: Path) -> None:
    codes = write(tmp_path, "admin1CodesASCII.txt", ["FR.A\tA\tA\t1", "FR.B\tB\tB\t2"])
    towns = write(tmp_path, "FR.txt", [place(1, "Un", admin="B."), place(2, "Deux", admin="A."), place(3, "Trois", admin="A.")])
    found = taken([codes, towns])
    assert {key: one.within for key, one in entities(lines(found[towns])).items()} == {"gn:1": None, "gn:2": None, "gn:3": "gn:1"}
    assert [one.left_out for one in found[towns]] == [(("container that lies in the place", 1),)] * 2 + [()]


NUMBERS = st.integers(1, 12)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(NUMBERS, st.sampled_from(["PPL", "ADM1", "ADM2"]), st.sampled_from(["", "A", "B"])), max_size=15),
    st.lists(st.tuples(NUMBERS, NUMBERS), max_size=15),
)
def test_from_every_place_one_comes_to_an_end(places: list[tuple[int, str, str]], relations: list[tuple[int, int]]) -> None:
    found = settled(places, relations)
    for start in range(1, 13):
        here, steps = start, 0
        while here := found.container(here):
            steps += 1
            assert steps <= 12, "a circle"


@settings(max_examples=200, deadline=None)
@given(st.permutations(range(1, 13)), st.data())
def test_relations_without_a_circle_all_count(order: list[int], data: st.DataObject) -> None:
    relations = [(data.draw(st.sampled_from(order[:at])), child) for at, child in enumerate(order) if at]
    found = settled([(number, "PPL", "") for number in order], relations)
    assert all(found.contains(parent, child) for parent, child in relations)


def test_a_number_takes_eight_bytes_and_the_largest_are_refused(tmp_path: Path) -> None:
    rows = [place(13_000_000, "Loin"), place(module.MAX_ID + 1, "Trop loin")]
    path = write(tmp_path, "FR.txt", rows)
    tracemalloc.start()
    found = list(GeoNames([path]).records(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [bool(one.error) for one in found] == [False, True]
    # Two arrays that grow by an eighth, one of them doubled while it does, and the tables of the packages.
    assert peak < 200 * 2**20


def test_more_codes_than_there_are_take_no_more_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CODES", 10)
    rows = [place(100 + number, "Ville", admin=f"{number}.") for number in range(50)]
    found = GeoNames([write(tmp_path, "FR.txt", rows)])
    assert {one.within for one in entities(lines(found.records(found.paths[0]))).values()} == {f"gn:{FRANCE}"}
    assert len(found._survey._codes) <= 11


@pytest.mark.parametrize("row", [relation("x", 1), relation(1, ""), relation(1, 2**40), "1\t2\tADM\t4"])
def test_a_wrong_row_is_told_and_the_others_count(tmp_path: Path, row: str) -> None:
    table = write(tmp_path, "hierarchy.txt", [relation(1, 2), row, relation(1, 3)])
    records = taken([table])[table]
    assert len(errors(records)) == 1 and errors(records)[0].startswith(f"{table}: line 2: ")
    assert {key: one.within for key, one in entities(lines(records)).items()} == {"gn:2": "gn:1", "gn:3": "gn:1"}


def test_without_a_table_of_places_everything_counts_as_taken(tmp_path: Path) -> None:
    table = write(tmp_path, "hierarchy.txt", [relation(1, 2)])
    assert entities(imported(table))["gn:2"].within == "gn:1"
