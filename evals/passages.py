"""The right passage for a dated question (TimeQA)."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from evals.against_peers import compared
from evals.pool import KEPT, Pool, Question, cases, hits, reciprocals
from evals.row import Row


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


def run_dated(data: Path, embedder: str, kept: Path = KEPT) -> Row:
    """R@1, R@5 and MRR of the first right paragraph, on the test half."""
    pool = timeqa(data)
    found = compared(pool, embedder, kept)
    first = hits(found.questions, found.ours, 1)
    return Row(pool.name, f"timeqa_human_train, {len(pool.documents):,} paragraphs, test half", len(found.questions), (
        found.figure("R@1", partial(hits, depth=1), 0.50), found.figure("R@5", partial(hits, depth=5), 0.75),
        found.figure("MRR@10", reciprocals)),
        f"embedder {embedder}; {found.differences('R@1', partial(hits, depth=1))}; "
        f"{found.differences('R@5', partial(hits, depth=5))}", cases(found.questions, found.ours, first))
