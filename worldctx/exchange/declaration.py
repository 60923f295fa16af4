"""Reading a mapping file: every table checked before the first row is read, every error naming its key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Table
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worldctx.exchange.facts import Line, read_record
from worldctx.exchange.gazetteers import lookups
from worldctx.exchange.place_names import place_names
from worldctx.exchange.records import KEY, Shape
from worldctx.exchange.rules import NEEDED, Control, Lookup, NamesRule, Read, Rule, Test, Value
from worldctx.exchange.template import Place, Tables, Template, parse_each, parse_place, parse_template
from worldctx.model.errors import BadInput

_TOP = frozenset({"name", "about", "defaults", "map", "words", "lookup", "source", "read"})
_READ = frozenset({"files", "format", "delimiter", "encoding", "root", "each", "let", "when", "unless", "source",
                   "entity", "fact", "judgement"})
_CONTROL = frozenset({"each", "let", "when", "unless"})
_NAME = frozenset({"name", "lang", "from", "to", "preferred"})
#: Fields of each kind of record; `from` and `to` of a fact are its validity.
_FIELDS: Table[str, frozenset[str]] = {
    "source": frozenset({"id", "title", "url", "publisher", "published_at", "host", "country", "sector",
                         "reliability"}),
    "entity": frozenset({"id", "kind", "names", "same_as", "lat", "lon", "within", "description", "weight",
                         "source"}),
    "fact": frozenset({"id", "subject", "predicate", "object", "value", "datatype", "unit", "lang", "from", "to",
                       "known_since", "end_known_since", "source", "quote", "record", "method", "confidence"}),
    "judgement": frozenset({"left", "right", "same", "by", "at", "source"}),
}


@dataclass(frozen=True, slots=True)
class Declaration:
    """A mapping file, checked: constant sources, what is read how, and the tables it looks things up in."""

    name: str
    about: str
    sources: tuple[Line, ...]
    reads: tuple[Read, ...]
    lookups: Table[str, Lookup]
    tables: Tables


def declaration(top: dict[str, Any], name: str) -> Declaration:
    """Check the tables of a mapping file.

    Args:
        name: of the mapping where it does not give itself one.

    Raises:
        BadInput: the message names the key.
    """
    return _Loader(top).declaration(name)


class _Loader:
    """Turns the tables of a mapping file into rules; every error names the key."""

    def __init__(self, top: dict[str, Any]) -> None:
        _only(top, _TOP, "")
        self._top = top
        self._lookups = {name: self._lookup(name, one) for name, one in _table(top, "lookup", "").items()}
        self.tables = Tables(
            {name: _texts(one, f"map.{name}") for name, one in _table(top, "map", "").items()},
            {name: _word_table(one, f"words.{name}") for name, one in _table(top, "words", "").items()},
            {**lookups(), "place": place_names(), **{name: {} for name in self._lookups}})
        #: What the rules of the read at hand use: columns or keys, and lookup tables.
        self._names, self._tables = set[str](), set[str]()

    def declaration(self, name: str) -> Declaration:
        defaults = _table(self._top, "defaults", "")
        _only(defaults, _FIELDS["fact"] - {"id", "subject", "predicate", "object", "value"}, "defaults")
        sources = tuple(self._source(one, where) for one, where in _tables(self._top, "source", ""))
        reads = tuple(self._read(one, where, defaults) for one, where in _tables(self._top, "read", ""))
        if not reads:
            raise BadInput.at("read", "is missing; a mapping reads at least one kind of file")
        about = self._top.get("about", "")
        return Declaration(str(self._top.get("name", name)), str(about), sources, reads, self._lookups, self.tables)

    def _lookup(self, name: str, one: Any) -> Lookup:
        where = f"lookup.{name}"
        if not isinstance(one, dict):
            raise BadInput.at(where, "must be a table with file and key")
        _only(one, frozenset({"file", "key", "format", "delimiter", "encoding", "root"}), where)
        file, key = _string(one, "file", where), _string(one, "key", where)
        if not key or not file or Path(file).name != file:
            raise BadInput.at(f"{where}.file", "give the name of a file (without folders) and the key column")
        return Lookup(file, key, _shape(one, where))

    def _source(self, one: dict[str, Any], where: str) -> Line:
        _only(one, _FIELDS["source"], where)
        try:
            return read_record({"type": "source", **one})
        except BadInput as error:
            raise BadInput.at(where, error.message) from error

    def _read(self, one: dict[str, Any], where: str, defaults: dict[str, Any]) -> Read:
        _only(one, _READ, where)
        patterns = one.get("files")
        patterns = [patterns] if isinstance(patterns, str) else patterns
        if not isinstance(patterns, list) or not patterns or not all(isinstance(text, str) for text in patterns):
            raise BadInput.at(f"{where}.files", 'is missing; give names such as "people*.csv"')
        self._names, self._tables, outer = set(), set(), set[str]()
        control = self._control(one, where, outer)
        rules = tuple(self._rule(kind, table, place, _defaults(defaults, kind), outer)
                      for kind in _FIELDS for table, place in _tables(one, kind, where))
        if not rules:
            raise BadInput.at(where, "makes nothing; add an entity or a fact to it")
        return Read(tuple(patterns), _shape(one, where), control, rules, frozenset(self._names - outer - {KEY}),
                    frozenset(self._tables & self._lookups.keys()))

    def _rule(self, kind: str, one: dict[str, Any], where: str, defaults: dict[str, Any], outer: set[str]) -> Rule:
        _only(one, _FIELDS[kind] | _CONTROL, where)
        own: set[str] = set()
        others, self._names = self._names, set()
        control = self._control(one, where, own)
        given = {**defaults, **{key: value for key, value in one.items() if key not in _CONTROL}}
        called = given.pop("names", [])
        called = [called] if isinstance(called, dict) else _list(called, f"{where}.names")
        names = tuple(self._name(name, f"{where}.names[{place}]", own) for place, name in enumerate(called))
        same = tuple(self._value(value, f"{where}.same_as[{place}]", own)
                     for place, value in enumerate(_list(given.pop("same_as", []), f"{where}.same_as")))
        values = {key: self._value(value, f"{where}.{key}", own) for key, value in given.items()}
        absent = next((key for key in NEEDED[kind] if key not in values), None)
        if kind == "fact" and not absent and ("object" in values) == ("value" in values):
            raise BadInput.at(f"{where}.object", "a fact has either an object or a value")
        if absent:
            raise BadInput.at(f"{where}.{absent}", "is missing")
        inputs, self._names = tuple(sorted(self._names)), self._names | others
        return Rule(where, kind, control, values, names, same, inputs)

    def _name(self, one: Any, where: str, own: set[str]) -> NamesRule:
        if isinstance(one, str):
            return NamesRule(Control(), {"name": self._value(one, where, own)})
        if not isinstance(one, dict) or "name" not in one:
            raise BadInput.at(where, "must be a text, or a table with a name")
        _only(one, _NAME | _CONTROL, where)
        inner = set(own)
        control = self._control(one, where, inner)
        return NamesRule(control, {key: self._value(value, f"{where}.{key}", inner) for key, value in one.items()
                                if key not in _CONTROL})

    def _control(self, one: dict[str, Any], where: str, own: set[str]) -> Control:
        each = []
        for text in _list(one.get("each", []), f"{where}.each"):
            one_round = self._at(f"{where}.each", lambda given: parse_each(given, self.tables), text)
            self._use(one_round.place, own)
            own |= {one_round.name, one_round.key} - {""}
            each.append(one_round)
        let = []
        for name, value in _table(one, "let", where).items():
            let.append((name, self._value(value, f"{where}.let.{name}", own)))
            own.add(name)
        tests = [tuple(self._test(place, wanted, f"{where}.{key}", own) for place, wanted in
                       _table(one, key, where).items()) for key in ("when", "unless")]
        return Control(tuple(each), tuple(let), *tests)

    def _test(self, text: str, wanted: Any, where: str, own: set[str]) -> Test:
        place = self._at(f"{where}.{text}", lambda given: parse_place(given, self.tables), text)
        self._use(place, own)
        if isinstance(wanted, bool):
            return Test(place, present=wanted)
        found = _list(wanted, where)
        if not found or not all(isinstance(one, str) for one in found):
            raise BadInput.at(f"{where}.{text}", "must be a text, a list of texts, or true (present) or false (absent)")
        return Test(place, frozenset(found))

    def _value(self, value: Any, where: str, own: set[str]) -> Value:
        if isinstance(value, bool | int | float):
            return Value(constant=value)
        templates = []
        for text in _list(value, where):
            if not isinstance(text, str):
                raise BadInput.at(where, "must be a text with {places}, a list of such texts, a number, true or false")
            templates.append(self._at(where, lambda given: parse_template(given, self.tables), text))
            self._use(templates[-1], own)
        if len(templates) == 1 and not templates[0].names:
            return Value(constant="".join(str(part) for part in templates[0].parts))
        return Value(tuple(templates))

    def _use(self, one: Place | Template, own: set[str]) -> None:
        self._names |= one.names - own
        self._tables |= one.lookups

    def _at(self, where: str, parse: Callable[[str], Any], text: Any) -> Any:
        if not isinstance(text, str):
            raise BadInput.at(where, "must be a text")
        try:
            return parse(text)
        except BadInput as error:
            raise BadInput.at(where, error.message) from error


def _defaults(given: dict[str, Any], kind: str) -> dict[str, Any]:
    """What a rule of a kind takes from the defaults: a fact all of them, an entity and a judgement who says so."""
    if kind in ("fact", "source"):
        return given if kind == "fact" else {}
    return {key: value for key, value in given.items() if key == "source"}


def _only(one: dict[str, Any], known: frozenset[str], where: str) -> None:
    unknown = sorted(one.keys() - known)
    if unknown:
        listed = ", ".join(sorted(known))
        raise BadInput.at(f"{where}.{unknown[0]}".lstrip("."), f"is not a key here; known are {listed}")


def _table(one: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    found = one.get(key, {})
    if not isinstance(found, dict):
        raise BadInput.at(f"{where}.{key}".lstrip("."), "must be a table")
    return found


def _tables(one: dict[str, Any], key: str, where: str) -> Iterator[tuple[dict[str, Any], str]]:
    found = one.get(key, [])
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise BadInput.at(f"{where}.{key}".lstrip("."), f"must be a list of tables; write [[...{key}]]")
    yield from ((table, f"{where}.{key}[{place}]".lstrip(".")) for place, table in enumerate(found))


def _list(value: Any, where: str) -> list[Any]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise BadInput.at(where, "must be a text or a list")
    return value


def _string(one: dict[str, Any], key: str, where: str) -> str:
    value = one.get(key, "")
    if not isinstance(value, str):
        raise BadInput.at(f"{where}.{key}", "must be a text")
    return value


def _texts(one: Any, where: str) -> dict[str, str]:
    if not isinstance(one, dict) or not all(isinstance(value, str) for value in one.values()):
        raise BadInput.at(where, "must be a table of texts")
    return one


def _word_table(one: Any, where: str) -> dict[str, str]:
    if not isinstance(one, dict):
        raise BadInput.at(where, 'must be a table such as person = ["actor", "poet"]')
    return {word.casefold(): value for value, words in one.items() for word in _list(words, f"{where}.{value}")}


def _shape(one: dict[str, Any], where: str) -> Shape:
    kind = _string(one, "format", where)
    if kind not in ("", "csv", "json", "jsonl"):
        raise BadInput.at(f"{where}.format", f"is {kind!r}; it must be csv, json or jsonl")
    encoding = _string(one, "encoding", where) or "utf-8-sig"
    try:
        "".encode(encoding)
    except LookupError as error:
        raise BadInput.at(f"{where}.encoding", f"{encoding!r} is not an encoding") from error
    delimiter = _string(one, "delimiter", where)
    if len(delimiter) > 1:
        raise BadInput.at(f"{where}.delimiter", "must be one character")
    return Shape(kind, delimiter, encoding, _string(one, "root", where))
