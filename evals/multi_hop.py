"""All supporting passages of questions that need several (MuSiQue, HotpotQA, comparisons as in 2WikiMultihopQA)."""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evals import peers
from evals.pool import DEPTH, Found, Pool, Question, cases, ranked, recalls
from evals.row import Row, mean_figure, paired

#: Places of each list that the peers' plain rank fusion takes in.
FUSED = 100
#: Comparisons of each kind, and the seed by which pairs are drawn.
EACH, SEED = 15, 7
#: What is compared, by the noun that a passage begins with, and wordings of 2WikiMultihopQA's templates.
COMPARED: Mapping[str, tuple[str, ...]] = {
    "film": ("Which film came out first, {} or {}?", "Do both films {} and {} have directors from the same country?",
             "Which film has the director who is older, {} or {}?"),
    "actor": ("Who was born first, {} or {}?", "Were {} and {} from the same country?"),
    "actress": ("Who is older, {} or {}?", "Are {} and {} of the same nationality?"),
    "singer": ("Who was born later, {} or {}?", "Do {} and {} share the same nationality?"),
    "footballer": ("Who was born earlier, {} or {}?", "Are {} and {} from the same country?"),
    "band": ("Which band was formed first, {} or {}?", "Are both bands, {} and {}, from the same country?"),
    "album": ("Which album was released earlier, {} or {}?", "Did {} and {} come out in the same year?"),
    "song": ("Which song came out earlier, {} or {}?", "Were {} and {} released in the same year?"),
    "university": ("Which university was founded first, {} or {}?", "Are {} and {} located in the same country?"),
    "magazine": ("Which magazine was started first, {} or {}?", "Are {} and {} published in the same country?"),
    "village": ("Are {} and {} located in the same country?",),
    "company": ("Which company was founded first, {} or {}?", "Are {} and {} based in the same country?"),
}


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


def compared(data: Path) -> Pool:
    """Questions after 2WikiMultihopQA's comparisons (Ho et al. 2020), made of the titles of HotpotQA's pool.

    Both passages answer; which two belong together is drawn by a fixed seed among those that read alike: of a person,
    a film, a band, a school and so on.
    """
    pool = hotpot(data)
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in pool.documents:
        title, text = str(one["title"]), str(one["text"])
        said = re.search(r"\b(?:is|was|are|were) an? ([^.]*)", text[:200])
        kind = next((word for word in COMPARED if said and word in said.group(1).split()), "")
        if kind:
            groups[kind].append((title, str(one["id"])))
    draw, questions = random.Random(SEED), []
    for kind, members in sorted(groups.items()):
        draw.shuffle(members)
        for place in range(0, min(len(members) - 1, 2 * EACH), 2):
            (left, first), (right, second) = members[place], members[place + 1]
            wording = COMPARED[kind][place // 2 % len(COMPARED[kind])]
            names = (re.sub(r"\s*\([^()]*\)$", "", title) for title in (left, right))
            questions.append(Question(wording.format(*names), frozenset((first, second)), f"compared-{kind}-{place}"))
    return Pool("both passages of a comparison (2Wiki-like)", pool.documents, questions)


def run_many(data: Path, embedder: str) -> list[Row]:
    """Recall of all supporting passages, and how often all of them are among eight."""
    return [_row(pool, embedder, aims) for pool, aims in (
        (musique(data), {"recall@5": 0.75}), (hotpot(data), {"recall@5": 0.96}), (compared(data), {"all in 8": 0.95}))]


def _row(pool: Pool, embedder: str, aims: Mapping[str, float]) -> Row:
    questions = pool.questions
    metrics: Mapping[str, Callable[[Sequence[Found]], list[float]]] = {
        "recall@2": lambda found: recalls(questions, found, 2),
        "recall@5": lambda found: recalls(questions, found, 5),
        "all in 8": lambda found: [float(one == 1) for one in recalls(questions, found, 8)]}
    ours, words = ranked(pool, embedder), ranked(pool, "none")
    others = _peers(pool, embedder)
    figures, clear = [], []
    for name, metric in metrics.items():
        mine = metric(ours)
        figure = mean_figure(name, mine, metric(words), aims.get(name))
        theirs = {peer: metric(found) for peer, found in others.items()}
        figures.append(replace(figure, peers=tuple((peer, sum(one) / len(one)) for peer, one in theirs.items())))
        clear += [f"{name} over {peer} {paired(mine, one)}" for peer, one in theirs.items()]
    return Row(pool.name, f"{len(pool.documents):,} passages", len(questions), tuple(figures),
               f"embedder {embedder}; baseline: the same without vectors; peers: {peers.BM25S}; MiniLM, cosine; plain "
               f"rank fusion of both; {'; '.join(clear)}", cases(questions, ours, recalls(questions, ours, 5)))


def _peers(pool: Pool, embedder: str) -> dict[str, list[Found]]:
    """What peers rank, over whole documents with their titles."""
    texts = [f"{one['title']}. {one['text']}" for one in pool.documents]
    asked = [question.text for question in pool.questions]
    by_words, by_meaning = peers.bm25(texts, asked, FUSED), peers.vectors(texts, asked, FUSED, embedder)
    rankings = {"bm25s": by_words, "MiniLM": by_meaning, "RRF": peers.rrf([by_words, by_meaning])}
    keys = [str(one["id"]) for one in pool.documents]
    return {name: [Found(tuple(keys[place] for place in one[:DEPTH])) for one in ranking]
            for name, ranking in rankings.items()}
