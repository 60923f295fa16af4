"""A filter file says what is kept; what is wrong with it is named by its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.exchange.wikidata.made import at, dump, entity, facts, item, left_out, lines, read, said, statement, to
from worldctx.exchange.wikidata.classes import Classes
from worldctx.exchange.wikidata.filter import Filter, shipped
from worldctx.exchange.wikidata.importer import wikidata
from worldctx.model.errors import BadInput


def load(folder: Path, text: str) -> Filter:
    path = folder / "f.toml"
    path.write_text(text, "utf-8")
    return Filter.load(path)


HUMAN, CITY = statement("P31", to("Q5")), statement("P31", to("Q515"))


def kept(folder: Path, text: str, *items: dict[str, object]) -> list[str]:
    """Ids of what is kept."""
    filtered = load(folder, text)
    return [one["id"] for one in items if not read(folder, one, kept=filtered)[0].skipped]  # type: ignore[misc] # ids are texts


def test_entities_are_kept_by_id_kind_class_and_sitelinks(tmp_path: Path) -> None:
    person, city, famous = item("Q1", HUMAN), item("Q2", CITY), item("Q3", CITY, sitelinks=20)
    (tmp_path / "ids.txt").write_text("Q2\nQ3\n")
    assert kept(tmp_path, "", person, city, famous) == ["Q1", "Q2", "Q3"]
    assert kept(tmp_path, '[entities]\nids = ["wd:Q1"]', person, city, famous) == ["Q1"]
    assert kept(tmp_path, '[entities]\nids_file = "ids.txt"', person, city, famous) == ["Q2", "Q3"]
    assert kept(tmp_path, '[entities]\nkinds = ["place"]', person, city, famous) == ["Q2", "Q3"]
    assert kept(tmp_path, '[entities]\nclasses = ["Q5"]', person, city, famous) == ["Q1"]
    assert kept(tmp_path, '[entities]\nwithout_classes = ["Q5"]', person, city, famous) == ["Q2", "Q3"]
    assert kept(tmp_path, "[entities]\nmin_sitelinks = 20", person, city, famous) == ["Q3"]


def test_a_class_stands_for_those_below_it_where_the_hierarchy_is_known(tmp_path: Path) -> None:
    classes = Classes.read([dump(tmp_path / "c.json", item("Q7", statement("P279", to("Q515"))))])
    made = item("Q1", statement("P31", to("Q7")))
    filtered = load(tmp_path, '[entities]\nclasses = ["Q515"]')
    assert read(tmp_path, made, kept=filtered)[0].skipped == "of no class that the filter keeps"
    assert read(tmp_path, made, kept=filtered, classes=classes)[0].lines


def test_properties_are_kept_by_number_or_name(tmp_path: Path) -> None:
    made = item("Q1", HUMAN, statement("P569", at("+1952-03-11T00:00:00Z")), statement("P2600", said("x"), datatype="external-id"), statement("P18", said("x.jpg"), datatype="commonsMedia"))

    def names(text: str) -> list[str]:
        return [fact.predicate for fact in facts(tmp_path, made, kept=load(tmp_path, text))]

    assert names("") == ["instance_of", "birth_date"]
    assert names('[properties]\nkeep = "all"') == ["instance_of", "birth_date", "wdt:P18"]
    assert names('[properties]\nkeep = "all"\nexternal_ids = true') == ["instance_of", "birth_date", "wdt:P2600", "wdt:P18"]
    assert names('[properties]\nkeep = ["birth_date", "wdt:P18"]') == ["birth_date", "wdt:P18"]
    assert names('[properties]\nleave_out = ["P31"]') == ["birth_date"]


def test_what_a_filter_leaves_out_is_counted(tmp_path: Path) -> None:
    made = item("Q1", statement("P18", said("x.jpg")), statement("P18", said("y.jpg")), statement("P2600", said("x"), datatype="external-id"))
    assert left_out(read(tmp_path, made, kept=load(tmp_path, '[properties]\nkeep = "all"\nleave_out = ["P18"]'))) == {"property that the filter leaves out": 2, "external id": 1}


def test_languages_of_the_filter_give_way_to_those_asked_for(tmp_path: Path) -> None:
    path = dump(tmp_path / "d.json", item("Q1", labels={"en": "Munich", "de": "München"}))
    filtered = load(tmp_path, 'languages = ["de"]')
    (own,), (asked,) = (list(wikidata(filtered, codes).records(path)) for codes in ((), ("en",)))
    assert [one.names[0].text for one in (own.lines[0], asked.lines[0])] == ["München", "Munich"]  # type: ignore[union-attr] # entities


def test_the_default_leaves_out_wikidatas_own_pages_names_and_articles(tmp_path: Path) -> None:
    default = Filter.load("default")
    for one in ("Q4167410", "Q4167836", "Q202444", "Q13442814"):
        assert read(tmp_path, item("Q1", statement("P31", to(one))), kept=default)[0].skipped == "of a class that the filter leaves out"
    assert entity(tmp_path, item("Q42", HUMAN), kept=default).id == "wd:Q42"


def test_shipped_filters_load_and_say_what_they_keep() -> None:
    assert shipped() == ("default", "everything", "prominent")
    assert all(Filter.load(name).about for name in shipped())
    assert len({Filter.load(name).digest for name in shipped()}) == 3


def test_filters_that_keep_other_things_have_other_digests(tmp_path: Path) -> None:
    texts = ["", 'languages = ["de"]', '[entities]\nids = ["Q1"]', '[entities]\nclasses = ["Q1"]', '[entities]\nwithout_classes = ["Q1"]', '[entities]\nkinds = ["place"]', "[entities]\nmin_sitelinks = 1",
             '[properties]\nkeep = "all"', '[properties]\nkeep = ["P1"]', '[properties]\nleave_out = ["P1"]', "[properties]\nexternal_ids = true"]
    assert len({load(tmp_path, text).digest for text in texts}) == len(texts)
    assert load(tmp_path, 'about = "x"').digest == load(tmp_path, "").digest


@pytest.mark.parametrize(("text", "key"), [
    ("[", "is not TOML"), ("nome = 1", "nome: is no key"), ("name = 1", "name: must be a text"), ("[entities]\nid = []", "entities.id: is no key"), ("entities = 1", "entities: must be a table"),
    ('[entities]\nids = "Q1"', "entities.ids: must be a list"), ('[entities]\nids = ["P1"]', "entities.ids: 'P1' is no item"), ('[entities]\nkinds = ["person", "people"]', "entities.kinds: 'people'"),
    ('[entities]\nclasses = ["human"]', "entities.classes: 'human'"), ("[entities]\nmin_sitelinks = -1", "entities.min_sitelinks"), ("[entities]\nmin_sitelinks = true", "entities.min_sitelinks"),
    ('[entities]\nids_file = "none.txt"', "entities.ids_file"), ('[properties]\nkeep = "some"', "properties.keep"), ('[properties]\nkeep = ["birthday"]', "properties.keep: 'birthday'"),
    ("[properties]\nexternal_ids = 1", "properties.external_ids"), ('languages = ["English"]', "languages: 'English'"), ("languages = [1]", "languages: must be a list"),
])
def test_what_is_wrong_with_a_filter_is_told_with_file_and_key(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(BadInput) as caught:
        load(tmp_path, text)
    assert "f.toml: " in caught.value.message
    assert key in caught.value.message


def test_a_filter_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="default, everything, prominent"):
        Filter.load("everythink")


def test_ids_of_the_filter_are_told_without_reading_the_rest_of_the_line(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text('{"type":"item","id":"Q1",broken\n{"type":"item","id":"Q2","labels":{}}\n')
    taken = list(wikidata(load(tmp_path, '[entities]\nids = ["Q2"]')).records(path))
    assert [one.skipped for one in taken] == ["not in the filter's ids", ""]
    assert len(lines(tmp_path, item("Q2"), kept=load(tmp_path, '[entities]\nids = ["Q2"]'))) == 1


def test_the_filter_in_the_guide_is_one(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "import-wikidata.md").read_text("utf-8")
    found = load(tmp_path, guide.split("```toml\n")[1].split("```")[0])
    assert (found.languages, found.min_sitelinks, found.leave_out) == (("en", "de", "mul"), 5, {"P1343", "P1891"})
