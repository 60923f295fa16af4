"""A data set as a graph of rdflib, read only and not copied: what libraries that are written for rdflib are given."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import rdflib
from pyoxigraph import Literal, NamedNode, Triple
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID
from rdflib.store import Store

from worldctx.exchange.rdf.dataset import Dataset, Object
from worldctx.exchange.rdf.terms import LOCAL


class View(Store):
    """The triples of a data set, of all its graphs together. Triple terms, which rdflib has not, are left out."""

    context_aware = True  # pySHACL wraps a graph in one that asks for this
    graph_aware = True

    def __init__(self, dataset: Dataset) -> None:
        super().__init__()
        self._dataset = dataset
        self._length: int | None = None
        self._graph = rdflib.Graph(self, DATASET_DEFAULT_GRAPH_ID)

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:
        """See rdflib's Store. A triple that stands in several graphs comes once, where its subject is asked for."""
        subject, predicate, target = (None if one is None else _ours(one) for one in triple_pattern)
        if isinstance(subject, Literal) or not isinstance(predicate, NamedNode | None):
            return
        seen = set[Any]()
        for found in self._dataset.triples(subject, predicate, target):
            if isinstance(found[2], Triple) or (subject is not None and found in seen):
                continue
            if subject is not None:
                seen.add(found)
            yield tuple(_theirs(one) for one in found), iter((self._graph,))

    def contexts(self, triple: Any = None) -> Generator[rdflib.Graph, None, None]:
        """See rdflib's Store: all graphs are one here."""
        yield self._graph

    def __len__(self, context: Any = None) -> int:
        if self._length is None:  # pySHACL asks for it with each thing that it finds
            self._length = sum(1 for _ in self.triples((None, None, None)))
        return self._length


def graph_of(dataset: Dataset) -> rdflib.Graph:
    """The data set as a graph."""
    return rdflib.Graph(store=View(dataset))


def _ours(one: Any) -> NamedNode | Literal:
    if isinstance(one, rdflib.BNode):
        return NamedNode(LOCAL + str(one))
    if isinstance(one, rdflib.Literal):
        if one.language:
            return Literal(str(one), language=one.language)
        return Literal(str(one), datatype=NamedNode(str(one.datatype))) if one.datatype else Literal(str(one))
    return NamedNode(str(one))


def _theirs(one: NamedNode | Object) -> Any:
    if isinstance(one, NamedNode):
        value = one.value
        return rdflib.BNode(value[len(LOCAL) :]) if value.startswith(LOCAL) else rdflib.URIRef(value)
    if isinstance(one, Triple):
        raise TypeError("rdflib has no triple terms")
    if one.language:
        return rdflib.Literal(one.value, lang=one.language)
    # The text stays as it is written, for it is looked up again by it.
    return rdflib.Literal(one.value, datatype=rdflib.URIRef(one.datatype.value), normalize=False)
