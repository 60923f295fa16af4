"""`python -m evals.weighing DATA`: fits the weights of worldctx.lookup.fuse on the development half of the questions.

Coordinate ascent (Metzler and Croft 2007): one weight after the other is moved along a coarse grid, and kept where it
lifts the goal, a sum of the aims of all sets, so that no set is fitted to alone. The weights are rounded by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from evals.dialogues import events_and_facts
from evals.multi_hop import hotpot, musique
from evals.passages import timeqa
from evals.pool import KEPT, Pool, Question, built
from worldctx.config import Settings
from worldctx.lookup.fuse import BOOSTS, RRF_K, WEIGHTS, fuse
from worldctx.lookup.request import request_of
from worldctx.lookup.retrieval import candidates
from worldctx.model.ask import Ask
from worldctx.ports.deadline import Deadline
from worldctx.wiring import open_running

Rows = NDArray[np.float64]

#: Sets, and how much their R@1, hit@5, recall@5 and nDCG@10 count.
SETS: Mapping[str, tuple[Callable[[Path], Pool], tuple[float, float, float, float]]] = {
    "timeqa": (timeqa, (1.2, 0.8, 0.0, 0.0)), "lihua": (events_and_facts, (0.0, 0.0, 0.5, 0.5)),
    "musique": (musique, (0.0, 0.0, 0.4, 0.0)), "hotpot": (hotpot, (0.0, 0.0, 0.4, 0.0))}
#: What is fitted: lists and boosts that these sets have; the others are for what is certain, or not in these sets.
FITTED = ("bm25", "vectors", "covered", "titled", "kin", "names_the_year", "names_the_years", "year_within",
          "names_the_time")
#: Values that a weight may take besides what it has, and that by these factors; gain from which on it is moved.
GRID, FACTORS, LEAST = (0.0, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8), (0.75, 1.3), 1e-4

@dataclass(frozen=True, slots=True)
class Weighed:
    """One question and the passages found for it.

    Attributes:
        documents: of each passage.
        rows: for each passage its values, in the order of `FITTED`.
        rest: what all other lists and boosts add to its score.
    """

    question: Question
    documents: Sequence[str]
    rows: Rows
    rest: Rows

def weighed(pool: Pool, embedder: str = "auto", kept: Path = KEPT) -> Iterator[Weighed]:
    """What the read path finds for each question, before it is fused."""
    with open_running(Settings.read(data=str(built(pool, embedder, kept)), embedder=embedder)) as running:
        for question in pool.questions:
            request = request_of(Ask(question.text), running.world)
            found = candidates(request, running.world, Deadline.after(600.0), [])
            documents = {hit.passage: str(hit.document) for hits in found.lists.values() for hit in hits}
            values: dict[str, dict[str, float]] = {
                name: {hit.passage: (RRF_K + 1) / (RRF_K + place) for place, hit in enumerate(hits, 1)}
                for name, hits in found.lists.items()}
            values |= {name: {str(key): value for key, value in having.items()}
                       for name, having in found.boosts.items()}
            kept_passages = [one.passage for one in fuse(found.lists, found.boosts) if one.passage in found.read]
            others = [name for name in values if name not in FITTED]
            known = {**WEIGHTS, **BOOSTS}
            yield Weighed(
                question, [documents[one] for one in kept_passages],
                np.array([[values.get(name, {}).get(one, 0.0) for name in FITTED] for one in kept_passages]
                         ).reshape(len(kept_passages), len(FITTED)),
                np.array([sum(known[name] * values[name].get(one, 0.0) for name in others) for one in kept_passages]))


def fitted(sets: Mapping[str, Sequence[Weighed]], start: Rows, rounds: int = 2) -> Rows:
    """The weights at which no step along the grid lifts the goal, or those after so many rounds."""
    weights, best = start.copy(), goal(sets, start)
    for _ in range(rounds):
        before = best
        for place in range(len(weights)):
            for value in sorted({*GRID, *(factor * weights[place] for factor in FACTORS)}):
                tried = weights.copy()
                tried[place] = value
                reached = goal(sets, tried)
                if reached > best + LEAST:
                    best, weights = reached, tried
        sys.stderr.write(f"goal {best:.4f}\n")
        if best == before:
            break
    return weights


def goal(sets: Mapping[str, Sequence[Weighed]], weights: Rows) -> float:
    """The sum of what counts, on the development half."""
    return sum(share * value for name, found in sets.items()
               for share, value in zip(SETS[name][1], measures(found, weights, "dev"), strict=True))


def measures(found: Sequence[Weighed], weights: Rows, part: str) -> tuple[float, float, float, float]:
    """R@1, hit@5, recall@5 and nDCG@10 of a part with some weights."""
    values = []
    for one in found:
        if one.question.part != part:
            continue
        order = np.argsort(-np.round(one.rows @ weights + one.rest, 6), kind="stable")
        ranked = list(dict.fromkeys(one.documents[place] for place in order))[:10]
        right = [key in one.question.gold for key in ranked]
        gained = sum(1 / log2(place + 2) for place, has in enumerate(right) if has)
        ideal = sum(1 / log2(place + 2) for place in range(min(10, len(one.question.gold))))
        values.append((any(right[:1]), any(right[:5]), sum(right[:5]) / len(one.question.gold), gained / ideal))
    first, five, recall, gain = (float(np.mean(column)) for column in zip(*values, strict=True))
    return first, five, recall, gain


def main(data: Annotated[Path, typer.Argument(help="Folder of the evaluation data.")]) -> None:
    """Fit, and print the weights and what they and the shipped ones give."""
    sets = {name: list(weighed(pool(data))) for name, (pool, _) in SETS.items()}
    shipped = np.array([{**WEIGHTS, **BOOSTS}[name] for name in FITTED])
    weights = fitted(sets, shipped)
    for name, value, has in zip(FITTED, weights, shipped, strict=True):
        sys.stdout.write(f"{name}: shipped {has}, fitted {value:.2f}\n")
    for name, found in sets.items():
        for part in ("dev", "test"):
            for whose, some in (("shipped", shipped), ("fitted", weights)):
                one, five, recall, gained = measures(found, some, part)
                sys.stdout.write(f"{name} {part} {whose}: R@1 {one:.3f}, hit@5 {five:.3f}, recall@5 {recall:.3f}, "
                                 f"nDCG@10 {gained:.3f}\n")


if __name__ == "__main__":
    typer.run(main)
