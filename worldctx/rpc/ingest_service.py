"""IngestService: documents and facts in; what is acknowledged is durable."""

from __future__ import annotations

from worldctx.exchange.documents import parse_document
from worldctx.intake.writer import Ack
from worldctx.model.change import Outcome, Withdrawal
from worldctx.model.document import Document
from worldctx.model.errors import BadInput, WorldctxError
from worldctx.model.ids import DocumentId, FactId, SourceId
from worldctx.ports.deadline import Deadline
from worldctx.rpc.backing import Backing
from worldctx.wire.messages import document_from
from worldctx.wire.status import status_of
from worldctx.wire.v1 import ingest_pb2

_OUTCOME = {Outcome.WRITTEN: ingest_pb2.INGEST_OUTCOME_WRITTEN, Outcome.DUPLICATE: ingest_pb2.INGEST_OUTCOME_DUPLICATE}
#: Lines of one WriteFacts call.
MAX_LINES = 100_000


class IngestService:
    """The calls as plain functions from message to message."""

    def __init__(self, backing: Backing) -> None:
        self._backing = backing

    def ingest(self, request: ingest_pb2.IngestRequest, deadline: Deadline) -> ingest_pb2.IngestResponse:
        """Commit one message's records as one batch; an acknowledgement each, in order."""
        deadline.check()
        parsed = [self._record(item) for item in request.items]
        acks = iter(self._backing.writer.ingest([one for one in parsed if isinstance(one, Document)]))
        head = self._backing.world.graph.head()
        return ingest_pb2.IngestResponse(
            items=[
                _acknowledged(item.id, next(acks) if isinstance(one, Document) else Ack(None, None, head, one))
                for item, one in zip(request.items, parsed, strict=True)
            ]
        )

    def write_facts(self, request: ingest_pb2.WriteFactsRequest, deadline: Deadline) -> ingest_pb2.WriteFactsResponse:
        """Commit the good lines; the others come back with their number and reason."""
        if len(request.lines) > MAX_LINES:
            raise BadInput.at("lines", f"{len(request.lines):,} lines in one call; send at most {MAX_LINES:,}")
        receipt = self._backing.writer.write_facts(request.lines)
        return ingest_pb2.WriteFactsResponse(
            revision=receipt.revision,
            sources=receipt.sources,
            entities=receipt.entities,
            facts=receipt.facts,
            judgements=receipt.judgements,
            refused=[ingest_pb2.Refusal(line=one.line, error=status_of(one.error)) for one in receipt.refused],
        )

    def withdraw(self, request: ingest_pb2.WithdrawRequest, deadline: Deadline) -> ingest_pb2.WithdrawResponse:
        """Take a fact, a document or a source out of later revisions."""
        receipt = self._backing.writer.withdraw(
            Withdrawal(
                FactId(request.fact) if request.fact else None,
                DocumentId(request.document) if request.document else None,
                SourceId(request.source) if request.source else None,
                request.reason,
            )
        )
        return ingest_pb2.WithdrawResponse(revision=receipt.revision, withdrawn=receipt.withdrawn)

    def _record(self, item: ingest_pb2.IngestRequest.Item) -> Document | WorldctxError:
        limit = self._backing.settings.max_text_chars
        try:
            if item.WhichOneof("record") == "json":
                return parse_document(item.json, max_chars=limit)
            return document_from(item.document, limit)
        except WorldctxError as error:
            return error


def _acknowledged(item: str, ack: Ack) -> ingest_pb2.IngestResponse.Item:
    if ack.error is not None:
        return ingest_pb2.IngestResponse.Item(
            id=item,
            document_id=ack.document or "",
            revision=ack.revision,
            outcome=ingest_pb2.INGEST_OUTCOME_REFUSED,
            error=status_of(ack.error),
        )
    return ingest_pb2.IngestResponse.Item(
        id=item,
        document_id=ack.document or "",
        revision=ack.revision,
        outcome=_OUTCOME[ack.outcome] if ack.outcome else ingest_pb2.INGEST_OUTCOME_UNSPECIFIED,
    )
