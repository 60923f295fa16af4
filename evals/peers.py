"""What others bring for ranking texts, in the same run: BM25 by bm25s, MiniLM vectors alone, and plain rank fusion.

Each ranks all documents for each query and gives their numbers, best first; ties go to the document that stands first.
Settings are the peers' own defaults, with the English stemmer and stop words that bm25s recommends.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import bm25s  # type: ignore[import-untyped]  # it ships no types
import numpy as np
import Stemmer
from numpy.typing import NDArray

from worldctx.config import Settings
from worldctx.ports.embedder import Embedder
from worldctx.wiring import open_embedder

#: Places asked for where a caller says nothing.
DEPTH = 10
#: Cormack, Clarke and Büttcher 2009.
RRF_K = 60
#: Documents embedded in one call, and where their vectors are kept between runs: they are by far the dearest part.
TOGETHER = 512
KEPT = Path(__file__).parents[1] / ".evals" / "vectors"


def bm25(documents: Sequence[str], queries: Sequence[str], depth: int = DEPTH) -> list[list[int]]:
    """The ranking of bm25s: Lucene's BM25, k1 = 1.5, b = 0.75, English stop words and stems; only what matches."""
    stems = Stemmer.Stemmer("english")

    def words(texts: Sequence[str]) -> list[list[str]]:
        found = bm25s.tokenize(list(texts), stopwords="en", stemmer=stems, return_ids=False, show_progress=False)
        return [list(one) for one in found]

    index = bm25s.BM25()
    index.index(words(documents), show_progress=False)
    ranked = []
    for query in words(queries):
        scores = index.get_scores(query) if query else np.zeros(len(documents), np.float32)
        best = _best(scores, depth)
        ranked.append([one for one in best if scores[one] > 0])
    return ranked


def vectors(documents: Sequence[str], queries: Sequence[str], depth: int = DEPTH, embedder: str = "auto",
            ) -> list[list[int]]:
    """The ranking by the cosine of MiniLM's vectors, exact over all documents.

    Args:
        embedder: as for `worldctx serve`; `none` is not one.

    Raises:
        ValueError: it gives no vectors.
    """
    model = open_embedder(Settings.read(embedder=embedder))
    if model is None:
        raise ValueError(f"embedder {embedder!r} gives no vectors")
    held = embedded(model, documents)
    return [_best(row @ held.T, depth) for row in embedded(model, queries)]


def rrf(lists: Iterable[Sequence[Sequence[int]]], depth: int = DEPTH, k: int = RRF_K) -> list[list[int]]:
    """Reciprocal rank fusion without weights.

    Args:
        lists: the rankings of each retriever, one for each query. Fuse deep lists: 100 places are usual.
    """
    fused = []
    for rankings in zip(*lists, strict=True):
        scores: dict[int, float] = defaultdict(float)
        for ranking in rankings:
            for place, one in enumerate(ranking, 1):
                scores[one] += 1 / (k + place)
        fused.append(sorted(scores, key=lambda one: (-round(scores[one], 9), one))[:depth])
    return fused


def embedded(model: Embedder, texts: Sequence[str], kept: Path = KEPT) -> NDArray[np.float32]:
    """The vectors of texts, one a row; kept in a file by the model's name and the texts."""
    digest = hashlib.sha256(model.name.encode())
    for text in texts:
        digest.update(hashlib.sha256(text.encode()).digest())
    file = kept / f"{digest.hexdigest()[:24]}.npy"
    if file.exists():
        found: NDArray[np.float32] = np.load(file)
        return found
    parts = [model.embed(texts[begin:begin + TOGETHER]) for begin in range(0, len(texts), TOGETHER)]
    made = np.concatenate(parts) if parts else np.zeros((0, model.dimension), np.float32)
    kept.mkdir(parents=True, exist_ok=True)
    whole = file.with_suffix(".part")
    with whole.open("wb") as opened:
        np.save(opened, made)
    whole.rename(file)
    return made


def _best(scores: NDArray[np.float32], depth: int) -> list[int]:
    rounded = np.round(scores.astype(np.float64), 6)
    return [int(one) for one in np.argsort(-rounded, kind="stable")[:depth]]


#: How a note names them.
BM25S = f"bm25s {version('bm25s')} (Lucene's BM25, k1 1.5, b 0.75, English stems and stop words)"
