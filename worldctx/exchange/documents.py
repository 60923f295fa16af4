"""Input documents: one JSON object each; what we do not know is kept under `extra`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from worldctx.exchange.fields import date_of, id_of, parse_object, text_of
from worldctx.model.document import Document
from worldctx.model.errors import BadInput
from worldctx.model.ids import DocumentId, digest

_KNOWN = frozenset(
    {
        "text",
        "body",
        "id",
        "url",
        "title",
        "author",
        "publisher",
        "published_at",
        "modified_at",
        "language",
        "place",
        "section",
        "extra",
    }
)


def parse_document(raw: bytes | str | Mapping[str, Any], *, max_chars: int) -> Document:
    """A document from its JSON object: `text` (or `body`) and any of the keys of the input format.

    Args:
        raw: the object, or its JSON text.
        max_chars: longest text accepted.

    Raises:
        BadInput: the message names the field.
    """
    record = raw if isinstance(raw, Mapping) else parse_object(raw)
    key = "text" if record.get("text") is not None or record.get("body") is None else "body"
    text = text_of(record, key)
    check_text(text, max_chars, key)
    document = Document(
        DocumentId(id_of(record, "id")),
        text,
        text_of(record, "url"),
        text_of(record, "title"),
        text_of(record, "author"),
        text_of(record, "publisher"),
        date_of(record, "published_at"),
        date_of(record, "modified_at"),
        text_of(record, "language"),
        text_of(record, "place"),
        text_of(record, "section"),
        _extra(record, key),
    )
    return identified(document)


def check_text(text: str, max_chars: int, field: str = "text") -> None:
    """Refuse a text that is missing, blank or too long."""
    if not text.strip():
        raise BadInput.at(field, "is missing or blank; every document needs a text")
    if len(text) > max_chars:
        raise BadInput.at(
            field, f"has {len(text):,} characters, more than {max_chars:,}; split it, or raise max_text_chars"
        )


def identified(document: Document) -> Document:
    """The document with its content hash, an id made from that where none was given, and its language in lower case.

    An id that was made so is not content: the document stays the same when it comes back with it.
    """
    document = replace(document, language=document.language.strip().lower())
    plain = _hashed(document, "")
    made = DocumentId(f"doc:{plain}")
    if document.id in ("", made):
        return replace(document, id=made, content_hash=plain)
    return replace(document, content_hash=_hashed(document, document.id))


def _hashed(document: Document, name: str) -> str:
    return digest(
        name,
        document.text,
        document.url,
        document.title,
        document.author,
        document.publisher,
        document.published.edtf if document.published else None,
        document.modified.edtf if document.modified else None,
        document.language,
        document.place,
        document.section,
        json.dumps(dict(document.extra), sort_keys=True),
    )


def _extra(record: Mapping[str, Any], text_key: str) -> dict[str, str]:
    """What has no field of its own: unknown keys, a `body` beside a `text`, and what stood under `extra` already."""
    found = {name: value for name, value in record.items() if name not in _KNOWN}
    if text_key == "text" and record.get("body") is not None:
        found["body"] = record["body"]
    given = record.get("extra")
    if isinstance(given, Mapping):
        twice = sorted(found.keys() & given.keys())
        if twice:
            raise BadInput.at(f"extra.{twice[0]}", "stands beside `extra` as well; give it once")
        found.update(given)
    elif given is not None:
        found["extra"] = given
    return {name: _kept(name, value) for name, value in sorted(found.items())}


def _kept(name: str, value: Any) -> str:
    """A text as it is; everything else as canonical JSON."""
    try:
        kept = value if isinstance(value, str) else json.dumps(
            value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
        f"{name}{kept}".encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise BadInput.at(f"extra.{name[:40]!a}", f"cannot be kept as JSON: {error}") from error
    return kept
