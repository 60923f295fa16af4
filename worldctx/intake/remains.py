"""What an erasure leaves of the records that wait in the ledger, or were given up."""

from __future__ import annotations

from collections.abc import Collection

from worldctx.exchange.documents import parse_document
from worldctx.exchange.facts import parse_line
from worldctx.model.change import Erasure, RecordKind
from worldctx.model.errors import BadInput
from worldctx.model.fact import Fact
from worldctx.model.source import Source
from worldctx.ports.graph import Left


def left_by(erasure: Erasure) -> Left:
    """What is left of a record: not a document that goes, and no line that a source or document which goes told.

    A record or a line that cannot be read goes when one of the ids stands in it.
    """
    sources, documents = set(erasure.sources), set(erasure.documents)
    words = [one.encode("utf-8", "surrogatepass") for one in documents]

    def goes(line: bytes) -> bool:
        if not any(word in line for word in words) and b"\\" not in line:  # what is escaped reads otherwise
            return False
        try:
            one = parse_line(line.decode())
        except (BadInput, UnicodeDecodeError):
            return any(word in line for word in words)
        if isinstance(one, Source):
            return one.id in sources
        return one.source in sources or (isinstance(one, Fact) and one.evidence.document in documents)

    def left(kind: RecordKind, payload: bytes) -> bytes | None:
        if kind is RecordKind.DOCUMENT:
            return None if _document_goes(payload, documents, words) else payload
        lines = payload.split(b"\n")
        kept = [line for line in lines if not goes(line)]
        if len(kept) == len(lines):
            return payload
        return b"\n".join(kept) if any(line.strip() for line in kept) else None

    return left


def _document_goes(payload: bytes, documents: Collection[str], words: Collection[bytes]) -> bool:
    try:
        return parse_document(payload, max_chars=len(payload)).id in documents
    except BadInput:
        return any(word in payload for word in words)
