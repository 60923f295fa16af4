"""A small sound pack, from which tests make broken ones."""

from __future__ import annotations

from pathlib import Path

TOML = """\
name = "rail"
version = "1.0.0"
title = "Rail"
licence = "CC0-1.0"
shapes = ["shapes.ttl"]

[gazetteer]
drop = ["coach"]

[[read]]
format = "rdf"
files = ["vocabulary.ttl"]
weight = 0.1

[[read]]
format = "facts"
files = ["companies.jsonl"]

[[test]]
about = "terms"
text = "The tramway has a new owner."
entities = ["rail:tram"]
absent = ["rail:coach"]
facts = [["rail:tram", "broader", "rail:transport"]]

[[test]]
about = "names in time"
text = "Trains of British Railways were late."
as_of = "1960"
entities = ["rail:british-rail"]
"""
VOCABULARY = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rail: <urn:worldctx:id:rail:> .

rail:transport a skos:Concept ; skos:prefLabel "rail transport"@en ; skos:definition "Carriage on rails."@en .
rail:tram a skos:Concept ; skos:prefLabel "tramway"@en ; skos:definition "Rails in the street."@en ; skos:broader rail:transport .
rail:coach a skos:Concept ; skos:prefLabel "passenger coach"@en ; skos:altLabel "coach"@en ; skos:definition "A vehicle."@en .
"""
SHAPES = """\
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<urn:worldctx:shape:rail:Concept> a sh:NodeShape ;
    sh:targetClass skos:Concept ;
    sh:property [ sh:path skos:definition ; sh:minCount 1 ; sh:message "needs a definition" ] .
"""
COMPANIES = """\
{"type":"source","id":"src:register","title":"Register of companies"}
{"type":"entity","id":"rail:british-rail","kind":"organisation","names":[{"name":"British Railways","from":"1948","to":"1964","preferred":true},{"name":"British Rail","from":"1965","preferred":true}],"source":"src:register"}
{"type":"fact","subject":"rail:british-rail","predicate":"inception","value":"1948-01-01","datatype":"edtf","valid":{"from":"1948-01-01"},"source":"src:register"}
"""


def write_pack(folder: Path) -> Path:
    """A pack that checks without a problem and without a warning."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"pack.toml": TOML, "vocabulary.ttl": VOCABULARY, "shapes.ttl": SHAPES, "companies.jsonl": COMPANIES}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def edit(file: Path, old: str, new: str) -> None:
    """Replace a text that stands in a file once or more."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
