"""Ids made of content: no two lists of parts give the same one, and they stay what they were."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from worldctx.model.ids import digest, joined

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
