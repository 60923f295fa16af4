"""Erasure on an Elasticsearch server: passages are deleted, then what is left of them in its files is merged away.

**Deleted** passages are found by nothing. But the server keeps a deleted document, and the id of what was deleted, for
other copies of the index that may have missed it, until each is known to have it: on a healthy cluster at most half a
minute (`index.soft_deletes`; the interval is the server's own and cannot be set). Only then does a merge leave it out.

**Other writers.** A process that read the graph before the erasure may store a passage after it, or count on passages
that are gone. So passages are written under an alias that tells the newest erasure (`indices.entrance`). It is taken
away first, the writers under way are waited for, and only when all is deleted there is one again, with another name:
who does not know it is refused, counts anew, and reads the graph again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from worldctx.model.errors import StoreUnavailable
from worldctx.model.ids import DocumentId, Revision
from worldctx.search import indices, mapping, queries
from worldctx.search.cluster import ADMIN_S, BULK_S, Cluster, Operation

#: Documents looked for at a time, and their passages deleted at a time.
DOCUMENTS, PAGE = 1000, 2000
#: A merge of a large index takes its time; after that long it goes on without us, and is waited for by the next try.
MERGE_S = 600.0
#: For so long the server is waited for to let deleted documents go: several times what it takes. How often it is asked.
KEPT_S, LOOK_S = 180.0, 2.0


def expel(cluster: Cluster, index: str, documents: Sequence[DocumentId], revision: Revision) -> None:
    """Delete every passage of documents: when this returns nobody finds them, nor stores what was read before.

    Args:
        revision: of the graph's commit that erased them.

    Raises:
        StoreUnavailable, StoreFull, Overloaded: some may be left, and nobody can write until this is done again.
    """
    newest = max(indices.close_entrance(cluster, index), revision)
    _wait_for_writers(cluster, index)
    cluster.ask("POST", f"/{index}/_refresh", timeout=BULK_S)
    for keys in _keys(cluster, index, sorted(set(documents))):
        cluster.write(index, [Operation(key, None, None) for key in keys], by_alias=False)
    cluster.ask("POST", f"/{index}/_refresh", timeout=BULK_S)
    indices.open_entrance(cluster, index, newest)


def _wait_for_writers(cluster: Cluster, index: str) -> None:
    """The server answers that an index takes no writes when those under way have ended."""
    cluster.ask("PUT", f"/{index}/_block/write", timeout=ADMIN_S)
    cluster.ask("PUT", f"/{index}/_settings", {"index.blocks.write": None}, timeout=ADMIN_S)


def _keys(cluster: Cluster, index: str, documents: Sequence[DocumentId]) -> Iterator[list[str]]:
    """The server's ids of all passages of documents, a page at a time."""
    for start in range(0, len(documents), DOCUMENTS):
        some, after = documents[start : start + DOCUMENTS], list[object]()
        while hits := cluster.hits(index, queries.passages_of(some, PAGE, after), BULK_S):
            yield [mapping.key_of(recorded, passage) for passage, recorded in (hit["sort"] for hit in hits)]
            after = hits[-1]["sort"]


def expunge(cluster: Cluster, index: str) -> None:
    """Merge away what the files of an index, and its log, hold of deleted documents; returns when nothing is left.

    Raises:
        StoreUnavailable: the server did not let go of it, as when a copy of the index is lost; doing it again is safe.
    """
    until = time.monotonic() + KEPT_S
    cluster.ask("PUT", f"/{index}/_settings", {"index.merge.policy.expunge_deletes_allowed": 0}, timeout=ADMIN_S)
    while True:
        # What is not in a commit yet is kept whatever the merge; what the commit before holds goes with the next.
        _flush(cluster, index)
        cluster.ask("POST", f"/{index}/_forcemerge?only_expunge_deletes=true", timeout=MERGE_S)
        cluster.ask("POST", f"/{index}/_refresh", timeout=BULK_S)
        _flush(cluster, index)
        _, answer = cluster.ask("GET", f"/{index}/_stats/docs?filter_path=_all.total", timeout=ADMIN_S)
        left = answer["_all"]["total"]["docs"]["deleted"]
        if not left:
            return
        if time.monotonic() > until:
            raise StoreUnavailable(f"{cluster} still keeps {left} deleted passages in the files of {index}, which "
                                   "nothing finds; see that all copies of the index are well, and erase again")
        time.sleep(LOOK_S)


def _flush(cluster: Cluster, index: str) -> None:
    cluster.ask("POST", f"/{index}/_flush?force=true&wait_if_ongoing=true", timeout=BULK_S)
