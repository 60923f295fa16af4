"""What the nodes of a data set become: lines of our own vocabulary as they were, anything else by a mapping."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from worldctx.exchange.facts import Line, read_record
from worldctx.exchange.rdf.annotation import (
    NOTHING,
    REIFYING,
    Annotation,
    annotation,
    first_literal,
    first_reached,
    reifiers,
)
from worldctx.exchange.rdf.containment import Containment
from worldctx.exchange.rdf.dataset import Beside, Dataset, Node, Object, Said
from worldctx.exchange.rdf.decode import Decoder
from worldctx.exchange.rdf.encode import Numbered
from worldctx.exchange.rdf.literals import edtf_of, value_of
from worldctx.exchange.rdf.mapping import RdfMapping, Relation
from worldctx.exchange.rdf.portrait import Portrait, Portrayer
from worldctx.exchange.rdf.sources import Origin, Sources
from worldctx.exchange.rdf.terms import BLANK, LOCAL, OURS, local_name, term
from worldctx.model.entity import Kind
from worldctx.model.errors import BadInput
from worldctx.model.ids import is_id

_TYPE, _FIRST, _REST, _NIL = (term(f"rdf:{name}").value for name in ("type", "first", "rest", "nil"))
_REIFIES, _DESCRIBES, _LINE_TYPE = term("rdf:reifies").value, term("wctx:describes").value, term("wctx:type").value
#: Members of one list that are taken.
_LIST = 100_000
#: Why a node is no record of its own.
PART = "part of another record"
SOURCE = "says something of a source"


@dataclass(slots=True)
class Found:
    """What a node became.

    Attributes:
        lines: what it makes.
        wrong: statements that cannot be taken, each of which is lost alone.
        skipped: why it makes nothing.
        left_out: what was left out of it, by reason.
    """

    lines: list[Line] = field(default_factory=list)
    wrong: list[BadInput] = field(default_factory=list)
    skipped: str = ""
    left_out: Counter[str] = field(default_factory=Counter)


class Reader:
    """Reads a data set node by node."""

    def __init__(self, dataset: Dataset, mapping: RdfMapping, origin: Origin) -> None:
        self._dataset, self._mapping, self._origin = dataset, mapping, origin
        self._decoder = Decoder(dataset, mapping.naming)
        self._portrayer = self._portraying(dataset)
        self._sources = Sources(dataset, mapping, origin, self._id)
        # Nodes without a class to which only such predicates lead are there for the sake of others.
        self._inner = frozenset(iri for table in (mapping.entity, mapping.event, mapping.statement, mapping.value)
                                for paths in table.values() for path in paths for step in path.steps[:-1]
                                for iri in step.iris if not step.inverse)

    def sources(self) -> Iterator[Found]:
        """The named graphs as sources, and the sources of our own vocabulary."""
        for node, _, _ in self._dataset.triples(None, NamedNode(_LINE_TYPE), Literal("source")):
            yield self._our_line(node)
        for graph in self._dataset.graphs():
            if not self._dataset.naming(_DESCRIBES, graph):
                yield self._attempt(Found(), self._graph, graph)

    def _graph(self, found: Found, graph: Node) -> None:
        self._sources.of(found.lines, graph)
        found.wrong += self._sources.wrong
        self._sources.wrong.clear()

    def read(self, node: Node) -> Found:
        """What a node becomes. It depends on the data set alone, but for sources, which are told before their use."""
        found = self._read(node)
        found.wrong += self._sources.wrong
        self._sources.wrong.clear()
        return found

    def _read(self, node: Node) -> Found:
        if node.value.startswith(OURS) and not node.value.startswith(BLANK):
            if self._decoder.is_fact(node):
                return self._our_fact(node)
            if self._decoder.is_line(node):
                return Found(skipped=PART) if self._decoder.type_of(node) == "source" else self._our_line(node)
        relation = self._relation(node)
        if relation is not None:
            return Found(skipped=PART) if relation.repeated else self._related(node, relation)
        if self._is_part(node):
            return Found(skipped=PART)
        if self._portrayer.kind_by_class(node) is None and self._dataset.is_graph(node):
            return Found(skipped=SOURCE)
        try:
            return self._described(node)
        except BadInput as error:
            return Found(wrong=[_at(node, error)])

    # Our own vocabulary

    def _our_fact(self, node: Node) -> Found:
        found = Found()
        try:
            found.lines.append(self._decoder.fact(node))
        except BadInput as error:
            found.wrong.append(_at(node, error))
        return found

    def _our_line(self, node: Node) -> Found:
        """All lines about the same, at the first of them, for their order counts."""
        found = Found()
        try:
            kind = self._decoder.type_of(node)
            group = [one for one in self._decoder.told_with(node) if one[1].record["type"] == kind]
            if not group or group[0][0] != node:
                return Found(skipped=PART)
            found.lines = [read_record(one.record) for _, one in group]
        except BadInput as error:
            found.wrong.append(_at(node, error))
        return found

    # By the mapping

    def _described(self, node: Node) -> Found:
        found = Found()
        ours = self._our_lines(node)
        # What our lines imply says nothing new; of what stands beside it, an edit, the mapping makes more.
        implied = self._decoder.implied(ours) | self._stated(node)
        portrayer = self._portrayer if not implied else self._portraying(Beside(self._dataset, node, implied))
        portrait = portrayer.portrait(node)
        if ours and portrait.lines:
            portrait.kind = next((Kind(one.record["kind"]) for one in reversed(ours) if "kind" in one.record),
                                 portrait.kind)
        found.wrong += [_at(node, error) for error in portrait.wrong]
        found.left_out.update(portrait.left_out)
        if portrait.kind is not None and (portrait.lines or not ours):
            self._entity(node, portrait, found)
        if portrait.kind is Kind.EVENT:
            self._attempt(found, self._happened, node, portrait)
        for said in self._dataset.about(node):
            if (said[0], said[1]) not in portrait.used and (said[0], said[1]) not in implied:
                self._statement(node, said, found)
        if not (found.lines or found.wrong or found.left_out):
            found.skipped = "nothing beside what our own lines say" if implied else "nothing that the mapping reads"
        return found

    def _portraying(self, dataset: Dataset) -> Portrayer:
        return Portrayer(dataset, self._mapping, Containment(dataset, self._mapping.entity["within"]), self._id)

    def _stated(self, node: Node) -> set[tuple[str, Object]]:
        """Triples that are told as facts of ours, and that nobody else says anything of."""
        if not REIFYING & self._dataset.watched:
            return set()
        found = set()
        for predicate, target, _ in self._dataset.about(node):
            nodes = reifiers(self._dataset, node, predicate, target)
            if nodes and all(self._decoder.is_fact(one) for one in nodes):
                found.add((predicate, target))
        return found

    def _our_lines(self, node: Node) -> list[Numbered]:
        if _DESCRIBES not in self._dataset.watched:
            return []
        try:
            return [one for _, one in self._decoder.lines_about(node)]
        except BadInput:
            return []  # told where that line stands

    def _entity(self, node: Node, portrait: Portrait, found: Found) -> None:
        for graph, fields in sorted(portrait.lines.items()):
            self._attempt(found, self._entity_line, node, portrait.kind, graph, fields)

    def _entity_line(self, found: Found, node: Node, kind: Kind, graph: str, fields: Mapping[str, Any]) -> None:
        source = self._sources.of_graph(found.lines, graph)
        found.lines.append(read_record({"type": "entity", "id": self._id(node), "kind": kind.value, **fields,
                                        "source": source}))

    def _happened(self, found: Found, node: Node, portrait: Portrait) -> None:
        """The time of an event as a fact, `has_time`, valid then."""
        reached = {key: one for key, paths in self._mapping.event.items()
                   if (one := first_literal(self._dataset, paths, node)) is not None}
        if not reached:
            return
        dates = {key: edtf_of(literal, f"event.{key}") for key, (literal, _) in reached.items()}
        portrait.used |= {one.first for _, one in reached.values() if one.first is not None}
        text = dates.get("at") or "/".join((dates.get("from", ".."), dates.get("to", "..")))
        start, _, end = text.partition("/")
        graph = next(one.graph for _, one in reached.values())
        self._add(found, {"subject": self._id(node), "predicate": "has_time", "value": text, "datatype": "edtf",
                          "valid": {"from": start, "to": end or start}}, graph, NOTHING)

    def _statement(self, node: Node, said: Said, found: Found) -> None:
        predicate, target, _ = said
        if predicate in self._mapping.ignored or (
            predicate == _TYPE and isinstance(target, NamedNode) and target.value in
            self._mapping.ignored | self._mapping.folded
        ):
            return
        by: list[Node | None] = [one for one in reifiers(self._dataset, node, predicate, target)
                                 if not self._decoder.is_fact(one)]
        for reifier in by or [None]:
            self._attempt(found, self._facts, node, said, reifier, predicate)

    def _facts(self, found: Found, node: Node, said: Said, reifier: Node | None, predicate: str) -> None:
        told = NOTHING if reifier is None else annotation(self._dataset, self._mapping, reifier)
        for target, by in self._targets(found, predicate, said[1]):
            more = told if by is None else annotation(self._dataset, self._mapping, by)
            record = {"subject": self._id(node), "predicate": self._mapping.naming.predicate_of(predicate), **target}
            self._add(found, self._dated(record, found), said[2], more)

    def _targets(self, found: Found, predicate: str, target: Object) -> Iterator[tuple[dict[str, Any], Node | None]]:
        """What a triple leads to, as fields of facts, and the node that says more of each, where there is one."""
        if isinstance(target, Triple):
            found.left_out["a triple term as a value"] += 1
        elif isinstance(target, Literal):
            yield _literal(target), None
        elif self._is_list(target):
            for item in self._items(target, found):
                yield from self._targets(found, predicate, item)
        else:
            relation = self._relation(target)
            if relation is not None:
                yield from self._through(found, predicate, target, relation)
            elif predicate in self._mapping.urls and not target.value.startswith(LOCAL):
                yield {"value": target.value, "datatype": "anyURI"}, None
            elif self._is_folded(target):
                yield from self._measured(found, target)
            else:
                yield {"object": self._id(target)}, None

    def _through(self, found: Found, predicate: str, node: Node, relation: Relation
                 ) -> Iterator[tuple[dict[str, Any], Node | None]]:
        if not relation.repeated:
            return  # it is told where the node itself stands
        ends = [value for key, value, _ in self._dataset.about(node) if key == predicate]
        if not ends:
            found.left_out["a role that leads to nothing"] += 1
        for end in ends:
            if isinstance(end, NamedNode) and self._relation(end) is None:
                yield {"object": self._id(end)}, node
            elif isinstance(end, Literal):
                yield _literal(end), node

    def _measured(self, found: Found, node: Node) -> Iterator[tuple[dict[str, Any], Node | None]]:
        """The value of a node that is a number with a unit."""
        value = first_literal(self._dataset, self._mapping.value["value"], node)
        if value is None:
            found.left_out["a node of values that the mapping does not read"] += 1
            return
        unit = next(first_reached(self._dataset, self._mapping.value["unit"], node), None)
        text = "" if unit is None or isinstance(unit.value, Triple) else unit.value.value
        named = unit is not None and isinstance(unit.value, NamedNode)
        yield {**_literal(value[0]), "unit": local_name(text) if named else text}, None

    def _is_list(self, node: Object) -> bool:
        return isinstance(node, NamedNode) and (
            node.value == _NIL or any(key == _FIRST for key, _, _ in self._dataset.about(node)))

    def _items(self, head: Node, found: Found) -> Iterator[Object]:
        """The members of a list and of the lists in it; one that bites its tail ends there."""
        waiting, seen = [head], {_NIL}
        while waiting:
            node = waiting.pop()
            if node.value in seen:
                continue
            seen.add(node.value)
            if len(seen) > _LIST:
                found.left_out[f"members of a list behind the first {_LIST:,}"] += 1
                return
            said = self._dataset.about(node)
            waiting += [value for key, value, _ in said if key == _REST and isinstance(value, NamedNode)]
            members = [value for key, value, _ in said if key == _FIRST]
            waiting += [value for value in members if isinstance(value, NamedNode) and self._is_list(value)]
            yield from (value for value in members if not self._is_list(value))

    def _related(self, node: Node, relation: Relation) -> Found:
        """The facts that a node of an n-ary relation stands for."""
        found = Found()
        self._attempt(found, self._relation_facts, node, relation)
        if not (found.lines or found.wrong):
            found.left_out["a relation that lacks its subject or its object"] += 1
        return found

    def _relation_facts(self, found: Found, node: Node, relation: Relation) -> None:
        told = annotation(self._dataset, self._mapping, node)
        named = next(first_reached(self._dataset, relation.predicate_from, node), None)
        predicate = self._predicate(named.value) if named is not None else relation.predicate
        graph = next((graph for _, _, graph in self._dataset.about(node)), "")
        for subject in first_reached(self._dataset, relation.subject, node):
            for target in first_reached(self._dataset, relation.object, node):
                if isinstance(subject.value, NamedNode) and not isinstance(target.value, Triple):
                    end = target.value
                    value = {"object": self._id(end)} if isinstance(end, NamedNode) else _literal(end)
                    self._add(found, {"subject": self._id(subject.value), "predicate": predicate or "related", **value},
                              graph, told)

    def _predicate(self, value: Object) -> str:
        """The predicate that a role names: `https://a.example/roles/TeamCaptain` is `team_captain`."""
        text = value.value if not isinstance(value, Triple) else ""
        known = self._mapping.naming.predicate_of(text)
        bare = known if known != text else local_name(text) if isinstance(value, NamedNode) else text
        return re.sub(r"[^\w]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare)).strip("_").lower()

    def _dated(self, record: dict[str, Any], found: Found) -> dict[str, Any]:
        """A date that begins something, as EDTF and with the validity that it gives."""
        if record["predicate"] not in self._mapping.dated or "value" not in record:
            return record
        try:
            text = edtf_of(Literal(record["value"], datatype=NamedNode(term("xsd:" + record["datatype"]).value))
                           if record["datatype"] in ("date", "gYear", "gYearMonth") else Literal(record["value"]))
        except BadInput:
            found.left_out["a date that cannot be read, kept as text"] += 1
            return record
        return {**record, "value": text, "datatype": "edtf", "lang": "", "valid": {"from": text.partition("/")[0]}}

    def _add(self, found: Found, record: dict[str, Any], graph: str, told: Annotation) -> None:
        by = told.source
        source = self._sources.of_graph(found.lines, graph) if by is None else self._sources.of(found.lines, by)
        full = {"type": "fact", "method": self._origin.method, **record, **told.fields, "source": source}
        found.lines.append(read_record({key: value for key, value in full.items() if value != ""}
                                       | ({"value": record["value"]} if "value" in record else {})))

    # What a node is

    def _relation(self, node: Node) -> Relation | None:
        return next((self._mapping.relation_of[one] for one in self._dataset.classes(node)
                     if one in self._mapping.relation_of), None)

    def _is_part(self, node: Node) -> bool:
        """Whether others take their values from it, so that it is nothing of its own."""
        said = self._dataset.about(node)
        if any(key in (_REIFIES, _FIRST) for key, _, _ in said):
            return True
        if self._is_folded(node):
            return True
        if not node.value.startswith(LOCAL) or any(key == _TYPE for key, _, _ in said):
            return False
        leading = [key for _, key in self._dataset.naming_any(node)]
        return bool(leading) and all(key in self._inner for key in leading)

    def _is_folded(self, node: Node) -> bool:
        classes = self._dataset.classes(node)
        return any(one in self._mapping.folded for one in classes) and not any(
            one in self._mapping.kinds for one in classes)

    def _id(self, node: Node) -> str:
        """The id of a node; a blank one has the digest of its file in it."""
        if node.value.startswith(LOCAL):
            return f"{BLANK}{self._origin.digest}:{node.value[len(LOCAL) :]}"
        found = self._mapping.naming.id_of(node.value)
        if not is_id(found):
            raise BadInput.at("IRI", f"{found[:60]}… has {len(found)} characters, an id 1 to 512 and no blanks")
        return found

    def _attempt(self, found: Found, make: Any, *given: Any) -> Found:
        """Make something; what cannot be made is one thing wrong, and the rest of the node goes on."""
        try:
            make(found, *given)
        except BadInput as error:
            node = given[0] if given and isinstance(given[0], NamedNode) else None
            place = f"{given[3]}: " if len(given) > 3 and isinstance(given[3], str) and make == self._facts else ""
            found.wrong.append(_at(node, BadInput(place + error.message, violations=error.violations)))
        return found


def _literal(one: Literal) -> dict[str, Any]:
    value = value_of(one)
    return {"value": value.text, "datatype": value.datatype, "lang": value.lang}


def _at(node: Node | None, error: BadInput) -> BadInput:
    """The error with the node that it is about in front."""
    where = "" if node is None else f"<{node.value[:200]}>: "
    return BadInput(where + error.message, violations=error.violations)
