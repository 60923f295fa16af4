"""Opening a file as a stream of bytes: plain, gzip, bzip2 or zstd, bounded against hostile input, with the position."""

from __future__ import annotations

import bz2
import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import zstandard

from worldctx.model.errors import BadInput

#: How much larger than what was read of its file a stream may be, against decompression bombs; text rarely exceeds 50.
MAX_RATIO = 1000
#: Bytes that any stream may have, whatever its ratio: tiny files of repeated lines are no bomb.
FREE = 64 * 2**20
#: Compressed bytes handed to zstd at a time: a block of 4 bytes may hold 128 KiB, so that this makes 64 MiB at most.
ZSTD_STEP = 2048
#: Compressed bytes handed to bzip2 at a time; how much comes out of them is told it beside.
BZIP2_STEP = 2**16
#: What opening and reading a damaged file may raise.
DAMAGE = (OSError, EOFError, zlib.error, zstandard.ZstdError)
STDIN = Path("-")
#: Bytes that say how a file is compressed.
MAGIC = 4
_GZIP, _ZSTD, _BZIP2 = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh"


class Stream(io.RawIOBase):
    """The decompressed bytes of a file. `size` is that of the file as stored, for progress; 0 where it is not known.

    Raises:
        BadInput: it expands too much to be text.
        EOFError, OSError, zlib.error, zstandard.ZstdError: it breaks off or is damaged.
    """

    def __init__(self, raw: io.BufferedReader, name: str, size: int) -> None:
        super().__init__()
        self._counted = _Counted(raw)
        head = io.BufferedReader(self._counted)
        magic = head.peek(MAGIC)[:MAGIC]
        self._inner: io.RawIOBase | io.BufferedIOBase = head
        if magic.startswith(_GZIP):
            self._inner = gzip.GzipFile(fileobj=head)
        elif magic == _ZSTD:
            self._inner = _Zstd(head)
        elif magic.startswith(_BZIP2):
            self._inner = _Bzip2(head)
        self._name, self.size, self._out = name, size, 0

    @property
    def done(self) -> int:
        """Bytes of the file read so far."""
        return self._counted.count

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview) -> int:  # type: ignore[override] # a buffer, as io.BufferedReader hands it
        if isinstance(self._inner, io.RawIOBase):
            count = self._inner.readinto(target) or 0
        else:
            # Not readinto1, which with less than a buffer at hand goes on to wait for more.
            data = self._inner.read1(len(target))
            target[: len(data)] = data
            count = len(data)
        self._out += count
        if self._out > FREE + MAX_RATIO * self.done:
            raise BadInput.at(self._name, f"expands to more than {MAX_RATIO} times its size; the rest was not read")
        return count


class _Counted(io.RawIOBase):
    def __init__(self, raw: io.BufferedReader) -> None:
        super().__init__()
        self._raw, self.count = raw, 0

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview) -> int:  # type: ignore[override] # as above
        # What is there, without waiting for more: lines of a pipe are taken as they come. Only the first bytes, which
        # say how it is compressed, are waited for.
        data = self._raw.read1(len(target))
        while self.count == 0 and 0 < len(data) < MAGIC and (more := self._raw.read1(len(target) - len(data))):
            data += more
        target[: len(data)] = data
        self.count += len(data)
        return len(data)


class _Zstd(io.RawIOBase):
    """Frames of zstd one after another. Unlike zstandard's own reader it notices a frame that breaks off."""

    def __init__(self, raw: io.BufferedIOBase) -> None:
        super().__init__()
        self._raw, self._frame, self._ready, self._rest = raw, _frame(), b"", b""
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview) -> int:  # type: ignore[override] # as above
        while not self._ready:
            data = self._rest or self._raw.read1(ZSTD_STEP)
            if not data:
                if self._begun:
                    raise EOFError("compressed data ends before its end marker")
                return 0
            self._ready = self._frame.decompress(data)
            self._begun, self._rest = True, b""
            if self._frame.eof:
                self._rest = self._frame.unused_data
                self._frame, self._begun = _frame(), False
        count = min(len(target), len(self._ready))
        target[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


def _frame() -> zstandard.ZstdDecompressionObj:
    return zstandard.ZstdDecompressor().decompressobj()


class _Bzip2(io.RawIOBase):
    """Streams of bzip2 one after another, as parallel packers write them.

    Unlike the standard library's reader it takes nothing else behind a stream, and never makes more than was asked for:
    900 kB of one byte are packed into 40 bytes.
    """

    def __init__(self, raw: io.BufferedIOBase) -> None:
        super().__init__()
        self._raw, self._stream, self._begun = raw, bz2.BZ2Decompressor(), False

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview) -> int:  # type: ignore[override] # as above
        while True:
            data = b""
            if self._stream.eof:
                data = self._stream.unused_data
                self._stream, self._begun = bz2.BZ2Decompressor(), False
            if not data and self._stream.needs_input:
                data = self._raw.read1(BZIP2_STEP)
                if not data:
                    if self._begun:
                        raise EOFError("compressed data ends before its end marker")
                    return 0
            self._begun = True
            ready = self._stream.decompress(data, len(target))
            if ready:
                target[: len(ready)] = ready
                return len(ready)


@contextmanager
def open_stream(path: Path) -> Iterator[Stream]:
    """A file, or standard input for `-`, decompressed; what it is compressed with is seen from its first bytes.

    Raises:
        BadInput: it cannot be opened.
    """
    if path == STDIN:
        yield Stream(cast("io.BufferedReader", sys.stdin.buffer), "standard input", 0)
        return
    try:
        raw = path.open("rb")
    except OSError as error:
        raise BadInput.at(str(path), f"cannot be read: {error.strerror}") from error
    with raw:
        try:
            stream = Stream(raw, str(path), path.stat().st_size)
        except OSError as error:
            raise BadInput.at(str(path), f"cannot be read: {error.strerror or error}") from error
        yield stream


def name_of(path: Path) -> str:
    """How a file is called in messages."""
    return "standard input" if path == STDIN else str(path)
