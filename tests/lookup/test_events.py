"""Events in answers, on real stores: named, told of, detected, near; never one of the future of the clocks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from worldctx.config import Settings
from worldctx.lookup.events import found
from worldctx.lookup.link import salience
from worldctx.lookup.linking import linked
from worldctx.lookup.pipeline import look_up
from worldctx.lookup.request import request_of
from worldctx.model.ask import Ask
from worldctx.model.context import Claim, Context
from worldctx.model.document import Document
from worldctx.model.ids import DocumentId
from worldctx.model.time import parse_when
from worldctx.ports.deadline import Deadline
from worldctx.wiring import Running, open_running

#: A series with two editions, the later with a match between teams of two countries in a stadium of a town.
ENTITIES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("ent:ardia", "place", "Ardia", {}), ("ent:belor", "place", "Belor", {}),
    ("ent:tarn", "place", "Tarnville", {"within": "ent:ardia"}), ("ent:arena", "place", "Silver Arena", {"within": "ent:tarn"}),
    ("ent:ardia-team", "organisation", "Ardia national team", {}),
    ("ent:belor-team", "organisation", "Belor national team", {}),
    ("ent:cup", "concept", "Amber Cup", {}), ("ent:cup-1", "event", "1981 Amber Cup", {}),
    ("ent:cup-2", "event", "1985 Amber Cup", {}),
    ("ent:match", "event", "Ardia vs Belor, 1985 Amber Cup Final", {"description": "final match of the 1985 Amber Cup"}),
)
FACTS = (
    ("ent:ardia-team", "country", "ent:ardia", None), ("ent:belor-team", "country", "ent:belor", None),
    ("ent:arena", "location", "ent:tarn", None),
    ("ent:cup-1", "part_of", "ent:cup", "1981-05-01"), ("ent:cup-2", "part_of", "ent:cup", "1985-05-01"),
    ("ent:cup-1", "winner", "ent:belor-team", "1981-05-20"), ("ent:cup-2", "winner", "ent:ardia-team", "1985-05-20"),
    ("ent:match", "part_of", "ent:cup-2", "1985-05-20"), ("ent:match", "has_place", "ent:arena", "1985-05-20"),
    ("ent:match", "home_team", "ent:ardia-team", "1985-05-20"), ("ent:match", "away_team", "ent:belor-team", "1985-05-20"),
)
TIMES = (("ent:cup-1", "1981-05-01", "1981-05-20"), ("ent:cup-2", "1985-05-01", "1985-05-20"),
         ("ent:match", "1985-05-20", "1985-05-20"))
REPORT = "TARNVILLE - Ardia beat Belor 2-1 in Tarnville on Monday. The crowd sang until late."


def lines() -> list[str]:
    made: list[dict[str, object]] = [
        {"type": "entity", "id": key, "kind": kind, "names": [{"name": name, "lang": "en", "preferred": True}],
         "weight": 0.6, **more} for key, kind, name, more in ENTITIES]
    for subject, predicate, target, since in FACTS:
        fact: dict[str, object] = {"type": "fact", "subject": subject, "predicate": predicate, "object": target}
        made.append({**fact, "valid": {"from": since}, "known_since": since} if since else fact)
    made += [{"type": "fact", "subject": subject, "predicate": "has_time", "value": start[:4], "datatype": "edtf",
              "valid": {"from": start, "to": end}, "known_since": start, "end_known_since": end}
             for subject, start, end in TIMES]
    return [json.dumps(one) for one in made]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with open_running(Settings.read(data=tmp_path_factory.mktemp("events") / "world", embedder="none")) as opened:
        assert not opened.writer.write_facts(lines()).refused
        opened.follower.wait_for(opened.world.graph.head(), Deadline.after(60))
        yield opened


def answered(running: Running, text: str, as_of: str, known_by: str | None = None) -> Context:
    return look_up(Ask(text, as_of=parse_when(as_of), known_by=parse_when(known_by) if known_by else None), running.world,
                   Deadline.after(60))


def reported(running: Running, published: str) -> Context:
    day = parse_when(published)
    document = Document(DocumentId("doc:report"), REPORT, published=day)
    return look_up(Ask("", known_by=day, document=document), running.world, Deadline.after(60))


def events(answer: Context) -> list[Claim]:
    return [one for one in answer.slots.what.claims if one.field == "events"]


def first(answer: Context) -> str:
    return next((one.ref for one in events(answer) if one.ref), "")


def test_who_won_is_asked_of_the_last_one_before_the_date(running: Running) -> None:
    for as_of, edition, team in (("1986", "ent:cup-2", "Ardia"), ("1985-05-10", "ent:cup-1", "Belor")):
        answer = answered(running, "Who won the Amber Cup?", as_of)
        assert first(answer) == edition
        assert next(one.object_name for one in answer.facts
                    if one.fact.predicate == "winner") == f"{team} national team"


def test_an_edition_is_found_by_its_year(running: Running) -> None:
    assert first(answered(running, "Who won the Amber Cup in 1981?", "1990")) == "ent:cup-1"


@pytest.mark.parametrize("text", [
    "What happened in Tarnville on 20 May 1985?", "Ardia against Belor in 1985",
    "What happened between Ardia and Belor on 20 May 1985?",
])
def test_an_event_is_found_by_who_where_and_when(running: Running, text: str) -> None:
    answer = answered(running, text, "1990")
    best = events(answer)[0]
    assert (best.ref, best.method, best.value) == (
        "ent:match", "graph_inference", "Ardia vs Belor, 1985 Amber Cup Final")
    assert best.valid is not None and best.valid.edtf == "1985-05-20/1985-05-20"
    beside = {one.field: one.ref for one in answer.slots.what.claims}
    assert (beside["events.place"], beside["events.part_of"]) == ("ent:arena", "ent:cup-2")


def test_a_report_is_of_the_event_that_it_does_not_name(running: Running) -> None:
    best = events(reported(running, "1985-05-20"))[0]
    assert best.ref == "ent:match"
    assert best.span is not None and REPORT[best.span.start:best.span.end] == "beat"


def test_what_the_graph_does_not_know_is_told_as_the_text_tells_it(running: Running) -> None:
    found = events(reported(running, "1991-05-20"))
    assert [(one.ref, one.method) for one in found] == [("", "rule")]
    assert found[0].value == "MAVEN:Competition beat: Ardia, Belor (Tarnville)"
    assert found[0].valid is not None and found[0].valid.edtf == "1991-05-20/1991-05-20"


@pytest.mark.parametrize(("as_of", "known_by"), [("1985-05-19", None), ("1985-05-19", "1985-05-19"), ("1990", "1985-05-19")])
def test_an_event_of_the_future_is_never_answered(running: Running, as_of: str, known_by: str | None) -> None:
    for text in ("What happened in Tarnville on 20 May 1985?", "Ardia against Belor in 1985",
                 "Who won the final of the 1985 Amber Cup?"):
        answer = answered(running, text, as_of, known_by)
        assert "ent:match" not in {one.ref for one in answer.slots.what.claims}
        assert "ent:match" not in {end for one in answer.facts for end in (one.fact.subject, one.fact.object)}


def test_when_it_was_is_told_beside_the_name_of_an_event(running: Running) -> None:
    answer = answered(running, "When was the 1981 Amber Cup?", "1990")
    assert not [one for one in answer.slots.what.claims if one.field.startswith("asked.")]
    best = events(answer)[0]
    assert (best.ref, best.method) == ("ent:cup-1", "gazetteer")
    assert best.valid is not None and best.valid.edtf == "1981-05-01/1981-05-20"
    assert "1981 Amber Cup (1981-05-01/1981-05-20)" in answer.rendered.text


def test_a_text_that_tells_of_nothing_has_no_events(running: Running) -> None:
    assert events(answered(running, "Tell me about the climate of Ardia.", "1990")) == []


def test_with_no_time_for_a_walk_only_what_the_text_says_is_told(running: Running) -> None:
    request = request_of(Ask("Who won the 1981 Amber Cup in Ardia in 1981?", as_of=parse_when("1990")), running.world)
    links = linked(request, running.world)[0]
    short, told = (found(request, links, salience(links, 40), Deadline.after(seconds))[0] for seconds in (0.001, 60))
    assert [(one.id, one.time) for one in short] == [("ent:cup-1", None)]
    assert told[0].time is not None


def test_names_in_the_pack_stay_named(world: Path) -> None:
    with open_running(Settings.read(data=world, embedder="hashing")) as opened:
        opened.follower.wait_for(opened.world.graph.head(), Deadline.after(60))
        answer = answered(opened, "The 1973 Chilean coup ended a government.", "2000")
        assert first(answer) == "ent:1973-chilean-coup"
