"""Records of users' files, one by one: rows of CSV in any dialect, JSON lines, and JSON documents of any size."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from worldctx.exchange.fields import unique
from worldctx.exchange.jsonl import MAX_LINE, located, objects
from worldctx.exchange.streams import DAMAGE, Stream, name_of, open_stream
from worldctx.model.errors import BadInput

#: Suffixes of names and the formats that they stand for; a packing suffix is taken off first.
FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}
PACKED = frozenset({".gz", ".zst"})
_DELIMITERS = ",;\t|"
#: Longest cell of a CSV file, in characters; the csv module refuses more than 128 Ki of its own accord.
MAX_CELL = 16 * 2**20
#: Characters read at a time from a JSON document.
_STEP = 2**16
#: Under which name the key of a JSON object's entry is found when its entries are the records (`root = "*"`).
KEY = "_key"


@dataclass(frozen=True, slots=True)
class Shape:
    """How the records lie in a file.

    Attributes:
        format: csv, json or jsonl; empty reads it off the file's name.
        delimiter: of CSV; empty takes the likeliest of comma, semicolon, tab and bar in the header.
        root: where a JSON document keeps its records: empty for a list (or one single record), `*` for an object whose
            entries are the records, else a path such as `data.items`.
    """

    format: str = ""
    delimiter: str = ""
    encoding: str = "utf-8-sig"
    root: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One record and its line (in CSV the one it ends on); `read` of `size` bytes of the file are done."""

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
    header_line = text.readline(MAX_CELL)
    delimiter = shape.delimiter or max(_DELIMITERS, key=header_line.count)
    if csv.field_size_limit() < MAX_CELL:
        csv.field_size_limit(MAX_CELL)
    header = next(csv.reader([header_line], delimiter=delimiter), [])
    doubled = sorted({name for name in header if header.count(name) > 1})
    if not header or doubled:
        problem = f"has the column {doubled[0]!r} twice" if doubled else "has no header"
        raise BadInput.at(f"{name_of(path)}: line 1", f"{problem}; give every column a name of its own")
    reader = csv.reader(iter(lambda: text.readline(MAX_CELL), ""), delimiter=delimiter)
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise BadInput.at(f"{name_of(path)}: line {reader.line_num + 1}", f"is not CSV: {error}") from error
        if cells is None:
            return
        number = reader.line_num + 1
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
    if shape.root == "" and text.ahead() != "[":
        while text.ahead():  # one object, or one after another
            line = text.line
            yield _checked(text.value(), path, line, stream)
        return
    if shape.root not in ("", "*"):
        found = text.value()
        for key in filter(None, shape.root.split(".")):
            found = found.get(key) if isinstance(found, dict) else None
        inner = found if isinstance(found, list) else [found]
        for number, one in enumerate(inner, 1):
            yield _checked(one, path, number, stream)
        return
    opening, closing = ("[", "]") if shape.root == "" else ("{", "}")
    text.take(opening)
    while text.ahead() != closing:
        entry: str | None = None
        if closing == "}":
            entry = text.value()
            text.take(":")
        line = text.line
        one = text.value()
        yield _checked(one | {KEY: entry} if entry is not None and isinstance(one, dict) else one, path, line, stream)
        if text.ahead() != closing:
            text.take(",")
    text.take(closing)


def _checked(one: Any, path: Path, number: int, stream: Stream) -> Record | BadInput:
    if isinstance(one, dict):
        return Record(number, one, stream.done, stream.size)
    return located(BadInput.at("record", f"is a JSON {type(one).__name__}, not an object"), path, number)


class _Text:
    """A JSON document read value by value, so that a list of any length needs the memory of one of its elements."""

    def __init__(self, file: io.TextIOWrapper, name: str) -> None:
        self._file, self._name = file, name
        self._text, self._at, self._ended = "", 0, False
        self.line = 1
        self._decoder = json.JSONDecoder(object_pairs_hook=unique)

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

    def take(self, char: str) -> None:
        """Pass over a character that must come next."""
        found = self.ahead()
        if found != char:
            raise self._broken(f"{char!r} expected, {found or 'the end'!r} found")
        self._at += 1

    def value(self) -> Any:
        """The next value."""
        self.ahead()
        step = _STEP
        while True:
            try:
                found, end = self._decoder.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if self._more(step):
                    step *= 2
                    continue
                raise self._broken(str(error)[:200]) from error
            # A number at the end of what was read may go on.
            if end < len(self._text) or not self._more(step):
                self.line += self._text.count("\n", self._at, end)
                self._at = end
                return found

    def _more(self, step: int) -> bool:
        if len(self._text) - self._at > MAX_LINE:
            raise self._broken(f"one value is longer than {MAX_LINE:,} characters")
        data = "" if self._ended else self._file.read(step)
        self._ended = not data
        self._text, self._at = self._text[self._at:] + data, 0
        return bool(data)

    def _broken(self, why: str) -> BadInput:
        return BadInput.at(f"{self._name}: line {self.line}", f"is not JSON: {why}; the rest was not read")
