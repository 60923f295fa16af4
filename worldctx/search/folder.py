"""The folder of an embedded index: segments in folders of their own, and the manifest that says which of them count."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from worldctx.model.ids import DocumentId, Revision
from worldctx.search.segment import Segment, save

#: Of the files; an index of another version is made anew.
VERSION = 1
_MANIFEST = "manifest.json"
_SEGMENT = "segment-"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index holds: the names of its segments in order, and what these do not tell themselves.

    Attributes:
        revision: up to where it has followed.
        dimension, embedder: of its vectors.
        withdrawn: at which revisions documents were withdrawn, rising.
    """

    revision: Revision
    dimension: int
    embedder: str
    segments: Sequence[str]
    withdrawn: Mapping[DocumentId, Sequence[Revision]]
    version: int = VERSION


def read_manifest(directory: Path) -> Manifest | None:
    """The manifest of an index; None where there is none yet.

    Raises:
        OSError, ValueError, KeyError, TypeError, AttributeError: it is damaged.
    """
    path = directory / _MANIFEST
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    return Manifest(
        Revision(told["revision"]),
        told["dimension"],
        told["embedder"],
        tuple(told["segments"]),
        {DocumentId(key): tuple(map(Revision, value)) for key, value in told["withdrawn"].items()},
        told["version"],
    )


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Put a manifest in place of the one that is there, in one step: from then on its segments are the index.

    Raises:
        OSError: the disk did not take it; the one that was there holds.
    """
    text = json.dumps({
        "version": manifest.version,
        "revision": manifest.revision,
        "dimension": manifest.dimension,
        "embedder": manifest.embedder,
        "segments": manifest.segments,
        "withdrawn": manifest.withdrawn,
    })
    temporary = directory / f"{_MANIFEST}.tmp"
    with temporary.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(directory / _MANIFEST)
    _sync(directory)


def write_segment(directory: Path, segment: Segment, revision: Revision, taken: Collection[str]) -> str:
    """Write a segment, durably, under a name that none of those in `taken` has; returns it.

    Args:
        revision: up to which the index will have followed; it makes the name tell something.

    Raises:
        OSError: the disk did not take it.
    """
    first = f"{_SEGMENT}{revision:012d}-{len(segment)}"
    name = next(one for one in chain([first], (f"{first}-{turn}" for turn in count(2))) if one not in taken)
    temporary = directory / f"{name}.tmp"
    for old in (temporary, directory / name):  # left by a process that was killed
        shutil.rmtree(old, ignore_errors=True)
    try:
        temporary.mkdir()
        save(segment, temporary)
        for path in temporary.iterdir():
            _sync(path)
        _sync(temporary)
        temporary.rename(directory / name)
    except OSError:
        shutil.rmtree(temporary, ignore_errors=True)  # it may be what there was no room for
        raise
    return name


def remove_segments(directory: Path, names: Iterable[str]) -> None:
    """Remove segments that no manifest names; what is left of one that cannot be removed does no harm."""
    for name in names:
        shutil.rmtree(directory / name, ignore_errors=True)


def remove_others(directory: Path, names: Collection[str]) -> None:
    """Remove all segments but some, and what writers that were killed or had no room left behind, durably.

    Raises:
        OSError: something could not be removed.
    """
    for path in sorted(directory.glob(f"{_SEGMENT}*")):
        if path.name not in names:
            shutil.rmtree(path)
    (directory / f"{_MANIFEST}.tmp").unlink(missing_ok=True)
    _sync(directory)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
