"""The step that chooses facts and events: walks around the linked entities, ranking, rivals side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from worldctx.lookup.events import GRAPH_WALK_S, near
from worldctx.lookup.predicates import JURISDICTION, RIVALS, asked_for
from worldctx.lookup.prefer import Resolve, conflicts, ordered, preferred
from worldctx.lookup.rank import Matter, Scored, compared, rank
from worldctx.lookup.request import Request
from worldctx.model.context import Claim, LeftOut, RankedFact
from worldctx.model.fact import Fact
from worldctx.model.ids import EntityId, SourceId
from worldctx.ports.deadline import Deadline
from worldctx.ports.graph import FactTable, GraphReader, Side, Step, Walk

#: Linked entities whose facts are read, and facts read of each in either direction.
ENTITIES, FACTS_EACH = 24, 32
#: Of so many of them, the ones that the text is most about, the holders of offices are read.
OFFICES_OF = 6
#: Facts that have an entity as subject, as object; who holds an office (Chile → President of Chile → its holder then).
ABOUT, NAMING, HOLDERS = Step(Side.SUBJECT), Step(Side.OBJECT), Step(Side.OBJECT, "position_held")


def told(request: Request, weights: Mapping[EntityId, float], labels: Mapping[EntityId, str], deadline: Deadline,
           left: list[LeftOut]) -> tuple[tuple[RankedFact, ...], tuple[EntityId, ...], tuple[Claim, ...],
                                         dict[EntityId, str]]:
    """The chosen facts, events around the linked entities, what was asked for and is not there, and all labels."""
    reader, clocks = request.reader, request.clocks
    ids = tuple(sorted(weights, key=lambda key: (-weights[key], key))[:ENTITIES])
    asked = asked_for(request.text) if request.is_prompt else {}
    walks = [Walk(ids, (ABOUT,))]
    if deadline.remaining >= GRAPH_WALK_S:
        walks.append(Walk(ids, (NAMING,)))
        walks += [Walk(ids[:OFFICES_OF], (Step(Side.OBJECT, predicate), HOLDERS)) for predicate in sorted(JURISDICTION)]
    else:
        left.append(LeftOut("graph_walk", "deadline"))
    walks += [Walk(ids, (Step(side, predicate),)) for predicate in asked for side in Side]
    table = reader.walk(walks, clocks, FACTS_EACH)
    labels = dict(labels)
    words = frozenset[str]()
    if request.is_prompt:
        words = frozenset(request.text.casefold().replace("?", " ").replace(",", " ").split())
        _name(request, compared(table, weights), labels)
    matter = Matter(clocks, weights, asked, words, labels,
                    frozenset((date.valid.lo, date.valid.hi) for date in request.dates
                              if date.valid.start is not None and date.valid.end is not None))
    same = _same(reader, table)
    chosen = tuple(one for one in rank(table, matter, request.ask.limit, reader.facts, same)
                   if clocks.sees(one.fact.valid, one.fact.known))
    events = near(table, weights, clocks)
    absent = _absent(ids, asked, table, labels)
    _name(request, [*events, *(end for one in chosen for end in (one.fact.subject, one.fact.object) if end)], labels)
    return _shown(request, chosen, labels, same), events, absent, labels


def _name(request: Request, ids: Iterable[EntityId], labels: dict[EntityId, str]) -> None:
    """Add the labels of entities that have none yet."""
    labels.update(request.reader.labels({one for one in ids if one not in labels}, request.clocks))


def _absent(ids: Sequence[EntityId], asked: Mapping[str, float], table: FactTable,
            labels: Mapping[EntityId, str]) -> tuple[Claim, ...]:
    """What the prompt asks for of the one entity that it names and no fact says."""
    if not asked or len(ids) != 1:
        return ()
    if any(table.names[place] in asked for place in np.unique(table.predicates)):
        return ()
    return (Claim(f"asked.{next(iter(asked))}", labels.get(ids[0], str(ids[0])), str(ids[0]), 0.0, "graph_inference",
                  "worldctx-facts@1"),)


def _same(reader: GraphReader, table: FactTable) -> Resolve:
    """The id under which an id of a fact that may have rivals is read: what was merged speaks of one thing."""
    rival = np.array([name in RIVALS for name in table.names], bool)[table.predicates]
    places = np.unique(np.concatenate([table.subjects[rival], table.objects[rival]])).tolist()
    resolved = reader.resolve([table.ids[place] for place in places if place >= 0])
    return lambda one: resolved.get(one, one)


def _shown(request: Request, chosen: Sequence[Scored], labels: Mapping[EntityId, str], same: Resolve,
           ) -> tuple[RankedFact, ...]:
    """The chosen facts as an answer shows them; of those that rival each other the preferred one first."""
    facts = {one.fact.id: one for one in chosen}
    in_answer = [one.fact for one in chosen]
    against = conflicts(in_answer, request.clocks, same)
    weighed = _rivals(request, in_answer, same)
    sources = request.reader.sources({one.source for one in (*in_answer, *weighed) if one.source is not None})
    first = preferred(weighed, sources, request.clocks, same)
    shown = []
    for one in map(facts.__getitem__, ordered(in_answer, first, request.clocks, same)):
        source = sources.get(one.fact.source or SourceId(""))
        shown.append(RankedFact(
            one.fact, labels.get(one.fact.subject, str(one.fact.subject)),
            labels.get(one.fact.object, str(one.fact.object)) if one.fact.object is not None else "",
            request.clocks.shown(one.fact.valid, one.fact.known), source.title if source else "",
            source.url if source else "", one.score, one.reasons, tuple(map(str, against.get(one.fact.id, ()))),
            one.fact.id in first))
    return tuple(shown)


def _rivals(request: Request, facts: Sequence[Fact], same: Resolve) -> list[Fact]:
    """All facts that the clocks show of the subjects and predicates on which facts of the answer rival each other.

    An answer leaves out who else says the same; the rule of preference counts them.
    """
    claims = Counter((fact.predicate, same(fact.subject)) for fact in facts if fact.predicate in RIVALS)
    about: dict[str, list[EntityId]] = {}
    for predicate, subject in sorted(one for one, count in claims.items() if count > 1):
        about.setdefault(predicate, []).append(subject)
    return [fact for predicate, subjects in about.items()
            for fact in request.reader.facts_about(subjects, request.clocks, predicate=predicate)]
