"""Files of JSON lines, plain or compressed, as a stream of numbered lines with the position in the file."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

from worldctx.model.errors import BadInput

#: Longest line accepted, and how much larger than its file a stream may grow, against decompression bombs.
MAX_LINE = 256 * 2**20
MAX_RATIO = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end. `read` is the position in the file as stored, for progress."""

    number: int
    data: bytes
    read: int


def lines(path: Path) -> Iterator[Line | BadInput]:
    """The lines of a file, empty ones left out; a file that breaks off ends with an error that says where.

    Raises:
        BadInput: the file cannot be opened.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise BadInput.at(str(path), f"cannot be read: {error.strerror}") from error
    with raw:
        size = max(1, path.stat().st_size)
        number = total = 0
        try:
            stream = _decompressed(raw, path.suffix)
            while data := stream.readline(MAX_LINE + 1):
                number += 1
                total += len(data)
                if len(data) > MAX_LINE:
                    yield BadInput.at(
                        f"{path}: line {number}", f"is longer than {MAX_LINE} bytes; the rest was not read"
                    )
                    return
                if total > MAX_RATIO * size + MAX_LINE:
                    yield BadInput.at(f"{path}: line {number}", "expands too much to be a text; the rest was not read")
                    return
                if data.strip():
                    yield Line(number, data.rstrip(b"\r\n"), raw.tell())
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            yield BadInput.at(f"{path}: after line {number}", f"the file breaks off or is damaged ({error})")


def _decompressed(raw: BinaryIO, suffix: str) -> io.BufferedIOBase | BinaryIO:
    if suffix == ".gz":
        return gzip.GzipFile(fileobj=raw)
    if suffix == ".zst":
        return io.BufferedReader(zstandard.ZstdDecompressor().stream_reader(raw))
    return raw
