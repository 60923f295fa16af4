"""The canonical dump: what the store says, without a trace of when and in which order it was told.

One JSON object a line, keys sorted, nothing that is empty or open. Lines come by type, then by id. Of attributes
that later lines replaced, all values ever given are listed (`kinds`, `titles`), for which of them came last is a
matter of order.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from worldctx.graph.interned import Interned
from worldctx.graph.rows import (
    DOCUMENT_COLUMNS,
    FACT_COLUMNS,
    PASSAGE_COLUMNS,
    VISIBLE,
    Row,
    document_from,
    facts_from,
    from_json,
    name_from,
)
from worldctx.model.document import Document
from worldctx.model.fact import Fact
from worldctx.model.time import Interval

_SOURCES = """SELECT t.text, s.title, s.url, (SELECT text FROM terms WHERE id = s.publisher), s.published, s.host,
    s.country, s.sector, s.reliability FROM sources s JOIN terms t ON t.id = s.id
    WHERE s.recorded <= :revision ORDER BY t.text, s.row"""
_ENTITIES = """SELECT t.text, e.id, e.kind, e.lat, e.lon, (SELECT text FROM terms WHERE id = e.within), e.description,
    e.weight FROM entities e JOIN terms t ON t.id = e.id WHERE e.recorded <= :revision ORDER BY t.text, e.row"""
_NAMES = 'SELECT text, lang, start, "end", preferred FROM names WHERE entity = :id AND recorded <= :revision'
_SAME_AS = """SELECT t.text FROM same_as s JOIN terms t ON t.id = s.external
    WHERE s.entity = :id AND s.recorded <= :revision ORDER BY t.text"""
_JUDGEMENTS = """SELECT DISTINCT l.text, h.text, j.same, j."by", m.edtf FROM judgements j JOIN terms l ON l.id = j.low
    JOIN terms h ON h.id = j.high LEFT JOIN moments m ON m.id = j.at WHERE j.recorded <= :revision
    ORDER BY l.text, h.text, j.same, j."by", m.edtf"""
_DOCUMENTS = f"""SELECT d.row, d.withdrawn, {DOCUMENT_COLUMNS} FROM documents d JOIN terms t ON t.id = d.id
    WHERE {{0}} ORDER BY t.text, d.content_hash"""
_PASSAGES = f"SELECT {PASSAGE_COLUMNS} FROM passages p WHERE p.document = ? ORDER BY p.ordinal"
_MENTIONS = """SELECT start, "end", surface, candidates FROM mentions WHERE document = ?
    ORDER BY start, "end", surface, candidates"""
_WITHDRAWALS = """SELECT DISTINCT kind, target, reason FROM withdrawals WHERE recorded <= :revision
    ORDER BY kind, target, reason"""
#: Beyond every revision: everything is recorded by then.
_EVER = 2**62


def dump_lines(connection: sqlite3.Connection, interned: Interned, revision: int | None) -> Iterator[str]:
    """The lines; of everything, withdrawn records marked, or of what is visible at a revision."""
    key = {"revision": _EVER if revision is None else revision}
    shown = "1" if revision is None else VISIBLE
    for record in _records(connection, interned, key, shown):
        yield json.dumps(_said(record), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _records(connection: sqlite3.Connection, interned: Interned, key: Mapping[str, int],
             shown: str) -> Iterator[dict[str, Any]]:
    everything = ":" not in shown  # a withdrawal lies beyond the revision of whatever that revision shows
    shown_key = {} if everything else key
    for row in connection.execute(_DOCUMENTS.format(shown.format("d")), shown_key):
        document = document_from(row[2:], connection, interned)
        yield _document(connection, row[0], document, everything and row[1] is not None)
    for entity, rows in groupby(connection.execute(_ENTITIES, key), key=lambda row: row[0]):
        yield _entity(connection, interned, entity, list(rows), key["revision"])
    facts = f"SELECT {FACT_COLUMNS} FROM facts f WHERE {shown.format('f')} ORDER BY f.id"
    for row in connection.execute(facts, shown_key):
        (fact,) = facts_from((row,), connection, interned, withdrawn=everything)
        yield _fact(fact)
    for left, right, same, by, at in connection.execute(_JUDGEMENTS, key):
        yield {"type": "judgement", "left": left, "right": right, "by": by, "at": at,
               "same": "unsure" if same is None else "yes" if same else "no"}
    for source, rows in groupby(connection.execute(_SOURCES, key), key=lambda row: row[0]):
        yield _source(connection, interned, source, list(rows))
    for kind, target, reason in connection.execute(_WITHDRAWALS, key):
        yield {"type": "withdrawal", kind: target, "reason": reason}


def _document(connection: sqlite3.Connection, row: int, one: Document, withdrawn: bool) -> dict[str, Any]:
    return {
        "type": "document", "id": one.id, "content_hash": one.content_hash, "text": one.text, "url": one.url,
        "title": one.title, "author": one.author, "publisher": one.publisher, "language": one.language,
        "published": one.published.edtf if one.published else "", "modified": one.modified.edtf if one.modified else "",
        "place": one.place, "section": one.section, "extra": dict(one.extra), "withdrawn": withdrawn,
        "passages": [{"id": piece, "ordinal": ordinal, "span": [start, end]}
                     for piece, ordinal, start, end, _ in connection.execute(_PASSAGES, (row,))],
        "mentions": [{"span": [start, end], "surface": surface, "candidates": from_json(candidates)}
                     for start, end, surface, candidates in connection.execute(_MENTIONS, (row,))]}


def _entity(connection: sqlite3.Connection, interned: Interned, entity: str, rows: list[Row],
            revision: int) -> dict[str, Any]:
    key = {"id": rows[0][1], "revision": revision}
    names = [name_from(row, connection, interned) for row in connection.execute(_NAMES, key)]
    return {
        "type": "entity", "id": entity, "kinds": _values(rows, 2), "within": _values(rows, 5),
        "points": sorted({(row[3], row[4]) for row in rows if row[3] is not None and row[4] is not None}),
        "descriptions": _values(rows, 6), "weights": _values(rows, 7),
        "names": sorted((_said({"name": name.text, "lang": name.lang, "preferred": name.preferred,
                                "valid": _span(name.valid)}) for name in names), key=json.dumps),
        "same_as": [text for (text,) in connection.execute(_SAME_AS, key)]}


def _fact(fact: Fact) -> dict[str, Any]:
    known, said, literal = fact.known, fact.evidence, fact.literal
    return {
        "type": "fact", "id": fact.id, "subject": fact.subject, "predicate": fact.predicate, "object": fact.object,
        "literal": None if literal is None else [literal.value, literal.datatype, literal.unit, literal.lang],
        "valid": _span(fact.valid), "known_since": known.since.edtf if known.since else "", "basis": known.basis,
        "end_known_since": known.end_since.edtf if known.end_since else "", "source": fact.source,
        "document": said.document, "span": None if said.start is None else [said.start, said.end],
        "quote": said.quote, "record": said.record, "method": fact.method, "confidence": fact.confidence,
        "withdrawn": fact.withdrawn is not None}


def _source(connection: sqlite3.Connection, interned: Interned, source: str, rows: list[Row]) -> dict[str, Any]:
    dates = {when.edtf for row in rows if (when := interned.moment(connection, row[4]))}
    return {"type": "source", "id": source, "titles": _values(rows, 1), "urls": _values(rows, 2),
            "publishers": _values(rows, 3), "published": sorted(dates), "hosts": _values(rows, 5),
            "countries": _values(rows, 6), "sectors": _values(rows, 7), "reliabilities": _values(rows, 8)}


def _values(rows: list[Row], column: int) -> list[Any]:
    return sorted({row[column] for row in rows} - {None, ""})


def _span(interval: Interval) -> str:
    return "" if interval.start is None and interval.end is None else interval.edtf


def _said(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if value not in (None, "", False, [], {})}
