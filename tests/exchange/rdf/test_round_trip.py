"""What `export rdf` writes, `import rdf` makes the same knowledge of, in every syntax and both ways of stating facts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worldctx.exchange.facts import Line
from worldctx.exchange.rdf.export import target_format, write
from worldctx.exchange.rdf.importer import RdfImporter
from worldctx.graph.sqlite import SqliteGraph, open_graph
from worldctx.intake.knowledge import write_knowledge
from worldctx.model.clocks import Basis, Known
from worldctx.model.entity import Entity, Name
from worldctx.model.fact import Evidence, Fact, Literal
from worldctx.model.ids import DocumentId, EntityId, FactId, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import parse_when
from worldctx.testing.strategies import EXTERNALS, entities, facts, judgements, texts, whens

#: Ids that look like IRIs, like prefixed names, like nodes of the export, and like nothing.
STRANGE = st.sampled_from([EntityId(one) for one in (
    "http://www.wikidata.org/entity/Q42", "wd:Q42", "gn:2643743", "https://sws.geonames.org/2643743/", "https://a.example/é?x=1#y", "%41%", "[x]", "_:b0",
    "urn:worldctx:fact:f%3Aa", "urn:worldctx:id:x", "urn:worldctx:node:1", "urn:worldctx:blank:1", "ent:ж", "@id", "a\u0300")])
PREDICATES = st.sampled_from(["birth_date", "https://schema.org/birthDate", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "two words", "http://www.w3.org/2004/02/skos/core#prefLabel",
                              "http://www.w3.org/2002/07/owl#sameAs", "urn:worldctx:vocab:kind", "http://www.opengis.net/ont/geosparql#sfWithin", "@type", "ключ"])
LITERALS = st.builds(Literal, texts(max_size=6), st.sampled_from(["string", "integer", "decimal", "dateTime", "edtf", "wkt", "langString", "anyURI", "http://a.example/type", "no type", "double"]),
                     st.sampled_from(["", "m", "kg/m3 ½"]), st.sampled_from(["", "en", "pt-BR", "en_US", "zh-hant"]))
NUMBERS = st.builds(Literal, st.sampled_from(["01", "1.50", "+5", "1e400", "-0", "2000-01-01T00:00:00.000", "true", "1"]), st.sampled_from(["integer", "decimal", "double", "dateTime", "boolean", "gYear"]))
SOURCES = st.sampled_from([SourceId("src:a"), SourceId("src:b"), SourceId("https://a.example/graph"), SourceId("wd:Q42")])
DATES = {"src:a": None, "src:b": parse_when("1993-05"), "https://a.example/graph": parse_when("1993-05-01T10:00:00Z"), "wd:Q42": parse_when("-0044-03-15")}


def sources() -> st.SearchStrategy[Source]:
    words = st.sampled_from(["", "One", "Another\n\"", "\U0001f680\x00"])
    made = st.builds(Source, SOURCES, words, st.sampled_from(["", "https://un.org/x", "no url", "http://un.org/a b"]), st.none() | EXTERNALS | STRANGE, st.none(),
                     st.just("un.org"), words, words, words)
    return made.map(lambda one: replace(one, published=DATES[one.id]))


@st.composite
def fact_lines(draw: st.DrawFn) -> Fact:
    fact = draw(facts())
    literal = draw(st.none() | LITERALS | NUMBERS)
    since = draw(st.none() | whens())
    said = draw(st.sampled_from([Evidence(), Evidence(DocumentId("doc:1"), 0, 7, "q\r\n", "r"), Evidence(record="x\n"), Evidence(start=3)]))
    return replace(
        fact, id=FactId(draw(st.sampled_from(["", "", "f:mine", "f:é%"]))), known=Known(since, Basis.STATED if since else Basis.UNSTATED, draw(st.none() | whens())), evidence=said,
        subject=draw(st.just(fact.subject) | STRANGE), predicate=draw(st.just(fact.predicate) | PREDICATES), literal=literal,
        object=None if literal else draw(EXTERNALS | STRANGE | st.just(EntityId("ent:a"))), source=draw(st.none() | SOURCES),
        confidence=draw(st.sampled_from([0.0, 0.1, 1e-7, 1.0])), method=draw(st.sampled_from(["declared@1", "rdf@1", "a method/é@2"])))


def places() -> st.SearchStrategy[Entity]:
    half = st.sampled_from([(1.5, None), (None, -2.0), (0.0, 0.0), (1e-7, -179.99), (None, None)])
    more = st.lists(st.builds(Name, st.sampled_from(["Zoë", "pt", "\x00x"]), st.sampled_from(["pt-BR", "en_US", "de"])), max_size=1).map(tuple)
    return st.builds(lambda one, key, at, within, names, told: replace(one, id=key or one.id, lat=at[0], lon=at[1], within=within, names=(*one.names, *names), source=told), entities(),
                     st.none() | STRANGE, half, st.sampled_from([None, EntityId("ent:a"), EntityId("wd:Q1")]) | STRANGE, more, st.none() | SOURCES)


def told_judgements() -> st.SearchStrategy[Judgement]:
    return st.builds(lambda one, at, told: replace(one, at=at, source=told), judgements(), st.none() | whens(), st.none() | SOURCES)


BATCHES = st.lists(st.lists(sources() | places() | fact_lines() | told_judgements(), max_size=8), min_size=1, max_size=3)
FORMS = [(suffix, False) for suffix in ("nq", "trig", "ttl", "nt", "jsonld")] + [(suffix, True) for suffix in ("nq", "trig", "ttl", "nt")]


@contextmanager
def store(folder: Path) -> Iterator[SqliteGraph]:
    graph = open_graph(folder)
    try:
        yield graph
    finally:
        graph.close()


def told(graph: SqliteGraph, lines: list[Line]) -> None:
    receipt = write_knowledge(graph, list(enumerate(lines)))
    assert not receipt.refused


def read(graph: SqliteGraph) -> object:
    """How every id is read, which the dump does not say: what was told last, and what is one with what."""
    ids = [EntityId(f"ent:{letter}") for letter in "abcdef"] + [EntityId(f"wd:Q{number}") for number in range(4)]
    reader = graph.at()
    return reader.resolve(ids), reader.entities(ids), reader.sources(sorted(SourceId(one) for one in DATES))


def exported(graph: SqliteGraph, path: Path, *, reifiers: bool) -> Path:
    with path.open("wb") as file:
        write(graph.knowledge(), file, target_format(path, "", reifiers=reifiers), reifiers=reifiers)
    return path


def imported(path: Path) -> list[Line]:
    taken = list(RdfImporter.of("default").records(path))
    assert [one.error for one in taken if one.error] == []
    return [line for one in taken for line in one.lines]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(BATCHES, st.sampled_from(FORMS))
def test_a_graph_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, batches: list[list[Line]], form: tuple[str, bool]) -> None:
    folder = tmp_path_factory.mktemp("rdf")
    with store(folder / "one") as one, store(folder / "two") as two:
        told(one, [Source(SourceId(key), key, published=date) for key, date in DATES.items()])
        for batch in batches:
            told(one, batch)
        path = exported(one, folder / f"all.{form[0]}", reifiers=form[1])
        told(two, imported(path))
        assert list(two.dump(two.head())) == list(one.dump(one.head()))
        assert read(two) == read(one)
