"""Texts: a document with its declared metadata, the passages that search returns, and the mentions found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from worldctx.model.ids import DocumentId, EntityId, PassageId
from worldctx.model.time import When


@dataclass(frozen=True, slots=True)
class Document:
    """One text as it came in. Offsets everywhere count Unicode code points of `text`, exactly as given.

    Attributes:
        published: schema:datePublished, its precision kept.
        place: where it was written, as declared (schema:locationCreated).
        extra: unknown keys of the input, kept as canonical JSON text.
        content_hash: digest of the bytes that make it this document: text and all declared metadata.
    """

    id: DocumentId
    text: str
    url: str = ""
    title: str = ""
    author: str = ""
    publisher: str = ""
    published: When | None = None
    modified: When | None = None
    language: str = ""
    place: str = ""
    section: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document: `document.text[start:end]`. `ordinal` counts from 0 within the document."""

    id: PassageId
    document: DocumentId
    ordinal: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text that names something: `text[start:end] == surface`, and the entities it may mean."""

    start: int
    end: int
    surface: str
    candidates: tuple[EntityId, ...] = ()
