"""A pack is brought in, found in texts, listed, replaced, and taken out so that nothing of it is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import CHILE, Cli
from tests.packs.made import edit

BEFORE = ('{"type":"source","id":"src:mine","title":"My own"}\n'
          '{"type":"entity","id":"rail:tram","kind":"concept","names":[{"name":"tramway","lang":"en","preferred":true}],"source":"src:mine"}\n'
          '{"type":"fact","subject":"rail:tram","predicate":"broader","object":"rail:transport","source":"src:mine"}\n')


@pytest.fixture
def world(cli: Cli, tmp_path: Path) -> tuple[str, Path]:
    """Options for a world that holds something already, part of which the pack tells too."""
    (tmp_path / "before.jsonl").write_text(CHILE + "\n" + BEFORE, encoding="utf-8")
    cli("import", "facts", tmp_path / "before.jsonl", "--data", tmp_path / "w")
    return "--data", tmp_path / "w"


def dump(cli: Cli, world: tuple[str, Path], tmp_path: Path) -> list[str]:
    target = tmp_path / "dump.jsonl"
    cli("export", "facts", target, *world)
    return target.read_text(encoding="utf-8").splitlines()


def linked(cli: Cli, world: tuple[str, Path], text: str, as_of: str = "1960") -> set[str]:
    return {one["id"] for one in cli("lookup", text, "--as-of", as_of, "--json", *world).json["entities"]}


def test_what_was_installed_is_found_in_texts_with_its_sources(cli: Cli, rail: Path, world: tuple[str, Path]) -> None:
    assert cli("pack", "install", rail, "--json", *world).json["refused"] == 0
    assert linked(cli, world, "Trains of British Railways meet the tramway.") == {"rail:british-rail", "rail:tram"}
    answer = cli("lookup", "Trains of British Railways were late.", "--as-of", "1960", "--json", *world).json
    assert {fact["source"] for fact in answer["facts"]} == {"pack:rail:register"}


def test_installing_twice_is_installing_once(cli: Cli, rail: Path, world: tuple[str, Path], tmp_path: Path) -> None:
    first = cli("pack", "install", rail, "--json", *world).json
    before = dump(cli, world, tmp_path)
    again = cli("pack", "install", rail, "--json", *world).json
    assert [again[key] for key in ("sources", "entities", "facts", "revision")] == [0, 0, 0, first["revision"]]
    assert dump(cli, world, tmp_path) == before


def test_an_archive_installs_what_its_folder_does(cli: Cli, rail: Path, tmp_path: Path) -> None:
    cli("pack", "build", rail, tmp_path / "rail.zip")
    cli("pack", "install", rail, "--data", tmp_path / "a")
    cli("pack", "install", tmp_path / "rail.zip", "--data", tmp_path / "b")
    assert dump(cli, ("--data", tmp_path / "a"), tmp_path) == dump(cli, ("--data", tmp_path / "b"), tmp_path)


def test_what_is_installed_is_listed_with_what_comes_along(cli: Cli, rail: Path, world: tuple[str, Path]) -> None:
    empty = cli("pack", "list", "--json", *world).json
    assert empty["installed"] == {}
    assert set(empty["available"]) >= {"telecom", "public-office"}
    cli("pack", "install", rail, *world)
    found = cli("pack", "list", "--json", *world).json["installed"]["rail"]
    assert (found["version"], found["title"], found["licence"]) == ("1.0.0", "Rail", "CC0-1.0")
    assert found["sources"] == ["pack:rail", "pack:rail:register"]
    assert "rail 1.0.0: Rail, 2 sources" in cli("pack", "list", *world).out


def test_a_world_that_is_not_there_holds_no_packs_and_is_not_made(cli: Cli, tmp_path: Path) -> None:
    assert cli("pack", "list", "--json", "--data", tmp_path / "none").json["installed"] == {}
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("old", "new", "told"), [
    ('version = "1.0.0"', 'version = "1.1.0"', "rail 1.0.0 is installed; remove it first"),
    ('title = "Rail"', 'title = "Railways"', "rail 1.0.0 is installed with other files; remove it first"),
])
def test_another_version_is_put_in_the_place_of_the_old_one_when_asked_to(
    cli: Cli, rail: Path, world: tuple[str, Path], tmp_path: Path, old: str, new: str, told: str
) -> None:
    cli("pack", "install", rail, *world)
    edit(rail / "pack.toml", old, new)
    edit(rail / "vocabulary.ttl", "Rails in the street.", "Rails among cars.")
    (complaint,) = cli("pack", "install", rail, *world, code=1).complaints
    assert told in complaint
    assert "--replace" in complaint
    cli("pack", "install", rail, "--replace", *world)
    cli("pack", "install", rail, "--data", tmp_path / "fresh")
    fresh = dump(cli, ("--data", tmp_path / "fresh"), tmp_path)
    now = dump(cli, world, tmp_path)
    assert set(fresh) <= set(now)
    assert not [line for line in now if "Rails in the street" in line]
    assert len(cli("pack", "list", "--json", *world).json["installed"]) == 1


def test_a_pack_is_removed_without_a_trace_and_what_others_told_stays(cli: Cli, rail: Path, world: tuple[str, Path], tmp_path: Path) -> None:
    before = dump(cli, world, tmp_path)
    cli("pack", "install", rail, *world)
    assert dump(cli, world, tmp_path) != before
    cli("lookup", "Trains of British Railways meet the tramway.", *world)
    cli("pack", "remove", "rail", "--yes", *world)
    assert dump(cli, world, tmp_path) == before
    assert not linked(cli, world, "Trains of British Railways meet the tramway.") & {"rail:british-rail", "rail:transport"}
    assert cli("pack", "list", "--json", *world).json["installed"] == {}
    assert cli("verify", "--json", *world).json["problems"] == []
    for words in (b"British Rail", b"Rails in the street", b"pack:rail", b"Register of companies"):
        for path in (tmp_path / "w").rglob("*"):
            assert not path.is_file() or words not in path.read_bytes(), (words, path)


def test_what_was_removed_can_be_installed_again(cli: Cli, rail: Path, world: tuple[str, Path], tmp_path: Path) -> None:
    cli("pack", "install", rail, *world)
    first = dump(cli, world, tmp_path)
    cli("pack", "remove", "rail", "--yes", *world)
    cli("pack", "install", rail, *world)
    assert dump(cli, world, tmp_path) == first
    assert "rail:british-rail" in linked(cli, world, "Trains of British Railways were late.")


def test_nothing_is_removed_unasked(cli: Cli, rail: Path, world: tuple[str, Path]) -> None:
    cli("pack", "install", rail, *world)
    assert "give --yes" in cli("pack", "remove", "rail", *world, code=2).err
    assert "rail" in cli("pack", "list", "--json", *world).json["installed"]


def test_a_pack_that_is_not_installed_cannot_be_removed(cli: Cli, world: tuple[str, Path]) -> None:
    (complaint,) = cli("pack", "remove", "rail", "--yes", *world, code=1).complaints
    assert "no pack 'rail' is installed; see worldctx pack list" in complaint


def test_removing_one_pack_leaves_another_that_tells_the_same(cli: Cli, rail: Path, world: tuple[str, Path], tmp_path: Path) -> None:
    cli("pack", "install", rail, *world)
    alone = dump(cli, world, tmp_path)
    edit(rail / "pack.toml", 'name = "rail"', 'name = "tracks"')
    cli("pack", "install", rail, *world)
    assert set(cli("pack", "list", "--json", *world).json["installed"]) == {"rail", "tracks"}
    cli("pack", "remove", "tracks", "--yes", *world)
    assert dump(cli, world, tmp_path) == alone


def test_a_pack_cannot_have_the_sources_of_others_erased(cli: Cli, rail: Path, world: tuple[str, Path], tmp_path: Path) -> None:
    before = dump(cli, world, tmp_path)
    with (rail / "companies.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"type":"fact","subject":"pack:rail","predicate":"has_source","value":"src:mine","source":"src:register"}\n')
    cli("pack", "install", rail, *world)
    cli("pack", "remove", "rail", "--yes", *world)
    assert dump(cli, world, tmp_path) == before


@pytest.mark.slow
def test_a_service_takes_and_gives_up_a_pack_like_a_data_directory(cli: Cli, rail: Path, target: tuple[str, str]) -> None:
    cli("pack", "install", rail, *target)
    assert cli("pack", "list", "--json", *target).json["installed"]["rail"]["version"] == "1.0.0"
    found = cli("lookup", "Trains of British Railways were late.", "--as-of", "1960", "--json", *target).json
    assert {one["id"] for one in found["entities"]} == {"rail:british-rail"}
    cli("pack", "remove", "rail", "--yes", *target)
    assert cli("pack", "list", "--json", *target).json["installed"] == {}


def test_no_picture_is_made_of_an_id(cli: Cli, rail: Path, tmp_path: Path) -> None:
    cli("pack", "install", rail, "--data", tmp_path / "w")
    assert "rail:tram: tramway" in cli("pack", "remove", "rail", "--yes", "--data", tmp_path / "w").out
