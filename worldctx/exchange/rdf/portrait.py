"""What a node of foreign RDF is: its kind, names, place and external ids, by the paths of a mapping, for each graph."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode

from worldctx.exchange.rdf.annotation import first_reached, number, validity
from worldctx.exchange.rdf.containment import Containment
from worldctx.exchange.rdf.dataset import Dataset, Node, Object
from worldctx.exchange.rdf.mapping import RdfMapping
from worldctx.exchange.rdf.paths import Reached
from worldctx.exchange.rdf.terms import LOCAL, term
from worldctx.model.entity import Kind
from worldctx.model.errors import BadInput

_SUBCLASS = term("rdfs:subClassOf").value
_TYPE = term("rdf:type").value
_POINT = re.compile(r"\s*(?:<([^<>]*)>)?\s*POINT\s*Z?M?\s*\(\s*(\S+)\s+(\S+)[^()]*\)\s*", re.IGNORECASE)
#: Reference systems of WKT that are WGS 84: with longitude first (the default of GeoSPARQL), and with latitude first.
_LONGITUDE_FIRST = frozenset({"", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"})
_LATITUDE_FIRST = frozenset({"http://www.opengis.net/def/crs/EPSG/0/4326"})
#: Superclasses that are followed, so that a hierarchy in a circle ends.
_CLASSES = 1000


@dataclass(slots=True)
class Portrait:
    """The lines of an entity, by graph, and the triples that they were made of.

    Attributes:
        kind: None where the node is no entity of its own.
        lines: fields of the facts format for each graph; no id, kind and source.
        used: predicate and object of the node's triples that say no more than the lines.
        wrong: what could not be taken.
        left_out: what was left out, by reason.
    """

    kind: Kind | None = None
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    used: set[tuple[str, Object]] = field(default_factory=set)
    wrong: list[BadInput] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Portrayer:
    """Reads what the nodes of a data set are."""

    dataset: Dataset
    mapping: RdfMapping
    containment: Containment
    id_of: Callable[[Node], str]

    def portrait(self, node: Node) -> Portrait:
        """What a node is; nothing of it where nothing tells."""
        made = Portrait()
        self._names(node, made)
        self._others(node, made)
        self._place(node, made)
        self._within(node, made)
        self._kind(node, made)
        return made

    def classes(self, node: Node) -> list[str]:
        """Its classes, and the classes that these are part of by what the file says."""
        found = list(self.dataset.classes(node))
        if _SUBCLASS in self.dataset.watched:
            for one in found:
                more = [value.value for key, value, _ in self.dataset.about(NamedNode(one))
                        if key == _SUBCLASS and isinstance(value, NamedNode) and value.value not in found]
                found += more
                if len(found) > _CLASSES:
                    break
        return found

    def kind_by_class(self, node: Node) -> Kind | None:
        """Its kind, as far as its classes tell; of several the first one of the mapping."""
        known = [one for one in self.classes(node) if one in self.mapping.kinds]
        return self.mapping.kinds[min(known, key=self.mapping.ranks.__getitem__)] if known else None

    def _kind(self, node: Node, made: Portrait) -> None:
        kind = self.kind_by_class(node)
        placed = any("lat" in line for line in made.lines.values())
        named = any("names" in line for line in made.lines.values())
        classes = self.dataset.classes(node)
        made.kind = kind or (Kind.PLACE if placed else self.mapping.otherwise if named or classes else None)
        made.used |= {(_TYPE, NamedNode(one)) for one in classes if one in self.mapping.kinds}
        if made.kind is not None and not made.lines:
            graph = next((graph for key, _, graph in self.dataset.about(node) if key == _TYPE), "")
            made.lines[graph] = {}

    def _names(self, node: Node, made: Portrait) -> None:
        first: set[str] = set()  # languages that have a preferred name by an earlier path
        seen: dict[tuple[str, ...], dict[str, Any]] = {}
        for role in ("preferred", "names"):
            for path in self.mapping.entity[role]:
                languages = set()
                for one in path.reached(self.dataset, node):
                    if not isinstance(one.value, Literal):
                        continue
                    self._use(one, made)
                    text, lang = " ".join(one.value.value.split()), one.value.language or ""
                    if not text:
                        continue
                    name: dict[str, Any] = {"name": text, **({"lang": lang} if lang else {}),
                                            **self._valid(node, one, made)}
                    if role == "preferred" and lang not in first:
                        languages.add(lang)
                        name["preferred"] = True
                    key = (one.graph, *(str(name.get(part)) for part in ("name", "lang", "from", "to")))
                    if key not in seen:
                        seen[key] = name
                        made.lines.setdefault(one.graph, {}).setdefault("names", []).append(name)
                first |= languages

    def _valid(self, node: Node, one: Reached, made: Portrait) -> dict[str, str]:
        """When a name was in use, where it has a node of its own that says so."""
        if one.via == node:
            return {}
        try:
            return validity(self.dataset, self.mapping, one.via)
        except BadInput as error:
            made.wrong.append(error)
            return {}

    def _others(self, node: Node, made: Portrait) -> None:
        for path in self.mapping.entity["same_as"]:
            for one in path.reached(self.dataset, node):
                if isinstance(one.value, NamedNode) and not one.value.value.startswith(LOCAL):
                    self._use(one, made)
                    try:
                        other = self.id_of(one.value)
                    except BadInput as error:
                        made.wrong.append(error)
                        continue
                    others = made.lines.setdefault(one.graph, {}).setdefault("same_as", [])
                    if other not in others and other != self.id_of(node):
                        others.append(other)
        texts = [one for one in first_reached(self.dataset, self.mapping.entity["description"], node)
                 if isinstance(one.value, Literal)]
        for one in sorted(texts, key=_language)[:1]:
            self._use(one, made)
            made.lines.setdefault(one.graph, {})["description"] = _text(one)
        for one in first_reached(self.dataset, self.mapping.entity["weight"], node):
            try:
                made.lines.setdefault(one.graph, {})["weight"] = number(one.value, "weight")
                self._use(one, made)
            except BadInput as error:
                made.wrong.append(error)

    def _place(self, node: Node, made: Portrait) -> None:
        for path in self.mapping.entity["wkt"]:
            for one in path.reached(self.dataset, node):
                point = point_of(one.value.value) if isinstance(one.value, Literal) else None
                if point is None:
                    made.left_out["a geometry that is no point of WGS 84"] += 1
                    continue
                self._use(one, made)
                made.lines.setdefault(one.graph, {}).update(lat=point[0], lon=point[1])
                return
        found = [next(first_reached(self.dataset, self.mapping.entity[key], node), None) for key in ("lat", "lon")]
        for key, half in zip(("lat", "lon"), found, strict=True):
            if half is None:
                continue
            try:
                value = number(half.value, key)
            except BadInput as error:
                made.wrong.append(error)
                continue
            self._use(half, made)
            # The two halves of a point belong into one line.
            made.lines.setdefault((found[0] or half).graph, {})[key] = value

    def _within(self, node: Node, made: Portrait) -> None:
        outer = self.containment.outer(node)
        if outer is None:
            return
        place = self.id_of(outer.value) if isinstance(outer.value, NamedNode) else ""
        self._use(outer, made)
        if self.containment.closes(node):
            made.wrong.append(BadInput.at(
                "within", f"{place} itself lies within {self.id_of(node)}, as the links lead on; left out"))
        else:
            made.lines.setdefault(outer.graph, {})["within"] = place

    def _use(self, one: Reached, made: Portrait) -> None:
        if one.first is not None:
            made.used.add(one.first)


def point_of(wkt: str) -> tuple[float, float] | None:
    """Latitude and longitude (degrees, WGS 84) of the WKT of a point; None where it is something else.

    GeoSPARQL 1.1: without a reference system it is CRS84, longitude first; EPSG:4326 has latitude first.
    """
    found = _POINT.fullmatch(wkt)
    system = (found[1] or "").replace("https://", "http://") if found else ""
    if found is None or system not in _LONGITUDE_FIRST | _LATITUDE_FIRST:
        return None
    try:
        first, second = float(found[2]), float(found[3])
    except ValueError:
        return None
    lat, lon = (first, second) if system in _LATITUDE_FIRST else (second, first)
    return (lat, lon) if -90 <= lat <= 90 and -180 <= lon <= 180 else None


def _text(one: Reached) -> str:
    return one.value.value if isinstance(one.value, Literal) else ""


def _language(one: Reached) -> tuple[bool, str, str]:
    """English first, for that is what a description without a language is taken to be."""
    lang = one.value.language or "" if isinstance(one.value, Literal) else ""
    return not (lang in ("", "en") or lang.startswith("en-")), lang, str(one.value)
