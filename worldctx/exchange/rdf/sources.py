"""The sources of a data set: named graphs, what statements name, and the file itself; each is told before its use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from worldctx.exchange.facts import Line, read_record
from worldctx.exchange.rdf.annotation import first_literal, first_reached
from worldctx.exchange.rdf.dataset import Dataset, Node, Object
from worldctx.exchange.rdf.literals import when_of
from worldctx.exchange.rdf.mapping import RdfMapping
from worldctx.exchange.rdf.terms import LOCAL, term
from worldctx.exchange.rules import Seen
from worldctx.model.errors import BadInput
from worldctx.model.ids import digest

#: Sources that are told once as long as they are remembered; telling one again changes nothing.
_SOURCES = 50_000
#: What is remembered of the source of the file itself; no id is empty.
_DEFAULT = ""
_DESCRIBES = term("wctx:describes").value


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a data set comes from.

    Attributes:
        digest: of the file; blank nodes have it in their ids, for they are nodes of that file only.
        source: id of the source of what no named graph and no statement attributes.
        title: of that source; empty where the caller named one that there is.
        method: how facts were got, `rdf@1`.
    """

    digest: str
    source: str
    title: str
    method: str


class Sources:
    """Tells sources as lines, each before the first line that names it."""

    def __init__(self, dataset: Dataset, mapping: RdfMapping, origin: Origin, id_of: Callable[[Node], str]) -> None:
        self._dataset, self._mapping, self._origin, self._id = dataset, mapping, origin, id_of
        self._told = Seen(_SOURCES)
        #: What was wrong with sources that were told all the same; who takes it empties it.
        self.wrong: list[BadInput] = []

    def of_graph(self, lines: list[Line], graph: str) -> str:
        """The source of what a graph says; without a graph that of the file, which is told at its first use."""
        if graph:
            return self._id(NamedNode(graph))  # told before all nodes
        if _DEFAULT not in self._told:
            self._told.add(_DEFAULT)
            lines.append(read_record({"type": "source", "id": self._origin.source, "title": self._origin.title}))
        return self._origin.source

    def of(self, lines: list[Line], target: Object) -> str:
        """The source that a node or a text names, told with all that the data set says of it.

        Raises:
            BadInput: it is none.
        """
        if isinstance(target, Triple):
            raise BadInput.at("source", "is a triple term")
        text = target.value
        number = self._id(target) if isinstance(target, NamedNode) else f"src:{digest(text, size=8)}"
        if number in self._told or (isinstance(target, NamedNode) and self._dataset.naming(_DESCRIBES, target)):
            return number
        fields = self._fields(target) if isinstance(target, NamedNode) else {"title": text}
        lines.append(read_record({"type": "source", "id": number, **fields}))
        self._told.add(number)
        return number

    def _fields(self, node: Node) -> dict[str, Any]:
        fields: dict[str, Any] = {"url": node.value} if node.value.startswith(("http://", "https://")) else {}
        for key in ("title", "published_at", "country"):
            literal = first_literal(self._dataset, self._mapping.source[key], node)
            if literal is None:
                continue
            try:
                fields[key] = when_of(literal[0], key).edtf if key == "published_at" else literal[0].value
            except BadInput as error:  # without its source all that it said would be lost
                self.wrong.append(BadInput(f"<{node.value[:200]}>: {error.message}", violations=error.violations))
        for publisher in first_reached(self._dataset, self._mapping.source["publisher"], node):
            if isinstance(publisher.value, NamedNode) and not publisher.value.value.startswith(LOCAL):
                fields["publisher"] = self._id(publisher.value)
                break
        for url in first_reached(self._dataset, self._mapping.source["url"], node):
            if isinstance(url.value, NamedNode | Literal) and url.value.value.startswith(("http://", "https://")):
                fields["url"] = url.value.value
                break
        return fields
