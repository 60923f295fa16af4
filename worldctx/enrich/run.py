"""An enrichment run: files in, the same records with their context out, each exactly once, resumable by shard.

A shard is written to a temporary file, made durable, renamed, and then marked in the manifest, so that a run that was
killed and resumed leaves the same bytes as one that was not.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, cast

import zstandard

from worldctx.client.apart import each_apart
from worldctx.client.client import BlockingClient
from worldctx.enrich import manifest as manifests
from worldctx.enrich.options import Options
from worldctx.enrich.row import ERROR, OK, bad_row, good_row
from worldctx.enrich.shard import Shard, shards_of
from worldctx.exchange.documents import parse_document
from worldctx.exchange.jsonl import Line, lines
from worldctx.model.document import Document
from worldctx.model.errors import (
    BadInput,
    DeadlineExceeded,
    Internal,
    NotFound,
    Overloaded,
    StoreFull,
    StoreUnavailable,
    Unsupported,
    WorldctxError,
)
from worldctx.ports.failpoint import failpoint
from worldctx.wire.status import error_of, status_of
from worldctx.wire.v1 import context_pb2

__all__ = ["Options", "enrich"]

#: Records, and characters, that are read and asked for together. A message holds 64 MiB.
BATCH, BATCH_CHARS = 400, 8_000_000
#: How long to wait before asking a busy service again, in seconds, one try after the other.
PAUSES_S = (0.5, 2.0, 5.0)
#: Level of zstd: 6 is near the knee of size against time for JSON.
LEVEL = 6
#: Errors that lie in a record: it will fail again. Everything else ends the run, which can then be resumed.
OF_THE_RECORD = (BadInput, NotFound, Unsupported, Internal)


def enrich(
    client: BlockingClient,
    inputs: Sequence[Path],
    out: Path,
    options: Options,
    *,
    resume: bool = False,
    progress: Callable[[Path, int], None] = lambda path, more: None,
) -> dict[str, int]:
    """Enrich files into a folder; returns counts of `ok` and `error` rows and of shards, and the revision.

    Args:
        client: of the world to ask.
        inputs: files of JSON lines, plain or compressed, and folders of them; each file is one shard.
        out: the output folder; holds the manifest.
        options: shape of the output.
        resume: go on with a run that was broken off, at its revision; begin where there is none.
        progress: told the shard and how many more of its rows are done.

    Raises:
        BadInput: a run is there already and `resume` was not asked for, or inputs, options or embedder changed since.
        StoreUnavailable: another run works in the folder, or the service is away; resume later.
        StoreFull: the output cannot be written.
    """
    shards = shards_of(inputs, out)
    with manifests.held(out):
        manifest = _manifest(client, shards, out, options, resume=resume)
        for shard in shards:
            if manifest.is_done(shard.name):
                entry = manifest.shards[shard.name]
                progress(shard.path, entry.ok + entry.error)
                continue
            written = _Run(client, options, manifest.revision, progress).shard(shard.path, out / shard.name)
            failpoint("enrich.renamed")
            manifest.done(shard.name, *written)
        entries = manifest.shards.values()
        return {
            OK: sum(one.ok for one in entries),
            ERROR: sum(one.error for one in entries),
            "shards": len(shards),
            "revision": manifest.revision,
        }


def _manifest(
    client: BlockingClient, shards: Sequence[Shard], out: Path, options: Options, *, resume: bool
) -> manifests.Manifest:
    stats = client.stats()
    if not (out / manifests.NAME).exists():
        return manifests.begun(out, shards, options, int(stats.index_revision), stats.embedder)
    if not resume:
        raise BadInput.at("OUT_DIR", f"{out} holds a run already; add --resume, or choose another folder")
    return manifests.resumed(out, shards, options, stats.embedder)


@dataclass(frozen=True, slots=True)
class _Record:
    """One input record: parsed, or what is wrong with it."""

    source: str
    document: Document | None
    error: WorldctxError | None


class _Run:
    """What the shards of a run share."""

    def __init__(
        self, client: BlockingClient, options: Options, revision: int, progress: Callable[[Path, int], None]
    ) -> None:
        self._client, self._options, self._progress = client, options, progress
        self._ask, self._config = options.request(revision), options.hash

    def shard(self, path: Path, target: Path) -> tuple[str, int, int]:
        """Write one shard; returns the digest of the output and its rows of either status."""
        temporary = target.with_name(target.name + ".tmp")
        counts = {OK: 0, ERROR: 0}
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as raw:
                file = _Digested(raw)
                compressor = zstandard.ZstdCompressor(level=LEVEL)
                with compressor.stream_writer(cast("BinaryIO", file), closefd=False) as packed:
                    for row in self._rows(path):
                        packed.write(json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n")
                        counts[row["status"]] += 1
                        self._progress(path, 1)
                        failpoint("enrich.row")
                raw.flush()
                os.fsync(raw.fileno())
            manifests.renamed(temporary, target)
        except BaseException as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise StoreFull(f"{target} cannot be written: {error.strerror or error}") from error
            raise
        return file.digest, counts[OK], counts[ERROR]

    def _rows(self, path: Path) -> Iterator[dict[str, Any]]:
        """One row per input record, in order; a record that cannot be read is a row that says why."""
        batch: list[_Record] = []
        chars = 0
        for line in lines(path):
            batch.append(self._parsed(path, line))
            document = batch[-1].document
            chars += len(document.text) if document else 0
            if len(batch) == BATCH or chars >= BATCH_CHARS:
                yield from self._answered(batch)
                batch, chars = [], 0
        yield from self._answered(batch)

    def _parsed(self, path: Path, line: Line | BadInput) -> _Record:
        if isinstance(line, BadInput):
            return _Record(path.name, None, line)
        source = f"{path.name}:{line.number}"
        try:
            return _Record(source, parse_document(line.data, max_chars=self._options.max_chars), None)
        except WorldctxError as error:
            return _Record(source, None, error)

    def _answered(self, batch: Sequence[_Record]) -> Iterator[dict[str, Any]]:
        good = [(str(number), one.document) for number, one in enumerate(batch) if one.document is not None]
        answers = iter(self._asked(good))
        for one in batch:
            if one.document is None:
                yield bad_row(one.source, None, one.error or Internal("not read"), self._config)
                continue
            yield self._row(one.source, one.document, next(answers))

    def _asked(self, good: Sequence[tuple[str, Document]]) -> Sequence[context_pb2.LookUpManyResponse.Item]:
        """The answers, asked again after a pause while the service is busy or away: asking changes nothing."""
        for pause in PAUSES_S:
            try:
                return self._once(good)
            except (Overloaded, StoreUnavailable):
                time.sleep(pause)
        return self._once(good)

    def _once(self, good: Sequence[tuple[str, Document]]) -> Sequence[context_pb2.LookUpManyResponse.Item]:
        return each_apart(
            lambda some: self._client.enrich(some, self._ask),
            good,
            lambda one, error: context_pb2.LookUpManyResponse.Item(id=one[0], error=status_of(error)),
        )

    def _row(self, source: str, document: Document, item: context_pb2.LookUpManyResponse.Item) -> dict[str, Any]:
        if item.WhichOneof("result") == "error":
            error = error_of(item.error)
            if not isinstance(error, OF_THE_RECORD):
                raise error
            return bad_row(source, document, error, self._config)
        if item.response.revision != self._ask.revision:
            # A run on an empty world has no revision to be pinned to.
            raise BadInput.at(
                "OUT_DIR", "the world was empty when the run began and has been filled since; use another folder"
            )
        if any(one.why == "deadline" for one in item.response.left_out):
            # Not the same bytes as an answer with all the time it needs.
            raise DeadlineExceeded(f"{source}: the service answered in part for lack of time; resume when it is free")
        return good_row(source, document, item.response, self._options, self._config)


class _Digested:
    """A file whose bytes are digested as they are written."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw, self._state = raw, blake2b(digest_size=16)

    @property
    def digest(self) -> str:
        return self._state.hexdigest()

    def write(self, data: bytes) -> int:
        self._state.update(data)
        return self._raw.write(data)

    def flush(self) -> None:
        self._raw.flush()
