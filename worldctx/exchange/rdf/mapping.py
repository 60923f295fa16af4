"""Mapping files for RDF: a declaration in TOML of what classes and predicates mean. See docs/import-rdf.md."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path as File
from typing import Any

from pyoxigraph import NamedNode

from worldctx.exchange.rdf.naming import Naming
from worldctx.exchange.rdf.paths import Path, Step
from worldctx.model.entity import Kind
from worldctx.model.errors import BadInput

#: The mapping that comes along, and that others add to.
DEFAULT = "default"
_TOP = frozenset({"name", "about", "base", "namespaces", "ids", "kinds", "kind_otherwise", "entity", "event", "facts",
                  "statement", "source", "value", "relation", "predicates"})
_ENTITY = ("preferred", "names", "same_as", "within", "description", "wkt", "lat", "lon", "weight")
_EVENT = ("at", "from", "to")
_STATEMENT = ("from", "to", "at", "known_since", "end_known_since", "source", "quote", "confidence", "method", "record")
_SOURCE = ("title", "url", "publisher", "published_at", "country")
_VALUE = ("value", "unit")
_FACTS = ("dated", "urls", "ignored", "classes")
_RELATION = frozenset({"classes", "subject", "object", "predicate", "predicate_from", "repeated"})

Paths = tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A node that stands for a statement, such as a membership with its dates.

    Attributes:
        classes: classes of such nodes.
        subject, object: paths from the node.
        predicate: our name for it; paths in `predicate_from` to the node or the text that names it come first.
        repeated: the predicate that leads to the node leads on from it (schema.org's Role pattern).
    """

    classes: frozenset[str]
    subject: Paths = ()
    object: Paths = ()
    predicate: str = ""
    predicate_from: Paths = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class RdfMapping:
    """A checked mapping: IRIs are whole, and every predicate stands under each namespace of its vocabulary.

    Attributes:
        kinds: class → kind.
        ranks: class → its place among the kinds; of several classes the first one of the mapping decides.
        otherwise: kind of what has a name or an unknown class.
        entity, event, statement, source, value: field → paths; the first that lead anywhere give it.
        dated: predicates (our names) whose value is a date, at which the fact begins to hold.
        urls: predicates whose value is an address and no thing that is described.
        ignored: predicates that are left out.
        folded: classes of nodes that others take their values from, and that are nothing of their own.
    """

    name: str
    about: str
    naming: Naming
    kinds: Mapping[str, Kind]
    ranks: Mapping[str, int]
    otherwise: Kind
    entity: Mapping[str, Paths]
    event: Mapping[str, Paths]
    statement: Mapping[str, Paths]
    source: Mapping[str, Paths]
    value: Mapping[str, Paths]
    dated: frozenset[str]
    urls: frozenset[str]
    ignored: frozenset[str]
    folded: frozenset[str]
    relations: tuple[Relation, ...] = ()
    relation_of: Mapping[str, Relation] = field(default_factory=dict)


def load(given: str) -> RdfMapping:
    """Read and check a mapping file, or the shipped one of a name.

    Raises:
        BadInput: the file cannot be read or is wrong; the message names the file and the key.
    """
    top = _read(given)
    try:
        if top.get("base", True) is not False and given != DEFAULT:
            top = _merged(_read(DEFAULT), top)
        return _Loader(top).mapping(File(given).stem)
    except BadInput as error:
        raise BadInput(f"{given}: {error.message}", violations=error.violations) from error


def shipped() -> tuple[str, ...]:
    """Names of the mappings that come with worldctx."""
    return tuple(sorted(one.name.removesuffix(".toml") for one in _shelf().iterdir() if one.name.endswith(".toml")))


@lru_cache(maxsize=1)
def default() -> RdfMapping:
    """The mapping that comes along."""
    return load(DEFAULT)


def _shelf() -> File:
    return File(str(files("worldctx") / "packs" / "mappings-rdf"))


def _read(given: str) -> dict[str, Any]:
    file = _shelf() / f"{given}.toml" if given in shipped() and not File(given).is_file() else File(given)
    if not file.is_file():
        raise BadInput.at(given, f"is no file, nor one of the mappings that come along: {', '.join(shipped())}")
    try:
        top = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeError) as error:
        raise BadInput.at(given, f"cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput.at(given, f"is not TOML: {error}") from error
    unknown = sorted(top.keys() - _TOP)
    if unknown:
        raise BadInput.at(f"{given}: {unknown[0]}", f"is not a key here; known are {', '.join(sorted(_TOP))}")
    return top


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What a mapping adds comes before what it adds to, so that it decides."""
    merged = {**base, **own}
    for key, before in base.items():
        added = own.get(key)
        if isinstance(before, dict) and isinstance(added, dict):
            both = {**added, **{name: value for name, value in before.items() if name not in added}}
            merged[key] = {name: [*_list(value, f"{key}.{name}"), *_list(before.get(name, []), f"{key}.{name}")]
                           if isinstance(before.get(name), list) and name in added else value
                           for name, value in both.items()}
        elif isinstance(before, list) and isinstance(added, list):
            merged[key] = [*added, *before]
    return merged


class _Loader:
    """Turns the tables of a mapping file into what they mean; every error names the key."""

    def __init__(self, top: dict[str, Any]) -> None:
        self._top = top
        self._spaces = {name: _texts(value, f"namespaces.{name}") for name, value in self._table("namespaces").items()}

    def mapping(self, stem: str) -> RdfMapping:
        top = self._top
        kinds, ranks = self._kinds()
        facts = self._table("facts", _FACTS)
        relations = tuple(self._relation(one, f"relation[{place}]") for place, one in
                          enumerate(_tables(top.get("relation", []), "relation")))
        named = {name for relation in relations for name in relation.classes}
        otherwise = top.get("kind_otherwise", Kind.CONCEPT.value)
        if otherwise not in set(Kind):
            raise BadInput.at("kind_otherwise", f"is {otherwise!r}; it must be one of {', '.join(Kind)}")
        return RdfMapping(
            str(top.get("name", stem)), str(top.get("about", "")), Naming(self._ids(), self._predicates()),
            kinds, ranks, Kind(otherwise), self._paths("entity", _ENTITY), self._paths("event", _EVENT),
            self._paths("statement", _STATEMENT), self._paths("source", _SOURCE), self._paths("value", _VALUE),
            frozenset(_texts(facts.get("dated", []), "facts.dated")),
            self._all(facts.get("urls", []), "facts.urls"), self._all(facts.get("ignored", []), "facts.ignored"),
            self._all(facts.get("classes", []), "facts.classes") | named, relations,
            {name: relation for relation in reversed(relations) for name in relation.classes})

    def _table(self, key: str, known: Iterable[str] = ()) -> dict[str, Any]:
        found = self._top.get(key, {})
        if not isinstance(found, dict):
            raise BadInput.at(key, "must be a table")
        unknown = sorted(found.keys() - set(known)) if known else []
        if unknown:
            raise BadInput.at(f"{key}.{unknown[0]}", f"is not a key here; known are {', '.join(sorted(known))}")
        return found

    def _kinds(self) -> tuple[dict[str, Kind], dict[str, int]]:
        kinds: dict[str, Kind] = {}
        ranks: dict[str, int] = {}
        for name, classes in self._table("kinds", list(Kind)).items():
            for text in _texts(classes, f"kinds.{name}"):
                for iri in self._iris(text, f"kinds.{name}"):
                    kinds.setdefault(iri, Kind(name))
                    ranks.setdefault(iri, len(ranks))
        return kinds, ranks

    def _ids(self) -> dict[str, list[str]]:
        found = {name: _texts(value, f"ids.{name}") for name, value in self._table("ids").items()}
        for name, templates in found.items():
            for template in templates:
                if template.count("{}") != 1:
                    raise BadInput.at(f"ids.{name}", f"{template!r} needs one {{}} for what follows the prefix")
        return found

    def _predicates(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, texts in self._table("predicates").items():
            for text in _texts(texts, f"predicates.{name}"):
                for iri in self._iris(text, f"predicates.{name}"):
                    found.setdefault(iri, name)
        return found

    def _paths(self, key: str, known: tuple[str, ...]) -> dict[str, Paths]:
        table = self._table(key, known)
        return {name: self._some(table.get(name, []), f"{key}.{name}") for name in known}

    def _some(self, value: Any, where: str) -> Paths:
        return tuple(self._path(text, where) for text in _texts(value, where))

    def _path(self, text: str, where: str) -> Path:
        steps = []
        for part in _parts(text):
            bare = part.removeprefix("^")
            steps.append(Step(frozenset(self._iris(bare, where)), part.startswith("^")))
        return Path(text, tuple(steps))

    def _all(self, value: Any, where: str) -> frozenset[str]:
        return frozenset(iri for text in _texts(value, where) for iri in self._iris(text, where))

    def _iris(self, text: str, where: str) -> list[str]:
        """The IRIs that a prefixed name, or `<IRI>`, stands for: one for each namespace of the prefix."""
        if text.startswith("<") and text.endswith(">"):
            found = [text[1:-1]]
        else:
            prefix, mark, name = text.partition(":")
            if not mark or prefix not in self._spaces:
                listed = ", ".join(self._spaces)
                raise BadInput.at(where, f"{text!r} is neither <IRI> nor a name of the namespaces {listed}")
            found = [space + name for space in self._spaces[prefix]]
        for iri in found:
            try:
                NamedNode(iri)
            except ValueError as error:
                raise BadInput.at(where, f"{iri!r} is no IRI: {error}") from error
        return found

    def _relation(self, one: dict[str, Any], where: str) -> Relation:
        unknown = sorted(one.keys() - _RELATION)
        if unknown:
            raise BadInput.at(f"{where}.{unknown[0]}", f"is not a key here; known are {', '.join(sorted(_RELATION))}")
        made = Relation(
            self._all(one.get("classes", []), f"{where}.classes"),
            self._some(one.get("subject", []), f"{where}.subject"),
            self._some(one.get("object", []), f"{where}.object"), str(one.get("predicate", "")),
            self._some(one.get("predicate_from", []), f"{where}.predicate_from"), one.get("repeated") is True)
        if not made.classes:
            raise BadInput.at(f"{where}.classes", "is missing; name the classes of such nodes")
        if not made.repeated and not (made.subject and made.object and (made.predicate or made.predicate_from)):
            raise BadInput.at(where, "needs subject, object and predicate (or predicate_from), or repeated = true")
        return made


def _parts(text: str) -> list[str]:
    """The steps of a path; slashes inside of <IRI> are part of it."""
    parts, depth, start = [], False, 0
    for place, char in enumerate(text):
        depth = char == "<" or (depth and char != ">")
        if char == "/" and not depth:
            parts.append(text[start:place])
            start = place + 1
    return [*parts, text[start:]]


def _list(value: Any, where: str) -> list[Any]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise BadInput.at(where, "must be a text or a list of texts")
    return value


def _texts(value: Any, where: str) -> list[str]:
    found = _list(value, where)
    if not all(isinstance(one, str) for one in found):
        raise BadInput.at(where, "must be a text or a list of texts")
    return found


def _tables(value: Any, where: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise BadInput.at(where, f"must be a list of tables; write [[{where}]]")
    return value
