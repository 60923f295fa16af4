"""An item becomes an entity: its kind, names, description, weight, place, and the ids that mean it elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.exchange.wikidata.made import amount, at, entity, item, left_out, point, read, said, statement, text, to
from worldctx.exchange.wikidata.classes import Classes
from worldctx.exchange.wikidata.entity import MAX_NAMES, weight_of
from worldctx.exchange.wikidata.filter import Filter
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.time import parse_interval

GERMAN = Filter(languages=("en", "de", "mul"), keep_all=True)


def is_a(item_id: str, rank: str = "normal") -> dict[str, Any]:
    return statement("P31", to(item_id), rank)


@pytest.mark.parametrize(("statements", "kind"), [
    ([is_a("Q5")], Kind.PERSON), ([is_a("Q515"), is_a("Q1549591")], Kind.PLACE), ([is_a("Q4830453")], Kind.ORGANISATION), ([is_a("Q11424")], Kind.WORK),
    ([is_a("Q178561")], Kind.EVENT), ([is_a("Q3231690")], Kind.PRODUCT), ([is_a("Q34770")], Kind.CONCEPT),
    ([is_a("Q41176"), is_a("Q33506")], Kind.ORGANISATION),  # a museum and its building
    ([is_a("Q41176", "preferred"), is_a("Q33506")], Kind.PLACE),
    ([is_a("Q41176"), is_a("Q33506", "deprecated")], Kind.PLACE),
    ([is_a("Q999999")], Kind.CONCEPT), ([], Kind.CONCEPT),
    ([is_a("Q999999"), statement("P569", at("+1952-03-11T00:00:00Z"))], Kind.PERSON), ([statement("P571", at("+1952-03-11T00:00:00Z")), statement("P159", to("Q64"))], Kind.ORGANISATION),
    ([statement("P625", point(1, 2))], Kind.PLACE), ([statement("P625", point(1, 2)), statement("P452", to("Q1"))], Kind.ORGANISATION), ([statement("P577", at("+1952-03-11T00:00:00Z"))], Kind.WORK),
    ([statement("P279", to("Q1420"))], Kind.PRODUCT), ([statement("P279", to("Q11424"))], Kind.CONCEPT),  # a kind of film is no film
])
def test_the_kind_is_that_of_its_classes_else_what_its_statements_tell(tmp_path: Path, statements: list[dict[str, Any]], kind: Kind) -> None:
    assert entity(tmp_path, item("Q1", *statements)).kind is kind


def test_names_are_labels_then_aliases_in_the_chosen_languages(tmp_path: Path) -> None:
    made = item("Q42", labels={"en": "Douglas Adams", "de": "Douglas Adams", "ru": "Адамс", "mul": "D. Adams"}, aliases={"en": ["DNA", " "], "de": ["DNA"], "fr": ["X"]})
    assert entity(tmp_path, made, kept=GERMAN).names == (
        Name("Douglas Adams", "en", preferred=True), Name("Douglas Adams", "de", preferred=True), Name("D. Adams", preferred=True), Name("DNA", "en"), Name("DNA", "de"))


def test_without_a_label_in_a_chosen_language_one_other_label_is_taken(tmp_path: Path) -> None:
    assert entity(tmp_path, item("Q1", labels={"fr": "Lyon", "ar": "ليون", "en-gb": "Lyons"})).names == (Name("Lyons", "en-gb", preferred=True),)
    assert entity(tmp_path, item("Q1", labels={"zu": "b", "xh": "a"})).names == (Name("a", "xh", preferred=True),)
    assert entity(tmp_path, item("Q1", labels={"fr": "Lyon"}, aliases={"en": ["Lyons"]})).names == (Name("Lyons", "en"),)
    assert entity(tmp_path, item("Q1", labels={})).names == ()


def test_official_names_are_names_while_they_were_in_use(tmp_path: Path) -> None:
    made = item("Q656", statement("P1448", text("Petrograd", "en"), qualifiers={"P580": at("+1914-09-01T00:00:00Z"), "P582": at("+1924-01-26T00:00:00Z")}),
                statement("P1448", text("Петроград", "ru")), statement("P1448", text("Wrong", "en"), "deprecated"), label="Saint Petersburg")
    assert entity(tmp_path, made).names == (Name("Saint Petersburg", "en", preferred=True), Name("Petrograd", "en", parse_interval("1914-09-01", "1924-01-26")))


def test_a_work_bears_its_names_since_the_year_it_came_out(tmp_path: Path) -> None:
    made = item("Q1", is_a("Q11424"), statement("P577", at("+1979-10-12T00:00:00Z")), statement("P577", at("+1981-00-00T00:00:00Z", 9)), label="Guide")
    assert entity(tmp_path, made).names == (Name("Guide", "en", parse_interval("1979", None), preferred=True),)
    assert entity(tmp_path, item("Q1", is_a("Q5"), statement("P569", at("+1979-10-12T00:00:00Z")), label="Ada")).names == (Name("Ada", "en", preferred=True),)


def test_a_million_aliases_are_cut_and_counted(tmp_path: Path) -> None:
    taken = read(tmp_path, item("Q1", aliases={"en": [f"a{number}" for number in range(1_000_000)]}))
    (found,) = (line for line in taken[0].lines if isinstance(line, Entity))
    assert len(found.names) == MAX_NAMES
    assert left_out(taken) == {"name beyond the first 200": 1_000_001 - MAX_NAMES}


def test_a_name_that_is_no_name_is_counted(tmp_path: Path) -> None:
    made = item("Q1", aliases={"en": ["x" * 401]})
    made["aliases"]["en"].append({"language": "en", "value": 5})
    assert left_out(read(tmp_path, made)) == {"name longer than 400": 1, "broken name": 1}


@pytest.mark.parametrize(("description", "statements", "kept"), [
    ("English writer and humourist (1952–2001)", [is_a("Q5")], "English writer"), ("46th president of the United States", [is_a("Q5")], "46th president"),
    ("capital city of Germany (since 1990)", [is_a("Q515")], "capital city of Germany"), ("2007 terrorist attack in Spain", [is_a("Q2223653")], "2007 terrorist attack"), ("", [], ""),
])
def test_a_description_keeps_nothing_of_later_times(tmp_path: Path, description: str, statements: list[dict[str, Any]], kept: str) -> None:
    assert entity(tmp_path, item("Q1", *statements, description=description)).description == kept


def test_the_weight_grows_with_the_sitelinks() -> None:
    weights = [weight_of(number) for number in (0, 1, 10, 50, 200, 300, 400)]
    assert weights == sorted(weights)
    assert [weights[0], weights[-2], weights[-1]] == [0.0, 1.0, 1.0]
    assert 0.3 < weight_of(50) < 0.36


def test_the_sitelinks_of_an_item_are_its_weight(tmp_path: Path) -> None:
    assert entity(tmp_path, item("Q1", sitelinks=50)).weight == weight_of(50)


def test_coordinates_are_those_of_the_best_rank_on_earth(tmp_path: Path) -> None:
    def found(*statements: dict[str, Any]) -> tuple[float | None, float | None]:
        one = entity(tmp_path, item("Q1", *statements))
        return one.lat, one.lon

    assert found(statement("P625", point(1, 2)), statement("P625", point(3, 4), "preferred")) == (3, 4)
    assert found(statement("P625", point(1, 2, "Q405"))) == (None, None)
    assert found(statement("P625", point(91, 2))) == (None, None)


def test_a_place_lies_in_its_unit_of_today_else_its_country_else_its_continent_and_never_in_itself(tmp_path: Path) -> None:
    city, until = is_a("Q515"), {"P582": at("+1990-10-02T00:00:00Z")}
    unit, former = statement("P131", to("Q985")), statement("P131", to("Q713750"), qualifiers=until)
    country, itself, continent = statement("P17", to("Q183")), statement("P17", to("Q1")), statement("P30", to("Q46"))
    assert entity(tmp_path, item("Q1", city, former, unit, country)).within == "wd:Q985"
    assert entity(tmp_path, item("Q1", city, unit, statement("P131", to("Q7"), "preferred"))).within == "wd:Q7"
    assert entity(tmp_path, item("Q1", city, former, country)).within == "wd:Q183"
    assert entity(tmp_path, item("Q1", is_a("Q6256"), itself, continent)).within == "wd:Q46"
    assert entity(tmp_path, item("Q1", is_a("Q5"), unit, country)).within is None
    assert entity(tmp_path, item("Q1", is_a("Q4830453"), country)).within is None


def test_identifiers_elsewhere_are_ids_of_the_same_thing(tmp_path: Path) -> None:
    made = item("Q1", is_a("Q6256"), statement("P1566", said("2921044")), statement("P298", said("DEU")), statement("P214", said("152366694")), statement("P213", said("0000 0000 8045 6315")),
                statement("P646", said("/m/0345h")), statement("P227", said("no id\n")))
    taken = read(tmp_path, made)
    (found,) = (line for line in taken[0].lines if isinstance(line, Entity))
    assert found.same_as == ("gn:2921044", "iso:DEU", "viaf:152366694", "isni:0000000080456315", "freebase:/m/0345h")
    assert left_out(taken) == {"identifier of another form than its scheme": 1}


def test_two_entries_of_geonames_say_nothing_certain_and_two_of_an_authority_file_do(tmp_path: Path) -> None:
    made = item("Q1", statement("P1566", said("1")), statement("P1566", said("2")), statement("P214", said("33")), statement("P214", said("44")))
    assert entity(tmp_path, made).same_as == ("viaf:33", "viaf:44")
    preferred = item("Q1", statement("P1566", said("1")), statement("P1566", said("2"), "preferred"))
    assert entity(tmp_path, preferred).same_as == ("gn:2",)


def test_the_website_of_an_organisation_is_its_host(tmp_path: Path) -> None:
    def hosts(*addresses: str, kind: str = "Q4830453", **options: Any) -> tuple[str, ...]:
        return entity(tmp_path, item("Q1", is_a(kind), *(statement("P856", said(one), datatype="url", **options) for one in addresses))).same_as

    assert hosts("https://www.bbc.co.uk/", "https://bbc.co.uk", "http://bbc.com") == ("host:bbc.co.uk", "host:bbc.com")
    assert hosts("https://www.facebook.com/somebody", "https://x.org/?id=5", "no address", "https://[", "https://localhost/") == ()
    assert hosts("https://www.bbc.co.uk/", kind="Q5") == ()
    assert hosts("https://www.bbc.co.uk/", qualifiers={"P582": at("+1990-10-02T00:00:00Z")}) == ()


def test_who_said_so_is_wikidata(tmp_path: Path) -> None:
    assert entity(tmp_path, item("Q1")).source == "src:wikidata"


# The hierarchy of classes

DOG, SPANIEL, TERRIER = "Q900001", "Q900002", "Q900003"


def below(lower: str, *upper: str) -> dict[str, Any]:
    return item(lower, *(statement("P279", to(one)) for one in upper))


def hierarchy(tmp_path: Path, *items: dict[str, Any]) -> Classes:
    from tests.exchange.wikidata.made import dump

    return Classes.read([dump(tmp_path / "classes.json", *items)])


def test_a_class_that_is_not_known_is_what_stands_above_it(tmp_path: Path) -> None:
    classes = hierarchy(tmp_path, below(SPANIEL, DOG), below(DOG, "Q4022"))
    assert entity(tmp_path, item("Q1", is_a(SPANIEL)), classes=classes).kind is Kind.PLACE
    assert entity(tmp_path, item("Q1", is_a(SPANIEL))).kind is Kind.CONCEPT


def test_the_nearest_class_decides_and_of_equally_near_ones_the_first_in_order(tmp_path: Path) -> None:
    near = hierarchy(tmp_path, below(SPANIEL, DOG, "Q11424"), below(DOG, "Q5"))
    assert near.kind([900002]) is Kind.WORK
    even = hierarchy(tmp_path, below(SPANIEL, "Q11424", "Q4022", "Q178561"))
    assert even.kind([900002]) is Kind.EVENT


def test_classes_in_a_circle_end(tmp_path: Path) -> None:
    circle = hierarchy(tmp_path, below(SPANIEL, DOG), below(DOG, TERRIER), below(TERRIER, SPANIEL, TERRIER))
    assert circle.kind([900002]) is None
    assert not circle.reaches([900002], {5})
    assert circle.reaches([900002], {900003})


def test_the_hierarchy_differs_where_the_files_differ_and_counts_no_deprecated_statements(tmp_path: Path) -> None:
    one, other = hierarchy(tmp_path, below(SPANIEL, DOG)), hierarchy(tmp_path, below(SPANIEL, TERRIER))
    assert one.digest != other.digest
    assert len(hierarchy(tmp_path, item(DOG, statement("P279", to("Q5"), "deprecated"), statement("P279", "somevalue"))).lower) == 0


def test_quantities_do_not_matter_to_the_kind(tmp_path: Path) -> None:
    assert entity(tmp_path, item("Q1", statement("P2067", amount("+1")))).kind is Kind.CONCEPT
