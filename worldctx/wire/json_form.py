"""The JSON form of the messages: what the command line prints, and what files of answers hold."""

from __future__ import annotations

import base64
import json
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message


def to_json(message: Message) -> str:
    """The JSON form of a message on one line: names as in the contract, numbers as numbers, empty fields printed."""
    return json.dumps(to_dict(message), ensure_ascii=False)


def to_dict(message: Message) -> dict[str, Any]:
    """The JSON form of a message as Python values, in the order of the contract.

    As protobuf's own JSON form, but that 64-bit integers are numbers (no count of ours reaches 2**53) and that the
    words of our enumerations stand alone and in lower case: `known`, `written`.
    """
    if not message.DESCRIPTOR.full_name.startswith("worldctx."):
        found: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
        return found
    return {
        field.name: _json_of(field, getattr(message, field.name))
        for field in message.DESCRIPTOR.fields
        if not field.has_presence or message.HasField(field.name)
    }


# `field` is a field's descriptor, of a class that differs between protobuf's Python and C.
def _json_of(field: Any, value: Any) -> Any:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        one = field.message_type.fields_by_name["value"]
        return {str(key): _scalar(one, value[key]) for key in sorted(value)}
    return [_scalar(field, one) for one in value] if field.is_repeated else _scalar(field, value)


def _scalar(field: Any, value: Any) -> Any:
    if field.message_type is not None:
        return to_dict(value)
    if field.enum_type is not None:
        # buf's rule for enumerations: each word begins with the name of its type.
        prefix = field.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        return field.enum_type.values_by_number[value].name.removeprefix(prefix).lower()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
