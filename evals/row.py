"""One row of the quality table: what was asked, how it was measured, what came out, and what it is compared with."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from evals.case import Case


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured share or mean, with a bootstrap interval of 95 %.

    Attributes:
        metric: its standard name, `R@1`.
        value: over all cases.
        low, high: of the interval; equal to the value where every case counts (exactness, leaks).
        baseline: of the simple method named by the row, measured in the same run; None where there is none.
        aim: to reach; None where none is set.
    """

    metric: str
    value: float
    low: float
    high: float
    baseline: float | None = None
    aim: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A question to the whole system and its figures.

    Attributes:
        cases: how many were asked.
        data: which data set.
        note: settings, and what the baseline is.
        examined: its cases, or those of them that are worth a look; what the error browser shows.
    """

    name: str
    data: str
    cases: int
    figures: tuple[Figure, ...]
    note: str = ""
    examined: tuple[Case, ...] = ()


def mean_figure(metric: str, values: Sequence[float], baseline: Sequence[float] = (), aim: float | None = None,
                ) -> Figure:
    """The mean over cases with its percentile bootstrap (Efron 1979), 1,000 draws, seed 7.

    Args:
        values: one per case.
        baseline: one per case of the simple method.
    """
    draw = random.Random(7)
    size = len(values)
    means = sorted(sum(draw.choices(values, k=size)) / size for _ in range(1000))
    return Figure(metric, sum(values) / size, means[25], means[974],
                  sum(baseline) / len(baseline) if baseline else None, aim)
