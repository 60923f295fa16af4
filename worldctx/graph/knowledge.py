"""What the store was told, in an order in which it can be told again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby

from worldctx.graph.interned import Interned
from worldctx.graph.rows import FACT_COLUMNS, SOURCE_COLUMNS, VISIBLE, Row, facts_from, name_from, source_from
from worldctx.model.entity import Entity, Kind
from worldctx.model.fact import Fact
from worldctx.model.ids import EntityId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source

_SOURCES = f"""SELECT {SOURCE_COLUMNS} FROM sources s JOIN terms t ON t.id = s.id WHERE s.recorded <= :revision
    ORDER BY t.text, s.row"""
_ENTITIES = """SELECT e.id, e.kind, e.lat, e.lon, e.within, e.description, e.weight FROM entities e
    JOIN terms t ON t.id = e.id WHERE e.recorded <= :revision ORDER BY t.text, e.row"""
_NAMES = 'SELECT text, lang, start, "end", preferred FROM names WHERE entity = ? AND recorded <= ? ORDER BY row'
_SAME_AS = "SELECT external FROM same_as WHERE entity = ? AND recorded <= ? ORDER BY row"
_FACTS = f"SELECT {FACT_COLUMNS} FROM facts f WHERE {VISIBLE.format('f')} ORDER BY f.id"
_JUDGEMENTS = """SELECT low, high, same, "by", at FROM judgements WHERE recorded <= :revision ORDER BY row"""


def told(
    connection: sqlite3.Connection, interned: Interned, revision: int
) -> Iterator[Source | Entity | Fact | Judgement]:
    """See ports.graph.GraphStore.knowledge."""
    key = {"revision": revision}
    for row in connection.execute(_SOURCES, key):
        yield source_from(row, connection, interned)
    for _, rows in groupby(connection.execute(_ENTITIES, key), key=lambda row: row[0]):
        yield from _entity(list(rows), connection, interned, revision)
    for row in connection.execute(_FACTS, key):
        yield from facts_from((row,), connection, interned)
    for low, high, same, by, at in connection.execute(_JUDGEMENTS, key):
        left, right = (EntityId(interned.text(connection, side)) for side in (low, high))
        yield Judgement(left, right, None if same is None else bool(same), by, interned.moment(connection, at))


def _entity(rows: list[Row], connection: sqlite3.Connection, interned: Interned, revision: int) -> Iterator[Entity]:
    """Each state of an entity's attributes; the last one has the names and the external ids of all."""
    for place, (number, kind, lat, lon, within, description, weight) in enumerate(rows):
        last = place == len(rows) - 1
        yield Entity(
            EntityId(interned.text(connection, number)),
            Kind(kind),
            tuple(name_from(row, connection, interned) for row in connection.execute(_NAMES, (number, revision)))
            if last else (),
            tuple(EntityId(interned.text(connection, row[0]))
                  for row in connection.execute(_SAME_AS, (number, revision))) if last else (),
            lat,
            lon,
            None if within is None else EntityId(interned.text(connection, within)),
            description,
            weight or 0.0,
        )
