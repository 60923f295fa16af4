"""A telling is kept unless it is missed in no case, whichever sources are gone: compared with the slow and obvious way."""

from __future__ import annotations

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from worldctx.graph.standing import SILENT, Standing, given_of, mask_of

SOURCES = (None, "a", "b")
tellings = st.lists(st.tuples(st.sampled_from(SOURCES), st.tuples(*[st.sampled_from([None, "", "x", "y"])] * 2)), max_size=8)


def last(told: list[tuple[object, tuple[object, ...]]], gone: tuple[object, ...]) -> list[object]:
    """The attributes when some sources had never told anything."""
    values: list[object] = [None, None]
    for source, said in told:
        for place, value in enumerate(said):
            if source not in gone and value not in SILENT:
                values[place] = value
    return values


@given(tellings)
def test_what_is_kept_says_the_same_whichever_sources_are_gone(told: list[tuple[object, tuple[object, ...]]]) -> None:
    standing = Standing(2)
    kept = [one for one in told if standing.tell(*one)]
    for gone in chain.from_iterable(combinations(SOURCES, count) for count in range(3)):
        assert last(kept, gone) == last(told, gone)
    assert standing.values == last(told, ())
    # Nothing is kept that would not be missed: told again at the end, each source's last word on its own is no news.
    assert not any(standing.tell(source, said) for source, said in kept[-1:])


@given(st.lists(st.sampled_from([None, "", "x", 0.5, 0]), max_size=6))
def test_a_mask_tells_what_was_given(said: list[object]) -> None:
    assert given_of(said, mask_of(said)) == [None if one in SILENT else one for one in said]
    assert given_of(said, None) == said
