"""Our knowledge as RDF: each line as a node that says all of it, and beside it plain triples in the usual vocabularies.

A line of the facts format becomes a node: `wctx:Line` for a source, an entity or a judgement, `wctx:Fact` for a fact,
which is also an `rdf:Statement` or the reifier of a triple term. What a graph database or SPARQL wants to see,
`<wd:Q42> a schema:Person ; skos:prefLabel "…"`, stands beside it; `decode` reads the nodes, and takes for granted the
triples that follow from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from worldctx.exchange.facts import Line, line_of
from worldctx.exchange.rdf.literals import Value, date_literal, literal_of, value_of
from worldctx.exchange.rdf.naming import Naming, encoded
from worldctx.exchange.rdf.terms import AGENT, FACT, METHOD, NAMESPACES, NODE, term
from worldctx.model.fact import Fact
from worldctx.model.ids import digest

Object = NamedNode | Literal | Triple
#: A triple as it is made, before it has a graph.
Said = tuple[NamedNode, NamedNode, Object]

#: Classes of the direct triples; `wctx:kind` on the line says it exactly.
CLASSES = {
    "person": "schema:Person", "organisation": "schema:Organization", "place": "schema:Place",
    "work": "schema:CreativeWork", "product": "schema:Product", "concept": "skos:Concept", "event": "sem:Event",
}
#: Fields of lines and facts, the properties they are written as, and what their values are.
FIELDS: Mapping[str, tuple[str, str]] = {
    "title": ("dcterms:title", "text"), "url": ("schema:url", "text"), "publisher": ("prov:wasAttributedTo", "id"),
    "published_at": ("dcterms:issued", "date"), "host": ("wctx:host", "text"), "country": ("wctx:country", "text"),
    "sector": ("wctx:sector", "text"), "reliability": ("wctx:reliability", "text"),
    "kind": ("wctx:kind", "text"), "lat": ("wctx:lat", "number"), "lon": ("wctx:lon", "number"),
    "within": ("wctx:within", "id"), "description": ("dcterms:description", "text"),
    "weight": ("wctx:weight", "number"), "same_as": ("wctx:sameAs", "ids"), "source": ("prov:hadPrimarySource", "id"),
    "left": ("wctx:left", "id"), "right": ("wctx:right", "id"), "same": ("wctx:same", "truth"),
    "by": ("wctx:by", "text"), "at": ("wctx:at", "date"),
    "from": ("schema:startDate", "date"), "to": ("schema:endDate", "date"), "preferred": ("wctx:preferred", "truth"),
    "known_since": ("wctx:knownSince", "date"), "end_known_since": ("wctx:endKnownSince", "date"),
    "quote": ("oa:exact", "text"), "document": ("prov:wasQuotedFrom", "id"), "start": ("oa:start", "whole"),
    "end": ("oa:end", "whole"), "record": ("wctx:record", "text"), "confidence": ("wctx:confidence", "number"),
    "unit": ("wctx:unit", "text"),
}
#: What these are is said otherwise.
_APART = frozenset({"type", "id", "names", "valid", "subject", "predicate", "object", "value", "datatype", "lang",
                    "method", "name"})
#: Methods whose activity was written already; when there are more, some are written again, which says nothing new.
_METHODS = 10_000


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line and its place among the lines about the same id, or among all judgements: later ones count more."""

    record: Mapping[str, Any]
    order: int = 0


class Encoder:
    """Makes the quads of lines, one after another as `GraphStore.knowledge` gives them.

    Args:
        naming: ids and predicates as IRIs.
        reifiers: facts as RDF 1.2 reifiers of triple terms instead of `rdf:Statement`.
        graphs: what a source said stands in a named graph with its id.
    """

    def __init__(self, naming: Naming, *, reifiers: bool = False, graphs: bool = True) -> None:
        self._naming, self._reifiers, self._graphs = naming, reifiers, graphs
        self._place: tuple[str, int] = ("", 0)
        self._judged = -1
        self._methods: set[str] = set()

    def quads(self, line: Line) -> Iterator[Quad]:
        """All that is written for a line."""
        record: dict[str, Any] = orjson.loads(line_of(line))
        kind = record["type"]
        graph = self._graph(record)
        if isinstance(line, Fact):
            record["id"] = line.id
            yield from _in(graph, self._fact(record))
            yield from _in(DefaultGraph(), self._activity(record))
            return
        numbered = Numbered(record, self._order(kind, record))
        yield from _in(graph, line_triples(numbered, self._naming))
        if kind == "entity":
            yield from _in(graph, entity_triples(numbered, self._naming))
        elif kind == "source":
            yield from _in(graph, source_triples(record, self._naming))

    def _graph(self, record: Mapping[str, Any]) -> NamedNode | DefaultGraph:
        source = record.get("source") if self._graphs else None
        return self._naming.node_of(source) if source else DefaultGraph()

    def _order(self, kind: str, record: Mapping[str, Any]) -> int:
        if kind == "judgement":
            self._judged += 1
            return self._judged
        # Lines about one id follow one another.
        key = f"{kind} {record['id']}"
        self._place = (key, self._place[1] + 1 if self._place[0] == key else 0)
        return self._place[1]

    def _fact(self, record: Mapping[str, Any]) -> Iterator[Said]:
        subject, predicate, target = direct(record, self._naming)
        yield subject, predicate, target
        node = NamedNode(FACT + encoded(record["id"]))
        yield node, term("rdf:type"), term("wctx:Fact")
        if self._reifiers:
            yield node, term("rdf:reifies"), Triple(subject, predicate, target)
        else:
            yield node, term("rdf:type"), term("rdf:Statement")
            yield node, term("rdf:subject"), subject
            yield node, term("rdf:predicate"), predicate
            yield node, term("rdf:object"), target
        if "value" in record:
            yield from _value_kept(node, record["value"], record.get("datatype", ""), record.get("lang", ""), target)
        yield from _fields(node, record, self._naming)
        yield from _fields(node, record.get("valid", {}), self._naming)
        if "method" in record:
            yield node, term("prov:wasGeneratedBy"), NamedNode(METHOD + encoded(record["method"]))

    def _activity(self, record: Mapping[str, Any]) -> Iterator[Said]:
        """The method as an activity, and the software that it is associated with: `wikidata@1` is of `wikidata`."""
        method = record.get("method")
        if method is None or method in self._methods:
            return
        if len(self._methods) >= _METHODS:
            self._methods.clear()
        self._methods.add(method)
        activity, agent = NamedNode(METHOD + encoded(method)), method.partition("@")[0] or method
        software = NamedNode(AGENT + encoded(agent))
        yield activity, term("rdf:type"), term("prov:Activity")
        yield activity, term("prov:wasAssociatedWith"), software
        yield software, term("rdf:type"), term("prov:SoftwareAgent")
        yield software, term("rdfs:label"), Literal(agent)


def encode(lines: Iterable[Line], naming: Naming, *, reifiers: bool = False, graphs: bool = True) -> Iterator[Quad]:
    """The quads of lines in the order of `GraphStore.knowledge`; see Encoder."""
    encoder = Encoder(naming, reifiers=reifiers, graphs=graphs)
    for line in lines:
        yield from encoder.quads(line)


def direct(record: Mapping[str, Any], naming: Naming) -> tuple[NamedNode, NamedNode, NamedNode | Literal]:
    """The triple of a fact: what plain SPARQL sees."""
    target = naming.node_of(record["object"]) if record.get("object") else literal_of(
        Value(record["value"], record.get("datatype", "string"), record.get("lang", "")))
    return naming.node_of(record["subject"]), naming.predicate_node(record["predicate"]), target


def line_triples(one: Numbered, naming: Naming) -> Iterator[Said]:
    """The node of a source, an entity or a judgement, with all that its line says."""
    record = one.record
    node = node_of(one)
    yield node, term("rdf:type"), term("wctx:Line")
    yield node, term("wctx:type"), Literal(record["type"])
    if one.order:
        yield node, term("wctx:order"), literal_of(Value(str(one.order), "integer"))
    if "id" in record:
        yield node, term("wctx:describes"), naming.node_of(record["id"])
    yield from _fields(node, record, naming)
    names = {name_node(record["id"], name): name for name in record.get("names", ())}
    for called in names:
        yield node, term("wctx:name"), called
    for called, name in names.items():
        yield called, term("rdf:type"), term("skosxl:Label")
        literal = name_literal(name)
        yield called, term("skosxl:literalForm"), literal
        yield from _value_kept(called, name["name"], "langString" if name.get("lang") else "string",
                               name.get("lang", ""), literal)
        yield from _fields(called, name, naming)


def entity_triples(one: Numbered, naming: Naming) -> Iterator[Said]:
    """What the line of an entity says in the usual vocabularies: class, labels, sameAs, WKT, sfWithin, description."""
    record = one.record
    node = naming.node_of(record["id"])
    yield node, term("rdf:type"), term(CLASSES[record["kind"]])
    for name in record.get("names", ()):
        role = "prefLabel" if name.get("preferred") else "altLabel"
        yield node, term(f"skos:{role}"), name_literal(name)
        yield node, term(f"skosxl:{role}"), name_node(record["id"], name)
    for other in record.get("same_as", ()):
        yield node, term("owl:sameAs"), naming.node_of(other)
    if "within" in record:
        yield node, term("geo:sfWithin"), naming.node_of(record["within"])
    if "description" in record:
        yield node, term("schema:description"), Literal(record["description"])
    if "lat" in record and "lon" in record:
        point = NamedNode(NODE + digest("point", record["id"], repr(record["lat"]), repr(record["lon"])))
        yield node, term("geo:hasGeometry"), point
        yield point, term("rdf:type"), term("sf:Point")
        # GeoSPARQL: without another reference system it is CRS84, longitude first.
        yield point, term("geo:asWKT"), literal_of(Value(f"POINT({record['lon']} {record['lat']})", "wkt"))


def source_triples(record: Mapping[str, Any], naming: Naming) -> Iterator[Said]:
    """What the line of a source says in PROV-O and DCTERMS; its id is the name of the graph of what it said."""
    node = naming.node_of(record["id"])
    yield node, term("rdf:type"), term("prov:Entity")
    yield node, term("rdf:type"), term("prov:Bundle")
    if "title" in record:
        yield node, term("dcterms:title"), Literal(record["title"])
    if "publisher" in record:
        publisher = naming.node_of(record["publisher"])
        yield node, term("prov:wasAttributedTo"), publisher
        yield node, term("dcterms:publisher"), publisher
    if "published_at" in record:
        issued = date_literal(record["published_at"])
        yield node, term("dcterms:issued"), issued
        if issued.datatype.value.endswith("#dateTime"):  # the range of prov:generatedAtTime
            yield node, term("prov:generatedAtTime"), issued
    if "url" in record:
        yield node, term("prov:wasDerivedFrom"), _address(record["url"])


def node_of(one: Numbered) -> NamedNode:
    """The node of a line, named by what it says and its place."""
    text = orjson.dumps(one.record, option=orjson.OPT_SORT_KEYS).decode()
    return NamedNode(NODE + digest("line", text, str(one.order)))


def name_node(entity: str, name: Mapping[str, Any]) -> NamedNode:
    """The node of a name."""
    return NamedNode(NODE + digest("name", entity, orjson.dumps(name, option=orjson.OPT_SORT_KEYS).decode()))


def name_literal(name: Mapping[str, Any]) -> Literal:
    """A name with its language."""
    return literal_of(Value(name["name"], "langString" if name.get("lang") else "string", name.get("lang", "")))


def _address(url: str) -> NamedNode | Literal:
    try:
        return NamedNode(url)
    except ValueError:
        return Literal(url)


def _fields(node: NamedNode, record: Mapping[str, Any], naming: Naming) -> Iterator[Said]:
    for key, value in record.items():
        if key in _APART:
            continue
        iri, kind = FIELDS[key]
        for one in value if kind == "ids" else (value,):
            yield node, term(iri), _object(kind, one, naming)


def _object(kind: str, value: Any, naming: Naming) -> NamedNode | Literal:
    if kind in ("id", "ids"):
        return naming.node_of(value)
    if kind == "date":
        return date_literal(value)
    if kind == "truth":
        return literal_of(Value("true" if value else "false", "boolean"))
    if kind == "number":
        return literal_of(Value(repr(float(value)), "double"))
    return literal_of(Value(str(value), "integer" if kind == "whole" else "string"))


def _value_kept(node: NamedNode, text: str, datatype: str, lang: str, literal: Object) -> Iterator[Said]:
    """Type and language of a value where its literal cannot say them: an integer in English, `en_US`, `pt-BR`."""
    if not isinstance(literal, Literal) or value_of(literal) != Value(text, datatype, lang):
        yield node, term("wctx:datatype"), Literal(datatype)
        if lang:
            yield node, term("wctx:lang"), Literal(lang)


def _in(graph: NamedNode | DefaultGraph, triples: Iterable[Said]) -> Iterator[Quad]:
    for subject, predicate, target in triples:
        yield Quad(subject, predicate, target, graph)


#: Prefixes that an export declares.
PREFIXES = {**NAMESPACES, "fact": FACT, "node": NODE, "method": METHOD}
