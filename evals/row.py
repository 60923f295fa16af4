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
        peers: what others reach in the same run, by name: `bm25s`.
        less_is_better: of an error, a loss, a time; an aim of 0 or below says so by itself.
    """

    metric: str
    value: float
    low: float
    high: float
    baseline: float | None = None
    aim: float | None = None
    peers: tuple[tuple[str, float], ...] = ()
    less_is_better: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the aim is reached; None where none is set."""
        if self.aim is None:
            return None
        return self.value <= self.aim if self.less_is_better or self.aim <= 0 else self.value >= self.aim


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


@dataclass(frozen=True, slots=True)
class Difference:
    """How far two ways of answering the same cases are apart, with a paired bootstrap interval of 95 %.

    Attributes:
        value: mean of ours less mean of theirs.
        low, high: of the interval; the difference is clear where it does not hold 0.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


def paired(ours: Sequence[float], theirs: Sequence[float]) -> Difference:
    """The paired bootstrap of a difference of means (Efron and Tibshirani 1993): cases are drawn, not values.

    Args:
        ours, theirs: the metric of each case, in the same order.

    Raises:
        ValueError: they are not of the same cases, or there are none.
    """
    apart = [one - other for one, other in zip(ours, theirs, strict=True)]
    if not apart:
        raise ValueError("no cases to compare")
    return Difference(sum(apart) / len(apart), *_interval(apart))


def mean_figure(metric: str, values: Sequence[float], baseline: Sequence[float] = (), aim: float | None = None,
                ) -> Figure:
    """The mean over cases with its percentile bootstrap (Efron 1979), 1,000 draws, seed 7.

    Args:
        values: one per case.
        baseline: one per case of the simple method.
    """
    return Figure(metric, sum(values) / len(values), *_interval(values),
                  sum(baseline) / len(baseline) if baseline else None, aim)


def _interval(values: Sequence[float]) -> tuple[float, float]:
    draw = random.Random(7)
    size = len(values)
    means = sorted(sum(draw.choices(values, k=size)) / size for _ in range(1000))
    return means[25], means[974]
