"""Rivalling facts stay side by side, and the one to go by is chosen by the stated rule, whatever their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.lookup.prefer import conflicts, contradict, ordered, preferred, reliability
from worldctx.model.clocks import Basis, Clocks, Known
from worldctx.model.fact import Fact, Literal, fact_id
from worldctx.model.ids import EntityId, FactId, SourceId
from worldctx.model.source import Source
from worldctx.model.time import ALWAYS, parse_interval, parse_when
from worldctx.testing.strategies import clocks, facts

ADA = EntityId("ent:ada")
OPEN = Clocks()


def said(value: str, source: str, predicate: str = "birth_date", since: str = "", confidence: float = 1.0, subject: EntityId = ADA,
         valid: str = "") -> Fact:
    known = Known(parse_when(since), Basis.STATED) if since else Known()
    interval = parse_interval(*valid.split("/")) if valid else ALWAYS
    made = Fact(FactId(""), subject, predicate, literal=Literal(value, "edtf"), valid=interval, known=known, source=SourceId(source),
                confidence=confidence)
    return replace(made, id=fact_id(made))


def sources(**given: Source) -> Mapping[SourceId, Source]:
    return {SourceId(key): given.get(key, Source(SourceId(key))) for key in "abcde"}


def test_the_higher_confidence_comes_before_the_number_of_sources() -> None:
    sure, many, others = said("1815", "a"), said("1816", "b", confidence=0.7), said("1816", "c", confidence=0.7)
    assert preferred([sure, many, others], sources(), OPEN) == {sure.id}


def test_more_independent_sources_come_before_fewer() -> None:
    lone, one, two = said("1815", "a"), said("1816", "b"), said("1816", "c")
    assert preferred([lone, one, two], sources(), OPEN) == {one.id, two.id}


def test_sources_of_one_publisher_or_one_host_are_one_voice() -> None:
    press, site = EntityId("ent:press"), "example.org"
    known = sources(b=Source(SourceId("b"), publisher=press, reliability="low"), c=Source(SourceId("c"), publisher=press, reliability="low"),
                    d=Source(SourceId("d"), host=site, reliability="low"), e=Source(SourceId("e"), host=site, reliability="low"))
    lone = said("1815", "a")
    for pair in ("bc", "de"):
        assert preferred([lone, *(said("1816", one) for one in pair)], known, OPEN) == {lone.id}


def test_who_gives_less_precision_says_the_same() -> None:
    day, other, year = said("1815-12-10", "a"), said("1816-12-10", "b"), said("1815", "c")
    assert preferred([day, other, year], sources(), OPEN) == {day.id}


def test_the_more_reliable_source_comes_first() -> None:
    known = sources(a=Source(SourceId("a"), reliability="low"), b=Source(SourceId("b"), reliability="A"))
    weak, strong, unrated = said("1815", "a"), said("1816", "b"), said("1817", "c")
    assert preferred([weak, strong, unrated], known, OPEN) == {strong.id}
    assert preferred([weak, unrated], known, OPEN) == {unrated.id}


@pytest.mark.parametrize(("text", "value"), [("high", 1.0), (" Low ", 0.0), ("b", 0.75), ("0.9", 0.9), ("7", 0.5), ("nan", 0.5),
                                             ("F", 0.5), ("said to be good", 0.5), ("", 0.5)])
def test_a_registry_value_is_read_as_a_share_and_what_it_is_not_lies_in_the_middle(text: str, value: float) -> None:
    assert reliability(Source(SourceId("a"), reliability=text)) == value
    assert reliability(None) == 0.5


def test_the_finer_of_two_dates_that_agree_is_preferred_and_neither_is_disputed() -> None:
    year, day, decade = said("1952", "a"), said("1952-03-11", "b"), said("195X", "c")
    assert not conflicts([year, day, decade], OPEN)
    assert preferred([year, day, decade], sources(), OPEN) == {day.id}


def test_what_became_public_later_comes_first_as_far_as_the_clock_goes() -> None:
    old, new = said("8848", "a", "elevation", "1955"), said("8848.86", "b", "elevation", "2020")
    assert preferred([old, new], sources(), OPEN) == {new.id}
    assert preferred([old], sources(), Clocks(cutoff=parse_when("2000").hi)) == frozenset()


def test_facts_that_do_not_hold_together_are_no_rivals() -> None:
    bonn, berlin = said("Bonn", "a", "capital", valid="1949/1990-10-02"), said("Berlin", "b", "capital", valid="1990-10-03/..")
    assert not contradict(bonn, berlin, OPEN)
    assert preferred([bonn, berlin], sources(), OPEN) == frozenset()
    assert preferred([said("x", "a", "position_held"), said("y", "b", "position_held")], sources(), OPEN) == frozenset()


def test_merged_entities_are_one_subject_and_one_object() -> None:
    here, there = said("1815", "a"), said("1816", "b", subject=EntityId("ent:ada-2"))
    one = {EntityId("ent:ada-2"): ADA}
    assert not conflicts([here, there], OPEN)
    assert set(conflicts([here, there], OPEN, lambda key: one.get(key, key))) == {here.id, there.id}


def test_the_preferred_fact_takes_the_first_of_the_places_of_its_rivals() -> None:
    weak, plain, strong = said("1815", "a", confidence=0.5), said("x", "a", "note"), said("1816", "b")
    first = preferred([weak, plain, strong], sources(), OPEN)
    assert ordered([weak, plain, strong], first, OPEN) == [strong.id, plain.id, weak.id]


@given(st.lists(facts(), max_size=8, unique_by=lambda one: one.id), st.randoms(), clocks())
def test_the_rule_knows_no_order_and_prefers_nothing_that_a_preferred_fact_contradicts(
    given_: list[Fact], random: object, asked: Clocks
) -> None:
    known = {SourceId("src:a"): Source(SourceId("src:a"), reliability="high"), SourceId("src:b"): Source(SourceId("src:b"))}
    first = preferred(given_, known, asked)
    shuffled = list(given_)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' Random
    assert preferred(shuffled, known, asked) == first
    against = conflicts(given_, asked)
    assert not any(set(against.get(one, ())) & first for one in first)
    assert sorted(ordered(given_, first, asked)) == sorted(one.id for one in given_)
    told = {one.id: (one.subject, one.predicate) for one in given_}
    assert {told[one] for one in against} <= {told[one] for one in first}
