"""Reading the graph for people and programs: an entity, its facts, neighbours and timeline, under the three clocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from worldctx.lookup.pipeline import unborn
from worldctx.model.clocks import Clocks
from worldctx.model.context import RankedFact
from worldctx.model.entity import Entity
from worldctx.model.errors import NotFound
from worldctx.model.fact import Fact
from worldctx.model.ids import EntityId, SourceId
from worldctx.model.time import Interval
from worldctx.ports.graph import GraphReader


def entity(reader: GraphReader, given: EntityId, clocks: Clocks) -> Entity:
    """The entity of an id, own or external.

    Raises:
        NotFound: there is none, or nobody could have known of it under the clocks.
    """
    found = reader.entities([given]).get(given)
    if found is None or unborn(reader, [found.id], clocks):
        raise NotFound(f"no entity {given!r} at revision {reader.revision} under these clocks")
    return found


def find(reader: GraphReader, name: str, clocks: Clocks, limit: int) -> Sequence[Entity]:
    """Entities whose name begins with a text, best known first."""
    ids = reader.search_entities(name, limit)
    hidden = unborn(reader, ids, clocks)
    entities = reader.entities(ids)
    return [entities[key] for key in ids if key in entities and key not in hidden]


def list_facts(
    reader: GraphReader,
    given: EntityId,
    clocks: Clocks,
    *,
    predicate: str = "",
    naming: bool = False,
) -> Sequence[RankedFact]:
    """All facts about an entity, or naming it, by id."""
    read = reader.facts_naming if naming else reader.facts_about
    facts = sorted(read([given], clocks, predicate=predicate or None), key=lambda fact: fact.id)
    return shown(reader, facts, clocks)


def neighbours(reader: GraphReader, given: EntityId, clocks: Clocks, limit: int) -> Sequence[tuple[Entity, RankedFact]]:
    """Entities one fact away with the fact, best known first, then by id."""
    facts = [
        *reader.facts_about([given], clocks, limit=10 * limit),
        *reader.facts_naming([given], clocks, limit=10 * limit),
    ]
    members = set(reader.members(given))
    pairs = [
        (fact.object if fact.subject in members else fact.subject, fact) for fact in facts if fact.object is not None
    ]
    ends = reader.entities({end for end, _ in pairs if end is not None})
    hidden = unborn(reader, ends, clocks)
    kept = sorted(
        ((ends[end], fact) for end, fact in pairs if end in ends and end not in hidden),
        key=lambda pair: (-pair[0].weight, pair[0].id, pair[1].id),
    )[:limit]
    return [(end, one) for (end, _), one in zip(kept, shown(reader, [fact for _, fact in kept], clocks), strict=True)]


def timeline(
    reader: GraphReader, given: EntityId, clocks: Clocks, period: Interval, limit: int
) -> Sequence[RankedFact]:
    """Dated facts about an entity and those that name it, by start, then id; those that overlap the period."""
    facts = {
        fact.id: fact
        for fact in (*reader.facts_about([given], clocks), *reader.facts_naming([given], clocks))
        if fact.valid.start is not None and fact.valid.overlaps(period.lo, period.hi)
    }
    ordered = sorted(facts.values(), key=lambda fact: (fact.valid.lo, fact.id))
    return shown(reader, ordered[:limit], clocks)


def shown(reader: GraphReader, facts: Sequence[Fact], clocks: Clocks) -> Sequence[RankedFact]:
    """Facts with labels and sources, their validity as it may be told."""
    ends: Iterable[EntityId] = {end for fact in facts for end in (fact.subject, fact.object) if end is not None}
    labels = {key: one.label(clocks.lo, clocks.hi) for key, one in reader.entities(ends).items()}
    sources = reader.sources({fact.source for fact in facts if fact.source is not None})
    rows = []
    for fact in facts:
        source = sources.get(fact.source or SourceId(""))
        rows.append(
            RankedFact(
                fact,
                labels.get(fact.subject, fact.subject),
                labels.get(fact.object, fact.object) if fact.object else "",
                clocks.shown(fact.valid, fact.known),
                source.title if source else "",
                source.url if source else "",
                0.0,
            )
        )
    return rows
