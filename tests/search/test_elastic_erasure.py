"""What was erased is in none of the server's files, and no process that had read it before stores it after."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.search.names import Names, names_on
from tests.search.test_embedded_erasure import fresh as embedded
from tests.servers.servers import Elasticsearch
from worldctx.model.document import Passage
from worldctx.model.errors import StoreFull, StoreUnavailable
from worldctx.model.ids import DocumentId, PassageId, Revision
from worldctx.ports.graph import Commit
from worldctx.ports.search import View
from worldctx.search import erasure, queries
from worldctx.search.elastic import ElasticIndex, begin_elastic
from worldctx.testing.failpoints import FailpointError, armed
from worldctx.testing.search import EMBEDDER, HEAD, answers, commit, fill, ids, some_commits, spared, vector, vectors

#: Of this run alone: other tests use the same server.
MARK = f"x{os.getpid()}x"
SECRET = DocumentId(f"doc{MARK}:1")
MARKS = tuple(f"{name}{MARK}" for name in ("word", "title", "publisher", "host", "place", "passage", "doc"))
TEXT = f"peace word{MARK} treaty"


def marked(revision: int) -> Commit:
    """A document with all marks."""
    (one,) = commit(revision, TEXT, title=f"title{MARK}", publisher=f"publisher{MARK}", place=f"place{MARK}", url=f"https://host{MARK}.example/").documents
    piece = Passage(PassageId(f"passage{MARK}"), SECRET, 0, 0, len(TEXT), TEXT)
    document = one.document.__class__(SECRET, TEXT, one.document.url, one.document.title, publisher=one.document.publisher, place=one.document.place)
    return Commit(Revision(revision), (one.__class__(document, (piece,)),))


def holding(folder: Path) -> dict[str, list[str]]:
    """Which marks, and which vectors of the marked text, stand in which files."""
    marks = {mark: mark.encode() for mark in MARKS} | {"vector": vector(TEXT).tobytes()}
    found: dict[str, list[str]] = {}
    for path in folder.rglob("*"):
        try:
            data = path.read_bytes() if path.is_file() else b""
        except FileNotFoundError:  # a file of the server's, gone meanwhile
            continue
        for name, mark in marks.items():
            if mark in data:
                found.setdefault(name, []).append(path.name)
    return found


@dataclass
class Place:
    """A server, and indices on it."""

    server: Elasticsearch
    names: Names


@pytest.fixture(params=["elasticsearch_server", "elasticsearch_8_server"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    server: Elasticsearch = request.getfixturevalue(request.param)
    with names_on(server.url) as names:
        yield Place(server, names)


@pytest.fixture
def names(elasticsearch_server: Elasticsearch) -> Iterator[Names]:
    with names_on(elasticsearch_server.url) as names:
        yield names


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server is not waited for to free its disk: the first test does that."""
    monkeypatch.setattr("worldctx.search.elastic.expunge", lambda cluster, index: None)


def test_nothing_of_an_erased_document_is_in_any_file_of_the_server(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long stored or a moment ago, stored again as withdrawn, in the log, and in an index that is being made."""
    url, data = place.names.new(), place.server.home
    index = fill(place.names.open(url), *(commit(number, f"peace {number}") for number in range(1, 40)), marked(40))
    with closing(begin_elastic(url, dimension=EMBEDDER.dimension, embedder_name=EMBEDDER.name)) as beside:
        fill(beside, commit(1, "peace"), marked(2))
        assert holding(data)  # in the log
        for one in (index, beside):
            erasure._flush(beside._cluster, one.name)
        fill(index, commit(41, "coal", withdrawn=(SECRET,)))
        erasure._flush(beside._cluster, index.name)
        assert set(holding(data)) == {*MARKS, "vector"}  # in segments, as they are
        # Not before the server lets go of it: the index says so rather than to promise.
        with monkeypatch.context() as patch, pytest.raises(StoreUnavailable, match="still keeps .* erase again"):
            patch.setattr(erasure, "KEPT_S", 0)
            index.erase([SECRET], Revision(42))
        assert ids(index.text(f"word{MARK}", View(HEAD), 5)) == ids(beside.text(f"word{MARK}", View(HEAD), 5)) == []
        began = time.monotonic()
        index.erase([SECRET], Revision(42))
        print(f"freed after {time.monotonic() - began:.0f} s")
        assert holding(data) == {}
        # Nor do the server's own counts know of it: terms, documents, deleted ones.
        for one in (index, beside):
            _, told = one._cluster.ask("POST", f"/{one.name}/_termvectors", queries.own_counts([f"word{MARK}", "peac"]))
            assert [told["term_vectors"]["words"]["terms"][term].get("doc_freq", 0) for term in (f"word{MARK}", "peac")] == [0, 39 if one is index else 1]
            everything = {"query": {"query_string": {"query": f"*{MARK}*", "fields": ["passage", "document", "publisher", "host", "place"]}}}
            assert one._cluster.ask("POST", f"/{one.name}/_search", everything)[1]["hits"]["total"]["value"] == 0
        assert index.revision == 42
        assert list(index.check([PassageId(f"d{number}:0#0") for number in (*range(1, 40), 41)])) == []


@pytest.mark.usefixtures("hasty")
def test_a_process_that_read_before_the_erasure_is_refused_and_reads_again(names: Names) -> None:
    url = names.new()
    one, other = names.open(url), names.open(url)
    commits = [commit(1, "peace treaty", "peace"), commit(2, "peace coal"), marked(3), commit(4, "coal")]
    fill(one, *commits[:2])
    fill(other, *commits)  # is ahead
    assert ids(other.text(f"word{MARK}", View(HEAD), 1)) == ["passage" + MARK]
    other.erase([SECRET, DocumentId("d1:0")], Revision(5))
    # The first one is behind, and has in hand what was erased.
    with pytest.raises(StoreUnavailable, match="must be read again"):
        fill(one, *commits)
    assert one.revision == 2
    left = spared(commits, [SECRET, DocumentId("d1:0")])
    fill(one, *left, commit(5))
    for index in (one, other, names.open(url)):
        assert index.revision == 5
        assert index.counts()["passages"] == 3
        assert answers(index, 5) == answers(one, 5)
        assert ids(index.text("peace treaty", View(HEAD), 9)) == ["d1:1", "d2:0"]
        assert index.text(f"word{MARK}", View(HEAD), 9) == []
    # Both go on.
    fill(other, commit(6, "peace treaty"))
    fill(one, commit(6, "peace treaty"), commit(7, "treaty"))
    fill(other, commit(7, "treaty"))
    assert answers(one, 7) == answers(other, 7)


@pytest.mark.usefixtures("hasty")
def test_scores_of_another_process_are_those_of_what_is_left_as_soon_as_it_follows(names: Names, tmp_path: Path) -> None:
    url = names.new()
    one, other = names.open(url), names.open(url)
    commits = some_commits(8, 14)
    for index in (one, other):
        fill(index, *commits)
        answers(index, 14)
    erased = {record.document.id for each in commits[::2] for record in each.documents}
    one.erase(erased, Revision(15))
    with pytest.raises(StoreUnavailable, match="must be read again"):
        fill(other, commit(15))
    fill(other, commit(15))
    never = fill(embedded(tmp_path), *spared(commits, erased), commit(15))
    assert answers(one, 15) == answers(other, 15) == answers(never, 15)


@pytest.mark.usefixtures("hasty")
def test_two_followers_and_an_erasure_between_leave_nothing_behind(names: Names) -> None:
    """Whenever it comes: what a follower had read of it is stored before and deleted, or refused."""
    url = names.new()
    commits = [commit(number, f"peace {number}", f"secret {number}", "treaty") for number in range(1, 41)]
    erased = [DocumentId(f"d{number}:1") for number in range(1, 41)]
    clean = spared(commits, erased)
    graph = [commits]  # what the graph tells of its commits: without them, once they are erased there

    def follow(index: ElasticIndex, step: int, until: int) -> None:
        while index.revision < until:
            told = graph[0]
            some = [one for one in told if one.revision > index.revision][:step]
            try:
                index.add(some, vectors(some))
            except (StoreUnavailable, StoreFull):
                time.sleep(0.01)

    eraser = names.open(url)
    others = [names.open(url), names.open(url)]
    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(follow, index, step, 40) for index, step in zip(others, (1, 3), strict=True)]
        follow(eraser, 2, 14)
        graph[0] = clean
        eraser.erase(erased, Revision(41))
        for one in running:
            one.result()
    follow(eraser, 5, 40)
    for index in (eraser, *others, names.open(url)):
        assert index.text("secret", View(HEAD), 50) == []
        assert index.counts()["passages"] == 80
        assert list(index.check([PassageId(f"d{number}:{place}#0") for number in range(1, 41) for place in (0, 2)])) == []
        assert answers(index, 40) == answers(eraser, 40)


@pytest.mark.usefixtures("hasty")
def test_an_erasure_that_was_killed_is_done_again(names: Names) -> None:
    url = names.new()
    index = fill(names.open(url), commit(1, "peace"), marked(2))
    with armed("search.erase.deleted"), pytest.raises(FailpointError):
        index.erase([SECRET], Revision(3))
    again = names.open(url)
    assert again.revision == 3
    # One that was killed while it waited for writers left the index closed to them.
    names.cluster().ask("PUT", f"/{again.name}/_block/write")
    with pytest.raises(StoreFull, match="takes no writes"):
        fill(again, commit(4, "coal"))
    again.erase([SECRET], Revision(3))
    fill(again, commit(4, "coal"))
    assert (again.revision, again.text(f"word{MARK}", View(HEAD), 5)) == (4, [])


@pytest.mark.usefixtures("hasty")
def test_documents_of_many_passages_and_many_documents_are_erased_page_by_page(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "PAGE", 7)
    monkeypatch.setattr(erasure, "DOCUMENTS", 11)
    index = fill(names.open(), *(commit(number, *["peace"] * 20) for number in range(1, 4)))
    index.erase([DocumentId(f"d{number}:{place}") for number in range(1, 4) for place in range(1, 20)], Revision(4))
    assert sorted(ids(index.text("peace", View(HEAD), 100))) == ["d1:0", "d2:0", "d3:0"]
    assert index.counts()["passages"] == 3


def test_a_server_that_is_down_is_told_and_the_erasure_done_when_it_is_back(names: Names, elasticsearch_server: Elasticsearch, hasty: None) -> None:
    index = fill(names.open(), commit(1, "peace"), marked(2))
    owner = elasticsearch_server._owner()
    elasticsearch_server.kill()
    try:
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            index.erase([SECRET], Revision(3))
        assert index.revision == 2
    finally:
        elasticsearch_server.start(owner=owner)
    index.erase([SECRET], Revision(3))
    assert index.revision == 3
    assert index.text(f"word{MARK}", View(HEAD), 5) == []
