"""The right passage for a dated question (TimeQA)."""

from __future__ import annotations

import json
from pathlib import Path

from evals.pool import Pool, Question, cases, hits, ranked, reciprocals
from evals.row import Row, mean_figure


def timeqa(data: Path) -> Pool:
    """Human-written dated questions; the pool is all paragraphs of all their articles (Chen et al. 2021)."""
    documents: dict[str, dict[str, object]] = {}
    questions = []
    for entry in json.loads((data / "qa" / "timeqa_human_train.json").read_text(encoding="utf-8")):
        link = entry["link"].replace(" ", "_")
        title = entry["link"].removeprefix("/wiki/").replace("_", " ")
        for number, text in enumerate(entry["paras"]):
            key = f"{link}:{number}"
            documents.setdefault(key, {"id": key, "title": title, "text": text})
        for number, (text, answers) in enumerate(entry["questions"]):
            gold = frozenset(f"{link}:{one['para']}" for one in answers if one.get("answer"))
            if gold:
                questions.append(Question(text, gold, f"{link}?{number}"))
    return Pool("right passage for a dated question", list(documents.values()), questions)


def run_dated(data: Path, embedder: str) -> Row:
    """R@1, R@5 and MRR of the first right paragraph."""
    pool = timeqa(data)
    questions = pool.questions
    ours, words = ranked(pool, embedder), ranked(pool, "none")
    first = hits(questions, ours, 1)
    return Row(pool.name, f"timeqa_human_train, {len(pool.documents):,} paragraphs", len(questions), (
        mean_figure("R@1", first, hits(questions, words, 1), 0.50),
        mean_figure("R@5", hits(questions, ours, 5), hits(questions, words, 5), 0.75),
        mean_figure("MRR@10", reciprocals(questions, ours), reciprocals(questions, words))),
        f"embedder {embedder}; baseline: the same without vectors", cases(questions, ours, first))
