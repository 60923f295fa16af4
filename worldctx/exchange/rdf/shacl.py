"""Checking RDF against shapes (SHACL, W3C Recommendation 2017) with pySHACL: what is wrong with which node, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyshacl
import rdflib
import rdflib.plugins.sparql
from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from pyshacl.shapes_graph import ShapesGraph
from rdflib.namespace import RDF, SH

from worldctx.exchange.facts import Line
from worldctx.exchange.rdf.dataset import Dataset, all_loaded, made_of
from worldctx.exchange.rdf.encode import encode
from worldctx.exchange.rdf.mapping import default
from worldctx.exchange.rdf.syntax import format_of
from worldctx.exchange.rdf.view import graph_of
from worldctx.exchange.streams import name_of
from worldctx.model.errors import BadInput

#: The severity that breaks a shape; sh:Warning and sh:Info are told only.
VIOLATION = "Violation"
_QUERIES = (SH.select, SH.ask, SH.construct)
#: SPARQL that would ask another server.
_SERVICE = re.compile(r"\bSERVICE\b", re.IGNORECASE)
#: A query of a shape that names a graph by FROM gets no graph of the network; rdflib would fetch it.
rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One thing in which a node is not as a shape wants it.

    Attributes:
        focus: the node.
        path: the property in question, or a path as SPARQL writes it; empty where the node itself is wrong.
        message: what was expected.
        severity: Violation, Warning or Info, or the IRI of another severity.
        value: the value in question; empty where there is none.
        shape: IRI of the shape; empty where it has none.
    """

    focus: str
    path: str
    message: str
    severity: str = VIOLATION
    value: str = ""
    shape: str = ""

    def __str__(self) -> str:
        """For people: node, path, value, and what was expected."""
        path = f" {self.path}" if self.path else ""
        value = f" is {self.value[:300]!r}" if self.value else ""
        level = "" if self.severity == VIOLATION else f" ({self.severity})"
        return f"<{self.focus}>{path}{value}: {self.message}{level}"


@dataclass(frozen=True, slots=True)
class Shapes:
    """Shapes that were read and looked through; get them with `Shapes.load`."""

    graph: rdflib.Graph

    @classmethod
    def load(cls, paths: Sequence[Path]) -> Shapes:
        """Read files of shapes, in any syntax of RDF. What they import (owl:imports) is not fetched.

        Raises:
            BadInput: one cannot be read, they hold no shape, or ask other servers.
        """
        graph = rdflib.Graph()
        with all_loaded([(path, format_of(path)) for path in paths]) as (dataset, notes):
            for wrong in notes:
                raise wrong.error
            for triple in graph_of(dataset):
                graph.add(triple)
        names = ", ".join(map(name_of, paths))
        patterns = ((None, RDF.type, SH.NodeShape), (None, RDF.type, SH.PropertyShape), (None, SH.property, None))
        if not any(pattern in graph for pattern in patterns):
            raise BadInput.at(names, "holds no shape; a shape has the class sh:NodeShape or sh:PropertyShape")
        for predicate in _QUERIES:
            for node, query in graph.subject_objects(predicate):
                if _SERVICE.search(str(query)):
                    raise BadInput.at(names, f"has a query that asks another server ({node}); "
                                                     "nothing is fetched from the network")
        return cls(graph)


def violations(data: Dataset, shapes: Shapes) -> Iterator[Violation]:
    """What in a data set is not as the shapes want it, by node.

    The data are looked up where they lie; only the report is held in memory.

    Raises:
        BadInput: the shapes are no sound ones.
    """
    try:
        _, report, text = pyshacl.validate(
            graph_of(data), shacl_graph=shapes.graph, inplace=True, inference="none", advanced=False, js=False,
            do_owl_imports=False, meta_shacl=False)
    except Exception as error:  # the library raises some twenty kinds for shapes that it does not understand
        raise BadInput.at("--shapes", f"cannot be used: {' '.join(str(error).split())[:300]}") from error
    if not isinstance(report, rdflib.Graph):
        raise BadInput.at("--shapes", f"cannot be used: {' '.join(str(text).split())[:300]}")
    yield from sorted(_violation(report, node, shapes.graph) for node in report.subjects(RDF.type, SH.ValidationResult))


def file_violations(
    paths: Sequence[Path], shapes: Sequence[Path], syntax: str = "", base: str = ""
) -> Iterator[Violation]:
    """What in files, taken as one graph, is not as shapes want it. What cannot be read of them is passed over here.

    Args:
        paths: files of data.
        shapes: files of shapes.
        syntax: of the data; empty: each by its name.
        base: what relative IRIs of the data are relative to.

    Raises:
        BadInput: a file cannot be opened, or the shapes are no sound ones.
    """
    checked = Shapes.load(shapes)
    with all_loaded([(path, format_of(path, syntax)) for path in paths], base) as (dataset, _):
        yield from violations(dataset, checked)


def check_lines(lines: Iterable[Line], shapes: Shapes) -> Iterator[Violation]:
    """What in knowledge is not as the shapes want it, as `export rdf` would write it.

    A shape may ask for what other lines say (`sh:class` of an object), so give it all that belongs together.

    Raises:
        BadInput: the shapes are no sound ones.
    """
    with made_of(encode(lines, default().naming)) as dataset:
        yield from violations(dataset, shapes)


def _violation(report: rdflib.Graph, node: rdflib.term.Node, shapes: rdflib.Graph) -> Violation:
    def one(predicate: rdflib.URIRef) -> rdflib.term.Node | None:
        return min(report.objects(node, predicate), key=str, default=None)

    path, value, shape = one(SH.resultPath), one(SH.value), one(SH.sourceShape)
    messages = sorted(str(text) for text in report.objects(node, SH.resultMessage))
    component = str(one(SH.sourceConstraintComponent) or "").rpartition("#")[2]
    severity = str(one(SH.resultSeverity) or SH.Violation)
    return Violation(
        _text(one(SH.focusNode)), "" if path is None else _path(report, shapes, path),
        "; ".join(messages) or component.removesuffix("ConstraintComponent"),
        severity.removeprefix(str(SH)), _text(value), str(shape) if isinstance(shape, rdflib.URIRef) else "")


def _text(node: rdflib.term.Node | None) -> str:
    return "" if node is None else f"_:{node}" if isinstance(node, rdflib.BNode) else str(node)


def _path(report: rdflib.Graph, shapes: rdflib.Graph, path: rdflib.term.Node) -> str:
    if isinstance(path, rdflib.URIRef):
        return f"<{path}>"
    graph = shapes if (path, None, None) in shapes else report
    return str(shacl_path_to_sparql_path(ShapesGraph(graph), path))
