"""The manifest of a run: what goes in, what has come out, and the revision that all of it is asked at."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from worldctx.enrich.options import Options
from worldctx.enrich.shard import Shard, digest_of
from worldctx.model.errors import BadInput, IncompatibleData, StoreFull, StoreUnavailable

NAME = "manifest.json"
FORMAT = 1
OPEN, DONE = "open", "done"


@dataclass(frozen=True, slots=True)
class Entry:
    """One shard: its input as it was when the run began, and its output once it is whole.

    Attributes:
        size, input_hash: of the input file as stored.
        output_hash: of the output file as stored; empty while the shard is open.
        ok, error: rows by their status.
    """

    input: str
    size: int
    input_hash: str
    status: str = OPEN
    output_hash: str = ""
    ok: int = 0
    error: int = 0


@dataclass(slots=True)
class Manifest:
    """The manifest of one output folder; `shards` by the name of their output."""

    folder: Path
    revision: int
    embedder: str
    options: dict[str, Any]
    options_hash: str
    shards: dict[str, Entry]

    def done(self, name: str, output_hash: str, ok: int, error: int) -> None:
        """Mark a shard whose output is whole and durable."""
        self.shards[name] = replace(
            self.shards[name], status=DONE, output_hash=output_hash, ok=ok, error=error
        )
        self.write()

    def is_done(self, name: str) -> bool:
        """Whether a shard is marked and its output is still there as it was written."""
        entry, path = self.shards[name], self.folder / name
        return entry.status == DONE and path.is_file() and digest_of(path) == entry.output_hash

    def write(self) -> None:
        """Make it durable."""
        shown = {
            "format": FORMAT,
            "version": version("worldctx"),
            "revision": self.revision,
            "embedder": self.embedder,
            "options": self.options,
            "options_hash": self.options_hash,
            "shards": {name: asdict(entry) for name, entry in sorted(self.shards.items())},
        }
        durable(self.folder / NAME, json.dumps(shown, indent=1, ensure_ascii=False).encode() + b"\n")


def begun(folder: Path, shards: Sequence[Shard], options: Options, revision: int, embedder: str) -> Manifest:
    """A new manifest, durable before the first record is asked."""
    made = Manifest(folder, revision, embedder, options.shown(), options.hash, _entries(shards))
    made.write()
    return made


def resumed(folder: Path, shards: Sequence[Shard], options: Options, embedder: str) -> Manifest:
    """The manifest of a run that was broken off.

    Raises:
        BadInput: the inputs, the options, the embedder or the version are others than those of the run.
        IncompatibleData: it cannot be read.
    """
    found = _read(folder)
    if found.options_hash != options.hash:
        old = {key: value for key, value in found.options.items() if options.shown().get(key) != value}
        what = ", ".join(f"{key} was {value}" for key, value in old.items()) or "it was begun by another version"
        raise BadInput.at("OUT_DIR", f"the run in {folder} had other options ({what}); use those, or another folder")
    if found.embedder != embedder:
        raise BadInput.at("OUT_DIR", f"the run in {folder} used the embedder {found.embedder or 'none'}; use that one")
    now = _entries(shards)
    for name in sorted(found.shards.keys() | now.keys()):
        before, after = found.shards.get(name), now.get(name)
        if before is None or after is None:
            what = "was not in the run" if before is None else "of the run is missing"
            raise BadInput.at("IN", f"{name}: this input {what}; give the same inputs, or another folder")
        if before.input_hash != after.input_hash:
            raise BadInput.at("IN", f"{after.input} has changed since the run in {folder} began; use another folder")
    return found


def _entries(shards: Sequence[Shard]) -> dict[str, Entry]:
    return {one.name: Entry(str(one.path), _size(one.path), digest_of(one.path)) for one in shards}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise BadInput.at(str(path), f"cannot be read: {error.strerror}") from error


def _read(folder: Path) -> Manifest:
    path = folder / NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise IncompatibleData(f"{path} has format {found['format']}, this version reads {FORMAT}")
        shards = {name: Entry(**entry) for name, entry in found["shards"].items()}
        return Manifest(
            folder, found["revision"], found["embedder"], found["options"], found["options_hash"], shards
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IncompatibleData(f"{path} cannot be read as a manifest: {error}") from error


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other processes out of an output folder.

    Raises:
        StoreUnavailable: another run works in it, or it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise StoreUnavailable(f"{folder} cannot be used as the output folder: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreUnavailable(f"another run works in {folder}; wait for it, or choose another folder") from error
        yield
    finally:
        os.close(handle)


def durable(path: Path, data: bytes) -> None:
    """Write a small file so that after a break it is there whole, old or new."""
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        renamed(temporary, path)
    except BaseException as error:  # Ctrl-C too: nothing half is left behind
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StoreFull(f"{path} cannot be written: {error.strerror}") from error
        raise


def renamed(temporary: Path, path: Path) -> None:
    """Put a file that is durable in its place, durably."""
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
