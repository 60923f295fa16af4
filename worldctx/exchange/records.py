"""Records of users' files, one by one: rows of CSV in any dialect, JSON lines, and JSON documents of any size."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePath
from typing import Any

from worldctx.exchange.jsonl import located, objects
from worldctx.exchange.streams import DAMAGE, Stream, name_of, open_stream
from worldctx.model.errors import BadInput

#: Suffixes of names and the formats that they stand for; a packing suffix is taken off first.
FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}
PACKED = frozenset({".gz", ".bz2", ".zst"})
_DELIMITERS = ",;\t|"
#: Longest cell of a CSV file, in characters; the csv module refuses more than 128 Ki of its own accord.
MAX_CELL = 16 * 2**20
#: Longest record of a JSON document, in characters; a number of copies of it are held while it is read.
MAX_RECORD = 32 * 2**20
#: Characters read at a time from a JSON document.
_STEP = 2**16
#: How far before the end of what was read a token may begin that is cut off there: `-Infinity`, `\\ud83d\\ude00`.
_LONGEST_TOKEN = 16
#: Under which name the key of a JSON object's entry is found when its entries are the records (`root = "*"`).
KEY = "_key"


@dataclass(frozen=True, slots=True)
class Shape:
    """How the records lie in a file.

    Attributes:
        format: csv, json or jsonl; empty reads it off the file's name.
        delimiter: of CSV; empty takes the likeliest of comma, semicolon, tab and bar in the header.
        root: where a JSON document keeps its records: empty for a list (or one object, or one after another), `*` for
            an object whose entries are the records, a path such as `data.items`, or `data.*`.
    """

    format: str = ""
    delimiter: str = ""
    encoding: str = "utf-8-sig"
    root: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One record and the line it begins on; `read` of `size` bytes of the file are done."""

    number: int
    value: dict[str, Any]
    read: int
    size: int


def records(path: Path, shape: Shape) -> Iterator[Record | BadInput]:
    """The records of a file; what is wrong with one stands in its place, and damage to the file ends it with an error.

    Raises:
        BadInput: the file cannot be opened, or its format is not known.
    """
    kind = shape.format or format_of(path)
    if kind == "jsonl":
        for one in objects(path):
            yield one if isinstance(one, BadInput) else Record(one[0].number, one[1], one[0].read, one[0].size)
        return
    with open_stream(path) as stream:
        try:
            yield from _csv(stream, path, shape) if kind == "csv" else _json(stream, path, shape)
        except BadInput as error:
            yield error
        except (*DAMAGE, UnicodeError, LookupError) as error:
            yield BadInput.at(name_of(path), f"the file breaks off, is damaged or is not {shape.encoding} ({error})")


def format_of(path: PurePath) -> str:
    """The format that a file's name stands for.

    Raises:
        BadInput: it stands for none.
    """
    plain = path.with_suffix("") if path.suffix in PACKED else path
    found = FORMATS.get(plain.suffix.lower())
    if found is None:
        raise BadInput.at("format", f"cannot be told from the name {path.name!r}; it may be csv, json or jsonl")
    return found


def _csv(stream: Stream, path: Path, shape: Shape) -> Iterator[Record | BadInput]:
    # Bytes that are no text become surrogates, so that one bad row is one error and the next rows still come.
    text = io.TextIOWrapper(io.BufferedReader(stream), shape.encoding, "surrogateescape", newline="")
    first = text.readline(MAX_CELL)
    delimiter = shape.delimiter or max(_DELIMITERS, key=first.count)
    if csv.field_size_limit() < MAX_CELL:
        csv.field_size_limit(MAX_CELL)
    # A line longer than a cell may be comes in pieces, so that no file makes this take more memory than that.
    reader = csv.reader(chain([first], iter(lambda: text.readline(MAX_CELL), "")), delimiter=delimiter,
                        strict=True)
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise BadInput.at(f"{name_of(path)}: line 1", f"is not CSV: {error}; check the quotes") from error
    doubled = sorted({name for name in header if header.count(name) > 1})
    if not any(header) or doubled:
        problem = f"has the column {doubled[0]!r} twice" if doubled else "has no header"
        raise BadInput.at(f"{name_of(path)}: line 1", f"{problem}; give every column a name of its own")
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:  # the reader goes on with the next line
            yield BadInput.at(f"{name_of(path)}: line {number}", f"is not CSV: {error}; check the quotes")
            continue
        if cells is None:
            return
        wrong = _wrong(cells, header, shape)
        if wrong:
            yield BadInput.at(f"{name_of(path)}: line {number}", wrong)
        elif cells:
            yield Record(number, dict(zip(header, cells, strict=True)), stream.done, stream.size)


def _wrong(cells: list[str], header: list[str], shape: Shape) -> str:
    if cells and len(cells) != len(header):
        return f"has {len(cells)} cells and the header {len(header)}; check the quotes and the delimiter"
    bad = next((name for name, cell in zip(header, cells, strict=False) if _is_broken(cell)), None)
    return "" if bad is None else f"the cell {bad!r} is not {shape.encoding}; name the file's encoding"


def _is_broken(cell: str) -> bool:
    return not cell.isascii() and any("\ud800" <= char <= "\udfff" for char in cell)


def _json(stream: Stream, path: Path, shape: Shape) -> Iterator[Record | BadInput]:
    text = _Text(io.TextIOWrapper(io.BufferedReader(stream), shape.encoding), name_of(path))
    for number, key, one in _elements(text, shape.root):
        if isinstance(one, BadInput):
            yield located(one, path, number)
        elif isinstance(one, dict):
            yield Record(number, one if key is None else one | {KEY: key}, stream.done, stream.size)
        else:
            yield located(BadInput.at("record", f"is a JSON {type(one).__name__}, not an object"), path, number)


def _elements(text: _Text, root: str) -> Iterator[tuple[int, str | None, Any]]:
    """Line, key (of an object's entry) and value of each record."""
    for key in filter(None, root.removesuffix("*").rstrip(".").split(".")):
        _enter(text, key)
    ahead = text.ahead()
    if root.endswith("*"):
        text.take("{")
        while text.ahead() != "}":
            key = text.key()
            yield text.line_ahead(), key, text.value()
            text.part("}")
        text.take("}")
    elif ahead == "[":
        text.take("[")
        while text.ahead() != "]":
            yield text.line_ahead(), None, text.value()
            text.part("]")
        text.take("]")
    elif root:
        yield text.line_ahead(), None, text.value()
    else:
        while text.ahead():  # one object, or one after another
            yield text.line, None, text.value()


def _enter(text: _Text, wanted: str) -> None:
    """Go to the value of a key; what stands before it is passed over."""
    text.take("{")
    while text.ahead() != "}":
        if text.key() == wanted:
            return
        text.value()
        text.part("}")
    raise text.broken(f"there is no {wanted!r}, where the mapping looks for records (its root)")


class _Text:
    """A JSON document read value by value, so that a list of any length needs the memory of one of its elements."""

    def __init__(self, file: io.TextIOWrapper, name: str) -> None:
        self._file, self._name = file, name
        self._text, self._at, self._ended = "", 0, False
        self.line = 1
        self._faults: list[str] = []
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object, parse_constant=self._constant)

    def ahead(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in " \t\r\n":
                self.line += self._text[self._at] == "\n"
                self._at += 1
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more(_STEP):
                return ""

    def line_ahead(self) -> int:
        """The line on which the next value begins."""
        self.ahead()
        return self.line

    def take(self, char: str) -> None:
        """Pass over a character that must come next."""
        found = self.ahead()
        if found != char:
            raise self.broken(f"{char!r} expected, {found or 'the end'!r} found")
        self._at += 1

    def part(self, closing: str) -> None:
        """Pass over the comma between two elements; nothing stands before what closes them."""
        if self.ahead() != closing:
            self.take(",")
            if self.ahead() == closing:
                raise self.broken(f"a comma stands before {closing!r}")

    def key(self) -> str:
        """The key of the next entry of an object, and the colon behind it."""
        if self.ahead() != '"':
            raise self.broken("a key in quotes expected")
        key = str(self.value())
        self.take(":")
        return key

    def value(self) -> Any:
        """The next value; a BadInput for one that can be passed over but not used.

        Raises:
            BadInput: what comes is not JSON, so that nothing after it can be read.
        """
        self.ahead()
        step = _STEP
        while True:
            self._faults.clear()
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._may_go_on(error) and self._more(step):
                    step *= 2
                    continue
                raise self.broken(error.msg) from error
            except (ValueError, RecursionError) as error:  # a number of too many digits, or too deep
                raise self.broken(str(error)[:200]) from error
            # A number at the end of what was read may go on.
            if end < len(self._text) or not self._more(step):
                self.line += self._text.count("\n", self._at, end)
                self._at = end
                return BadInput.at("record", f"is not JSON: {self._faults[0]}") if self._faults else found

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Whether the text may only end too early: the error lies at its end, or in a string begun anywhere."""
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._text) - _LONGEST_TOKEN

    def _more(self, step: int) -> bool:
        if len(self._text) - self._at > MAX_RECORD:
            raise self.broken(f"one value is longer than {MAX_RECORD:,} characters")
        data = "" if self._ended else self._file.read(step)
        self._ended = not data
        self._text, self._at = self._text[self._at:] + data, 0
        return bool(data)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            self._faults.append(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice")
        return found

    def _constant(self, name: str) -> None:
        self._faults.append(f"{name} is not a JSON number")

    def broken(self, why: str) -> BadInput:
        """The error of a text after which nothing can be read."""
        return BadInput.at(f"{self._name}: line {self.line}", f"is not JSON: {why}; the rest was not read")
