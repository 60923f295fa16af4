"""The totals of every commit, counted anew from the rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from worldctx.graph.schema import TOTALS

#: What each total gains with a commit and loses with a later one: queries of (revision, change).
_CHANGES: dict[str, Sequence[str]] = {
    "entities": ("SELECT first, count(*) FROM (SELECT min(recorded) AS first FROM entities GROUP BY id) GROUP BY 1",),
    "names": ("SELECT recorded, count(*) FROM names WHERE again = 0 GROUP BY 1",),
    "facts": ("SELECT recorded, count(*) FROM facts GROUP BY 1",
              "SELECT withdrawn, -count(*) FROM facts WHERE withdrawn IS NOT NULL GROUP BY 1"),
    "sources": ("SELECT first, count(*) FROM (SELECT min(recorded) AS first FROM sources GROUP BY id) GROUP BY 1",),
    "documents": ("SELECT recorded, count(*) FROM documents GROUP BY 1",
                  "SELECT withdrawn, -count(*) FROM documents WHERE withdrawn IS NOT NULL GROUP BY 1"),
    "passages": ("SELECT d.recorded, count(*) FROM passages x JOIN documents d ON d.row = x.document GROUP BY 1",
                 """SELECT d.withdrawn, -count(*) FROM passages x JOIN documents d ON d.row = x.document
                    WHERE d.withdrawn IS NOT NULL GROUP BY 1"""),
    "mentions": ("SELECT d.recorded, count(*) FROM mentions x JOIN documents d ON d.row = x.document GROUP BY 1",
                 """SELECT d.withdrawn, -count(*) FROM mentions x JOIN documents d ON d.row = x.document
                    WHERE d.withdrawn IS NOT NULL GROUP BY 1"""),
    "judgements": ("SELECT recorded, count(*) FROM judgements GROUP BY 1",),
    "links": ("SELECT recorded, count(*) FROM same_as GROUP BY 1",
              "SELECT recorded, count(*) FROM judgements GROUP BY 1"),
}


def recount(connection: sqlite3.Connection) -> None:
    """Write the totals of every commit as they are without what is not there any more."""
    (head,) = connection.execute("SELECT coalesce(max(revision), 0) FROM commits").fetchone()
    names = (*TOTALS, "links")
    columns = [_running(connection, _CHANGES[name], head) for name in names]
    connection.executemany(
        f"UPDATE commits SET {', '.join(f'{name} = ?' for name in names)} WHERE revision = ?",
        (row for row in zip(*columns, range(1, head + 1), strict=True)))


def _running(connection: sqlite3.Connection, queries: Sequence[str], head: int) -> list[int]:
    """The running total of revisions 1 to head."""
    changes = [0] * (head + 1)
    for query in queries:
        for revision, change in connection.execute(query):
            changes[revision] += change
    totals, total = [], 0
    for change in changes[1:]:
        total += change
        totals.append(total)
    return totals
