"""Reading the graph for people and programs: an entity, its facts, neighbours and timeline, under the three clocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from worldctx.model.clocks import Clocks
from worldctx.model.context import RankedFact
from worldctx.model.entity import Entity, Kind, folded_name, label_under, names_under
from worldctx.model.errors import NotFound
from worldctx.model.event import HAS_TIME
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
    if found is None or reader.unborn([found.id], clocks):
        raise NotFound(f"no entity {given!r} at revision {reader.revision} under these clocks")
    return found


def known(reader: GraphReader, given: EntityId, clocks: Clocks) -> EntityId:
    """The id under which facts about what was named are read: an entity's, or one that only facts speak of.

    Raises:
        NotFound: neither is there under the clocks.
    """
    if given not in reader.entities([given]) and (
        reader.facts_about([given], clocks, limit=1) or reader.facts_naming([given], clocks, limit=1)
    ):
        return given
    return entity(reader, given, clocks).id


def find(reader: GraphReader, name: str, clocks: Clocks, limit: int) -> Sequence[Entity]:
    """Entities with a name in use under the clocks that begins with a text, best known first."""
    wanted, found, size = folded_name(name), [], limit
    while True:
        # The store knows names of all times: where the clocks hide some of the hits, more are asked for.
        ids = reader.search_entities(name, size)
        entities, hidden = reader.entities(ids), reader.unborn(ids, clocks)
        found = [
            entities[key]
            for key in ids
            if key in entities
            and key not in hidden
            and any(folded_name(one.text).startswith(wanted) for one in names_under(entities[key], clocks))
        ]
        if len(found) >= limit or len(ids) < size:
            return found[:limit]
        size *= 4


def list_facts(
    reader: GraphReader,
    given: EntityId,
    clocks: Clocks,
    limit: int,
    *,
    predicate: str = "",
    naming: bool = False,
    after: str = "",
) -> tuple[Sequence[RankedFact], bool]:
    """A page of the facts about an entity, or naming it, by id: those after `after`, and whether there are more."""
    read = reader.facts_naming if naming else reader.facts_about
    facts = sorted(
        (fact for fact in _nameable(reader, read([given], clocks, predicate=predicate or None), clocks)
         if fact.id > after),
        key=lambda fact: fact.id,
    )
    return shown(reader, facts[:limit], clocks), len(facts) > limit


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
    hidden = reader.unborn(ends, clocks)
    kept = sorted(
        ((ends[end], fact) for end, fact in pairs if end in ends and end not in hidden and end not in members),
        key=lambda pair: (-pair[0].weight, pair[0].id, pair[1].id),
    )[:limit]
    return [(end, one) for (end, _), one in zip(kept, shown(reader, [fact for _, fact in kept], clocks), strict=True)]


def timeline(
    reader: GraphReader, given: EntityId, clocks: Clocks, period: Interval, limit: int
) -> Sequence[RankedFact]:
    """Dated facts about an entity, those that name it, and the times of events it has a part in; by start, then id.

    Only those that overlap the period as they may be told: an end that is not yet public does not take a fact out.
    """
    linked = (*reader.facts_about([given], clocks), *reader.facts_naming([given], clocks))
    ends = {end for fact in linked for end in (fact.subject, fact.object) if end is not None}
    events = [key for key, one in reader.entities(ends).items() if one.kind is Kind.EVENT]
    facts = {
        fact.id: fact
        for fact in _nameable(
            reader, (*linked, *reader.facts_about(sorted(events), clocks, predicate=HAS_TIME)), clocks
        )
        if fact.valid.start is not None and clocks.shown(fact.valid, fact.known).overlaps(period.lo, period.hi)
    }
    ordered = sorted(facts.values(), key=lambda fact: (fact.valid.lo, fact.id))
    return shown(reader, ordered[:limit], clocks)


def _nameable(reader: GraphReader, facts: Sequence[Fact], clocks: Clocks) -> list[Fact]:
    """The facts without those that name what nobody could have known of under the clocks."""
    hidden = reader.unborn({end for fact in facts for end in (fact.subject, fact.object) if end is not None}, clocks)
    return [fact for fact in facts if fact.subject not in hidden and fact.object not in hidden]


def shown(reader: GraphReader, facts: Sequence[Fact], clocks: Clocks) -> Sequence[RankedFact]:
    """Facts with labels and sources, their validity as it may be told."""
    ends: Iterable[EntityId] = {end for fact in facts for end in (fact.subject, fact.object) if end is not None}
    labels = {key: label_under(one, clocks) for key, one in reader.entities(ends).items()}
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
