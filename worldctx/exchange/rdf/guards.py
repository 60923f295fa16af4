"""What is looked for in RDF before the parser sees it, because the parser would crash on it or never end."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from xml.parsers import expat  # streams through what the RDF/XML parser gets next, and counts; nothing is built of it

from worldctx.model.errors import BadInput

#: Triple terms in triple terms: pyoxigraph 0.5.13 frees them by recursion and dies of some 20,000; data has one or two.
MAX_TRIPLE_TERMS = 64
#: Elements in elements of RDF/XML: its parser takes time that grows with the square of the depth.
MAX_ELEMENTS = 1000
#: Bytes that may stand between an opening and one inside of it: a subject and a predicate.
_GAP = 2**16
_OPENING = re.compile(rb"<<\(?")
# Possessive, for what is no term in one reading is none in any other, and trying them all would take for ever.
_TERM = rb"(?:<[^<>\"\s]*+>|[^\s<>\"']++)"
_SPACE = rb"(?:\s|#[^\n]*+\n)*+"
#: Between an opening and one inside of it stand two terms or nothing, beside white space and comments.
_NESTED = re.compile(rb"\(?" + _SPACE + rb"(?:" + _TERM + _SPACE + _TERM + _SPACE + rb")?")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not read on, and how many bytes of the piece at hand may still go to the parser."""

    error: BadInput
    sound: int = 0


#: Called with each piece of a file, and with none at its end.
Guard = Callable[[bytes], Refusal | None]


class Guarded(io.RawIOBase):
    """A stream that shows each piece to a guard before it hands it on, and knows the digest of all that it read.

    Raises:
        BadInput: the guard refuses what was read.
    """

    def __init__(self, stream: io.RawIOBase | io.BufferedIOBase, guard: Guard | None = None) -> None:
        super().__init__()
        self._stream, self._guard, self._digest = stream, guard, blake2b(digest_size=12)
        self._refused: BadInput | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview) -> int:  # type: ignore[override] # a buffer, as io.BufferedReader hands it
        if self._refused is not None:
            raise self._refused
        data = self._stream.read(len(target)) or b""
        self._digest.update(data)
        refusal = self._guard(data) if self._guard is not None else None
        if refusal is not None:
            self._refused, data = refusal.error, data[: refusal.sound]
            if not data:
                raise self._refused
        target[: len(data)] = data
        return len(data)

    def digest(self) -> str:
        """Hexadecimal BLAKE2b (RFC 7693) of what was read."""
        return self._digest.hexdigest()


def triple_term_guard(name: str) -> Guard:
    """Refuses triple terms nested too deep.

    It does not know what is a text: one that itself holds that many openings, two words between each, is refused too.

    Args:
        name: of the file, for the message.
    """
    rest, pending, depth = b"", False, 0  # what stands behind the last opening, where one is pending

    def guard(data: bytes) -> Refusal | None:
        nonlocal rest, pending, depth
        text, behind = rest + data, 0
        for opening in _OPENING.finditer(text):
            nested = pending and _NESTED.fullmatch(text, behind, opening.start())
            depth = depth + 1 if nested else 1
            pending, behind = True, opening.end()
            if depth > MAX_TRIPLE_TERMS:
                return Refusal(BadInput.at(
                    name, f"has triple terms nested more than {MAX_TRIPLE_TERMS} deep; the rest was not read"))
        pending = pending and len(text) - behind <= _GAP
        rest = text[behind:] if pending else text[-1:]  # the first half of an opening
        return None

    return guard


class XmlGuard:
    """Refuses XML that is nested too deep, that expands its entities too far, or that asks for other files.

    Expat itself bounds how far entities expand (a factor of 100 once there are 8 MiB). Short ones, which abbreviate
    namespaces in many files, stay allowed.
    """

    def __init__(self, name: str) -> None:
        self._name, self._depth, self._done = name, 0, 0
        self._parser = parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.EntityDeclHandler = self._entity
        parser.CharacterDataHandler = lambda _: None  # without it entities would be passed over, and not be counted

    def __call__(self, data: bytes) -> Refusal | None:
        """See Guard."""
        try:
            self._parser.Parse(data, not data)
        except expat.ExpatError as error:
            if error.code == expat.errors.codes[expat.errors.XML_ERROR_AMPLIFICATION_LIMIT_BREACH]:
                return Refusal(BadInput.at(self._name, "declares entities that expand without measure; write them out"))
            where = f"{self._name}: line {error.lineno}, column {error.offset + 1}"
            # What stands before goes in, and a parser of another opinion is not asked about what stands behind.
            sound = max(0, self._parser.ErrorByteIndex - self._done)
            return Refusal(BadInput.at(where, f"is no well-formed XML: {expat.ErrorString(error.code)}"), sound)
        except BadInput as error:
            return Refusal(error)
        self._done += len(data)
        return None

    def _start(self, _: str, __: object) -> None:
        self._depth += 1
        if self._depth > MAX_ELEMENTS:
            raise BadInput.at(self._name, f"has elements nested more than {MAX_ELEMENTS} deep; the rest was not read")

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _entity(self, called: str, _: bool, value: str | None, *__: object) -> None:
        if value is None:
            raise BadInput.at(self._name, f"declares the entity {called[:40]!r} of another file; write it out")
