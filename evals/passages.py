"""Passages for questions: dated ones (TimeQA), and those that need several passages (MuSiQue, HotpotQA)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.row import Row, mean_figure
from worldctx.client.client import connect_blocking
from worldctx.commands.catching_up import catch_up
from worldctx.wire.v1 import context_pb2

#: Passages asked for.
DEPTH = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the documents that answer it, of which for `any` one is enough."""

    text: str
    gold: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pool:
    """Documents (id, title, text) and the questions asked of all of them."""

    name: str
    documents: Sequence[tuple[str, str, str]]
    questions: Sequence[Question]


def timeqa(data: Path) -> Pool:
    """Human-written dated questions; the pool is all paragraphs of all their articles (Chen et al. 2021)."""
    documents: dict[str, tuple[str, str, str]] = {}
    questions = []
    for entry in json.loads((data / "qa" / "timeqa_human_train.json").read_text(encoding="utf-8")):
        title = entry["link"].removeprefix("/wiki/").replace("_", " ")
        for number, text in enumerate(entry["paras"]):
            documents.setdefault(f"{entry['link']}:{number}".replace(" ", "_"), ("", title, text))
        for text, answers in entry["questions"]:
            gold = {f"{entry['link']}:{one['para']}".replace(" ", "_") for one in answers if one.get("answer")}
            if gold:
                questions.append(Question(text, frozenset(gold)))
    return Pool("right passage for a dated question", [(key, one[1], one[2]) for key, one in documents.items()],
                questions)


def musique(data: Path) -> Pool:
    """Two to four hops (Trivedi et al. 2022)."""
    corpus = json.loads((data / "qa" / "musique_train_corpus.json").read_text(encoding="utf-8"))
    ids = {(one["title"], one["text"]): f"m:{number}" for number, one in enumerate(corpus)}
    questions = [
        Question(one["question"], frozenset(ids[part["title"], part["paragraph_text"]] for part in one["paragraphs"]
                                            if part["is_supporting"]))
        for one in json.loads((data / "qa" / "musique_train.json").read_text(encoding="utf-8"))]
    return Pool("all supporting passages (MuSiQue)", [(key, *pair) for pair, key in ids.items()], questions)


def hotpot(data: Path) -> Pool:
    """Two hops (Yang et al. 2018)."""
    corpus = json.loads((data / "qa" / "hotpotqa_train_corpus.json").read_text(encoding="utf-8"))
    ids = {title: f"h:{number}" for number, title in enumerate(corpus)}
    questions = [
        Question(one["question"], frozenset(ids[title] for title, _ in one["supporting_facts"]))
        for one in json.loads((data / "qa" / "hotpotqa_train.json").read_text(encoding="utf-8"))]
    return Pool("all supporting passages (HotpotQA)", [(ids[title], title, "".join(parts))
                                                        for title, parts in corpus.items()], questions)


def ranked(pool: Pool, embedder: str) -> list[list[str]]:
    """The documents answered for each question, best first, by the service with one embedder."""
    found = []
    with TemporaryDirectory() as folder, connect_blocking(
            f"embedded:{folder}/world", embedder=embedder, timeout_s=600) as client:
        records = [(key, json.dumps({"id": key, "title": title, "text": text}).encode())
                   for key, title, text in pool.documents if text.strip()]
        assert not any(one.HasField("error") for one in client.ingest(records))
        revision = catch_up(client)
        for question in pool.questions:
            answer = client.search(context_pb2.SearchRequest(text=question.text, limit=DEPTH, revision=revision))
            found.append(list(dict.fromkeys(one.document_id for one in answer.passages)))
    return found


def run_dated(data: Path, embedder: str) -> Row:
    """R@1, R@5 and MRR of the first right paragraph."""
    pool = timeqa(data)
    ours, words = ranked(pool, embedder), ranked(pool, "none")

    def hit(lists: Sequence[list[str]], depth: int) -> list[float]:
        return [float(bool(question.gold & set(found[:depth])))
                for question, found in zip(pool.questions, lists, strict=True)]

    def reciprocal(lists: Sequence[list[str]]) -> list[float]:
        return [next((1 / place for place, one in enumerate(found, 1) if one in question.gold), 0.0)
                for question, found in zip(pool.questions, lists, strict=True)]

    return Row(pool.name, f"timeqa_human_train, {len(pool.documents):,} paragraphs", len(pool.questions), (
        mean_figure("R@1", hit(ours, 1), hit(words, 1), 0.50), mean_figure("R@5", hit(ours, 5), hit(words, 5), 0.75),
        mean_figure("MRR@10", reciprocal(ours), reciprocal(words))),
        f"embedder {embedder}; baseline: the same without vectors")


def run_many(data: Path, embedder: str) -> list[Row]:
    """Recall of all supporting passages."""
    rows = []
    for pool, aim in ((musique(data), 0.75), (hotpot(data), 0.96)):
        ours, words = ranked(pool, embedder), ranked(pool, "none")

        def recall(lists: Sequence[list[str]], depth: int, pool: Pool = pool) -> list[float]:
            return [len(question.gold & set(found[:depth])) / len(question.gold)
                    for question, found in zip(pool.questions, lists, strict=True)]

        rows.append(Row(pool.name, f"{len(pool.documents):,} passages", len(pool.questions), (
            mean_figure("recall@2", recall(ours, 2), recall(words, 2)),
            mean_figure("recall@5", recall(ours, 5), recall(words, 5), aim)),
            f"embedder {embedder}; baseline: the same without vectors"))
    return rows
