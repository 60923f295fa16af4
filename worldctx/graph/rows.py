"""What the rows of the SQLite graph mean: columns to nouns, and the three clocks as SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from worldctx.graph.interned import BASES, Interned
from worldctx.model.clocks import DECLARED, Clocks
from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Name
from worldctx.model.fact import Evidence, Fact, Literal
from worldctx.model.ids import DocumentId, EntityId, PassageId, Revision, SourceId
from worldctx.model.source import Source

Row = tuple[Any, ...]

_NO_EVIDENCE = Evidence()
#: `basis` below this number is declared.
DECLARED_BELOW = len(DECLARED)
assert set(BASES[:DECLARED_BELOW]) == DECLARED  # noqa: S101  the SQL below relies on it

#: The recorded clock, for rows that may be withdrawn. Parameter :revision.
VISIBLE = "{0}.recorded <= :revision AND ({0}.withdrawn IS NULL OR {0}.withdrawn > :revision)"

FACT_COLUMNS = """f.id, f.subject, f.predicate, (SELECT text FROM terms WHERE id = f.object), f.start, f."end", f.since,
    f.basis, f.end_since, f.source, f.method, f.confidence, f.recorded, f.value, f.datatype, f.unit, f.lang, f.document,
    f.span_start, f.span_end, f.quote, f.record, f.withdrawn"""

SOURCE_COLUMNS = "s.id, s.title, s.url, s.publisher, s.published, s.host, s.country, s.sector, s.reliability"
DOCUMENT_COLUMNS = """d.id, d.text, d.url, d.title, d.author, d.publisher, d.published, d.modified, d.language, d.place,
    d.section, d.extra, d.content_hash"""
PASSAGE_COLUMNS = 'p.id, p.ordinal, p.start, p."end", p.text'


def clock_conditions(clocks: Clocks) -> tuple[str, dict[str, int]]:
    """`clocks.sees` for a row `f` of facts, as SQL that follows other conditions, and its parameters.

    NULL in valid_lo, valid_hi, known_hi stands for the open side; in end_known_hi for "together with the rest", which
    can then not lie beyond the cutoff because known_hi does not.
    """
    text, values = "", {}
    if clocks.strict:
        text += f" AND f.basis < {DECLARED_BELOW}"
    if clocks.cutoff is not None:
        text += " AND (f.known_hi IS NULL OR f.known_hi <= :cutoff)"
        values["cutoff"] = clocks.cutoff
    if clocks.as_of is not None:
        hidden = " OR f.end_known_hi > :cutoff" if clocks.cutoff is not None else ""
        text += " AND (f.valid_lo IS NULL OR f.valid_lo < :as_of_hi)"
        text += f" AND (f.valid_hi IS NULL OR f.valid_hi > :as_of_lo{hidden})"
        values |= {"as_of_lo": clocks.lo, "as_of_hi": clocks.hi}
    return text, values


def facts_from(rows: Iterable[Sequence[Any]], connection: sqlite3.Connection, interned: Interned, *,
               withdrawn: bool = False) -> list[Fact]:
    """Facts of rows of FACT_COLUMNS. A reader never sees a withdrawal, which lies beyond its revision; dumps do.

    The memories are asked before the methods that fill them: this loop is most of the time of a look-up.
    """
    text, interval, known = interned.text, interned.interval, interned.known
    texts, intervals, knowns = interned.texts.get, interned.intervals.get, interned.knowns.get
    facts = []
    for (number, subject, predicate, target, start, end, since, basis, end_since, source, method, confidence, recorded,
         value, datatype, unit, lang, document, span_start, span_end, quote, record, gone) in rows:
        literal = None if value is None else Literal(
            value, (texts(datatype) or text(connection, datatype)) if datatype else "",
            text(connection, unit) if unit else "", text(connection, lang) if lang else "")
        said = document is not None or span_start is not None or span_end is not None or quote or record
        evidence = _NO_EVIDENCE if not said else Evidence(
            None if document is None else DocumentId(text(connection, document)), span_start, span_end, quote or "",
            record or "")
        facts.append(Fact(
            number, EntityId(texts(subject) or text(connection, subject)),
            texts(predicate) or text(connection, predicate), target, literal,
            intervals((start, end)) or interval(connection, start, end),
            knowns((since, basis, end_since)) or known(connection, since, basis, end_since),
            None if source is None else SourceId(texts(source) or text(connection, source)), evidence,
            texts(method) or text(connection, method), confidence, recorded, gone if withdrawn else None))
    return facts


def source_from(row: Row, connection: sqlite3.Connection, interned: Interned) -> Source:
    """A source of a row of SOURCE_COLUMNS."""
    number, title, url, publisher, published, host, country, sector, reliability = row
    return Source(SourceId(interned.text(connection, number)), title, url,
                  None if publisher is None else EntityId(interned.text(connection, publisher)),
                  interned.moment(connection, published), host, country, sector, reliability)


def name_from(row: Row, connection: sqlite3.Connection, interned: Interned) -> Name:
    """A name of a row (text, lang, start, end, preferred)."""
    text, lang, start, end, preferred = row
    return Name(text, lang, interned.interval(connection, start, end), bool(preferred))


def document_from(row: Row, connection: sqlite3.Connection, interned: Interned) -> Document:
    """A document of a row of DOCUMENT_COLUMNS."""
    number, text, url, title, author, publisher, published, modified, language, place, section, extra, key = row
    return Document(DocumentId(interned.text(connection, number)), text, url, title, author, publisher,
                    interned.moment(connection, published), interned.moment(connection, modified), language, place,
                    section, from_json(extra), key)


def passage_from(row: Row, document: DocumentId) -> Passage:
    """A passage of a row of PASSAGE_COLUMNS."""
    number, ordinal, start, end, text = row
    return Passage(PassageId(number), document, ordinal, start, end, text)


def mention_from(row: Row) -> Mention:
    """A mention of a row (start, end, surface, candidates)."""
    start, end, surface, candidates = row
    return Mention(start, end, surface, tuple(from_json(candidates)))


def from_json(text: str) -> Any:
    """What `extra` and `candidates` hold."""
    return {} if text == "{}" else json.loads(text)  # most documents have nothing extra


def revision_from(row: Row | None) -> Revision:
    """A revision out of a one-column row; 0 for no row."""
    return Revision(0 if row is None or row[0] is None else int(row[0]))
