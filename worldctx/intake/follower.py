"""The follower: keeps lexicon and search index on the graph's heels, in order, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile

import numpy as np

from worldctx.intake.handed_vectors import HandedVectors
from worldctx.intake.live_lexicon import LiveLexicon
from worldctx.model.errors import RevisionUnavailable, StoreUnavailable, WorldctxError
from worldctx.model.ids import ZERO, Revision
from worldctx.ports.deadline import Deadline
from worldctx.ports.embedder import Embedder
from worldctx.ports.graph import Commit, GraphStore
from worldctx.ports.search import SearchIndex, Vector

log = logging.getLogger(__name__)

#: Commits taken in one step. Small, so that a waiting reader sees its own commit soon.
STEP = 64
#: Passages after which a step takes no further commit, and those whose vectors are made at a time: vectors take
#: hundreds of times as long as words, readers wait for a step to end, and a stop for a slice of one.
PASSAGES, SLICE = 256, 32
#: A step that failed (disk full, say) is tried again after these many seconds, doubling up to the last.
RETRY_S = (0.2, 10.0)
#: Seconds after which it is looked at again whether the index is still the one that serves.
TEND_S = 2.0
#: How often a waiter looks whether its caller is still there, in seconds.
LOOK_S = 0.05


class _Stopped(Exception):
    """The follower is to stop: the step under way is left and taken anew at the next start."""


class Follower:
    """Moves the index forward one step at a time. The graph never waits for it."""

    def __init__(self, graph: GraphStore, search: SearchIndex, lexicon: LiveLexicon, embedder: Embedder | None) -> None:
        self._graph, self._search, self._lexicon, self._embedder = graph, search, lexicon, embedder
        self._news = threading.Condition()
        self._turn = threading.Lock()
        #: The newest erasure whose documents this index let go of while we followed with it.
        self._let_go = ZERO
        #: Held while documents are written with what the graph has, and while something is erased from it.
        self.entering = threading.Lock()
        self._stop = False
        self._failure: str = ""
        self._thread: threading.Thread | None = None
        #: Called between steps every few seconds, as if `resting`; it may `turn_to` another index.
        self.tend: Callable[[], None] = lambda: None

    def take_knowledge(self) -> None:
        """Take in the next commits that hold no documents: an import's, which need no vectors, so that the names of
        what was written while nobody followed are found at once. Before `start`, and before anyone reads.
        """
        try:
            while commits := list(takewhile(_is_knowledge, self._graph.commits(self._search.revision, STEP))):
                self._search.add(commits, self._vectors(commits))
        except WorldctxError as error:  # the thread tries again, and says so
            log.info("index cannot follow the graph yet: %s", error.message)
        self._lexicon.follow(self._graph, self._search.revision)

    def start(self) -> None:
        """Begin to follow."""
        self._thread = threading.Thread(target=self._run, name="worldctx-follower", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the step under way, make durable what was taken in; what was not comes at the next start."""
        with self._news:
            self._stop = True
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._search.flush()

    def notify(self) -> None:
        """Tell the follower that there is a new commit."""
        with self._news:
            self._news.notify_all()

    @contextmanager
    def resting(self) -> Iterator[None]:
        """No step is taken inside: lexicon and index stand still, and those who wait go on waiting."""
        with self._turn:
            yield

    def turn_to(self, search: SearchIndex, lexicon: LiveLexicon) -> None:
        """Follow with another index and lexicon from now on. Call it while `resting`."""
        self._search, self._lexicon, self._let_go = search, lexicon, ZERO
        self.notify()

    @property
    def lexicon(self) -> LiveLexicon:
        """The lexicon that follows."""
        return self._lexicon

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stop

    @property
    def failure(self) -> str:
        """Why the last step failed; empty when it did not."""
        return self._failure

    def step(self) -> bool:
        """Take the next commits in; False when there were none. The lexicon is ahead of the index, never behind."""
        following = self._graph.commits(self._search.revision, STEP)
        commits = _up_to_erasure(_few(following) if self._embedder is not None else list(following))
        if not commits:
            return False
        self._graph.at(commits[-1].revision).warm()
        self._lexicon.follow(self._graph, commits[-1].revision)
        if commits[0].erased:
            if isinstance(self._embedder, HandedVectors):
                self._embedder.forget()
            self._search.erase(commits[0].erased, commits[0].revision)
            self._let_go = commits[0].revision
        else:
            self._search.add(commits, self._vectors(commits))
        return True

    def wait_until_settled(self, deadline: Deadline) -> None:
        """Return when nothing is left of what was erased: neither in the index nor in the files of the graph.

        Raises:
            StoreUnavailable: it takes longer than the caller has time; it goes on.
        """
        self.notify()
        while (unsettled := self._graph.unsettled()) and not self._stop:
            if deadline.remaining <= 0:
                raise StoreUnavailable(
                    f"what revision {unsettled} erased is shown by nothing, but not yet gone from all files"
                    f"{': ' + self._failure if self._failure else ''}; the service goes on with it")
            deadline.check()
            with self._news:
                self._news.wait(min(LOOK_S, deadline.remaining))

    def _settle(self) -> None:
        """Tell the graph when the index holds nothing of what was erased any more."""
        unsettled = self._graph.unsettled()
        if not unsettled or self._search.revision < unsettled:
            return
        if self._let_go < unsettled:
            # Another process let go of it, and may have been killed before its files were gone. What came back since
            # stays.
            gone = self._graph.letting_go()
            there = self._graph.at(self._search.revision).documents(gone)
            if gone:
                self._search.erase([one for one in gone if one not in there], unsettled)
            self._let_go = unsettled
        self._graph.settle(unsettled)

    def wait_for(self, revision: Revision, deadline: Deadline) -> None:
        """Return when the index holds the revision.

        Raises:
            RevisionUnavailable: the graph has no such revision, or the index did not reach it in time.
        """
        if self._search.revision >= revision:
            return
        head = self._graph.head()
        if revision > head:
            raise RevisionUnavailable(f"revision {revision} does not exist; the newest is {head}")
        with self._news:
            self._news.notify_all()
            while self._search.revision < revision:
                if deadline.remaining <= 0 or self._stop:
                    raise RevisionUnavailable(
                        f"the index holds revision {self._search.revision}, not yet {revision}"
                        f"{': ' + self._failure if self._failure else ''}; try again, or allow more time")
                deadline.check()
                self._news.wait(min(LOOK_S, deadline.remaining))

    def _vectors(self, commits: Sequence[Commit]) -> list[Vector] | None:
        if self._embedder is None:
            return None
        texts = [[piece.text for record in commit.documents for piece in record.passages] for commit in commits]
        flat = [text for group in texts for text in group]
        slices = [np.zeros((0, self._embedder.dimension), np.float32)]
        for start in range(0, len(flat), SLICE):
            if self._stop:
                raise _Stopped
            slices.append(self._embedder.embed(flat[start : start + SLICE]))
        rows = np.concatenate(slices)
        ends = np.cumsum([len(group) for group in texts])
        return [rows[end - len(group):end] for end, group in zip(ends, texts, strict=True)]

    def _run(self) -> None:
        pause, due = RETRY_S[0], time.monotonic() + TEND_S
        while not self._stop:
            try:
                with self._turn:
                    if time.monotonic() >= due:
                        due = time.monotonic() + TEND_S
                        self.tend()
                    try:
                        self._settle()
                    finally:  # what cannot be settled yet keeps nobody from what is new
                        moved = self.step()
                self._failure, pause = "", RETRY_S[0]
            except _Stopped:
                return
            except WorldctxError as error:
                self._failure = error.message
                log.warning("index cannot follow the graph (%s); trying again in %.1f s", error.message, pause)
                self._sleep(pause)
                pause = min(pause * 2, RETRY_S[1])
                continue
            except Exception as error:
                # A thread that dies silently would leave every reader waiting: say so to all of them instead.
                self._failure = f"the index follower failed: {type(error).__name__}"
                log.exception("index follower failed; trying again in %.1f s", pause)
                self._sleep(pause)
                pause = min(pause * 2, RETRY_S[1])
                continue
            with self._news:
                self._news.notify_all()
                if not moved and not self._stop:
                    self._news.wait(0.5)

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        with self._news:
            while not self._stop and (left := end - time.monotonic()) > 0:
                self._news.wait(left)


def follow_to_head(graph: GraphStore, follower: Follower, deadline: Deadline) -> Revision:
    """Wait until the index holds what is the graph's head now; returns it.

    Raises:
        StoreUnavailable: the follower cannot move.
    """
    head = graph.head()
    try:
        follower.wait_for(head, deadline)
    except RevisionUnavailable as error:
        if follower.failure:
            raise StoreUnavailable(follower.failure) from error
        raise
    return head


def _is_knowledge(commit: Commit) -> bool:
    return not commit.documents and not commit.withdrawn and not commit.erased


def _up_to_erasure(commits: Sequence[Commit]) -> list[Commit]:
    """The first commits, up to one that erased documents; that one alone when it is the first."""
    return list(commits[:1]) if commits and commits[0].erased else list(takewhile(lambda one: not one.erased, commits))


def _few(commits: Iterable[Commit]) -> list[Commit]:
    """The first commits, until they have `PASSAGES`, one at least; those behind them are not read."""
    few: list[Commit] = []
    count = 0
    for commit in commits:
        few.append(commit)
        count += sum(len(record.passages) for record in commit.documents)
        if count >= PASSAGES:
            break
    return few
