"""What an erasure takes out of a SQLite graph, as conditions on its rows, and how much that is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping

from worldctx.graph.batch import check_erasure
from worldctx.graph.interned import is_storable
from worldctx.model.change import CLOSURE, Closure, Erasure, RecordKind
from worldctx.model.ids import Revision
from worldctx.ports.graph import Left

#: Sources and documents that go, by number, and their ids.
_SOURCES, _DOCUMENTS, _IDS = (f"(SELECT value FROM json_each(:{name}))" for name in ("sources", "documents", "ids"))
#: What goes of each table; `x` is its row.
GOES = {
    "sources": f"x.id IN {_SOURCES}",
    "facts": f"(x.source IN {_SOURCES} OR x.document IN {_DOCUMENTS})",
    "entities": f"x.source IN {_SOURCES}",
    "names": f"x.source IN {_SOURCES}",
    "same_as": f"x.source IN {_SOURCES}",
    "judgements": f"x.source IN {_SOURCES}",
    "documents": f"x.id IN {_DOCUMENTS}",
    "passages": f"x.document IN (SELECT d.row FROM documents d WHERE d.id IN {_DOCUMENTS})",
    "mentions": f"x.document IN (SELECT d.row FROM documents d WHERE d.id IN {_DOCUMENTS})",
}
#: Withdrawals of what goes; they name facts by id, so that they go first.
WITHDRAWALS_GO = f"""(x.kind IN ('source', 'document') AND x.target IN {_IDS} OR x.kind = 'fact' AND EXISTS (
    SELECT 1 FROM facts f WHERE f.id = x.target AND {GOES['facts'].replace('x.', 'f.')}))"""
#: Tellings of one thing, by what makes it one: it goes when all who told it go.
_TOLD = {
    "entities": ("entities", "x.id", "(SELECT text FROM terms WHERE id = x.id)"),
    "names": ("names", 'x.entity, x.text, x.lang, x.start, x."end", x.preferred',
              "(SELECT text FROM terms WHERE id = x.entity) || ': ' || x.text"),
    "same_as": ("same_as", "x.entity, x.external", """(SELECT text FROM terms WHERE id = x.entity) || ' = '
        || (SELECT text FROM terms WHERE id = x.external)"""),
    "judgements": ("judgements", 'x.low, x.high, x.same, x."by", x.at', """(SELECT text FROM terms WHERE id = x.low)
        || ' = ' || (SELECT text FROM terms WHERE id = x.high)"""),
}
#: Which rows may hold the same thing as one that goes.
_NEAR = {"entities": "id", "names": "entity", "same_as": "entity", "judgements": "low"}
#: How the others are listed.
_LISTED = {
    "sources": "(SELECT text FROM terms WHERE id = x.id)", "facts": "x.id", "passages": "x.id",
    "documents": "(SELECT text FROM terms WHERE id = x.id)",
}

Key = Mapping[str, str]


def key_of(connection: sqlite3.Connection, erasure: Erasure) -> Key:
    """The parameters of the conditions.

    Raises:
        BadInput: not exactly one of sources and document is given.
    """
    check_erasure(erasure)

    def numbers(ids: tuple[str, ...]) -> list[int]:
        found = (connection.execute("SELECT id FROM terms WHERE text = ?", (one,)).fetchone()
                 for one in ids if is_storable(one))
        return [row[0] for row in found if row is not None]

    return {"sources": json.dumps(numbers(erasure.sources)), "documents": json.dumps(numbers(erasure.documents)),
            "ids": json.dumps([one for one in erasure.documents if is_storable(one)])}


def closure_of(connection: sqlite3.Connection, key: Key, left: Left, most: int) -> Closure:
    """See ports.graph.GraphStore.closure."""
    gone, stays, some = dict.fromkeys(CLOSURE, 0), dict[str, int](), dict[str, tuple[str, ...]]()

    def look(name: str, table: str, listed: str, goes: str) -> None:
        (gone[name],) = connection.execute(f"SELECT count(*) FROM {table} x WHERE {goes}", key).fetchone()
        some[name] = tuple(text for (text,) in connection.execute(
            f"SELECT DISTINCT {listed} AS text FROM {table} x WHERE {goes} ORDER BY text LIMIT {int(most)}", key))

    for name, listed in _LISTED.items():
        look(name, name, listed, GOES[name])
    (gone["mentions"],) = connection.execute(
        f"SELECT count(*) FROM mentions x WHERE {GOES['mentions']}", key).fetchone()
    look("withdrawals", "withdrawals", "x.target", WITHDRAWALS_GO)
    look("lines", "entities", "(SELECT text FROM terms WHERE id = x.id)", GOES["entities"])
    gone["sources"] = len(connection.execute(f"SELECT DISTINCT id FROM sources x WHERE {GOES['sources']}",
                                             key).fetchall())
    for name, (table, same, listed) in _TOLD.items():
        goes, near = GOES[table], _NEAR[table]
        # A thing of which nobody in particular told has NULL there, which is true of no condition.
        grouped = f"""SELECT {listed} AS text, min(coalesce({goes}, 0)) AS gone FROM {table} x WHERE x.{near} IN (
            SELECT {near} FROM {table} x WHERE {goes}) GROUP BY {same} HAVING max(coalesce({goes}, 0))"""
        gone[name], stays[name] = connection.execute(
            f"SELECT coalesce(sum(gone), 0), coalesce(sum(NOT gone), 0) FROM ({grouped})", key).fetchone()
        some[name] = tuple(text for (text,) in connection.execute(
            f"SELECT DISTINCT text FROM ({grouped}) WHERE gone ORDER BY text LIMIT {int(most)}", key))
    less = [(one, rest is None) for one, kind, payload in payloads(connection)
            if (rest := left(kind, payload)) != payload]
    whole = [one for one, is_nothing in less if is_nothing]
    gone["records"], some["records"], stays["records"] = len(whole), tuple(whole[:most]), len(less) - len(whole)
    return Closure(gone, some, stays)


def payloads(connection: sqlite3.Connection) -> Iterator[tuple[str, RecordKind, bytes]]:
    """The kept records, by key."""
    for key, kind, payload in connection.execute(
            "SELECT p.key, l.kind, p.payload FROM payloads p JOIN ledger l ON l.key = p.key ORDER BY p.key"):
        yield key, RecordKind(kind), bytes(payload)


def first_of(connection: sqlite3.Connection, key: Key) -> Revision:
    """The first commit that recorded anything of what goes."""
    revisions = " UNION ALL ".join(f"SELECT min(x.recorded) AS one FROM {table} x WHERE {GOES[table]}" for table in (
        "sources", "facts", "entities", "names", "same_as", "judgements", "documents"))
    (first,) = connection.execute(f"SELECT min(one) FROM ({revisions})", key).fetchone()
    return Revision(first or 0)
