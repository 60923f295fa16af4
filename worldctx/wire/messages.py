"""Nouns to messages and back. Pure; the only place where both are known: by what callers send, and what they get."""

from __future__ import annotations

from worldctx.wire.answers import (
    context_from,
    context_message,
    entity_message,
    fact_message,
    left_out_messages,
    passage_message,
)
from worldctx.wire.asks import (
    ask_from,
    ask_message,
    clocks_from,
    document_from,
    document_message,
    filter_from,
    filter_message,
    request_from,
)
from worldctx.wire.json_form import to_dict, to_json
from worldctx.wire.scalars import edtf, interval_from, interval_message, span_from, span_message, when_from

__all__ = [
    "ask_from",
    "ask_message",
    "clocks_from",
    "context_from",
    "context_message",
    "document_from",
    "document_message",
    "edtf",
    "entity_message",
    "fact_message",
    "filter_from",
    "filter_message",
    "interval_from",
    "interval_message",
    "left_out_messages",
    "passage_message",
    "request_from",
    "span_from",
    "span_message",
    "to_dict",
    "to_json",
    "when_from",
]
