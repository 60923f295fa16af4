"""Dates, intervals and spans to messages and back."""

from __future__ import annotations

from worldctx.model.context import Span
from worldctx.model.time import Interval, When, parse_interval, parse_when
from worldctx.wire.v1 import types_pb2


def when_from(text: str, field: str) -> When | None:
    """A date field of a message; empty is None."""
    return parse_when(text, field) if text else None


def edtf(when: When | None) -> str:
    """A date as a message carries it."""
    return "" if when is None else when.edtf


def interval_message(valid: Interval) -> types_pb2.Interval:
    """An interval with both sides and as EDTF."""
    return types_pb2.Interval(**{"from": edtf(valid.start), "to": edtf(valid.end), "edtf": valid.edtf})


def span_message(span: Span) -> types_pb2.Span:
    """A span."""
    return types_pb2.Span(start=span.start, end=span.end)


def interval_from(message: types_pb2.Interval, field: str = "valid") -> Interval:
    """An interval from its two sides."""
    return parse_interval(getattr(message, "from"), message.to, field)


def span_from(message: types_pb2.Span) -> Span:
    """A span."""
    return Span(message.start, message.end)
