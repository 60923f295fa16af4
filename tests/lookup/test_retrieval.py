"""Passages for questions about when, by whom and in which session, from real stores."""

from __future__ import annotations

import json

import pytest

from worldctx.lookup.pipeline import find_passages, look_up
from worldctx.model.ask import Ask, Filter
from worldctx.model.context import RankedPassage
from worldctx.model.time import parse_when
from worldctx.ports.deadline import Deadline
from worldctx.wiring import Running

CHATS = (
    ("chat:1", "Anna: Shall we plant beans in the garden? Ben: Beans it is.", "2021-05-03T10:00:00Z"),
    ("chat:2", "Anna: The beans came up. Ben: The roof leaks again.", "2021-05-17T09:00:00Z"),
    ("chat:3", "Ben: The roof is mended, the bill was high.", "2021-06-02T18:00:00Z"),
    ("chat:4", "Anna: I read about the roof of the cathedral of Florence, begun on May 3, 1420.", "2021-06-20T18:00:00Z"),
)


def bring(running: Running, *records: dict[str, str]) -> None:
    acknowledged = running.writer.ingest([json.dumps(one).encode() for one in records])
    assert all(one.error is None for one in acknowledged)
    running.follower.wait_for(running.world.graph.head(), Deadline.after(60))


@pytest.fixture
def chats(running: Running) -> Running:
    bring(running, *({"id": key, "text": text, "published_at": when, "publisher": "kitchen"} for key, text, when in CHATS))
    return running


def found(running: Running, text: str, as_of: str | None = "2021-07-01", **more: object) -> list[RankedPassage]:
    ask = Ask(text, as_of=parse_when(as_of) if as_of else None, filter=Filter(sources=("chat:",)), **more)  # type: ignore[arg-type]
    return list(find_passages(ask, running.world, Deadline.after(60)).passages)


@pytest.mark.parametrize(("text", "first"), [
    ("What did we talk about on May 17, 2021?", "chat:2"),
    ("What did we talk about on 20210602?", "chat:3"),
    ("What did they discuss on 3 May?", "chat:1"),
    ("What came up in the third session?", "chat:3"),
    ("What did we talk about in the last conversation?", "chat:4"),
    ("Which cathedral was begun on May 3, 1420?", "chat:4"),
    ("Whose roof leaks?", "chat:2"),
])
def test_the_right_chat_comes_first(chats: Running, text: str, first: str) -> None:
    assert found(chats, text)[0].document == first


def test_all_of_a_time_come_before_the_others_and_say_why(chats: Running) -> None:
    passages = found(chats, "What did we talk about in May 2021?")
    assert {one.document for one in passages[:2]} == {"chat:1", "chat:2"}
    assert all("said_just_then" in {reason.feature for reason in one.reasons} for one in passages[:2])


def test_what_was_said_when_asked_about_is_rendered_though_it_shares_no_word(chats: Running) -> None:
    ask = Ask("What did we talk about on May 17, 2021?", as_of=parse_when("2021-07-01"), filter=Filter(("chat:",)))
    rendered = look_up(ask, chats.world, Deadline.after(60)).rendered.text
    assert "The beans came up" in rendered
    assert "Shall we plant" not in rendered


def test_a_day_at_the_head_of_an_undated_text_is_that_of_the_text(chats: Running) -> None:
    bring(chats, {"id": "chat:log", "text": "Time: 20190812_18:00\nBen: The kettle is broken."},
          {"id": "chat:tale", "text": "Ben: A long story that has little to do with it, and only then a day: 12 August 2019."})
    assert found(chats, "What did we talk about on August 12, 2019?", as_of=None)[0].document == "chat:log"


def test_a_time_in_the_question_opens_no_clock(chats: Running) -> None:
    passages = found(chats, "What did we talk about on June 20, 2021?", as_of="2021-06-01")
    assert {one.document for one in passages} <= {"chat:1", "chat:2"}


def test_a_time_in_the_question_does_not_widen_a_filter(chats: Running) -> None:
    ask = Ask("What did we talk about in May 2021?", filter=Filter(("chat:",), published_from=parse_when("2021-05-10")))
    found_there = find_passages(ask, chats.world, Deadline.after(60)).passages
    assert "chat:1" not in {one.document for one in found_there}
    assert found_there[0].document == "chat:2"


def test_a_named_session_counts_more_than_the_order_of_dates(chats: Running) -> None:
    bring(chats, {"id": "chat:9", "title": "Session 2", "text": "Ben: Moved to Thursday.", "published_at": "2021-06-25"})
    assert found(chats, "What came up in session 2?")[0].document == "chat:9"


def test_what_is_new_comes_first_where_now_is_asked_about(chats: Running) -> None:
    bring(chats, {"id": "chat:old", "text": "The mayor is Carla.", "published_at": "2011-02-01"},
          {"id": "chat:new", "text": "The mayor is Dora.", "published_at": "2021-06-29"})
    assert found(chats, "Who is the current mayor?")[0].document == "chat:new"
    assert found(chats, "Who was the mayor in February 2011?")[0].document == "chat:old"


def test_what_a_named_source_says_comes_first(chats: Running) -> None:
    bring(chats, {"id": "chat:a", "text": "The vote was won by Carla.", "publisher": "Morning Post"},
          {"id": "chat:b", "text": "The vote was won by Dora.", "publisher": "Evening News"})
    for source, first in (("Morning Post", "chat:a"), ("Evening News", "chat:b")):
        assert found(chats, f"According to the {source}, who won the vote?", as_of=None)[0].document == first


def test_the_same_question_gives_the_same_passages(chats: Running) -> None:
    assert found(chats, "What did we talk about in May 2021?") == found(chats, "What did we talk about in May 2021?")
