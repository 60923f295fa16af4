"""All supporting passages of questions that need several (MuSiQue, HotpotQA)."""

from __future__ import annotations

import json
from pathlib import Path

from evals.pool import Pool, Question, cases, ranked, recalls
from evals.row import Row, mean_figure


def musique(data: Path) -> Pool:
    """Two to four hops (Trivedi et al. 2022)."""
    corpus = json.loads((data / "qa" / "musique_train_corpus.json").read_text(encoding="utf-8"))
    ids = {(one["title"], one["text"]): f"m:{number}" for number, one in enumerate(corpus)}
    questions = [
        Question(one["question"], frozenset(ids[part["title"], part["paragraph_text"]] for part in one["paragraphs"]
                                            if part["is_supporting"]), one["id"])
        for one in json.loads((data / "qa" / "musique_train.json").read_text(encoding="utf-8"))]
    return Pool("all supporting passages (MuSiQue)",
                [{"id": key, "title": title, "text": text} for (title, text), key in ids.items()], questions)


def hotpot(data: Path) -> Pool:
    """Two hops (Yang et al. 2018)."""
    corpus = json.loads((data / "qa" / "hotpotqa_train_corpus.json").read_text(encoding="utf-8"))
    ids = {title: f"h:{number}" for number, title in enumerate(corpus)}
    questions = [
        Question(one["question"], frozenset(ids[title] for title, _ in one["supporting_facts"]), one["_id"])
        for one in json.loads((data / "qa" / "hotpotqa_train.json").read_text(encoding="utf-8"))]
    return Pool("all supporting passages (HotpotQA)",
                [{"id": ids[title], "title": title, "text": "".join(parts)} for title, parts in corpus.items()],
                questions)


def run_many(data: Path, embedder: str) -> list[Row]:
    """Recall of all supporting passages."""
    rows = []
    for pool, aim in ((musique(data), 0.75), (hotpot(data), 0.96)):
        ours, words = ranked(pool, embedder), ranked(pool, "none")
        questions = pool.questions
        five = recalls(questions, ours, 5)
        rows.append(Row(pool.name, f"{len(pool.documents):,} passages", len(questions), (
            mean_figure("recall@2", recalls(questions, ours, 2), recalls(questions, words, 2)),
            mean_figure("recall@5", five, recalls(questions, words, 5), aim)),
            f"embedder {embedder}; baseline: the same without vectors", cases(questions, ours, five)))
    return rows
