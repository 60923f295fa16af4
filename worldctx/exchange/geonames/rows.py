"""Rows of GeoNames' tables, in blocks: lines without quoting, so that one split is all the parsing there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from worldctx.exchange.geonames.archive import DAMAGE, opened
from worldctx.exchange.streams import name_of
from worldctx.model.errors import BadInput

#: Bytes read at a time.
BLOCK = 2**20
#: Longest row, in bytes. The longest column, the alternate names, has 10,000 characters at most.
MAX_ROW = 2**20
_BOM = b"\xef\xbb\xbf"
#: Line, text and bytes of the file read so far.
Row = tuple[int, str | BadInput, int]


def rows(path: Path) -> Iterator[Row]:
    """The rows of a file; empty lines and comments (`#`) are none. What is wrong with one stands in its place.

    A file that breaks off, is damaged or expands too much gives the rows before that and then one error.

    Raises:
        BadInput: the file cannot be opened.
    """
    name, number = name_of(path), 0
    with opened(path) as source:
        rest, long = b"", False  # what was read of the last line; whether it is too long and passed over
        try:
            while True:
                data = source.read(BLOCK) or b""
                if not number and not rest:
                    data = data.removeprefix(_BOM)
                whole, end, tail = (rest + data).rpartition(b"\n") if data else (rest, rest[:1], b"")
                read = source.done
                if end:
                    for line in _texts(whole):
                        number += 1
                        if long:
                            long = False
                            yield number, _long(name, number), read
                        elif isinstance(line, bytes):
                            yield number, _broken(name, number), read
                        elif line and line[0] != "#":
                            yield number, line, read
                rest = tail
                if len(rest) > MAX_ROW:
                    rest, long = b"-", True
                if not data:
                    return
        except BadInput as error:
            yield number + 1, error, source.done
        except DAMAGE as error:
            broken = BadInput.at(f"{name}: after line {number}", f"the file breaks off or is damaged ({error})")
            yield number + 1, broken, source.done


def _texts(whole: bytes) -> list[str] | list[str | bytes]:
    """The lines of a block as text; those that are no UTF-8 as bytes."""
    try:
        text = whole.decode()
    except UnicodeDecodeError:
        return [_text(line) for line in whole.split(b"\n")]
    # Not splitlines, for which U+0085 and U+2028 inside a name end a line.
    return (text.replace("\r\n", "\n").removesuffix("\r") if "\r" in text else text).split("\n")


def _text(line: bytes) -> str | bytes:
    try:
        return line.decode().removesuffix("\r")
    except UnicodeDecodeError:
        return line


def _long(name: str, number: int) -> BadInput:
    return BadInput.at(f"{name}: line {number}", f"is longer than {MAX_ROW:,} bytes; fetch the file again")


def _broken(name: str, number: int) -> BadInput:
    return BadInput.at(f"{name}: line {number}", "is not UTF-8; fetch the file again, or convert it")
