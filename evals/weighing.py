"""`python -m evals.weighing DATA`: fits the weights of worldctx.lookup.fuse on the development half of the questions.

A pairwise logistic regression (as in RankNet, Burges et al. 2005, with a linear scorer): each right passage against the
wrong ones that were found with it. Every set counts as much as its line in `SETS` says, whatever its size, so that no
set is fitted to. The weights that are printed are in first ranks of BM25; they are rounded by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

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

#: Sets and how much each counts.
SETS: Mapping[str, tuple[Callable[[Path], Pool], float]] = {
    "timeqa": (timeqa, 4.0), "lihua": (events_and_facts, 3.0), "musique": (musique, 1.5), "hotpot": (hotpot, 1.5)}
#: What is fitted: lists and boosts that all sets have; the others are for what is certain, or not in these sets.
FITTED = ("bm25", "vectors", "covered", "titled", "kin", "names_the_year", "names_the_years", "year_within",
          "names_the_time")
#: Inverse strength of the regularisation; wrong passages compared with each right one.
STRENGTH, WRONG = 3.0, 40


@dataclass(frozen=True, slots=True)
class Weighed:
    """One question: a row of values for each passage found, in the order of `FITTED`, and the passage's document."""

    question: Question
    documents: Sequence[str]
    rows: Rows
    rest: NDArray[np.float64]

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which rows are of documents that answer."""
        return np.array([one in self.question.gold for one in self.documents], bool)


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
            values |= {name: dict(having) for name, having in found.boosts.items()}
            kept_passages = [one.passage for one in fuse(found.lists, found.boosts) if one.passage in found.read]
            others = [name for name in values if name not in FITTED]
            known = {**WEIGHTS, **BOOSTS}
            yield Weighed(
                question, [documents[one] for one in kept_passages],
                np.array([[values.get(name, {}).get(one, 0.0) for name in FITTED] for one in kept_passages]
                         ).reshape(len(kept_passages), len(FITTED)),
                np.array([sum(known[name] * values[name].get(one, 0.0) for name in others) for one in kept_passages]))


def fitted(sets: Mapping[str, Sequence[Weighed]]) -> Rows:
    """The weights, that of BM25 being 1."""
    draw = np.random.default_rng(7)
    differences, weights = [], []
    for name, found in sets.items():
        parts = [_compared(one, draw) for one in found if one.question.part == "dev"]
        some = [one for one in parts if len(one)]
        differences += some
        weights += [np.full(len(one), 100 * SETS[name][1] / len(some) / len(one)) for one in some]
    rows, weight = np.concatenate(differences), np.concatenate(weights)
    scale = rows.std(0)
    model = LogisticRegression(fit_intercept=False, C=STRENGTH, max_iter=1000)
    model.fit(np.concatenate([rows, -rows]) / scale, np.repeat([1, 0], len(rows)),
              sample_weight=np.concatenate([weight, weight]))
    found_weights: Rows = model.coef_[0] / scale
    return found_weights


def _compared(one: Weighed, draw: np.random.Generator) -> Rows:
    """Each right passage less wrong ones."""
    right, wrong = one.rows[one.right], one.rows[~one.right]
    if not len(right) or not len(wrong):
        return np.zeros((0, len(FITTED)))
    some = wrong[draw.choice(len(wrong), min(WRONG, len(wrong)), replace=False)]
    return np.concatenate([row - some for row in right[:4]])


def measured(found: Sequence[Weighed], weights: Rows, part: str) -> str:
    """R@1, R@5 and nDCG@10 of a part with some weights."""
    first, five, gained = [], [], []
    for one in found:
        if one.question.part != part:
            continue
        order = np.argsort(-np.round(one.rows @ weights + one.rest * weights[0], 6), kind="stable")
        ranked = list(dict.fromkeys(one.documents[place] for place in order))[:10]
        right = [key in one.question.gold for key in ranked]
        first.append(any(right[:1]))
        five.append(sum(right[:5]) / len(one.question.gold))
        ideal = sum(1 / np.log2(place + 2) for place in range(min(10, len(one.question.gold))))
        gained.append(sum(has / np.log2(place + 2) for place, has in enumerate(right)) / ideal)
    return f"R@1 {np.mean(first):.3f}, recall@5 {np.mean(five):.3f}, nDCG@10 {np.mean(gained):.3f} of {len(first)}"


def main(data: Annotated[Path, typer.Argument(help="Folder of the evaluation data.")]) -> None:
    """Fit, and print the weights and what they and the shipped ones give."""
    sets = {name: list(weighed(pool(data))) for name, (pool, _) in SETS.items()}
    weights = fitted(sets)
    shipped = np.array([{**WEIGHTS, **BOOSTS}[name] for name in FITTED])
    for name, value, has in zip(FITTED, weights, shipped, strict=True):
        sys.stdout.write(f"{name}: {value / abs(weights[0]):.2f} (raw {value:.2f}, shipped {has})\n")
    for name, found in sets.items():
        for part in ("dev", "test"):
            sys.stdout.write(f"{name} {part}: shipped {measured(found, shipped, part)}; "
                             f"fitted {measured(found, weights, part)}\n")


if __name__ == "__main__":
    typer.run(main)
