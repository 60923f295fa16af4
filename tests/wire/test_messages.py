"""Nouns become messages and come back equal; the JSON form has every field of the contract, of its type."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worldctx.exchange.documents import identified
from worldctx.model.ask import Ask, Filter
from worldctx.model.clocks import Clocks
from worldctx.model.context import Context, RankedFact, Span
from worldctx.model.document import Document
from worldctx.model.errors import BadInput, FieldViolation, Overloaded, WorldctxError
from worldctx.model.time import Interval, When, parse_when
from worldctx.testing.strategies import asks, contexts, documents, filters, intervals, spans, texts, whens
from worldctx.wire.messages import (
    ask_from,
    ask_message,
    clocks_from,
    context_from,
    context_message,
    document_from,
    document_message,
    edtf,
    filter_from,
    filter_message,
    interval_from,
    interval_message,
    request_from,
    span_from,
    span_message,
    to_dict,
    to_json,
    when_from,
)
from worldctx.wire.status import STATUS, error_of, status_of
from worldctx.wire.v1 import context_pb2, graph_pb2

MAX = 10_000
#: Whole answers are large: fewer of them, and never mind how long they take to draw.
FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def sent(message: Message) -> Any:
    """The message as the other side reads it."""
    return type(message).FromString(message.SerializeToString())


@given(documents())
def test_a_document_comes_back_with_its_id_and_hash(document: Document) -> None:
    assert document_from(sent(document_message(document)), MAX) == identified(document)
    again = identified(document)
    assert document_from(sent(document_message(again)), MAX) == again


@given(asks())
def test_an_ask_comes_back(ask: Ask) -> None:
    wanted = ask if ask.document is None else replace(ask, document=identified(ask.document))
    assert ask_from(sent(ask_message(ask)), MAX) == wanted


@given(filters())
def test_a_filter_comes_back(wanted: Filter) -> None:
    assert filter_from(sent(filter_message(wanted))) == wanted


@given(st.none() | whens(), st.none() | whens(), st.booleans())
def test_clocks_come_back_as_instants(as_of: When | None, known: When | None, strict: bool) -> None:
    clocks = clocks_from(sent(graph_pb2.Clocks(as_of=edtf(as_of), known_by=edtf(known), strict=strict)))
    cutoff = known.hi if known else None
    assert clocks == Clocks(as_of, cutoff, cutoff, strict)


@given(intervals(), spans(), st.none() | whens())
def test_intervals_spans_and_dates_come_back(valid: Interval, span: Span, when: When | None) -> None:
    assert interval_from(sent(interval_message(valid))) == valid
    assert span_from(sent(span_message(span))) == span
    assert when_from(edtf(when), "date") == when


@given(st.sampled_from(sorted(STATUS, key=lambda kind: kind.reason)), texts(), st.lists(st.builds(FieldViolation, texts(), texts()), max_size=3).map(tuple))
def test_an_error_comes_back_as_itself(kind: type[WorldctxError], message: str, violations: tuple[FieldViolation, ...]) -> None:
    error = Overloaded(message, retry_after_s=0.25) if kind is Overloaded else kind(message, violations=violations)
    back = error_of(sent(status_of(error)))
    assert (type(back), back.message, back.violations) == (kind, error.message, error.violations)
    assert getattr(back, "retry_after_s", None) == getattr(error, "retry_after_s", None)


def test_a_long_error_is_cut_to_what_a_header_holds() -> None:
    status = status_of(BadInput.at("id", "é" * 100_000))
    assert status.ByteSize() < 4096
    assert status.message.startswith("id: éé") and status.message.endswith("…")


def told(one: RankedFact) -> RankedFact:
    """A ranked fact without what an answer keeps to itself."""
    known = replace(one.fact.known, end_since=None)
    return replace(one, fact=replace(one.fact, valid=one.valid, known=known, withdrawn=None))


@FEW
@given(contexts())
def test_a_whole_context_comes_back_as_it_may_be_told(context: Context) -> None:
    message = context_message(context)
    back = context_from(sent(message))
    assert back == replace(context, facts=tuple(map(told, context.facts)), hash=message.context_hash)
    assert context_message(back) == message


@FEW
@given(contexts())
def test_the_json_form_of_a_context_has_every_field_with_its_type(context: Context) -> None:
    message = context_message(context)
    shown = to_dict(message)
    check_form(message, shown)
    assert json.loads(to_json(message)) == shown
    assert list(shown) == [field.name for field in message.DESCRIPTOR.fields]


TYPES = {FieldDescriptor.CPPTYPE_STRING: str, FieldDescriptor.CPPTYPE_BOOL: bool, FieldDescriptor.CPPTYPE_INT64: int,
         FieldDescriptor.CPPTYPE_DOUBLE: float, FieldDescriptor.CPPTYPE_ENUM: str}


def check_form(message: Message, shown: dict[str, Any]) -> None:
    for field in message.DESCRIPTOR.fields:
        if field.has_presence and not message.HasField(field.name):
            assert field.name not in shown
            continue
        values = shown[field.name] if field.is_repeated else [shown[field.name]]
        found = list(getattr(message, field.name)) if field.is_repeated else [getattr(message, field.name)]
        assert len(values) == len(found)
        for value, one in zip(values, found, strict=True):
            if field.message_type is not None:
                check_form(one, value)
            else:
                assert type(value) is TYPES[field.cpp_type], (field.full_name, value)


#: What the contract names, and of which type. `{}` is an object, `[]` a list of objects of the given form.
CONTRACT: dict[str, Any] = {
    "entities": [{"id": str, "kind": str, "name": str, "span": {"start": int, "end": int}, "score": float, "candidates": list}],
    "facts": [{"subject": str, "predicate": str, "object": str, "valid": {"from": str, "to": str, "edtf": str}, "known_since": str,
               "source": str, "score": float, "reasons": list}],
    "passages": [{"document_id": str, "title": str, "text": str, "span": {"start": int, "end": int}, "score": float, "reasons": list}],
    "rendered": {"text": str, "spans": list, "tokens": int}, "as_of": str, "known_by": str, "revision": int, "context_hash": str,
    "left_out": list, **{slot: {"status": str, "claims": list} for slot in ("source", "when", "where", "who", "what", "why")},
}


@FEW
@given(contexts())
def test_an_answer_is_what_the_contract_names(context: Context) -> None:
    def check(value: Any, form: Any) -> None:
        if isinstance(form, dict):
            for key, inner in form.items():
                check(value[key], inner)
        elif isinstance(form, list):
            for one in value:
                check(one, form[0])
        else:
            assert type(value) is form

    shown = to_dict(context_message(context))
    check(shown, CONTRACT)
    assert shown["what"]["status"] in ("known", "absent", "unknown", "conflict", "withheld")


@pytest.mark.parametrize(("record", "said"), [
    ({"text": 5}, "text: must be a text, not 5"), ({"as_of": 1972}, "as_of: must be a text, not 1972"),
    ({"limit": True}, "limit: must be a whole number, not true"), ({"limit": 2**70}, "limit: must be a whole number"),
    ({"strict": "yes"}, 'strict: must be true or false, not "yes"'), ({"filter": 3}, "filter: must be an object with any of sources,"),
    ({"filter": {"x": 1}}, "filter: must be an object"), ({"asof": "1972"}, "asof: is no field of a query; known are id, text, as_of,"),
    ({"text": "\ud800"}, "text: must be"), ({"profile": ["a"]}, "profile: must be a text"),
])
def test_a_query_that_is_none_names_its_field_on_one_line(record: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as caught:
        request_from(record)
    assert caught.value.message.startswith(said)
    assert "\n" not in caught.value.message


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(), lambda one: st.lists(one, max_size=2) | st.dictionaries(st.text(max_size=3), one, max_size=2), max_leaves=4)


@given(st.dictionaries(st.sampled_from(["id", "text", "as_of", "limit", "filter", "document", "strict", "x"]), JSON, max_size=4))
def test_whatever_a_query_holds_it_is_read_or_refused(record: dict[str, Any]) -> None:
    try:
        assert isinstance(request_from(record), context_pb2.LookUpRequest)
    except BadInput as error:
        assert error.violations


@pytest.mark.parametrize("name", ["two words", "nul\x00", "x" * 513])
def test_an_id_is_checked_alike_in_a_message_and_in_json(name: str) -> None:
    with pytest.raises(BadInput, match="id: "):
        document_from(document_message(Document(name, "text")), MAX)  # type: ignore[arg-type]


def test_a_date_with_words_is_refused_by_its_field() -> None:
    with pytest.raises(BadInput, match="clocks.as_of"):
        clocks_from(graph_pb2.Clocks(as_of="yesterday-ish"))
    assert when_from("", "x") is None
    assert when_from("1972", "x") == parse_when("1972")
