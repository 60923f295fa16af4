"""`pack.toml`: what a domain pack is and what is in its folder. Checked before anything else is read."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from worldctx.model.errors import BadInput
from worldctx.model.time import When, parse_when

FILE = "pack.toml"
FORMATS = ("rdf", "facts", "map")
_NAME = re.compile(r"[a-z][a-z0-9-]{1,40}")
_VERSION = re.compile(r"\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.-]+)?")
_TOP = frozenset({"name", "version", "title", "about", "licence", "url", "published", "shapes", "gazetteer", "read",
                  "test"})
_READ = frozenset({"format", "files", "mapping", "weight"})
_POLICY = frozenset({"languages", "min_length", "acronyms", "drop"})
_TEST = frozenset({"about", "text", "as_of", "known_by", "entities", "absent", "facts"})


@dataclass(frozen=True, slots=True)
class Part:
    """Files of the folder that are read in one way, in this order.

    Attributes:
        format: rdf, facts or map (tables, by a mapping file).
        files: patterns, relative to the folder.
        mapping: of `rdf` and `map`; empty for the RDF mapping that comes along.
        weight: of `rdf`: how well known the entities are of which the files do not say so, 0 to 1.
    """

    format: str
    files: tuple[str, ...]
    mapping: str = ""
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Policy:
    """Which names of the pack are looked for in running text. Preferred names always stay: they are the labels.

    Attributes:
        languages: BCP 47 tags that are kept; empty for all. Names without a language are kept.
        min_length: characters of the shortest name that is kept.
        acronyms: whether names in capitals are kept, however short.
        drop: names that are words first, and would be found everywhere.
    """

    languages: frozenset[str] = frozenset()
    min_length: int = 1
    acronyms: bool = True
    drop: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Expectation:
    """A test of the pack: what a lookup of a text must find.

    Attributes:
        entities: ids that must be linked.
        absent: ids that must not be linked.
        facts: subject, predicate and object (an id or a value) of facts that must be shown.
    """

    where: str
    about: str
    text: str
    as_of: When | None
    known_by: When | None
    entities: tuple[str, ...]
    absent: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class PackDeclaration:
    """A checked `pack.toml`.

    Attributes:
        published: since when what the pack says is public, where its own sources do not say.
        shapes: patterns of the files of SHACL shapes that its RDF is validated by.
    """

    name: str
    version: str
    title: str
    about: str
    licence: str
    url: str
    published: When | None
    shapes: tuple[str, ...]
    policy: Policy
    parts: tuple[Part, ...]
    tests: tuple[Expectation, ...]


def declared(folder: Path) -> PackDeclaration:
    """What the pack in a folder declares.

    Raises:
        BadInput: there is no pack, or its `pack.toml` is wrong; the message names the file and the key.
    """
    file = folder / FILE
    try:
        top = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadInput.at(str(folder), f"holds no {FILE}; see docs/packs.md for what a pack is") from error
    except (OSError, UnicodeError) as error:
        raise BadInput.at(str(file), f"cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput.at(str(file), f"is not TOML: {error}") from error
    try:
        return _declaration(top)
    except BadInput as error:
        raise BadInput(f"{file}: {error.message}", violations=error.violations) from error


def _declaration(top: dict[str, Any]) -> PackDeclaration:
    _only(top, _TOP, "")
    name, version = _text(top, "name", needed=True), _text(top, "version", needed=True)
    if _NAME.fullmatch(name) is None:
        raise BadInput.at("name", f"is {name!r}; use 2 to 41 lower-case letters, digits and hyphens, a letter first")
    if _VERSION.fullmatch(version) is None:
        raise BadInput.at("version", f"is {version!r}; write it as 1.0.0 (semver.org)")
    published = _text(top, "published")
    parts = tuple(_part(one, where) for one, where in _tables(top, "read"))
    if not parts:
        raise BadInput.at("read", "is missing; add [[read]] with a format and files")
    return PackDeclaration(
        name, version, _text(top, "title", needed=True), _text(top, "about"), _text(top, "licence", needed=True),
        _text(top, "url"), parse_when(published, "published") if published else None,
        tuple(_inside(text, "shapes") for text in _texts(top, "shapes", "pack")), _policy(top), parts,
        tuple(_expectation(one, where) for one, where in _tables(top, "test")))


def _part(one: dict[str, Any], where: str) -> Part:
    _only(one, _READ, where)
    format_ = _text(one, "format", where, needed=True)
    if format_ not in FORMATS:
        raise BadInput.at(f"{where}.format", f"is {format_!r}; it must be one of {', '.join(FORMATS)}")
    mapping = _text(one, "mapping", where)
    if format_ == "map" and not mapping:
        raise BadInput.at(f"{where}.mapping", "is missing; tables need a mapping file")
    if format_ == "facts" and mapping:
        raise BadInput.at(f"{where}.mapping", "is not needed for the facts format; leave it out")
    files = tuple(_inside(text, f"{where}.files") for text in _texts(one, "files", where))
    if not files:
        raise BadInput.at(f"{where}.files", 'is missing; give names such as "data/*.ttl"')
    weight = one.get("weight", 0.0)
    if not isinstance(weight, int | float) or isinstance(weight, bool) or not 0 <= weight <= 1:
        raise BadInput.at(f"{where}.weight", "must be a number from 0 to 1")
    if weight and format_ != "rdf":
        raise BadInput.at(f"{where}.weight", "belongs to RDF; tables and the facts format give each entity its own")
    return Part(format_, files, _inside(mapping, f"{where}.mapping") if mapping else "", float(weight))


def _policy(top: dict[str, Any]) -> Policy:
    one = top.get("gazetteer", {})
    if not isinstance(one, dict):
        raise BadInput.at("gazetteer", "must be a table")
    _only(one, _POLICY, "gazetteer")
    length, acronyms = one.get("min_length", 1), one.get("acronyms", True)
    if not isinstance(length, int) or isinstance(length, bool) or not 1 <= length <= 100:
        raise BadInput.at("gazetteer.min_length", "must be a number of characters, 1 to 100")
    if not isinstance(acronyms, bool):
        raise BadInput.at("gazetteer.acronyms", "must be true or false")
    return Policy(frozenset(_texts(one, "languages", "gazetteer")), length, acronyms,
                  frozenset(text.casefold() for text in _texts(one, "drop", "gazetteer")))


def _expectation(one: dict[str, Any], where: str) -> Expectation:
    _only(one, _TEST, where)
    as_of, known_by = _text(one, "as_of", where), _text(one, "known_by", where)
    facts = one.get("facts", [])
    if not isinstance(facts, list) or not all(map(_is_triple, facts)):
        raise BadInput.at(f"{where}.facts", 'must be a list of ["subject", "predicate", "object or value"]')
    made = Expectation(
        where, _text(one, "about", where), _text(one, "text", where, needed=True),
        parse_when(as_of, f"{where}.as_of") if as_of else None,
        parse_when(known_by, f"{where}.known_by") if known_by else None,
        _texts(one, "entities", where), _texts(one, "absent", where), tuple((s, p, o) for s, p, o in facts))
    if not (made.entities or made.absent or made.facts):
        raise BadInput.at(where, "expects nothing; give entities, absent or facts")
    return made


def _is_triple(fact: object) -> bool:
    return isinstance(fact, list) and len(fact) == 3 and all(isinstance(text, str) for text in fact)


def _inside(text: str, where: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text:
        raise BadInput.at(where, f"{text!r} leads out of the pack; name files inside its folder")
    return text


def _only(one: dict[str, Any], known: frozenset[str], where: str) -> None:
    unknown = sorted(one.keys() - known)
    if unknown:
        listed = ", ".join(sorted(known))
        raise BadInput.at(f"{where}.{unknown[0]}".lstrip("."), f"is not a key here; known are {listed}")


def _text(one: dict[str, Any], key: str, where: str = "", *, needed: bool = False) -> str:
    value = one.get(key, "")
    if not isinstance(value, str):
        raise BadInput.at(f"{where}.{key}".lstrip("."), "must be a text")
    if needed and not value.strip():
        raise BadInput.at(f"{where}.{key}".lstrip("."), "is missing")
    return value


def _texts(one: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = one.get(key, [])
    if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
        raise BadInput.at(f"{where}.{key}", "must be a list of texts")
    return tuple(found)


def _tables(one: dict[str, Any], key: str) -> Sequence[tuple[dict[str, Any], str]]:
    found = one.get(key, [])
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise BadInput.at(key, f"must be a list of tables; write [[{key}]]")
    return [(table, f"{key}[{place}]") for place, table in enumerate(found)]
