"""Rows of alternate names become names in a language and in time, external ids and codes; one line for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exchange.geonames.published import (
    cities,
    city_row,
    entities,
    errors,
    facts,
    imported,
    lines,
    name,
    place,
    skipped,
    taken,
    write,
)
from worldctx.exchange.geonames.choice import Choice
from worldctx.exchange.geonames.importer import GeoNames
from worldctx.exchange.geonames.names import Undated, edtf_of
from worldctx.model.entity import Entity, Name
from worldctx.model.time import parse_interval

MUMBAI = 1275339


@pytest.fixture
def towns(tmp_path: Path) -> Path:
    return write(tmp_path, "cities500.txt", [place(MUMBAI, "Mumbai", country="IN", others="Bombaim,Bombay", population=12691836),
                                             place(2867714, "Munich", country="DE", others="Monaco", population=1260391)])


def names_of(found: dict[str, Entity], number: int) -> set[tuple[str, str, str, bool]]:
    return {(one.text, one.lang, one.valid.edtf, one.preferred) for one in found[f"gn:{number}"].names}


def test_names_have_their_language_and_the_time_they_were_in_use(tmp_path: Path, towns: Path) -> None:
    table = write(tmp_path, "alternateNamesV2.txt", [
        name(1, MUMBAI, "en", "Mumbai", "p", "1995"), name(2, MUMBAI, "en", "Bombay", "h", "", "19950601"),
        name(3, MUMBAI, "en", "Heptanesia", "h"), name(4, MUMBAI, "", "Mumbaī"), name(5, MUMBAI, "fr", "Bombay"),
        name(6, 2867714, "de", "München", "p"), name(7, 2867714, "zh-Hant", "慕尼黑"),
    ])
    found = entities(imported(table, towns, choice=Choice(languages=frozenset(("en", "de", "zh")))))
    assert names_of(found, MUMBAI) == {
        ("Mumbai", "", "../..", True), ("Mumbai", "en", "1995/..", True), ("Bombay", "en", "../1995-06-01", False),
        ("Heptanesia", "en", "../..", False), ("Mumbaī", "", "../..", False)}
    assert names_of(found, 2867714) == {
        ("Munich", "", "../..", True), ("München", "de", "../..", True), ("慕尼黑", "zh-Hant", "../..", False)}


def test_the_column_of_names_without_languages_counts_only_where_there_is_no_table_of_names(tmp_path: Path, towns: Path) -> None:
    assert {one.text for one in entities(imported(towns))["gn:1275339"].names} == {"Mumbai", "Bombay", "Bombaim"}
    table = write(tmp_path, "alternateNamesV2.txt", [name(1, 2867714, "de", "München")])
    assert {one.text for one in entities(imported(towns, table))["gn:1275339"].names} == {"Mumbai"}


@pytest.mark.parametrize(("text", "edtf"), [
    ("1991", "1991"), ("199106", "1991-06"), ("19910612", "1991-06-12"), ("1991-06-12", "1991-06-12"), ("1991-06", "1991-06"),
    (" 1991 ", "1991"), ("330", "0330"),
])
def test_dates_are_read_in_the_forms_that_occur(text: str, edtf: str) -> None:
    assert edtf_of(text) == edtf


@pytest.mark.parametrize("text", ["18th century", "ca. 1900", "1991-13", "19910631", "199113", "91", "-44", "١٩٩١", "1991/1995"])
def test_a_time_in_words_is_no_date(text: str) -> None:
    with pytest.raises(Undated):
        edtf_of(text)


def test_names_of_a_time_that_is_no_date_are_left_out_and_counted(tmp_path: Path, towns: Path) -> None:
    rows = [name(1, MUMBAI, "en", "Bom Bahia", "h", "16th century", "1661"), name(2, MUMBAI, "en", "Bombay", "h", "1661", "1995")]
    table = write(tmp_path, "alternateNamesV2.txt", rows)
    records = taken([towns, table])[table]
    assert skipped(records) == {"name of a time that is no date": 1}
    assert [one.names[0].valid for one in lines(records) if isinstance(one, Entity)] == [parse_interval("1661", "1995")]


def test_codes_are_no_names_and_an_item_of_wikidata_means_the_place(tmp_path: Path, towns: Path) -> None:
    rows = [name(1, MUMBAI, "link", "https://en.wikipedia.org/wiki/Mumbai"), name(2, MUMBAI, "post", "400001"),
            name(3, MUMBAI, "iata", "BOM"), name(4, MUMBAI, "wkdt", "Q1156"), name(5, MUMBAI, "ar", "مومباي"),
            name(6, MUMBAI, "", "مومباي"), name(7, MUMBAI, "", "BOM"), name(8, 999, "en", "Elsewhere")]
    table = write(tmp_path, "alternateNamesV2.txt", rows)
    records = taken([towns, table])[table]
    assert [one.same_as for one in lines(records) if isinstance(one, Entity)] == [("wd:Q1156",)]
    assert skipped(records) == {
        "links, postal codes and other codes": 3, "language not chosen": 1, "of a place that is not taken": 1,
        "name without a language that is short, a code or in another script": 2}
    asked = taken([towns, table], Choice(facts=frozenset(("iata_code",))))[table]
    assert [(one.subject, one.predicate, one.object_text) for one in facts(lines(asked))] == [("gn:1275339", "iata_code", "BOM")]


def test_one_item_of_wikidata_is_not_given_to_two_places(tmp_path: Path, towns: Path) -> None:
    rows = [name(1, 2867714, "wkdt", "Q1726"), name(2, MUMBAI, "wkdt", "Q1726"), name(3, MUMBAI, "wkdt", "Q1156")]
    table = write(tmp_path, "alternateNamesV2.txt", rows)
    assert {key: one.same_as for key, one in entities(imported(towns, table)).items()} == {
        "gn:2867714": ("wd:Q1726",), "gn:1275339": ("wd:Q1156",)}
    found = GeoNames([towns, table])
    assert [one.skipped for one in found.records(table, after=1)] == ["Wikidata item of another place", ""]


def test_names_of_countries_keep_to_the_time_that_is_known_of_them(tmp_path: Path) -> None:
    rows = [name(1, 1227603, "en", "Sri Lanka", "p"), name(2, 1227603, "fr", "Sri Lanka"), name(3, 1227603, "en", "Ceylon", "h"),
            name(4, 1227603, "de", "Ceylon", "h", "", "1972")]
    table = write(tmp_path, "alternateNamesV2.txt", rows)
    records = taken([table], Choice(languages=frozenset(("en", "de", "fr"))))[table]
    assert skipped(records) == {"name of a country that is known already": 2}
    assert [one.names for one in lines(records) if isinstance(one, Entity)] == [
        (Name("Ceylon", "en"),), (Name("Ceylon", "de", parse_interval(None, "1972")),)]


@pytest.mark.parametrize(("row", "word"), [
    (name(1, "x", "en", "A"), "geonameid: 'x' is no whole number"),
    (name(1, MUMBAI, "en", " "), "alternate name: is missing"),
    (name(1, MUMBAI, "wkdt", "P17"), "alternate name: 'P17' is no item of Wikidata"),
    (name(1, MUMBAI, "wkdt", "Q99999999999"), "alternate name: 'Q99999999999'"),
    (name(1, MUMBAI, "en", "A", "", "1995", "1990"), "period.to: 1990 precedes period.from (1995)"),
    ("1\t2\ten", "columns: are 3, not 10 or 8"),
])
def test_a_wrong_row_is_told_and_the_others_go_in(tmp_path: Path, towns: Path, row: str, word: str) -> None:
    table = write(tmp_path, "alternateNamesV2.txt", [name(1, MUMBAI, "en", "Avant"), row, name(9, MUMBAI, "en", "Après")])
    records = taken([towns, table])[table]
    assert [error.startswith(f"{table}: line 2: {word}") for error in errors(records)] == [True]
    assert len(lines(records)) == 2


def test_the_older_table_without_dates_is_read(tmp_path: Path, towns: Path) -> None:
    table = write(tmp_path, "alternateNames.txt", ["1\t1275339\ten\tBombay\t\t\t\t1"])
    assert Name("Bombay", "en") in entities(imported(towns, table))["gn:1275339"].names


def test_real_names_each_give_their_place_one_more_name(tmp_path: Path) -> None:
    sample = cities()[::100]
    rows = [name(place * 1000 + at, city["geonameid"], "en", text) for place, city in enumerate(sample)
            for at, text in enumerate(city["alternatenames"]) if text]
    assert len(rows) > 3000
    table, towns = write(tmp_path, "alternateNamesV2.txt", rows), write(tmp_path, "cities15000.txt", map(city_row, sample))
    found = entities(imported(towns, table))
    for city in sample:
        wanted = {city["name"], *filter(None, city["alternatenames"])}
        assert {one.text for one in found[f"gn:{city['geonameid']}"].names if one.lang or one.preferred} == wanted
