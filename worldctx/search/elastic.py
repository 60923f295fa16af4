"""The search index on Elasticsearch: it finds, we score, so that hits and scores are those of the embedded index.

**Words.** Passages are stored as our own terms. Elasticsearch is asked for candidates, which are scored here, until it
is proved that no better one is missing (`candidates`). What is needed of the revision, how often each term stands in
it, is asked for once and followed from then on (`statistics`).

**Vectors.** Elasticsearch finds neighbours by rows of 8 bits, several times as many as wanted, and their exact scores,
by the single-precision rows that are kept beside, decide. Up to LOOK_MOST passages it looks at each; above, it walks a
graph (HNSW), which may miss some (docs/adr/0009).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from typing import Any

import numpy as np

from worldctx.model.errors import IncompatibleData, StoreUnavailable, WorldctxError
from worldctx.model.ids import ZERO, DocumentId, PassageId, Revision
from worldctx.ports.failpoint import failpoint
from worldctx.ports.graph import Commit
from worldctx.ports.search import Hit, Vector, View
from worldctx.search import indices, mapping, queries
from worldctx.search.analysis import terms
from worldctx.search.candidates import ROUNDING, TRUST, Asked, Found, Scores, best, reached
from worldctx.search.cluster import BULK_S, CONFLICT, MISSING, QUERY_S, Cluster, Operation, address_of, connect
from worldctx.search.counts import Counts
from worldctx.search.erasure import expel, expunge
from worldctx.search.statistics import Counted

#: Candidates asked for at first: so many times the hits wanted, or so many more; how that grows when it was too few.
FACTOR, MORE, GROWTH = 2, 20, 4
#: Neighbours asked for: at least, and for each hit wanted.
NEAR_LEAST, NEAR_FACTOR = 50, 3
#: How many the server keeps in sight while it looks for them, likewise; its own bound is the last. Where there are no
#: more passages than that it looks at every one.
LOOK_LEAST, LOOK_FACTOR, LOOK_MOST = 250, 8, 10_000
#: By how many standard deviations a score from rows of 8 bits may be off.
SIGMAS = 3
#: Documents looked for at a time; passages in one page.
DOCUMENTS, PAGE = 1000, 2000


class ElasticIndex:
    """A ports.search.SearchIndex on an Elasticsearch server. Reading needs no lock; adding takes turns.

    Several processes may follow the same commits into the same index: what one of them has stored the others pass over.
    """

    def __init__(self, cluster: Cluster, alias: str, index: str, revision: Revision, dimension: int) -> None:
        self._cluster, self._alias, self._index, self._dimension = cluster, alias, index, dimension
        self._revision = revision
        self._entrance = indices.entrance(cluster, index)
        self._counts = Counts(cluster, index, revision)
        self._writing = threading.Lock()

    @property
    def revision(self) -> Revision:
        """See the port."""
        return self._revision

    @property
    def dimension(self) -> int:
        """See the port."""
        return self._dimension

    @property
    def name(self) -> str:
        """Of the index on the server."""
        return self._index

    def add(self, commits: Sequence[Commit], vectors: Sequence[Vector] | None) -> None:
        """See the port.

        Raises:
            StoreUnavailable, StoreFull, Overloaded: the watermark is as it was; adding the same commits again is safe.
        """
        with self._writing:
            fresh = [place for place, commit in enumerate(commits) if commit.revision > self._revision]
            if fresh:
                self._add([commits[place] for place in fresh],
                          [vectors[place] for place in fresh] if vectors is not None and self._dimension else None)

    def _add(self, new: Sequence[Commit], vectors: Sequence[Vector] | None) -> None:
        withdrawn = mapping.withdrawals(new)
        made = mapping.entries(new, vectors, withdrawn)
        gone = [mapping.tombstone(hit, withdrawn) for hit in self._leaving(sorted(withdrawn))]
        try:
            self._cluster.write(self._entrance, [Operation(one.key, one.version, one.body) for one in [*gone, *made]])
            self._mark(new[-1].revision)
        except StoreUnavailable as error:
            if self._was_erased_from():
                raise StoreUnavailable(f"another process has erased documents from {self._index} of {self._cluster}; "
                                       "what was read before that must be read again") from error
            raise
        self._counts.statistics.follow(
            [(commit.revision, [one.often for one in made if one.recorded == commit.revision]) for commit in new],
            [one.often for one in gone])
        self._revision = new[-1].revision

    def _was_erased_from(self) -> bool:
        """Whether another process has; then this one goes on with what is left."""
        with suppress(WorldctxError):  # a server that cannot tell has refused for another reason
            entrance = indices.entrance(self._cluster, self._index)
            if entrance != self._entrance:
                self._counts, self._entrance = Counts(self._cluster, self._index, self._revision), entrance
                return True
        return False

    def erase(self, documents: Collection[DocumentId], revision: Revision) -> None:
        """See the port. Other indices of this name, which another process is making or still asks, forget them too.

        It takes up to half a minute, in which nothing finds the documents any more (`erasure`).

        Raises:
            StoreUnavailable, StoreFull, Overloaded: something of them may be left; erasing again is safe.
        """
        with self._writing:
            every = sorted({self._index, *indices.every_index(self._cluster, self._alias)})
            for index in every:
                expel(self._cluster, index, sorted(documents), revision)
            self._entrance = indices.entrance(self._cluster, self._index)
            # What was not followed yet is not passed over: `add` comes to the erasure's commit behind it.
            if revision == self._revision + 1:
                self._mark(revision)
                self._revision = revision
            self._counts = Counts(self._cluster, self._index, self._revision)
            failpoint("search.erase.deleted")
            for index in every:
                expunge(self._cluster, index)

    def _leaving(self, documents: Sequence[DocumentId]) -> Iterator[dict[str, Any]]:
        """The passages of documents that are there until now."""
        for start in range(0, len(documents), DOCUMENTS):
            some, after = documents[start : start + DOCUMENTS], list[Any]()
            while hits := self._search(queries.still_there(some, self._revision, PAGE // 4, after), BULK_S):
                yield from hits
                after = hits[-1]["sort"]

    def _mark(self, revision: Revision) -> None:
        """Write the watermark, and make all that was stored before it searchable; another process may be ahead."""
        path = f"/{self._entrance}/_doc/{mapping.WATERMARK}?require_alias=true&refresh=true" \
               f"&version={revision}&version_type=external_gte"
        status, _ = self._cluster.ask("PUT", path, mapping.watermark(revision),
                                      timeout=BULK_S, passed=(CONFLICT,))
        if status == CONFLICT:
            self._refresh()

    def _refresh(self) -> None:
        self._cluster.ask("POST", f"/{self._index}/_refresh", timeout=BULK_S)

    def text(self, query: str, view: View, limit: int) -> Sequence[Hit]:
        """See the port."""
        wanted, revision = Counter(terms(query)), min(view.revision, self._revision)
        if not wanted or limit <= 0:
            return []
        counts = self._counts
        totals = counts.totals(revision)
        asked = counts.telling(wanted, revision, totals) if totals.passages else None
        if asked is None or not asked.terms:
            return []
        seen = queries.visible(view, revision)
        counted = counts.counted(asked.terms)
        size = min(max(FACTOR * limit, limit + MORE), mapping.WINDOW)
        found = self._candidates(asked, counted, seen, size)
        if np.abs(found.difference(asked, counted) - 1).max(initial=0.0) > TRUST:
            counted = counts.count(asked.terms)
            found = self._candidates(asked, counted, seen, size)
        while size <= len(found.names) < mapping.WINDOW:
            scores = found.scores(asked)
            if found.bound(asked, counted) < reached(scores, limit) - ROUNDING:
                break
            size = min(GROWTH * size, mapping.WINDOW)
            found = self._candidates(asked, counted, seen, size)
        return best(found.names, found.scores(asked), limit)

    def _candidates(self, asked: Asked, counted: Counted, seen: Mapping[str, Any], size: int) -> Found:
        hits = self._search(queries.by_words(asked.boosts(counted), seen, size))
        cards = [mapping.card_of(hit["fields"]["card"][0]) for hit in hits]
        return Found.of(asked, cards, [hit["_score"] for hit in hits])

    def nearest(self, vector: Vector, view: View, limit: int) -> Sequence[Hit]:
        """See the port."""
        revision = min(view.revision, self._revision)
        held = self._counts.totals(revision).passages if self._dimension and limit > 0 else 0
        if not held:
            return []
        seen, wide = queries.visible(view, revision), np.asarray(vector, np.float64)
        size = min(held, max(NEAR_LEAST, NEAR_FACTOR * limit), LOOK_MOST)
        every = held <= LOOK_MOST
        while True:
            looks = held if every else min(max(LOOK_LEAST, LOOK_FACTOR * limit, size), LOOK_MOST)
            hits = self._search(queries.by_vector(vector, seen, size, looks))
            rows = [mapping.row_of(hit["fields"]["row"][0]) for hit in hits]
            stored = np.frombuffer(b"".join(data for _, _, data in rows), np.float32)
            # Row by row in double precision: the same bits as the embedded index has.
            scores: Scores = (stored.reshape(len(rows), self._dimension).astype(np.float64) * wide).sum(axis=1)
            if len(rows) < size or size >= min(held, LOOK_MOST) or _settled(scores, hits, limit, SIGMAS * every):
                return best([(passage, document) for passage, document, _ in rows], scores, limit)
            size = min(GROWTH * size, held, LOOK_MOST)

    def flush(self) -> None:
        """See the port. The server wrote all of it to its disk before it answered, the watermark last."""

    def check(self, expected: Sequence[PassageId]) -> Sequence[str]:
        """See the port."""
        missing, extra = [], []
        wanted, have = iter(sorted(set(expected))), self._shown()
        left, right = next(wanted, None), next(have, None)
        while left is not None or right is not None:
            if right is None or (left is not None and left < right):
                missing.append(left)
                left = next(wanted, None)
            elif left is None or right < left:
                extra.append(right)
                right = next(have, None)
            else:
                left, right = next(wanted, None), next(have, None)
        return [f"passage {one} is in the graph and not in the index" for one in missing] + [
            f"passage {one} is in the index and not in the graph" for one in extra
        ]

    def _shown(self) -> Iterator[PassageId]:
        """The passages of the newest revision, by id, each once."""
        after, last = list[Any](), None
        while hits := self._search(queries.passages(self._revision, PAGE, after), BULK_S):
            for hit in hits:
                if hit["sort"][0] != last:
                    last = hit["sort"][0]
                    yield PassageId(last)
            after = hits[-1]["sort"]

    def counts(self) -> dict[str, int]:
        """See the port."""
        totals = self._counts.totals(self._revision)
        return {"passages": totals.passages, "revision": self._revision, "words": totals.length,
                "vectors": totals.passages if self._dimension else 0}

    def publish(self) -> None:
        """Put this index behind the alias, in one step; the one that was there goes on serving whoever holds it."""
        indices.publish(self._cluster, self._alias, self._index)

    def serves(self) -> bool:
        """Whether this index is the one behind the alias; another process may have put another there."""
        return self._index in indices.serving(self._cluster, self._alias)

    def drop_others(self) -> None:
        """Remove all other indices of this name, complete or not. Who still asks one gets StoreUnavailable."""
        indices.drop_others(self._cluster, self._alias, self._index)

    def close(self) -> None:
        """Close the connections."""
        self._cluster.close()

    def _search(self, body: Any, timeout: float = QUERY_S) -> list[dict[str, Any]]:
        return self._cluster.hits(self._index, body, timeout)


def _settled(scores: Scores, hits: Sequence[Mapping[str, Any]], limit: int, sigmas: int) -> bool:
    """Whether no passage behind these is likely to be among the best: the server's scores, from rows of 8 bits, fall.

    Args:
        sigmas: how far off those of passages behind these may be, in standard deviations, which these show. With 0
            only passages as good as the last of the best are waited for: a graph does not find all anyway.
    """
    if not sigmas:
        return float(scores.min()) < reached(scores, limit) - ROUNDING
    given = np.array([hit["_score"] for hit in hits], np.float64)
    coarse = np.where(given < 1, 1 - 1 / given, given - 1)  # as the server makes products positive, backwards
    off = float(np.sqrt(np.square(coarse - scores).mean()))
    return float(coarse.min()) + sigmas * off < reached(scores, limit) - ROUNDING


def open_elastic(url: str, *, dimension: int, embedder_name: str = "") -> ElasticIndex:
    """Open or create the index that an address names.

    Args:
        url: `elasticsearch+http://[USER:PASSWORD@]HOST[:PORT][/NAME]`, or `elasticsearch+https://…`. User and
            password may stand in WORLDCTX_ELASTIC_USER and WORLDCTX_ELASTIC_PASSWORD instead, an API key in
            WORLDCTX_ELASTIC_API_KEY, the file of a certificate authority in WORLDCTX_ELASTIC_CA.
        dimension: of the vectors; 0 for an index without.
        embedder_name: of the model that makes them.

    Raises:
        BadInput: the address is none.
        StoreUnavailable: the server does not answer.
        Unsupported: it is of another version; or its driver is not installed.
        IncompatibleData: another version or model wrote the index; `worldctx rebuild` makes it anew.
    """
    address = address_of(url)
    alias, cluster = address.alias, connect(address)
    try:
        there = indices.serving(cluster, alias)
        index = there[0] if there else indices.create(cluster, alias, dimension, embedder_name, served=True)
        return _opened(cluster, alias, index, dimension, embedder_name)
    except BaseException:
        cluster.close()
        raise


def begin_elastic(url: str, *, dimension: int, embedder_name: str = "") -> ElasticIndex:
    """A new, empty index beside the one that serves: fill it, then `publish` it, then `drop_others`.

    Args, Raises: as `open_elastic`.
    """
    address = address_of(url)
    alias, cluster = address.alias, connect(address)
    try:
        index = indices.create(cluster, alias, dimension, embedder_name, served=False)
        return _opened(cluster, alias, index, dimension, embedder_name)
    except BaseException:
        cluster.close()
        raise


def drop_elastic(url: str) -> None:
    """Remove every index that an address names, of which nobody is using any.

    Args, Raises: as `open_elastic`.
    """
    address = address_of(url)
    with closing(connect(address)) as cluster:
        indices.drop_others(cluster, address.alias, "")


def _opened(cluster: Cluster, alias: str, index: str, dimension: int, embedder: str) -> ElasticIndex:
    """An index as it is on the server."""
    what = f"the search index {index} of {cluster}"
    _, answer = cluster.ask("GET", f"/{index}/_mapping")
    made = answer[index]["mappings"].get("_meta", {}).get("worldctx")
    if made is None:
        raise IncompatibleData(f"{what} is not one of ours; give another name in the address")
    if made.get("version") != mapping.VERSION:
        raise _unusable(what, f"has version {made.get('version')}, and this worldctx reads version {mapping.VERSION}")
    if (made.get("dimension"), made.get("embedder")) != (dimension, embedder):
        raise _unusable(
            what, f"was made with the embedder {made.get('embedder') or 'none'!r}, not {embedder or 'none'!r}")
    # What another process stored and marked is searchable when that was done; one that was killed may have left some.
    cluster.ask("POST", f"/{index}/_refresh", timeout=BULK_S)
    status, answer = cluster.ask("GET", f"/{index}/_doc/{mapping.WATERMARK}", passed=(MISSING,))
    revision = Revision(answer["_source"]["revision"]) if status < MISSING else ZERO
    return ElasticIndex(cluster, alias, index, revision, dimension)


def _unusable(what: str, why: str) -> IncompatibleData:
    return IncompatibleData(f"{what} {why}; run `worldctx rebuild` to make it anew")
