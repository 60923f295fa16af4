"""Reading JSON objects field by field, with errors that name the field and say what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from worldctx.model.errors import BadInput
from worldctx.model.ids import is_id
from worldctx.model.time import When, parse_when


def parse_object(raw: bytes | str, where: str = "record") -> dict[str, Any]:
    """One JSON object.

    Raises:
        BadInput: not UTF-8, not JSON, not an object, a key twice, or a number that is none.
    """
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        found = json.loads(text, object_pairs_hook=unique, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise BadInput.at(where, f"is not UTF-8 (byte {error.start}); convert the file") from error
    except (ValueError, RecursionError) as error:
        raise BadInput.at(where, f"is not JSON: {str(error)[:200]}") from error
    if not isinstance(found, dict):
        raise BadInput.at(where, f"is a JSON {type(found).__name__}, not an object")
    return found


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object from its pairs; a ValueError where a key stands twice, for one of the values would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice")
    return found


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def text_of(record: Mapping[str, Any], key: str, field: str | None = None) -> str:
    """A text field; empty when it is missing or null.

    Raises:
        BadInput: it is something else, or holds a lone surrogate.
    """
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadInput.at(field or key, f"must be a text, not {json.dumps(value, default=str)[:40]}")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise BadInput.at(
                field or key, f"holds half of a surrogate pair at character {error.start}; write it in UTF-8"
            ) from error
    return value


def id_of(record: Mapping[str, Any], key: str, field: str | None = None, *, needed: bool = False) -> str:
    """An id field; empty when it is missing and not needed."""
    value = text_of(record, key, field)
    if not value and needed:
        raise BadInput.at(field or key, "is missing")
    if value and not is_id(value):
        raise BadInput.at(field or key, f"{value[:40]!r} is no id: 1 to 512 characters without blanks and controls")
    return value


def date_of(record: Mapping[str, Any], key: str, field: str | None = None) -> When | None:
    """A date field; None when it is missing, null or empty. A bare number is read as a year."""
    value = record.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and -9999 <= value <= 9999:
        value = f"{'-' if value < 0 else ''}{abs(value):04d}"
    elif value is not None and not isinstance(value, str):
        raise BadInput.at(field or key, f"must be a date as text, not {json.dumps(value, default=str)[:40]}")
    return parse_when(value, field or key) if value else None


def number_of(record: Mapping[str, Any], key: str, low: float, high: float) -> float | None:
    """A number between two bounds; None when it is missing or null."""
    value = record.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        shown = json.dumps(value, default=str)[:40]
        raise BadInput.at(key, f"must be a number between {low:g} and {high:g}, not {shown}")
    return float(value)


def only(record: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    """Refuse keys that nobody would read: a slip of the pen would lose data silently."""
    unknown = sorted(record.keys() - known)
    if unknown:
        raise BadInput.at(unknown[0], f"is not a key of a {what}; known are {', '.join(sorted(known))}")
