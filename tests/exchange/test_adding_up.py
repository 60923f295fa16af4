"""Lines that add up to one: told together or one by one, in one commit, they are the same knowledge."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from worldctx.exchange.adding_up import added_up
from worldctx.exchange.facts import Line
from worldctx.graph.sqlite import open_graph
from worldctx.intake.knowledge import write_knowledge
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.fact import Fact, Literal
from worldctx.model.ids import EntityId, FactId, SourceId
from worldctx.model.source import Source

A, B = EntityId("ent:a"), EntityId("ent:b")
SOURCES = tuple(map(SourceId, ("src:x", "src:y")))
entities = st.builds(
    Entity, id=st.sampled_from([A, B]), kind=st.sampled_from([Kind.PLACE, Kind.EVENT]),
    names=st.lists(st.builds(Name, st.sampled_from("PQR"), preferred=st.booleans()), max_size=2).map(tuple),
    same_as=st.lists(st.sampled_from([EntityId("wd:Q1"), EntityId("wd:Q2")]), max_size=1).map(tuple),
    lat=st.sampled_from([None, 1.0, 2.0]), within=st.sampled_from([None, B]), description=st.sampled_from(["", "a", "b"]),
    weight=st.sampled_from([0.0, 0.5]), source=st.sampled_from([None, *SOURCES]))
facts = st.builds(Fact, st.just(FactId("")), st.sampled_from([A, B]), st.just("height"), literal=st.just(Literal("1")))


def dump(lines: list[tuple[int, Line]]) -> list[str]:
    with TemporaryDirectory() as folder:
        graph = open_graph(Path(folder))
        write_knowledge(graph, [*((0, Source(one)) for one in SOURCES), *lines])
        found = list(graph.dump())
        assert list(graph.check()) == []
        graph.close()
        return found


@given(st.lists(st.one_of(entities, facts), max_size=8))
@settings(max_examples=60, deadline=None)
def test_added_up_they_are_the_same_knowledge(lines: list[Line]) -> None:
    assert dump(added_up(lines)) == dump(list(enumerate(lines)))


def test_names_go_to_the_first_line_of_their_source_and_others_stay_apart() -> None:
    one, two = Entity(A, Kind.PLACE, (Name("P"),), lat=1.0, source=SOURCES[0]), Entity(A, Kind.PLACE, (Name("Q"),), source=SOURCES[0])
    other = Entity(A, Kind.PLACE, (Name("R"),), source=SOURCES[1])
    moved = Entity(A, Kind.PLACE, lat=2.0, source=SOURCES[0])
    (place, sum_), = added_up([one, two, two])
    assert (place, sum_) == (0, Entity(A, Kind.PLACE, (Name("P"), Name("Q"), Name("Q")), lat=1.0, source=SOURCES[0]))
    assert added_up([one, other, two, moved]) == [(0, one), (1, other), (2, two), (3, moved)]
