"""The rules of a mapping, read off its file, and what they make of one record."""

from __future__ import annotations

import fnmatch
from collections import OrderedDict
from collections.abc import Hashable, Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worldctx.exchange.facts import Line, read_record
from worldctx.exchange.jsonl import located
from worldctx.exchange.records import PACKED, Record, Shape, format_of
from worldctx.exchange.streams import STDIN, name_of
from worldctx.exchange.template import Each, Place, Scope, Tables, Template, Texts
from worldctx.model.errors import BadInput

#: Fields without which a record would be none: where they come out empty, that is an error of the row.
NEEDED: Table[str, tuple[str, ...]] = {
    "source": ("id",), "entity": ("id", "kind"), "fact": ("subject", "predicate"), "judgement": ("left", "right")}
_NUMBERS = frozenset({"lat", "lon", "weight", "confidence"})
_TRUTHS = frozenset({"preferred", "same"})
#: Values by which two scopes are compared; not numbers, for 1 and true are equal here and two texts.
_SIMPLE = (str, Texts, type(None))


@dataclass(frozen=True, slots=True)
class Value:
    """The first of several templates that gives anything, or a constant: a number, a truth value or a text."""

    templates: tuple[Template, ...] = ()
    constant: bool | int | float | str | None = None

    def texts(self, scope: Scope, tables: Tables) -> list[str]:
        """What the first template that gives anything gives."""
        if isinstance(self.constant, str):
            return [self.constant] if self.constant.strip() else []
        for template in self.templates:
            found = [text for text in template.texts(scope, tables) if text.strip()]
            if found:
                return found
        return []


@dataclass(frozen=True, slots=True)
class Test:
    """Whether a place holds one of some texts; without texts, whether it holds anything (`present`) or nothing."""

    place: Place
    texts: frozenset[str] = frozenset()
    present: bool = True

    def passes(self, scope: Scope, tables: Tables) -> bool:
        """Whether it passes in a scope."""
        found = self.place.texts(scope, tables)
        return bool(self.texts.intersection(found)) if self.texts else bool(found) == self.present


@dataclass(frozen=True, slots=True)
class Control:
    """When a rule applies, how often, and names for what it uses more than once."""

    each: tuple[Each, ...] = ()
    let: tuple[tuple[str, Value], ...] = ()
    when: tuple[Test, ...] = ()
    unless: tuple[Test, ...] = ()

    def scopes(self, scope: Scope, tables: Tables, place: int = 0) -> Iterator[Scope]:
        """The scopes in which to apply it."""
        if place < len(self.each):
            for inner in self.each[place].scopes(scope, tables):
                yield from self.scopes(inner, tables, place + 1)
            return
        for name, value in self.let:
            scope = {**scope, name: Texts(value.texts(scope, tables))}
        if all(test.passes(scope, tables) for test in self.when) and not any(
            test.passes(scope, tables) for test in self.unless
        ):
            yield scope


@dataclass(frozen=True, slots=True)
class NamesRule:
    """How names of an entity are made."""

    control: Control
    values: Table[str, Value]


@dataclass(frozen=True, slots=True)
class Rule:
    """What one record of the output is made of.

    Attributes:
        inputs: the columns, keys and names that it uses.
    """

    where: str
    type: str
    control: Control
    values: Table[str, Value]
    names: tuple[NamesRule, ...] = ()
    same_as: tuple[Value, ...] = ()
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """Which files are read how, and the rules for each of their records.

    Attributes:
        columns: columns or keys that the rules use.
        lookups: tables beside the data that they use.
    """

    patterns: tuple[str, ...]
    shape: Shape
    control: Control
    rules: tuple[Rule, ...]
    columns: frozenset[str]
    lookups: frozenset[str] = frozenset()

    def takes(self, path: Path) -> bool:
        """Whether a file's name is one of those it reads."""
        names = [path.name, *([path.stem] if path.suffix in PACKED else [])]
        return path == STDIN or any(fnmatch.fnmatchcase(name, one) for name in names for one in self.patterns)


@dataclass(frozen=True, slots=True)
class Lookup:
    """A file beside the data, and the column by which its rows are looked up."""

    file: str
    key: str
    shape: Shape


class Seen:
    """What was met lately, so that the office that every other row names is made and sent once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._keys: OrderedDict[Hashable, None] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        if key not in self._keys:
            return False
        self._keys.move_to_end(key)
        return True

    def add(self, key: Hashable) -> None:
        """Remember it, and forget what was met longest ago."""
        self._keys[key] = None
        if len(self._keys) > self._size:
            self._keys.popitem(last=False)


def applied(read: Read, record: Record, path: Path, tables: Tables, seen: Seen) -> Iterator[Line | BadInput]:
    """What the rules make of one record; what is wrong with it stands in its place, with file, line and rule.

    A rule that has lately had the same inputs is passed over, and what was lately made is not made again.

    Raises:
        BadInput: the file lacks a column.
    """
    missing = sorted(read.columns - record.value.keys()) if (read.shape.format or format_of(path)) == "csv" else ()
    if missing:
        listed = ", ".join(record.value)
        raise BadInput.at(f"{name_of(path)}: {missing[0]}", f"is a column the mapping uses; the file has only {listed}")
    try:
        scopes = list(read.control.scopes(record.value, tables))
    except BadInput as error:
        yield located(error, path, record.number)
        return
    for scope in scopes:
        for rule in read.rules:
            inputs = _inputs(rule, scope)
            if inputs is None or inputs not in seen:
                sound = True
                for one in _made(rule, scope, tables):
                    if isinstance(one, BadInput):
                        sound = False
                        yield located(one, path, record.number)
                    elif one not in seen:
                        seen.add(one)
                        yield one
                if sound and inputs is not None:
                    seen.add(inputs)


def _inputs(rule: Rule, scope: Scope) -> Hashable:
    """What a rule's result depends on; None where that is more than some texts and numbers."""
    values = [scope.get(name) for name in rule.inputs]
    return (rule.where, *values) if all(isinstance(one, _SIMPLE) for one in values) else None


def _made(rule: Rule, scope: Scope, tables: Tables) -> Iterator[Line | BadInput]:
    scopes = rule.control.scopes(scope, tables)
    while True:
        try:
            inner = next(scopes, None)
            if inner is None:
                return
            one = _record(rule, inner, tables)
            if one is not None:
                yield read_record(one)
        except BadInput as error:
            # Of a person with ten roles, one wrong date costs one role. (A generator that has raised is at its end.)
            yield BadInput(f"{rule.where}: {error.message}", violations=error.violations)


def _record(rule: Rule, scope: Scope, tables: Tables) -> dict[str, Any] | None:
    """The object of a line of the facts format; None for a fact that has neither object nor value here."""
    found = {key: one for key, value in rule.values.items() if (one := _single(key, value, scope, tables)) is not None}
    if rule.type == "fact" and "object" not in found and "value" not in found:
        return None
    for key in NEEDED[rule.type]:
        if key not in found:
            raise BadInput.at(key, "comes out empty for this record; add a `when` if that may be so")
    if rule.type == "entity":
        found["names"] = _distinct([name for one in rule.names for name in _names(one, scope, tables)])
        same = [text for one in rule.same_as for text in one.texts(scope, tables)]
        found["same_as"] = [text for text in dict.fromkeys(same) if text != found["id"]]
    if rule.type == "fact":
        found["valid"] = {side: found.pop(side) for side in ("from", "to") if side in found}
    return {"type": rule.type, **found}


def _names(one: NamesRule, scope: Scope, tables: Tables) -> Iterator[dict[str, Any]]:
    for inner in one.control.scopes(scope, tables):
        rest = {key: found for key, value in one.values.items() if key != "name"
                and (found := _single(key, value, inner, tables)) is not None}
        yield from ({"name": " ".join(text.split()), **rest} for text in one.values["name"].texts(inner, tables))


def _distinct(names: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each name once for each language and time; a preferred one stands for those that differ in that only."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for name in names:
        same = found.setdefault(tuple(name.get(key) for key in ("name", "lang", "from", "to")), name)
        if name.get("preferred") and not same.get("preferred"):
            same["preferred"] = True
    return list(found.values())


def _single(key: str, value: Value, scope: Scope, tables: Tables) -> Any:
    if value.constant is not None and not isinstance(value.constant, str):
        return value.constant
    found = value.texts(scope, tables)
    if len(found) > 1:
        raise BadInput.at(key, f"gives {len(found)} values where one belongs; use first, last, join or each")
    if not found:
        return None
    text = found[0].strip()
    if key in _TRUTHS:
        return {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
    if key not in _NUMBERS:
        return text
    try:
        return float(text)
    except ValueError as error:
        raise BadInput.at(key, f"{text[:40]!r} is not a number") from error
