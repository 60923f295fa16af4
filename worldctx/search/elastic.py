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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import numpy as np

from worldctx.model.errors import IncompatibleData
from worldctx.model.ids import ZERO, DocumentId, PassageId, Revision
from worldctx.ports.graph import Commit
from worldctx.ports.search import Hit, Vector, View
from worldctx.search import bm25, indices, mapping, queries
from worldctx.search.analysis import terms
from worldctx.search.candidates import ROUNDING, TRUST, Asked, Found, Scores, best, reached
from worldctx.search.cluster import BULK_S, CONFLICT, MISSING, QUERY_S, Cluster, Operation, address_of, connect
from worldctx.search.statistics import Counted, Statistics, Totals

#: Candidates asked for at first: so many times the hits wanted, or so many more; how that grows when it was too few.
FACTOR, MORE, GROWTH = 2, 20, 4
#: Neighbours asked for: at least, and for each hit wanted.
NEAR_LEAST, NEAR_FACTOR = 50, 3
#: How many the server keeps in sight while it looks for them, likewise; its own bound is the last. Where there are no
#: more passages than that it looks at every one.
LOOK_LEAST, LOOK_FACTOR, LOOK_MOST = 250, 8, 10_000
#: By how many standard deviations a score from rows of 8 bits may be off.
SIGMAS = 3
#: Terms in one question about frequencies; passages in one page.
TERMS, PAGE = 1000, 2000
#: All requests go to the same copy of the index, whose counts are then the same.
COPY = "preference=worldctx"

class ElasticIndex:
    """A ports.search.SearchIndex on an Elasticsearch server. Reading needs no lock; adding takes turns.

    Several processes may follow the same commits into the same index: what one of them has stored the others pass over.
    """

    def __init__(self, cluster: Cluster, alias: str, index: str, revision: Revision, totals: Totals,
                 dimension: int) -> None:
        self._cluster, self._alias, self._index, self._dimension = cluster, alias, index, dimension
        self._revision = revision
        self._statistics = Statistics(revision, totals)
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
        self._cluster.write(indices.written_under(self._index), [
            Operation(one.key, one.version, one.body) for one in [*gone, *made]])
        self._mark(new[-1].revision)
        self._statistics.follow(
            [(commit.revision, [one.often for one in made if one.recorded == commit.revision]) for commit in new],
            [one.often for one in gone])
        self._revision = new[-1].revision

    def _leaving(self, documents: Sequence[DocumentId]) -> Iterator[dict[str, Any]]:
        """The passages of documents that are there until now."""
        for start in range(0, len(documents), TERMS):
            some, after = documents[start : start + TERMS], list[Any]()
            while hits := self._search(queries.still_there(some, self._revision, PAGE // 4, after), BULK_S):
                yield from hits
                after = hits[-1]["sort"]

    def _mark(self, revision: Revision) -> None:
        """Write the watermark, and make all that was stored before it searchable; another process may be ahead."""
        path = f"/{indices.written_under(self._index)}/_doc/{mapping.WATERMARK}?require_alias=true&refresh=true" \
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
        totals = self._totals(revision)
        asked = self._telling(wanted, revision, totals) if totals.passages else None
        if asked is None or not asked.terms:
            return []
        seen = queries.visible(view, revision)
        counted = self._statistics.counted(asked.terms) or self._count(asked.terms)
        size = min(max(FACTOR * limit, limit + MORE), mapping.WINDOW)
        found = self._candidates(asked, counted, seen, size)
        if np.abs(found.difference(asked, counted) - 1).max(initial=0.0) > TRUST:
            counted = self._count(asked.terms)
            found = self._candidates(asked, counted, seen, size)
        while size <= len(found.names) < mapping.WINDOW:
            scores = found.scores(asked)
            if found.bound(asked, counted) < reached(scores, limit) - ROUNDING:
                break
            size = min(GROWTH * size, mapping.WINDOW)
            found = self._candidates(asked, counted, seen, size)
        return best(found.names, found.scores(asked), limit)

    def _totals(self, revision: Revision) -> Totals:
        known = self._statistics.totals(revision)
        if known is None:
            known = _totals(self._cluster, self._index, revision)
            self._statistics.learn_totals(revision, known)
        return known

    def _telling(self, wanted: Mapping[str, int], revision: Revision, totals: Totals) -> Asked:
        every = list(wanted)
        known = self._often(every, revision, totals)
        often = np.array([known[term] for term in every], np.int64)
        weights = np.array([*wanted.values()]) * bm25.rarities(totals.passages, often)
        chosen = bm25.telling(every, often, weights)
        return Asked([every[place] for place in chosen], weights[chosen], totals.mean)

    def _often(self, every: Sequence[str], revision: Revision, totals: Totals) -> Mapping[str, int]:
        """How many passages of a revision have each term."""
        known = self._statistics.often(every, revision)
        unknown = [term for term in every if term not in known]
        if not unknown:
            return known
        counted = self._count(unknown)
        if counted.totals.passages == totals.passages:
            # The server holds the passages of this revision and nothing else: what it counts is what we count.
            fresh = dict(counted.often)
        else:
            fresh = {}
            for start in range(0, len(unknown), TERMS):
                some = unknown[start : start + TERMS]
                answer = self._ask(f"_search?filter_path=aggregations.often.buckets.doc_count&{COPY}",
                                   queries.frequencies(some, revision))
                counts = (bucket["doc_count"] for bucket in answer["aggregations"]["often"]["buckets"])
                fresh |= dict(zip(some, counts, strict=True))
        self._statistics.learn(revision, fresh)
        return known | fresh

    def _count(self, every: Sequence[str]) -> Counted:
        """What the server counts of terms now."""
        answer = self._ask(f"_termvectors?realtime=false&{COPY}", queries.own_counts(every))
        found = answer["term_vectors"].get("words", {})
        fields, told = found.get("field_statistics", {}), found.get("terms", {})
        counted = Counted(Totals(max(fields.get("doc_count", 0), 0), max(fields.get("sum_ttf", 0), 0)),
                          {term: told.get(term, {}).get("doc_freq", 0) for term in every})
        self._statistics.learn_counted(counted)
        return counted

    def _candidates(self, asked: Asked, counted: Counted, seen: Mapping[str, Any], size: int) -> Found:
        hits = self._search(queries.by_words(asked.boosts(counted), seen, size))
        cards = [mapping.card_of(hit["fields"]["card"][0]) for hit in hits]
        return Found.of(asked, cards, [hit["_score"] for hit in hits])

    def nearest(self, vector: Vector, view: View, limit: int) -> Sequence[Hit]:
        """See the port."""
        revision = min(view.revision, self._revision)
        held = self._totals(revision).passages if self._dimension and limit > 0 else 0
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
        totals = self._totals(self._revision)
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

    def _ask(self, what: str, body: Any) -> Any:
        return self._cluster.ask("POST", f"/{self._index}/{what}", body)[1]

    def _search(self, body: Any, timeout: float = QUERY_S) -> list[dict[str, Any]]:
        path = f"/{self._index}/_search?allow_partial_search_results=false&{COPY}" \
               "&filter_path=hits.hits._score,hits.hits.fields,hits.hits.sort,hits.hits._source"
        answer = self._cluster.ask("POST", path, body, timeout=timeout)[1]
        hits: list[dict[str, Any]] = answer.get("hits", {}).get("hits", [])
        return hits


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
    return ElasticIndex(cluster, alias, index, revision, _totals(cluster, index, revision), dimension)


def _unusable(what: str, why: str) -> IncompatibleData:
    return IncompatibleData(f"{what} {why}; run `worldctx rebuild` to make it anew")


def _totals(cluster: Cluster, index: str, revision: Revision) -> Totals:
    _, answer = cluster.ask("POST", f"/{index}/_search?{COPY}", queries.totals(revision))
    return Totals(answer["hits"]["total"]["value"], round(answer["aggregations"]["length"]["value"]))
