"""Waiting until the search index holds what was written: writing is durable before that, finding it is not."""

from __future__ import annotations

import time

from worldctx.client.client import BlockingClient
from worldctx.commands.screen import progress
from worldctx.model.errors import StoreUnavailable

#: How often the index is looked at, in seconds; twice as long each time, up to the last.
LOOK_S = (0.01, 0.5)
#: An index that has not moved for so long, in seconds, is said to stand still.
STILL_S = 300.0


def catch_up(client: BlockingClient, revision: int = 0) -> int:
    """Wait until the index holds a revision (0: the newest now); returns the index's revision.

    Raises:
        StoreUnavailable: the index stands still. What was written is safe.
    """
    stats = client.stats()
    goal, began, pause = revision or stats.revision, stats.index_revision, LOOK_S[0]
    seen, since = stats.index_revision, time.monotonic()
    with progress("indexing", goal - began) as bar:
        while stats.index_revision < goal:
            if time.monotonic() - since > STILL_S:
                raise StoreUnavailable(
                    f"the index stands still at revision {seen} of {goal}; what was written is safe; "
                    "see the service's log, or run worldctx rebuild"
                )
            time.sleep(pause)
            pause = min(2 * pause, LOOK_S[1])
            stats = client.stats()
            if stats.index_revision > seen:
                seen, since = stats.index_revision, time.monotonic()
            bar.at(stats.index_revision - began)
    return int(stats.index_revision)
