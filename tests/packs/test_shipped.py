"""The packs that come along are sound, say where everything is from, and answer their own tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.packs.made import edit
from worldctx.cli import run
from worldctx.exchange.facts import Line
from worldctx.exchange.pack.files import PackFiles
from worldctx.exchange.pack.shelf import shelf
from worldctx.model.entity import Entity, Kind
from worldctx.model.fact import Fact
from worldctx.model.source import Source

PACKS = ("public-office", "telecom")


def lines(pack: PackFiles) -> Iterator[Line]:
    yield from pack.begin()
    for part in pack.parts:
        for taken in pack.records(part):
            assert taken.error is None, taken.error
            assert not taken.left_out, (part, taken.left_out)
            yield from taken.lines


@pytest.fixture(params=PACKS)
def pack(request: pytest.FixtureRequest) -> PackFiles:
    return PackFiles(shelf()[request.param])


@pytest.fixture(scope="module")
def telecom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with the pack; not to be written to."""
    folder = tmp_path_factory.mktemp("telecom") / "w"
    assert run(["pack", "install", "telecom", "--data", str(folder)]) == 0
    return folder


def test_two_packs_come_along() -> None:
    assert tuple(shelf()) == PACKS


@pytest.mark.parametrize("name", PACKS)
def test_they_pass_their_own_check(cli: Cli, name: str) -> None:
    found = cli("pack", "check", name, "--json").json
    assert found["problems"] == found["warnings"] == []
    assert found["tests"] >= 6
    assert found["entities"] > 100
    assert found["facts"] > 200


@pytest.mark.parametrize("name", PACKS)
def test_they_are_built_to_the_same_bytes_each_time(cli: Cli, tmp_path: Path, name: str) -> None:
    for file in ("a.zip", "b.zip"):
        cli("pack", "build", name, tmp_path / file)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize("name", PACKS)
def test_what_was_installed_answers_the_tests_of_the_pack_and_is_removed_without_a_trace(cli: Cli, tmp_path: Path, name: str) -> None:
    world = ("--data", tmp_path / "w")
    cli("pack", "install", name, *world)
    for test in PackFiles(shelf()[name]).declared.tests:
        asked = [word for option, when in (("--as-of", test.as_of), ("--known-by", test.known_by)) if when for word in (option, when.edtf)]
        answer = cli("lookup", test.text, "--json", *asked, *world).json
        linked = {one["id"] for one in answer["entities"]}
        assert linked >= set(test.entities), test.about
        assert not linked & set(test.absent), test.about
    cli("pack", "remove", name, "--yes", *world)
    cli("export", "facts", tmp_path / "left.jsonl", *world)
    assert (tmp_path / "left.jsonl").read_bytes() == b""
    for path in (tmp_path / "w").rglob("*"):
        assert not path.is_file() or f"pack:{name}".encode() not in path.read_bytes(), path


def test_everything_is_told_by_a_source_with_a_title(pack: PackFiles) -> None:
    told = list(lines(pack))
    titles: dict[str, str] = {}
    for line in told:
        if isinstance(line, Source):
            titles[line.id] = line.title or titles.get(line.id, "")
    assert all(titles.values())
    assert len(titles) > 5
    assert {line.source for line in told if not isinstance(line, Source)} <= set(titles)


def test_ids_are_of_the_pack_or_of_the_world_that_it_adds_to(pack: PackFiles) -> None:
    own = {line.id for line in lines(pack) if isinstance(line, Entity)}
    assert {one.partition(":")[0] for one in own} <= {pack.declared.name, "ent"}
    spoken_of = {one for fact in lines(pack) if isinstance(fact, Fact) for one in (fact.subject, fact.object) if one is not None}
    outside = {one for one in spoken_of - own if not one.startswith(("gn:", "pack:", "worldctx:", "http://www.w3.org/"))}
    assert outside <= {"ent:nokia", "ent:siemens", "ent:united-nations"}, "a slip of the pen in an id"


def test_concepts_are_described_and_named_once(pack: PackFiles) -> None:
    concepts = [line for line in lines(pack) if isinstance(line, Entity) and line.kind is Kind.CONCEPT and line.id.startswith(pack.declared.name)]
    assert len(concepts) > 60
    for one in concepts:
        assert one.description or one.id.endswith(":scheme"), one.id
        assert sum(name.preferred for name in one.names) == 1, one.id
    labels = [name.text.casefold() for one in concepts for name in one.names]
    assert len(set(labels)) == len(labels)


def test_no_end_lies_before_its_beginning_and_what_ended_is_public_when_it_ends(pack: PackFiles) -> None:
    for fact in lines(pack):
        if isinstance(fact, Fact) and fact.valid.start is not None and fact.valid.end is not None:
            assert fact.valid.lo < fact.valid.hi, fact
            assert fact.known.since is None or fact.known.end_since is not None or fact.known.since.lo >= fact.valid.end.lo, fact


def test_terms_of_office_hold_from_and_to_the_date_given(cli: Cli, tmp_path: Path) -> None:
    world = ("--data", tmp_path / "w")
    cli("pack", "install", "public-office", *world)

    def holders(as_of: str) -> set[str]:
        answer = cli("lookup", "The Managing Director of the International Monetary Fund spoke.", "--as-of", as_of, "--json", *world).json
        return {fact["subject"] for fact in answer["facts"] if fact["predicate"] == "position_held" and fact["object"].startswith("ent:managing")}

    assert holders("2011-05-18") == {"ent:dominique-strauss-kahn"}
    assert holders("2011-06-15") == set()
    assert holders("2011-07-05") == {"ent:christine-lagarde"}
    assert holders("1956-10") == {"ent:ivar-rooth"}


@pytest.mark.parametrize(("text", "as_of", "name"), [
    ("Bell Atlantic grew.", "1998", "Bell Atlantic"), ("Verizon grew.", "2010", "Verizon Communications"),
    ("France Télécom grew.", "2005", "France Télécom"), ("France Télécom grew.", "2020", "Orange S.A."),
    ("Telia grew.", "1995", "Telia"), ("TeliaSonera grew.", "2010", "TeliaSonera"), ("J-Phone grew.", "2005", "Vodafone K.K."),
    ("The International Telegraph Union met.", "1900", "International Telegraph Union"), ("The ITU met.", "2000", "International Telecommunication Union"),
])
def test_a_company_is_called_what_it_was_called_then(telecom: Path, cli: Cli, text: str, as_of: str, name: str) -> None:
    assert [one["name"] for one in cli("lookup", text, "--as-of", as_of, "--json", "--data", telecom).json["entities"]] == [name]


@pytest.mark.parametrize(("old", "new", "told"), [
    ('time:hasEnd [ time:inXSDgYearMonth "1952-11"', 'time:hasEnd [ time:inXSDgYearMonth "1942-11"',
     ("secretary-general-of-the-united-nations> ^<http://www.w3.org/ns/org#role>", "ends before it begins")),
    ('"2019-10-31"', '"2020-10-31"', ("president-of-the-european-central-bank", "mario-draghi is over", "holds the same office")),
    ("    org:member ent:kofi-annan ;\n", "", ("kofi-annan", "org#member", "needs one person")),
    ("    dcterms:source src:ecb .", "    dcterms:source src:gone .", ("terms/source", "needs a source")),
    ("    org:organization ent:european-council ;", "    org:organization ent:united-nations ;", ("names another organisation than its office is in",)),
])
def test_the_shapes_of_public_office_catch_slips(cli: Cli, tmp_path: Path, old: str, new: str, told: tuple[str, ...]) -> None:
    problems = broken(cli, tmp_path, "public-office", "data/terms.ttl", old, new)
    assert any(all(words in problem for words in told) for problem in problems), problems


@pytest.mark.parametrize(("old", "new", "told"), [
    ("skos:broader telecom:gsm ;", "skos:broader telecom:gms ;", ("telecom:edge", "broader", "no concept of the scheme")),
    ('skos:prefLabel "net neutrality"@en', 'skos:prefLabel "universal service obligation"@en', ("has the same label as",)),
    ("telecom:mobile-generation a skos:Concept, owl:Class ;", "telecom:mobile-generation a skos:Concept, owl:Class ; skos:broader telecom:gsm ;", ("is broader than itself",)),
    ("skos:related telecom:core-network ;", "skos:related telecom:core-network ; skos:altLabel \"radio access network\"@en ;", ("telecom:radio-access-network", "SKOS S13")),
])
def test_the_shapes_of_telecom_catch_slips(cli: Cli, tmp_path: Path, old: str, new: str, told: tuple[str, ...]) -> None:
    problems = broken(cli, tmp_path, "telecom", "vocabulary.ttl", old, new)
    assert any(all(words in problem for words in told) for problem in problems), problems


def broken(cli: Cli, tmp_path: Path, name: str, file: str, old: str, new: str) -> list[str]:
    """What the check says of a copy of a shipped pack in which something was changed."""
    copy = tmp_path / "copy"
    for path in PackFiles(shelf()[name]).files():
        target = copy / path.relative_to(shelf()[name])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    edit(copy / file, old, new)
    problems = cli("pack", "check", copy, "--json", code=1).json["problems"]
    assert isinstance(problems, list)
    return problems
