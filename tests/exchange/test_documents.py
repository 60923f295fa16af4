"""An input document is read field by field; errors name the field, and nothing of it is lost."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.exchange.documents import parse_document
from worldctx.model.document import Document
from worldctx.model.errors import BadInput


def parse(**record) -> Document:
    return parse_document(record, max_chars=1000)


@pytest.mark.parametrize(("record", "field"), [
    ({}, "text"), ({"text": ""}, "text"), ({"text": " \n"}, "text"), ({"body": ""}, "body"), ({"text": 5}, "text"),
    ({"text": ["a"]}, "text"), ({"text": "x" * 1001}, "text"), ({"text": "a\ud800"}, "text"), ({"text": "a", "title": 1}, "title"),
    ({"text": "a", "published_at": "yesterday-ish"}, "published_at"), ({"text": "a", "published_at": True}, "published_at"),
    ({"text": "a", "modified_at": "2001-02-30"}, "modified_at"), ({"text": "a", "id": "two words"}, "id"),
    ({"text": "a", "id": "nul\x00"}, "id"), ({"text": "a", "id": 7}, "id"), ({"text": "a", "note": "\udc00"}, "extra.'note'"),
    ({"text": "a", "note": 1, "extra": {"note": 2}}, "extra.note"), ({"text": "a", "note": float("inf")}, "extra.'note'"),
])
def test_a_wrong_field_is_named(record: dict, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_document(record, max_chars=1000)
    assert caught.value.violations[0].field == field


def test_body_stands_for_text_and_is_kept_beside_it() -> None:
    assert parse(body="hello").text == "hello"
    assert parse(text=None, body="hello").text == "hello"
    both = parse(text="hello", body="<p>hello</p>")
    assert (both.text, both.extra["body"]) == ("hello", "<p>hello</p>")


def test_a_year_stays_a_year() -> None:
    for given_date in ("1972", 1972):
        published = parse(text="a", published_at=given_date).published
        assert published is not None and published.edtf == "1972"


def test_the_text_is_kept_character_by_character() -> None:
    text = " \ufeffa\r\nb\x00e\u0301 "
    assert parse(text=text).text == text


def test_unknown_keys_are_kept_as_text_or_canonical_json() -> None:
    found = parse(text="a", author_post="Minister", country="CHL", session=27, z={"b": [1, None], "a": True}, nothing=None)
    assert found.extra == {"author_post": "Minister", "country": "CHL", "session": "27", "z": '{"a":true,"b":[1,null]}',
                           "nothing": "null"}


def test_the_language_is_a_tag_in_lower_case() -> None:
    assert parse(text="a", language=" pt-BR ").language == "pt-br"


def test_an_id_is_made_of_the_content_and_stays_the_same() -> None:
    one, two = parse(text="a", title="t"), parse(title="t", text="a")
    assert one == two
    assert one.id == f"doc:{one.content_hash}"


@given(st.sampled_from(["text", "url", "title", "author", "publisher", "published_at", "modified_at", "language", "place",
                        "section", "mine", "id"]))
def test_every_field_counts_in_the_content_hash(key: str) -> None:
    record = dict.fromkeys(["text", "url", "title", "author", "publisher", "language", "place", "section", "mine", "id"], "1999")
    record |= {"published_at": "1999", "modified_at": "1999"}
    other = record | {key: "2001"}
    assert parse(**record).content_hash != parse(**other).content_hash


def test_bytes_text_and_mapping_are_the_same_document() -> None:
    record = {"text": "né", "id": "a", "published_at": "2001-05"}
    text = json.dumps(record)
    assert parse_document(text, max_chars=9) == parse_document(text.encode(), max_chars=9) == parse_document(record, max_chars=9)


def test_an_id_made_from_the_content_is_not_content() -> None:
    made = parse(text="hello", title="x")
    assert parse(text="hello", title="x", id=made.id) == made
    assert parse(text="hello", title="y", id=made.id).content_hash != made.content_hash
