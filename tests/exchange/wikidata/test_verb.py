"""`worldctx import wikidata`: from a dump into a world, with a report; wrong options are told before anything is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.exchange.wikidata.made import at, dump, item, statement, to


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A person, a spaniel whose class stands further down, a property, and a broken line."""
    file = dump(tmp_path / "d.json", item("Q1", statement("P31", to("Q5")), statement("P569", at("+1952-03-11T00:00:00Z")), statement("P570", at("+2001-05-11T00:00:00Z"), "deprecated"), label="Ada Holm"),
                item("Q2", statement("P31", to("Q900001")), label="Brown"), item("Q900001", statement("P279", to("Q11446"))))
    file.write_text(file.read_text() + '{"type":"property","id":"P1"}\n{broken\n')
    return file


def test_the_report_says_what_was_made_left_out_and_refused(cli: Cli, path: Path, tmp_path: Path) -> None:
    done = cli("import", "wikidata", path, "--data", tmp_path / "w", "--parked", tmp_path / "parked.jsonl", "--json", code=1).json
    assert {key: done[key] for key in ("read", "entities", "facts", "sources", "refused")} == {"read": 5, "entities": 3, "facts": 4, "sources": 1, "refused": 1}
    assert done["skipped"] == {"property": 1}
    assert done["left_out"] == {"deprecated rank": 1}
    (parked,) = map(json.loads, (tmp_path / "parked.jsonl").read_text().splitlines())
    assert (parked["record"], parked["line"]) == ("{broken", 7)


def test_what_was_imported_is_found_and_nothing_is_written_without_leave(cli: Cli, path: Path, tmp_path: Path) -> None:
    assert cli("import", "wikidata", path, "--data", tmp_path / "w", "--dry-run", "--json", code=1).json["entities"] == 3
    assert not (tmp_path / "w").exists()
    cli("import", "wikidata", path, "--data", tmp_path / "w", code=1)
    answer = cli("lookup", "When was Ada Holm born?", "--data", tmp_path / "w", "--json").json
    assert [one["id"] for one in answer["entities"]] == ["wd:Q1"]
    assert "1952-03-11" in answer["rendered"]["text"]


def test_the_hierarchy_of_classes_is_read_first_where_it_is_asked_for(cli: Cli, path: Path, tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text('[entities]\nkinds = ["product"]')
    plain = cli("import", "wikidata", path, "--data", tmp_path / "w", "--filter", tmp_path / "f.toml", "--dry-run", "--json", code=1).json
    done = cli("import", "wikidata", path, "--data", tmp_path / "w", "--filter", tmp_path / "f.toml", "--classes", "auto", "--dry-run", "--json", code=1)
    assert (plain["entities"], json.loads(done.out)["entities"]) == (1, 2)
    assert "1 statements of which class is below which" in done.err


@pytest.mark.parametrize(("options", "why"), [
    (["--filter", "none.toml"], "is no file, nor one of the filters that come along"), (["--languages", "English"], "is no language code"), (["--dump-date", "yesterday"], "--dump-date: 'yesterday' is not a date"),
    (["--classes", "none.json"], "none.json: cannot be read"),
])
def test_a_wrong_option_is_told_and_nothing_is_written(cli: Cli, path: Path, tmp_path: Path, options: list[str], why: str) -> None:
    done = cli("import", "wikidata", path, "--data", tmp_path / "w", *options, code=1)
    assert why in done.err
    assert not (tmp_path / "w").exists()


def test_standard_input_cannot_be_read_twice(cli: Cli, tmp_path: Path) -> None:
    assert "standard input can be read once" in cli("import", "wikidata", "-", "--data", tmp_path / "w", "--classes", "auto", code=1).err


def test_filters_that_come_along_are_listed(cli: Cli) -> None:
    assert set(cli("import", "wikidata", "--list", "--json").json) == {"default", "everything", "prominent"}
    assert "default: " in cli("import", "wikidata", "--list").out


def test_without_files_the_way_to_help_is_told(cli: Cli) -> None:
    assert "name the files to read" in cli("import", "wikidata", code=2).err
