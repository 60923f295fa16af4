"""Words that tell events."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.text.triggers import CODES, EventType, find_triggers, related, types_of


def told(text: str) -> list[tuple[str, str]]:
    return [(text[one.span.start:one.span.end], str(one.type)) for one in find_triggers(text) if not one.weak]


@pytest.mark.parametrize(("text", "expected"), [
    ("An earthquake struck the coast and killed forty people.", [("earthquake", "disaster"), ("killed", "death")]),
    ("The president was assassinated in the opera.", [("assassinated", "killing")]),
    ("Officers seized power in a coup d'état.", [("seized power", "coup"), ("coup d'état", "coup")]),
    ("The two governments signed a peace treaty.", [("signed", "treaty"), ("peace treaty", "treaty")]),
    ("Voters were called to a by-election.", [("by-election", "election")]),
    ("Demonstrators clashed with the police.", [("Demonstrators", "protest"), ("clashed", "attack")]),
    ("The satellite was launched into orbit by a rocket.", [("launched into orbit", "launch")]),
])
def test_a_word_tells_what_kind_of_event_it_is(text: str, expected: list[tuple[str, str]]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize("text", [
    "We must prevent a war between the two.", "If a war breaks out, nobody wins.", "There was no earthquake.",
    "He collects death certificates and war crimes files.", "The death penalty was abolished.",
    "They launched a campaign for clean water.", "He came to his final conclusions.", "A heart attack was suspected.",
    "The conference room was empty.", "She is a member of parliament.",
])
def test_what_did_not_happen_or_is_something_else_is_no_event(text: str) -> None:
    assert told(text) == []


def test_a_word_of_many_uses_needs_a_date_or_a_plainer_word_beside_it() -> None:
    assert [one.weak for one in find_triggers("They won.")] == [True]
    assert [one.weak for one in find_triggers("They won the tournament.")] == [False, False]


def test_a_word_of_several_kinds_is_read_as_the_plain_word_of_its_sentence() -> None:
    def kind(text: str) -> str:
        return next(str(one.type) for one in find_triggers(text) if text[one.span.start:one.span.end] == "won")

    assert kind("The Liberals won the election.") == "election"
    assert kind("Uruguay won the tournament.") == "competition"


def test_the_name_of_an_event_tells_its_kind() -> None:
    assert types_of("1973 Chilean coup") == (EventType.COUP,)
    assert types_of("Battle of Waterloo") == (EventType.BATTLE,)
    assert types_of("Chile") == ()


def test_every_kind_has_a_code_and_is_related_to_itself() -> None:
    assert set(CODES) == set(EventType)
    assert all(related(one, one) for one in EventType)
    assert all(":" in code for code in CODES.values())


@given(st.text(max_size=300))
def test_spans_are_words_of_any_text_in_order(text: str) -> None:
    found = find_triggers(text)
    assert [one.span.start for one in found] == sorted(one.span.start for one in found)
    assert all(0 <= one.span.start < one.span.end <= len(text) for one in found)


@given(st.sampled_from(["İstanbul ", "ﬁ ", "ß ", "Ⅻ ", "𝔘 ", "\r\n"]), st.integers(0, 5))
def test_letters_that_grow_in_lower_case_shift_nothing(odd: str, times: int) -> None:
    text = odd * times + "An earthquake struck."
    assert told(text) == [("earthquake", "disaster")]
