"""A pack as one file: a zip of its folder that comes out the same from the same files, and is opened with care."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO

from worldctx.model.errors import BadInput

#: Bytes that a pack may have when unpacked, and files: packs are small; data sets are imported by themselves.
MAX_BYTES, MAX_FILES = 512 * 2**20, 10_000
#: How much larger than the archive its content may be, against decompression bombs; and bytes that it may have anyway.
MAX_RATIO, FREE = 200, 2**20
_STEP = 2**20
#: What the library raises for a file that is damaged, packed in an unknown way or encrypted.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, NotImplementedError, RuntimeError,
           ValueError)
#: The first moment that a zip can name, so that the same files make the same bytes.
_MOMENT = (1980, 1, 1, 0, 0, 0)


def write_archive(folder: Path, files: Sequence[Path], target: BinaryIO) -> None:
    """Pack files of a folder into a zip, in the order of their names."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(files):
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _MOMENT)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(member, path.read_bytes())


@contextmanager
def pack_folder(path: Path) -> Iterator[Path]:
    """The folder of a pack: itself, or where an archive is unpacked for the time being.

    Raises:
        BadInput: it is neither, or a hostile archive.
    """
    if path.is_dir():
        yield path
        return
    with TemporaryDirectory(prefix="worldctx-pack-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, Path(folder), path)
        except FileNotFoundError as error:
            raise BadInput.at(str(path), "is not there; name a folder, or what `worldctx pack build` made") from error
        except _DAMAGE as error:
            raise BadInput.at(str(path), f"is no pack: it cannot be unpacked ({error})") from error
        yield Path(folder)


def _unpack(archive: zipfile.ZipFile, folder: Path, path: Path) -> None:
    members = archive.infolist()
    if len(members) > MAX_FILES:
        raise BadInput.at(str(path), f"holds {len(members):,} files; a pack has {MAX_FILES:,} at most")
    allowed = min(MAX_BYTES, FREE + MAX_RATIO * path.stat().st_size)
    for member in members:
        name = PurePosixPath(member.filename)
        if not member.filename:  # zipfile itself stumbles over such a one
            raise BadInput.at(str(path), "holds a file without a name; it is not unpacked")
        if name.is_absolute() or ".." in name.parts or "\\" in member.filename or member.filename.startswith("/"):
            raise BadInput.at(f"{path}: {member.filename!r}", "leads out of the pack; it is not unpacked")
        if member.is_dir():
            continue
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # What the archive says of its sizes is not believed: bytes are counted as they come.
        with archive.open(member) as source, target.open("wb") as out:
            while data := source.read(_STEP):
                allowed -= len(data)
                if allowed < 0:
                    raise BadInput.at(str(path), f"expands to more than a pack may have ({MAX_BYTES // 2**20} MiB, or "
                                                 f"{MAX_RATIO} times its size); it is not unpacked")
                out.write(data)
