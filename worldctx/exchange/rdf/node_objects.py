"""JSON-LD 1.1 with its context inline, node object by node object: what the library writes has no context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, BinaryIO

import orjson
from pyoxigraph import Literal, NamedNode, Quad, Triple

from worldctx.exchange.rdf.encode import PREFIXES
from worldctx.exchange.rdf.terms import term
from worldctx.model.errors import BadInput

_TYPE = term("rdf:type")
_STRING = term("xsd:string").value
#: Longest first, so that of two that fit the closer one is taken.
_SPACES = sorted(((space, prefix) for prefix, space in PREFIXES.items()), key=lambda one: -len(one[0]))


def write_json(quads: Iterable[Quad], stream: BinaryIO) -> None:
    """Write quads; those of one subject and graph that follow one another become one object, one a line.

    Raises:
        BadInput: there is a triple term among them.
    """
    stream.write(b'{"@context":' + orjson.dumps({"@version": 1.1, **PREFIXES}) + b',"@graph":[')
    for place, one in enumerate(_objects(quads)):
        stream.write((b",\n" if place else b"\n") + orjson.dumps(one))
    stream.write(b"\n]}\n")


def _objects(quads: Iterable[Quad]) -> Iterator[dict[str, Any]]:
    for (graph, subject), group in groupby(quads, key=lambda one: (one.graph_name, one.subject)):
        node: dict[str, Any] = {"@id": _iri(subject)}
        for quad in group:
            if quad.predicate == _TYPE and isinstance(quad.object, NamedNode):
                node.setdefault("@type", []).append(_iri(quad.object))
            else:
                node.setdefault(_short(quad.predicate), []).append(_value(quad.object))
        yield {"@id": graph.value, "@graph": [node]} if isinstance(graph, NamedNode) else node


def _value(one: Any) -> dict[str, str]:
    if isinstance(one, Literal):
        if one.language:
            return {"@value": one.value, "@language": one.language}
        kind = one.datatype.value
        return {"@value": one.value} if kind == _STRING else {"@value": one.value, "@type": kind}
    if isinstance(one, Triple):
        raise BadInput.at("--reifiers", "JSON-LD 1.1 has no triple terms")
    return {"@id": _iri(one)}


def _iri(one: Any) -> str:
    """A node as it is: a compact one would save little, and an id with a prefix of its own might be taken for one."""
    return str(one.value)


def _short(predicate: NamedNode) -> str:
    for space, prefix in _SPACES:
        rest = predicate.value[len(space) :]
        if predicate.value.startswith(space) and rest and not rest.startswith("//"):
            return f"{prefix}:{rest}"
    return predicate.value
