"""The rows of an enrichment's output: sidecar (keys and context) or inline (text and context)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from importlib.metadata import version
from typing import Any

from worldctx.enrich.options import Mode, Options
from worldctx.model.document import Document
from worldctx.model.errors import WorldctxError
from worldctx.wire.messages import to_dict
from worldctx.wire.v1 import context_pb2

OK, ERROR = "ok", "error"
VERSION = version("worldctx")


def good_row(
    source: str, document: Document, answer: context_pb2.LookUpResponse, options: Options, config_hash: str
) -> dict[str, Any]:
    """The row of a record and its context.

    Args:
        source: file and line of the record.
        document: the record.
        answer: its context.
        options: of the run.
        config_hash: their digest.
    """
    shown = to_dict(answer)
    plain = is_plain(document.id, options.plain_share)
    text = "" if plain else context_text(shown)
    row: dict[str, Any] = {"id": document.id, "source": source, "content_hash": document.content_hash}
    if options.mode is Mode.INLINE:
        spans = [[0, len(text)]] if text else []
        row |= {"text": text + document.text, "context": text, "context_spans": spans, "loss_mask_spans": spans,
                "facts": shown["facts"]}
    else:
        row |= {"ctx_text": text, "ctx_items": [*_entities(shown), *map(_fact, shown["facts"])]}
    if options.full:
        row["record"] = shown
    return row | {
        "as_of": shown["as_of"],
        "known_by": shown["known_by"],
        "revision": shown["revision"],
        "version": VERSION,
        "config_hash": config_hash,
        "context_hash": shown["context_hash"],
        "profile": "plain" if plain else str(options.profile),
        "status": OK,
    }


def bad_row(source: str, document: Document | None, error: WorldctxError, config_hash: str) -> dict[str, Any]:
    """The row of a record that has no context, with the reason."""
    return {
        "id": document.id if document else "",
        "source": source,
        "content_hash": document.content_hash if document else "",
        "version": VERSION,
        "config_hash": config_hash,
        "status": ERROR,
        "error": error.message,
        "reason": error.reason,
    }


def is_plain(document: str, share: float) -> bool:
    """Whether a record gets no context text: by its id alone, so that every run drops the same ones."""
    drawn = int.from_bytes(blake2b(document.encode("utf-8"), digest_size=8, person=b"plain").digest())
    return drawn < share * 2**64


def context_text(shown: Mapping[str, Any]) -> str:
    """The context in the rendered text, without the body."""
    text = str(shown["rendered"]["text"])
    spans = [one["span"] for one in shown["rendered"]["spans"] if one["part"] == "context"]
    return text[spans[0]["start"] : spans[0]["end"]] if spans else ""


def _entities(shown: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for one in shown["entities"]:
        if one["id"]:
            yield {"id": one["id"], "type": "entity", "name": one["name"], "span": one["span"], "valid_from": "",
                   "valid_to": "", "known_since": "", "score": one["score"], "source": ""}


def _fact(one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": one["id"],
        "type": "fact",
        "subject": one["subject"],
        "predicate": one["predicate"],
        "object": one["object"],
        "span": None,
        "valid_from": one["valid"]["from"],
        "valid_to": one["valid"]["to"],
        "known_since": one["known_since"],
        "known_basis": one["known_basis"],
        "score": one["score"],
        "source": one["source"],
    }
