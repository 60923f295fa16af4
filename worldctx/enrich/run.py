"""An enrichment run: files in, the same records with their context out, each exactly once, resumable by shard.

One input file is one shard. A shard is written to a temporary file, made durable, renamed, and then marked in the
manifest, so that a run that was killed and resumed leaves the same bytes as one that was not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import Any

import zstandard

from worldctx.client.client import BlockingClient
from worldctx.exchange.documents import parse_document
from worldctx.exchange.jsonl import Line, lines
from worldctx.model.document import Document
from worldctx.model.errors import BadInput, WorldctxError
from worldctx.ports.failpoint import failpoint
from worldctx.wire.messages import to_dict
from worldctx.wire.status import error_of
from worldctx.wire.v1 import context_pb2

MANIFEST = "manifest.json"
#: Records that are read and asked for together.
BATCH = 50


@dataclass(frozen=True, slots=True)
class Options:
    """What an output depends on besides input and revision.

    Attributes:
        mode: sidecar (keys and context) or inline (text and context).
        plain_share: share of records that get no context text, chosen by their id.
        full: whether the whole context record goes into each row.
    """

    profile: str = "header"
    mode: str = "sidecar"
    budget: int = 256
    limit: int = 10
    plain_share: float = 0.1
    full: bool = False
    strict: bool = False
    max_chars: int = 20_000_000

    @property
    def hash(self) -> str:
        """Digest of the options and the version that reads them."""
        text = json.dumps([repr(self), version("worldctx")])
        return blake2b(text.encode(), digest_size=8).hexdigest()


def enrich(
    client: BlockingClient,
    inputs: Sequence[Path],
    out: Path,
    options: Options,
    *,
    resume: bool,
    progress: Callable[[Path, int], None],
) -> dict[str, int]:
    """Enrich files into a folder; returns counts of `ok` and `error` rows.

    Args:
        client: of the world to ask.
        inputs: JSON lines, plain or compressed; their names must differ.
        out: the output folder; holds the manifest.
        options: shape of the output.
        resume: go on with a run that was broken off, at its revision.
        progress: told the shard and its rows so far.

    Raises:
        BadInput: a run is there already and `resume` was not asked for, or inputs or options changed since.
    """
    names = [shard_name(path) for path in inputs]
    if len(set(names)) < len(names):
        raise BadInput.at("inputs", "two files have the same name; rename one")
    out.mkdir(parents=True, exist_ok=True)
    manifest = _manifest(client, out, inputs, options, resume=resume)
    total = {"ok": 0, "error": 0}
    for path, name in zip(inputs, names, strict=True):
        shard = manifest["shards"][name]
        if shard["status"] != "done":
            counts = _shard(client, path, out / name, options, manifest["revision"], progress)
            shard.update({"status": "done", **counts})
            _write_manifest(out, manifest)
        for key in total:
            total[key] += shard[key]
    return total


def shard_name(path: Path) -> str:
    """Name of the output for an input: `speeches.jsonl.gz` becomes `speeches.ctx.jsonl.zst`."""
    return (
        path.name.removesuffix(".gz").removesuffix(".zst").removesuffix(".jsonl").removesuffix(".json")
        + ".ctx.jsonl.zst"
    )


def _manifest(
    client: BlockingClient, out: Path, inputs: Sequence[Path], options: Options, *, resume: bool
) -> dict[str, Any]:
    path = out / MANIFEST
    digests = {shard_name(one): _digest(one) for one in inputs}
    if path.exists():
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not resume:
            raise BadInput.at("OUT_DIR", f"{out} holds a run already; add --resume, or choose another folder")
        if found["options"] != options.hash or {key: one["input"] for key, one in found["shards"].items()} != digests:
            raise BadInput.at(
                "OUT_DIR", f"the run in {out} had other inputs, options or version; choose another folder"
            )
        return found
    revision = int(client.stats().index_revision)
    made = {
        "revision": revision,
        "options": options.hash,
        "version": version("worldctx"),
        "shards": {key: {"input": value, "status": "open"} for key, value in digests.items()},
    }
    _write_manifest(out, made)
    return made


def _digest(path: Path) -> str:
    state = blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                state.update(chunk)
    except OSError as error:
        raise BadInput.at(str(path), f"cannot be read: {error.strerror}") from error
    return state.hexdigest()


def _write_manifest(out: Path, manifest: dict[str, Any]) -> None:
    _durable(out / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True).encode() + b"\n")


def _durable(path: Path, data: bytes) -> None:
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _shard(
    client: BlockingClient,
    path: Path,
    target: Path,
    options: Options,
    revision: int,
    progress: Callable[[Path, int], None],
) -> dict[str, int]:
    counts = {"ok": 0, "error": 0}
    temporary = target.with_name(target.name + ".tmp")
    with temporary.open("wb") as raw:
        with zstandard.ZstdCompressor(level=6).stream_writer(raw, closefd=False) as packed:
            for row in _rows(client, path, options, revision):
                packed.write(json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n")
                counts["ok" if row["status"] == "ok" else "error"] += 1
                progress(path, sum(counts.values()))
                failpoint("enrich.row")
        raw.flush()
        os.fsync(raw.fileno())
    temporary.replace(target)
    failpoint("enrich.renamed")
    return counts


def _rows(client: BlockingClient, path: Path, options: Options, revision: int) -> Iterator[dict[str, Any]]:
    """One row per input record, in order; a record that cannot be read is a row that says why."""
    ask = context_pb2.LookUpRequest(
        revision=revision, budget=options.budget, limit=options.limit, profile=options.profile, strict=options.strict
    )
    batch: list[tuple[str, Document | WorldctxError]] = []
    for line in lines(path):
        batch.append(_parsed(path, line, options))
        if len(batch) == BATCH:
            yield from _answered(client, batch, ask, options)
            batch = []
    yield from _answered(client, batch, ask, options)


def _parsed(path: Path, line: Line | BadInput, options: Options) -> tuple[str, Document | WorldctxError]:
    if isinstance(line, BadInput):
        return path.name, line
    try:
        return f"{path.name}:{line.number}", parse_document(line.data, max_chars=options.max_chars)
    except WorldctxError as error:
        return f"{path.name}:{line.number}", error


def _answered(
    client: BlockingClient,
    batch: Sequence[tuple[str, Document | WorldctxError]],
    ask: context_pb2.LookUpRequest,
    options: Options,
) -> Iterator[dict[str, Any]]:
    good = [(source, one) for source, one in batch if isinstance(one, Document)]
    answers = iter(client.enrich(good, ask))
    for source, one in batch:
        if isinstance(one, WorldctxError):
            yield {"id": "", "source": source, "status": "error", "error": one.message}
            continue
        item = next(answers)
        if item.WhichOneof("result") == "error":
            yield {"id": one.id, "source": source, "status": "error", "error": error_of(item.error).message}
            continue
        yield _row(source, one, item.response, options)


def is_plain(document: str, share: float) -> bool:
    """Whether a record gets no context text: by its id alone, so that every run drops the same ones."""
    drawn = int.from_bytes(blake2b(document.encode("utf-8"), digest_size=8, person=b"plain").digest())
    return drawn < share * 2**64


def _row(source: str, document: Document, answer: context_pb2.LookUpResponse, options: Options) -> dict[str, Any]:
    shown = to_dict(answer)
    parts = [one["span"] for one in shown["rendered"]["spans"] if one["part"] == "context"]
    plain = is_plain(document.id, options.plain_share)
    text = "" if plain or not parts else shown["rendered"]["text"][parts[0]["start"] : parts[0]["end"]]
    row: dict[str, Any] = {"id": document.id, "source": source, "content_hash": document.content_hash}
    if options.mode == "inline":
        row |= {
            "text": text + document.text,
            "context": text,
            "context_spans": [[0, len(text)]] if text else [],
            "loss_mask_spans": [[0, len(text)]] if text else [],
            "facts": shown["facts"],
        }
    else:
        row |= {"ctx_text": text, "ctx_items": [*map(_entity_item, _linked(shown)), *map(_fact_item, shown["facts"])]}
    if options.full:
        row["record"] = shown
    return row | {
        "as_of": shown["as_of"],
        "known_by": shown["known_by"],
        "revision": shown["revision"],
        "version": version("worldctx"),
        "config_hash": options.hash,
        "context_hash": shown["context_hash"],
        "status": "ok",
    }


def _linked(shown: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in shown["entities"] if one["id"]]


def _entity_item(one: dict[str, Any]) -> dict[str, Any]:
    return {"id": one["id"], "type": "entity", "name": one["name"], "span": one["span"], "score": one["score"]}


def _fact_item(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": one["id"],
        "type": "fact",
        "subject": one["subject"],
        "predicate": one["predicate"],
        "object": one["object"],
        "valid_from": one["valid"]["from"],
        "valid_to": one["valid"]["to"],
        "known_since": one["known_since"],
        "known_basis": one["known_basis"],
        "score": one["score"],
        "source": one["source"],
    }
