"""Rows of places become entities with coordinates, containment, weight and facts, as `import places` has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.geonames.published import (
    cities,
    city_row,
    entities,
    errors,
    facts,
    imported,
    lines,
    place,
    skipped,
    taken,
    write,
)
from worldctx.exchange.gazetteers import places
from worldctx.exchange.geonames.choice import Choice
from worldctx.exchange.geonames.importer import GeoNames
from worldctx.exchange.geonames.places import fact
from worldctx.model.clocks import Basis
from worldctx.model.entity import Entity, Name
from worldctx.model.errors import BadInput
from worldctx.model.fact import Literal, fact_id
from worldctx.model.ids import EntityId

FRANCE, EUROPE = "gn:3017382", "gn:6255148"


def test_a_city_has_name_coordinates_country_weight_and_population(tmp_path: Path) -> None:
    path = write(tmp_path, "FR.txt", [place(2988507, "Paris", "P.PPLC", lat=48.85341, lon=2.3488, population=2138551)])
    found = imported(path)
    paris = entities(found)["gn:2988507"]
    assert paris.names == (Name("Paris", "", preferred=True),)
    assert (paris.lat, paris.lon, paris.within, paris.description) == (48.85341, 2.3488, FRANCE, "capital of France")
    assert paris.weight == pytest.approx(0.65, abs=0.02)
    population, = (one for one in facts(found) if one.predicate == "population")
    assert (population.subject, population.literal) == ("gn:2988507", Literal("2138551", "integer"))
    assert (population.valid.edtf, population.known.basis) == ("2024-03-02/..", Basis.STATED)
    assert (population.source, population.evidence.record, population.method, population.confidence) == \
        ("src:geonames", "2988507", "geonames@1", 0.9)
    capital, = (one for one in facts(found) if one.predicate == "capital")
    assert (capital.subject, capital.object) == (FRANCE, "gn:2988507")


@given(
    st.text(max_size=20), st.sampled_from(["population", "é"]),
    st.builds(Literal, st.text(max_size=9), st.text(max_size=9), st.text(max_size=3), st.text(max_size=3))
    | st.text(max_size=9).map(EntityId),
    st.dates().map(str) | st.just(""), st.text(max_size=9),
)
def test_a_fact_brings_the_id_that_its_content_has(
    subject: str, predicate: str, said: Literal | EntityId, date: str, record: str
) -> None:
    made = fact(subject, predicate, said, date, record)
    assert made.id == fact_id(made)


def test_real_cities_are_the_entities_that_import_places_makes(tmp_path: Path) -> None:
    sample = cities()[::40]
    path = write(tmp_path, "cities15000.txt", map(city_row, sample))
    mine = entities(imported(path))
    theirs = {one.id: one for one in places(15_000) if isinstance(one, Entity)}
    assert len(sample) > 800
    for city in sample:
        one, other = mine[f"gn:{city['geonameid']}"], theirs[EntityId(f"gn:{city['geonameid']}")]
        if other.description.startswith("capital"):  # told from PPLC, which these rows do not have
            continue
        assert (one.names, one.lat, one.lon, one.description, one.weight) == \
            (other.names, other.lat, other.lon, other.description, other.weight)
        # The rows alone do not say which state it is in; the package does.
        assert one.within in _containers(other, theirs)


def _containers(place: Entity, every: dict[EntityId, Entity]) -> list[EntityId]:
    found: list[EntityId] = []
    while place.within is not None and place.within in every:
        found.append(place.within)
        place = every[place.within]
    return found


def test_countries_and_continents_are_there_first_as_import_places_has_them(tmp_path: Path) -> None:
    path = write(tmp_path, "FR.txt", [place(3017382, "Republic of France", "A.PCLI", lat=46, lon=2, population=66987244)])
    found = GeoNames([path])
    theirs = {one.id: one for one in places(15_000) if isinstance(one, Entity)}
    begun = entities(found.begin())
    assert len(begun) == 7 + 250
    for key, one in begun.items():
        other = theirs[EntityId(key)]
        assert (one.names, one.same_as, one.within, one.weight) == (other.names, other.same_as, other.within, other.weight)
    france = entities([*found.begin(), *lines(found.records(path))])[FRANCE]
    assert (france.within, france.lat, france.lon, france.weight) == (EUROPE, 46, 2, begun[FRANCE].weight)
    assert france.same_as == ("iso:FRA",) and france.label() == "France"
    assert Name("Republic of France") in france.names


def test_a_name_that_a_country_took_later_is_not_given_to_it_before(tmp_path: Path) -> None:
    path = write(tmp_path, "LK.txt", [place(1227603, "Democratic Socialist Republic of Sri Lanka", "A.PCLI", "LK")])
    name, = entities(imported(path))["gn:1227603"].names
    assert name.valid.edtf == "1972-05-22/.."


def test_places_lie_in_the_innermost_division_that_is_taken(tmp_path: Path) -> None:
    rows = [
        place(1, "Ville", admin="11.75"), place(2, "Bourg", admin="11.99"), place(3, "Lieu", admin="00."),
        place(12, "Paris (department)", "A.ADM2", admin="11.75"), place(11, "Île-de-France", "A.ADM1", admin="11."),
        place(13, "Arrondissement", "A.ADM3", admin="11.75"), place(14, "Région d'antan", "A.ADM1H", admin="11."),
        place(4, "Nowhere", country="", admin="."),
    ]
    within = {key: one.within for key, one in entities(imported(write(tmp_path, "allCountries.txt", rows))).items()}
    assert within == {
        "gn:1": "gn:12", "gn:2": "gn:11", "gn:3": FRANCE, "gn:12": "gn:11", "gn:11": FRANCE, "gn:13": "gn:12",
        "gn:14": FRANCE, "gn:4": None}
    cities_only = imported(tmp_path / "allCountries.txt", choice=Choice(classes=frozenset("P")))
    assert {one.within for one in entities(cities_only).values()} == {FRANCE, None}


def test_divisions_come_from_their_own_files_too(tmp_path: Path) -> None:
    first = write(tmp_path, "admin1CodesASCII.txt", ["FR.11\tÎle-de-France\tIle-de-France\t3012874",
                                                     "US.CA\tCalifornia\tCalifornia\t5332921", "CH.ZH\tZurich\tZurich\t2657895"])
    second = write(tmp_path, "admin2Codes.txt", ["FR.11.75\tParis\tParis\t2968815"])
    towns = write(tmp_path, "cities500.txt", [place(1, "Ville", admin="11.75"), place(2, "Town", country="US", admin="CA.037")])
    found = entities(imported(towns, second, first))
    assert found["gn:1"].within == "gn:2968815" and found["gn:2968815"].within == "gn:3012874"
    assert found["gn:2"].within == "gn:5332921" and found["gn:5332921"].within == "gn:6252001"
    assert found["gn:3012874"].description == "first-order division in France"
    assert found["gn:5332921"].same_as == ("iso3166-2:US-CA",) and found["gn:2657895"].same_as == ("iso3166-2:CH-ZH",)
    weights = [found[key].weight for key in ("gn:5332921", "gn:3012874", "gn:2968815")]
    theirs = {one.id: one for one in places(15_000) if isinstance(one, Entity)}
    assert weights == [theirs[EntityId(key)].weight for key in ("gn:5332921", "iso3166-2:FR-IDF", "iso3166-2:FR-75C")]


def test_classes_inhabitants_and_facts_can_be_chosen(tmp_path: Path) -> None:
    rows = [place(1, "Ville", population=900), place(2, "Cité", population=9000), place(3, "Lac", "H.LK", elevation=372),
            place(4, "Capitale", "P.PPLC", population=10), place(5, "Mont", "T.MT", elevation=4808)]
    path = write(tmp_path, "FR.txt", rows)
    assert set(entities(imported(path))) == {"gn:1", "gn:2", "gn:4"}
    choice = Choice(frozenset("PHT"), 1000, facts=frozenset(("elevation", "feature_code")))
    found = imported(path, choice=choice)
    assert set(entities(found)) == {"gn:2", "gn:3", "gn:4", "gn:5"}
    assert entities(found)["gn:3"].description == "lake in France"
    said = {(one.subject, one.predicate, one.object_text) for one in facts(found)}
    assert ("gn:5", "elevation", "4808") in said and ("gn:3", "feature_code", "H.LK") in said
    assert {one.predicate for one in facts(found)} == {"elevation", "feature_code"}
    assert skipped(taken([path], choice)[path]) == {"fewer inhabitants than chosen": 1}


@pytest.mark.parametrize(("classes", "chosen"), [("AX", "population"), ("A", "colour")])
def test_a_choice_that_geonames_does_not_have_is_refused(classes: str, chosen: str) -> None:
    with pytest.raises(BadInput, match="is none of"):
        Choice(frozenset(classes), facts=frozenset((chosen,)))


def test_other_spellings_are_kept_where_they_are_of_use(tmp_path: Path) -> None:
    rows = [
        place(1, "Zürich", ascii_name="Zuerich", others="ZRH,Turi,Цюрих,Zurigo,Zürich", population=341730),
        place(2, "Đà Nẵng", country="VN", ascii_name="Da Nang", population=988561),
        place(3, "Genève", ascii_name="Geneve", others="London", population=183981),
        place(4, "Weiler", others="Dorf am Berg"),
    ]
    found = entities(imported(write(tmp_path, "cities500.txt", rows)))
    names = {key: {name.text for name in one.names} for key, one in found.items()}
    assert names == {"gn:1": {"Zürich", "Zuerich", "Turi", "Zurigo"}, "gn:2": {"Đà Nẵng", "Da Nang"},
                     "gn:3": {"Genève"}, "gn:4": {"Weiler"}}


@pytest.mark.parametrize(("row", "word"), [
    (place("x1", "A"), "geonameid: 'x1' is no whole number"),
    (place(2**40, "A"), "geonameid: "),
    (place("١٢", "A"), "geonameid: "),
    (place(1, " "), "name: is missing"),
    (place(1, "A", lat=90.5), "latitude: '90.5' is no number of degrees from -90 to 90"),
    (place(1, "A", lon="nan"), "longitude: 'nan'"),
    (place(1, "A", lon="1_0"), "longitude: '1_0'"),
    (place(1, "A", lat="north"), "latitude: 'north'"),
    (place(1, "A", population="many"), "population: 'many'"),
    (place(1, "A", population=-4), "population: '-4'"),
    (place(1, "A", population=10**12), "population: "),
    (place(1, "A", date="2024-02-30"), "modification date: '2024-02-30' is not a date"),
    (place(1, "A", population=5, date="yesterday"), "modification date: 'yesterday' is not a date"),
    ("1\tA\tA", "columns: are 3, not 19"),
    (place(1, "A") + "\textra", "columns: are 20, not 19"),
])
def test_a_wrong_row_is_told_with_file_line_and_column_and_the_others_go_in(tmp_path: Path, row: str, word: str) -> None:
    path = write(tmp_path, "allCountries.txt", [place(7, "Avant"), row, place(8, "Après")])
    found = taken([path])[path]
    assert [error.startswith(f"{path}: line 2: {word}") for error in errors(found)] == [True]
    assert found[1].raw == row and [one.number for one in found] == [1, 2, 3]
    assert set(entities(lines(found))) == {"gn:7", "gn:8"}
