"""The canonical dump of a SQLite graph; see graph.canonical. Lines come by type, then by id."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby

from worldctx.graph.canonical import (
    document_line,
    entity_line,
    fact_line,
    judgement_line,
    source_line,
    withdrawal_line,
)
from worldctx.graph.interned import Interned
from worldctx.graph.knowledge import entity_lines
from worldctx.graph.rows import (
    DOCUMENT_COLUMNS,
    FACT_COLUMNS,
    PASSAGE_COLUMNS,
    SOURCE_COLUMNS,
    VISIBLE,
    document_from,
    facts_from,
    mention_from,
    passage_from,
    source_from,
)
from worldctx.model.ids import EntityId, SourceId
from worldctx.model.judgement import Judgement

_SOURCES = f"""SELECT {SOURCE_COLUMNS} FROM sources s JOIN terms t ON t.id = s.id
    WHERE s.recorded <= :revision ORDER BY t.text, s.row"""
_JUDGEMENTS = """SELECT DISTINCT l.text, h.text, j.same, j."by", j.at, s.text, m.edtf FROM judgements j
    JOIN terms l ON l.id = j.low JOIN terms h ON h.id = j.high LEFT JOIN moments m ON m.id = j.at
    LEFT JOIN terms s ON s.id = j.source
    WHERE j.recorded <= :revision ORDER BY l.text, h.text, j.same, j."by", m.edtf, s.text"""
_DOCUMENTS = f"""SELECT d.row, d.withdrawn, {DOCUMENT_COLUMNS} FROM documents d JOIN terms t ON t.id = d.id
    WHERE {{0}} ORDER BY t.text, d.content_hash"""
_PASSAGES = f"SELECT {PASSAGE_COLUMNS} FROM passages p WHERE p.document = ? ORDER BY p.ordinal"
_MENTIONS = 'SELECT start, "end", surface, candidates FROM mentions WHERE document = ?'
_WITHDRAWALS = """SELECT DISTINCT kind, target, reason FROM withdrawals WHERE recorded <= :revision
    ORDER BY kind, target, reason"""
#: Beyond every revision: everything is recorded by then.
_EVER = 2**62


def dump_lines(connection: sqlite3.Connection, interned: Interned, revision: int | None) -> Iterator[str]:
    """The lines; of everything, withdrawn records marked, or of what is visible at a revision."""
    key = {"revision": _EVER if revision is None else revision}
    everything = revision is None  # a withdrawal lies beyond the revision of whatever that revision shows
    shown, shown_key = ("1", {}) if everything else (VISIBLE, key)
    for number, gone, *row in connection.execute(_DOCUMENTS.format(shown.format("d")), shown_key):
        document = document_from(tuple(row), connection, interned)
        yield document_line(
            document, [passage_from(one, document.id) for one in connection.execute(_PASSAGES, (number,))],
            [mention_from(one) for one in connection.execute(_MENTIONS, (number,))],
            withdrawn=everything and gone is not None)
    for lines in entity_lines(connection, interned, key["revision"]):
        yield entity_line(lines[0].id, lines)
    for row in connection.execute(f"SELECT {FACT_COLUMNS} FROM facts f WHERE {shown.format('f')} ORDER BY f.id",
                                  shown_key):
        (fact,) = facts_from((row,), connection, interned, withdrawn=everything)
        yield fact_line(fact)
    for left, right, same, by, at, told_by, _ in connection.execute(_JUDGEMENTS, key):
        yield judgement_line(Judgement(EntityId(left), EntityId(right), None if same is None else bool(same), by,
                                       interned.moment(connection, at), told_by and SourceId(told_by)))
    for _, rows in groupby(connection.execute(_SOURCES, key), key=lambda row: row[0]):
        yield source_line([source_from(row, connection, interned) for row in rows])
    for kind, target, reason in connection.execute(_WITHDRAWALS, key):
        yield withdrawal_line(kind, target, reason)

