"""The writer: records in, one durable commit out, an acknowledgement for each."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

from worldctx.exchange.documents import parse_document
from worldctx.exchange.facts import Line, parse_line
from worldctx.intake.extract import extract
from worldctx.intake.follower import Follower
from worldctx.intake.handed_vectors import HandedVectors
from worldctx.intake.knowledge import FactsReceipt, Refused, write_knowledge
from worldctx.intake.prepared import checked
from worldctx.intake.remains import left_by
from worldctx.model.change import (
    Batch,
    Closure,
    DocumentOutcome,
    DocumentRecord,
    Erased,
    Erasure,
    Mark,
    Outcome,
    Prepared,
    Receipt,
    Withdrawal,
)
from worldctx.model.document import Document, Mention
from worldctx.model.errors import BadInput, Conflict, NotFound, WorldctxError
from worldctx.model.ids import DocumentId, EntityId, Revision
from worldctx.ports.deadline import Deadline
from worldctx.ports.world import World

#: One record: a document, with what a worker found in it or without, or the raw bytes of a JSON object that holds one.
Record = Document | Prepared | bytes


@dataclass(frozen=True, slots=True)
class Ack:
    """What became of one record. `error` is set when it was refused; nothing of it was written then."""

    document: DocumentId | None
    outcome: Outcome | None
    revision: Revision
    error: WorldctxError | None = None


class Writer:
    """The only writer of a store. Safe in any thread; commits are serialised by the store."""

    def __init__(self, world: World, follower: Follower, max_text_chars: int) -> None:
        self._world, self._follower, self._max_chars = world, follower, max_text_chars

    def ingest(self, records: Sequence[Record]) -> list[Ack]:
        """Commit the good records of a batch in one transaction; durable when this returns.

        Raises:
            StoreFull, StoreUnavailable: nothing of the batch was written.
        """
        graph, prepared = self._world.graph, [self._prepare(record) for record in records]
        with self._follower.entering:
            if graph.erased():
                prepared = self._without_erased(records, prepared)
            good = tuple(one for one in prepared if isinstance(one, DocumentRecord))
            receipt = graph.apply(Batch(documents=good)) if good else Receipt(graph.head())
        self._follower.notify()
        outcomes = iter(receipt.documents)
        return [_refusal(one, receipt.revision) if isinstance(one, WorldctxError) else _ack(next(outcomes))
                for one in prepared]

    def write_facts(self, lines: Sequence[str], key: str = "", marks: Sequence[Mark] = ()) -> FactsReceipt:
        """Commit the good lines of the facts format in one transaction, whatever their order.

        Args:
            lines: of the facts format.
            key: of the kept record whose lines these are; it is done in the same transaction, if none is refused.
            marks: how far imports have come with these lines.

        Raises:
            StoreFull, StoreUnavailable: nothing was written.
        """
        parsed: list[tuple[int, Line]] = []
        refused: list[Refused] = []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                parsed.append((number, parse_line(line, number)))
            except WorldctxError as error:
                refused.append(Refused(number, error))
        return self.write(parsed, refused, key, marks)

    def write(self, records: Sequence[tuple[int, Line]], refused: Sequence[Refused] = (), key: str = "",
              marks: Sequence[Mark] = ()) -> FactsReceipt:
        """Commit parsed knowledge; see `write_knowledge`."""
        receipt = write_knowledge(self._world.graph, records, refused, key, marks)
        self._follower.notify()
        return receipt

    def withdraw(self, withdrawal: Withdrawal) -> Receipt:
        """Take a fact, a document or a source out of later revisions.

        Raises:
            BadInput: not exactly one target, or it names nothing.
        """
        if sum(target is not None for target in (withdrawal.fact, withdrawal.document, withdrawal.source)) != 1:
            raise BadInput.at("target", "name exactly one of fact, document and source")
        receipt = self._world.graph.apply(Batch(withdrawals=(withdrawal,)))
        self._follower.notify()
        return receipt

    def closure(self, erasure: Erasure) -> Closure:
        """What an erasure would take out.

        Raises:
            BadInput: not exactly one of sources and document is given.
        """
        return self._world.graph.closure(erasure, left_by(erasure))

    def erase(self, erasure: Erasure, deadline: Deadline) -> Erased:
        """Take sources or a document out of every revision, and wait until nothing is left of it in any file.

        Raises:
            BadInput: not exactly one of sources and document is given.
            StoreFull: nothing was erased.
            StoreUnavailable: nothing was erased, or it is not gone yet from all files; the message says which.
        """
        # The follower could read nothing meanwhile, and would complain.
        with self._follower.entering, self._follower.resting():
            erased = self._world.graph.erase(erasure, left_by(erasure))
        self._follower.wait_until_settled(deadline)
        return erased

    def _without_erased(self, records: Sequence[Record], prepared: Sequence[DocumentRecord | WorldctxError]
                        ) -> list[DocumentRecord | WorldctxError]:
        """What may be written once something was erased.

        The names with which documents were looked through may be those of a moment ago, or of a worker that has not
        heard: what mentions may mean is looked for in the graph. And what a worker had in its hands when it was erased
        is kept no more.
        """
        graph = self._world.graph
        said = [one for record in prepared if isinstance(record, DocumentRecord) for one in record.mentions]
        known = graph.at().entities({key for one in said for key in one.candidates})
        kept = graph.ledger([record.content_hash for record in records if isinstance(record, Prepared)])
        return [
            one if isinstance(one, WorldctxError)
            else NotFound("nothing is kept of this document any more: it was erased, dropped, or never queued")
            if isinstance(record, Prepared) and record.content_hash not in kept
            else replace(one, mentions=_of(one.mentions, known))
            for record, one in zip(records, prepared, strict=True)]

    def _prepare(self, record: Record) -> DocumentRecord | WorldctxError:
        try:
            if isinstance(record, Prepared):
                return self._believed(record)
            document = record if isinstance(record, Document) else parse_document(record, max_chars=self._max_chars)
            return extract(document, self._world.lexicon, self._world.search.revision)
        except WorldctxError as error:
            return error

    def _believed(self, prepared: Prepared) -> DocumentRecord:
        """The record of a prepared document; its vectors are kept for the follower, before it can ask for them."""
        record, embedder = checked(prepared), self._world.embedder
        if prepared.vectors and isinstance(embedder, HandedVectors) and prepared.embedder == embedder.name:
            embedder.hand([piece.text for piece in record.passages], prepared.vectors)
        return record


def _of(mentions: tuple[Mention, ...], known: Container[EntityId]) -> tuple[Mention, ...]:
    """Mentions of what is known."""
    alive = (replace(said, candidates=tuple(key for key in said.candidates if key in known)) for said in mentions)
    return tuple(said for said in alive if said.candidates)


def _ack(outcome: DocumentOutcome) -> Ack:
    if outcome.outcome is Outcome.CONFLICT:
        error = Conflict(f"id: document {outcome.document!r} is there already with other content; withdraw it first, "
                         "or give this one another id")
        return Ack(outcome.document, None, outcome.revision, error)
    return Ack(outcome.document, outcome.outcome, outcome.revision)


def _refusal(error: WorldctxError, revision: Revision) -> Ack:
    return Ack(None, None, revision, error)
