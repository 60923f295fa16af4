"""The writer: records in, one durable commit out, an acknowledgement for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from worldctx.exchange.documents import parse_document
from worldctx.exchange.facts import parse_line, resolve_known
from worldctx.intake.extract import extract
from worldctx.intake.follower import Follower
from worldctx.intake.handed_vectors import HandedVectors
from worldctx.intake.prepared import checked
from worldctx.model.change import Batch, DocumentOutcome, DocumentRecord, Outcome, Prepared, Receipt, Withdrawal
from worldctx.model.document import Document
from worldctx.model.entity import Entity
from worldctx.model.errors import BadInput, Conflict, WorldctxError
from worldctx.model.fact import Fact
from worldctx.model.ids import DocumentId, Revision, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
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


@dataclass(frozen=True, slots=True)
class Refused:
    """One line that was not taken, counted from 1, and why."""

    line: int
    error: WorldctxError


@dataclass(frozen=True, slots=True)
class FactsReceipt:
    """What a batch of fact lines wrote."""

    revision: Revision
    sources: int = 0
    entities: int = 0
    facts: int = 0
    judgements: int = 0
    refused: tuple[Refused, ...] = ()


class Writer:
    """The only writer of a store. Safe in any thread; commits are serialised by the store."""

    def __init__(self, world: World, follower: Follower, max_text_chars: int) -> None:
        self._world, self._follower, self._max_chars = world, follower, max_text_chars

    def ingest(self, records: Sequence[Record]) -> list[Ack]:
        """Commit the good records of a batch in one transaction; durable when this returns.

        Raises:
            StoreFull, StoreUnavailable: nothing of the batch was written.
        """
        prepared = [self._prepare(record) for record in records]
        good = tuple(one for one in prepared if isinstance(one, DocumentRecord))
        receipt = self._world.graph.apply(Batch(documents=good)) if good else Receipt(self._world.graph.head())
        self._follower.notify()
        outcomes = iter(receipt.documents)
        return [_refusal(one, receipt.revision) if isinstance(one, WorldctxError) else _ack(next(outcomes))
                for one in prepared]

    def write_facts(self, lines: Sequence[str], key: str = "") -> FactsReceipt:
        """Commit the good lines of the facts format in one transaction, whatever their order.

        Args:
            lines: of the facts format.
            key: of the kept record whose lines these are; it is done in the same transaction, if none is refused.

        Raises:
            StoreFull, StoreUnavailable: nothing was written.
        """
        parsed: list[tuple[int, Source | Entity | Fact | Judgement]] = []
        refused: list[Refused] = []
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                parsed.append((number, parse_line(line, number)))
            except WorldctxError as error:
                refused.append(Refused(number, error))
        return self.write(parsed, refused, key)

    def write(self, records: Sequence[tuple[int, Source | Entity | Fact | Judgement]],
              refused: Sequence[Refused] = (), key: str = "") -> FactsReceipt:
        """Commit parsed knowledge; facts that name a source nobody knows are refused, the rest goes in."""
        bad = list(refused)
        sources = tuple(one for _, one in records if isinstance(one, Source))
        wanted = {one.source for _, one in records if isinstance(one, Fact) and one.source}
        known = dict(self._world.graph.at().sources(wanted))
        for source in sources:
            # Lines add up: one that gives no date leaves the date that an earlier one gave.
            before = known.get(source.id)
            known[source.id] = replace(source, published=source.published or (before.published if before else None))
        facts: list[Fact] = []
        for number, one in records:
            if isinstance(one, Fact):
                if one.source is not None and one.source not in known:
                    bad.append(Refused(number, _unknown_source(number, one.source)))
                else:
                    facts.append(resolve_known(one, known.get(one.source) if one.source else None))
        entities = tuple(one for _, one in records if isinstance(one, Entity))
        judgements = tuple(one for _, one in records if isinstance(one, Judgement))
        done = (key,) if key and not bad else ()
        receipt = self._world.graph.apply(Batch(sources, entities, tuple(facts), judgements, done=done))
        self._follower.notify()
        return FactsReceipt(receipt.revision, receipt.sources_written, receipt.entities_written, receipt.facts_written,
                            receipt.judgements_written, tuple(sorted(bad, key=lambda one: one.line)))

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


def _ack(outcome: DocumentOutcome) -> Ack:
    if outcome.outcome is Outcome.CONFLICT:
        error = Conflict(f"id: document {outcome.document!r} is there already with other content; withdraw it first, "
                         "or give this one another id")
        return Ack(outcome.document, None, outcome.revision, error)
    return Ack(outcome.document, outcome.outcome, outcome.revision)


def _refusal(error: WorldctxError, revision: Revision) -> Ack:
    return Ack(None, None, revision, error)


def _unknown_source(line: int, source: SourceId) -> BadInput:
    return BadInput.at(f"line {line}: source", f"{source!r} is neither in this batch nor in the store; "
                       "send its source line first or with it")
