"""Opening one of GeoNames' files: plain, gzip and zstd as all streams, and the one table inside a zip archive."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from worldctx.exchange import streams
from worldctx.exchange.streams import STDIN, open_stream
from worldctx.model.errors import BadInput

#: What opening and reading a damaged file may raise. zipfile says RuntimeError of a password, NotImplementedError of
#: a method that it cannot read.
DAMAGE = (*streams.DAMAGE, zipfile.BadZipFile, RuntimeError, NotImplementedError)
#: Bytes unpacked at a time.
_STEP = 2**14
#: What stands beside the table in GeoNames' archives.
_BESIDE = frozenset({"readme.txt", "iso-languagecodes.txt"})


class Member(io.RawIOBase):
    """The decompressed bytes of one member of a zip archive, bounded as those of a `Stream` are.

    Raises:
        BadInput: it expands too much to be text.
        EOFError, OSError, zlib.error, zipfile.BadZipFile: it breaks off or is damaged.
    """

    def __init__(self, archive: BinaryIO, member: io.BufferedIOBase, name: str, size: int) -> None:
        super().__init__()
        self._archive, self._inner, self._name, self.size, self._out = archive, member, name, size, 0

    @property
    def done(self) -> int:
        """Bytes of the archive up to the place that was read last."""
        return min(self._archive.tell(), self.size)

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview) -> int:  # type: ignore[override] # a buffer, as io.BufferedReader hands it
        # A step at a time: what stands before a damaged place is given, and zlib unpacks no more than is asked for.
        data = self._inner.read1(min(len(target), _STEP))
        target[: len(data)] = data
        self._out += len(data)
        if self._out > streams.FREE + streams.MAX_RATIO * self.done:
            raise BadInput.at(
                self._name, f"expands to more than {streams.MAX_RATIO} times its size; the rest was not read"
            )
        return len(data)


@contextmanager
def opened(path: Path) -> Iterator[streams.Stream | Member]:
    """The bytes of a file, of the one table in a zip archive, or of standard input for `-`.

    Raises:
        BadInput: it cannot be opened, or an archive holds no table or several.
    """
    if path == STDIN or not _is_zip(path):
        with open_stream(path) as stream:
            yield stream
        return
    with path.open("rb") as raw:
        try:
            archive = zipfile.ZipFile(raw)
        except DAMAGE as error:
            raise BadInput.at(str(path), f"is no zip archive that can be read ({error}); fetch it again") from error
        with archive:
            table = _table(archive, path)
            try:
                member = archive.open(table)
            except DAMAGE as error:
                raise BadInput.at(str(path), f"{table.filename!r} cannot be read ({error}); fetch it again") from error
            with member:
                yield Member(raw, cast("io.BufferedIOBase", member), str(path), path.stat().st_size)


def name_inside(path: Path) -> str:
    """Name of the table: the file's without what it is packed with, or that of the member of a zip archive.

    Raises:
        BadInput: an archive cannot be opened, or holds no table or several.
    """
    if path != STDIN and _is_zip(path):
        try:
            with zipfile.ZipFile(path) as archive:
                return PurePosixPath(_table(archive, path).filename).name
        except DAMAGE as error:
            raise BadInput.at(str(path), f"is no zip archive that can be read ({error}); fetch it again") from error
    return path.stem if path.suffix in (".gz", ".zst") else path.name


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError as error:
        raise BadInput.at(str(path), f"cannot be read: {error.strerror}") from error


def _table(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """The member that is read. Only its bytes are: what path it would unpack to does not matter."""
    found = [one for one in archive.infolist()
             if not one.filename.endswith("/") and PurePosixPath(one.filename).name.lower() not in _BESIDE]
    if len(found) != 1:
        names = ", ".join(repr(one.filename[:60]) for one in found[:5]) or "none"
        raise BadInput.at(str(path), f"holds {len(found)} tables ({names}), not one; unpack it and name the files")
    return found[0]
