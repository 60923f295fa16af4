"""The small language of mapping files: `"ocd:{id}"`, `"{roles[].start_date|min}"`, `each = "roles[] as role"`.

A template is text with places in braces. A place is a path into the record and functions behind bars. A path gives any
number of values; a template gives one text for each combination of them, and none at all where a place gives none.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from worldctx.model.errors import BadInput

Scope = Mapping[str, Any]
#: Texts that one template may give for one record; more is a mapping that multiplies lists by mistake.
MAX_TEXTS = 10_000


@dataclass(slots=True)
class Tables:
    """What functions look things up in.

    Attributes:
        maps: value maps of the mapping file.
        words: for `words:NAME`, each word and the value it stands for.
        lookups: tables by name: key to columns.
    """

    maps: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lookups: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)


Function = Callable[[list[str], str, Tables], list[str]]
_PLACE = re.compile(r"\{([^{}]*)\}|\{\{|\}\}|[{}]")
_STEP = re.compile(r"([^.\[\]|]+)((?:\[\d*\])*)")
_WORD = re.compile(r"[\w-]+")
#: Where the head of a description ends: "county seat | of El Paso County", "film | directed by".
_HEAD = re.compile(r",|;|\(| (?:in|of|from|by|for|at|on|to|who|that|which|and|with|based|located|near|directed|produced"
                   r"|written|founded|formed|consisting|originating|spoken|played|held|used|owned) ")


@dataclass(frozen=True, slots=True)
class Path:
    """Keys, positions and `None` for all elements, into nested objects and lists."""

    steps: tuple[str | int | None, ...]

    @property
    def name(self) -> str:
        """The column or key that it starts from."""
        return str(self.steps[0])

    def values(self, scope: Scope) -> list[Any]:
        """Everything that lies there; nulls and empty texts do not."""
        found: list[Any] = [scope]
        for step in self.steps:
            found = [inner for one in found for inner in _inside(one, step)]
        return [one for one in found if one is not None and one != ""]


def parse_path(text: str) -> Path:
    """Read `a.b[].c`, `names.*`, `latlng[0]`.

    Raises:
        BadInput: it is none.
    """
    steps: list[str | int | None] = []
    for part in text.split("."):
        match = _STEP.fullmatch(part.strip())
        if match is None:
            raise BadInput.at("path", f"{text!r} cannot be read; write it as a.b, list[].key, list[0] or object.*")
        steps.append(None if match[1] == "*" else match[1])
        steps.extend(int(place) if place else None for place in re.findall(r"\[(\d*)\]", match[2]))
    return Path(tuple(steps))


def _inside(one: Any, step: str | int | None) -> Iterator[Any]:
    if isinstance(one, Mapping):
        if step is None:
            yield from one.values()
        elif step in one:
            yield one[step]
    elif isinstance(one, Sequence) and not isinstance(one, str):
        if step is None:
            yield from one
        elif isinstance(step, int) and step < len(one):
            yield one[step]


@dataclass(frozen=True, slots=True)
class Place:
    """A path and the functions that its values go through."""

    path: Path
    calls: tuple[tuple[Function, str], ...]

    def texts(self, scope: Scope, tables: Tables) -> list[str]:
        """The values as texts, empty ones left out."""
        found = [_text(one) for one in self.path.values(scope)]
        for function, argument in self.calls:
            found = [one for one in function(found, argument, tables) if one]
        return found


def parse_place(text: str, tables: Tables) -> Place:
    """Read `path|function|function:argument`.

    Raises:
        BadInput: an unknown function, or a table that the mapping does not have.
    """
    path, *calls = text.split("|")
    return Place(parse_path(path), tuple(_call(call.lstrip(), tables) for call in calls))


def _call(text: str, tables: Tables) -> tuple[Function, str]:
    name, _, argument = text.partition(":")
    if name not in FUNCTIONS:
        raise BadInput.at("function", f"{name!r} is not one of {', '.join(sorted(FUNCTIONS))}")
    known: Mapping[str, object] | None = {"map": tables.maps, "words": tables.words, "get": tables.lookups}.get(name)
    table = argument.partition(".")[0]
    if known is not None and table not in known:
        listed = ", ".join(sorted(known)) or "none"
        raise BadInput.at(name, f"there is no table {table!r} in this mapping; there are: {listed}")
    if name == "get" and "." not in argument:
        raise BadInput.at(name, f"write get:{table}.COLUMN")
    return FUNCTIONS[name], argument


@dataclass(frozen=True, slots=True)
class Template:
    """Text and places, one after another."""

    parts: tuple[str | Place, ...]

    @property
    def names(self) -> frozenset[str]:
        """The columns or keys that it starts from."""
        return frozenset(part.path.name for part in self.parts if isinstance(part, Place))

    def texts(self, scope: Scope, tables: Tables) -> list[str]:
        """One text for each combination of the values of its places.

        Raises:
            BadInput: a value is an object or a list, or the combinations are too many.
        """
        found = [""]
        for part in self.parts:
            values = [part] if isinstance(part, str) else part.texts(scope, tables)
            if len(found) * len(values) > MAX_TEXTS:
                raise BadInput.at("template", f"gives more than {MAX_TEXTS:,} texts; use each, first or join")
            found = [text + value for text in found for value in values]
        return found


def parse_template(text: str, tables: Tables) -> Template:
    """Read a template; `{{` and `}}` stand for braces.

    Raises:
        BadInput: a brace without its partner, or a wrong place.
    """
    parts: list[str | Place] = []
    at = 0
    for match in _PLACE.finditer(text):
        parts.append(text[at:match.start()])
        at = match.end()
        if match[0] in ("{{", "}}"):
            parts.append(match[0][0])
        elif match[1] is None:
            raise BadInput.at("template", f"{text!r} has a brace without its partner; write {{{{ for a brace itself")
        else:
            parts.append(parse_place(match[1], tables))
    parts.append(text[at:])
    return Template(tuple(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class Each:
    """One round for every value of a path, under a name (and, of an object's entries, their keys under another)."""

    path: Path
    name: str
    key: str = ""

    def scopes(self, scope: Scope) -> Iterator[dict[str, Any]]:
        """The scope of each round."""
        if self.key and self.path.steps[-1] is None:
            for holder in Path(self.path.steps[:-1]).values(scope):
                pairs = holder.items() if isinstance(holder, Mapping) else enumerate(holder, 1)
                yield from ({**scope, self.name: value, self.key: key} for key, value in pairs)
        else:
            yield from ({**scope, self.name: value} for value in self.path.values(scope))


def parse_each(text: str) -> Each:
    """Read `roles[] as role` or `translations.* as lang, names`.

    Raises:
        BadInput: it is neither.
    """
    match = re.fullmatch(r"(\S+) as (?:(\w+), *)?(\w+)", text.strip())
    if match is None:
        raise BadInput.at("each", f'{text!r} cannot be read; write it as "list[] as item" or "object.* as key, value"')
    return Each(parse_path(match[1]), match[3], match[2] or "")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        kind = "an object" if isinstance(value, dict) else "a list"
        raise BadInput.at("value", f"{json.dumps(value, default=str)[:60]} is {kind}; name what lies inside it")
    return json.dumps(value)


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or re.sub(r"\W+", "-", text.casefold()).strip("-")


def _year(text: str) -> str:
    match = re.search(r"(?<!\d)\d{4}(?!\d)", text)
    return match[0] if match else ""


def _date(text: str, form: str) -> str:
    try:
        moment = datetime.strptime(text.strip(), form)  # noqa: DTZ007 - a day, not an instant
    except ValueError as error:
        raise BadInput.at("date", f"{text!r} is not of the form {form}") from error
    day = any(code in form for code in ("%d", "%j"))
    month = day or any(code in form for code in ("%m", "%b", "%B"))
    return moment.strftime("%Y-%m-%d" if day else "%Y-%m" if month else "%Y")


def _head(text: str) -> str:
    return _HEAD.split(text, maxsplit=1)[0]


def _words(text: str, table: Mapping[str, str]) -> str:
    known = [table[word] for word in _WORD.findall(text.casefold()) if word in table]
    return known[-1] if known else ""


def _each(function: Callable[[str], str]) -> Function:
    return lambda found, argument, tables: [function(one) for one in found]


def _each_with(function: Callable[[str, str], str]) -> Function:
    return lambda found, argument, tables: [function(one, argument) for one in found]


def _get(found: list[str], argument: str, tables: Tables) -> list[str]:
    table, _, column = argument.partition(".")
    return [tables.lookups[table].get(one, {}).get(column, "") for one in found]


#: All functions. Each takes the values so far, what stands behind its colon, and the tables.
FUNCTIONS: Mapping[str, Function] = {
    "strip": _each(str.strip),
    "lower": _each(str.lower),
    "upper": _each(str.upper),
    "title": _each(str.title),
    "slug": _each(_slug),
    "year": _each(_year),
    "head": _each(_head),
    "date": _each_with(_date),
    "before": _each_with(lambda text, mark: text.partition(mark)[0]),
    "after": _each_with(lambda text, mark: text.partition(mark)[2]),
    "skip": lambda found, argument, tables: [one for one in found if one != argument],
    "default": lambda found, argument, tables: found or [argument],
    "split": lambda found, argument, tables: [part.strip() for one in found for part in one.split(argument or ",")],
    "join": lambda found, argument, tables: [argument.join(found)],
    "first": lambda found, argument, tables: found[:1],
    "last": lambda found, argument, tables: found[-1:],
    "min": lambda found, argument, tables: sorted(found)[:1],
    "max": lambda found, argument, tables: sorted(found)[-1:],
    "map": lambda found, argument, tables: [tables.maps[argument].get(one, "") for one in found],
    "words": lambda found, argument, tables: [_words(one, tables.words[argument]) for one in found],
    "get": _get,
}
