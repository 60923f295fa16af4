"""`worldctx pack check` finds what is wrong with a pack, each kind of it, and says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.packs.made import edit


def test_a_sound_pack_has_no_problem_and_no_warning(cli: Cli, rail: Path) -> None:
    found = cli("pack", "check", rail, "--json").json
    assert found["problems"] == found["warnings"] == []
    assert (found["pack"], found["tests"], found["entities"]) == ("rail 1.0.0", 2, 4)


def test_it_writes_nothing(cli: Cli, rail: Path) -> None:
    before = {path.name: path.read_bytes() for path in rail.iterdir()}
    cli("pack", "check", rail)
    assert {path.name: path.read_bytes() for path in rail.iterdir()} == before
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize(("file", "old", "new", "told"), [
    ("pack.toml", "[[read]]", "[[reads]]", "pack.toml: reads: is not a key here"),
    ("pack.toml", 'version = "1.0.0"', 'version = "1.0"', "pack.toml: version: is '1.0'; write it as 1.0.0"),
    ("pack.toml", '"companies.jsonl"', '"companies.csv"', "'companies.csv' matches no file"),
])
def test_a_pack_that_cannot_be_read_is_one_complaint(cli: Cli, rail: Path, file: str, old: str, new: str, told: str) -> None:
    edit(rail / file, old, new)
    (complaint,) = cli("pack", "check", rail, code=1).complaints
    assert told in complaint


@pytest.mark.parametrize(("file", "old", "new", "told"), [
    ("vocabulary.ttl", "rail:tram a skos:Concept ;", "rail:tram a skos:Concept ,, ;", ("vocabulary.ttl: line 5",)),
    ("vocabulary.ttl", "@prefix skos", "@prefix skosx", ("vocabulary.ttl: line ", "skos")),
    ("vocabulary.ttl", ' ; skos:definition "Rails in the street."@en', "", ("rail:tram", "definition", "needs a definition")),
    ("companies.jsonl", '"kind":"organisation"', '"kind":"company"', ("companies.jsonl: line 2", "kind: is 'company'")),
    ("companies.jsonl", '"from":"1948"', '"from":"1948-13"', ("companies.jsonl: line 2", "1948-13")),
    ("companies.jsonl", '{"type":"source","id":"src:register","title":"Register of companies"}\n', "", ("pack:rail:register", "neither in this batch nor in the store")),
    ("pack.toml", '"rail:transport"]]', '"rail:coach"]]', ("test[0] (terms): the fact rail:tram broader rail:coach is not shown",)),
    ("pack.toml", 'absent = ["rail:coach"]', 'absent = ["rail:tram"]', ("test[0] (terms): rail:tram is linked and should not be",)),
    ("pack.toml", 'entities = ["rail:british-rail"]', 'entities = ["rail:tram"]',
     ("test[1] (names in time): rail:tram is not linked; linked are rail:british-rail",)),
    ("pack.toml", 'as_of = "1960"', 'as_of = "1940"', ("test[1] (names in time): rail:british-rail is not linked",)),
])
def test_each_kind_of_problem_is_found(cli: Cli, rail: Path, file: str, old: str, new: str, told: tuple[str, ...]) -> None:
    edit(rail / file, old, new)
    problems = cli("pack", "check", rail, "--json", code=1).json["problems"]
    assert problems
    for words in told:
        assert words in problems[0]


def test_all_records_are_looked_at_and_not_only_up_to_the_first_problem(cli: Cli, rail: Path) -> None:
    edit(rail / "companies.jsonl", '"kind":"organisation"', '"kind":"company"')
    edit(rail / "companies.jsonl", '"datatype":"edtf"', '"datatypes":"edtf"')
    problems = cli("pack", "check", rail, "--json", code=1).json["problems"]
    assert [words.split(": ")[1] for words in problems] == ["line 2", "line 3"]


@pytest.mark.parametrize(("old", "new", "told"), [
    ('drop = ["coach"]', "drop = []", "rail:coach: the name 'coach' is an everyday word, and texts that do not mean it may be linked: add it to gazetteer.drop"),
    ('[[test]]\nabout = "terms"', '[[test]]\nabout = "terms"', ""),
])
def test_what_its_author_should_look_at_is_a_warning(cli: Cli, rail: Path, old: str, new: str, told: str) -> None:
    edit(rail / "pack.toml", old, new)
    assert cli("pack", "check", rail, "--json").json["warnings"] == ([told] if told else [])


def test_a_label_that_is_a_word_cannot_be_dropped_and_should_be_longer(cli: Cli, rail: Path) -> None:
    edit(rail / "vocabulary.ttl", 'skos:prefLabel "passenger coach"', 'skos:prefLabel "coach"')
    edit(rail / "vocabulary.ttl", 'skos:altLabel "coach"@en ;', "")
    (warning,) = cli("pack", "check", rail, "--json").json["warnings"]
    assert warning == "rail:coach: the name 'coach' is an everyday word, and texts that do not mean it may be linked: give it a longer preferred name"


def test_what_no_text_can_name_is_a_warning(cli: Cli, rail: Path) -> None:
    edit(rail / "vocabulary.ttl", 'skos:prefLabel "passenger coach"@en ;', "")
    (warning,) = cli("pack", "check", rail, "--json").json["warnings"]
    assert warning == "rail:coach: no name is left, so that no text can speak of it: give it a preferred name"


def test_a_pack_without_tests_is_warned_of(cli: Cli, rail: Path) -> None:
    text = (rail / "pack.toml").read_text(encoding="utf-8")
    (rail / "pack.toml").write_text(text[:text.index("[[test]]")], encoding="utf-8")
    assert cli("pack", "check", rail, "--json").json["warnings"] == ["it has no tests; add [[test]] with a text and the entities that it speaks of"]


def test_a_pack_with_problems_is_not_built(cli: Cli, rail: Path, tmp_path: Path) -> None:
    edit(rail / "pack.toml", 'as_of = "1960"', 'as_of = "1940"')
    done = cli("pack", "build", rail, tmp_path / "rail.zip", code=1)
    assert "test[1] (names in time): rail:british-rail is not linked" in done.complaints[0]
    assert "is not built: mend what `worldctx pack check` complains of" in done.complaints[-1]
    assert not (tmp_path / "rail.zip").exists()


def test_a_name_that_is_no_pack_is_told(cli: Cli) -> None:
    (complaint,) = cli("pack", "check", "railways", code=1).complaints
    assert "railways: is not there; name a folder" in complaint


def test_an_archive_is_checked_like_its_folder(cli: Cli, rail: Path, tmp_path: Path) -> None:
    cli("pack", "build", rail, tmp_path / "rail.zip")
    assert cli("pack", "check", tmp_path / "rail.zip", "--json").json == cli("pack", "check", rail, "--json").json
