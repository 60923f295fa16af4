"""An event: an entity with participants in roles, a place and a time (Simple Event Model), read off its facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from worldctx.model.fact import Fact
from worldctx.model.ids import EntityId
from worldctx.model.time import ALWAYS, Interval

#: sem:hasTime, sem:hasPlace; every other fact of an event with an entity as object is an actor in the role it names.
HAS_TIME = "has_time"
HAS_PLACE = "has_place"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: `actors` are (role, entity) pairs, sorted."""

    id: EntityId
    time: Interval = ALWAYS
    place: EntityId | None = None
    actors: tuple[tuple[str, EntityId], ...] = ()


def event_of(entity: EntityId, facts: Sequence[Fact]) -> Event:
    """The event that the facts about `entity` describe; facts of other subjects are passed over."""
    own = sorted((fact for fact in facts if fact.subject == entity), key=lambda fact: fact.id)
    times = [fact.valid for fact in own if fact.predicate == HAS_TIME]
    places = [fact.object for fact in own if fact.predicate == HAS_PLACE and fact.object is not None]
    actors = {(fact.predicate, fact.object) for fact in own if fact.object is not None and fact.predicate != HAS_PLACE}
    return Event(entity, times[0] if times else ALWAYS, places[0] if places else None, tuple(sorted(actors)))
