"""Files of JSON lines, plain or compressed, as a stream of numbered lines with the position in the file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worldctx.exchange.fields import parse_object
from worldctx.exchange.streams import DAMAGE, name_of, open_stream
from worldctx.model.errors import BadInput

#: Longest line accepted, in bytes: the largest text allowed by default, every character escaped, fits well.
MAX_LINE = 256 * 2**20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end.

    Attributes:
        number: counted from 1, empty lines included.
        read: bytes of the file as stored that were read so far, for progress.
        size: bytes of the file as stored; 0 where it is not known (standard input).
    """

    number: int
    data: bytes
    read: int
    size: int = 0


def lines(path: Path, longest: int | None = None) -> Iterator[Line | BadInput]:
    """The lines of a file, or of standard input for `-`; empty ones are left out.

    A line that is too long is passed over with an error in its place. A file that breaks off, is damaged or expands
    too much gives the lines before that and then one error.

    Args:
        longest: bytes that a line may have; MAX_LINE unless told.

    Raises:
        BadInput: the file cannot be opened.
    """
    name, longest = name_of(path), MAX_LINE if longest is None else longest
    with open_stream(path) as stream:
        number = 0
        buffer = io.BufferedReader(stream, 2**16)
        try:
            while data := buffer.readline(longest + 1):
                number += 1
                if len(data) > longest:
                    _skip(buffer)
                    yield BadInput.at(f"{name}: line {number}", f"is longer than {longest:,} bytes; split the record")
                    continue
                if number == 1:
                    data = data.removeprefix(_BOM)
                if data.strip():
                    yield Line(number, data.rstrip(b"\r\n"), stream.done, stream.size)
        except BadInput as error:
            yield error
        except DAMAGE as error:
            yield BadInput.at(f"{name}: after line {number}", f"the file breaks off or is damaged ({error})")


def objects(path: Path) -> Iterator[tuple[Line, dict[str, Any]] | BadInput]:
    """The JSON objects of a file, with their lines; what is wrong with a line stands in its place."""
    for line in lines(path):
        if isinstance(line, BadInput):
            yield line
            continue
        try:
            found = parse_object(line.data)
        except BadInput as error:
            yield located(error, path, line.number)
            continue
        yield line, found


def located(error: BadInput, path: Path, number: int) -> BadInput:
    """The error with the file and line it is about in front."""
    return BadInput(f"{name_of(path)}: line {number}: {error.message}", violations=error.violations)


def _skip(buffer: io.BufferedIOBase) -> None:
    while (data := buffer.readline(2**20)) and not data.endswith(b"\n"):
        pass
