"""Ids made of content: no two lists of parts give the same one, and they stay what they were."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from worldctx.model.clocks import Basis, Known
from worldctx.model.fact import Evidence, Fact, Literal, fact_id
from worldctx.model.ids import DocumentId, EntityId, FactId, SourceId, digest, joined
from worldctx.model.time import parse_interval, parse_when

PARTS = st.lists(st.none() | st.text(st.characters(codec=None)), max_size=5)


@given(PARTS)
def test_a_digest_is_blake2b_of_the_length_prefixed_parts(parts: list[str | None]) -> None:
    state = hashlib.blake2b(digest_size=12)
    for part in parts:
        data = b"" if part is None else part.encode("utf-8", "surrogatepass")
        state.update(b"-" if part is None else f"{len(data)}:".encode())
        state.update(data)
    assert digest(*parts, size=12) == state.hexdigest()


@given(PARTS, PARTS)
def test_lists_of_parts_that_differ_are_joined_differently(one: list[str | None], other: list[str | None]) -> None:
    assert (joined(*one) == joined(*other)) == (one == other)


@given(PARTS, PARTS)
def test_parts_can_be_joined_piece_by_piece(first: list[str | None], rest: list[str | None]) -> None:
    assert joined(*first) + joined(*rest) == joined(*first, *rest)


def test_an_id_that_is_stored_today_is_found_tomorrow() -> None:
    assert digest("a", None, "é") == "fd6d49a77bd00d163a4498eb1e7be2ec"


def test_a_fact_keeps_the_id_that_its_content_had_in_earlier_versions() -> None:
    stated = Known(parse_when("2001"), Basis.STATED, parse_when("2005"))
    said = Evidence(DocumentId("doc:1"), 3, 9, "q", "r")
    one = Fact(FactId(""), EntityId("wd:Q42"), "position_held", EntityId("wd:Q123"), None, parse_interval("2001", "2005-03-01"),
               Known(), SourceId("src:wikidata"), Evidence(record="Q42$abc-def"), "wikidata@1", 0.9)
    assert fact_id(one) == "f:29f99688e39af529f8458fb9"
    assert fact_id(replace(one, known=stated, evidence=said, object=None, literal=Literal("é", "string", "m", "fr"))) == "f:" + digest(
        "wd:Q42", "position_held", None, "é", "string", "m", "fr", "2001/2005-03-01", "2001", "2005", "src:wikidata", "doc:1", "3", "q", "r",
        "wikidata@1", "0.9", size=12)
