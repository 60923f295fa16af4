"""RDF as texts, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from worldctx.exchange.facts import Line
from worldctx.exchange.importer import Taken
from worldctx.exchange.rdf.importer import RdfImporter
from worldctx.model.entity import Entity
from worldctx.model.fact import Fact
from worldctx.model.source import Source

PREFIXES = """\
@prefix : <http://ex.org/> . @prefix schema: <https://schema.org/> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> . @prefix prov: <http://www.w3.org/ns/prov#> . @prefix dcterms: <http://purl.org/dc/terms/> . @prefix org: <http://www.w3.org/ns/org#> .
@prefix sem: <http://semanticweb.cs.vu.nl/2009/11/sem/> . @prefix time: <http://www.w3.org/2006/time#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix wgs84: <http://www.w3.org/2003/01/geo/wgs84_pos#> . @prefix wctx: <urn:worldctx:vocab:> .
"""


@dataclass(slots=True)
class Made:
    """What an import of one file gave."""

    taken: list[Taken]
    errors: list[str] = field(init=False)
    lines: list[Line] = field(init=False)

    def __post_init__(self) -> None:
        self.errors = [one.error.message for one in self.taken if one.error]
        self.lines = [line for one in self.taken for line in one.lines]

    @property
    def facts(self) -> list[tuple[str, str, str, str]]:
        """Subject, predicate, object and validity, sorted; our test domain's prefix away."""
        found = ((one.subject, one.predicate, one.object_text, one.valid.edtf) for one in self.lines if isinstance(one, Fact))
        return sorted(tuple(text.removeprefix("http://ex.org/") for text in one) for one in found)  # type: ignore[misc]

    @property
    def whole(self) -> list[Fact]:
        return [one for one in self.lines if isinstance(one, Fact)]

    def entity(self, name: str) -> Entity:
        (found,) = [one for one in self.lines if isinstance(one, Entity) and one.id.removeprefix("http://ex.org/") == name]
        return found

    @property
    def entities(self) -> list[str]:
        return sorted(one.id.removeprefix("http://ex.org/") for one in self.lines if isinstance(one, Entity))

    @property
    def sources(self) -> list[Source]:
        return [one for one in self.lines if isinstance(one, Source)]


Import = Callable[..., Made]


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    """Import a text; Turtle and TriG get the usual prefixes."""

    def do(text: str | bytes, suffix: str = "ttl", name: str = "data", after: int = 0, **options: str) -> Made:
        path = tmp_path / f"{name}.{suffix}"
        head = PREFIXES if suffix in ("ttl", "trig") and isinstance(text, str) else ""
        path.write_bytes(text if isinstance(text, bytes) else (head + text).encode())
        return Made(list(RdfImporter.of(options.pop("mapping", "default"), **options).records(path, after)))

    return do
