"""Filter files: which entities and which properties of a dump are kept, and in which languages; see docs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from worldctx.exchange.wikidata.predicates import PREDICATES, predicate_of
from worldctx.exchange.wikidata.reason import EXTERNAL_ID, NOT_KEPT, Reason
from worldctx.model.entity import Kind
from worldctx.model.errors import BadInput
from worldctx.model.ids import digest

#: Languages that are kept unless told: English, and names that Wikidata states for all languages.
LANGUAGES = ("en", "mul")
_TOP = frozenset({"name", "about", "languages", "entities", "properties"})
_ENTITIES = frozenset({"ids", "ids_file", "kinds", "classes", "without_classes", "min_sitelinks"})
_PROPERTIES = frozenset({"keep", "leave_out", "external_ids"})
_NUMBERS = {name: number for number, name in PREDICATES.items()}


@dataclass(frozen=True, slots=True)
class Predicate:
    """What a property is called; without a name it is left out for the reason."""

    name: str = ""
    reason: Reason = NOT_KEPT


@dataclass(frozen=True, slots=True)
class Filter:
    """A checked filter file. Load it with `Filter.load`.

    Attributes:
        ids: the only entities kept; empty keeps all.
        kinds: the only kinds kept; empty keeps all.
        classes: an entity must be an instance of one of these (or of a class below, where the hierarchy is known).
        without_classes: and of none of these.
        keep: numbers of properties; None keeps those that have a name here, or with `keep_all` all.
        external_ids: whether properties whose values are identifiers elsewhere are kept as facts.
    """

    name: str = ""
    about: str = ""
    languages: tuple[str, ...] = LANGUAGES
    ids: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    classes: frozenset[int] = frozenset()
    without_classes: frozenset[int] = frozenset()
    min_sitelinks: int = 0
    keep: frozenset[str] | None = None
    keep_all: bool = False
    leave_out: frozenset[str] = frozenset()
    external_ids: bool = False
    _known: dict[str, Predicate] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def load(cls, path: Path | str) -> Filter:
        """Read and check a filter file, or one of the shipped ones by name.

        Raises:
            BadInput: the file cannot be read or is wrong; the message names the file and the key.
        """
        file = _shelf() / f"{path}.toml" if str(path) in shipped() and not Path(path).is_file() else Path(path)
        if not file.is_file():
            raise BadInput.at(str(path), f"is no file, nor one of the filters that come along: {', '.join(shipped())}")
        try:
            return _filter(tomllib.loads(file.read_text("utf-8")), file)
        except (OSError, UnicodeError) as error:
            raise BadInput.at(str(path), f"cannot be read: {error}") from error
        except tomllib.TOMLDecodeError as error:
            raise BadInput.at(str(path), f"is not TOML: {error}") from error
        except BadInput as error:
            raise BadInput(f"{path}: {error.message}", violations=error.violations) from error

    @property
    def digest(self) -> str:
        """A text that differs where two filters keep different things."""
        return digest(
            *self.languages, "", *sorted(self.ids), "", *sorted(self.kinds), "", *map(str, sorted(self.classes)), "",
            *map(str, sorted(self.without_classes)), "", str(self.min_sitelinks),
            *(sorted(self.keep) if self.keep is not None else [str(self.keep_all)]), "", *sorted(self.leave_out), "",
            str(self.external_ids))

    def predicate(self, number: str, statements: Sequence[Mapping[str, Any]]) -> Predicate:
        """What a property is called here, or why it is left out.

        Args:
            number: `P569`.
            statements: those of the entity at hand, whose data type is looked at.
        """
        found = self._known.get(number)
        if found is None:
            found = self._known[number] = self._predicate(number)
        if found.name and not self.external_ids and number not in PREDICATES and _is_external(statements):
            return Predicate(reason=EXTERNAL_ID)
        return found

    def _predicate(self, number: str) -> Predicate:
        kept = number in self.keep if self.keep is not None else self.keep_all or number in PREDICATES
        if not kept or number in self.leave_out:
            return Predicate()
        return Predicate(predicate_of(number))


def _is_external(statements: Sequence[Mapping[str, Any]]) -> bool:
    snak = statements[0].get("mainsnak") if statements and isinstance(statements[0], dict) else None
    return isinstance(snak, dict) and snak.get("datatype") == "external-id"


def shipped() -> tuple[str, ...]:
    """Names of the filters that come with worldctx."""
    return tuple(sorted(one.name.removesuffix(".toml") for one in _shelf().iterdir() if one.name.endswith(".toml")))


def _shelf() -> Path:
    return Path(str(files("worldctx") / "packs" / "filters"))


def _filter(record: Mapping[str, Any], file: Path) -> Filter:
    _only(record, _TOP, "")
    entities, properties = _part(record, "entities", _ENTITIES), _part(record, "properties", _PROPERTIES)
    ids = frozenset(_texts(entities, "ids", "entities.ids"))
    if "ids_file" in entities:
        ids |= _listed(file.parent / _text(entities, "ids_file", "entities.ids_file"))
    keep = properties.get("keep", "known")
    if not isinstance(keep, list) and keep not in ("known", "all"):
        raise BadInput.at("properties.keep", 'must be "known", "all" or a list such as ["P569", "birth_place"]')
    least = entities.get("min_sitelinks", 0)
    if type(least) is not int or least < 0:
        raise BadInput.at("entities.min_sitelinks", f"must be a whole number, not {least!r}")
    external = properties.get("external_ids", False)
    if not isinstance(external, bool):
        raise BadInput.at("properties.external_ids", f"must be true or false, not {external!r}")
    return Filter(
        _text(record, "name", "name"), _text(record, "about", "about"),
        languages_of(_texts(record, "languages", "languages"), "languages") or LANGUAGES,
        frozenset(_entity(one, "entities.ids") for one in ids),
        frozenset(_kind(one) for one in _texts(entities, "kinds", "entities.kinds")),
        _classes(entities, "classes"), _classes(entities, "without_classes"), least,
        _numbers(properties, "keep") if isinstance(keep, list) else None, keep == "all",
        _numbers(properties, "leave_out"), external)


def languages_of(codes: Sequence[str], key: str) -> tuple[str, ...]:
    """Language codes as Wikidata writes them, each once.

    Raises:
        BadInput: one is none.
    """
    for code in codes:
        if not code.replace("-", "").isalnum() or not code.isascii() or code != code.lower() or len(code) > 20:
            raise BadInput.at(key, f"{code!r} is no language code of Wikidata; write it as en, de, zh-hans or mul")
    return tuple(dict.fromkeys(codes))


def _only(record: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    stray = next((key for key in record if key not in known), None)
    if stray is not None:
        raise BadInput.at(where + stray, f"is no key of a filter; these are: {', '.join(sorted(known))}")


def _part(record: Mapping[str, Any], key: str, known: frozenset[str]) -> Mapping[str, Any]:
    found = record.get(key, {})
    if not isinstance(found, dict):
        raise BadInput.at(key, f"must be a table: [{key}]")
    _only(found, known, f"{key}.")
    return found


def _text(record: Mapping[str, Any], key: str, field: str) -> str:
    found = record.get(key, "")
    if not isinstance(found, str):
        raise BadInput.at(field, f"must be a text, not {found!r}")
    return found


def _texts(record: Mapping[str, Any], key: str, field: str) -> list[str]:
    found = record.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise BadInput.at(field, "must be a list of texts")
    return found


def _listed(path: Path) -> frozenset[str]:
    try:
        return frozenset(path.read_text("utf-8").split())
    except (OSError, UnicodeError) as error:
        raise BadInput.at("entities.ids_file", f"{path} cannot be read: {error}") from error


def _entity(text: str, key: str) -> str:
    number = text.removeprefix("wd:")
    if not (number.startswith("Q") and number[1:].isdigit() and number.isascii()):
        raise BadInput.at(key, f"{text!r} is no item; write it as Q42")
    return number


def _kind(text: str) -> Kind:
    if text not in set(Kind):
        raise BadInput.at("entities.kinds", f"{text!r} is none; they are {', '.join(Kind)}")
    return Kind(text)


def _classes(record: Mapping[str, Any], key: str) -> frozenset[int]:
    return frozenset(int(_entity(one, f"entities.{key}")[1:]) for one in _texts(record, key, f"entities.{key}"))


def _numbers(record: Mapping[str, Any], key: str) -> frozenset[str]:
    found = set()
    for one in _texts(record, key, f"properties.{key}"):
        number = _NUMBERS.get(one, one.removeprefix("wdt:").removeprefix("wd:"))
        if not (number.startswith("P") and number[1:].isdigit() and number.isascii()):
            raise BadInput.at(f"properties.{key}", f"{one!r} is neither a property (P569) nor the name of one")
        found.add(number)
    return frozenset(found)
