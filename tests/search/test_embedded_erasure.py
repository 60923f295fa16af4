"""What was erased from the embedded index is in none of its files, and a kill leaves the old index or the new one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worldctx.model.ask import Filter
from worldctx.model.document import Passage
from worldctx.model.errors import StoreFull
from worldctx.model.ids import DocumentId, PassageId, Revision
from worldctx.ports.graph import Commit
from worldctx.ports.search import Hit, View
from worldctx.search.embedded import EmbeddedIndex, open_index
from worldctx.testing.failpoints import armed, environment
from worldctx.testing.search import EMBEDDER, HEAD, answers, commit, fill, ids, some_commits, spared, vector, vectors

#: Each stands in one place alone: a word, a title, a publisher, a host, a place, and the ids of document and passage.
MARKS = ("zanzimark", "quertitlox", "publimarkia", "hostmark.example", "placemarkia", "secretdoc:77", "secretpassage")


def fresh(path: Path) -> EmbeddedIndex:
    return open_index(path, dimension=EMBEDDER.dimension, embedder_name=EMBEDDER.name)


def marked(revision: int) -> Commit:
    """A document with all marks."""
    (record,) = commit(revision, "peace zanzimark", title="Quertitlox", publisher="publimarkia", place="placemarkia", url="https://hostmark.example/x").documents
    key = DocumentId("secretdoc:77")
    piece = Passage(PassageId("secretpassage"), key, 0, 0, 15, "peace zanzimark")
    return Commit(Revision(revision), (replace(record, document=replace(record.document, id=key), passages=(piece,)),))


def holding(folder: Path, marks: Sequence[bytes]) -> set[bytes]:
    """Which marks stand in some file, or its name, below a folder."""
    found = set()
    for path in folder.rglob("*"):
        data = str(path.relative_to(folder)).encode() + (path.read_bytes() if path.is_file() else b"")
        found |= {mark for mark in marks if mark in data}
    return found


def marks_of(*texts: str) -> list[bytes]:
    """The marks as bytes, and the vectors of texts as they are stored, beginning to end and packed to bits."""
    rows = [vector(text) for text in texts]
    return [mark.encode() for mark in MARKS] + [row.tobytes() for row in rows]


@pytest.mark.parametrize("where", ["flushed", "in memory", "withdrawn", "merged", "alone"])
def test_nothing_of_an_erased_document_is_in_any_file(tmp_path: Path, where: str) -> None:
    index = fresh(tmp_path)
    marks = marks_of("peace zanzimark")
    if where != "alone":
        fill(index, *(commit(number, f"peace {number}", "treaty") for number in range(1, 6)))
        index.flush()
    fill(index, marked(6))
    if where != "in memory":
        index.flush()
        assert holding(tmp_path, marks) == set(marks)
    if where == "withdrawn":
        fill(index, commit(7, withdrawn=("secretdoc:77",)))
        index.flush()
    if where == "merged":
        fill(index, *(commit(number, "peace", "treaty", "coal") for number in range(7, 20)))
        index.flush()
        assert holding(tmp_path, marks) == set(marks)
    (tmp_path / "segment-000000000006-9.tmp").mkdir()  # of a writer that was killed
    (tmp_path / "segment-000000000006-9.tmp" / "words.json").write_text("zanzimark")
    (tmp_path / "manifest.json.tmp").write_text("secretdoc:77")
    index.erase([DocumentId("secretdoc:77")], Revision(index.revision + 1))
    assert holding(tmp_path, marks) == set()
    assert len(list(tmp_path.glob("segment-*"))) == index.counts()["segments"]
    for one in (index, fresh(tmp_path)):
        assert one.text("zanzimark quertitlox", View(HEAD), 5) == []
        assert one.nearest(vector("peace zanzimark"), View(HEAD, filter=Filter(places=("placemarkia",))), 5) == []
        assert one.counts()["passages"] == one.counts()["vectors"] == {"alone": 0, "merged": 49}.get(where, 10)


def test_what_others_have_too_stays(tmp_path: Path) -> None:
    """Words, titles and publishers that another document has as well are not taken from it."""
    index = fresh(tmp_path)
    other = replace(marked(2), documents=tuple(
        replace(one, document=replace(one.document, id=DocumentId("other:1")), passages=(replace(one.passages[0], id=PassageId("other:1#0"), document=DocumentId("other:1")),))
        for one in marked(2).documents))
    fill(index, marked(1), other)
    index.flush()
    index.erase([DocumentId("secretdoc:77")], Revision(3))
    assert holding(tmp_path, marks_of("peace zanzimark")) == set(marks_of("peace zanzimark")) - {b"secretdoc:77", b"secretpassage"}
    assert ids(index.text("zanzimark", View(HEAD, filter=Filter(sources=("publimarkia",))), 5)) == ["other:1"]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), seed=st.integers(0, 100_000), step=st.integers(1, 9), erasures=st.integers(1, 3), restart=st.booleans())
def test_whatever_is_erased_the_index_is_as_if_it_had_never_been(
        tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, seed: int, step: int, erasures: int, restart: bool) -> None:
    """Flushed or not, in one erasure or several, with commits between them: answers, counts and files' columns."""
    path = tmp_path_factory.mktemp("index")
    index, never = fresh(path), fresh(tmp_path_factory.mktemp("never"))
    commits = some_commits(seed, 18)
    every = sorted({record.document.id for one in commits for record in one.documents})
    erased: set[DocumentId] = set()
    followed = 0
    for turn in range(erasures):
        until = 18 * (turn + 1) // erasures
        for start in range(followed, until, step):
            fill(index, *spared(commits[start : min(start + step, until)], erased))
            if data.draw(st.booleans()):
                index.flush()
        followed = until
        some = set(data.draw(st.lists(st.sampled_from(every or ["nobody"]), max_size=12)))
        index.erase(some, Revision(0))
        erased |= some
        if restart:
            index.flush()
            index = fresh(path)
    fill(never, *spared(commits, erased))
    assert index.revision == never.revision == 18
    assert answers(index, 18) == answers(never, 18)
    assert {key: index.counts()[key] for key in ("passages", "postings", "vectors")} == {key: never.counts()[key] for key in ("passages", "postings", "vectors")}
    assert terms_of(index) == terms_of(never)


def terms_of(index: EmbeddedIndex) -> tuple[set[str], dict[str, set[str]], set[str]]:
    """Terms, words of text columns, and ids that an index holds."""
    segments = index._state.segments
    return ({term for one in segments for term in one.terms},
            {name: {word for one in segments for word in one.words[name]} for name in ("document", "publisher", "host", "place", "language")},
            {name for one in segments for name in one.ids})


def test_vectors_are_copied_bit_by_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(300, EMBEDDER.dimension)).astype(np.float32)
    index = fresh(tmp_path)
    index.add([commit(1, *[f"t{number}" for number in range(300)])], [rows])
    index.flush()
    index.erase([DocumentId(f"d1:{number}") for number in range(0, 300, 3)], Revision(2))
    (segment,) = index._state.segments
    kept = [number for number in range(300) if number % 3]
    assert segment.vectors.tobytes() == rows[kept].tobytes()
    assert list(segment.ids) == [f"d1:{number}#0" for number in kept]


def test_segments_without_erased_documents_are_not_written_again(tmp_path: Path) -> None:
    index = fresh(tmp_path)
    fill(index, commit(1, *["peace"] * 50))
    index.flush()
    fill(index, commit(2, "treaty", "coal"))
    index.flush()
    before = {path: path.stat().st_ino for path in tmp_path.glob("segment-*")}
    assert len(before) == 2
    index.erase([DocumentId("d2:0")], Revision(3))
    after = {path: path.stat().st_ino for path in tmp_path.glob("segment-*")}
    assert len(after) == 2
    assert len(set(before.items()) & set(after.items())) == 1


ERASER = """
import sys
from pathlib import Path
from tests.search.test_embedded_erasure import fresh
from worldctx.model.ids import DocumentId, Revision

index = fresh(Path(sys.argv[1]))
index.erase([DocumentId("secretdoc:77")], Revision(index.revision + 1))
print("erased")
"""


@pytest.mark.parametrize(("point", "done"), [("search.store.written", False), ("search.erase.stored", True)])
def test_a_kill_leaves_the_old_index_or_the_new_one_and_erasing_again_ends_it(tmp_path: Path, point: str, done: bool) -> None:
    index = fill(fresh(tmp_path), commit(1, "peace", "coal"), marked(2))
    index.flush()
    before = answers(index, 2)
    killed = subprocess.run([sys.executable, "-c", ERASER, str(tmp_path)], env=environment(point), capture_output=True, check=False, timeout=60)
    assert (killed.returncode, killed.stdout) == (-9, b"")
    again = fresh(tmp_path)
    assert again.revision == (3 if done else 2)
    assert ids(again.text("zanzimark", View(HEAD), 5)) == ([] if done else ["secretpassage"])
    assert done or answers(again, 2) == before
    again.erase([DocumentId("secretdoc:77")], Revision(3))
    assert again.revision == 3
    assert holding(tmp_path, marks_of("peace zanzimark")) == set()
    assert list(fresh(tmp_path).check([PassageId("d1:0#0"), PassageId("d1:1#0")])) == []


def test_a_disk_that_takes_no_more_leaves_the_index_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = fresh(tmp_path)
    fill(index, commit(1, "peace", "coal"), marked(2))
    index.flush()
    fill(index, commit(3, "wheat"))
    before, files = answers(index, 3), sorted(path.name for path in tmp_path.rglob("*"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("worldctx.search.folder.os.fsync", full)
        with pytest.raises(StoreFull, match="No space left"):
            index.erase([DocumentId("secretdoc:77")], Revision(4))
    assert (index.revision, answers(index, 3)) == (3, before)
    assert sorted(path.name for path in tmp_path.rglob("*")) == files
    index.erase([DocumentId("secretdoc:77")], Revision(4))
    assert holding(tmp_path, marks_of("peace zanzimark")) == set()


def test_a_failure_before_the_manifest_changes_nothing(tmp_path: Path) -> None:
    index = fill(fresh(tmp_path), commit(1, "peace"), marked(2))
    with armed("search.store.written"), pytest.raises(Exception, match=r"search\.store\.written"):
        index.erase([DocumentId("secretdoc:77")], Revision(3))
    assert ids(index.text("zanzimark", View(HEAD), 5)) == ["secretpassage"]
    assert index.revision == 2


def test_readers_under_way_see_all_of_it_or_nothing(tmp_path: Path) -> None:
    index = fresh(tmp_path)
    for number in range(1, 8):
        fill(index, commit(number, *["peace treaty"] * 200, "peace coal"))
        index.flush()
    whole = {hit.document for hit in index.text("peace", View(HEAD), 5000)}
    gone: Collection[DocumentId] = [DocumentId(f"d{number}:{place}") for number in range(1, 8) for place in range(0, 200, 2)]
    left = whole - set(gone)

    def asked() -> Iterator[Sequence[Hit]]:
        yield index.text("peace", View(HEAD), 5000)
        yield index.nearest(vector("peace"), View(HEAD), 5000)

    with ThreadPoolExecutor(2) as threads:
        erasing = threads.submit(index.erase, gone, Revision(8))
        while not erasing.done():
            for hits in asked():
                assert {hit.document for hit in hits} in (whole, left)
        erasing.result()
    assert all({hit.document for hit in hits} == left for hits in asked())


def test_an_index_that_is_flushed_after_an_erasure_does_not_bring_anything_back(tmp_path: Path) -> None:
    index = fresh(tmp_path)
    for number in range(1, 30):
        fill(index, commit(number, "peace", f"only{number}"))
        if number % 3 == 0:
            index.erase([DocumentId(f"d{number}:1")], Revision(0))
        if number % 2:
            index.flush()
    index.flush()
    assert holding(tmp_path, [f"only{number}".encode() + b'"' for number in range(3, 30, 3)]) == set()
    assert len(fresh(tmp_path).text("peace", View(HEAD), 100)) == 29
    rows = vectors([commit(1, "peace")])
    assert fresh(tmp_path).nearest(rows[0][0], View(HEAD), 1)[0].score == 1.0
