"""What the store was told, in an order in which it can be told again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from worldctx.graph.interned import Interned
from worldctx.graph.rows import FACT_COLUMNS, SOURCE_COLUMNS, VISIBLE, facts_from, name_from, source_from
from worldctx.graph.schema import ENTITY_ATTRIBUTES
from worldctx.graph.standing import given_of
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.fact import Fact
from worldctx.model.ids import EntityId, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source

_SOURCES = f"""SELECT {SOURCE_COLUMNS} FROM sources s JOIN terms t ON t.id = s.id WHERE s.recorded <= :revision
    ORDER BY t.text, s.row"""
_ENTITIES = f"""SELECT e.id, e.source, e.given, {", ".join(f"e.{name}" for name in ENTITY_ATTRIBUTES)} FROM entities e
    JOIN terms t ON t.id = e.id WHERE e.recorded <= :revision ORDER BY t.text, e.row"""
_NAMES = """SELECT source, text, lang, start, "end", preferred FROM names
    WHERE entity = :id AND recorded <= :revision ORDER BY row"""
_SAME_AS = "SELECT source, external FROM same_as WHERE entity = :id AND recorded <= :revision ORDER BY row"
_FACTS = f"SELECT {FACT_COLUMNS} FROM facts f WHERE {VISIBLE.format('f')} ORDER BY f.id"
_JUDGEMENTS = """SELECT low, high, same, "by", at, source FROM judgements WHERE recorded <= :revision ORDER BY row"""


def told(
    connection: sqlite3.Connection, interned: Interned, revision: int
) -> Iterator[Source | Entity | Fact | Judgement]:
    """See ports.graph.GraphStore.knowledge."""
    key = {"revision": revision}
    for row in connection.execute(_SOURCES, key):
        yield source_from(row, connection, interned)
    for lines in entity_lines(connection, interned, revision):
        yield from lines
    for row in connection.execute(_FACTS, key):
        yield from facts_from((row,), connection, interned)
    for low, high, same, by, at, source in connection.execute(_JUDGEMENTS, key):
        left, right = (EntityId(interned.text(connection, side)) for side in (low, high))
        yield Judgement(left, right, None if same is None else bool(same), by, interned.moment(connection, at),
                        _source(connection, interned, source))


def entity_lines(connection: sqlite3.Connection, interned: Interned, revision: int) -> Iterator[list[Entity]]:
    """What each entity was told to be, by id; see `attributed`."""
    for number, rows in groupby(connection.execute(_ENTITIES, {"revision": revision}), key=lambda row: row[0]):
        entity, key = EntityId(interned.text(connection, number)), {"id": number, "revision": revision}
        lines = []
        for _, source, mask, *values in rows:
            kind, lat, lon, within, description, weight = given_of(values, mask)
            lines.append(Entity(
                entity, Kind(values[0] if kind is None else kind), (), (), lat, lon,
                None if within is None else EntityId(interned.text(connection, within)), description or "",
                weight or 0.0, _source(connection, interned, source)))
        names = [(_source(connection, interned, source), name_from(tuple(row), connection, interned))
                 for source, *row in connection.execute(_NAMES, key)]
        links = [(_source(connection, interned, source), EntityId(interned.text(connection, external)))
                 for source, external in connection.execute(_SAME_AS, key)]
        yield attributed(lines, names, links)


def attributed(lines: Sequence[Entity], names: Iterable[tuple[SourceId | None, Name]],
               links: Iterable[tuple[SourceId | None, EntityId]]) -> list[Entity]:
    """The lines about one entity, of which each source's last one has all names and external ids that it told."""
    own_names: dict[SourceId | None, list[Name]] = {}
    own_links: dict[SourceId | None, list[EntityId]] = {}
    for source, name in names:
        own_names.setdefault(source, []).append(name)
    for source, link in links:
        own_links.setdefault(source, []).append(link)
    last = {one.source: place for place, one in enumerate(lines)}
    return [replace(one, names=tuple(own_names.get(one.source, ())), same_as=tuple(own_links.get(one.source, ())))
            if last[one.source] == place else one for place, one in enumerate(lines)]


def _source(connection: sqlite3.Connection, interned: Interned, number: int | None) -> SourceId | None:
    return None if number is None else SourceId(interned.text(connection, number))
