"""The entities of a dump file, one by one, not yet read: lines in brackets, lines alone, an answer of wbgetentities."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from worldctx.exchange.jsonl import lines
from worldctx.exchange.records import KEY, Shape, records
from worldctx.exchange.streams import DAMAGE, STDIN, name_of, open_stream
from worldctx.model.errors import BadInput

#: Longest line of an entity, in bytes; the largest entities of Wikidata have about 5 MB.
MAX_ENTITY = 40 * 2**20
#: Lists and objects in one line at most: three bytes make an empty list, which takes 64 in memory, so that without this
#: a line of the greatest length would take nearly a gibibyte. A million aliases are a million objects.
MAX_PARTS = 3_000_000
#: Bytes of a line from which its parts are counted; a shorter one has too few.
_COUNTED = 2**20
#: Bytes by which the form of a file is told.
_HEAD = 4096
_ANSWER = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*(?:"\w+"\s*:\s*(?:\d+|"[^"]*")\s*,\s*)*"entities"\s*:')
_LIST = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[[ \t]*[^\s]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entity as it stands in the file.

    Attributes:
        number: its line, or its place in a file that is no list of lines.
        data: its JSON, or the object where the form of the file made reading it necessary; an error in its place.
        key: the id it was asked for by, in an answer of wbgetentities.
        read, size: bytes of the file as stored that were read, and that there are.
    """

    number: int
    data: bytes | dict[str, Any] | BadInput
    key: str = ""
    read: int = 0
    size: int = 0


def entries(path: Path) -> Iterator[Entry]:
    """The entities of a file in their order; what is wrong with one stands in its place.

    Standard input (`-`) is read as lines.

    Raises:
        BadInput: the file cannot be opened.
    """
    head = _head(path)
    if _ANSWER.match(head):
        yield from _objects(path, Shape("json", root="entities.*"))
    elif _LIST.match(head):
        yield from _objects(path, Shape("json"))
    else:
        yield from _lines(path)


def object_of(data: bytes) -> Mapping[str, Any]:
    """The object of a line. Of a key that stands twice the last one counts, as in orjson.

    Raises:
        BadInput: it is no JSON object in UTF-8, is nested too deep, or has too many parts.
    """
    if len(data) > _COUNTED and data.count(b"{") + data.count(b"[") > MAX_PARTS:
        raise BadInput(f"holds more than {MAX_PARTS:,} lists and objects, which no entity does")
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"is not JSON in UTF-8: {str(error)[:200]}; a dump has one entity a line") from error
    if not isinstance(found, dict):
        raise BadInput(f"is a JSON {type(found).__name__}, not an object; a dump has one entity a line")
    return found


def _head(path: Path) -> bytes:
    if path == STDIN:
        return b""
    with open_stream(path) as stream:
        try:
            head = b""
            while len(head) < _HEAD and (data := stream.read(_HEAD - len(head))):
                head += data
        except (*DAMAGE, BadInput):
            pass  # reading it as lines says so, with the place
        return head


def _lines(path: Path) -> Iterator[Entry]:
    number = 0
    for line in lines(path, MAX_ENTITY):
        if isinstance(line, BadInput):
            number += 1
            yield Entry(number, line)
            continue
        number = line.number
        data = line.data.strip().removesuffix(b",")
        if data not in (b"[", b"]", b""):
            yield Entry(number, data, read=line.read, size=line.size)


def _objects(path: Path, shape: Shape) -> Iterator[Entry]:
    for place, one in enumerate(records(path, shape), 1):
        if isinstance(one, BadInput):
            yield Entry(place, one)
        else:
            yield Entry(place, one.value, str(one.value.pop(KEY, "")), one.read, one.size)


def where(path: Path, number: int) -> str:
    """How the place of an entity is called in messages."""
    return f"{name_of(path)}: line {number}"
