"""Wiring: the only place that knows which back end stands behind a port. Opens, checks, closes in reverse order."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path

from worldctx.config import Settings
from worldctx.embed.folder import PACKAGE, model_folder
from worldctx.embed.tokens import open_tokens
from worldctx.graph.sqlite import open_graph
from worldctx.intake.follower import Follower, follow_to_head
from worldctx.intake.live_lexicon import LiveLexicon
from worldctx.intake.writer import Writer
from worldctx.model.errors import BadInput, StoreFull, StoreUnavailable, Unsupported
from worldctx.model.ids import PassageId, Revision
from worldctx.ports.deadline import Deadline
from worldctx.ports.embedder import Embedder
from worldctx.ports.graph import GraphStore
from worldctx.ports.search import SearchIndex
from worldctx.ports.world import World
from worldctx.search.embedded import open_index

#: What runs a model, and the packages that it needs; `auto` takes the first that is there.
LIBRARIES = {"onnx": ("onnx", "onnxruntime", "safetensors"), "sentence": ("sentence_transformers",)}


@dataclass(slots=True)
class Running:
    """An open world with its writer and its follower."""

    world: World
    writer: Writer
    follower: Follower
    settings: Settings
    _rebuilding: threading.Lock = field(default_factory=threading.Lock)

    def close(self) -> None:
        """Stop following and close the index as it is now: a rebuild may have put another in its place."""
        self.follower.stop()
        self.world.search.close()

    def stats(self) -> dict[str, dict[str, int]]:
        """Counts of graph and index at their own newest revisions."""
        return {"graph": dict(self.world.graph.at().counts()), "index": self.world.search.counts()}

    def verify(self) -> list[str]:
        """Everything wrong with graph or index, or different between them; waits for the index to catch up first."""
        follow_to_head(self.world.graph, self.follower, Deadline())
        problems = list(self.world.graph.check())
        # The index stands still while it is compared: what is written meanwhile is no difference.
        with self.follower.resting():
            world = self.world
            live = _live(world.graph, world.search.revision)
            return problems + list(world.search.check(live))

    def rebuild(self) -> tuple[Revision, int]:
        """Make lexicon and index anew from the graph; the old index serves until the new one is complete.

        Requests under way go on with the index they began with: it is let go when the last of them ends.

        Raises:
            StoreUnavailable: a rebuild is under way.
            StoreFull: the new index does not fit on the disk; the old one goes on serving.
        """
        if not self._rebuilding.acquire(blocking=False):
            raise StoreUnavailable("a rebuild is under way; wait for it to end")
        try:
            return self._rebuilt()
        finally:
            self._rebuilding.release()

    def _rebuilt(self) -> tuple[Revision, int]:
        folder, embedder = _search_folder(self.settings), self.world.embedder
        beside, before = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
        _remove(beside)
        try:
            fresh = _index(beside, embedder)
            builder = Follower(self.world.graph, fresh, LiveLexicon(), embedder)
            while builder.step():
                pass
            fresh.flush()
            with self.follower.resting():
                # Not behind the old index: a request that was pinned to its revision may be answered by the new one.
                while builder.step():
                    pass
                fresh.flush()
                _remove(before)
                if folder.exists():
                    folder.rename(before)
                beside.rename(folder)
                search, lexicon = _index(folder, embedder), LiveLexicon()
                lexicon.follow(self.world.graph, search.revision)
                self.world = replace(self.world, search=search, lexicon=lexicon)
                self.writer = Writer(self.world, self.follower, self.settings.max_text_chars)
                self.follower.turn_to(search, lexicon)
            _remove(before)
        except OSError as error:
            raise StoreFull(f"the new index cannot be written beside {folder}: {error.strerror or error}") from error
        return search.revision, search.counts()["passages"]


def _live(graph: GraphStore, revision: Revision) -> list[PassageId]:
    """The passages that a revision shows, in the order of their commits."""
    ever = [
        passage.id
        for commit in graph.commits(Revision(0), revision)
        for record in commit.documents
        for passage in record.passages
    ]
    shown = set(graph.at(revision).passages(ever))
    return [one for one in ever if one in shown]


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _search_folder(settings: Settings) -> Path:
    return settings.data / "search"


def _index(folder: Path, embedder: Embedder | None) -> SearchIndex:
    if embedder is None:
        return open_index(folder, dimension=0)
    return open_index(folder, dimension=embedder.dimension, embedder_name=embedder.name)


def open_embedder(settings: Settings) -> Embedder | None:
    """The embedding model that the settings name.

    `auto` takes the packaged weights where they are installed, with onnxruntime, or with sentence-transformers where
    that is all there is, else none; a model that was named and cannot be had is an error. `sentence` and `onnx` choose
    the library; a folder or name alone runs with sentence-transformers, `onnx:` before it with onnxruntime.

    Raises:
        BadInput: the setting names nothing.
        Unsupported: the named model or its library is not installed.
        IncompatibleData: the model is damaged.
    """
    name = settings.embedder
    if name == "none":
        return None
    if name == "hashing" or (name.startswith("hashing-") and name.removeprefix("hashing-").isdecimal()):
        from worldctx.embed.hashing import HashingEmbedder

        return HashingEmbedder(int(name.removeprefix("hashing").lstrip("-") or 64))
    if name == "auto":
        installed = [library for library, needs in LIBRARIES.items() if all(map(find_spec, (PACKAGE, *needs)))]
        return _with_library(installed[0], None) if installed else None
    if name in LIBRARIES:
        return _with_library(name, None)
    library, colon, model = name.partition(":")
    if not colon or library not in LIBRARIES:
        library, model = "sentence", name
    if not model:
        raise BadInput.at("embedder", f"{name!r} names no model; give its folder, or auto, none, onnx or sentence")
    return _with_library(library, model)


def _with_library(library: str, model: str | None) -> Embedder:
    folder = model_folder(model)
    if library == "sentence":
        from worldctx.embed.sentence import SentenceEmbedder

        return SentenceEmbedder(folder)
    try:
        from worldctx.embed.onnx import OnnxEmbedder
    except ImportError as error:
        raise Unsupported(f"{error.name} is not installed; pip install 'worldctx[embed]'") from error
    return OnnxEmbedder(folder)


def drop_index(settings: Settings) -> None:
    """Remove the index of a data directory that nobody uses: it is followed anew when the world is next opened."""
    with closing(open_graph(settings.data)):
        _remove(_search_folder(settings))


@contextmanager
def reading(settings: Settings) -> Iterator[GraphStore]:
    """The graph alone, for reading; a service may be writing to it meanwhile. Changes nothing.

    Raises:
        StoreUnavailable: there is no graph.
        IncompatibleData: it was written by another version, or is damaged.
    """
    with closing(open_graph(settings.data, read_only=True)) as graph:
        yield graph


@contextmanager
def open_running(settings: Settings) -> Iterator[Running]:
    """Open the stores below `settings.data`, start to follow, and close all in reverse order.

    Raises:
        StoreUnavailable: the directory is in use by another process.
        IncompatibleData: it was written by another version, or is damaged.
        Unsupported: the embedder cannot be had.
    """
    with ExitStack() as stack:
        graph = stack.enter_context(closing(open_graph(settings.data)))
        embedder = open_embedder(settings)
        search = _index(_search_folder(settings), embedder)
        lexicon = LiveLexicon()
        lexicon.follow(graph, search.revision)
        graph.at(search.revision).warm()
        world = World(graph, search, lexicon, embedder, open_tokens(settings.tokenizer or None))
        follower = Follower(graph, search, lexicon, embedder)
        running = Running(world, Writer(world, follower, settings.max_text_chars), follower, settings)
        stack.callback(running.close)
        running.follower.start()
        yield running
