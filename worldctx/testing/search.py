"""The contract of ports.search as tests: inherit SearchIndexContract and give the fixtures that it names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
import pytest

from worldctx.embed.hashing import HashingEmbedder
from worldctx.model.ask import Filter
from worldctx.model.change import DocumentRecord
from worldctx.model.clocks import Clocks
from worldctx.model.document import Document, Passage
from worldctx.model.ids import ZERO, DocumentId, PassageId, Revision
from worldctx.model.time import parse_when
from worldctx.ports.graph import Commit
from worldctx.ports.search import Hit, SearchIndex, Vector, View

#: What makes the vectors of these tests; an index for them has its dimension and name.
EMBEDDER = HashingEmbedder(64)
#: A revision beyond all those of these tests.
HEAD = Revision(1000)


def commit(revision: int, *texts: str, title: str = "", url: str = "", publisher: str = "", place: str = "",
           language: str = "", published: str | None = "1990", withdrawn: Sequence[str] = (),
           first: int = 0) -> Commit:
    """A commit of documents `d<revision>:<number>` with one passage each, numbered from `first`."""
    records = []
    for number, text in enumerate(texts, first):
        key = DocumentId(f"d{revision}:{number}")
        document = Document(key, text, url, title, publisher=publisher, place=place, language=language,
                            published=parse_when(published) if published else None)
        records.append(DocumentRecord(document, (Passage(PassageId(f"{key}#0"), key, 0, 0, len(text), text),)))
    return Commit(Revision(revision), tuple(records), tuple(map(DocumentId, withdrawn)))


def vector(text: str) -> Vector:
    """The vector of a text."""
    return np.asarray(EMBEDDER.embed([text])[0], np.float32)


def vectors(commits: Sequence[Commit]) -> list[Vector]:
    """What `add` wants beside commits."""
    return [EMBEDDER.embed([piece.text for record in one.documents for piece in record.passages]) for one in commits]


def fill(index: SearchIndex, *commits: Commit) -> SearchIndex:
    """Let an index follow commits."""
    index.add(commits, vectors(commits))
    return index


def some_commits(seed: int, count: int) -> list[Commit]:
    """Commits of a few short texts of few words, some without any; documents are withdrawn, and some come back."""
    rng = np.random.default_rng(seed)
    words = [f"w{number}" for number in range(12)] + ["of"]
    found = []
    for revision in range(1, count + 1):
        texts = [" ".join(rng.choice(words, rng.integers(1, 9))) for _ in range(rng.integers(0, 4))]
        one = commit(revision, *texts, title=str(rng.choice(words)), place=str(rng.choice(["", "Oslo", "Rome"])),
                     published=str(1950 + revision) if rng.random() < 0.8 else None)
        gone = {f"d{rng.integers(1, revision + 1)}:{rng.integers(0, 3)}" for _ in range(rng.integers(0, 3))}
        back = tuple(commit(int(key[1:key.index(":")]), str(rng.choice(words)), first=int(key[-1])).documents[0]
                     for key in sorted(gone) if rng.random() < 0.4 and int(key[1:key.index(":")]) < revision)
        found.append(Commit(one.revision, one.documents + back, tuple(map(DocumentId, sorted(gone)))))
    return found


def spared(commits: Sequence[Commit], erased: Collection[DocumentId]) -> list[Commit]:
    """Commits as if some documents had never been."""
    return [Commit(one.revision, tuple(record for record in one.documents if record.document.id not in erased),
                   tuple(key for key in one.withdrawn if key not in erased)) for one in commits]


def answers(index: SearchIndex, head: int) -> list[Sequence[Hit]]:
    """What an index says at every revision up to `head`, and with some filters, by words and by meaning."""
    views = [*(View(Revision(number)) for number in range(head + 1)), View(HEAD),
             View(HEAD, Clocks(said_by=parse_when("1960").hi)), View(HEAD, filter=Filter(places=("Oslo",)))]
    asked = ("w0 w1 w1 w2", "w3 w4 w5 w6 w7 w8 w9 w10 w11")
    return [hits for view in views for query in asked
            for hits in (index.text(query, view, 50), index.nearest(vector(query), view, 50))]


def ids(hits: Sequence[Hit]) -> list[str]:
    """Passages of hits, without the `#0` that all have here."""
    return [hit.passage.removesuffix("#0") for hit in hits]


def seen(index: SearchIndex, text: str, view: View, limit: int = 50) -> set[str]:
    """What a view shows; both retrievers must show the same passages, as all hold the text's words."""
    by_words, by_meaning = index.text(text, view, limit), index.nearest(vector(text), view, limit)
    assert set(ids(by_words)) == set(ids(by_meaning))
    return set(ids(by_words))


class SearchIndexContract:
    """Every promise of ports.search, one test each.

    Fixtures to give:
        index: an empty index with vectors of EMBEDDER.
        other_index: another one.
        wordless_index: an empty index without vectors.
        open_again: opens what `index` made durable in a new object, as after a kill.
    """

    def test_a_new_index_is_empty_at_revision_zero(self, index: SearchIndex) -> None:
        assert index.revision == ZERO
        assert index.dimension == EMBEDDER.dimension
        assert index.counts()["passages"] == 0
        assert seen(index, "peace", View(HEAD)) == set()
        assert list(index.check([])) == []

    def test_the_watermark_is_the_last_commit_that_was_followed(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace"), commit(2))
        assert index.revision == 2
        fill(index, commit(5, withdrawn=("d1:0",)))
        assert index.revision == 5
        assert index.counts()["passages"] == 1

    def test_commits_at_or_below_the_watermark_are_passed_over(self, index: SearchIndex) -> None:
        commits = [commit(number, f"peace number {number}") for number in range(1, 6)]
        fill(index, *commits[:3])
        before = index.text("peace", View(Revision(3)), 10)
        fill(index, *commits)
        fill(index, *commits[1:4])
        assert index.revision == 5
        assert index.text("peace", View(Revision(3)), 10) == before
        assert seen(index, "peace", View(HEAD)) == {f"d{number}:0" for number in range(1, 6)}

    def test_an_index_made_from_all_commits_at_once_answers_like_one_that_followed(
            self, index: SearchIndex, other_index: SearchIndex) -> None:
        commits = [commit(number, f"peace treaty {number}", withdrawn=(f"d{number - 3}:0",) if number > 3 else ())
                   for number in range(1, 30)]
        for one in commits:
            fill(index, one)
        fill(other_index, *commits)
        for revision in (1, 10, 29):
            view = View(Revision(revision))
            assert index.text("treaty peace 7", view, 30) == other_index.text("treaty peace 7", view, 30)
            assert index.nearest(vector("treaty"), view, 30) == other_index.nearest(vector("treaty"), view, 30)

    def test_only_passages_with_a_word_of_the_query_are_found(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace and wheat", "coal", "Peaceful harvests"))
        assert ids(index.text("of peace", View(HEAD), 10)) == ["d1:0", "d1:2"]
        assert index.text("of the", View(HEAD), 10) == index.text("zinc", View(HEAD), 10) == []

    def test_words_are_found_in_the_title_too(self, index: SearchIndex) -> None:
        fill(index, commit(1, "coal", title="On wheat"), commit(2, "coal"))
        assert ids(index.text("wheat", View(HEAD), 10)) == ["d1:0"]

    def test_case_accents_and_endings_do_not_matter(self, index: SearchIndex) -> None:
        fill(index, commit(1, "TREATIES of São Paulo"))
        assert ids(index.text("treaty", View(HEAD), 10)) == ids(index.text("sao", View(HEAD), 10)) == ["d1:0"]

    def test_bm25_prefers_rare_words_more_of_them_and_short_passages(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace coal", "peace zinc", "peace peace iron", "peace iron iron iron iron iron iron",
                           "iron coal"))
        assert ids(index.text("zinc coal", View(HEAD), 1)) == ["d1:1"]
        assert ids(index.text("peace", View(HEAD), 10)) == ["d1:2", "d1:0", "d1:1", "d1:3"]

    def test_nearness_is_the_cosine(self, index: SearchIndex) -> None:
        texts = ("peace treaty", "peace", "coal", "treaty of peace and coal")
        fill(index, commit(1, *texts))
        hits = index.nearest(vector("peace"), View(HEAD), 10)
        exact = {f"d1:{number}#0": float(vector(text).astype(np.float64) @ vector("peace").astype(np.float64))
                 for number, text in enumerate(texts)}
        assert {hit.passage: hit.score for hit in hits} == pytest.approx(exact, abs=1e-6)
        assert hits[0].score == 1.0

    def test_scores_are_rounded_to_six_places(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace and wheat", "peace", "treaty of peace"))
        hits = [*index.text("peace wheat", View(HEAD), 10), *index.nearest(vector("wheat"), View(HEAD), 10)]
        assert hits
        assert all(hit.score == round(hit.score, 6) for hit in hits)

    def test_hits_come_by_score_and_ties_by_passage(self, index: SearchIndex) -> None:
        fill(index, commit(2, "peace", "peace"), commit(3, "peace treaty"), commit(10, "peace"))
        for hits in (index.text("peace", View(HEAD), 10), index.nearest(vector("peace"), View(HEAD), 10)):
            assert ids(hits) == ["d10:0", "d2:0", "d2:1", "d3:0"]
            assert [(-hit.score, hit.passage) for hit in hits] == sorted((-hit.score, hit.passage) for hit in hits)
        for limit in (1, 2, 3):
            assert ids(index.text("peace", View(HEAD), limit)) == ["d10:0", "d2:0", "d2:1"][:limit]
            assert ids(index.nearest(vector("peace"), View(HEAD), limit)) == ["d10:0", "d2:0", "d2:1"][:limit]

    def test_a_hit_names_its_document(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace"))
        assert [hit.document for hit in index.text("peace", View(HEAD), 1)] == ["d1:0"]
        assert [hit.document for hit in index.nearest(vector("peace"), View(HEAD), 1)] == ["d1:0"]

    def test_no_more_hits_come_than_wanted(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace", "peace", "peace"))
        assert [len(index.text("peace", View(HEAD), limit)) for limit in (0, 2, 5)] == [0, 2, 3]
        assert [len(index.nearest(vector("peace"), View(HEAD), limit)) for limit in (0, 2, 5)] == [0, 2, 3]

    def test_filters_act_inside_the_query(self, index: SearchIndex) -> None:
        fill(index, *(commit(number, f"peace {'treaty ' * (number % 3)}", published=str(1900 + number))
                      for number in range(1, 100)))
        view = View(HEAD, Clocks(said_by=parse_when("1910").hi))
        assert seen(index, "peace", view, 10) == {f"d{number}:0" for number in range(1, 11)}
        assert len(index.text("peace", view, 7)) == len(index.nearest(vector("peace"), view, 7)) == 7

    def test_a_revision_hides_what_was_recorded_later(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace"), commit(3, "peace"))
        assert [seen(index, "peace", View(Revision(number))) for number in range(4)] == [
            set(), {"d1:0"}, {"d1:0"}, {"d1:0", "d3:0"}]

    def test_a_text_is_said_by_the_end_of_its_date(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace", published="1990-06"))
        assert seen(index, "peace", View(HEAD, Clocks(said_by=parse_when("1990-06-29").hi))) == set()
        assert seen(index, "peace", View(HEAD, Clocks(said_by=parse_when("1990-06-30").hi))) == {"d1:0"}

    def test_an_undated_text_is_hidden_as_soon_as_a_clock_bounds_what_was_said(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace", published=None))
        assert seen(index, "peace", View(HEAD)) == {"d1:0"}
        assert seen(index, "peace", View(HEAD, Clocks(said_by=parse_when("2020").hi))) == set()
        assert seen(index, "peace", View(HEAD, Clocks(strict=True))) == set()

    def test_each_list_of_a_filter_must_match_by_any_of_its_values(self, index: SearchIndex) -> None:
        fill(index,
             commit(1, "peace", place="Oslo", publisher="A", url="https://www.a.org/x", language="en"),
             commit(2, "peace", place="Rome", publisher="B", url="https://b.org/y", language="it", published="2001"))
        for wanted, expected in (
                (Filter(places=("Oslo",)), {"d1:0"}),
                (Filter(places=("Oslo", "Rome")), {"d1:0", "d2:0"}),
                (Filter(places=("oslo",)), set()),
                (Filter(languages=("it", "fr")), {"d2:0"}),
                (Filter(sources=("B",)), {"d2:0"}),
                (Filter(sources=("a.org",)), {"d1:0"}),
                (Filter(sources=("d1:",)), {"d1:0"}),
                (Filter(sources=("d1",)), set()),
                (Filter(sources=("d1:", "B", "nobody")), {"d1:0", "d2:0"}),
                (Filter(sources=("d1:",), places=("Rome",)), set()),
                (Filter(published_from=parse_when("2000")), {"d2:0"}),
                (Filter(published_to=parse_when("1999")), {"d1:0"}),
                (Filter(published_from=parse_when("1991"), published_to=parse_when("2000")), set()),
                (Filter(published_to=parse_when("1990-06")), set())):
            assert seen(index, "peace", View(HEAD, filter=wanted)) == expected, wanted

    def test_one_document_can_be_hidden(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace", "peace"))
        assert seen(index, "peace", View(HEAD, without=DocumentId("d1:0"))) == {"d1:1"}
        assert seen(index, "peace", View(HEAD, without=DocumentId("elsewhere"))) == {"d1:0", "d1:1"}

    def test_a_pinned_revision_scores_the_same_whatever_is_added_later(self, index: SearchIndex) -> None:
        fill(index, commit(1, "wheat and peace", "peace treaty"), commit(2, "coal"))
        view = View(Revision(2))
        before = (index.text("peace wheat", view, 10), index.nearest(vector("peace"), view, 10))
        fill(index, *(commit(number, "peace " * number, "wheat") for number in range(3, 30)))
        assert (index.text("peace wheat", view, 10), index.nearest(vector("peace"), view, 10)) == before
        index.flush()
        assert (index.text("peace wheat", view, 10), index.nearest(vector("peace"), view, 10)) == before

    def test_scores_do_not_depend_on_the_filter(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace wheat", place="Oslo"), commit(2, "peace coal", "peace"))
        (alone,) = index.text("peace wheat", View(HEAD, filter=Filter(places=("Oslo",))), 10)
        assert alone in index.text("peace wheat", View(HEAD), 10)

    def test_a_withdrawn_document_is_gone_from_its_revision_on(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace", "peace"))
        fill(index, commit(2, withdrawn=("d1:0", "unheard-of")))
        assert seen(index, "peace", View(Revision(1))) == {"d1:0", "d1:1"}
        assert seen(index, "peace", View(Revision(2))) == {"d1:1"}

    def test_a_document_may_come_back_with_other_bytes_and_be_withdrawn_again(self, index: SearchIndex) -> None:
        back = Commit(Revision(3), commit(1, "harvest").documents)
        corrected = Commit(Revision(6), commit(1, "harvest of coal").documents, (DocumentId("d1:0"),))
        fill(index, commit(1, "peace"), commit(2, withdrawn=("d1:0",)), back)
        assert index.text("peace", View(HEAD), 9) == []
        assert ids(index.text("harvest", View(HEAD), 9)) == ["d1:0"]
        assert ids(index.text("peace", View(Revision(1)), 9)) == ["d1:0"]
        fill(index, commit(5, withdrawn=("d1:0",)))
        assert [ids(index.text("harvest", View(Revision(number)), 9)) for number in (2, 3, 4, 5)] == [
            [], ["d1:0"], ["d1:0"], []]
        # In one commit the old bytes go and the new ones come.
        fill(index, corrected)
        assert [len(index.text("harvest", View(Revision(number)), 9)) for number in (4, 5, 6)] == [1, 0, 1]
        assert list(index.check([PassageId("d1:0#0")])) == []

    def test_many_withdrawals_are_each_in_force_from_their_own_revision_on(self, index: SearchIndex) -> None:
        fill(index, commit(1, *["peace"] * 40))
        fill(index, *(commit(number + 2, withdrawn=(f"d1:{number}",)) for number in range(40)))
        for revision in (1, 2, 21, 41):
            left = {f"d1:{number}" for number in range(revision - 1, 40)}
            assert set(ids(index.text("peace", View(Revision(revision)), 50))) == left

    def test_what_was_flushed_outlives_a_kill(
            self, index: SearchIndex, open_again: Callable[[], SearchIndex]) -> None:
        fill(index, commit(1, "peace", "peace treaty"), commit(2, "coal", withdrawn=("d1:0",)))
        index.flush()
        again = open_again()
        assert again.revision == 2
        assert again.dimension == index.dimension
        for view in (View(Revision(1)), View(HEAD)):
            assert again.text("peace coal", view, 10) == index.text("peace coal", view, 10)
            assert again.nearest(vector("peace"), view, 10) == index.nearest(vector("peace"), view, 10)

    def test_after_a_kill_the_unflushed_tail_is_followed_again(
            self, index: SearchIndex, open_again: Callable[[], SearchIndex]) -> None:
        commits = [commit(number, f"peace number {number}") for number in range(1, 8)]
        fill(index, *commits[:4])
        index.flush()
        fill(index, *commits[4:])
        again = open_again()
        assert 4 <= again.revision <= 7
        fill(again, *commits)
        assert again.revision == 7
        assert again.text("peace", View(HEAD), 20) == index.text("peace", View(HEAD), 20)
        assert list(again.check([PassageId(f"d{number}:0#0") for number in range(1, 8)])) == []

    def test_flushing_again_and_again_changes_no_answer(self, index: SearchIndex, other_index: SearchIndex) -> None:
        commits = [commit(number, f"peace treaty {number}") for number in range(1, 40)]
        for one in commits:
            fill(index, one)
            index.flush()
        index.flush()
        fill(other_index, *commits)
        assert index.text("treaty 7", View(HEAD), 40) == other_index.text("treaty 7", View(HEAD), 40)
        assert index.nearest(vector("7"), View(HEAD), 40) == other_index.nearest(vector("7"), View(HEAD), 40)

    def test_check_names_what_is_missing_and_what_is_too_much(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace", "coal"), commit(2, "wheat"), commit(3, withdrawn=("d2:0",)))
        assert list(index.check([PassageId("d1:0#0"), PassageId("d1:1#0")])) == []
        problems = index.check([PassageId("d1:1#0"), PassageId("d2:0#0"), PassageId("d9:0#0")])
        assert len(problems) == 3
        assert [sum(name in line for line in problems) for name in ("d1:0#0", "d2:0#0", "d9:0#0")] == [1, 1, 1]

    def test_an_index_without_vectors_finds_by_words_alone(self, wordless_index: SearchIndex) -> None:
        wordless_index.add([commit(1, "peace")], None)
        assert wordless_index.dimension == 0
        assert ids(wordless_index.text("peace", View(HEAD), 10)) == ["d1:0"]
        assert wordless_index.nearest(np.zeros(0, np.float32), View(HEAD), 10) == []

    def test_a_document_of_several_passages_is_found_by_each(self, index: SearchIndex) -> None:
        key, texts = DocumentId("d1:0"), ("peace", "coal")
        pieces = tuple(Passage(PassageId(f"{key}#{number}"), key, number, 0, len(text), text)
                       for number, text in enumerate(texts))
        one = Commit(Revision(1), (DocumentRecord(Document(key, "peace coal"), pieces),))
        fill(index, one)
        assert [hit.passage for hit in index.text("coal", View(HEAD), 10)] == ["d1:0#1"]
        assert index.nearest(vector("coal"), View(HEAD), 1)[0].passage == "d1:0#1"
        fill(index, commit(2, withdrawn=("d1:0",)))
        assert index.text("coal peace", View(HEAD), 10) == []

    def test_an_erased_document_is_gone_from_every_revision(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace", "peace treaty"), commit(2, "coal"), commit(3, withdrawn=("d1:1",)))
        index.erase([DocumentId("d1:0"), DocumentId("d1:1")], Revision(4))
        for view in (View(Revision(1)), View(Revision(2)), View(HEAD)):
            assert index.text("peace treaty", view, 9) == []
            assert set(ids(index.nearest(vector("peace"), view, 9))) <= {"d2:0"}
        assert seen(index, "coal", View(HEAD)) == {"d2:0"}
        assert index.counts()["passages"] == 1
        assert list(index.check([PassageId("d2:0#0")])) == []

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_after_an_erasure_it_answers_as_an_index_that_never_held_the_documents(
            self, index: SearchIndex, other_index: SearchIndex, seed: int) -> None:
        commits = some_commits(seed, 24)
        every = sorted({record.document.id for one in commits for record in one.documents})
        erased = set(every[seed::3])
        for start in range(0, 18, 5):
            fill(index, *commits[start : min(start + 5, 18)])
            if start == 5:
                index.flush()
        answers(index, 18)  # what was asked before is not remembered after
        index.erase(erased, Revision(19))
        fill(other_index, *spared(commits[:18], erased))
        assert answers(index, 18) == answers(other_index, 18)
        # What follows the erasure counts with what is left, too; documents may come again.
        later = [Commit(Revision(one.revision + 1), one.documents, one.withdrawn) for one in commits[18:]]
        again = Commit(Revision(26), commit(1, "w0 w5", first=0).documents)
        for one in (index, other_index):
            fill(one, *later, again)
        assert answers(index, 26) == answers(other_index, 26)
        assert index.counts()["passages"] == other_index.counts()["passages"]

    def test_an_erasure_is_durable_when_it_returns(
            self, index: SearchIndex, open_again: Callable[[], SearchIndex]) -> None:
        fill(index, commit(1, "peace", "peace treaty"), commit(2, "peace coal", withdrawn=("d1:1",)))
        index.flush()
        fill(index, commit(3, "peace and wheat", "peace"))
        index.erase([DocumentId("d1:0"), DocumentId("d1:1"), DocumentId("d3:1")], Revision(4))
        again = open_again()
        assert again.revision == index.revision == 4
        for view in (View(Revision(1)), View(HEAD)):
            for one in (index, again):
                assert seen(one, "peace", view) == ({"d2:0", "d3:0"} if view.revision == HEAD else set())
            assert again.text("peace coal", view, 10) == index.text("peace coal", view, 10)

    def test_erasing_again_or_what_is_not_there_changes_nothing(self, index: SearchIndex) -> None:
        fill(index, *some_commits(5, 9))
        index.erase([DocumentId("d3:0"), DocumentId("unheard-of")], Revision(10))
        before = (answers(index, 10), index.counts())
        index.erase([DocumentId("d3:0"), DocumentId("unheard-of")], Revision(10))
        index.erase([], Revision(4))
        assert (answers(index, 10), index.counts()) == before
        assert index.revision == 10

    def test_an_index_with_nothing_left_goes_on(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace"))
        index.erase([DocumentId("d1:0")], Revision(2))
        assert answers(index, 2) == [[]] * len(answers(index, 2))
        fill(index, Commit(Revision(3), commit(1, "peace again").documents))
        assert seen(index, "peace", View(HEAD)) == {"d1:0"}
        assert seen(index, "peace", View(Revision(2))) == set()

    def test_the_watermark_passes_over_nothing_that_was_not_followed(self, index: SearchIndex) -> None:
        fill(index, commit(1, "peace", "coal"))
        index.erase([DocumentId("d1:1")], Revision(2))
        assert index.revision == 2
        index.erase([DocumentId("d1:1")], Revision(5))
        assert index.revision == 2
        fill(index, commit(3, "peace"), commit(4, "peace treaty"), commit(5))
        assert index.revision == 5
        assert seen(index, "peace", View(HEAD)) == {"d1:0", "d3:0", "d4:0"}

    def test_an_index_without_vectors_forgets_too(self, wordless_index: SearchIndex) -> None:
        wordless_index.add([commit(1, "peace", "peace treaty")], None)
        wordless_index.erase([DocumentId("d1:0")], Revision(2))
        assert ids(wordless_index.text("peace", View(HEAD), 10)) == ["d1:1"]

    def test_all_passages_of_a_document_are_erased_and_those_of_ids_alike_are_not(self, index: SearchIndex) -> None:
        """An id that begins like another, or with other capitals, is another."""
        keys = [DocumentId(key) for key in ("doc", "doc:1", "Doc", "doc#0")]
        records = tuple(
            DocumentRecord(Document(key, "peace coal"), tuple(
                Passage(PassageId(f"{key}#p{number}"), key, number, 0, len(text), text)
                for number, text in enumerate(("peace", "peace coal"))))
            for key in keys)
        fill(index, Commit(Revision(1), records))
        index.erase([DocumentId("doc")], Revision(2))
        left = {f"{key}#p{number}" for key in keys[1:] for number in (0, 1)}
        assert {hit.passage for hit in index.text("peace", View(HEAD), 20)} == left
        assert {hit.passage for hit in index.nearest(vector("peace"), View(HEAD), 20)} == left
