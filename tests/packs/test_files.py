"""What a pack tells: all of it by sources of its own, with the names that its policy keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packs.made import edit
from worldctx.exchange.facts import Line
from worldctx.exchange.pack.declaration import Policy
from worldctx.exchange.pack.files import PACKS, PackFiles, kept_names
from worldctx.model.entity import Entity, Name
from worldctx.model.errors import BadInput
from worldctx.model.fact import Fact
from worldctx.model.source import Source


def lines(pack: PackFiles) -> Iterator[Line]:
    yield from pack.begin()
    for part in pack.parts:
        for taken in pack.records(part):
            assert taken.error is None, taken.error
            yield from taken.lines


def test_every_line_is_told_by_a_source_of_the_pack(rail: Path) -> None:
    told = list(lines(PackFiles(rail)))
    sources = {line.id for line in told if isinstance(line, Source)}
    assert sources == {"pack:rail", "pack:rail:register"}
    others = [line for line in told if not isinstance(line, Source)]
    assert {line.source for line in others} == sources
    (company,) = (line for line in others if isinstance(line, Entity) and line.id == "rail:british-rail")
    assert company.source == "pack:rail:register"
    assert {line.source for line in others if isinstance(line, Entity) and line.id == "rail:tram"} == {"pack:rail"}


def test_the_pack_itself_is_known_with_version_title_and_sources(rail: Path) -> None:
    facts = {(str(fact.subject), fact.predicate): fact.object_text for fact in lines(PackFiles(rail)) if isinstance(fact, Fact)}
    assert facts[PACKS, "has_part"] == "pack:rail"
    assert facts["pack:rail", "version"] == "1.0.0"
    assert facts["pack:rail", "title"] == "Rail"
    assert facts["pack:rail", "has_source"] == "pack:rail:register"


def test_a_source_is_told_before_what_it_tells(rail: Path) -> None:
    seen: set[str] = set()
    for line in lines(PackFiles(rail)):
        if isinstance(line, Source):
            seen.add(line.id)
        else:
            assert line.source in seen


def test_the_title_of_the_pack_stays_whatever_its_files_say_of_it(rail: Path) -> None:
    titles = [line.title for line in lines(PackFiles(rail)) if isinstance(line, Source) and line.id == "pack:rail"]
    assert titles == ["Rail"]


def test_a_fact_of_the_pack_is_public_since_the_pack_was_published(rail: Path) -> None:
    edit(rail / "pack.toml", 'licence = "CC0-1.0"', 'licence = "CC0-1.0"\npublished = "2024-05"')
    source = next(line for line in lines(PackFiles(rail)) if isinstance(line, Source))
    assert source.published is not None
    assert source.published.edtf == "2024-05"


def test_names_that_the_policy_drops_are_no_names(rail: Path) -> None:
    (coach,) = (line for line in lines(PackFiles(rail)) if isinstance(line, Entity) and line.id == "rail:coach")
    assert [name.text for name in coach.names] == ["passenger coach"]


def test_what_does_not_say_how_well_known_it_is_gets_the_weight_of_its_part(rail: Path) -> None:
    edit(rail / "vocabulary.ttl", "rail:tram a skos:Concept ;", "rail:tram a skos:Concept ; <urn:worldctx:vocab:weight> 0.3 ;")
    weights = {str(line.id): line.weight for line in lines(PackFiles(rail)) if isinstance(line, Entity)}
    assert (weights["rail:tram"], weights["rail:coach"], weights["rail:british-rail"]) == (0.3, 0.1, 0)


@pytest.mark.parametrize(("policy", "kept"), [
    (Policy(), ["Long Term Evolution", "LTE", "ED", "evolution", "Langzeit"]),
    (Policy(drop=frozenset({"lte"})), ["Long Term Evolution", "ED", "evolution", "Langzeit"]),
    (Policy(languages=frozenset({"en"})), ["Long Term Evolution", "LTE", "ED", "evolution"]),
    (Policy(min_length=3), ["Long Term Evolution", "LTE", "ED", "evolution", "Langzeit"]),
    (Policy(min_length=3, acronyms=False), ["Long Term Evolution", "LTE", "evolution", "Langzeit"]),
    (Policy(min_length=100, acronyms=False), ["Long Term Evolution"]),
])
def test_a_policy_keeps_what_it_says(policy: Policy, kept: list[str]) -> None:
    names = [Name("Long Term Evolution", "en", preferred=True), Name("LTE", "en"), Name("ED"), Name("evolution", "en"), Name("Langzeit", "de")]
    assert [name.text for name in kept_names(names, policy)] == kept


@given(st.lists(st.builds(Name, st.text(min_size=1, max_size=6), st.sampled_from(["", "en", "de"]), preferred=st.booleans()), max_size=6),
       st.builds(Policy, st.frozensets(st.sampled_from(["en", "de"])), st.integers(1, 6), st.booleans(), st.frozensets(st.text(max_size=6).map(str.casefold))))
def test_labels_stay_and_nothing_is_added_or_moved(names: list[Name], policy: Policy) -> None:
    kept = list(kept_names(names, policy))
    assert [name for name in kept if name.preferred] == [name for name in names if name.preferred]
    assert [name for name in names if name in kept] == kept


def test_all_files_belong_to_the_pack_and_nothing_else(rail: Path) -> None:
    (rail / "notes.txt").write_text("not listed", encoding="utf-8")
    assert [path.name for path in PackFiles(rail).files()] == ["companies.jsonl", "pack.toml", "shapes.ttl", "vocabulary.ttl"]


def test_a_link_out_of_the_folder_is_refused(rail: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_text("", encoding="utf-8")
    (rail / "companies.jsonl").unlink()
    (rail / "companies.jsonl").symlink_to(tmp_path / "secret.jsonl")
    with pytest.raises(BadInput, match="leads out of the pack; put the file itself there"):
        PackFiles(rail)


def test_choices_change_with_any_file(rail: Path) -> None:
    before = PackFiles(rail).choices
    assert PackFiles(rail).choices == before
    for name in ("pack.toml", "vocabulary.ttl", "shapes.ttl", "companies.jsonl"):
        with (rail / name).open("a", encoding="utf-8") as file:
            file.write("\n")
        after = PackFiles(rail).choices
        assert after != before
        before = after
