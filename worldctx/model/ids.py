"""Identifiers: one NewType per noun, so that a swapped argument is a type error, and ids minted from content."""

from __future__ import annotations

import hashlib
import re
from typing import NewType

EntityId = NewType("EntityId", str)
FactId = NewType("FactId", str)
SourceId = NewType("SourceId", str)
DocumentId = NewType("DocumentId", str)
PassageId = NewType("PassageId", str)
Revision = NewType("Revision", int)

#: No commit yet: a reader at this revision sees nothing.
ZERO = Revision(0)

_ID = re.compile(r"[^\s\x00-\x1f\x7f]{1,512}")


def is_id(text: str) -> bool:
    """Whether `text` may serve as an id: 1 to 512 characters, no white space, no control characters."""
    return _ID.fullmatch(text) is not None


def digest(*parts: str | None, size: int = 16) -> str:
    """Hexadecimal BLAKE2b (RFC 7693) of the parts, each length-prefixed so that no two lists of parts collide.

    Args:
        parts: texts; None differs from the empty text.
        size: bytes of digest; the answer has twice as many characters.
    """
    return digest_of(joined(*parts), size)


def digest_of(data: bytes, size: int = 16) -> str:
    """The digest of parts that are `joined` already."""
    return hashlib.blake2b(data, digest_size=size).hexdigest()


def joined(*parts: str | None) -> bytes:
    """The bytes that `digest` reads: those of some parts followed by those of others are those of all of them."""
    text = "".join(["-" if part is None else f"{len(part)}:{part}" for part in parts])
    if text.isascii():
        return text.encode()
    return b"".join([b"-" if part is None else _prefixed(part.encode("utf-8", "surrogatepass")) for part in parts])


def _prefixed(data: bytes) -> bytes:
    return b"%d:%b" % (len(data), data)
