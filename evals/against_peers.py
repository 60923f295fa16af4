"""A pool asked of the service and, in the same run, of what others bring: bm25s, vectors alone, plain rank fusion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals import peers
from evals.pool import DEPTH, KEPT, Found, Pool, Question, ranked
from evals.row import Figure, mean_figure, paired

#: What is asked of each peer before fusion: deep lists are usual.
DEEP = 100
#: One value a question.
Metric = Callable[[Sequence[Question], Sequence[Found]], list[float]]


@dataclass(frozen=True)
class Compared:
    """The test half of a pool's questions, what the service answers, and what the peers answer.

    Attributes:
        ours: of the service, best first, one for each question.
        theirs: by the name of the peer.
    """

    questions: Sequence[Question]
    ours: Sequence[Found]
    theirs: Mapping[str, Sequence[Found]]

    def figure(self, metric: str, measure: Metric, aim: float | None = None) -> Figure:
        """A figure with its peers; the baseline is bm25s."""
        others = {name: measure(self.questions, found) for name, found in self.theirs.items()}
        made = mean_figure(metric, measure(self.questions, self.ours), others["bm25s"], aim)
        return Figure(made.metric, made.value, made.low, made.high, made.baseline, made.aim,
                      tuple((name, sum(values) / len(values)) for name, values in others.items()))

    def differences(self, metric: str, measure: Metric) -> str:
        """How far the service is ahead of each peer, with paired bootstrap intervals, as a sentence for a note."""
        ours = measure(self.questions, self.ours)
        return f"{metric} ahead of " + ", ".join(
            f"{name} by {paired(ours, measure(self.questions, found))}" for name, found in self.theirs.items())


def compared(pool: Pool, embedder: str, kept: Path = KEPT) -> Compared:
    """A pool's test half, answered by the service and by the peers; vectors are those of the same embedder."""
    questions = [one for one in pool.questions if one.part == "test"]
    documents = [one for one in pool.documents if str(one["text"]).strip()]
    texts = [f"{one.get('title', '')}\n{one['text']}".strip() for one in documents]
    asked = [one.text for one in questions]
    words = peers.bm25(texts, asked, DEEP)
    meaning = peers.vectors(texts, asked, DEEP, embedder)
    both = peers.rrf([words, meaning], DEPTH)

    def found(lists: Sequence[Sequence[int]]) -> list[Found]:
        return [Found(tuple(str(documents[place]["id"]) for place in one[:DEPTH])) for one in lists]

    return Compared(questions, ranked(Pool(pool.name, pool.documents, questions), embedder, kept),
                    {"bm25s": found(words), "vectors": found(meaning), "rank fusion": found(both)})
