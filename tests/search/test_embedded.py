"""The index finds what passes the clocks, scores as BM25 says at its revision, and does so for ever."""

from __future__ import annotations

import math
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worldctx.embed.hashing import HashingEmbedder
from worldctx.model.ask import Filter
from worldctx.model.change import DocumentRecord
from worldctx.model.clocks import Clocks
from worldctx.model.document import Document, Passage
from worldctx.model.errors import IncompatibleData
from worldctx.model.ids import DocumentId, PassageId, Revision
from worldctx.model.time import parse_when
from worldctx.ports.graph import Commit
from worldctx.ports.search import View
from worldctx.search.analysis import terms
from worldctx.search.embedded import EmbeddedIndex, open_index
from worldctx.search.segment import K1, B

EMBEDDER = HashingEmbedder(64)
HEAD = Revision(1000)


def commit(revision: int, *texts: str, published: str | None = "1990", place: str = "", publisher: str = "", withdrawn: tuple[str, ...] = ()) -> Commit:
    records = []
    for number, text in enumerate(texts):
        document = Document(DocumentId(f"d{revision}:{number}"), text, published=parse_when(published) if published else None, place=place, publisher=publisher)
        records.append(DocumentRecord(document, (Passage(PassageId(f"{document.id}#0"), document.id, 0, 0, len(text), text),)))
    return Commit(Revision(revision), tuple(records), tuple(DocumentId(one) for one in withdrawn))


def fill(index: EmbeddedIndex, commits: list[Commit]) -> EmbeddedIndex:
    index.add(commits, [EMBEDDER.embed([piece.text for record in one.documents for piece in record.passages]) for one in commits])
    return index


def fresh(path: Path) -> EmbeddedIndex:
    return open_index(path, dimension=64, embedder_name=EMBEDDER.name)


def ids(hits: object) -> list[str]:
    return [hit.passage for hit in hits]  # type: ignore[attr-defined]


WORDS = st.lists(st.sampled_from("wheat peace treaty river border army king harvest coal border".split()), min_size=1, max_size=12).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(WORDS, min_size=1, max_size=12), query=WORDS, upto=st.integers(1, 12), split=st.integers(1, 5))
def test_scores_are_bm25_over_exactly_what_the_revision_holds(tmp_path_factory: pytest.TempPathFactory, texts: list[str], query: str, upto: int, split: int) -> None:
    index = fresh(tmp_path_factory.mktemp("index"))
    commits = [commit(number + 1, text) for number, text in enumerate(texts)]
    for start in range(0, len(commits), split):
        fill(index, commits[start:start + split])
        if start % 2:
            index.flush()
    seen = [terms(text) for text in texts[:upto]]
    mean = sum(map(len, seen)) / len(seen)
    expected = {}
    for number, words in enumerate(seen):
        score = 0.0
        for term, weight in Counter(terms(query)).items():
            often = sum(term in other for other in seen)
            if often:
                tf = words.count(term)
                idf = math.log(1 + (len(seen) - often + 0.5) / (often + 0.5))
                score += weight * idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * len(words) / mean))
        if score > 0:
            expected[f"d{number + 1}:0#0"] = score
    hits = index.text(query, View(Revision(upto)), 100)
    assert {hit.passage: pytest.approx(expected[hit.passage], abs=2e-6) for hit in hits} == {hit.passage: hit.score for hit in hits}
    assert set(ids(hits)) == set(expected)
    assert [(-hit.score, hit.passage) for hit in hits] == sorted((-hit.score, hit.passage) for hit in hits)


def test_a_pinned_revision_scores_the_same_whatever_is_added_later(tmp_path: Path) -> None:
    index = fill(fresh(tmp_path), [commit(1, "wheat and peace", "peace treaty"), commit(2, "coal")])
    view, vector = View(Revision(2)), EMBEDDER.embed(["peace"])[0]
    before = (index.text("peace wheat", view, 10), index.nearest(vector, view, 10))
    fill(index, [commit(number, "peace " * number, "wheat") for number in range(3, 30)])
    index.flush()
    assert (index.text("peace wheat", view, 10), index.nearest(vector, view, 10)) == before


def test_the_clocks_filter_inside_the_query(tmp_path: Path) -> None:
    index = fill(fresh(tmp_path), [commit(number, f"peace {'treaty ' * (number % 3)}", published=str(1900 + number)) for number in range(1, 100)])
    view = View(HEAD, Clocks(said_by=parse_when("1910").hi))
    assert len(index.text("peace", view, 10)) == 10
    assert len(index.nearest(EMBEDDER.embed(["peace"])[0], view, 10)) == 10
    assert {int(one.split(":")[0][1:]) for one in ids(index.text("peace", view, 50))} == set(range(1, 11))


def test_an_undated_text_is_hidden_as_soon_as_a_clock_bounds_what_was_said(tmp_path: Path) -> None:
    index = fill(fresh(tmp_path), [commit(1, "peace", published=None)])
    assert len(index.text("peace", View(HEAD), 10)) == 1
    assert index.text("peace", View(HEAD, Clocks(said_by=parse_when("2020").hi)), 10) == []
    assert index.text("peace", View(HEAD, Clocks(strict=True)), 10) == []


def test_places_sources_and_dates_filter_inside_the_query(tmp_path: Path) -> None:
    index = fill(fresh(tmp_path), [commit(1, "peace", place="Oslo", publisher="A"), commit(2, "peace", place="Rome", publisher="B", published="2001")])
    for wanted, expected in ((Filter(places=("Oslo",)), "d1:0#0"), (Filter(sources=("B",)), "d2:0#0"), (Filter(sources=("d1:",)), "d1:0#0"),
                             (Filter(published_from=parse_when("2000")), "d2:0#0"), (Filter(published_to=parse_when("1999")), "d1:0#0")):
        assert ids(index.text("peace", View(HEAD, filter=wanted), 10)) == [expected]
        assert ids(index.nearest(EMBEDDER.embed(["peace"])[0], View(HEAD, filter=wanted), 10)) == [expected]
    assert ids(index.text("peace", View(HEAD, without=DocumentId("d1:0")), 10)) == ["d2:0#0"]


def test_a_withdrawn_document_is_gone_from_its_revision_on(tmp_path: Path) -> None:
    index = fill(fresh(tmp_path), [commit(1, "peace"), commit(2, withdrawn=("d1:0",))])
    assert ids(index.text("peace", View(Revision(1)), 10)) == ["d1:0#0"]
    assert index.text("peace", View(Revision(2)), 10) == []


def test_a_document_may_come_back_with_other_bytes_after_its_withdrawal(tmp_path: Path) -> None:
    again = commit(1, "harvest")
    index = fill(fresh(tmp_path), [commit(1, "peace"), commit(2, withdrawn=("d1:0",)), Commit(Revision(3), again.documents)])
    index.flush()
    index = fresh(tmp_path)
    assert index.text("peace", View(HEAD), 10) == []
    assert ids(index.text("harvest", View(HEAD), 10)) == ["d1:0#0"]
    assert ids(index.text("peace", View(Revision(1)), 10)) == ["d1:0#0"]
    assert index.check([PassageId("d1:0#0")]) == []


def test_after_a_kill_the_unflushed_tail_is_followed_again(tmp_path: Path) -> None:
    commits = [commit(number, f"peace number {number}") for number in range(1, 8)]
    index = fill(fresh(tmp_path / "a"), commits[:4])
    index.flush()
    fill(index, commits[4:])
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    again = fresh(tmp_path / "b")
    assert again.revision == 4
    fill(again, commits)
    assert again.revision == 7
    assert again.text("peace", View(HEAD), 20) == index.text("peace", View(HEAD), 20)
    assert again.check([PassageId(f"d{number}:0#0") for number in range(1, 8)]) == []
    assert len(again.check([PassageId("d9:0#0")])) == 8


def test_many_segments_are_merged_and_answer_the_same(tmp_path: Path) -> None:
    commits = [commit(number, f"peace treaty {number}") for number in range(1, 40)]
    index = fresh(tmp_path / "a")
    for one in commits:
        fill(index, [one])
        index.flush()
    assert index.counts()["segments"] <= 9
    whole = fill(fresh(tmp_path / "b"), commits)
    assert fresh(tmp_path / "a").text("treaty 7", View(HEAD), 40) == whole.text("treaty 7", View(HEAD), 40)


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


def test_an_index_of_another_model_or_a_damaged_one_is_refused_with_a_way_out(tmp_path: Path) -> None:
    index = fill(fresh(tmp_path), [commit(1, "peace")])
    index.flush()
    with pytest.raises(IncompatibleData, match="worldctx rebuild"):
        open_index(tmp_path, dimension=384, embedder_name="other")
    next(tmp_path.glob("segment-*/columns.npz")).write_bytes(b"broken")
    with pytest.raises(IncompatibleData, match="damaged"):
        fresh(tmp_path)
