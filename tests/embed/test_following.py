"""Vectors are slow to make: the index moves on all the same, and nobody who stops waits for all of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from worldctx.embed.hashing import HashingEmbedder
from worldctx.graph.sqlite import open_graph
from worldctx.intake.follower import PASSAGES, SLICE, Follower
from worldctx.intake.live_lexicon import LiveLexicon
from worldctx.model.change import Batch
from worldctx.model.ids import Revision
from worldctx.ports.graph import GraphStore
from worldctx.search.embedded import EmbeddedIndex, open_index
from worldctx.testing.graph import record

#: Commits of one document of one passage each: a good deal more than one step takes.
COMMITS = 2 * PASSAGES


class Watched(HashingEmbedder):
    """Counts its texts; told to hold, it holds after the first slice until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.texts = 0
        self.started, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += len(texts)
        self.started.set()
        assert self.go_on.wait(60)
        return super().embed(texts)


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[GraphStore]:
    with closing(open_graph(tmp_path / "graph")) as opened:
        for number in range(0, COMMITS, 4):
            opened.apply(Batch(documents=tuple(record(f"doc:{one}") for one in range(number, number + 4))))
        yield opened


def index(tmp_path: Path) -> EmbeddedIndex:
    embedder = HashingEmbedder()
    return open_index(tmp_path / "search", dimension=embedder.dimension, embedder_name=embedder.name)


def test_a_step_ends_after_some_hundred_passages(graph: GraphStore, tmp_path: Path) -> None:
    embedder = Watched()
    with closing(index(tmp_path)) as search:
        follower = Follower(graph, search, LiveLexicon(), embedder)
        assert follower.step()
        assert embedder.texts == PASSAGES
        assert Revision(0) < search.revision < graph.head()
        while follower.step():
            pass
        assert (embedder.texts, search.revision) == (COMMITS, graph.head())


def test_a_stop_waits_for_one_slice_and_the_next_start_goes_on_from_there(graph: GraphStore, tmp_path: Path) -> None:
    embedder = Watched()
    embedder.go_on.clear()
    search = index(tmp_path)
    follower = Follower(graph, search, LiveLexicon(), embedder)
    follower.start()
    assert embedder.started.wait(60)
    stopping = threading.Thread(target=follower.stop)
    stopping.start()
    while not follower.stopping:
        pass
    embedder.go_on.set()
    stopping.join(60)
    assert not stopping.is_alive()
    assert embedder.texts == SLICE
    search.close()
    with closing(index(tmp_path)) as again:
        assert again.revision == 0
        following = Follower(graph, again, LiveLexicon(), HashingEmbedder())
        while following.step():
            pass
        assert again.counts()["passages"] == COMMITS
