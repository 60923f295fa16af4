"""What callers send: documents, filters, clocks and asks, to messages and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError

from worldctx.exchange.documents import check_text, identified
from worldctx.exchange.fields import id_of
from worldctx.model.ask import Ask, Filter, Profile
from worldctx.model.clocks import Clocks
from worldctx.model.document import Document
from worldctx.model.entity import Kind
from worldctx.model.errors import BadInput
from worldctx.model.ids import DocumentId, Revision
from worldctx.wire.scalars import edtf, when_from
from worldctx.wire.v1 import context_pb2, graph_pb2, types_pb2


def document_message(document: Document) -> types_pb2.Document:
    """A document; the content hash stays behind, since the reader makes it anew."""
    return types_pb2.Document(
        id=document.id,
        text=document.text,
        url=document.url,
        title=document.title,
        author=document.author,
        publisher=document.publisher,
        published_at=edtf(document.published),
        modified_at=edtf(document.modified),
        language=document.language,
        place=document.place,
        section=document.section,
        extra=dict(document.extra),
    )


def document_from(message: types_pb2.Document, max_chars: int, text: str | None = None) -> Document:
    """A document with its id and content hash.

    Args:
        message: the declared fields.
        max_chars: longest text accepted.
        text: stands for the message's own text when that is empty.

    Raises:
        BadInput: a date or the id is none, or the text is missing or too long.
    """
    body = message.text or text or ""
    check_text(body, max_chars)
    name = id_of({"id": message.id}, "id")
    return identified(
        Document(
            DocumentId(name),
            body,
            message.url,
            message.title,
            message.author,
            message.publisher,
            when_from(message.published_at, "published_at"),
            when_from(message.modified_at, "modified_at"),
            message.language,
            message.place,
            message.section,
            dict(message.extra),
        )
    )


def filter_from(message: context_pb2.Filter) -> Filter:
    """A filter; unknown kinds are refused."""
    bad = [kind for kind in message.kinds if kind not in set(Kind)]
    if bad:
        raise BadInput.at("filter.kinds", f"{bad[0]!r} is none of {', '.join(Kind)}")
    return Filter(
        tuple(message.sources),
        tuple(message.places),
        tuple(message.languages),
        tuple(message.kinds),
        when_from(message.published_from, "filter.published_from"),
        when_from(message.published_to, "filter.published_to"),
    )


def filter_message(wanted: Filter) -> context_pb2.Filter:
    """A filter as a message."""
    return context_pb2.Filter(
        sources=wanted.sources,
        places=wanted.places,
        languages=wanted.languages,
        kinds=wanted.kinds,
        published_from=edtf(wanted.published_from),
        published_to=edtf(wanted.published_to),
    )


def ask_from(message: context_pb2.LookUpRequest, max_chars: int, *, enriching: bool = False) -> Ask:
    """An ask. Zero means the default for budget, limit and revision.

    Raises:
        BadInput: the message names the field.
    """
    profile = message.profile or (Profile.HEADER if enriching else Profile.BRIEF)
    if profile not in set(Profile):
        raise BadInput.at("profile", f"{message.profile!r} is none of {', '.join(Profile)}")
    for name in ("budget", "limit", "revision"):
        if getattr(message, name) < 0:
            raise BadInput.at(name, "must not be negative")
    document = document_from(message.document, max_chars, message.text) if message.HasField("document") else None
    if document is None:
        check_text(message.text, max_chars)
    return Ask(
        message.text or (document.text if document else ""),
        when_from(message.as_of, "as_of"),
        when_from(message.known_by, "known_by"),
        when_from(message.now, "now"),
        Revision(message.revision) if message.revision else None,
        document,
        message.strict,
        message.budget or 512,
        message.limit or 10,
        Profile(profile),
        filter_from(message.filter),
        enriching,
    )


def ask_message(ask: Ask) -> context_pb2.LookUpRequest:
    """An ask as a message."""
    message = context_pb2.LookUpRequest(
        text="" if ask.document is not None and ask.text == ask.document.text else ask.text,
        as_of=edtf(ask.as_of),
        known_by=edtf(ask.known_by),
        now=edtf(ask.now),
        revision=ask.revision or 0,
        strict=ask.strict,
        budget=ask.budget,
        limit=ask.limit,
        profile=ask.profile,
        filter=filter_message(ask.filter),
    )
    if ask.document is not None:
        message.document.CopyFrom(document_message(ask.document))
    return message


def clocks_from(message: graph_pb2.Clocks) -> Clocks:
    """The clocks of a graph read: no default but open."""
    as_of, known_by = when_from(message.as_of, "clocks.as_of"), when_from(message.known_by, "clocks.known_by")
    cutoff = known_by.hi if known_by else None
    return Clocks(as_of, cutoff, cutoff, message.strict)


def request_from(record: Mapping[str, Any]) -> context_pb2.LookUpRequest:
    """A request from a line of a query file: `text`, `as_of`, `known_by`, `limit`, `filter` and the other fields.

    Raises:
        BadInput: a field is unknown or of a wrong type.
    """
    request = context_pb2.LookUpRequest()
    for name, value in record.items():
        if name == "id" or value is None:
            continue
        if name not in request.DESCRIPTOR.fields_by_name:
            known = ", ".join(field.name for field in request.DESCRIPTOR.fields)
            raise BadInput.at(name[:40], f"is no field of a query; known are id, {known}")
        try:
            request.MergeFrom(ParseDict({name: value}, context_pb2.LookUpRequest()))
        except (ParseError, ValueError, TypeError, AttributeError, RecursionError) as error:
            # Its words span lines and name classes; what was given says more.
            shown = json.dumps(value, default=str)[:60]
            raise BadInput.at(name, f"must be {_form(request.DESCRIPTOR.fields_by_name[name])}, not {shown}") from error
    return request


def _form(field: Any) -> str:
    """What the JSON form of a field looks like, in words."""
    if field.message_type is not None:
        return f"an object with any of {', '.join(one.name for one in field.message_type.fields)}"
    forms = {field.CPPTYPE_STRING: "a text", field.CPPTYPE_BOOL: "true or false", field.CPPTYPE_INT64: "a whole number"}
    return forms[field.cpp_type]
