"""The SQLite graph at one revision."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worldctx.graph.columns import EVENT, Columns, Flags, Found, Groups, Places, Rows, first
from worldctx.graph.connections import Connections
from worldctx.graph.image import Image
from worldctx.graph.interned import ENTITIES, NAMED, Interned, V, is_storable, remember
from worldctx.graph.rows import (
    DOCUMENT_COLUMNS,
    FACT_COLUMNS,
    PASSAGE_COLUMNS,
    SOURCE_COLUMNS,
    VISIBLE,
    clock_conditions,
    document_from,
    facts_from,
    mention_from,
    name_from,
    passage_from,
    source_from,
)
from worldctx.graph.sameness import Group, Sameness
from worldctx.graph.schema import TOTALS
from worldctx.model.clocks import Clocks
from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity, Kind, Name, folded_name, label_among
from worldctx.model.errors import StoreUnavailable
from worldctx.model.fact import Fact
from worldctx.model.ids import DocumentId, EntityId, FactId, PassageId, Revision, SourceId
from worldctx.model.source import Source
from worldctx.ports.graph import ALL_TIMES, FactTable, Side, Walk

#: Lines, names and external ids of many entities: three statements, because most of the time of a small one goes into
#: starting it. CROSS JOIN keeps the list first.
_OF_MANY = "FROM json_each(:ids) j CROSS JOIN"
_LINES = f"""SELECT e.id, e.row, e.kind, e.lat, e.lon, e.within, e.description, e.weight
    {_OF_MANY} entities e WHERE e.id = j.value AND e.recorded <= :revision"""
_NAMES = f"""SELECT n.entity, n.text, n.lang, n.start, n."end", n.preferred
    {_OF_MANY} names n WHERE n.entity = j.value AND n.recorded <= :revision"""
_EXTERNALS = f"""SELECT s.entity, t.text {_OF_MANY} same_as s CROSS JOIN terms t ON t.id = s.external
    WHERE s.entity = j.value AND s.recorded <= :revision"""
_FACTS = f"SELECT {FACT_COLUMNS} {_OF_MANY} facts f WHERE f.id = j.value AND {VISIBLE.format('f')}"
_SOURCE = f"SELECT {SOURCE_COLUMNS} FROM sources s WHERE s.id = ? AND s.recorded <= ? ORDER BY s.row DESC LIMIT 1"
_DOCUMENTS = f"SELECT {DOCUMENT_COLUMNS} {_OF_MANY} documents d WHERE d.id = j.value AND {VISIBLE.format('d')}"
_PASSAGES = f"""SELECT t.text, t.id, {PASSAGE_COLUMNS} {_OF_MANY} passages p CROSS JOIN documents d
    ON d.row = p.document CROSS JOIN terms t ON t.id = d.id WHERE p.id = j.value AND {VISIBLE.format("d")}"""
_PASSAGES_OF = f"""SELECT {PASSAGE_COLUMNS} FROM documents d JOIN passages p ON p.document = d.row
    WHERE d.id = :id AND {VISIBLE.format("d")} ORDER BY p.ordinal"""
_MENTIONS = f"""SELECT m.start, m."end", m.surface, m.candidates FROM documents d JOIN mentions m ON m.document = d.row
    WHERE d.id = :id AND {VISIBLE.format("d")} ORDER BY m.start, m."end", m.ordinal"""
_BEGINNING_WITH = """SELECT n.entity, t.text, (SELECT weight FROM entities e WHERE e.id = n.entity
        AND e.recorded <= :revision ORDER BY e.row DESC LIMIT 1) AS weight
    FROM (SELECT DISTINCT entity FROM names
          WHERE folded >= :prefix AND folded < :prefix || char(1114111) AND recorded <= :revision) n
    JOIN terms t ON t.id = n.entity ORDER BY weight DESC, t.text"""


#: How lists of facts are ordered.
_ORDER: dict[str, Callable[[Fact], tuple[str, ...]]] = {
    "subject": lambda fact: (fact.subject, fact.id),
    "object": lambda fact: (str(fact.object), fact.id),
}


@lru_cache(maxsize=256)
def _fact_query(side: str, conditions: str, of_predicate: bool, limited: bool) -> str:
    """Facts of one numbered subject or object. The index on it ends in the fact's id, so that a limit stops early.

    One statement per id: a list of ids (`IN`) makes SQLite build a table for it, which costs more than it saves.
    """
    return (f"SELECT {FACT_COLUMNS} FROM facts f WHERE f.{side} = :id AND {VISIBLE.format('f')}{conditions}"
            f"{' AND f.predicate = :predicate' if of_predicate else ''}"
            f"{' ORDER BY f.id LIMIT :limit' if limited else ''}")


class SqliteReader:
    """A ports.graph.GraphReader. Rows are only added and withdrawals numbered, so that it needs no open transaction."""

    def __init__(self, connections: Connections, interned: Interned, sameness: Sameness, image: Image,
                 revision: Revision, told: int, epoch: int | None) -> None:
        """A reader at `revision`.

        Args:
            told: the last revision up to it that told anything of an entity.
            epoch: the last one that linked anything, None when nothing did.
        """
        self._connections, self._interned, self._sameness, self._image = connections, interned, sameness, image
        self._revision, self._told, self._epoch = revision, told, epoch

    @property
    def revision(self) -> Revision:
        """See ports.graph.GraphReader."""
        return self._revision

    def warm(self) -> None:
        """See ports.graph.GraphReader."""
        with self._read_at() as connection:
            self._image.at(connection, self._revision)

    def resolve(self, ids: Iterable[EntityId]) -> Mapping[EntityId, EntityId]:
        """See ports.graph.GraphReader."""
        with self._read_at() as connection:
            return {entity: EntityId(group.canonical) if (group := self._group(connection, entity)) else entity
                    for entity in ids}

    def members(self, entity: EntityId) -> tuple[EntityId, ...]:
        """See ports.graph.GraphReader."""
        with self._read_at() as connection:
            group = self._group(connection, entity)
        return tuple(EntityId(text) for text, _ in group.members) if group and group.members else (entity,)

    def entities(self, ids: Iterable[EntityId]) -> Mapping[EntityId, Entity]:
        """See ports.graph.GraphReader."""
        made = self._interned.entities
        with self._read_at() as connection:
            groups = self._groups(connection, ids)
            found, missing = self._recalled(made, groups.values())
            if missing:
                for one in self._read(connection, missing.values()):
                    found[one.id] = remember(made, (one.id, self._told), one, ENTITIES)
        return {entity: found[group.canonical] for entity, group in groups.items() if group.canonical in found}

    def labels(self, ids: Iterable[EntityId], clocks: Clocks) -> Mapping[EntityId, str]:
        """See ports.graph.GraphReader."""
        named = self._interned.names
        with self._read_at() as connection:
            groups = self._groups(connection, ids)
            names, missing = self._recalled(named, groups.values())
            if missing:
                read = self._names(connection, missing.values())
                for key, group in missing.items():
                    own = dict.fromkeys(name for _, number in group.members for name in read.get(number, ()))
                    names[key] = remember(named, (key, self._told), tuple(own), NAMED)
            labels = {entity: label_among(names[group.canonical], clocks) for entity, group in groups.items()}
            unnamed = [entity for entity, label in labels.items() if not label]
            if unnamed:  # it has an id to show when it is anything at all
                kinds = self._image.at(connection, self._revision).kinds(
                    Groups.of([groups[entity].numbers for entity in unnamed]), self._revision)
                for entity, kind in zip(unnamed, kinds.tolist(), strict=True):
                    if kind >= 0:
                        labels[entity] = groups[entity].canonical
                    else:
                        del labels[entity]
        return labels

    def search_entities(self, text: str, limit: int = 20) -> Sequence[EntityId]:
        """See ports.graph.GraphReader."""
        prefix = folded_name(text)
        if not prefix or not is_storable(prefix):
            return ()
        found: dict[EntityId, None] = {}
        with self._read_at() as connection:
            rows = connection.execute(_BEGINNING_WITH, {"prefix": prefix, "revision": self._revision})
            for number, entity, _ in rows:
                if len(found) >= limit:
                    break
                found[EntityId(self._numbered_group(connection, number, entity).canonical)] = None
            rows.close()
        return tuple(found)

    def facts_about(self, ids: Iterable[EntityId], clocks: Clocks = ALL_TIMES, *, predicate: str | None = None,
                    limit: int | None = None) -> Sequence[Fact]:
        """See ports.graph.GraphReader."""
        return self._facts("subject", ids, clocks, predicate, limit)

    def facts_naming(self, ids: Iterable[EntityId], clocks: Clocks = ALL_TIMES, *, predicate: str | None = None,
                     limit: int | None = None) -> Sequence[Fact]:
        """See ports.graph.GraphReader."""
        return self._facts("object", ids, clocks, predicate, limit)

    def walk(self, walks: Sequence[Walk], clocks: Clocks, limit: int) -> FactTable:
        """See ports.graph.GraphReader."""
        with self._read_at() as connection:
            columns = self._image.at(connection, self._revision)
            rows = columns.rows(self._walked(connection, columns, walks, clocks, limit))
            ends, places = np.unique(np.concatenate([rows.subject, rows.object]), return_inverse=True)
            groups = self._groups_of(connection, ends)
            seen = ~self._late(columns, groups, clocks)[places]
            seen = seen[:len(rows)] & seen[len(rows):]
            return self._table(connection, rows.where(seen), ends, places.reshape(2, -1)[:, seen],
                               columns.kinds(groups, self._revision) == EVENT)

    def unborn(self, ids: Iterable[EntityId], clocks: Clocks) -> set[EntityId]:
        """See ports.graph.GraphReader."""
        with self._read_at() as connection:
            numbers = self._interned.number_all(connection, ids)
            found = np.fromiter(numbers.values(), np.int64, len(numbers))
            late = self._late(self._image.at(connection, self._revision), self._groups_of(connection, found), clocks)
        return {EntityId(entity) for entity, is_late in zip(numbers, late.tolist(), strict=True) if is_late}

    def facts(self, ids: Iterable[FactId]) -> Mapping[FactId, Fact]:
        """See ports.graph.GraphReader."""
        with self._read_at() as connection:
            rows = connection.execute(_FACTS, self._many(ids))
            return {fact.id: fact for fact in facts_from(rows, connection, self._interned)}

    def sources(self, ids: Iterable[SourceId]) -> Mapping[SourceId, Source]:
        """See ports.graph.GraphReader."""
        found = {}
        with self._read_at() as connection:
            for one in ids:
                row = connection.execute(_SOURCE, (self._interned.number(connection, one), self._revision)).fetchone()
                if row is not None:
                    found[one] = source_from(row, connection, self._interned)
        return found

    def documents(self, ids: Iterable[DocumentId]) -> Mapping[DocumentId, Document]:
        """See ports.graph.GraphReader."""
        with self._read_at() as connection:
            numbers = self._interned.number_all(connection, ids)
            rows = connection.execute(_DOCUMENTS, {"ids": json.dumps([*numbers.values()]), "revision": self._revision})
            found = (document_from(row, connection, self._interned) for row in rows)
            return {one.id: one for one in found}

    def passages(self, ids: Iterable[PassageId]) -> Mapping[PassageId, Passage]:
        """See ports.graph.GraphReader."""
        found = {}
        with self._read_at() as connection:
            for document, number, *columns in connection.execute(_PASSAGES, self._many(ids)):
                one = passage_from(tuple(columns), DocumentId(document))
                found[one.id] = one
                remember(self._interned.numbers, document, number)  # its document is asked for next
        return found

    def passages_of(self, document: DocumentId) -> Sequence[Passage]:
        """See ports.graph.GraphReader."""
        with self._read_at() as connection:
            rows = connection.execute(_PASSAGES_OF, self._document_key(connection, document))
            return [passage_from(row, document) for row in rows]

    def mentions(self, document: DocumentId) -> Sequence[Mention]:
        """See ports.graph.GraphReader."""
        with self._read_at() as connection:
            rows = connection.execute(_MENTIONS, self._document_key(connection, document))
            return [mention_from(row) for row in rows]

    def counts(self) -> Mapping[str, int]:
        """See ports.graph.GraphReader."""
        with self._read_at() as connection:
            row = connection.execute(f"SELECT {', '.join(TOTALS)} FROM commits WHERE revision = ?",
                                     (self._revision,)).fetchone()
        return dict(zip(TOTALS, row or (0,) * len(TOTALS), strict=True))

    @contextmanager
    def _read_at(self) -> Iterator[sqlite3.Connection]:
        with self._connections.reading() as connection:
            if self._interned.gone:  # what it remembers may be of what was erased
                raise StoreUnavailable("something was erased while this was read; ask again")
            yield connection

    def _many(self, ids: Iterable[str]) -> dict[str, object]:
        # SQLite's JSON ends a text at a NUL, and no id of ours has one.
        return {"ids": json.dumps([one for one in ids if is_storable(one) and "\0" not in one]),
                "revision": self._revision}

    def _document_key(self, connection: sqlite3.Connection, document: DocumentId) -> dict[str, int | None]:
        return {"id": self._interned.number(connection, document), "revision": self._revision}

    def _group(self, connection: sqlite3.Connection, entity: str) -> Group | None:
        """The group of an id, None for an id that no row names."""
        number = self._interned.number(connection, entity)
        return None if number is None else self._numbered_group(connection, number, entity)

    def _numbered_group(self, connection: sqlite3.Connection, number: int, entity: str) -> Group:
        if self._epoch is None:
            return Group(entity, ((entity, number),), (number,))
        return self._sameness.group(connection, number, self._revision, self._epoch)

    def _groups(self, connection: sqlite3.Connection, ids: Iterable[EntityId]) -> dict[EntityId, Group]:
        """The groups of those ids that some row names."""
        return {EntityId(entity): self._numbered_group(connection, number, entity)
                for entity, number in self._interned.number_all(connection, ids).items()}

    def _recalled(self, memory: Mapping[tuple[str, int], V],
                  groups: Iterable[Group]) -> tuple[dict[str, V], dict[str, Group]]:
        """What is remembered of groups, by canonical id, and the groups of which nothing is."""
        found: dict[str, V] = {}
        missing: dict[str, Group] = {}
        for group in groups:
            one = memory.get((group.canonical, self._told))
            if one is None:
                missing[group.canonical] = group
            else:
                found[group.canonical] = one
        return found, missing

    def _read(self, connection: sqlite3.Connection, groups: Iterable[Group]) -> Iterator[Entity]:
        """The entities of groups, as far as they have lines."""
        groups = list(groups)
        values = {"ids": json.dumps([number for group in groups for _, number in group.members]),
                  "revision": self._revision}
        lines: dict[int, tuple[Any, ...]] = {}
        for number, row, *line in connection.execute(_LINES, values):
            if number not in lines or lines[number][0] < row:  # the newest line holds what the older ones said too
                lines[number] = (row, *line)
        names = self._names(connection, groups)
        externals: dict[int, list[str]] = {}
        for number, text in connection.execute(_EXTERNALS, values):
            externals.setdefault(number, []).append(text)
        for group in groups:
            members = [number for _, number in group.members if number in lines]
            if members:
                yield self._entity(connection, group.canonical, [lines[number] for number in members],
                                   [name for number in members for name in names.get(number, ())],
                                   {text for number in members for text in externals.get(number, ())})

    def _names(self, connection: sqlite3.Connection, groups: Iterable[Group]) -> dict[int, list[Name]]:
        """The names of all members of groups, by number."""
        values = {"ids": json.dumps([number for group in groups for _, number in group.members]),
                  "revision": self._revision}
        names: dict[int, list[Name]] = {}
        for number, *name in connection.execute(_NAMES, values):
            names.setdefault(number, []).append(name_from(tuple(name), connection, self._interned))
        return names

    def _entity(self, connection: sqlite3.Connection, canonical: str, lines: Sequence[tuple[Any, ...]],
                names: Iterable[Name], same_as: Iterable[str]) -> Entity:
        # The canonical id's own attributes first, gaps filled from the other members in the order of their ids.
        placed = next((line for line in lines if line[2] is not None), lines[0])
        within = next((line[4] for line in lines if line[4] is not None), None)
        return Entity(
            EntityId(canonical), Kind(lines[0][1]), tuple(sorted(dict.fromkeys(names), key=name_order)),
            tuple(map(EntityId, sorted(same_as))), placed[2], placed[3],
            None if within is None else EntityId(self._interned.text(connection, within)),
            next((line[5] for line in lines if line[5]), ""), max(line[6] or 0.0 for line in lines))

    def _walked(self, connection: sqlite3.Connection, columns: Columns, walks: Sequence[Walk], clocks: Clocks,
                limit: int) -> list[Places]:
        """The places of the facts at the end of walks. Many begin with the same entities: those are looked up once."""
        starts: dict[tuple[EntityId, ...], Groups] = {}
        begun: dict[tuple[tuple[EntityId, ...], Side], list[Found]] = {}
        whole: set[tuple[tuple[EntityId, ...], Side]] = set()  # from where all facts were found, within the limit
        found: list[Places] = []
        for walk in walks:
            if len(walk.steps) == 1 and (walk.ids, walk.steps[0].side) in whole:
                continue
            if walk.ids not in starts:
                groups = self._groups(connection, walk.ids).values()
                starts[walk.ids] = Groups.of([*{group.canonical: group.numbers for group in groups}.values()])
            places: list[Places] = []
            for before, step in zip((None, *walk.steps), walk.steps, strict=False):
                predicate = None if step.predicate is None else self._interned.number(connection, step.predicate)
                if step.predicate is not None and predicate is None:
                    places = []
                    break
                if before is None:
                    seen = begun.get((walk.ids, step.side))
                    if seen is None:
                        seen = columns.seen(starts[walk.ids], step.side, self._revision, clocks)
                        begun[walk.ids, step.side] = seen
                else:
                    facts = columns.rows(places)
                    others = np.unique(facts.object if before.side is Side.SUBJECT else facts.subject)
                    groups_on = self._groups_of(connection, others[others > 0])
                    seen = columns.seen(groups_on, step.side, self._revision, clocks)
                places = first(seen, predicate, limit)
                if before is None and predicate is None and _count(places) == sum(len(one.places) for one in seen):
                    whole.add((walk.ids, step.side))
            found += places
        return found

    def _late(self, columns: Columns, groups: Groups, clocks: Clocks) -> Flags:
        """Which of some entities nobody could have named under the clocks."""
        if clocks.cutoff is None and clocks.as_of is None:
            return np.zeros(groups.count, bool)
        limit = clocks.hi if clocks.cutoff is None else clocks.cutoff
        public, begins = columns.beginnings(groups, self._revision)
        return public > limit if clocks.cutoff is not None else (public > limit) & (begins >= limit)

    def _groups_of(self, connection: sqlite3.Connection, numbers: NDArray[np.integer[Any]]) -> Groups:
        """The group of each number; 0 is alone."""
        if self._epoch is None:
            return Groups.of_single(numbers)
        return Groups.of([self._sameness.group(connection, number, self._revision, self._epoch).numbers
                          if number else (0,) for number in numbers.tolist()])

    def _table(self, connection: sqlite3.Connection, rows: Rows, ends: NDArray[np.int32], places: NDArray[np.int64],
               events: Flags) -> FactTable:
        """The table of rows: `places` are those of their subjects and objects in `ends`, of which some are events."""
        used, ends_used = np.unique(places, return_inverse=True)
        ids = ends[used]
        none = int(np.searchsorted(ids, 1))  # 0 stands for no object
        subjects, objects = ends_used.reshape(2, -1) - none
        names, predicates = np.unique(rows.predicate, return_inverse=True)
        return FactTable(
            [FactId(one.decode()) for one in rows.id.tolist()], subjects, objects, predicates, rows.lo,
            rows.confidence, rows.sourced, events[places[0]],
            [EntityId(one) for one in self._interned.text_all(connection, ids[none:].tolist())],
            self._interned.text_all(connection, names.tolist()))

    def _facts(self, side: str, ids: Iterable[EntityId], clocks: Clocks, predicate: str | None,
               limit: int | None) -> list[Fact]:
        conditions, values = clock_conditions(clocks)
        query = _fact_query(side, conditions, predicate is not None, limit is not None)
        key: dict[str, int | None] = {**values, "revision": self._revision, "limit": limit}
        order, interned = _ORDER[side], self._interned
        found: list[Fact] = []
        with self._read_at() as connection:
            if predicate is not None:
                key["predicate"] = interned.number(connection, predicate)
            groups = {group.canonical: group.numbers for entity in ids if (group := self._group(connection, entity))}
            for numbers in groups.values():
                own: list[Fact] = []
                for number in numbers:
                    key["id"] = number
                    own += facts_from(connection.execute(query, key), connection, interned)
                if limit is not None and len(own) > limit:  # of each of its ids as many came as are wanted of all
                    own = sorted(own, key=order)[:limit]
                found += own
        found.sort(key=order)
        return found


def _count(found: Sequence[Places]) -> int:
    return sum(len(places) for _, places in found)


def name_order(name: Name) -> tuple[str, str, str, bool]:
    """The order in which an entity's names come."""
    return name.text, name.lang, name.valid.edtf, not name.preferred

