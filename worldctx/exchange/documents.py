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
    key = "text" if record.get("text") is not None else "body"
    text = text_of(record, key)
    check_text(text, max_chars, "text" if key == "body" and "body" not in record else key)
    extra = {name: _kept(value) for name, value in sorted(record.items()) if name not in _KNOWN}
    given = record.get("extra")
    if isinstance(given, Mapping):
        extra.update({str(name): _kept(value) for name, value in sorted(given.items())})
    elif given is not None:
        extra["extra"] = _kept(given)
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
        extra,
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
    """The document with its content hash, and an id made from it where none was given."""
    hashed = digest(
        str(document.id),
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
    return replace(document, id=document.id or DocumentId(f"doc:{hashed}"), content_hash=hashed)


def _kept(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
