"""What an index on a server holds at a revision: asked for once, and followed from then on (`statistics`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from worldctx.model.ids import Revision
from worldctx.search import bm25, queries
from worldctx.search.candidates import Asked
from worldctx.search.cluster import COPY, Cluster
from worldctx.search.statistics import Counted, Statistics, Totals

#: Terms in one question about frequencies.
TERMS = 1000


class Counts:
    """Of one index, as long as nothing is erased from it: then its past is another, and it is counted anew.

    Who began with one of these ends with it, so that nothing that was asked before an erasure is remembered after it.
    """

    def __init__(self, cluster: Cluster, index: str, revision: Revision) -> None:
        self._cluster, self._index = cluster, index
        self.statistics = Statistics(revision, self._totals(revision))

    def totals(self, revision: Revision) -> Totals:
        """Of a revision that the index has reached."""
        known = self.statistics.totals(revision)
        if known is None:
            known = self._totals(revision)
            self.statistics.learn_totals(revision, known)
        return known

    def _totals(self, revision: Revision) -> Totals:
        answer = self._ask(f"_search?{COPY}", queries.totals(revision))
        return Totals(answer["hits"]["total"]["value"], round(answer["aggregations"]["length"]["value"]))

    def telling(self, wanted: Mapping[str, int], revision: Revision, totals: Totals) -> Asked:
        """The terms of a query that are looked up.

        Args:
            wanted: how often it has each.
            totals: of the revision.
        """
        every = list(wanted)
        known = self._often(every, revision, totals)
        often = np.array([known[term] for term in every], np.int64)
        weights = np.array([*wanted.values()]) * bm25.rarities(totals.passages, often)
        chosen = bm25.telling(every, often, weights)
        return Asked([every[place] for place in chosen], weights[chosen], totals.mean)

    def _often(self, every: Sequence[str], revision: Revision, totals: Totals) -> Mapping[str, int]:
        """How many passages of a revision have each term."""
        known = self.statistics.often(every, revision)
        unknown = [term for term in every if term not in known]
        if not unknown:
            return known
        counted = self.count(unknown)
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
        self.statistics.learn(revision, fresh)
        return known | fresh

    def counted(self, terms: Sequence[str]) -> Counted:
        """What the server is believed to count of terms for its own scores."""
        return self.statistics.counted(terms) or self.count(terms)

    def count(self, terms: Sequence[str]) -> Counted:
        """What it counts now."""
        answer = self._ask(f"_termvectors?realtime=false&{COPY}", queries.own_counts(terms))
        found = answer["term_vectors"].get("words", {})
        fields, told = found.get("field_statistics", {}), found.get("terms", {})
        counted = Counted(Totals(max(fields.get("doc_count", 0), 0), max(fields.get("sum_ttf", 0), 0)),
                          {term: told.get(term, {}).get("doc_freq", 0) for term in terms})
        self.statistics.learn_counted(counted)
        return counted

    def _ask(self, what: str, body: Any) -> Any:
        return self._cluster.ask("POST", f"/{self._index}/{what}", body)[1]
