"""The SQLite graph at one revision."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from worldctx.graph.connections import Connections
from worldctx.graph.interned import ENTITIES, Interned, is_storable, remember
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
from worldctx.model.clocks import Clocks, Known
from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity, Kind, Name, folded_name
from worldctx.model.fact import Fact
from worldctx.model.ids import DocumentId, EntityId, FactId, PassageId, Revision, SourceId
from worldctx.model.source import Source
from worldctx.model.time import MAX_INSTANT
from worldctx.ports.graph import ALL_TIMES

_FACT = f"SELECT {FACT_COLUMNS} FROM facts f WHERE f.id = :id AND {VISIBLE.format('f')}"
_BEGINNINGS = f"""SELECT f.since, f.basis, f.end_since FROM facts f
    WHERE f.subject = :id AND f.begins IS NOT NULL AND {VISIBLE.format("f")}"""
#: One entity's newest line, its names and the ids it is known by elsewhere, told apart by the last column: one
#: statement, because most of the time of a small one goes into starting it.
_ENTITY = """SELECT * FROM (SELECT kind, lat, lon, within, description, weight, 'line' FROM entities
        WHERE id = :id AND recorded <= :revision ORDER BY row DESC LIMIT 1)
    UNION ALL SELECT text, lang, start, "end", preferred, NULL, 'name' FROM names
        WHERE entity = :id AND recorded <= :revision
    UNION ALL SELECT t.text, NULL, NULL, NULL, NULL, NULL, 'same' FROM same_as s JOIN terms t ON t.id = s.external
        WHERE s.entity = :id AND s.recorded <= :revision"""
_SOURCE = f"SELECT {SOURCE_COLUMNS} FROM sources s WHERE s.id = ? AND s.recorded <= ? ORDER BY s.row DESC LIMIT 1"
_DOCUMENT = f"SELECT {DOCUMENT_COLUMNS} FROM documents d WHERE d.id = :id AND {VISIBLE.format('d')}"
_PASSAGE = f"""SELECT t.text, t.id, {PASSAGE_COLUMNS} FROM passages p CROSS JOIN documents d ON d.row = p.document
    CROSS JOIN terms t ON t.id = d.id WHERE p.id = :id AND {VISIBLE.format("d")}"""
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

    def __init__(self, connections: Connections, interned: Interned, sameness: Sameness, revision: Revision,
                 epoch: int | None) -> None:
        """A reader at `revision`; `epoch` is the last revision up to it that linked anything, None when nothing did."""
        self._connections, self._interned, self._sameness = connections, interned, sameness
        self._revision, self._epoch = revision, epoch

    @property
    def revision(self) -> Revision:
        """See ports.graph.GraphReader."""
        return self._revision

    def resolve(self, ids: Iterable[EntityId]) -> Mapping[EntityId, EntityId]:
        """See ports.graph.GraphReader."""
        with self._connections.reading() as connection:
            return {entity: EntityId(group.canonical) if (group := self._group(connection, entity)) else entity
                    for entity in ids}

    def members(self, entity: EntityId) -> tuple[EntityId, ...]:
        """See ports.graph.GraphReader."""
        with self._connections.reading() as connection:
            group = self._group(connection, entity)
        return tuple(EntityId(text) for text, _ in group.members) if group and group.members else (entity,)

    def entities(self, ids: Iterable[EntityId]) -> Mapping[EntityId, Entity]:
        """See ports.graph.GraphReader."""
        found: dict[EntityId, Entity] = {}
        made = self._interned.entities
        with self._connections.reading() as connection:
            for entity in ids:
                group = self._group(connection, entity)
                if group is None:
                    continue
                key = (group.canonical, self._revision)
                one = made.get(key)
                if one is None and (one := self._entity(connection, group)) is not None:
                    remember(made, key, one, ENTITIES)
                if one is not None:
                    found[entity] = one
        return found

    def search_entities(self, text: str, limit: int = 20) -> Sequence[EntityId]:
        """See ports.graph.GraphReader."""
        prefix = folded_name(text)
        if not prefix or not is_storable(prefix):
            return ()
        found: dict[EntityId, None] = {}
        with self._connections.reading() as connection:
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

    def facts(self, ids: Iterable[FactId]) -> Mapping[FactId, Fact]:
        """See ports.graph.GraphReader."""
        found = {}
        with self._connections.reading() as connection:
            for one in filter(is_storable, ids):
                rows = connection.execute(_FACT, {"id": one, "revision": self._revision})
                for fact in facts_from(rows, connection, self._interned):
                    found[fact.id] = fact
        return found

    def existence(self, ids: Iterable[EntityId]) -> Mapping[EntityId, Known]:
        """See ports.graph.GraphReader."""
        found = {}
        with self._connections.reading() as connection:
            for entity in ids:
                group = self._group(connection, entity)
                knowns = [self._interned.known(connection, *row) for number in (group.numbers if group else ())
                          for row in connection.execute(_BEGINNINGS, {"id": number, "revision": self._revision})]
                if knowns:
                    found[entity] = min(knowns, key=_publication)
        return found

    def sources(self, ids: Iterable[SourceId]) -> Mapping[SourceId, Source]:
        """See ports.graph.GraphReader."""
        found = {}
        with self._connections.reading() as connection:
            for one in ids:
                row = connection.execute(_SOURCE, (self._interned.number(connection, one), self._revision)).fetchone()
                if row is not None:
                    found[one] = source_from(row, connection, self._interned)
        return found

    def documents(self, ids: Iterable[DocumentId]) -> Mapping[DocumentId, Document]:
        """See ports.graph.GraphReader."""
        found = {}
        with self._connections.reading() as connection:
            for one in ids:
                row = connection.execute(_DOCUMENT, self._document_key(connection, one)).fetchone()
                if row is not None:
                    found[one] = document_from(row, connection, self._interned)
        return found

    def passages(self, ids: Iterable[PassageId]) -> Mapping[PassageId, Passage]:
        """See ports.graph.GraphReader."""
        found = {}
        with self._connections.reading() as connection:
            for one in filter(is_storable, ids):
                row = connection.execute(_PASSAGE, {"id": one, "revision": self._revision}).fetchone()
                if row is not None:
                    document, number, *columns = row
                    found[one] = passage_from(tuple(columns), DocumentId(document))
                    remember(self._interned.numbers, document, number)  # its document is asked for next
        return found

    def passages_of(self, document: DocumentId) -> Sequence[Passage]:
        """See ports.graph.GraphReader."""
        with self._connections.reading() as connection:
            rows = connection.execute(_PASSAGES_OF, self._document_key(connection, document))
            return [passage_from(row, document) for row in rows]

    def mentions(self, document: DocumentId) -> Sequence[Mention]:
        """See ports.graph.GraphReader."""
        with self._connections.reading() as connection:
            rows = connection.execute(_MENTIONS, self._document_key(connection, document))
            return [mention_from(row) for row in rows]

    def counts(self) -> Mapping[str, int]:
        """See ports.graph.GraphReader."""
        with self._connections.reading() as connection:
            row = connection.execute(f"SELECT {', '.join(TOTALS)} FROM commits WHERE revision = ?",
                                     (self._revision,)).fetchone()
        return dict(zip(TOTALS, row or (0,) * len(TOTALS), strict=True))

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

    def _entity(self, connection: sqlite3.Connection, group: Group) -> Entity | None:
        names: list[Name] = []
        same_as: set[str] = set()
        lines = []
        for _, number in group.members:
            for row in connection.execute(_ENTITY, {"id": number, "revision": self._revision}):
                if row[6] == "line":
                    lines.append(row)
                elif row[6] == "name":
                    names.append(name_from(row[:5], connection, self._interned))
                else:
                    same_as.add(row[0])
        if not lines:
            return None
        if len(group.members) > 1:  # one id has no name twice
            names = list(dict.fromkeys(names))
        # The canonical id's own attributes first, gaps filled from the other members in the order of their ids.
        placed = next((line for line in lines if line[1] is not None), lines[0])
        within = next((line[3] for line in lines if line[3] is not None), None)
        return Entity(
            EntityId(group.canonical), Kind(lines[0][0]), tuple(sorted(names, key=name_order)),
            tuple(map(EntityId, sorted(same_as))), placed[1], placed[2],
            None if within is None else EntityId(self._interned.text(connection, within)),
            next((line[4] for line in lines if line[4]), ""), max(line[5] or 0.0 for line in lines))

    def _facts(self, side: str, ids: Iterable[EntityId], clocks: Clocks, predicate: str | None,
               limit: int | None) -> list[Fact]:
        conditions, values = clock_conditions(clocks)
        query = _fact_query(side, conditions, predicate is not None, limit is not None)
        key: dict[str, int | None] = {**values, "revision": self._revision, "limit": limit}
        order, interned = _ORDER[side], self._interned
        found: list[Fact] = []
        with self._connections.reading() as connection:
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


def name_order(name: Name) -> tuple[str, str, str, bool]:
    """The order in which an entity's names come."""
    return name.text, name.lang, name.valid.edtf, not name.preferred


def _publication(known: Known) -> tuple[int, bool, str, str]:
    """Earliest first; what no one dated comes last, for it says nothing about when."""
    return (MAX_INSTANT if known.since is None else known.hi, known.since is None,
            "" if known.since is None else known.since.edtf, known.basis)
