"""Real dumps and answers of Wikidata: what they hold, counted, and facts looked at by hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli
from tests.exchange.wikidata.made import left_out
from worldctx.exchange.facts import resolve_known
from worldctx.exchange.importer import Taken
from worldctx.exchange.wikidata.filter import Filter
from worldctx.exchange.wikidata.importer import wikidata
from worldctx.model.clocks import Basis
from worldctx.model.entity import Entity, Kind
from worldctx.model.fact import Fact, Literal
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source

pytestmark = pytest.mark.real_data
DUMPS = ("sample-dump-20150815.json.gz", "mock-dump-for-long-testing.json", "mock-dump-with-bugs.json")
ADAMS, KARLSRUHE, SEVERAL, UNIVERSE = "wbgetentities-Douglas-Adams.json", "wbgetentities-Q32063953.json", "wbgetentities-Q6-Q42-P31.json", "wbgetentities-Q1.json"


def read(data_dir: Path, name: str, kept: str = "default") -> list[Taken]:
    return list(wikidata(Filter.load(kept)).records(data_dir / "wikidata" / name))


def counts(found: list[Taken]) -> dict[str, int]:
    told = Counter(type(line).__name__ for one in found for line in one.lines)
    told.update(one.skipped for one in found if one.skipped)
    told.update("error" for one in found if one.error)
    return dict(told)


def facts(found: list[Taken], predicate: str) -> list[Fact]:
    return [line for one in found for line in one.lines if isinstance(line, Fact) and line.predicate == predicate]


def source(found: list[Taken], fact: Fact) -> Source:
    return next(line for one in found for line in one.lines if isinstance(line, Source) and line.id == fact.source)


@pytest.mark.parametrize(("name", "kept", "told", "left"), [
    *((name, "default", {"Entity": 55, "Fact": 119, "Source": 8, "property": 46}, {"qualifier": 1}) for name in DUMPS),
    (ADAMS, "default", {"Entity": 1, "Fact": 27, "Source": 11}, {"property that the filter leaves out": 47, "qualifier": 2}),
    (ADAMS, "everything", {"Entity": 1, "Fact": 74, "Source": 14}, {"qualifier": 9}),
    (UNIVERSE, "default", {"Entity": 1, "Fact": 4}, {"property that the filter leaves out": 10, "deprecated rank": 1, "time less precise than a millennium": 1}),
    (SEVERAL, "default", {"Entity": 1, "Fact": 26, "Source": 9, "missing": 1, "property": 1}, {"property that the filter leaves out": 43, "qualifier": 2}),
    (KARLSRUHE, "default", {"Entity": 1, "Fact": 115, "Source": 5, "Judgement": 1}, {"property that the filter leaves out": 58, "qualifier": 6}),
])
def test_every_record_is_made_or_passed_over_for_a_reason(data_dir: Path, name: str, kept: str, told: dict[str, int], left: dict[str, int]) -> None:
    found = read(data_dir, name, kept)
    assert counts(found) == told
    assert dict(sum((Counter(dict(one.left_out)) for one in found), Counter())) == left


def test_douglas_adams(data_dir: Path) -> None:
    found = read(data_dir, ADAMS)
    (adams,) = (line for line in found[0].lines if isinstance(line, Entity))
    assert (adams.id, adams.kind, adams.description) == ("wd:Q42", Kind.PERSON, "English writer")
    assert [name.text for name in adams.names] == ["Douglas Adams", "Douglas Noël Adams", "Douglas Noel Adams"]
    assert {"viaf:113230702", "gnd:119033364", "imdb:nm0010930"} <= set(adams.same_as)
    (born,) = facts(found, "birth_date")
    assert born.literal == Literal("1952-03-11", "edtf")
    assert source(found, born).id == "src:wd:Q15222191"
    assert born.evidence.record == "q42$D8404CDA-25E4-4334-AF13-A3290BCD9C0F"
    assert resolve_known(born, source(found, born)).known.basis is Basis.VALID_START
    schools = {str(fact.object): fact.valid.edtf for fact in facts(found, "educated_at")}
    assert schools == {"wd:Q35794": "../1974", "wd:Q691283": "../..", "wd:Q4961791": "../.."}
    (married,) = facts(found, "spouse")
    assert (married.object, married.valid.edtf) == ("wd:Q14623681", "1991-11-25/2001-05-11")
    (place,) = facts(found, "birth_place")
    paper = source(found, place)
    assert (paper.host, paper.published and paper.published.edtf) == ("telegraph.co.uk", "2001-05-13")


def test_karlsruhe_and_the_item_that_redirects_to_it(data_dir: Path) -> None:
    found = read(data_dir, KARLSRUHE)
    (city,) = (line for line in found[0].lines if isinstance(line, Entity))
    assert (city.id, city.kind, city.within) == ("wd:Q1040", Kind.PLACE, "wd:Q8165")
    assert (round(city.lat or 0, 3), round(city.lon or 0, 3)) == (49.014, 8.404)
    assert "gn:2892794" in city.same_as
    assert city.weight > 0.5
    assert [(line.left, line.right, line.same) for line in found[0].lines if isinstance(line, Judgement)] == [("wd:Q32063953", "wd:Q1040", True)]
    mayors = [(str(fact.object), fact.valid.edtf, fact.confidence) for fact in facts(found, "head_of_government")]
    assert ("wd:Q1443774", "2013-03-01/..", 0.9) in mayors  # preferred: he is in office
    assert ("wd:Q107280", "1998/2013", 0.8) in mayors
    people = {fact.valid.edtf: fact.literal for fact in facts(found, "population")}
    assert people["1990-12-31/1990-12-31"] == Literal("275061", "integer")
    assert facts(found, "area")[0].literal == Literal("173.45", "decimal", "km2")
    lands = {fact.valid.edtf: str(fact.object) for fact in facts(found, "country")}
    assert lands["1949-05-23/1990-10-02"] == "wd:Q713750"


def test_the_universe_is_older_than_a_date_can_say(data_dir: Path) -> None:
    found = read(data_dir, UNIVERSE)
    assert left_out(found)["time less precise than a millennium"] == 1
    assert isinstance(found[0].lines[0], Entity)
    assert found[0].lines[0].kind is Kind.CONCEPT


def test_the_kinds_of_the_sample_are_told_by_their_classes(data_dir: Path) -> None:
    kinds = {str(line.id): line.kind for one in read(data_dir, DUMPS[0]) for line in one.lines if isinstance(line, Entity)}
    assert {one for one, kind in kinds.items() if kind is Kind.PERSON} == {"wd:Q23", "wd:Q42", "wd:Q207", "wd:Q297"}
    assert [kinds[one] for one in ("wd:Q183", "wd:Q62", "wd:Q103", "wd:Q83", "wd:Q140")] == [Kind.PLACE, Kind.PLACE, Kind.WORK, Kind.PRODUCT, Kind.CONCEPT]


def test_all_files_go_into_a_world_once_however_often_they_are_imported(data_dir: Path, cli: Cli, target: tuple[str, str]) -> None:
    names = sorted(str(path) for path in (data_dir / "wikidata").iterdir())
    first: dict[str, Any] = cli("import", "wikidata", *names, *target, "--json").json
    assert (first["entities"], first["judgements"], first["refused"]) == (58, 1, 0)  # lines that told something new of 56 entities
    again: dict[str, Any] = cli("import", "wikidata", *names, *target, "--json").json
    assert {key: again[key] for key in ("sources", "entities", "facts", "judgements", "refused")} == dict.fromkeys(("sources", "entities", "facts", "judgements", "refused"), 0)
    assert not cli("verify", *target, "--json").json["problems"]
