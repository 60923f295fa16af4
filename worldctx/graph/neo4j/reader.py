"""The Neo4j graph at one revision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from worldctx.graph.interned import is_storable, remember
from worldctx.graph.neo4j.bolt import Bolt
from worldctx.graph.neo4j.rows import (
    VISIBLE,
    clock_conditions,
    document_from,
    fact_from,
    mentions_from,
    name_from,
    passage_from,
    source_from,
    state_from,
)
from worldctx.graph.neo4j.sameness import Group, Sameness
from worldctx.graph.neo4j.schema import FOLDED
from worldctx.graph.reader import name_order
from worldctx.graph.schema import TOTALS
from worldctx.model.clocks import Clocks
from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity, Kind, Name, folded_name, label_under
from worldctx.model.errors import StoreUnavailable
from worldctx.model.fact import Fact
from worldctx.model.ids import DocumentId, EntityId, FactId, PassageId, Revision, SourceId
from worldctx.model.source import Source
from worldctx.model.time import MAX_INSTANT, MIN_INSTANT
from worldctx.ports.graph import ALL_TIMES, FactTable, Side, Walk

#: Entities remembered with their names (some 2 KB each), sources (1 KB), and texts of documents, of so many characters
#: at most.
ENTITIES, SOURCES, DOCUMENTS, LONGEST = 1 << 15, 1 << 14, 1 << 11, 1 << 14

_CARDS = f"""UNWIND $ids AS id MATCH (e:Entity {{id: id}}) RETURN id,
    [(e)-[:STATED]->(s:State) WHERE s.recorded <= $revision | [s.recorded, s.ordinal, properties(s)]],
    [(e)-[:NAMED]->(n:Name) WHERE n.recorded <= $revision | properties(n)],
    [(e)-[l:SAME_AS]->(x) WHERE l.recorded <= $revision | x.id],
    COLLECT {{ MATCH ()-[f:FACT]->() WHERE f.begins = id AND {VISIBLE.format("f")} RETURN [f.known_hi, f.valid_lo] }}"""
#: The index leads, in the order of fact ids: of the many facts of a country no more are read than are wanted.
_FACTS = """UNWIND $keys AS key CALL (key) {{
    MATCH ()-[f:FACT]->() USING INDEX f:FACT({side}, id)
    WHERE f.{side} = key.id AND f.id > ''{predicate} AND {visible}{clocks}
    RETURN f ORDER BY f.{side}, f.id{limit} }} """
_OF_PREDICATE = " AND f.predicate = coalesce(key.predicate, f.predicate)"
_RANKED = "RETURN key.id, '{side}' AS side, key.predicate, properties(f) AS fact"
_BY_ID = f"UNWIND $ids AS id MATCH ()-[f:FACT]->() WHERE f.id = id AND {VISIBLE.format('f')} RETURN properties(f)"
_SOURCES = """UNWIND $ids AS id MATCH (n:Source {id: id})
    RETURN id, [(n)-[:STATED]->(s:State) WHERE s.recorded <= $revision | [s.recorded, s.ordinal, properties(s)]]"""
_DOCUMENTS = f"""UNWIND $ids AS id MATCH (d:Document {{id: id}}) WHERE {VISIBLE.format("d")}
    RETURN d {{.*, mentions: NULL}}"""
_PASSAGES = f"""UNWIND $ids AS id MATCH (p:Passage {{id: id}})<-[:HAS_PASSAGE]-(d:Document)
    WHERE {VISIBLE.format("d")} RETURN d.id, d.content_hash, properties(p)"""
_PASSAGES_OF = f"""UNWIND $ids AS id MATCH (d:Document {{id: id}})-[:HAS_PASSAGE]->(p) WHERE {VISIBLE.format("d")}
    RETURN properties(p) ORDER BY p.ordinal"""
_MENTIONS = f"UNWIND $ids AS id MATCH (d:Document {{id: id}}) WHERE {VISIBLE.format('d')} RETURN d.mentions"
_BEGINNING_WITH = """MATCH (n:Name) WHERE n.folded STARTS WITH $prefix AND n.recorded <= $revision
    WITH n.entity AS id, collect(n.text) AS texts MATCH (e:Entity {id: id})
    RETURN id, texts, [(e)-[:STATED]->(s:State) WHERE s.recorded <= $revision | [s.recorded, s.ordinal, s.weight]]"""
_COUNTS = f"MATCH (c:Commit {{revision: $revision}}) RETURN {', '.join(f'c.{name}' for name in TOTALS)}"


class _Ranked(NamedTuple):
    """A fact as far as ranking looks at it, and all of its properties."""

    id: str
    subject: str
    object: str | None
    predicate: str
    row: dict[str, Any]


#: Where a walk begins: an id, a side of facts, and their predicate or any.
_Start = tuple[str, Side, str | None]


class _Unread:
    """What a memory says of what it does not hold: None is an answer."""


_UNREAD = _Unread()


@dataclass(frozen=True, slots=True)
class _Card:
    """What is told of one id, whatever it is read as.

    Attributes:
        entity: what its own lines say, None for an id without.
        public, begins: when its beginning was public, and when it was, by the earliest of its facts; else MAX_INSTANT.
    """

    entity: Entity | None = None
    public: int = MAX_INSTANT
    begins: int = MAX_INSTANT


_BLANK = _Card()


@dataclass(slots=True)
class Remembered:
    """What was read at a revision and cannot have changed since; by id and the last revision that could change it."""

    cards: dict[tuple[str, int], _Card] = field(default_factory=dict)
    #: None for an id that is no source yet.
    sources: dict[tuple[str, int], Source | None] = field(default_factory=dict)
    #: By content: what they say never changes. Whether they are there is another question.
    documents: dict[str, Document] = field(default_factory=dict)
    #: Something was erased: all this may be of it.
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Epochs:
    """The last revisions, up to a reader's, that could change what it remembers.

    Attributes:
        told: that told anything of an entity.
        linked: that changed which ids are read as one; None when nothing is.
        begun: that added or withdrew the beginning of an existence.
        sourced: that told anything of a source.
    """

    told: int
    linked: int | None
    begun: int
    sourced: int


class Neo4jReader:
    """A ports.graph.GraphReader. Rows are only added and withdrawals numbered, so that it needs no open transaction."""

    def __init__(self, bolt: Bolt, sameness: Sameness, remembered: Remembered, revision: Revision,
                 epochs: Epochs) -> None:
        self._bolt, self._sameness, self._remembered = bolt, sameness, remembered
        self._revision, self._epochs = revision, epochs
        #: What was found at this revision: facts with their properties, and of documents what they hold.
        self._facts_there: dict[str, dict[str, Any]] = {}
        self._documents_there: dict[str, str] = {}

    @property
    def revision(self) -> Revision:
        """See ports.graph.GraphReader."""
        return self._revision

    def warm(self) -> None:
        """See ports.graph.GraphReader."""

    def resolve(self, ids: Iterable[EntityId]) -> Mapping[EntityId, EntityId]:
        """See ports.graph.GraphReader."""
        given = list(ids)
        groups = self._groups(given)
        return {one: EntityId(groups[one].canonical) if one in groups else one for one in given}

    def members(self, entity: EntityId) -> tuple[EntityId, ...]:
        """See ports.graph.GraphReader."""
        group = self._groups([entity]).get(entity)
        return tuple(map(EntityId, group.members)) if group and group.members else (entity,)

    def entities(self, ids: Iterable[EntityId]) -> Mapping[EntityId, Entity]:
        """See ports.graph.GraphReader."""
        groups = self._groups(ids)
        cards = self._cards(key for group in groups.values() for key in group.ids)
        return {EntityId(one): entity for one, group in groups.items()
                if (entity := _entity(group, cards)) is not None}

    def labels(self, ids: Iterable[EntityId], clocks: Clocks) -> Mapping[EntityId, str]:
        """See ports.graph.GraphReader."""
        return {one: label_under(entity, clocks) for one, entity in self.entities(ids).items()}

    def search_entities(self, text: str, limit: int = 20) -> Sequence[EntityId]:
        """See ports.graph.GraphReader."""
        prefix = folded_name(text)
        if not prefix or not is_storable(prefix):
            return ()
        weighed = []
        for entity, texts, states in self._read(_BEGINNING_WITH, prefix=prefix[:FOLDED]):
            if len(prefix) <= FOLDED or any(folded_name(one).startswith(prefix) for one in texts):
                weight = max(states, key=lambda state: state[:2])[2] if states else None
                weighed.append((-(weight or 0.0), entity))
        weighed.sort()
        groups = self._groups(entity for _, entity in weighed)
        found = dict.fromkeys(EntityId(groups[entity].canonical) for _, entity in weighed)
        return tuple(found)[:limit]

    def facts_about(self, ids: Iterable[EntityId], clocks: Clocks = ALL_TIMES, *, predicate: str | None = None,
                    limit: int | None = None) -> Sequence[Fact]:
        """See ports.graph.GraphReader."""
        return self._facts(Side.SUBJECT, ids, clocks, predicate, limit)

    def facts_naming(self, ids: Iterable[EntityId], clocks: Clocks = ALL_TIMES, *, predicate: str | None = None,
                     limit: int | None = None) -> Sequence[Fact]:
        """See ports.graph.GraphReader."""
        return self._facts(Side.OBJECT, ids, clocks, predicate, limit)

    def facts(self, ids: Iterable[FactId]) -> Mapping[FactId, Fact]:
        """See ports.graph.GraphReader."""
        found: dict[FactId, Fact] = {}
        missing = []
        for one in ids:
            row = self._facts_there.get(one)
            if row is None:
                missing.append(one)
            else:
                found[one] = fact_from(row)
        for (row,) in self._read(_BY_ID, ids=_storable(missing)) if missing else ():
            fact = fact_from(row)
            found[fact.id] = fact
        return found

    def walk(self, walks: Sequence[Walk], clocks: Clocks, limit: int) -> FactTable:
        """See ports.graph.GraphReader."""
        rows: dict[str, _Ranked] = {}
        going = self._begun(walks, clocks, limit)
        for walk, found in zip(walks, going, strict=True):
            for before, step in zip(walk.steps, walk.steps[1:], strict=False):
                others = {other for row in found
                          if (other := row.object if before.side is Side.SUBJECT else row.subject) is not None}
                found = self._step(others, [(step.side, step.predicate)], clocks, limit)[step.side, step.predicate]
            rows |= {row.id: row for row in found}
        ends = {end for row in rows.values() for end in (row.subject, row.object) if end is not None}
        late = self._late(ends, clocks)
        seen = [row for row in rows.values() if row.subject not in late and row.object not in late]
        self._facts_there |= {row.id: row.row for row in seen}  # of which the best are asked for next
        return self._table(sorted(seen, key=lambda row: row.id))

    def unborn(self, ids: Iterable[EntityId], clocks: Clocks) -> set[EntityId]:
        """See ports.graph.GraphReader."""
        return {EntityId(one) for one in self._late(_storable(ids), clocks)}

    def sources(self, ids: Iterable[SourceId]) -> Mapping[SourceId, Source]:
        """See ports.graph.GraphReader."""
        memory, sourced = self._memory().sources, self._epochs.sourced
        found: dict[str, Source | None] = {}
        missing = []
        for one in _storable(ids):
            source = memory.get((one, sourced), _UNREAD)
            if isinstance(source, _Unread):
                missing.append(one)
            else:
                found[one] = source
        if missing:
            read = {one: max(states, key=lambda state: state[:2])[2]
                    for one, states in self._read(_SOURCES, ids=missing) if states}
            for one in missing:
                found[one] = remember(memory, (one, sourced),
                                      source_from(SourceId(one), read[one]) if one in read else None, SOURCES)
        return {SourceId(one): source for one, source in found.items() if source is not None}

    def documents(self, ids: Iterable[DocumentId]) -> Mapping[DocumentId, Document]:
        """See ports.graph.GraphReader."""
        memory, found = self._memory().documents, dict[DocumentId, Document]()
        missing = []
        for one in ids:
            document = memory.get(self._documents_there.get(one, ""))
            if document is None:
                missing.append(one)
            else:
                found[one] = document
        for (row,) in self._read(_DOCUMENTS, ids=_storable(missing)) if missing else ():
            document = document_from(row)
            found[document.id] = document
            if len(document.text) <= LONGEST:
                remember(memory, document.content_hash, document, DOCUMENTS)
        return found

    def passages(self, ids: Iterable[PassageId]) -> Mapping[PassageId, Passage]:
        """See ports.graph.GraphReader."""
        found = {}
        for document, content, row in self._read(_PASSAGES, ids=_storable(ids)):
            one = passage_from(row, document)
            found[one.id] = one
            self._documents_there[document] = content  # which is asked for next
        return found

    def passages_of(self, document: DocumentId) -> Sequence[Passage]:
        """See ports.graph.GraphReader."""
        return [passage_from(row, document) for (row,) in self._read(_PASSAGES_OF, ids=_storable([document]))]

    def mentions(self, document: DocumentId) -> Sequence[Mention]:
        """See ports.graph.GraphReader."""
        found = (one for (texts,) in self._read(_MENTIONS, ids=_storable([document])) for one in mentions_from(texts))
        return sorted(found, key=lambda one: (one.start, one.end))

    def counts(self) -> Mapping[str, int]:
        """See ports.graph.GraphReader."""
        rows = self._read(_COUNTS)
        return dict(zip(TOTALS, rows[0] if rows else (0,) * len(TOTALS), strict=True))

    def _memory(self) -> Remembered:
        if self._remembered.gone:
            raise StoreUnavailable("something was erased while this was read; ask again")
        return self._remembered

    def _read(self, query: str, **parameters: object) -> list[list[Any]]:
        self._memory()
        return self._bolt.read(query, revision=self._revision, **parameters)

    def _groups(self, ids: Iterable[str]) -> dict[str, Group]:
        self._memory()
        return self._sameness.groups(dict.fromkeys(_storable(ids)), self._revision, self._epochs.linked)

    def _cards(self, ids: Iterable[str]) -> dict[str, _Card]:
        """What is told of each id."""
        memory, told = self._memory().cards, max(self._epochs.told, self._epochs.begun)
        found: dict[str, _Card] = {}
        missing = []
        for one in dict.fromkeys(ids):
            card = memory.get((one, told))
            if card is None:
                missing.append(one)
            else:
                found[one] = card
        if missing:
            read = {one: _card(EntityId(one), *rest) for one, *rest in self._read(_CARDS, ids=missing)}
            for one in missing:
                found[one] = remember(memory, (one, told), read.get(one, _BLANK), ENTITIES)
        return found

    def _begun(self, walks: Sequence[Walk], clocks: Clocks, limit: int) -> list[list[_Ranked]]:
        """The facts that each walk finds with its first step; one statement for all of them."""
        steps = [(walk.steps[0].side, walk.steps[0].predicate) for walk in walks]
        wanted = {(one, *step): None for walk, step in zip(walks, steps, strict=True) for one in walk.ids}
        found = self._by_start(wanted, clocks, limit)
        return [[row for one in dict.fromkeys(walk.ids) for row in found[one, *step]]
                for walk, step in zip(walks, steps, strict=True)]

    def _step(self, ids: Iterable[str], steps: Sequence[tuple[Side, str | None]], clocks: Clocks,
              limit: int) -> dict[tuple[Side, str | None], list[_Ranked]]:
        wanted = {(one, *step): None for one in sorted(ids) for step in steps}
        found: dict[tuple[Side, str | None], list[_Ranked]] = {step: [] for step in steps}
        for (_, side, predicate), rows in self._by_start(wanted, clocks, limit).items():
            found[side, predicate] += rows
        return found

    def _by_start(self, wanted: Iterable[tuple[str, Side, str | None]], clocks: Clocks,
                  limit: int) -> dict[tuple[str, Side, str | None], list[_Ranked]]:
        """The first facts of each entity on a side by id; for each (entity, side, predicate) that is wanted."""
        wanted = list(wanted)
        groups = self._groups(one for one, _, _ in wanted)
        starts = [(key, side, predicate) for one, side, predicate in wanted if one in groups
                  for key in groups[one].ids]
        rows = self._by_key(starts, clocks, limit)
        found = {}
        for one, side, predicate in wanted:
            own = [row for key in groups[one].ids for row in rows[key, side, predicate]] if one in groups else []
            if len(own) > limit:  # of each of its ids as many came as are wanted of all
                own = sorted(own, key=lambda row: row.id)[:limit]
            found[one, side, predicate] = own
        return found

    def _by_key(self, starts: Sequence[_Start], clocks: Clocks, limit: int) -> dict[_Start, list[_Ranked]]:
        """Likewise, of single ids. Where all facts of an id were found, those of a predicate are among them."""
        every = {(key, side) for key, side, predicate in starts if predicate is None}
        rows = self._ranked([one for one in starts if one[2] is None or one[:2] not in every], clocks, limit)
        rest = []
        for start in starts:
            key, side, predicate = start
            if start in rows:
                continue
            among = rows[key, side, None]
            if len(among) < limit:
                rows[start] = [row for row in among if row.predicate == predicate]
            else:
                rest.append(start)
        return rows | self._ranked(rest, clocks, limit)

    def _ranked(self, starts: Sequence[_Start], clocks: Clocks, limit: int) -> dict[_Start, list[_Ranked]]:
        """The first facts of each start, by id: one statement for all of them."""
        found: dict[_Start, list[_Ranked]] = {start: [] for start in starts}
        conditions, values = clock_conditions(clocks)
        parts, parameters = [], dict[str, object](values, limit=limit)
        for side in Side:
            own = [{"id": key, "predicate": predicate} for key, on, predicate in found if on is side]
            if own:
                name = f"{side}s"
                parts.append(_FACTS.format(side=side, predicate=_OF_PREDICATE, visible=VISIBLE.format("f"),
                                           clocks=conditions, limit=" LIMIT $limit").replace("$keys", f"${name}")
                             + _RANKED.format(side=side))
                parameters[name] = own
        for key, on, asked, row in self._read(" UNION ALL ".join(parts), **parameters) if parts else ():
            fact = _Ranked(row["id"], row["subject"], row.get("object"), row["predicate"], row)
            found[key, Side(on), asked].append(fact)
        return found

    def _late(self, ids: Iterable[str], clocks: Clocks) -> set[str]:
        """Those that nobody could have named under the clocks."""
        if clocks.cutoff is None and clocks.as_of is None:
            return set()
        limit = clocks.hi if clocks.cutoff is None else clocks.cutoff
        groups = self._groups(ids)
        cards = self._cards(key for group in groups.values() for key in group.ids)
        late = set()
        for one, group in groups.items():
            own = [cards[key] for key in group.ids]
            public = min(card.public for card in own)
            if limit < public < MAX_INSTANT and (
                    clocks.cutoff is not None or min(card.begins for card in own) >= limit):
                late.add(one)
        return late

    def _table(self, rows: Sequence[_Ranked]) -> FactTable:
        ids = sorted({end for row in rows for end in (row.subject, row.object) if end is not None})
        names = sorted({row.predicate for row in rows})
        place = {one: at for at, one in enumerate(ids)}
        named = {name: at for at, name in enumerate(names)}
        kinds = self.entities({EntityId(row.subject) for row in rows})
        events = {one for one, entity in kinds.items() if entity.kind is Kind.EVENT}
        return FactTable(
            [FactId(row.id) for row in rows],
            np.array([place[row.subject] for row in rows], np.int64),
            np.array([-1 if row.object is None else place[row.object] for row in rows], np.int64),
            np.array([named[row.predicate] for row in rows], np.int64),
            np.array([row.row.get("valid_lo", MIN_INSTANT) for row in rows], np.int64),
            np.array([row.row["confidence"] for row in rows], np.float64),
            np.array(["source" in row.row for row in rows], bool),
            np.array([row.subject in events for row in rows], bool), list(map(EntityId, ids)), names)

    def _facts(self, side: Side, ids: Iterable[EntityId], clocks: Clocks, predicate: str | None,
               limit: int | None) -> list[Fact]:
        conditions, values = clock_conditions(clocks)
        groups = {group.canonical: group for group in self._groups(ids).values()}
        query = _FACTS.format(side=side, predicate=_OF_PREDICATE if predicate is not None else "",
                              visible=VISIBLE.format("f"), clocks=conditions,
                              limit="" if limit is None else " LIMIT $limit") + "RETURN key.id, properties(f)"
        keys = [{"id": one, "predicate": predicate} for group in groups.values() for one in group.ids]
        rows: dict[str, list[Fact]] = {}
        for one, row in self._read(query, keys=keys, limit=limit, **values) if keys else ():
            rows.setdefault(one, []).append(fact_from(row))

        def order(fact: Fact) -> tuple[str, str]:
            return fact.subject if side is Side.SUBJECT else str(fact.object), fact.id

        found: list[Fact] = []
        for group in groups.values():
            own = sorted((fact for one in group.ids for fact in rows.get(one, ())), key=order)
            found += own if limit is None else own[:limit]
        return sorted(found, key=order)


def _card(entity: EntityId, states: list[Any], names: list[Any], same_as: list[str], begun: list[Any]) -> _Card:
    known = [public for public, _ in begun if public is not None]
    starts = [start for _, start in begun if start is not None]
    made = None
    if states:
        newest = state_from(entity, max(states, key=lambda state: state[:2])[2])
        made = replace(newest, names=tuple(dict.fromkeys(map(name_from, names))),
                       same_as=tuple(dict.fromkeys(map(EntityId, same_as))))
    return _Card(made, min(known, default=MAX_INSTANT), min(starts, default=MAX_INSTANT))


def _entity(group: Group, cards: Mapping[str, _Card]) -> Entity | None:
    """The entity that the members of a group are together; None when no line told of any.

    The canonical id's own attributes come first, gaps are filled from the other members in the order of their ids.
    """
    members = [entity for one in group.members if (entity := cards[one].entity) is not None]
    if not members:
        return None
    first = members[0]
    names: dict[Name, None] = {name: None for one in members for name in one.names}
    placed = next((one for one in members if one.lat is not None), first)
    return Entity(
        EntityId(group.canonical), first.kind, tuple(sorted(names, key=name_order)),
        tuple(sorted({other for one in members for other in one.same_as})), placed.lat, placed.lon,
        next((one.within for one in members if one.within is not None), None),
        next((one.description for one in members if one.description), ""), max(one.weight for one in members))


def _storable(ids: Iterable[str]) -> list[str]:
    return [one for one in ids if is_storable(one)]
