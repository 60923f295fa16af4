"""The index on a real Elasticsearch keeps the contract, and answers as the embedded index does, to the last place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.search.names import Names, names_on
from tests.servers.servers import Elasticsearch
from worldctx.model.ask import Filter
from worldctx.model.clocks import Clocks
from worldctx.model.document import Document
from worldctx.model.errors import IncompatibleData, StoreUnavailable
from worldctx.model.ids import DocumentId, PassageId, Revision
from worldctx.model.time import MAX_INSTANT, parse_when
from worldctx.ports.graph import Commit
from worldctx.ports.search import SearchIndex, View
from worldctx.search import elastic, mapping
from worldctx.search.cluster import address_of
from worldctx.search.elastic import ElasticIndex, begin_elastic, open_elastic
from worldctx.search.embedded import open_index
from worldctx.testing.search import EMBEDDER, HEAD, SearchIndexContract, commit, fill, ids, vector, vectors

WORDS = [f"w{number}" for number in range(40)]
CHANCES = 1 / np.arange(1, 41) ** 0.8
CHANCES /= CHANCES.sum()


class ElasticContract(SearchIndexContract):
    @pytest.fixture(autouse=True)
    def hasty(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The server is not waited for to free its disk, half a minute each time: test_elastic_erasure.py is."""
        monkeypatch.setattr(elastic, "expunge", lambda cluster, index: None)

    @pytest.fixture
    def url(self, names: Names) -> str:
        return names.new()

    @pytest.fixture
    def index(self, names: Names, url: str) -> SearchIndex:
        return names.open(url)

    @pytest.fixture
    def other_index(self, names: Names) -> SearchIndex:
        return names.open()

    @pytest.fixture
    def wordless_index(self, names: Names) -> SearchIndex:
        return names.open(dimension=0)

    @pytest.fixture
    def open_again(self, names: Names, url: str) -> Callable[[], SearchIndex]:
        return lambda: names.open(url)

    def test_it_answers_as_the_embedded_index_does(self, names: Names, tmp_path: Path) -> None:
        both = Both(names.open(), tmp_path / "embedded")
        rng = np.random.default_rng(11)
        for number in range(1, 30):
            both.add(some_commit(rng, number, 12))
        for view in some_views(29):
            both.compare(query_of(rng, 40), view, 10)


class TestElasticIndex(ElasticContract):
    @pytest.fixture
    def names(self, elasticsearch_server: Elasticsearch) -> Iterator[Names]:
        with names_on(elasticsearch_server.url) as names:
            yield names


class TestElastic8Index(ElasticContract):
    @pytest.fixture
    def names(self, elasticsearch_8_server: Elasticsearch) -> Iterator[Names]:
        with names_on(elasticsearch_8_server.url) as names:
            yield names


@pytest.fixture(scope="module")
def names(elasticsearch_server: Elasticsearch) -> Iterator[Names]:
    with names_on(elasticsearch_server.url) as names:
        yield names


class Both:
    """The same commits in both indices."""

    def __init__(self, index: ElasticIndex, folder: Path) -> None:
        self.elastic, self.embedded = index, open_index(folder, dimension=EMBEDDER.dimension, embedder_name=EMBEDDER.name)

    def add(self, *commits: Commit) -> None:
        rows = vectors(commits)
        self.elastic.add(commits, rows)
        self.embedded.add(commits, rows)

    def compare(self, query: str, view: View, limit: int) -> None:
        assert self.elastic.text(query, view, limit) == self.embedded.text(query, view, limit), (query, view, limit)
        row = vector(query)
        assert self.elastic.nearest(row, view, limit) == self.embedded.nearest(row, view, limit), (query, view, limit)


def query_of(rng: np.random.Generator, words: int) -> str:
    return " ".join(rng.choice(WORDS, rng.integers(1, words + 1), p=CHANCES))


def some_commit(rng: np.random.Generator, revision: int, most: int) -> Commit:
    """A few texts, now and then long ones and one without a word; some of before withdrawn, some come back."""
    texts = [query_of(rng, int(rng.choice([3, 20, 120]))) if rng.random() > 0.03 else "of the" for _ in range(rng.integers(0, most + 1))]
    one = commit(revision, *texts, title=query_of(rng, 2), place=str(rng.choice(["", "Oslo", "Rome"])),
                 publisher=str(rng.choice(["", "A", "B"])), url=str(rng.choice(["", "https://www.a.org/x", "https://b.org"])),
                 language=str(rng.choice(["en", "it"])), published=[None, "-4000", "1990-06", str(1950 + revision)][rng.integers(0, 4)])
    withdrawn = tuple({DocumentId(f"d{rng.integers(1, revision + 1)}:{rng.integers(0, 4)}") for _ in range(rng.integers(0, 4))})
    if withdrawn and rng.random() < 0.6:
        back, = commit(revision, query_of(rng, 20)).documents
        pieces = tuple(replace(piece, id=PassageId(f"{withdrawn[0]}#0"), document=withdrawn[0]) for piece in back.passages)
        record = replace(back, document=replace(back.document, id=withdrawn[0]), passages=pieces)
        one = replace(one, documents=(*(other for other in one.documents if other.document.id != withdrawn[0]), record))
    return replace(one, withdrawn=withdrawn)


def some_views(head: int) -> list[View]:
    said = parse_when("1970").hi
    return [
        View(HEAD), View(Revision(head)), View(Revision(head // 2)), View(Revision(1)), View(HEAD, Clocks(said_by=said)),
        View(Revision(head // 2), Clocks(said_by=said)), View(HEAD, Clocks(strict=True)), View(HEAD, Clocks(said_by=MAX_INSTANT)),
        View(HEAD, Clocks(said_by=parse_when("-3999").hi)), View(HEAD, without=DocumentId("d1:0")),
        View(HEAD, filter=Filter(sources=("d1:", "d2:", "b.org"))), View(HEAD, filter=Filter(sources=("A", "d3"), places=("Oslo", ""))),
        View(HEAD, filter=Filter(languages=("it",), published_from=parse_when("1960"))),
        View(HEAD, filter=Filter(published_to=parse_when("1991"))), View(HEAD, filter=Filter(sources=("nobody:",))),
    ]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 100_000), batch=st.integers(1, 5), limit=st.sampled_from([1, 2, 7, 40]))
def test_random_commits_and_views_give_the_same_hits_and_scores(names: Names, tmp_path_factory: pytest.TempPathFactory, seed: int, batch: int, limit: int) -> None:
    rng = np.random.default_rng(seed)
    both = Both(names.open(), tmp_path_factory.mktemp("embedded"))
    commits = [some_commit(rng, number, 8) for number in range(1, 21)]
    for start in range(0, 20, batch):
        both.add(*commits[start:start + batch])
        both.compare(query_of(rng, 40), View(Revision(start + 1)), limit)
    for view in some_views(20):
        both.compare(query_of(rng, 40), view, limit)
        both.compare(query_of(rng, 3), view, limit)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_among_many_passages_no_hit_is_left_out(names: Names, tmp_path: Path, seed: int) -> None:
    """Long and short texts, many ties, 20,000 passages, of which some are withdrawn; the statistics are those of the revision."""
    rng = np.random.default_rng(seed)
    vocabulary = [f"v{number}" for number in range(3000)]
    chances = 1 / np.arange(1, 3001)
    chances /= chances.sum()
    index, embedded = names.open(dimension=0), open_index(tmp_path / "embedded", dimension=0)
    for number in range(1, 21):
        texts = [" ".join(rng.choice(vocabulary, rng.integers(1, rng.choice([4, 60, 300])), p=chances)) for _ in range(1000)]
        gone = tuple(DocumentId(f"d{number - 1}:{place}") for place in range(0, 1000, 40)) if number > 1 else ()
        one = replace(commit(number, *texts, published=str(1900 + 5 * number)), withdrawn=gone)
        index.add([one], None)
        embedded.add([one], None)
    views = [View(HEAD), View(Revision(20)), View(Revision(7)), View(HEAD, Clocks(said_by=parse_when("1940").hi)), View(HEAD, without=DocumentId("d3:3"))]
    for turn in range(40):
        query = " ".join(rng.choice(vocabulary[:500] if turn % 2 else vocabulary, rng.integers(1, 60)))
        for view in views:
            for limit in (1, 10, 100):
                assert index.text(query, view, limit) == embedded.text(query, view, limit), (query, view, limit)


def test_more_ties_than_candidates_are_told_apart_by_id(names: Names, tmp_path: Path) -> None:
    both = Both(names.open(), tmp_path)
    both.add(*(commit(number, *["peace treaty"] * 150) for number in range(1, 8)), commit(8, "peace"))
    for limit in (1, 5, 30):
        both.compare("peace treaty", View(HEAD), limit)


def test_a_term_that_is_asked_about_while_commits_come_in_is_counted_right(names: Names, tmp_path: Path) -> None:
    """What is remembered of a term is followed; what is asked of an older revision is that of the older revision."""
    both = Both(names.open(), tmp_path)
    for number in range(1, 100):
        both.add(commit(number, "peace treaty", "peace " * (number % 3), f"only {number}"))
        if number % 7 == 0:
            both.compare("peace treaty only", View(HEAD), 5)
            both.compare(f"peace only {number}", View(Revision(max(1, number - 3))), 5)
    asked = Counting(both.elastic)
    both.compare("peace treaty only", View(HEAD), 5)
    both.compare("peace treaty", View(Revision(97)), 5)
    assert all("hits.hits" in path for path in asked.paths)  # for candidates, none for counts
    for revision in (99, 90, 50, 30, 2):
        both.compare("peace treaty only", View(Revision(revision)), 5)


class Counting:
    """Notes an index's requests."""

    def __init__(self, index: ElasticIndex) -> None:
        self._send, self.paths = index._cluster._send, list[str]()
        index._cluster._send = self  # type: ignore[method-assign,assignment]

    def __call__(self, method: str, path: str, *given: Any) -> tuple[int, Any]:
        self.paths.append(path)
        return self._send(method, path, *given)


def test_two_followers_of_one_index_do_not_get_in_each_others_way(names: Names, tmp_path: Path) -> None:
    url = names.new()
    both = Both(names.open(url), tmp_path)
    commits = [commit(number, "peace treaty", f"peace {number}", withdrawn=(f"d{number - 2}:0",) if number > 2 else ()) for number in range(1, 60)]
    rows = vectors(commits)

    def follow(index: ElasticIndex, step: int) -> None:
        for start in range(0, len(commits), step):
            index.add(commits[start:start + step], rows[start:start + step])
            assert index.text("treaty", View(Revision(1)), 5)[0].document == "d1:0"

    others = [names.open(url), names.open(url)]
    with ThreadPoolExecutor(3) as threads:
        for running in [threads.submit(follow, index, step) for index, step in zip([both.elastic, *others], (1, 3, 7), strict=True)]:
            running.result()
    both.embedded.add(commits, rows)
    for index in (both.elastic, *others, names.open(url)):
        both.elastic = index
        for revision in (1, 2, 30, 59):
            both.compare("peace treaty 7", View(Revision(revision)), 100)
        assert index.counts()["passages"] == 118
        assert list(index.check([hit.passage for hit in both.embedded.text("peace", View(HEAD), 1000)])) == []


def test_a_process_that_was_killed_before_the_watermark_is_followed_again(names: Names, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = names.new()
    both = Both(names.open(url), tmp_path)
    both.add(commit(1, "peace", "peace treaty"))
    late = [commit(2, "peace coal", withdrawn=("d1:0",)), commit(3, "wheat", withdrawn=("d2:0",))]

    def killed(self: ElasticIndex, revision: Revision) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ElasticIndex, "_mark", killed)
        with pytest.raises(KeyboardInterrupt):
            both.elastic.add(late, vectors(late))
    both.elastic = names.open(url)
    assert both.elastic.revision == 1
    both.compare("peace", View(HEAD), 5)
    both.add(*late)
    for revision in (1, 2, 3):
        both.compare("peace coal wheat", View(Revision(revision)), 5)
    assert list(both.elastic.check([PassageId("d1:1#0"), PassageId("d3:0#0")])) == []


def test_another_index_is_filled_beside_and_takes_its_place(names: Names) -> None:
    url = names.new()
    old = fill(names.open(url), commit(1, "peace"))
    with closing(begin_elastic(url, dimension=EMBEDDER.dimension, embedder_name=EMBEDDER.name)) as fresh:
        fill(fresh, commit(1, "coal"))
        assert names.open(url).text("peace", View(HEAD), 1)
        fresh.publish()
        assert ids(names.open(url).text("coal", View(HEAD), 1)) == ["d1:0"]
        assert ids(old.text("peace", View(HEAD), 1)) == ["d1:0"]
        fresh.drop_others()
        with pytest.raises(StoreUnavailable, match="no longer has the index"):
            old.text("peace", View(HEAD), 1)
        with pytest.raises(StoreUnavailable, match="no longer has the index"):
            fill(old, commit(2, "peace"))
        assert ids(fresh.text("coal", View(HEAD), 1)) == ["d1:0"]
        assert list(names.cluster().ask("GET", f"/{address_of(url).alias}*")[1]) == [fresh.name]


def test_an_index_of_another_model_or_version_is_refused_with_a_way_out(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    url = names.new()
    names.open(url)
    with pytest.raises(IncompatibleData, match="worldctx rebuild"):
        open_elastic(url, dimension=384, embedder_name="other")
    monkeypatch.setattr(mapping, "VERSION", 2)
    with pytest.raises(IncompatibleData, match="version 1.*worldctx rebuild"):
        names.open(url)


def test_what_the_server_could_not_hold_as_a_keyword_is_compared_all_the_same(names: Names, tmp_path: Path) -> None:
    both = Both(names.open(), tmp_path)
    long, key = "ø" * 20_000, DocumentId("d" + "é" * 500)
    one = commit(1, "peace", place=long)
    piece = replace(one.documents[0].passages[0], id=PassageId(f"{key}#0"), document=key)
    other = replace(one.documents[0], document=Document(key, "peace", place=long[1:], extra={"lat": "59.9", "lon": "10.7"}), passages=(piece,))
    both.add(replace(one, documents=(*one.documents, other)))
    for place in (long, long[1:], long[2:]):
        both.compare("peace", View(HEAD, filter=Filter(places=(place,))), 5)
    both.add(Commit(Revision(2), (), (key,)))
    both.compare("peace", View(HEAD), 5)


def test_neighbours_among_many_are_found_in_the_graph_of_vectors(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic, "LOOK_MOST", 500)
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(1500, 64)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    index = names.open()
    index.add([commit(1, *[f"t{number}" for number in range(1500)])], [rows])
    near = rows[:20] + 0.3 * rows[20:40]
    found = [{hit.passage for hit in index.nearest(row, View(HEAD), 10)} for row in near]
    exact = [{f"d1:{place}#0" for place in np.argsort(-(rows @ row))[:10]} for row in near]
    assert np.mean([len(one & other) / 10 for one, other in zip(found, exact, strict=True)]) > 0.9
    hidden = View(HEAD, without=DocumentId("d1:0"))
    assert all(hit.document != "d1:0" for hit in index.nearest(rows[0], hidden, 10))


def test_people_see_dates_and_places_on_a_map(names: Names) -> None:
    index = names.open()
    fill(index, commit(1, "peace", published="1990-06"), commit(2, "coal", published="-4000"), commit(3, "iron", published=None))
    query = {"query": {"range": {"published": {"gte": "1990-06-30", "lt": "1990-07-02"}}}}
    (hit,) = names.cluster().ask("POST", f"/{index.name}/_search", query)[1]["hits"]["hits"]
    assert hit["_source"]["passage"] == "d1:0#0"
    assert "words" not in hit["_source"]
