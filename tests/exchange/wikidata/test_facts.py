"""A statement becomes a fact: its value, when it held, since when that was public, who said it, and which statement it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.exchange.wikidata.made import (
    JULIAN,
    amount,
    at,
    facts,
    item,
    left_out,
    lines,
    point,
    read,
    said,
    sources,
    statement,
    text,
    to,
)
from worldctx.exchange.facts import line_of, parse_line, resolve_known
from worldctx.model.clocks import Basis
from worldctx.model.entity import Entity
from worldctx.model.event import event_of
from worldctx.model.fact import Fact, Literal, fact_id
from worldctx.model.ids import EntityId
from worldctx.model.source import Source
from worldctx.model.time import parse_when

HUMAN = statement("P31", to("Q5"))
BORN = statement("P569", at("+1952-03-11T00:00:00Z"))
BATTLE = statement("P31", to("Q178561"))


def one(folder: Path, key: str, value: dict[str, Any] | str, **options: Any) -> Fact:
    """The fact that a statement makes."""
    (found,) = facts(folder, item("Q1", statement(key, value, **options)))
    return found


@pytest.mark.parametrize(("key", "value", "predicate", "found"), [
    ("P26", to("Q14623681"), "spouse", "wd:Q14623681"),
    ("P1628", to("P31"), "wdt:P1628", "wd:P31"),
    ("P5185", to("L13-F2") | {"value": {"entity-type": "form", "id": "L13-F2"}}, "wdt:P5185", "wd:L13-F2"),
    ("P22", {"type": "wikibase-entityid", "value": {"entity-type": "item", "numeric-id": 7}}, "father", "wd:Q7"),  # before 2016
    ("P569", at("+1952-03-11T00:00:00Z"), "birth_date", Literal("1952-03-11", "edtf")),
    ("P1082", amount("+296033"), "population", Literal("296033", "integer")),
    ("P2046", amount("+173.460", "http://www.wikidata.org/entity/Q712226"), "area", Literal("173.46", "decimal", "km2")),
    ("P2044", amount("-0.0", "http://www.wikidata.org/entity/Q11573"), "elevation", Literal("0", "integer", "m")),
    ("P2139", amount("+007", "http://www.wikidata.org/entity/Q4917"), "revenue", Literal("7", "integer", "{USD}")),
    ("P2067", amount("+1", "http://www.wikidata.org/entity/Q999999999"), "mass", Literal("1", "integer", "{wd:Q999999999}")),
    ("P1448", text("Ville de Lyon", "fr"), "official_name", Literal("Ville de Lyon", "langString", lang="fr")),
    ("P1448", text("X", "zh-classical"), "official_name", Literal("X", "langString", lang="lzh")),
    ("P348", said(" 1.0 "), "software_version", Literal("1.0")),
    ("P625", point(48.5, 8.25), "wdt:P625", Literal("POINT(8.25 48.5)", "wkt")),
    ("P625", point(1, -2, "Q405"), "wdt:P625", Literal("<http://www.wikidata.org/entity/Q405> POINT(-2 1)", "wkt")),
])
def test_values_of_every_kind_are_kept_as_what_they_are(tmp_path: Path, key: str, value: dict[str, Any], predicate: str, found: str | Literal) -> None:
    fact = one(tmp_path, key, value)
    assert fact.predicate == predicate
    assert (fact.object if isinstance(found, str) else fact.literal) == found


def test_an_address_is_an_address_and_an_identifier_a_text(tmp_path: Path) -> None:
    assert one(tmp_path, "P856", said("https://example.org/"), datatype="url").literal == Literal("https://example.org/", "anyURI")
    assert one(tmp_path, "P9999", said("x"), datatype="external-id").literal == Literal("x")


def test_a_fact_names_its_statement_and_how_it_was_got(tmp_path: Path) -> None:
    (fact,) = facts(tmp_path, item("Q42", statement("P22", to("Q7"))))
    assert (fact.subject, fact.evidence.record, fact.method) == ("wd:Q42", "Q42$0", "wikidata@1")


@pytest.mark.parametrize(("qualifiers", "edtf"), [
    ({"P580": at("+1971-00-00T00:00:00Z", 9), "P582": at("+1974-06-00T00:00:00Z", 10)}, "1971/1974-06"),
    ({"P580": at("+1971-01-01T00:00:00Z", 9)}, "1971/.."),
    ({"P582": at("+1974-00-00T00:00:00Z", 9)}, "../1974"),
    ({"P585": at("+2012-12-31T00:00:00Z")}, "2012-12-31/2012-12-31"),
    ({"P585": at("+2012-12-31T00:00:00Z"), "P580": at("+2010-00-00T00:00:00Z", 9)}, "2010/.."),
    ({"P580": [at("+1980-00-00T00:00:00Z", 9), at("+1971-00-00T00:00:00Z", 9)]}, "1971/.."),
    ({"P580": "somevalue", "P582": at("+1974-00-00T00:00:00Z", 9)}, "../1974"),
    ({"P582": "novalue", "P580": at("+1974-00-00T00:00:00Z", 9)}, "1974/.."),
    ({"P580": at("+1582-10-04T00:00:00Z", 11, JULIAN)}, "1582-10-14/.."),
    ({"P580": at("-0044-03-15T00:00:00Z")}, "-0043-03-15/.."),
])
def test_qualifiers_say_when_a_statement_held(tmp_path: Path, qualifiers: dict[str, Any], edtf: str) -> None:
    assert one(tmp_path, "P39", to("Q7"), qualifiers=qualifiers).valid.edtf == edtf


@pytest.mark.parametrize(("qualifiers", "why"), [
    ({"P580": at("+1974-00-00T00:00:00Z", 9), "P582": at("+1971-00-00T00:00:00Z", 9)}, "end before its start"),
    ({"P580": at("-13798000000-00-00T00:00:00Z", 3)}, "time less precise than a millennium"),
    ({"P580": at("+1974-00-00T00:00:00Z", 9), "P582": "somevalue"}, "ended at an unknown time"),
])
def test_a_statement_whose_time_cannot_be_said_is_left_out_for_that_reason(tmp_path: Path, qualifiers: dict[str, Any], why: str) -> None:
    taken = read(tmp_path, item("Q1", statement("P39", to("Q7"), qualifiers=qualifiers)))
    assert left_out(taken) == {why: 1}
    assert len(taken[0].lines) == 1


def test_what_ended_at_an_unknown_time_had_ended_when_the_dump_was_made(tmp_path: Path) -> None:
    made = item("Q1", statement("P39", to("Q7"), qualifiers={"P580": at("+1974-00-00T00:00:00Z", 9), "P582": "somevalue"}))
    assert facts(tmp_path, made, dumped="2020-01-06")[0].valid.edtf == "1974/2020-01-06"


def test_deprecated_statements_and_unknown_values_are_left_out_and_counted(tmp_path: Path) -> None:
    taken = read(tmp_path, item("Q1", statement("P22", to("Q7"), "deprecated"), statement("P25", "somevalue"), statement("P26", "novalue"), statement("P40", to("Q8"))))
    assert left_out(taken) == {"deprecated rank": 1, "unknown value": 1, "no value": 1}
    assert len(taken[0].lines) == 2


def test_a_preferred_statement_is_surer_than_a_normal_one_and_a_referenced_one_than_one_without(tmp_path: Path) -> None:
    cited = [{"P248": to("Q36578")}]
    made = item("Q1", statement("P36", to("Q7"), "preferred", references=cited), statement("P36", to("Q8"), "preferred"), statement("P36", to("Q9"), references=cited), statement("P36", to("Q10")))
    sure = [fact.confidence for fact in facts(tmp_path, made)]
    assert sure == sorted(sure, reverse=True)
    assert sure == [0.95, 0.9, 0.85, 0.8]


def test_other_qualifiers_are_counted(tmp_path: Path) -> None:
    taken = read(tmp_path, item("Q1", statement("P39", to("Q7"), qualifiers={"P2937": to("Q8"), "P642": to("Q9"), "P580": at("+1974-00-00T00:00:00Z", 9)})))
    assert left_out(taken) == {"qualifier": 2}


def test_a_date_that_lies_between_two_years_is_a_set_even_where_its_value_is_unknown(tmp_path: Path) -> None:
    bounds = {"P1319": at("+1480-00-00T00:00:00Z", 9), "P1326": at("+1490-00-00T00:00:00Z", 9)}
    assert one(tmp_path, "P569", "somevalue", qualifiers=bounds).literal == Literal("[1480..1490]", "edtf")
    assert one(tmp_path, "P569", at("+1485-00-00T00:00:00Z", 9), qualifiers={"P1480": to("Q5727902")}).literal == Literal("1485~", "edtf")


# When it was public


def known(fact: Fact, told: list[Source]) -> tuple[str, Basis]:
    source = next((one for one in told if one.id == fact.source), None)
    resolved = resolve_known(fact, source).known
    return (resolved.since.edtf if resolved.since else "", resolved.basis)


def test_a_date_holds_and_is_public_from_itself_on(tmp_path: Path) -> None:
    fact = one(tmp_path, "P569", at("+1952-03-11T00:00:00Z"))
    assert fact.valid.edtf == "1952-03-11/.."
    assert known(fact, []) == ("1952-03-11", Basis.VALID_START)


def test_what_was_so_from_birth_or_death_on_holds_from_then(tmp_path: Path) -> None:
    made = item("Q42", HUMAN, BORN, statement("P570", at("+2001-05-11T00:00:00Z")), statement("P19", to("Q350")), statement("P20", to("Q159288")), statement("P106", to("Q36180")))
    valid = {fact.predicate: fact.valid.edtf for fact in facts(tmp_path, made)}
    assert valid == {"instance_of": "1952-03-11/..", "birth_date": "1952-03-11/..", "death_date": "2001-05-11/..", "birth_place": "1952-03-11/..", "death_place": "2001-05-11/..", "occupation": "../.."}


def test_what_bears_no_date_was_public_by_the_day_of_the_dump(tmp_path: Path) -> None:
    made = item("Q42", HUMAN, BORN, statement("P106", to("Q36180")), statement("P26", to("Q7"), qualifiers={"P580": at("+1991-11-25T00:00:00Z")}))
    by = {fact.predicate: known(fact, []) for fact in facts(tmp_path, made, dumped="2020-01-06")}
    assert by["occupation"] == ("2020-01-06", Basis.STATED)
    assert by["spouse"] == ("1991-11-25", Basis.VALID_START)
    assert known(facts(tmp_path, made)[2], []) == ("", Basis.UNSTATED)


def test_an_end_alone_was_not_public_before_it_came(tmp_path: Path) -> None:
    fact = resolve_known(one(tmp_path, "P69", to("Q691283"), qualifiers={"P582": at("+1974-00-00T00:00:00Z", 9)}), None)
    assert fact.known.end_since == parse_when("1974")


# Who said it


def test_references_become_sources_with_title_address_host_publisher_and_date(tmp_path: Path) -> None:
    cited = {"P854": said("https://www.theguardian.com/news/2001/may/15/obituary"), "P1476": text("Obituary", "en"), "P577": at("+2001-05-15T00:00:00Z"), "P123": to("Q11148"), "P813": at("+2013-12-07T00:00:00Z")}
    made = item("Q42", statement("P20", to("Q159288"), references=[cited]))
    (source,), (fact,) = sources(tmp_path, made), facts(tmp_path, made)
    assert (source.title, source.host, source.publisher) == ("Obituary", "theguardian.com", "wd:Q11148")
    assert source.published == parse_when("2001-05-15")
    assert fact.source == source.id
    assert source.id.startswith("src:wd:")
    assert known(fact, [source]) == ("2001-05-15", Basis.SOURCE)


def test_a_work_that_is_only_named_is_a_source_by_its_item(tmp_path: Path) -> None:
    made = item("Q42", statement("P20", to("Q159288"), references=[{"P248": to("Q36578"), "P813": at("+2013-12-07T00:00:00Z")}]))
    assert sources(tmp_path, made) == [Source(sources(tmp_path, made)[0].id, "wd:Q36578", "http://www.wikidata.org/entity/Q36578")]
    assert facts(tmp_path, made)[0].source == "src:wd:Q36578"


def test_the_day_of_a_visit_makes_no_other_source(tmp_path: Path) -> None:
    visits = [{"P854": said("https://a.org/x"), "P813": at(f"+201{year}-12-07T00:00:00Z")} for year in (3, 4)]
    made = item("Q42", statement("P20", to("Q1"), references=visits[:1]), statement("P19", to("Q1"), references=visits[1:]))
    assert len(sources(tmp_path, made)) == 1
    assert len({fact.source for fact in facts(tmp_path, made)}) == 1


def test_the_source_that_was_published_first_is_taken_but_not_for_a_birth(tmp_path: Path) -> None:
    early, late = ({"P854": said(f"https://a.org/{year}"), "P577": at(f"+{year}-00-00T00:00:00Z", 9)} for year in (1999, 2013))
    plain = {"P248": to("Q36578")}
    made = item("Q42", HUMAN, statement("P569", at("+1952-03-11T00:00:00Z"), references=[late, plain]), statement("P26", to("Q7"), references=[plain, late, early]))
    told = {fact.predicate: fact.source for fact in facts(tmp_path, made)}
    urls = {one.id: one.url for one in sources(tmp_path, made)}
    assert urls[told["spouse"] or ""] == "https://a.org/1999"  # type: ignore[index] # ids are texts
    assert told["birth_date"] == "src:wd:Q36578"


def test_what_another_wiki_says_is_no_reference(tmp_path: Path) -> None:
    fact = one(tmp_path, "P22", to("Q7"), references=[{"P143": to("Q328"), "P4656": said("https://en.wikipedia.org/wiki/X")}])
    assert (fact.source, fact.confidence) == ("src:wikidata", 0.8)


def test_the_words_of_a_source_are_quoted(tmp_path: Path) -> None:
    assert one(tmp_path, "P22", to("Q7"), references=[{"P854": said("https://a.org"), "P1683": text("his father", "en")}]).evidence.quote == "his father"


def test_an_end_after_the_source_was_published_was_known_when_it_came(tmp_path: Path) -> None:
    cited = {"P854": said("https://a.org/x"), "P577": at("+2010-00-00T00:00:00Z", 9)}
    fact = one(tmp_path, "P39", to("Q7"), qualifiers={"P580": at("+2009-00-00T00:00:00Z", 9), "P582": at("+2014-00-00T00:00:00Z", 9)}, references=[cited])
    assert fact.known.end_since == parse_when("2014")


# Events


def test_an_event_has_time_place_and_participants_and_its_outcome_comes_with_its_end(tmp_path: Path) -> None:
    made = item("Q48314", BATTLE, statement("P585", at("+1815-06-18T00:00:00Z")), statement("P276", to("Q1")), statement("P710", to("Q517")), statement("P1120", amount("+40000")))
    found = facts(tmp_path, made)
    event = event_of(EntityId("wd:Q48314"), found)
    assert (event.time.edtf, event.place) == ("1815-06-18/1815-06-18", "wd:Q1")
    assert ("participant", "wd:Q517") in event.actors
    assert {fact.predicate: fact.valid.edtf for fact in found if fact.predicate in ("has_place", "number_of_deaths")} == {"has_place": "1815-06-18/1815-06-18", "number_of_deaths": "1815-06-18/.."}


def test_a_long_event_is_dated_by_its_first_year_and_its_days_are_facts_of_their_own(tmp_path: Path) -> None:
    made = item("Q362", statement("P31", to("Q198")), statement("P580", at("+1939-09-01T00:00:00Z")), statement("P582", at("+1945-09-02T00:00:00Z")), statement("P1346", to("Q7")))
    found = {fact.predicate: fact for fact in facts(tmp_path, made)}
    assert found["has_time"].literal == Literal("1939", "edtf")
    assert found["has_time"].valid.edtf == "1939-09-01/1945-09-02"
    assert found["has_time"].evidence.record == "Q362$1"
    assert resolve_known(found["has_time"], None).known.end_since == parse_when("1945-09-02")
    assert found["end_time"].valid.edtf == "1945-09-02/.."
    assert found["winner"].valid.edtf == "1945-09-02/.."  # nobody knew it before


def test_a_thing_that_is_no_event_has_a_point_in_time(tmp_path: Path) -> None:
    assert facts(tmp_path, item("Q1", HUMAN, statement("P585", at("+1815-06-18T00:00:00Z"))))[1].predicate == "point_in_time"


# What was not made by Wikidata


@pytest.mark.parametrize("broken", [
    {"mainsnak": {}}, {"mainsnak": None}, {}, {"mainsnak": {"snaktype": "value", "property": "P22"}}, {"mainsnak": {"snaktype": "value", "datavalue": {"type": "wikibase-entityid", "value": "Q5"}}},
    {"mainsnak": {"snaktype": "value", "datavalue": {"type": "wikibase-entityid", "value": {"id": "Q5 OR 1=1"}}}},
    {"mainsnak": {"snaktype": "value", "datavalue": {"type": "wikibase-entityid", "value": {"entity-type": "item", "numeric-id": -3}}}},
    {"mainsnak": {"snaktype": "value", "datavalue": {"type": "quantity", "value": {"amount": "1e999", "unit": "1"}}}}, {"mainsnak": {"snaktype": "value", "datavalue": {"type": "string", "value": 5}}},
    {"mainsnak": {"snaktype": "value", "datavalue": {"type": "globecoordinate", "value": {"latitude": None, "longitude": 0}}}},
    {"mainsnak": {"snaktype": "novalue"}, "rank": "bogus", "qualifiers": []} | {"mainsnak": {"snaktype": "value", "datavalue": {"type": "string", "value": "x"}}},
    statement("P22", to("Q7")) | {"references": [{"hash": "0"}]}, statement("P22", to("Q7")) | {"qualifiers": {"P580": [{"snaktype": "value"}]}},
])
def test_a_statement_that_does_not_keep_to_the_data_model_costs_itself(tmp_path: Path, broken: dict[str, Any]) -> None:
    made = item("Q1", statement("P40", to("Q8")))
    made["claims"]["P22"] = [{"id": "Q1$9", **broken}]
    taken = read(tmp_path, made)
    assert left_out(taken) == {"not the data model of Wikidata": 1}
    assert [line.object for line in taken[0].lines if isinstance(line, Fact)] == ["wd:Q8"]


def test_every_line_can_be_written_in_the_facts_format_and_read_back(tmp_path: Path) -> None:
    cited = {"P854": said("https://a.org/x"), "P577": at("+2010-00-00T00:00:00Z", 9), "P1683": text("so", "en")}
    made = item("Q42", HUMAN, BORN, statement("P856", said("https://a.org/"), datatype="url"), statement("P2048", amount("+1.96", "http://www.wikidata.org/entity/Q11573"), references=[cited]),
                statement("P625", point(1, 2)), statement("P1448", text("X", "fr")), aliases={"en": ["Y"]}, description="English writer (1952–2001)", sitelinks=9)
    found = lines(tmp_path, made, dumped="2020-01-06")
    assert {type(one) for one in found} == {Entity, Source, Fact}
    again = [parse_line(line_of(one)) for one in found]
    assert [_settled(one) for one in again] == [_settled(one) for one in found]


def _settled(line: object) -> object:
    """A fact with the id of its content: the facts format leaves out what is derived."""
    return (fact_id(resolved), resolved.known) if isinstance(line, Fact) and (resolved := resolve_known(line, None)) else line
