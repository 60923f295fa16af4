"""Knowledge on its way into the graph: sources, entities, facts and judgements, in one commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from worldctx.exchange.facts import Line, resolve_known
from worldctx.model.change import Batch, Mark
from worldctx.model.entity import Entity
from worldctx.model.errors import BadInput, WorldctxError
from worldctx.model.fact import Fact
from worldctx.model.ids import Revision, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.ports.graph import GraphStore


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


def write_knowledge(graph: GraphStore, records: Sequence[tuple[int, Line]], refused: Sequence[Refused] = (),
                    key: str = "", marks: Sequence[Mark] = ()) -> FactsReceipt:
    """Commit lines in one transaction; those that name a source nobody knows are refused, the rest goes in.

    Args:
        graph: where to.
        records: lines with the numbers by which they are refused, in any order.
        refused: what was refused before.
        key: of the kept record whose lines these are; it is done in the same transaction, if none is refused.
        marks: how far imports have come with these lines, refused ones included.

    Raises:
        StoreFull, StoreUnavailable: nothing was written.
    """
    bad = list(refused)
    sources = tuple(one for _, one in records if isinstance(one, Source))
    known = _known(graph, sources, {one.source for _, one in records if not isinstance(one, Source) and one.source})
    facts: list[Fact] = []
    entities: list[Entity] = []
    judgements: list[Judgement] = []
    for number, one in records:
        if isinstance(one, Source):
            continue
        if one.source is not None and one.source not in known:
            bad.append(Refused(number, _unknown_source(number, one.source)))
        elif isinstance(one, Fact):
            facts.append(resolve_known(one, known.get(one.source) if one.source else None))
        elif isinstance(one, Entity):
            entities.append(one)
        else:
            judgements.append(one)
    done = (key,) if key and not bad else ()
    receipt = graph.apply(Batch(sources, tuple(entities), tuple(facts), tuple(judgements), done=done,
                                marks=tuple(marks)))
    return FactsReceipt(receipt.revision, receipt.sources_written, receipt.entities_written, receipt.facts_written,
                        receipt.judgements_written, tuple(sorted(bad, key=lambda one: one.line)))


def _known(graph: GraphStore, sources: Sequence[Source], wanted: set[SourceId]) -> dict[SourceId, Source]:
    """The sources that lines may name, as they will be: lines add up, and one without a date leaves an earlier one."""
    known = dict(graph.at().sources(wanted)) if wanted else {}
    for source in sources:
        before = known.get(source.id)
        known[source.id] = replace(source, published=source.published or (before.published if before else None))
    return known


def _unknown_source(line: int, source: SourceId) -> BadInput:
    return BadInput.at(f"line {line}: source", f"{source!r} is neither in this batch nor in the store; "
                       "send its source line first or with it")
