"""Nodes of our own vocabulary back as records of the facts format: the inverse of `encode`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from worldctx.exchange.facts import Line, read_record
from worldctx.exchange.rdf.dataset import Dataset, Node, Object
from worldctx.exchange.rdf.encode import FIELDS, Numbered, entity_triples, source_triples
from worldctx.exchange.rdf.literals import Value, value_of
from worldctx.exchange.rdf.naming import Naming, decoded
from worldctx.exchange.rdf.terms import FACT, METHOD, term
from worldctx.model.errors import BadInput

_BY_IRI = {term(iri).value: (key, kind) for key, (iri, kind) in FIELDS.items()}
_LINE, _FACT = term("wctx:Line").value, term("wctx:Fact").value
_NAME, _FORM, _ORDER = term("wctx:name").value, term("skosxl:literalForm").value, term("wctx:order").value
_TYPE, _DESCRIBES = term("wctx:type").value, term("wctx:describes").value
_DATATYPE, _LANG = term("wctx:datatype").value, term("wctx:lang").value
_REIFIES, _GENERATED = term("rdf:reifies").value, term("prov:wasGeneratedBy").value
_SUBJECT, _PREDICATE, _OBJECT = (term(f"rdf:{part}").value for part in ("subject", "predicate", "object"))
_SIDES = (term("wctx:left").value, term("wctx:right").value)
#: Fields that a type of line has, for one property may mean two of them.
_OF = {
    "source": frozenset({"title", "url", "publisher", "published_at", "host", "country", "sector", "reliability"}),
    "entity": frozenset({"kind", "lat", "lon", "within", "description", "weight", "same_as", "source"}),
    "judgement": frozenset({"left", "right", "same", "by", "at", "source"}),
    "name": frozenset({"from", "to", "preferred"}),
    "valid": frozenset({"from", "to"}),
    "fact": frozenset({"known_since", "end_known_since", "source", "quote", "document", "start", "end", "record",
                       "confidence", "unit"}),
}


@dataclass(frozen=True, slots=True)
class Decoder:
    """Reads the nodes of a data set that `encode` wrote."""

    dataset: Dataset
    naming: Naming

    def is_fact(self, node: Node) -> bool:
        """Whether a node is one of our facts."""
        return node.value.startswith(FACT) and _FACT in self.dataset.classes(node)

    def is_line(self, node: Node) -> bool:
        """Whether a node is one of our lines."""
        return _LINE in self.dataset.classes(node)

    def fact(self, node: Node) -> Line:
        """The fact of a node.

        Raises:
            BadInput: it is incomplete, or a field is wrong.
        """
        said = self._values(node)
        record: dict[str, Any] = {"type": "fact", "id": decoded(node.value, FACT), **self._fields(node, "fact")}
        subject, predicate, target = self._statement(said)
        record["subject"], record["predicate"] = self.naming.id_of(subject), self.naming.predicate_of(predicate)
        if isinstance(target, NamedNode):
            record["object"] = self.naming.id_of(target.value)
        elif isinstance(target, Literal):
            value = _whole(value_of(target), said)
            record |= {"value": value.text, "datatype": value.datatype, "lang": value.lang}
        record["valid"] = self._fields(node, "valid")
        for one in said.get(_GENERATED, ()):
            if isinstance(one, NamedNode):
                record["method"] = decoded(one.value, METHOD) or one.value
        return read_record(record)

    def lines_about(self, node: Node) -> list[tuple[Node, Numbered]]:
        """The nodes of the lines that describe an id, in the order of the lines.

        Raises:
            BadInput: one of them is wrong.
        """
        found = [(one, self._line(one)) for one in self.dataset.naming(_DESCRIBES, node) if self.is_line(one)]
        return sorted(found, key=_order)

    def told_with(self, node: Node) -> list[tuple[Node, Numbered]]:
        """All lines about the id that a line describes, or all judgements on its pair, in their order.

        Raises:
            BadInput: one of them is wrong.
        """
        for target in self._values(node).get(_DESCRIBES, ()):
            if isinstance(target, NamedNode):
                return self.lines_about(target)
        return self._pair(node)

    def _pair(self, node: Node) -> list[tuple[Node, Numbered]]:
        said, both = self._values(node), self._line(node).record
        ends = [end for side in _SIDES for end in said.get(side, ()) if isinstance(end, NamedNode)]
        nodes = {one for side in _SIDES for end in ends for one in self.dataset.naming(side, end) if self.is_line(one)}
        found = [(one, self._line(one)) for one in nodes]
        pair = {both.get("left"), both.get("right")}
        return sorted((one for one in found if {one[1].record.get("left"), one[1].record.get("right")} == pair),
                      key=_order)

    def type_of(self, node: Node) -> str:
        """What a line describes: source, entity or judgement; empty where it does not say."""
        return next((one.value for one in self._values(node).get(_TYPE, ()) if isinstance(one, Literal)), "")

    def implied(self, lines: Iterable[Numbered]) -> set[tuple[str, Object]]:
        """The plain triples about an id that follow from its lines, as predicate and object."""
        made = {"entity": lambda one: entity_triples(one, self.naming),
                "source": lambda one: source_triples(one.record, self.naming)}
        return {(predicate.value, target) for one in lines if one.record["type"] in made
                for _, predicate, target in made[one.record["type"]](one)}

    def _line(self, node: Node) -> Numbered:
        said = self._values(node)
        kind = self.type_of(node)
        record: dict[str, Any] = {"type": kind, **self._fields(node, kind)}
        for one in said.get(_DESCRIBES, ()):
            if isinstance(one, NamedNode):
                record["id"] = self.naming.id_of(one.value)
        names = [self._name(one) for one in said.get(_NAME, ()) if isinstance(one, NamedNode)]
        if names:
            record["names"] = names
        orders = [one.value for one in said.get(_ORDER, ()) if isinstance(one, Literal) and one.value.isdecimal()]
        return Numbered(record, int(orders[0]) if orders else 0)

    def _name(self, node: Node) -> dict[str, Any]:
        said = self._values(node)
        form = next((one for one in said.get(_FORM, ()) if isinstance(one, Literal)), None)
        if form is None:
            raise BadInput.at(node.value, "is a name without skosxl:literalForm")
        value = _whole(value_of(form), said)
        return {"name": value.text, **({"lang": value.lang} if value.lang else {}), **self._fields(node, "name")}

    def _statement(self, said: Mapping[str, list[Object]]) -> tuple[str, str, Object]:
        for triple in said.get(_REIFIES, ()):
            if isinstance(triple, Triple) and isinstance(triple.subject, NamedNode):
                return triple.subject.value, triple.predicate.value, triple.object  # type: ignore[return-value] # no blanks
        found = [said.get(part, []) for part in (_SUBJECT, _PREDICATE, _OBJECT)]
        if not all(len(one) == 1 for one in found):
            raise BadInput.at("fact", "needs one rdf:reifies, or one each of rdf:subject, rdf:predicate and rdf:object")
        (subject,), (predicate,), (target,) = found
        if not isinstance(subject, NamedNode) or not isinstance(predicate, NamedNode):
            raise BadInput.at("fact", "has a literal as subject or predicate")
        return subject.value, predicate.value, target

    def _fields(self, node: Node, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for predicate, value, _ in self.dataset.about(node):
            key, form = _BY_IRI.get(predicate, ("", ""))
            if key not in _OF.get(kind, ()):
                continue
            read = self._read(form, value, key)
            if form == "ids":
                found.setdefault(key, []).append(read)
            elif key in found and found[key] != read:
                raise BadInput.at(key, f"is said twice of {node.value}")
            else:
                found[key] = read
        return found

    def _read(self, form: str, value: Object, key: str) -> Any:
        if isinstance(value, Triple):
            raise BadInput.at(key, "is a triple term")
        if isinstance(value, NamedNode):
            return self.naming.id_of(value.value) if form in ("id", "ids") else value.value
        if form in ("number", "whole"):
            try:
                return float(value.value) if form == "number" else int(value.value)
            except ValueError as error:
                raise BadInput.at(key, f"{value.value[:40]!r} is not a number") from error
        if form == "truth":
            return {"true": True, "1": True, "false": False, "0": False}.get(value.value, value.value)
        return value.value

    def _values(self, node: Node) -> dict[str, list[Object]]:
        found: dict[str, list[Object]] = {}
        for predicate, value, _ in self.dataset.about(node):
            if value not in found.setdefault(predicate, []):
                found[predicate].append(value)
        return found


def _order(one: tuple[Node, Numbered]) -> tuple[str, int, str]:
    return one[1].record["type"], one[1].order, one[0].value


def _whole(value: Value, said: Mapping[str, list[Object]]) -> Value:
    """The value with the type and language that its literal could not say."""
    kind = next((one.value for one in said.get(_DATATYPE, ()) if isinstance(one, Literal)), None)
    if kind is None:
        return value
    lang = next((one.value for one in said.get(_LANG, ()) if isinstance(one, Literal)), "")
    return Value(value.text, kind, lang)
