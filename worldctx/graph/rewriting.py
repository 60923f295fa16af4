"""A SQLite file written anew, so that it holds what its rows say and nothing that they said before."""

from __future__ import annotations

import shutil
import sqlite3
import time
from pathlib import Path

from worldctx.graph.connections import ALONE_S, BUSY_MS, Connections
from worldctx.model.errors import StoreFull, StoreUnavailable

#: How often it is tried to empty the log while another process reads, in seconds.
PAUSE_S = 0.1


def check_room(path: Path) -> None:
    """See before an erasure that there is room for writing the file anew: once beside it and once in its log.

    Raises:
        StoreFull: there is not; nothing was erased.
    """
    size = sum(one.stat().st_size for one in (path, path.with_name(path.name + "-wal")) if one.exists())
    free = shutil.disk_usage(path.parent).free
    if free < 2 * size:
        raise StoreFull(f"an erasure writes {path} anew, which needs {2 * size:,} bytes beside it, and {free:,} are "
                        "free; nothing was erased")


def rewrite(connection: sqlite3.Connection) -> None:
    """Write all pages anew (VACUUM): what was deleted may still stand in the free parts of old ones.

    Raises:
        sqlite3.Error: the disk is full, say; the file is as it was.
    """
    # Not in memory: what is written there on the way is as large as the store.
    connection.execute("PRAGMA temp_store = FILE")
    try:
        connection.execute("VACUUM")
    finally:
        connection.execute("PRAGMA temp_store = MEMORY")


def empty_log(connection: sqlite3.Connection, connections: Connections) -> None:
    """Write the log back into the file and make it empty, in moments in which nobody of this process reads.

    Raises:
        StoreUnavailable: somebody reads for too long, here or in another process.
    """
    until = time.monotonic() + ALONE_S
    while True:
        with connections.alone():
            connection.execute("PRAGMA busy_timeout = 0")  # who reads here must not wait for another process
            try:
                (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        if not busy:
            return
        if time.monotonic() > until:
            raise StoreUnavailable("another process reads the graph and keeps the log of what was erased; it goes when "
                                   "that process has ended")
        time.sleep(PAUSE_S)
