"""Validating a pack by its SHACL shapes: its RDF as it stands in the files, all else as it would be exported."""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import Quad

from worldctx.exchange.pack.files import PackFiles
from worldctx.exchange.rdf.dataset import all_loaded, made_of
from worldctx.exchange.rdf.encode import encode
from worldctx.exchange.rdf.mapping import default
from worldctx.exchange.rdf.shacl import Shapes, Violation, violations
from worldctx.exchange.rdf.syntax import format_of


def pack_violations(pack: PackFiles) -> Iterator[Violation]:
    """What in a pack is not as its shapes want it; nothing where it has no shapes.

    All of it is looked at together, for a table may name a term of the vocabulary. What cannot be read is left out.

    Raises:
        BadInput: the shapes cannot be read, or are no sound ones.
    """
    files = pack.shapes()
    if files:
        shapes = Shapes.load(files)
        with made_of(_quads(pack)) as dataset:
            yield from violations(dataset, shapes)


def _quads(pack: PackFiles) -> Iterator[Quad]:
    with all_loaded([(path, format_of(path)) for path in pack.rdf_files()]) as (dataset, _):
        for triple in dataset.triples(None, None, None):
            yield Quad(*triple)
    yield from encode(pack.lines_beside_rdf(), default().naming)
