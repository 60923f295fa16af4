"""What Elasticsearch found for a query's terms: the exact scores, and the proof that nothing better was left out.

Elasticsearch's scores cannot be handed out: its lengths are rounded, and its statistics are those of the moment. So the
exact BM25 of each candidate is computed here with the statistics of the revision, in the floating-point operations of
the embedded index. That nothing better was left out is proved, not hoped for:

Let a query's terms t have the weights w(t) at the revision, and let Elasticsearch weigh them idf(t) at the moment. Each
clause is boosted by w(t) / idf(t), so that its score of a passage p with frequencies f is

    S'(p) = Σ w(t) · (k1 + 1) · f / (f + k1 · (1 - b + b · L'/m'))

where L' <= L is the length rounded down to four binary digits, and m' the mean length at the moment. Ours, S(p), is the
same with the length L and the revision's mean m. Since L'/m' <= (m/m') · L/m, each denominator of S' is at most
max(1, m/m') times that of S, and so

    S(p) <= max(1, m/m') · S'(p).

A passage that is no candidate has S'(p) at most that of the last candidate. When the bound on its S is below the last
hit wanted, the hits are complete; else more candidates are asked for. idf(t) and m' are what the server was last heard
to count (`statistics.Counted`); the scores that it gives to the candidates show whether it still counts so: if they are
not as predicted it is asked again, and what difference remains widens the bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from worldctx.model.ids import DocumentId, PassageId
from worldctx.ports.search import Hit
from worldctx.search import bm25
from worldctx.search.statistics import Counted

#: What the server's single-precision scores, and sums of them, may be wrong by.
SLACK = 1e-4
#: Scores further from what was predicted tell that the server counts otherwise than it is believed to.
TRUST = 1e-4
#: Two scores that round to the same six places lie no further apart.
ROUNDING = 2e-6
#: Lengths below this are kept as they are by Lucene, others as this and four binary digits of what is above it.
PLAIN_LENGTHS, LENGTH_BITS = 24, 4

Ints = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """The terms of a query that are looked up, heaviest first, what they weigh at a revision, and its mean length."""

    terms: list[str]
    weights: Scores
    mean: float

    def boosts(self, counted: Counted) -> dict[str, float]:
        """What makes the server's weights ours."""
        often = np.array([counted.often[term] for term in self.terms], np.float64)
        # A term of which it counted none, or more than there are passages, weighs something in the next moment.
        idf = bm25.rarities(max(counted.totals.passages, int(often.max())), often)
        return dict(zip(self.terms, (self.weights / idf).tolist(), strict=True))


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates: what they are, their terms that were asked for, their lengths, and the server's scores, falling.

    Attributes:
        often: how often each has each term, shape (candidates, terms).
    """

    names: Sequence[tuple[PassageId, DocumentId]]
    often: Scores
    lengths: Ints
    given: Scores

    @staticmethod
    def of(asked: Asked, cards: Sequence[tuple[PassageId, DocumentId, Sequence[str]]], given: Sequence[float]) -> Found:
        """From all terms of each candidate, and the server's scores."""
        place = dict(zip(asked.terms, range(len(asked.terms)), strict=True))
        often = np.zeros((len(cards), len(place)))
        for row, (_, _, words) in zip(often, cards, strict=True):
            for word in words:
                if word in place:
                    row[place[word]] += 1
        lengths = np.array([len(words) for _, _, words in cards], np.int64)
        return Found([(passage, document) for passage, document, _ in cards], often, lengths,
                     np.array(given, np.float64))

    def scores(self, asked: Asked) -> Scores:
        """BM25; parts are added up in the order of the terms, as in the embedded index."""
        parts = bm25.gain(self.often, self.lengths[:, np.newaxis], asked.mean) * asked.weights
        scores = np.zeros(len(self.names))
        for place in range(len(asked.terms)):
            scores += parts[:, place]
        return scores

    def difference(self, asked: Asked, counted: Counted) -> Scores:
        """What the server was believed to score, as a multiple of what it did."""
        lengths = kept_lengths(self.lengths)[:, np.newaxis]
        expected: Scores = (bm25.gain(self.often, lengths, counted.totals.mean) * asked.weights).sum(axis=1)
        return expected / self.given

    def bound(self, asked: Asked, counted: Counted) -> float:
        """No passage that is not among the candidates scores higher."""
        off = max(1.0, float(self.difference(asked, counted).max()))
        return float(self.given[-1]) * max(1.0, asked.mean / counted.totals.mean) * off * (1 + SLACK)


def kept_lengths(lengths: Ints) -> Ints:
    """Lengths as Lucene keeps them (`SmallFloat.intToByte4`): rounded down to four binary digits."""
    above = np.maximum(lengths - PLAIN_LENGTHS, 0)
    shift = np.maximum(np.frexp(above.astype(np.float64))[1] - LENGTH_BITS, 0)
    kept: Ints = np.minimum(lengths, PLAIN_LENGTHS) + (above >> shift << shift)
    return kept


def reached(scores: Scores, limit: int) -> float:
    """What the last of the best `limit` scores; below everything when there are not so many."""
    return float(np.partition(scores, len(scores) - limit)[len(scores) - limit]) if len(scores) >= limit else -np.inf


def best(names: Sequence[tuple[PassageId, DocumentId]], scores: Scores, limit: int) -> list[Hit]:
    """The best hits, rounded, ties by id."""
    keep = np.flatnonzero(scores >= reached(scores, limit) - ROUNDING)
    rounded = np.round(scores[keep], 6).tolist()
    rows = sorted((-value, *names[place]) for place, value in zip(keep.tolist(), rounded, strict=True))
    return [Hit(passage, document, -score) for score, passage, document in rows[:limit]]
