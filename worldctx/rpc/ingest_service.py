"""IngestService: documents and facts in; what is acknowledged is durable."""

from __future__ import annotations

from collections.abc import Iterable

from worldctx.exchange.documents import parse_document
from worldctx.intake.queue import MOST_ATTEMPTS, Claimed, Entered, Queue
from worldctx.intake.writer import Ack, Record
from worldctx.model.change import CLOSURE, Erasure, LedgerRow, LedgerStatus, Mark, Outcome, RecordKind, Withdrawal
from worldctx.model.errors import BadInput, WorldctxError
from worldctx.model.ids import DocumentId, FactId, Revision, SourceId
from worldctx.ports.deadline import Deadline
from worldctx.ports.graph import NameRow
from worldctx.rpc.backing import Backing
from worldctx.wire.messages import document_from
from worldctx.wire.records import name_message, prepared_from, record_message
from worldctx.wire.status import status_of
from worldctx.wire.v1 import ingest_pb2

_OUTCOME = {Outcome.WRITTEN: ingest_pb2.INGEST_OUTCOME_WRITTEN, Outcome.DUPLICATE: ingest_pb2.INGEST_OUTCOME_DUPLICATE}
_CLAIMED = {
    Claimed.GRANTED: ingest_pb2.CLAIM_OUTCOME_GRANTED,
    Claimed.DONE: ingest_pb2.CLAIM_OUTCOME_DONE,
    Claimed.PARKED: ingest_pb2.CLAIM_OUTCOME_PARKED,
    Claimed.BUSY: ingest_pb2.CLAIM_OUTCOME_BUSY,
}
#: Lines of one WriteFacts call, keys of one call, names of one page where the caller names no number.
MAX_LINES, MAX_KEYS, NAMES = 100_000, 10_000, 20_000
#: Records of a page: by default, and at most.
PAGE, MAX_PAGE = 100, 1_000


class IngestService:
    """The calls as plain functions from message to message."""

    def __init__(self, backing: Backing) -> None:
        self._backing = backing
        self._queue = Queue(lambda: backing.world.graph, backing.settings.max_text_chars)

    def ingest(self, request: ingest_pb2.IngestRequest, deadline: Deadline) -> ingest_pb2.IngestResponse:
        """Commit one message's records as one batch; an acknowledgement each, in order."""
        deadline.check()
        parsed = [self._record(item) for item in request.items]
        acks = iter(self._backing.writer.ingest([one for one in parsed if not isinstance(one, WorldctxError)]))
        head = self._backing.world.graph.head()
        return ingest_pb2.IngestResponse(
            items=[
                _acknowledged(item.id, Ack(None, None, head, one) if isinstance(one, WorldctxError) else next(acks))
                for item, one in zip(request.items, parsed, strict=True)
            ]
        )

    def write_facts(self, request: ingest_pb2.WriteFactsRequest, deadline: Deadline) -> ingest_pb2.WriteFactsResponse:
        """Commit the good lines; the others come back with their number and reason."""
        if request.key and request.lines:
            raise BadInput.at("lines", "stand beside a key; give one of the two")
        lines = self._queue.lines(request.key) if request.key else request.lines
        if len(lines) > MAX_LINES:
            raise BadInput.at("lines", f"{len(lines):,} lines in one call; send at most {MAX_LINES:,}")
        marks = (_mark(request.mark),) if request.HasField("mark") else ()
        receipt = self._backing.writer.write_facts(lines, request.key, marks)
        return ingest_pb2.WriteFactsResponse(
            revision=receipt.revision,
            sources=receipt.sources,
            entities=receipt.entities,
            facts=receipt.facts,
            judgements=receipt.judgements,
            refused=[ingest_pb2.Refusal(line=one.line, error=status_of(one.error)) for one in receipt.refused],
        )

    def get_import_mark(
        self, request: ingest_pb2.GetImportMarkRequest, deadline: Deadline
    ) -> ingest_pb2.GetImportMarkResponse:
        """How far an import has come."""
        return ingest_pb2.GetImportMarkResponse(position=self._backing.world.graph.mark(request.name))

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

    def erase(self, request: ingest_pb2.EraseRequest, deadline: Deadline) -> ingest_pb2.EraseResponse:
        """Tell what an erasure takes out, and take it out unless that was all."""
        erasure = Erasure(tuple(map(SourceId, request.sources)),
                          DocumentId(request.document) if request.document else None)
        closure = self._backing.writer.closure(erasure)
        revision = 0
        if not request.dry_run:  # with nothing to erase too: it may be asked again, while the first is not settled
            erased = self._backing.writer.erase(erasure, deadline)
            revision = erased.revision if erased.closure else 0
        return ingest_pb2.EraseResponse(revision=revision, kinds=[
            ingest_pb2.ErasedKind(kind=name, gone=closure.gone.get(name, 0), stays=closure.stays.get(name, 0),
                                  some=closure.some.get(name, ()))
            for name in CLOSURE if closure.gone.get(name, 0) or closure.stays.get(name, 0)])

    def enqueue(self, request: ingest_pb2.EnqueueRequest, deadline: Deadline) -> ingest_pb2.EnqueueResponse:
        """Keep one message's records in one transaction; an acknowledgement each, in order."""
        deadline.check()
        entered = self._queue.enqueue([
            (RecordKind.FACTS, item.facts) if item.WhichOneof("record") == "facts" else (RecordKind.DOCUMENT, item.json)
            for item in request.items])
        return ingest_pb2.EnqueueResponse(
            items=[_entered(item.id, one) for item, one in zip(request.items, entered, strict=True)])

    def claim(self, request: ingest_pb2.ClaimRequest, deadline: Deadline) -> ingest_pb2.ClaimResponse:
        """Hand a record to a worker."""
        deadline.check()
        # Before the record is handed out: names that come later are the next record's.
        world = self._backing.world
        until, embedder = world.search.revision, world.embedder
        claim = self._queue.claim(
            request.key, request.delivery, redelivered=request.redelivered, lease_s=max(0, request.lease_s))
        first = next(iter(world.graph.names(Revision(max(0, request.names_after)))), None)
        return ingest_pb2.ClaimResponse(
            outcome=_CLAIMED[claim.outcome], record=record_message(claim.row), payload=claim.payload,
            most_attempts=MOST_ATTEMPTS, revision=until, has_names=first is not None and first.recorded <= until,
            embedder=embedder.name if embedder else "")

    def fail(self, request: ingest_pb2.FailRequest, deadline: Deadline) -> ingest_pb2.FailResponse:
        """Record why an attempt failed."""
        return ingest_pb2.FailResponse(record=record_message(self._queue.fail(request.key, request.reason)))

    def park(self, request: ingest_pb2.ParkRequest, deadline: Deadline) -> ingest_pb2.ParkResponse:
        """Give up on a record."""
        return ingest_pb2.ParkResponse(record=record_message(self._queue.park(request.key, request.reason)))

    def get_records(self, request: ingest_pb2.GetRecordsRequest, deadline: Deadline) -> ingest_pb2.GetRecordsResponse:
        """What became of records."""
        _check_keys(request.keys)
        return ingest_pb2.GetRecordsResponse(records=_messages(self._queue.records(request.keys)))

    def take_overdue(
        self, request: ingest_pb2.TakeOverdueRequest, deadline: Deadline
    ) -> ingest_pb2.TakeOverdueResponse:
        """Records that wait too long."""
        if not request.untouched_s >= 0:
            raise BadInput.at("untouched_s", "must not be negative")
        rows = self._queue.overdue(request.untouched_s, _page(request.limit, "limit"))
        return ingest_pb2.TakeOverdueResponse(records=_messages(rows))

    def list_names(self, request: ingest_pb2.ListNamesRequest, deadline: Deadline) -> ingest_pb2.ListNamesResponse:
        """The names of the next commits, up to what our own lexicon holds."""
        world = self._backing.world
        until = complete = world.search.revision
        names: list[NameRow] = []
        for row in world.graph.names(Revision(max(0, request.after))):
            if row.recorded > until:
                break
            if len(names) >= (request.limit or NAMES) and row.recorded != names[-1].recorded:
                complete = names[-1].recorded
                break
            names.append(row)
        return ingest_pb2.ListNamesResponse(names=map(name_message, names), revision=complete, until=until)

    def list_dead_letters(
        self, request: ingest_pb2.ListDeadLettersRequest, deadline: Deadline
    ) -> ingest_pb2.ListDeadLettersResponse:
        """Records that were given up."""
        size = _page(request.page_size, "page_size")
        rows = self._queue.parked(request.page_token, size + 1)
        token = rows[size - 1].key if len(rows) > size else ""
        return ingest_pb2.ListDeadLettersResponse(records=_messages(rows[:size]), next_page_token=token)

    def retry_dead_letters(
        self, request: ingest_pb2.RetryDeadLettersRequest, deadline: Deadline
    ) -> ingest_pb2.RetryDeadLettersResponse:
        """Queue records that were given up anew."""
        _check_keys(request.keys)
        return ingest_pb2.RetryDeadLettersResponse(records=_messages(self._queue.retry(request.keys)))

    def drop_dead_letters(
        self, request: ingest_pb2.DropDeadLettersRequest, deadline: Deadline
    ) -> ingest_pb2.DropDeadLettersResponse:
        """Forget records that were given up."""
        _check_keys(request.keys)
        return ingest_pb2.DropDeadLettersResponse(keys=self._queue.drop(request.keys))

    def _record(self, item: ingest_pb2.IngestRequest.Item) -> Record | WorldctxError:
        limit = self._backing.settings.max_text_chars
        try:
            if item.WhichOneof("record") == "json":
                return parse_document(item.json, max_chars=limit)
            if item.WhichOneof("record") == "prepared":
                return prepared_from(item.prepared, limit)
            return document_from(item.document, limit)
        except WorldctxError as error:
            return error


def _mark(message: ingest_pb2.ImportMark) -> Mark:
    if not message.name:
        raise BadInput.at("mark.name", "is empty; name the import")
    if message.position < 0:
        raise BadInput.at("mark.position", "must not be negative")
    return Mark(message.name, None if message.finished else message.position)


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


def _entered(item: str, one: Entered) -> ingest_pb2.EnqueueResponse.Item:
    if one.row is None:
        return ingest_pb2.EnqueueResponse.Item(
            id=item, outcome=ingest_pb2.ENQUEUE_OUTCOME_REFUSED, error=status_of(one.error) if one.error else None)
    outcome = {
        LedgerStatus.DONE: ingest_pb2.ENQUEUE_OUTCOME_DUPLICATE, LedgerStatus.PARKED: ingest_pb2.ENQUEUE_OUTCOME_PARKED,
    }.get(one.row.status, ingest_pb2.ENQUEUE_OUTCOME_QUEUED)
    return ingest_pb2.EnqueueResponse.Item(id=item, outcome=outcome, record=record_message(one.row))


def _messages(rows: Iterable[LedgerRow]) -> Iterable[ingest_pb2.Record]:
    return map(record_message, rows)


def _page(size: int, field: str) -> int:
    if size < 0:
        raise BadInput.at(field, "must not be negative")
    return min(size or PAGE, MAX_PAGE)


def _check_keys(keys: Iterable[str]) -> None:
    count = sum(1 for _ in keys)
    if count > MAX_KEYS:
        raise BadInput.at("keys", f"are {count:,}; send at most {MAX_KEYS:,} in one call")
