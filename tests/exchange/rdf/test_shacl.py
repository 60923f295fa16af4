"""SHACL: what violates shapes is told with its node, path and value, in files and in knowledge; --strict writes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.exchange.rdf.conftest import PREFIXES
from worldctx.exchange.rdf.shacl import Shapes, check_lines, file_violations
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.errors import BadInput
from worldctx.model.fact import Fact
from worldctx.model.ids import EntityId, FactId
from worldctx.model.time import parse_interval

HEAD = PREFIXES + "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
SHAPES = """
:Person a sh:NodeShape ; sh:targetClass schema:Person ;
  sh:property [ sh:path schema:birthDate ; sh:datatype xsd:date ; sh:maxCount 1 ] ;
  sh:property [ sh:path ( schema:worksFor schema:name ) ; sh:minCount 1 ; sh:message "works for something with a name" ] ;
  sh:property [ sh:path schema:email ; sh:minCount 1 ; sh:severity sh:Warning ] .
"""
GOOD = ':ada a schema:Person ; schema:birthDate "1950-02-03"^^xsd:date ; schema:worksFor :club ; schema:email "a@ex.org" . :club schema:name "Club" .'
BAD = ':bob a schema:Person ; schema:birthDate "in spring" ; schema:worksFor [ a schema:Organization ] .'


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    (tmp_path / "shapes.ttl").write_text(HEAD + SHAPES)
    return tmp_path / "shapes.ttl"


def test_each_violation_names_node_path_value_and_what_was_expected(shapes: Path, tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text(HEAD + GOOD + BAD)
    found = [(one.focus, one.path, one.value, one.severity) for one in file_violations([tmp_path / "data.ttl"], [shapes])]
    assert found == [
        ("http://ex.org/bob", "<https://schema.org/birthDate>", "in spring", "Violation"),
        ("http://ex.org/bob", "<https://schema.org/email>", "", "Warning"),
        ("http://ex.org/bob", "<https://schema.org/worksFor> / <https://schema.org/name>", "", "Violation"),
    ]
    texts = [str(one) for one in file_violations([tmp_path / "data.ttl"], [shapes])]
    assert "<http://ex.org/bob> <https://schema.org/worksFor> / <https://schema.org/name>: works for something with a name" in texts


def test_files_are_one_graph_with_blank_nodes_of_their_own(shapes: Path, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(HEAD + ':ada a schema:Person ; schema:worksFor :club ; schema:email "a" , [ :p 1 ] .')
    (tmp_path / "b.nt").write_text('<http://ex.org/club> <https://schema.org/name> "Club" .\n_:0 <http://ex.org/p> "x" .\n')
    assert list(file_violations([tmp_path / "a.ttl", tmp_path / "b.nt"], [shapes])) == []
    assert len(list(file_violations([tmp_path / "a.ttl"], [shapes]))) == 1


def test_lexical_forms_are_checked_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "s.ttl").write_text(HEAD + ':S a sh:NodeShape ; sh:targetSubjectsOf :n ; sh:property [ sh:path :n ; sh:datatype xsd:integer ; sh:pattern "^0" ] .')
    (tmp_path / "d.ttl").write_text(HEAD + ':a :n "01"^^xsd:integer . :b :n 1 . :c :n "x"^^xsd:integer .')
    assert [(one.focus, one.value) for one in file_violations([tmp_path / "d.ttl"], [tmp_path / "s.ttl"])] == [("http://ex.org/b", "1"), ("http://ex.org/c", "x"), ("http://ex.org/c", "x")]


def test_knowledge_is_checked_as_it_would_be_exported(tmp_path: Path) -> None:
    (tmp_path / "s.ttl").write_text(HEAD + ":S a sh:NodeShape ; sh:targetClass schema:Person ; sh:property [ sh:path schema:birthPlace ; sh:class schema:Place ] .")
    ada, bath = Entity(EntityId("ent:ada"), Kind.PERSON, (Name("Ada"),)), Entity(EntityId("ent:bath"), Kind.PLACE)
    born = Fact(FactId("f:1"), ada.id, "birth_place", bath.id, valid=parse_interval("1950", None))
    shapes = Shapes.load([tmp_path / "s.ttl"])
    assert list(check_lines([ada, bath, born], shapes)) == []
    (found,) = check_lines([ada, born], shapes)
    assert (found.focus, found.path, found.value) == ("urn:worldctx:id:ent:ada", "<https://schema.org/birthPlace>", "urn:worldctx:id:ent:bath")


@pytest.mark.parametrize(("text", "told"), [
    (":a :b :c .", "holds no shape"), ("nonsense", "line 7"),
    (":S a sh:NodeShape ; sh:targetClass :C ; sh:sparql [ sh:select 'SELECT $this WHERE { service <http://a.example/> { $this ?p ?o } }' ] .", "nothing is fetched from the network"),
    (":S a sh:NodeShape ; sh:targetNode :a ; sh:property [ sh:minCount 1 ] .", "cannot be used"),
])
def test_shapes_that_are_no_sound_ones_are_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "s.ttl").write_text(HEAD + text)
    (tmp_path / "d.ttl").write_text(HEAD + GOOD)
    with pytest.raises(BadInput) as caught:
        list(file_violations([tmp_path / "d.ttl"], [tmp_path / "s.ttl"]))
    assert told in caught.value.message


def test_an_import_of_shapes_is_not_followed(shapes: Path, tmp_path: Path) -> None:
    shapes.write_text(HEAD + SHAPES + "<http://ex.org/shapes> a owl:Ontology ; owl:imports <http://127.0.0.1:9/other.ttl> .")
    (tmp_path / "data.ttl").write_text(HEAD + GOOD)
    assert list(file_violations([tmp_path / "data.ttl"], [shapes])) == []


def test_strict_writes_nothing_and_otherwise_violations_are_told_and_the_data_goes_in(cli: Cli, shapes: Path, tmp_path: Path) -> None:
    data, world = tmp_path / "data.ttl", ("--data", tmp_path / "w")
    data.write_text(HEAD + GOOD + BAD)
    result = cli("import", "rdf", data, "--shapes", shapes, "--strict", *world, code=1)
    assert any("<http://ex.org/bob> <https://schema.org/birthDate> is 'in spring'" in one for one in result.complaints)
    assert "2 violations of the shapes: nothing was written" in result.complaints[-1]
    assert not (tmp_path / "w").exists()
    result = cli("import", "rdf", data, "--shapes", shapes, "--json", *world, code=1)
    assert (result.json["entities"], result.json["refused"]) == (4, 0)
    data.write_text(HEAD + GOOD)
    assert cli("import", "rdf", data, "--shapes", shapes, "--strict", "--json", *world).json["refused"] == 0
    cli("import", "rdf", data, "--strict", *world, code=2)
