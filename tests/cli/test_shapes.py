"""SHACL on the way in and out: violations name the node and the path, and --strict writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from worldctx.cli import run

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:shapes:person> a sh:NodeShape ; sh:targetClass schema:Person ;
    sh:property [ sh:path skos:prefLabel ; sh:minCount 1 ; sh:message "a person has a preferred name" ] .
"""
# In an order in which nothing stands before what it needs.
LINES = (
    {"type": "fact", "subject": "ent:a", "predicate": "birth_date", "value": "1900", "datatype": "edtf", "source": "src:x"},
    {"type": "entity", "id": "ent:a", "kind": "person", "names": [{"name": "Ada", "lang": "en", "preferred": True}]},
    {"type": "entity", "id": "ent:b", "kind": "person", "names": [{"name": "Bob"}]},
    {"type": "source", "id": "src:x"},
)
WRONG = "<urn:worldctx:id:ent:b> <http://www.w3.org/2004/02/skos/core#prefLabel>: a person has a preferred name"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    facts, shapes = tmp_path / "facts.jsonl", tmp_path / "shapes.ttl"
    facts.write_text("".join(f"{json.dumps(line)}\n" for line in LINES))
    shapes.write_text(SHAPES)
    return facts, shapes


def test_what_violates_shapes_is_told_and_goes_in(files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts, shapes = files
    assert run(["import", "facts", str(facts), "--shapes", str(shapes), "--data", str(tmp_path / "world"), "--json"]) == 1
    told = capsys.readouterr()
    assert told.err == f"worldctx: {WRONG}\n"
    assert {key: json.loads(told.out)[key] for key in ("entities", "facts", "refused")} == {"entities": 2, "facts": 1, "refused": 0}
    assert run(["export", "rdf", str(tmp_path / "out.ttl"), "--shapes", str(shapes), "--data", str(tmp_path / "world")]) == 1
    assert (WRONG in capsys.readouterr().err, (tmp_path / "out.ttl").exists()) == (True, True)


def test_strict_writes_nothing(files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts, shapes = files
    strict = ["--shapes", str(shapes), "--strict", "--data", str(tmp_path / "world")]
    assert run(["import", "facts", str(facts), *strict]) == 1
    assert not (tmp_path / "world").exists()
    assert run(["import", "facts", str(facts), "--data", str(tmp_path / "world")]) == 0
    assert run(["export", "rdf", str(tmp_path / "out.ttl"), *strict]) == 1
    assert not (tmp_path / "out.ttl").exists()
    assert "nothing was written" in capsys.readouterr().err


def test_what_is_as_shapes_want_it_passes_strictly_and_strict_needs_shapes(files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts, shapes = files
    facts.write_text("".join(f"{json.dumps(line)}\n" for line in LINES if line.get("id") != "ent:b"))
    world = ["--data", str(tmp_path / "world"), "--strict"]
    assert run(["import", "facts", str(facts), "--shapes", str(shapes), *world]) == 0
    assert run(["export", "rdf", str(tmp_path / "out.nq"), "--shapes", str(shapes), *world]) == 0
    assert run(["import", "facts", str(facts), *world]) == 2
    assert "--strict needs --shapes" in capsys.readouterr().err
