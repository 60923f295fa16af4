"""The facts format: what comes out goes in again, errors name line and field, and nothing is dropped in silence."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.exchange.facts import line_of, parse_line, resolve_known
from worldctx.model.clocks import Basis, Known
from worldctx.model.entity import Entity, Kind
from worldctx.model.errors import BadInput
from worldctx.model.fact import Evidence, Fact, fact_id
from worldctx.model.ids import DocumentId, EntityId, FactId, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import Interval, parse_when
from worldctx.testing.strategies import entities, facts, judgements, whens

PRINTED = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)


def sources() -> st.SearchStrategy[Source]:
    return st.builds(Source, st.sampled_from([SourceId("src:a"), SourceId("é")]), PRINTED, st.sampled_from(["", "https://un.org/x"]),
                     st.none() | st.just(EntityId("ent:x")), st.none() | whens(), st.just("un.org"), PRINTED, PRINTED, PRINTED)


@st.composite
def fact_lines(draw: st.DrawFn) -> Fact:
    """Facts as they stand before their publication is resolved."""
    fact = draw(facts())
    since = draw(st.none() | whens())
    known = Known(since, Basis.STATED if since else Basis.UNSTATED, draw(st.none() | whens()))
    said = draw(st.sampled_from([Evidence(), Evidence(DocumentId("doc:1"), 0, 7, "q", "r"), Evidence(record="x\n")]))
    return replace(fact, id=FactId(draw(st.sampled_from(["", "f:mine"]))), known=known, evidence=said,
                   confidence=draw(st.floats(0, 1)), method=draw(st.sampled_from(["declared@1", "ner@2"])))


@given(sources() | entities() | judgements() | fact_lines())
def test_what_is_written_is_read_as_it_was(one: Source | Entity | Judgement | Fact) -> None:
    assert parse_line(line_of(one)) == one
    assert line_of(parse_line(line_of(one))) == line_of(one)


@given(fact_lines(), sources() | st.none())
def test_a_resolved_fact_comes_back_with_its_clocks_and_id(fact: Fact, source: Source | None) -> None:
    resolved = resolve_known(fact, source)
    again = parse_line(line_of(resolved))
    assert isinstance(again, Fact)
    assert resolve_known(again, source) == resolved


def line(**record) -> str:
    return json.dumps({"type": "fact", "subject": "ent:a", "predicate": "p", "object": "ent:b"} | record)


def fact_of(**record) -> Fact:
    found = parse_line(line(**record))
    assert isinstance(found, Fact)
    return found


@pytest.mark.parametrize(("record", "field"), [
    ({"type": "fuct"}, "type"), ({"type": None}, "type"), ({"type": ["fact"]}, "type"), ({"subject": None}, "subject"),
    ({"subject": "a b"}, "subject"), ({"predicate": " "}, "predicate"), ({"object": None}, "object"), ({"value": 1}, "object"),
    ({"value": [1], "object": None}, "value"), ({"valid": {"from": "2005", "to": "2001"}}, "valid.to"),
    ({"valid": {"from": "soon"}}, "valid.from"), ({"valid": "2001"}, "valid"), ({"valid": {"start": "2001"}}, "start"),
    ({"confidence": 1.5}, "confidence"), ({"confidence": True}, "confidence"), ({"known_since": "x"}, "known_since"),
    ({"konwn_since": "2001"}, "konwn_since"), ({"start": 5, "end": 4}, "end"), ({"start": 1.5}, "start"), ({"unit": "m"}, "unit"),
    ({"id": ""}, None), ({"quote": 7}, "quote"), ({"type": "entity"}, "object"), ({"predicate": "\ud800"}, "predicate"),
])
def test_a_wrong_fact_is_named_by_line_and_field(record: dict, field: str | None) -> None:
    if field is None:
        assert fact_of(**record)
        return
    with pytest.raises(BadInput) as caught:
        parse_line(line(**record), 12)
    assert caught.value.message.startswith("line 12: ")
    assert caught.value.violations[0].field == field


@pytest.mark.parametrize(("record", "field"), [
    ({"kind": "persn"}, "kind"), ({}, "kind"), ({"kind": "place", "lat": 91}, "lat"), ({"kind": "place", "lon": -181}, "lon"),
    ({"kind": "place", "names": "X"}, "names"), ({"kind": "place", "names": ["X"]}, "names[0]"), ({"kind": "place", "names": [{}]}, "names[0].name"),
    ({"kind": "place", "names": [{"name": "x", "from": "2001", "to": "1999"}]}, "names[0].to"), ({"kind": "place", "same_as": "wd:Q1"}, "same_as"),
    ({"kind": "place", "same_as": ["a", "b c"]}, "same_as[1]"), ({"kind": "place", "names": [{"name": "x", "preferred": "yes"}]}, "names[0].preferred"),
    ({"kind": "place", "names": 0}, "names"),
])
def test_a_wrong_entity_is_named_by_field(record: dict, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_line(json.dumps({"type": "entity", "id": "ent:x"} | record))
    assert caught.value.violations[0].field == field


@pytest.mark.parametrize(("value", "text", "datatype"), [
    (12345, "12345", "integer"), (0, "0", "integer"), (1e-7, "0.0000001", "decimal"), (2.5, "2.5", "decimal"),
    (False, "false", "boolean"), ("", "", "string"), ("x", "x", "string"), (10**30, "1" + "0" * 30, "integer"),
])
def test_a_value_has_the_datatype_of_its_json_type(value: object, text: str, datatype: str) -> None:
    literal = fact_of(object=None, value=value).literal
    assert literal is not None and (literal.value, literal.datatype) == (text, datatype)


def test_a_number_beyond_all_numbers_is_refused() -> None:
    with pytest.raises(BadInput, match="value"):
        parse_line('{"type":"fact","subject":"a","predicate":"p","value":1e999}')


def test_open_sides_and_whole_intervals_are_read() -> None:
    assert fact_of(valid={"from": "..", "to": None}).valid == Interval()
    assert fact_of(valid={"edtf": "2001/2005-03"}).valid == Interval(parse_when("2001"), parse_when("2005-03"))


def test_equal_lines_are_one_fact_and_an_id_of_its_own_is_kept() -> None:
    one, two = resolve_known(fact_of(valid={"from": "2001"}), None), resolve_known(fact_of(valid={"from": "2001"}), None)
    assert one.id == two.id == fact_id(one)
    assert resolve_known(fact_of(id="f:mine"), None).id == "f:mine"


def test_since_when_a_fact_is_known_comes_from_the_line_then_its_source_then_its_start() -> None:
    source = Source(SourceId("src:a"), published=parse_when("2010"))
    dated = {"valid": {"from": "2001", "to": "2005"}, "source": "src:a"}
    assert resolve_known(fact_of(**dated, known_since="2003"), source).known == Known(parse_when("2003"), Basis.STATED)
    assert resolve_known(fact_of(**dated), source).known == Known(parse_when("2010"), Basis.SOURCE)
    assert resolve_known(fact_of(**dated), None).known == Known(parse_when("2001"), Basis.VALID_START, parse_when("2005"))
    assert resolve_known(fact_of(), None).known == Known()


def test_an_entity_at_the_zero_of_all_axes_keeps_its_place() -> None:
    one = Entity(EntityId("ent:buoy"), Kind.PLACE, lat=0.0, lon=0.0)
    assert parse_line(line_of(one)) == one


def test_a_source_whose_address_is_not_where_it_was_published_keeps_no_host() -> None:
    told, silent = Source(SourceId("src:a"), url="https://www.a.example/1", host="a.example"), Source(SourceId("src:b"), url="https://a.example/1")
    assert [json.loads(line_of(one)).get("host") for one in (told, silent)] == [None, ""]
    assert [parse_line(line_of(one)) for one in (told, silent)] == [told, silent]
