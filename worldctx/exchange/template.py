"""The small language of mapping files: `"ocd:{id}"`, `"{roles[].start_date|min}"`, `each = "roles[] as role"`.

A template is text with places in braces. A place is one path into the record, or several joined by `&`, and functions
behind bars. A place gives any number of values; a template gives one text for each combination of them, and none at all
where a place gives none.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import regex

from worldctx.model.errors import BadInput

Scope = Mapping[str, Any]
#: Texts that one template may give for one record; more is a mapping that multiplies lists by mistake.
MAX_TEXTS = 10_000
#: Seconds that one `match` may take, so that a bad pattern on a hostile cell does not stop an import.
MATCH_S = 1.0


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
#: A bar between functions, not one inside the parentheses of a pattern: `match:^(?:Mr|Mrs) `.
_BAR = re.compile(r"\|(?![^()]*\))")
#: Where the head of a description ends: "county seat | of El Paso County", "film | directed by".
_HEAD = re.compile(r",|;|\(| (?:in|of|from|by|for|at|on|to|who|that|which|and|with|based|located|near|directed|produced"
                   r"|written|founded|formed|consisting|originating|spoken|played|held|used|owned) ")


class Texts(tuple[str, ...]):
    """What a `let` gave, any number of texts: its name stands for all of them."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Path:
    """Keys, positions and `None` for all elements, into nested objects and lists."""

    steps: tuple[str | int | None, ...]

    @property
    def name(self) -> str:
        """The column or key that it starts from."""
        return str(self.steps[0])

    @property
    def takes_entries(self) -> bool:
        """Whether it ends with all entries of an object."""
        return len(self.steps) > 1 and self.steps[-1] is None

    def values(self, scope: Scope) -> list[Any]:
        """Everything that lies there; nulls and empty texts do not."""
        first = self.steps[0]
        if isinstance(first, str):
            one = scope.get(first)
            found: list[Any] = list(one) if isinstance(one, Texts) else [one]
        else:
            found = list(_inside(scope, first))
        for step in self.steps[1:]:
            found = [inner for one in found for inner in _inside(one, step)]
        return [one for one in found if one is not None and one != ""]

    def __str__(self) -> str:
        return "".join(f"[{'' if step is None else step}]" if step is None or isinstance(step, int) else f".{step}"
                       for step in self.steps).lstrip(".")


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
    elif step is None:  # many files write a list of one as its element
        yield one


@dataclass(frozen=True, slots=True)
class Place:
    """Paths and the functions that their values go through."""

    paths: tuple[Path, ...]
    calls: tuple[tuple[Function, str], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The columns or keys that it starts from."""
        return frozenset(path.name for path in self.paths)

    @property
    def lookups(self) -> frozenset[str]:
        """The lookup tables that it uses."""
        return frozenset(argument.partition(".")[0] for function, argument in self.calls if function is _get)

    def texts(self, scope: Scope, tables: Tables) -> list[str]:
        """The values as texts, empty ones left out.

        Raises:
            BadInput: a value is an object or a list, or a function cannot work on it.
        """
        found = [one if type(one) is str else _text(one, path) for path in self.paths for one in path.values(scope)]
        for function, argument in self.calls:
            found = [one for one in function(found, argument, tables) if one]
        return found


def parse_place(text: str, tables: Tables) -> Place:
    """Read `path|function|function:argument` or `path & path|function`.

    Raises:
        BadInput: an unknown function, or a table that the mapping does not have.
    """
    paths, *calls = _BAR.split(text)
    return Place(tuple(parse_path(path.strip()) for path in paths.split("&")),
                 tuple(_call(call.lstrip(), tables) for call in calls))


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
    if name == "replace" and ":" not in argument:
        raise BadInput.at(name, "write replace:OLD:NEW")
    if name == "match":
        try:
            _pattern(argument)
        except regex.error as error:
            raise BadInput.at(name, f"{argument!r} is no regular expression: {error}") from error
    return FUNCTIONS[name], argument


@dataclass(frozen=True, slots=True)
class Template:
    """Text and places, one after another."""

    parts: tuple[str | Place, ...]

    @property
    def names(self) -> frozenset[str]:
        """The columns or keys that it starts from."""
        return frozenset(name for part in self.parts if isinstance(part, Place) for name in part.names)

    @property
    def lookups(self) -> frozenset[str]:
        """The lookup tables that it uses."""
        return frozenset(name for part in self.parts if isinstance(part, Place) for name in part.lookups)

    def texts(self, scope: Scope, tables: Tables) -> list[str]:
        """One text for each combination of the values of its places.

        Raises:
            BadInput: a value is an object or a list, or the combinations are too many.
        """
        if len(self.parts) == 1 and isinstance(self.parts[0], Place):
            return self.parts[0].texts(scope, tables)
        found = [""]
        for part in self.parts:
            values = [part] if isinstance(part, str) else part.texts(scope, tables)
            if not values:
                return []
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
    """One round for every value of a place, under a name (and, of an object's entries, their keys under another)."""

    place: Place
    name: str
    key: str = ""

    def scopes(self, scope: Scope, tables: Tables) -> Iterator[dict[str, Any]]:
        """The scope of each round."""
        if self.place.calls:
            yield from ({**scope, self.name: text} for text in self.place.texts(scope, tables))
            return
        for path in self.place.paths:
            if not self.key:
                yield from ({**scope, self.name: value} for value in path.values(scope))
                continue
            for holder in Path(path.steps[:-1]).values(scope):
                if isinstance(holder, Mapping):
                    yield from ({**scope, self.name: value, self.key: key} for key, value in holder.items())


def parse_each(text: str, tables: Tables) -> Each:
    """Read `roles[] as role`, `translations.* as lang, names` or `authors|split:; as author`.

    Raises:
        BadInput: it is none of these.
    """
    match = re.fullmatch(r"(.+) as (?:(\w+), *)?(\w+)", text.strip())
    if match is None:
        raise BadInput.at("each", f'{text!r} cannot be read; write it as "list[] as item" or "object.* as key, value"')
    place = parse_place(match[1], tables)
    if match[2] and (place.calls or any(not path.takes_entries for path in place.paths)):
        raise BadInput.at("each", f'{text!r} names a key, which only the entries of an object have: "object.* as …"')
    return Each(place, match[3], match[2] or "")


def _text(value: Any, path: Path) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        kind = "an object" if isinstance(value, dict) else "a list"
        raise BadInput.at(str(path), f"{json.dumps(value, default=str)[:60]} is {kind}; name what lies inside it")
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


@lru_cache(maxsize=256)
def _pattern(text: str) -> regex.Pattern[str]:
    return regex.compile(text)


def _match(text: str, pattern: str) -> str:
    try:
        return text if _pattern(pattern).search(text, timeout=MATCH_S) else ""
    except TimeoutError as error:
        raise BadInput.at("match", f"{pattern!r} takes too long on {text[:40]!r}") from error


def _replace(text: str, argument: str) -> str:
    old, _, new = argument.partition(":")
    return text.replace(old, new) if old else text


def head_of(text: str) -> str:
    """The beginning of a description, without what came later: of `American actor (born 1950)`, `American actor`."""
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
    "unquote": _each(unquote),
    "year": _each(_year),
    "head": _each(head_of),
    "date": _each_with(_date),
    "before": _each_with(lambda text, mark: text.partition(mark)[0]),
    "after": _each_with(lambda text, mark: text.partition(mark)[2]),
    "replace": _each_with(_replace),
    "match": _each_with(_match),
    "skip": lambda found, argument, tables: [one for one in found if one != argument],
    "default": lambda found, argument, tables: found or [argument],
    "then": lambda found, argument, tables: [argument] if found else [],
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
