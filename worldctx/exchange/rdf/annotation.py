"""What is said of a statement: when it held, since when it is known, by whom it was said, how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from worldctx.exchange.rdf.dataset import Dataset, Node, Object
from worldctx.exchange.rdf.literals import when_of
from worldctx.exchange.rdf.mapping import Paths, RdfMapping
from worldctx.exchange.rdf.paths import Reached
from worldctx.exchange.rdf.terms import term
from worldctx.model.errors import BadInput

_REIFIES, _SUBJECT = term("rdf:reifies").value, term("rdf:subject").value
_PREDICATE, _OBJECT = term("rdf:predicate").value, term("rdf:object").value
#: Without one of these in a data set no statement is reified.
REIFYING = frozenset({_REIFIES, _SUBJECT})
_DATES = ("from", "to", "at", "known_since", "end_known_since")


@dataclass(frozen=True, slots=True)
class Annotation:
    """Fields of a fact's record, as the facts format names them, and the node or text that names its source."""

    fields: dict[str, Any] = field(default_factory=dict)
    source: Object | None = None


NOTHING = Annotation()


def reifiers(dataset: Dataset, subject: Node, predicate: str, target: Object) -> list[Node]:
    """The nodes that reify a triple, by RDF 1.2 or by rdf:Statement, by name."""
    found: set[str] = set()
    if _REIFIES in dataset.watched:
        triple = Triple(subject, NamedNode(predicate), target)
        found |= {one.value for one in dataset.naming(_REIFIES, triple)}
    if _SUBJECT in dataset.watched:
        for node in dataset.naming(_SUBJECT, subject):
            parts = {(key, value) for key, value, _ in dataset.about(node)}
            if (_PREDICATE, NamedNode(predicate)) in parts and (_OBJECT, target) in parts:
                found.add(node.value)
    return [NamedNode(one) for one in sorted(found)]


def annotation(dataset: Dataset, mapping: RdfMapping, node: Node) -> Annotation:
    """What is said of the statement that a node stands for.

    Raises:
        BadInput: a date cannot be read, or a confidence is no number from 0 to 1.
    """
    fields: dict[str, Any] = {}
    named = next(first_reached(dataset, mapping.statement["source"], node), None)
    for key in mapping.statement:
        one = None if key == "source" else first_literal(dataset, mapping.statement[key], node)
        if one is None:
            continue
        if key in _DATES:
            fields[key] = when_of(one[0], key).edtf
        else:
            fields[key] = number(one[0], key) if key == "confidence" else one[0].value
    return Annotation(_with_validity(fields), None if named is None else named.value)


def validity(dataset: Dataset, mapping: RdfMapping, node: Node) -> dict[str, str]:
    """From when to when something said by a node held: `from` and `to`, as far as they are given.

    Raises:
        BadInput: a date cannot be read.
    """
    fields = {}
    for key in ("from", "to", "at"):
        one = first_literal(dataset, mapping.statement[key], node)
        if one is not None:
            fields[key] = when_of(one[0], key).edtf
    valid: dict[str, str] = _with_validity(fields).get("valid", {})
    return valid


def first_reached(dataset: Dataset, paths: Paths, node: Node) -> Iterator[Reached]:
    """All that the first path leads to which leads anywhere."""
    for path in paths:
        found = [one for one in path.reached(dataset, node) if not isinstance(one.value, Triple)]
        if found:
            yield from found
            return


def first_literal(dataset: Dataset, paths: Paths, node: Node) -> tuple[Literal, Reached] | None:
    """The first text, number or date that a path leads to; what leads to a node only is passed over."""
    for path in paths:
        for one in path.reached(dataset, node):
            if isinstance(one.value, Literal):
                return one.value, one
    return None


def number(value: Object, key: str) -> float:
    """The number of a literal.

    Raises:
        BadInput: it is none.
    """
    try:
        return float(value.value) if isinstance(value, Literal) else float("nan")
    except ValueError as error:
        raise BadInput.at(key, f"{str(value)[:40]} is not a number") from error


def _with_validity(fields: dict[str, Any]) -> dict[str, Any]:
    """With `valid` made of its sides; a moment is both."""
    moment = fields.pop("at", None)
    sides = {"from": fields.pop("from", None) or moment, "to": fields.pop("to", None) or moment}
    valid = {side: text for side, text in sides.items() if text}
    return {**fields, "valid": valid} if valid else fields


