"""Rankings become one: weights of lists, boosts by name, reasons that add up, ties by id."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worldctx.lookup.evidence import FEATURES
from worldctx.lookup.fuse import BOOSTS, WEIGHTS, WORDS, fuse
from worldctx.model.ids import DocumentId, PassageId
from worldctx.ports.search import Hit


def hits(*passages: str) -> list[Hit]:
    return [Hit(PassageId(one), DocumentId(f"d{one}"), float(len(passages) - place)) for place, one in enumerate(passages)]


RANKINGS = st.dictionaries(st.sampled_from(sorted(WEIGHTS)), st.lists(
    st.sampled_from("abcdefgh"), unique=True).map(lambda ids: hits(*ids)))
VALUES = st.dictionaries(st.sampled_from(sorted(BOOSTS)), st.dictionaries(
    st.sampled_from("abcdefgh").map(PassageId), st.floats(0, 1)))


@given(RANKINGS, VALUES)
def test_reasons_add_up_to_the_score_and_order_is_by_score_then_id(lists: dict[str, list[Hit]],
                                                                   values: dict[str, dict[PassageId, float]]) -> None:
    fused = fuse(lists, values)
    assert {one.passage for one in fused} == {hit.passage for found in lists.values() for hit in found}
    assert list(fused) == sorted(fused, key=lambda one: (-one.score, one.passage))
    for one in fused:
        assert abs(sum(reason.weight for reason in one.reasons) - one.score) < 1e-5
        assert all(reason.text for reason in one.reasons)


@given(RANKINGS, VALUES)
def test_the_order_in_which_lists_come_does_not_matter(lists: dict[str, list[Hit]],
                                                       values: dict[str, dict[PassageId, float]]) -> None:
    assert fuse(lists, values) == fuse(dict(reversed(lists.items())), dict(reversed(values.items())))


def test_a_boost_lifts_what_has_it_and_brings_nothing_in() -> None:
    fused = fuse({"bm25": hits("a", "b")}, {"names_the_time": {PassageId("b"): 1.0, PassageId("z"): 1.0}})
    assert [one.passage for one in fused] == ["b", "a"]


def test_what_was_said_when_asked_about_is_above_all_that_was_not() -> None:
    best, *others = "abcdefgh"
    lists = {name: hits(best, *others) for name in ("bm25", "vectors")}
    all_others = {name: {PassageId(best): 1.0} for name in ("covered", "titled", "kin", "names_the_time")}
    assert fuse(lists, {**all_others, "said_just_then": {PassageId("h"): 1.0}})[0].passage == "h"


def test_every_list_and_boost_has_words_and_every_feature_a_weight() -> None:
    assert set(WORDS) == set(WEIGHTS) | set(BOOSTS)
    assert set(FEATURES) | {"walked"} == set(BOOSTS)
