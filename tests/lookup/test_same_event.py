"""Texts that tell of the same event."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worldctx.lookup.same_event import SAME_EVENT, clusters, marked, same_event, telling
from worldctx.model.context import RankedPassage, Span
from worldctx.model.ids import DocumentId, PassageId
from worldctx.model.time import parse_when

FLOOD = "A flood of the Tisza destroyed the old bridge of Szolnok. Nobody was hurt when the bridge fell."
AGAIN = "The bridge of Szolnok fell into the Tisza in the flood; nobody was hurt, the mayor said."
ELSEWHERE = "A flood of the Drava destroyed the old bridge of Osijek. Nobody was hurt when the bridge fell."



def test_two_reports_of_one_event_are_found() -> None:
    assert same_event(telling("a", FLOOD, parse_when("2001-03-06")), telling("b", AGAIN, parse_when("2001-03-07")))


def test_another_place_or_another_time_is_another_event() -> None:
    first = telling("a", FLOOD, parse_when("2001-03-06"))
    assert not same_event(first, telling("b", ELSEWHERE, parse_when("2001-03-06")))
    assert not same_event(first, telling("b", AGAIN, parse_when("2001-06-06")))


def test_a_text_dated_to_a_year_tells_of_no_day() -> None:
    assert telling("a", FLOOD, parse_when("2001")).occasions == ()


def test_vectors_decide_where_there_are_any() -> None:
    day = parse_when("2001-03-06")
    assert not same_event(telling("a", FLOOD, day, (1.0, 0.0)), telling("b", AGAIN, day, (0.0, 1.0)))
    assert same_event(telling("a", FLOOD, day, (1.0, 0.0)), telling("b", AGAIN, day, (1.0, 0.0)))


def test_clusters_are_the_same_in_any_order() -> None:
    tellings = [telling(name, text, parse_when("2001-03-06")) for name, text in (
        ("a", FLOOD), ("b", AGAIN), ("c", ELSEWHERE), ("d", "Nothing happened in Szolnok."))]
    assert clusters(tellings) == clusters(tellings[::-1]) == (("a", "b"),)


@given(st.text(max_size=200), st.text(max_size=200))
def test_it_is_the_same_either_way_round(one: str, other: str) -> None:
    left, right = (telling(name, text, parse_when("2001-03-06")) for name, text in (("a", one), ("b", other)))
    assert same_event(left, right) == same_event(right, left)


def passage(name: str, text: str) -> RankedPassage:
    return RankedPassage(PassageId(name), DocumentId(name), "", text, Span(0, len(text)), parse_when("2001-03-07"), "", "",
                         1.0)


def test_passages_on_the_event_of_a_document_say_so_and_keep_their_scores() -> None:
    shown = marked(FLOOD, parse_when("2001-03-06"), True, [passage("p1", ELSEWHERE), passage("p2", AGAIN)])
    assert [[one.feature for one in each.reasons] for each in shown] == [[], [SAME_EVENT]]
    assert [each.score for each in shown] == [1.0, 1.0]


def test_of_a_prompt_a_passage_is_marked_that_repeats_a_better_one() -> None:
    shown = marked("What fell?", None, False, [passage("p1", FLOOD), passage("p2", ELSEWHERE), passage("p3", AGAIN)])
    assert [one.text for each in shown for one in each.reasons] == ["It tells of the same event as passage 1"]
