"""Property paths of a mapping: predicates one after another, forwards or backwards (SPARQL 1.1: sequence, inverse)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode

from worldctx.exchange.rdf.dataset import Dataset, Node, Object

#: Values that one path may lead to, for a hub in the middle leads to as many as it has neighbours.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Step:
    """From a node to the values of a predicate, or, backwards, to the nodes that have it as value.

    Attributes:
        iris: the predicate under each of the namespaces by which its vocabulary is known.
    """

    iris: frozenset[str]
    inverse: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """What a path leads to.

    Attributes:
        value: the value.
        graph: the graph in which its last step was said; empty for the default graph.
        via: the node that has the value; the first one for a path of one step.
        first: predicate and object of the first step's triple, None where that goes backwards.
    """

    value: Object
    graph: str
    via: Node
    first: tuple[str, Object] | None


@dataclass(frozen=True, slots=True)
class Path:
    """Steps one after another, as written in `text`."""

    text: str
    steps: tuple[Step, ...]

    def reached(self, dataset: Dataset, node: Node) -> Iterator[Reached]:
        """All that it leads to from a node, in a stable order."""
        start = self.steps[0]
        if not start.inverse and start.iris.isdisjoint(dataset.predicates(node)):
            return  # nearly always: a mapping has a hundred paths, and a node some ten predicates
        found = [Reached(node, "", node, None)]
        for place, step in enumerate(self.steps):
            found = [one for before in found for one in _next(dataset, step, before, first=place == 0)][:MOST]
        yield from found


def _next(dataset: Dataset, step: Step, before: Reached, *, first: bool) -> Iterator[Reached]:
    node = before.value
    if not isinstance(node, NamedNode):
        return
    if step.inverse:
        for iri in sorted(step.iris):
            for other in dataset.naming(iri, node):
                yield Reached(other, "", node, None if first else before.first)
        return
    for predicate, value, graph in dataset.about(node):
        if predicate in step.iris:
            yield Reached(value, graph, node, (predicate, value) if first else before.first)
