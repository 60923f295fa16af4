"""Which place lies in which, and the links that would close a circle."""

from __future__ import annotations

from functools import lru_cache

from pyoxigraph import NamedNode

from worldctx.exchange.rdf.dataset import Dataset, Node
from worldctx.exchange.rdf.paths import Path, Reached

#: Links that are followed from one place; no hierarchy of places is as deep.
_DEEPEST = 1000


class Containment:
    """The links of a data set, of each place the first that its paths lead to."""

    def __init__(self, dataset: Dataset, paths: tuple[Path, ...]) -> None:
        self._dataset, self._paths = dataset, paths
        self.outer = lru_cache(maxsize=100_000)(self._outer)

    def _outer(self, node: Node) -> Reached | None:
        for path in self._paths:
            for one in path.reached(self._dataset, node):
                if isinstance(one.value, NamedNode):
                    return one
        return None

    def closes(self, node: Node) -> bool:
        """Whether the link of this place is the one to leave out of a circle: that of the smallest name in it.

        So it is the same one in whatever order the places are looked at, and each circle loses one link.
        """
        place, circle = self._next(node), [node.value]
        while place is not None and place != node:
            circle.append(place.value)
            if len(circle) > _DEEPEST:
                return False
            place = self._next(place)
        return place == node and min(circle) == node.value

    def _next(self, node: Node) -> Node | None:
        outer = self.outer(node)
        return outer.value if outer is not None and isinstance(outer.value, NamedNode) else None
