"""What comparing sees of an entity: its names in time, dates, place, external ids, and its facts with neighbours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.errors import BadInput
from worldctx.model.fact import EXISTENCE, Fact
from worldctx.model.ids import EntityId
from worldctx.model.time import Interval, When, parse_when
from worldctx.ports.graph import GraphReader
from worldctx.resolve.identifier import identifiers

#: Predicates whose value is a time that a thing has once.
DATES = EXISTENCE | {"death_date", "dissolved", "publication_date"}
#: Facts read of an entity, as subject and as object: enough for all roles of a long life, and a bound for hubs.
ABOUT, NAMING = 200, 50
#: Containers of a place: its county, state, country, continent and some to spare; a circle in the data ends here.
DEPTH = 8
#: Places whose containers are remembered.
REMEMBERED = 200_000


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A fact that joins an entity to another one.

    Attributes:
        outward: the entity is the subject.
        other: the other end, as it is read.
        valid: when the fact held.
        where: the place that the other end is or lies in, and what contains that place; empty where nothing says.
    """

    predicate: str
    outward: bool
    other: EntityId
    valid: Interval
    where: tuple[EntityId, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """One entity, as far as it is compared.

    Attributes:
        identifiers: (scheme, value) of its own ids and the external ones.
        dates: of its beginning and end, by predicate.
        point: WGS 84 degrees, latitude first.
        within: what contains it, from the smallest.
    """

    id: EntityId
    kind: Kind
    names: tuple[Name, ...] = ()
    identifiers: frozenset[tuple[str, str]] = frozenset()
    dates: Mapping[str, tuple[When, ...]] = field(default_factory=dict)
    point: tuple[float, float] | None = None
    within: tuple[EntityId, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    description: str = ""

    @property
    def label(self) -> str:
        """The name to show."""
        return Entity(self.id, self.kind, self.names).label()


class Views:
    """Views, read from a graph many at a time."""

    def __init__(self, reader: GraphReader) -> None:
        self._reader = reader
        self._containers: dict[EntityId, tuple[EntityId, ...]] = {}

    def of(self, ids: Sequence[EntityId]) -> dict[EntityId, View]:
        """The views of entities, by the ids given, which are those under which they are read."""
        reader = self._reader
        entities = reader.entities(ids)
        about, naming = reader.facts_about(ids, limit=ABOUT), reader.facts_naming(ids, limit=NAMING)
        ends = {end for fact in (*about, *naming) for end in (fact.subject, fact.object) if end is not None}
        read_as = reader.resolve(ends)
        self._learn({read_as.get(end, end) for end in ends} | {one.within for one in entities.values() if one.within})
        dates: dict[EntityId, dict[str, list[When]]] = defaultdict(lambda: defaultdict(list))
        neighbours: dict[EntityId, list[Neighbour]] = defaultdict(list)
        for fact in about:
            mine = read_as.get(fact.subject, fact.subject)
            if fact.object is not None:
                neighbours[mine].append(self._neighbour(fact, read_as.get(fact.object, fact.object), outward=True))
            elif fact.predicate in DATES and (when := _date(fact)) is not None:
                dates[mine][fact.predicate].append(when)
        for fact in naming:
            if fact.object is not None:
                mine = read_as.get(fact.object, fact.object)
                neighbours[mine].append(self._neighbour(fact, read_as.get(fact.subject, fact.subject), outward=False))
        return {
            key: View(key, one.kind, one.names, identifiers((one.id, *reader.members(key), *one.same_as)),
                      {name: tuple(found) for name, found in dates[key].items()},
                      None if one.lat is None or one.lon is None else (one.lat, one.lon),
                      self._containers.get(one.within, (one.within,)) if one.within else (),
                      tuple(neighbours[key]), one.description)
            for key in ids if (one := entities.get(key)) is not None
        }

    def _neighbour(self, fact: Fact, other: EntityId, *, outward: bool) -> Neighbour:
        return Neighbour(fact.predicate, outward, other, fact.valid, self._containers.get(other, ()))

    def _learn(self, ids: Iterable[EntityId]) -> None:
        """Find out what contains these: a place begins with itself, anything else with the place that it lies in."""
        if len(self._containers) > REMEMBERED:
            self._containers.clear()
        wanted = {one for one in ids if one not in self._containers}
        known: dict[EntityId, Entity] = {}
        level = wanted
        for _ in range(DEPTH):
            found = self._reader.entities(level)
            known.update({given: found[given] for given in level if given in found})
            level = {up for given in level if given in found and (up := found[given].within) and up not in known
                     and up not in self._containers}
            if not level:
                break
        for one in sorted(wanted):
            self._containers[one] = self._chain(one, known)

    def _chain(self, start: EntityId, known: Mapping[EntityId, Entity]) -> tuple[EntityId, ...]:
        entity = known.get(start)
        if entity is None:
            return ()
        chain: list[EntityId] = [entity.id] if entity.kind is Kind.PLACE else []
        up = entity.within
        while up is not None and up not in chain and len(chain) < DEPTH:
            above = known.get(up)
            chain.append(above.id if above is not None else up)
            if above is None:
                chain += [one for one in self._containers.get(up, ()) if one not in chain]
                break
            up = above.within
        return tuple(chain)


def _date(fact: Fact) -> When | None:
    if fact.literal is None:
        return None
    try:
        return parse_when(fact.literal.value)
    except BadInput:
        return None
