"""The embedded index keeps the contract; its scores are those of the formula, and its shortcuts change no answer."""

from __future__ import annotations

import math
import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worldctx.model.ask import Filter
from worldctx.model.clocks import Clocks
from worldctx.model.errors import IncompatibleData
from worldctx.model.ids import DocumentId, Revision
from worldctx.model.time import parse_when
from worldctx.ports.search import SearchIndex, View
from worldctx.search.analysis import terms
from worldctx.search.bm25 import K1, QUERY_TERMS, B
from worldctx.search.embedded import EmbeddedIndex, _mask, open_index
from worldctx.testing.search import EMBEDDER, HEAD, SearchIndexContract, commit, fill, ids, vector

WORDS = st.lists(st.sampled_from("wheat peace treaty river border army king harvest coal border".split()), min_size=1, max_size=12).map(" ".join)


def fresh(path: Path) -> EmbeddedIndex:
    return open_index(path, dimension=EMBEDDER.dimension, embedder_name=EMBEDDER.name)


class TestEmbeddedIndex(SearchIndexContract):
    @pytest.fixture
    def index(self, tmp_path: Path) -> SearchIndex:
        return fresh(tmp_path / "index")

    @pytest.fixture
    def other_index(self, tmp_path: Path) -> SearchIndex:
        return fresh(tmp_path / "other")

    @pytest.fixture
    def wordless_index(self, tmp_path: Path) -> SearchIndex:
        return open_index(tmp_path / "wordless", dimension=0)

    @pytest.fixture
    def open_again(self, tmp_path: Path) -> Callable[[], SearchIndex]:
        return lambda: fresh(Path(shutil.copytree(tmp_path / "index", tmp_path / "again")))


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(WORDS, min_size=1, max_size=12), query=WORDS, upto=st.integers(1, 12), split=st.integers(1, 5))
def test_scores_are_bm25_over_exactly_what_the_revision_holds(tmp_path_factory: pytest.TempPathFactory, texts: list[str], query: str, upto: int, split: int) -> None:
    index = fresh(tmp_path_factory.mktemp("index"))
    commits = [commit(number + 1, text) for number, text in enumerate(texts)]
    for start in range(0, len(commits), split):
        fill(index, *commits[start:start + split])
        if start % 2:
            index.flush()
    held = [terms(text) for text in texts[:upto]]
    mean = sum(map(len, held)) / len(held)
    expected = {}
    for number, words in enumerate(held):
        score = 0.0
        for term, weight in Counter(terms(query)).items():
            often = sum(term in other for other in held)
            if often:
                tf = words.count(term)
                idf = math.log(1 + (len(held) - often + 0.5) / (often + 0.5))
                score += weight * idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * len(words) / mean))
        if score > 0:
            expected[f"d{number + 1}:0"] = score
    hits = index.text(query, View(Revision(upto)), 100)
    assert {hit.document: pytest.approx(expected[hit.document], abs=2e-6) for hit in hits} == {hit.document: hit.score for hit in hits}
    assert set(ids(hits)) == set(expected)


def test_many_segments_are_merged(tmp_path: Path) -> None:
    index = fresh(tmp_path)
    for number in range(1, 100):
        fill(index, commit(number, f"peace treaty {number}"))
        index.flush()
    assert index.counts()["segments"] <= 8
    assert len(list(tmp_path.glob("segment-*"))) == index.counts()["segments"]
    assert len(fresh(tmp_path).text("treaty", View(HEAD), 100)) == 99


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), limit=st.integers(1, 40), year=st.integers(1901, 1999))
def test_no_shortcut_leaves_a_hit_out(tmp_path_factory: pytest.TempPathFactory, seed: int, limit: int, year: int) -> None:
    """Among some thousands of passages with many ties, the best few are the first few of all."""
    rng = np.random.default_rng(seed)
    vocabulary = np.array("wheat peace treaty river border army king harvest".split())
    texts = [" ".join(vocabulary[rng.integers(0, 8, rng.integers(1, 6))]) for _ in range(5000)]
    index = fresh(tmp_path_factory.mktemp("index"))
    for number in range(5):
        fill(index, commit(number + 1, *texts[number * 1000:(number + 1) * 1000], published=str(1900 + 20 * number)))
    for view in (View(HEAD), View(Revision(3)), View(HEAD, Clocks(said_by=parse_when(str(year)).hi))):
        words, meaning = (index.text("peace treaty of the river", view, 5000), index.nearest(vector("peace treaty"), view, 5000))
        assert index.text("peace treaty of the river", view, limit) == words[:limit]
        assert index.nearest(vector("peace treaty"), view, limit) == meaning[:limit]
        for every in (words, meaning):
            assert [(-hit.score, hit.passage) for hit in every] == sorted((-hit.score, hit.passage) for hit in every)


def plain(index: EmbeddedIndex, query: str, view: View, limit: int) -> list[tuple[str, float]]:
    """BM25 of every passage that a view may see, term by term in floating-point numbers, with no shortcut."""
    state = index._state
    visible = [int(np.searchsorted(one.recorded, view.revision, side="right")) for one in state.segments]
    total = sum(visible)
    wanted = Counter(terms(query))
    mean = sum(int(one.lengths[:count].sum()) for one, count in zip(state.segments, visible, strict=True)) / total
    held = {}
    for term in wanted:
        held[term] = []
        for one, count in zip(state.segments, visible, strict=True):
            place = one.terms.index(term) if term in one.terms else None
            at = slice(0, 0) if place is None else slice(one.starts[place], one.starts[place + 1])
            held[term].append({int(n): int(c) for n, c in zip(one.numbers[at], one.counts[at], strict=True) if n < count})
    often = {term: sum(map(len, found)) for term, found in held.items()}
    weights = {term: times * float(np.log(np.array([1 + (total - often[term] + 0.5) / (often[term] + 0.5)]))[0])
               for term, times in wanted.items() if often[term]}
    rows = []
    for turn, (one, count) in enumerate(zip(state.segments, visible, strict=True)):
        mask = _mask(one, count, view)
        for number in np.flatnonzero(mask).tolist():
            score = 0.0
            for term in sorted(weights, key=lambda term: (-weights[term], term))[:QUERY_TERMS]:
                if times := held[term][turn].get(number, 0):
                    norm = K1 * (1 - B + B * int(one.lengths[number]) / mean)
                    score += times * (K1 + 1) / (times + norm) * weights[term]
            if score:
                rows.append((-float(np.round(score, 6)), one.ids[number]))
    return [(name, -score) for score, name in sorted(rows)[:limit]]


@settings(max_examples=40, deadline=None)
@given(data=st.data(), seed=st.integers(0, 10_000), limit=st.sampled_from([1, 2, 5, 30, 400]), steps=st.sampled_from([1, 128]))
def test_the_bounds_of_frequent_terms_change_no_score(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seed: int, limit: int, steps: int) -> None:
    """Whatever is left out, hits, scores and order are those of scoring everything, to the bit."""
    rng = np.random.default_rng(seed)
    vocabulary = [f"w{number}" for number in range(60)]
    chances = 1 / np.arange(1, 61) ** 0.9
    chances /= chances.sum()
    index = open_index(tmp_path_factory.mktemp("index"), dimension=0)
    revision = 0
    for size in rng.choice([40, 150, 400, 1200], rng.integers(1, 4)).tolist():
        # Short texts of few words tie often.
        texts = [" ".join(rng.choice(vocabulary, rng.integers(1, 25), p=chances)) for _ in range(size)]
        for part in (texts[:size // 2], texts[size // 2:]):
            revision += 1
            one = commit(revision, *part, published=str(1900 + 10 * revision))
            if rng.random() < 0.3 and revision > 1:
                one = replace(one, withdrawn=tuple(DocumentId(f"d{rng.integers(1, revision)}:{number}") for number in range(15)))
            index.add([one], None)
        if rng.random() < 0.5:
            index.flush()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("worldctx.search.segment.LEVELS_LEAST", 50)
        patch.setattr("worldctx.search.segment.LEVELS_SHARE", 0)
        patch.setattr("worldctx.search.segment.LOOK_UP", data.draw(st.sampled_from([0, 0, 8])))
        patch.setattr("worldctx.search.segment.BLOCK", 8)
        patch.setattr("worldctx.search.segment.AT_ONCE", data.draw(st.sampled_from([0, 4096])))
        patch.setattr("worldctx.search.segment.REMEMBERED_LEAST", 16)
        patch.setattr("worldctx.search.segment.STEPS", steps)
        for _ in range(4):
            query = " ".join(data.draw(st.lists(st.sampled_from([*vocabulary[:12], *vocabulary]), min_size=1, max_size=45)))
            view = data.draw(st.sampled_from([
                View(HEAD), View(Revision(1)), View(HEAD, Clocks(said_by=parse_when("1925").hi)), View(HEAD, Clocks(strict=True)),
                View(HEAD, without=DocumentId("d1:0")), View(HEAD, filter=Filter(sources=("d1:",))),
                View(HEAD, filter=Filter(sources=("nobody",))),
            ]))
            for _ in range(2):  # the second time from memory
                assert [(hit.passage, hit.score) for hit in index.text(query, view, limit)] == plain(index, query, view, limit)


def test_a_word_said_very_often_is_scored_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worldctx.search.segment.LEVELS_LEAST", 0)
    index = open_index(tmp_path, dimension=0)
    index.add([commit(1, *["peace"] * 3000, "peace treaty")], None)
    query = "peace " * 70_000 + "treaty"
    assert [(hit.passage, hit.score) for hit in index.text(query, View(HEAD), 3)] == plain(index, query, View(HEAD), 3)


def test_flushing_while_another_thread_adds_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worldctx.search.embedded.FLUSH_AT", 3)
    index = fresh(tmp_path)
    commits = [commit(number, "peace", "treaty") for number in range(1, 80)]
    with ThreadPoolExecutor(2) as threads:
        adding = threads.submit(lambda: [fill(index, one) for one in commits])
        while not adding.done():
            index.flush()
        adding.result()
    index.flush()
    again = fresh(tmp_path)
    assert again.revision == 79
    assert len(again.text("peace", View(HEAD), 100)) == len(index.text("peace", View(HEAD), 100)) == 79


def test_the_coarse_scan_finds_what_the_exact_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(3000, 64)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index = fresh(tmp_path)
    one = commit(1, *[f"t{number}" for number in range(3000)])
    index.add([one], [rows])
    near = rows[5] + 0.3 * rows[9]
    exact = index.nearest(near, View(HEAD), 10)
    monkeypatch.setattr("worldctx.search.embedded.COARSE_ABOVE", 100)
    assert len(set(ids(index.nearest(near, View(HEAD), 10))) & set(ids(exact))) >= 8


def test_the_coarse_scan_shows_nothing_hidden_however_much_is_wanted(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worldctx.search.embedded.COARSE_ABOVE", 10)
    index = fill(fresh(tmp_path), *(commit(number, f"peace {number}") for number in range(1, 41)))
    hidden = DocumentId("d7:0")
    seen = index.nearest(vector("peace"), View(HEAD, without=hidden), 1000)
    assert {hit.document for hit in seen} == {f"d{number}:0" for number in range(1, 41)} - {hidden}


def test_an_index_of_another_model_or_a_damaged_one_is_refused_with_a_way_out(tmp_path: Path) -> None:
    index = fill(fresh(tmp_path), commit(1, "peace"))
    index.flush()
    with pytest.raises(IncompatibleData, match="worldctx rebuild"):
        open_index(tmp_path, dimension=384, embedder_name="other")
    next(tmp_path.glob("segment-*/columns.npz")).write_bytes(b"broken")
    with pytest.raises(IncompatibleData, match="damaged"):
        fresh(tmp_path)


def test_an_index_written_before_the_sign_bits_had_a_file_still_opens(tmp_path: Path) -> None:
    index = fill(fresh(tmp_path), commit(1, "peace"))
    index.flush()
    next(tmp_path.glob("segment-*/signs.npy")).unlink()
    assert fresh(tmp_path).nearest(vector("peace"), View(HEAD), 1) == index.nearest(vector("peace"), View(HEAD), 1)
