"""The ledger, prepared documents and names to messages and back: what workers and service tell each other."""

from __future__ import annotations

from worldctx.model.change import DocumentRecord, LedgerRow, LedgerStatus, Prepared, RecordKind
from worldctx.model.document import Document, Mention
from worldctx.model.entity import Kind, Name
from worldctx.model.ids import EntityId, Revision
from worldctx.ports.graph import NameRow
from worldctx.wire.asks import document_from, document_message
from worldctx.wire.scalars import interval_from, interval_message
from worldctx.wire.v1 import ingest_pb2, types_pb2

KIND = {
    RecordKind.DOCUMENT: ingest_pb2.RECORD_KIND_DOCUMENT, RecordKind.FACTS: ingest_pb2.RECORD_KIND_FACTS,
}
STATUS = {
    LedgerStatus.QUEUED: ingest_pb2.RECORD_STATUS_QUEUED, LedgerStatus.FAILED: ingest_pb2.RECORD_STATUS_FAILED,
    LedgerStatus.DONE: ingest_pb2.RECORD_STATUS_DONE, LedgerStatus.PARKED: ingest_pb2.RECORD_STATUS_PARKED,
}


def record_message(row: LedgerRow) -> ingest_pb2.Record:
    """A row of the ledger."""
    return ingest_pb2.Record(
        key=row.key, kind=ingest_pb2.RECORD_KIND_UNSPECIFIED if row.kind is None else KIND[row.kind],
        status=STATUS[row.status], attempts=row.attempts, reason=row.reason, revision=row.revision)


def prepared_message(
    declared: Document, found: DocumentRecord, embedder: str = "", vectors: bytes = b""
) -> ingest_pb2.PreparedDocument:
    """A document as it was declared, with what was found in it."""
    return ingest_pb2.PreparedDocument(
        document=document_message(declared), content_hash=declared.content_hash,
        passages=[types_pb2.Span(start=one.start, end=one.end) for one in found.passages],
        mentions=[ingest_pb2.Mention(span=types_pb2.Span(start=one.start, end=one.end), candidates=one.candidates)
                  for one in found.mentions],
        embedder=embedder, vectors=vectors)


def prepared_from(message: ingest_pb2.PreparedDocument, max_chars: int) -> Prepared:
    """A prepared document, its content hash made anew beside the one that was sent.

    Raises:
        BadInput: the document is none.
    """
    document = document_from(message.document, max_chars)
    text = document.text
    return Prepared(
        document, message.content_hash, tuple((one.start, one.end) for one in message.passages),
        tuple(Mention(one.span.start, one.span.end, text[max(0, one.span.start) : max(0, one.span.end)],
                      tuple(map(EntityId, one.candidates))) for one in message.mentions),
        message.embedder, message.vectors)


def name_message(row: NameRow) -> ingest_pb2.ListNamesResponse.Row:
    """One name as the lexicon needs it."""
    name = types_pb2.Name(name=row.name.text, lang=row.name.lang, valid=interval_message(row.name.valid),
                          preferred=row.name.preferred)
    return ingest_pb2.ListNamesResponse.Row(
        entity=row.entity, kind=row.kind, name=name, weight=row.weight, recorded=row.recorded)


def name_from(message: ingest_pb2.ListNamesResponse.Row) -> NameRow:
    """One name as the lexicon needs it."""
    name = message.name
    return NameRow(
        EntityId(message.entity), Kind(message.kind),
        Name(name.name, name.lang, interval_from(name.valid), name.preferred), message.weight,
        Revision(message.recorded))
