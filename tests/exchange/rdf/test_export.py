"""What an export looks like to others: standard vocabularies, a named graph for each source, the same bytes each time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import RdfFormat, Store

from tests.conftest import Cli
from worldctx.config import Settings
from worldctx.wiring import reading

WORLD = """\
{"type":"source","id":"src:a","title":"A register","url":"https://a.example/","publisher":"ent:office","published_at":"2004-05"}
{"type":"entity","id":"wd:Q42","kind":"person","names":[{"name":"Douglas","lang":"en","preferred":true},{"name":"DNA","from":"1979"}],"same_as":["viaf:113230702"],"source":"src:a"}
{"type":"entity","id":"gn:2653941","kind":"place","names":[{"name":"Cambridge"}],"lat":52.2,"lon":0.11667,"within":"gn:2635167"}
{"type":"fact","id":"f:1","subject":"wd:Q42","predicate":"birth_place","object":"gn:2653941","valid":{"from":"1952-03-11"},"known_since":"1952~","source":"src:a","quote":"so","method":"reader@2","confidence":0.9}
{"type":"fact","subject":"gn:2653941","predicate":"population","value":"01230","datatype":"integer","unit":"1","source":"src:a"}
{"type":"judgement","left":"wd:Q42","right":"ent:dna","same":true,"by":"me"}
"""
PREFIXES = "PREFIX schema: <https://schema.org/> PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX geo: <http://www.opengis.net/ont/geosparql#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> "


@pytest.fixture
def data(cli: Cli, tmp_path: Path) -> Path:
    (tmp_path / "world.jsonl").write_text(WORLD)
    cli("import", "facts", tmp_path / "world.jsonl", "--data", tmp_path / "w", "--embedder", "none")
    return tmp_path / "w"


def dump(data: Path) -> list[str]:
    with reading(Settings.read(data=data)) as graph:
        return list(graph.dump(graph.head()))


@pytest.mark.parametrize("form", ["nq", "trig", "ttl", "nt", "jsonld", "trig.gz", "nq.zst"])
def test_the_verbs_bring_a_world_from_one_store_to_another(cli: Cli, data: Path, tmp_path: Path, form: str) -> None:
    told = cli("export", "rdf", tmp_path / f"all.{form}", "--data", data, "--json").json
    assert told == {"source": 1, "entity": 2, "fact": 2, "judgement": 1}
    back = cli("import", "rdf", tmp_path / f"all.{form}", "--data", tmp_path / "other", "--json").json
    assert (back["refused"], back["facts"], back["entities"], back["judgements"]) == (0, 2, 2, 1)
    assert dump(tmp_path / "other") == dump(data)
    again = cli("import", "rdf", tmp_path / f"all.{form}", "--data", tmp_path / "other", "--json").json
    assert (again["facts"], again["entities"], again["sources"]) == (0, 0, 0)


def test_plain_sparql_sees_usual_vocabularies_and_the_graph_of_each_source(cli: Cli, data: Path, tmp_path: Path) -> None:
    cli("export", "rdf", tmp_path / "all.nq", "--data", data)
    store = Store()
    store.bulk_load(path=tmp_path / "all.nq", format=RdfFormat.N_QUADS)

    def ask(query: str) -> list[list[str]]:
        return [[one.value for one in row] for row in store.query(PREFIXES + query)]  # type: ignore[union-attr]

    assert ask("SELECT ?place WHERE { GRAPH ?g { ?p a schema:Person ; schema:birthPlace ?place } }") == [["https://sws.geonames.org/2653941/"]]
    assert ask("SELECT ?wkt WHERE { ?p a schema:Place ; geo:hasGeometry/geo:asWKT ?wkt ; geo:sfWithin ?in }") == [["POINT(0.11667 52.2)"]]
    assert ask("SELECT ?g ?by WHERE { GRAPH ?g { ?s schema:birthPlace ?o } ?g a prov:Entity ; prov:wasAttributedTo ?by }") == [["urn:worldctx:id:src:a", "urn:worldctx:id:ent:office"]]
    assert ask("SELECT ?from ?sure WHERE { GRAPH ?g { ?f rdf:predicate schema:birthPlace ; schema:startDate ?from ; <urn:worldctx:vocab:confidence> ?sure } }") == [["1952-03-11", "0.9"]]
    assert ask("SELECT ?agent WHERE { ?f prov:wasGeneratedBy/prov:wasAssociatedWith ?agent }") == []  # the fact stands in its source's graph, the method in none
    assert ask("SELECT ?agent WHERE { GRAPH ?g { ?f prov:wasGeneratedBy ?m } ?m a prov:Activity ; prov:wasAssociatedWith ?agent }") == [["urn:worldctx:agent:reader"]]


def test_reifiers_say_the_same_of_triple_terms(cli: Cli, data: Path, tmp_path: Path) -> None:
    cli("export", "rdf", tmp_path / "all.ttl", "--reifiers", "--data", data)
    text = (tmp_path / "all.ttl").read_text(encoding="utf-8")
    assert "rdf:reifies <<( <http://www.wikidata.org/entity/Q42> schema:birthPlace <https://sws.geonames.org/2653941/> )>>" in text
    assert "rdf:Statement" not in text
    cli("import", "rdf", tmp_path / "all.ttl", "--data", tmp_path / "other")
    assert dump(tmp_path / "other") == dump(data)


@pytest.mark.parametrize(("form", "name"), [("trig", "trig"), ("jsonld", "json-ld"), ("nq", "nquads"), ("ttl", "turtle")])
def test_another_library_reads_the_same_quads(cli: Cli, data: Path, tmp_path: Path, form: str, name: str) -> None:
    cli("export", "rdf", tmp_path / f"all.{form}", "--data", data)
    graph = rdflib.Dataset()
    graph.parse(tmp_path / f"all.{form}", format=name)
    store = Store()
    store.bulk_load(path=tmp_path / f"all.{form}", format=RdfFormat.from_extension(form))
    assert len(list(graph.quads())) == len(store) > 50


def test_the_same_knowledge_gives_the_same_bytes_in_every_process(cli: Cli, data: Path, tmp_path: Path) -> None:
    for form in ("trig", "ttl", "jsonld"):
        made = []
        for seed in ("1", "2"):
            command = [sys.executable, "-m", "worldctx", "export", "rdf", "-", "--format", form, "--data", str(data)]
            made.append(subprocess.run(command, capture_output=True, check=True, env={"PYTHONHASHSEED": seed, "PATH": ""}).stdout)
        assert made[0] == made[1] != b""


def test_a_store_for_sparql_is_a_folder_that_is_there_whole_or_not_at_all(cli: Cli, data: Path, tmp_path: Path) -> None:
    cli("export", "rdf", tmp_path / "store", "--format", "oxigraph", "--data", data)
    store = Store.read_only(str(tmp_path / "store"))
    (row,) = store.query(PREFIXES + "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?f a rdf:Statement } }")  # type: ignore[misc] # a SELECT gives rows
    assert row["n"].value == "2"
    (line,) = cli("export", "rdf", tmp_path / "store", "--format", "oxigraph", "--data", data, code=1).complaints
    assert "is there already" in line
    cli("export", "rdf", tmp_path / "other", "--format", "oxigraph", "--data", data, "--revision", 99, code=1)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["here", "store", "w", "world.jsonl"]


def test_what_cannot_be_written_is_said_before_anything_is(cli: Cli, data: Path, tmp_path: Path) -> None:
    (line,) = cli("export", "rdf", tmp_path / "a.rdf", "--data", data, code=1).complaints
    assert "RDF/XML is read but not written" in line
    (line,) = cli("export", "rdf", tmp_path / "a.jsonld", "--reifiers", "--data", data, code=1).complaints
    assert "JSON-LD 1.1 has no triple terms" in line
    (line,) = cli("export", "rdf", tmp_path / "a.doc", "--data", data, code=1).complaints
    assert "'doc' is no syntax of RDF" in line
    assert not list(tmp_path.glob("a.*"))
