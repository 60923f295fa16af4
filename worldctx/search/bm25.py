"""BM25 (Robertson and Zaragoza 2009) with the statistics of a revision: what every index of ours scores with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

#: The usual values.
K1, B = 1.2, 0.75
#: Terms of a query that are looked up; of a whole document, the most telling ones.
QUERY_TERMS = 32


def rarities(total: int, often: NDArray[Any]) -> Scores:
    """What terms weigh that stand in so many of `total` passages."""
    weights: Scores = np.log(1 + (total - often + 0.5) / (often + 0.5))
    return weights


def gain(often: NDArray[Any], lengths: NDArray[Any], mean: float) -> Scores:
    """What a term adds to the scores of passages that have it so often, before its weight."""
    norm = K1 * (1 - B + B * lengths / mean)
    gained: Scores = often * (K1 + 1) / (often + norm)
    return gained


def telling(every: Sequence[str], often: NDArray[Any], weights: Scores) -> list[int]:
    """Places of the most telling terms among those that stand in some passage, heaviest first, ties by term."""
    known = np.flatnonzero(often)
    if len(known) > QUERY_TERMS:
        known = known[weights[known] >= np.partition(weights[known], -QUERY_TERMS)[-QUERY_TERMS]]
    ordered = sorted((-weight, every[place], place)
                     for place, weight in zip(known.tolist(), weights[known].tolist(), strict=True))
    return [place for _, _, place in ordered[:QUERY_TERMS]]
