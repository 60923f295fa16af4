"""An output file that is there whole or not at all; `-` is standard output."""

from __future__ import annotations

import gzip
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import zstandard

from worldctx.exchange.streams import STDIN as STDOUT


@contextmanager
def writing(target: Path | None) -> Iterator[BinaryIO]:
    """A stream of bytes for a file (compressed when its name ends in .gz or .zst), or for standard output.

    The file is written beside its place, made durable and renamed at the end; after an error nothing is left. What is
    there already and is no file, a pipe or a device, is written to as it is, and a link leads to the file.
    """
    if target is None or target == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if target.exists() and not target.is_file():
        with target.open("wb") as raw, packed(raw, target.suffix) as stream:
            yield stream
        return
    target = target.resolve()
    temporary = target.with_name(target.name + ".tmp")
    try:
        with temporary.open("wb") as raw:
            with packed(raw, target.suffix) as stream:
                yield stream
            raw.flush()
            os.fsync(raw.fileno())
        temporary.replace(target)
        _settle(target.parent)
    finally:
        with suppress(OSError):  # there is none after it was renamed, or when its folder is not there
            temporary.unlink()


def _settle(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def packed(raw: BinaryIO, suffix: str) -> Iterator[BinaryIO]:
    """The stream compressed as a suffix says; the same bytes for the same content."""
    if suffix == ".gz":
        with (
            gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as zipped,
            io.BufferedWriter(zipped) as buffered,
        ):
            yield buffered
    elif suffix == ".zst":
        with zstandard.ZstdCompressor(level=6).stream_writer(raw, closefd=False) as stream:
            yield stream
    else:
        yield raw
