"""A walk finds what a question of several hops says nothing about, and puts passages in order as a set."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.commands.catching_up import catch_up
from worldctx.lookup.evidence import Seen
from worldctx.lookup.ground import Ground, Stop
from worldctx.lookup.hops import LOOKED_FOR, inquiries, leads, starts, walked
from worldctx.model.document import Document, Passage
from worldctx.model.ids import DocumentId, PassageId
from worldctx.wire.v1 import context_pb2

ASKED = "Who is the wife of the director of Amber Gate?"
FILM = ("Amber Gate (film)", "Amber Gate is a drama that was shot in Lisbon. The director was Otto Brandvold.")
MAN = ("Otto Brandvold", "Otto Brandvold grew up in Bergen. His wife, the painter Ines Falk, keeps the archive.")
OTHERS = (
    ("Gate valve", "A gate valve opens when its barrier is lifted."),
    ("Amber", "Amber is fossil tree resin, valued for its colour."),
    ("Theatre director", "A director oversees the staging of a play and may be the wife or husband of an actor."),
    ("Lisbon", "Lisbon is the capital of Portugal, on the river Tagus."),
    ("Green tea", "Green tea is made from leaves that were not fermented."),
)


def stop(number: int, title: str, text: str) -> Stop:
    key = DocumentId(f"doc:{number}")
    passage = Passage(PassageId(f"{key}#0"), key, 0, 0, len(text), text)
    return Stop.of(Seen.of(passage, Document(key, title=title, text=text), 0.0))


def ground(question: str, texts: Sequence[tuple[str, str]]) -> Ground:
    return Ground(question, [stop(number, *one) for number, one in enumerate(texts)], {})


def titles(of: Ground) -> list[str]:
    known = {one.passage: one.seen.document.title for one in of.stops}
    return [known[key] for key, _ in walked(of)]


def test_the_second_hop_comes_right_behind_the_first_although_the_question_does_not_name_it() -> None:
    assert titles(ground(ASKED, (FILM, *OTHERS, MAN)))[:2] == ["Amber Gate (film)", "Otto Brandvold"]


def test_without_the_passage_that_names_it_the_second_hop_is_not_reached() -> None:
    assert "Otto Brandvold" not in titles(ground(ASKED, (*OTHERS, MAN)))[:1]


def test_the_names_of_the_best_passages_are_looked_for_with_what_they_lack_of_the_question() -> None:
    first, *rest = inquiries(ground(ASKED, (FILM, *OTHERS)))
    assert "otto brandvold" in first and "wife" in first
    assert "amber gate" not in first, "what the question names was looked for already"
    assert len(rest) < LOOKED_FOR


def test_both_things_that_are_compared_come_first() -> None:
    pair = (("Corin Hale", "Corin Hale is a film maker from Leeds."), ("Mira Sand", "Mira Sand makes films in Goa."))
    more = [(f"Film {number}", "Films are made by film directors, who are called directors.") for number in range(9)]
    found = titles(ground("Are Corin Hale and Mira Sand both film directors?", (*more, *pair)))
    assert set(found[:2]) == {"Corin Hale", "Mira Sand"}


def test_walks_start_from_different_documents() -> None:
    key = DocumentId("doc:long")
    pieces = [Passage(PassageId(f"{key}#{number}"), key, number, 0, 9, "Amber Gate was directed.") for number in range(6)]
    long = Document(key, title="Amber Gate", text="Amber Gate was directed.")
    stops = [*(Stop.of(Seen.of(one, long, 0.0)) for one in pieces), stop(1, *MAN)]
    begin = starts(Ground(ASKED, stops, {}))
    assert len(begin) == len({stops[place].document for place in begin}) == 2


def test_titles_tell_the_way_when_the_question_or_a_first_passage_names_one() -> None:
    assert leads(ground(ASKED, (FILM, MAN, *OTHERS)))
    assert not leads(ground("What did they say about dinner?", [("Session 1", "We had dinner."), ("", "Dinner was good.")]))


def test_a_question_about_one_long_article_stays_with_it() -> None:
    pieces = [("Corin Hale", f"In {year} Corin Hale worked for the studio.") for year in range(1990, 1998)]
    assert not leads(ground("Which studio did Corin Hale work for in 1993?", pieces))


def test_nothing_to_walk_over_is_nothing() -> None:
    assert walked(ground(ASKED, ())) == []
    assert inquiries(ground(ASKED, ())) == []
    assert not leads(ground(ASKED, ()))


WORDS = st.lists(st.sampled_from("Amber Gate Otto Brandvold wife of the Lisbon 1972 tea".split()), max_size=9).map(" ".join)


@given(st.lists(st.tuples(WORDS, WORDS), max_size=14), WORDS, st.randoms(use_true_random=False))
def test_every_passage_comes_once_by_falling_worth_whatever_their_order(texts, question, draw) -> None:  # type: ignore[no-untyped-def]
    stops = [stop(number, *one) for number, one in enumerate(texts)]
    found = walked(Ground(question, stops, {}))
    assert sorted(key for key, _ in found) == sorted(one.passage for one in stops)
    worths = [worth for _, worth in found]
    assert worths == sorted(worths, reverse=True)
    assert all(0 <= worth <= 1 for worth in worths)
    shuffled = list(stops)
    draw.shuffle(shuffled)
    assert walked(Ground(question, shuffled, {})) == found


def test_the_service_answers_with_both_hops_and_says_why(tmp_path: Path) -> None:
    filler = [(f"Notes {number}", f"The director and the wife of a gate keeper, part {number}.") for number in range(40)]
    with connect_blocking(f"embedded:{tmp_path}/world", embedder="none", timeout_s=60) as client:
        ingest(client, [FILM, MAN, *OTHERS, *filler])
        answer = client.search(context_pb2.SearchRequest(text=ASKED, limit=5))
        found = {one.title: one for one in answer.passages[:3]}
        assert answer.passages[0].title == "Amber Gate (film)"
        assert "walked" in [reason.feature for reason in found["Otto Brandvold"].reasons]
        again = client.search(context_pb2.SearchRequest(text=ASKED, limit=5))
        assert again == answer


def test_a_walk_does_not_come_by_what_was_published_after_the_known_clock(tmp_path: Path) -> None:
    with connect_blocking(f"embedded:{tmp_path}/world", embedder="none", timeout_s=60) as client:
        ingest(client, [FILM, *OTHERS], "1980")
        ingest(client, [MAN], "1995")
        before = client.search(context_pb2.SearchRequest(text=ASKED, limit=20, known_by="1990"))
        assert "Otto Brandvold" not in [one.title for one in before.passages]
        after = client.search(context_pb2.SearchRequest(text=ASKED, limit=20, known_by="2000"))
        assert [one.title for one in after.passages][:2] == ["Amber Gate (film)", "Otto Brandvold"]


def ingest(client: BlockingClient, texts: Sequence[tuple[str, str]], published: str = "") -> None:
    records = []
    for title, text in texts:
        record = {"id": title.replace(" ", "_"), "title": title, "text": text}
        records.append((title, json.dumps(record | ({"published_at": published} if published else {})).encode()))
    assert not any(one.HasField("error") for one in client.ingest(records))
    catch_up(client)
