"""The server profile (Neo4j and Elasticsearch) against the embedded one: the same work in one run, and the ratios.

Start the servers with `make servers`, and name them: WORLDCTX_GRAPH=neo4j://… WORLDCTX_SEARCH=elasticsearch+http://….
The database must be empty or hold what an earlier run of this size left in it.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from benchmarks.built import DOCUMENTS, EMBEDDER, FACTS, chunks
from benchmarks.invention import Invention, Size
from benchmarks.report import Report, Times, percentile, run
from worldctx.config import Settings
from worldctx.intake.follower import SLICE
from worldctx.lookup.pipeline import look_up
from worldctx.model.ask import Ask
from worldctx.model.document import Document
from worldctx.ports.deadline import Deadline
from worldctx.text.passages import passages_of
from worldctx.wiring import Running, drop_index, open_running

#: Asks of each kind, and how many of them only warm.
ASKS, WARM = 300, 100
QUESTION_TOKENS, LONG_TOKENS = 60, 1000
_WAIT_S = 3600.0
#: The last part of an import that memory is judged by: the first brings the names in, which the service holds.
_LATER = 0.5


@dataclass(frozen=True, slots=True)
class Rates:
    """What one profile does in a second, and how its memory grew, in MiB, while facts came in.

    Attributes:
        indexed: documents that the index follows, the making of vectors apart.
    """

    facts: float
    documents: float
    indexed: float
    growth: float


class Memory:
    """Resident memory of this process, looked at ten times a second."""

    def __init__(self) -> None:
        self._process, self._seen, self._over = psutil.Process(), list[int](), threading.Event()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch what is done inside."""
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    @property
    def growth(self) -> float:
        """MiB between the middle of what was watched and its end."""
        late = self._seen[int(len(self._seen) * _LATER):]
        return (max(late) - late[0]) / 2**20

    def _watch(self) -> None:
        while not self._over.is_set():
            self._seen.append(self._process.memory_info().rss)
            time.sleep(0.1)


def measure(size: Size, directory: Path) -> Report:
    """All rows."""
    if not os.environ.get("WORLDCTX_GRAPH") or not os.environ.get("WORLDCTX_SEARCH"):
        raise SystemExit("start the servers (make servers) and name them in WORLDCTX_GRAPH and WORLDCTX_SEARCH")
    logging.getLogger("elastic_transport").setLevel(logging.WARNING)  # a line for each request
    report = Report("server profile", size)
    given = Settings.read(data=directory / f"embedded-{os.getpid()}", embedder=EMBEDDER)
    profiles = {"embedded": given.model_copy(update={"graph": "", "search": ""}), "server": given}
    invention = Invention(size)
    with ExitStack() as stack:
        opened = {}
        for name, settings in profiles.items():
            drop_index(settings)
            opened[name] = stack.enter_context(open_running(settings))
        rates = {name: fill(invention, running) for name, running in opened.items()}
        ratios(report, rates)
        counter = opened["embedded"].world.tokens
        kinds = {"60-token question": invention.questions(ASKS, QUESTION_TOKENS, counter),
                 "1,000-token document": invention.long_asks(ASKS // 3, LONG_TOKENS, counter)}
        for asks in kinds.values():  # servers that run have compiled what they do often
            for ask in asks[:len(asks) * WARM // ASKS]:
                for running in opened.values():
                    look_up(ask, running.world, Deadline())
        for what, asks in kinds.items():
            for told, change in (("words only", True), ("words and vectors", False)):
                looked_up(report, f"{what}, {told}", opened, asks, without_vectors=change)
    return report


def fill(invention: Invention, running: Running) -> Rates:
    """Bring the world in as the service does: knowledge, then documents; both from memory."""
    running.writer.write([(0, source) for source in invention.sources])
    for entities in chunks(invention.entities, FACTS):
        running.writer.write([(0, one) for one in entities])
    catch_up(running)
    memory = Memory()
    began = time.perf_counter()
    with memory.watched():
        for facts in chunks(invention.facts(), FACTS):
            running.writer.write([(0, one) for one in facts])
    facts_s = time.perf_counter() - began
    catch_up(running)
    documents = list(itertools.islice(invention.documents(), invention.size.passages // 2))
    with running.follower.resting():  # each by itself: together they share two cores
        began = time.perf_counter()
        for group in chunks(documents, DOCUMENTS):
            running.writer.ingest(group)
        ingested = time.perf_counter() - began
    began = time.perf_counter()
    catch_up(running)
    caught_up = time.perf_counter() - began - embedding(running, documents)
    return Rates(invention.size.facts / facts_s, len(documents) / ingested, len(documents) / caught_up, memory.growth)


def embedding(running: Running, documents: Sequence[Document]) -> float:
    """Seconds that the vectors of documents take, made as the follower makes them."""
    if running.world.embedder is None:
        return 0.0
    texts = [piece.text for one in documents for piece in passages_of(one.id, one.text)]
    began = time.perf_counter()
    for some in chunks(texts, SLICE):
        running.world.embedder.embed(some)
    return time.perf_counter() - began


def catch_up(running: Running) -> None:
    """Wait for the index."""
    running.follower.wait_for(running.world.graph.head(), Deadline.after(_WAIT_S))


def ratios(report: Report, rates: dict[str, Rates]) -> None:
    """What the two profiles did, and how they compare."""
    figures: tuple[tuple[str, str, Callable[[Rates], float], float | None], ...] = (
        ("facts written", "facts/s", lambda one: one.facts, None),
        ("documents written", "documents/s", lambda one: one.documents, 0.5),
        ("documents indexed, vectors given", "documents/s", lambda one: one.indexed, None))
    for what, unit, of, least in figures:
        for name, own in rates.items():
            report.figure(f"{what}, {name}", unit, of(own))
        report.figure(f"{what}, server / embedded", "ratio", of(rates["server"]) / of(rates["embedded"]), least=least)
    report.figure("indexed / written, server", "ratio", rates["server"].indexed / rates["server"].documents, least=1)
    report.figure("memory of the service, growth in the second half of the facts, server", "MiB",
                  rates["server"].growth, most=64)


def looked_up(report: Report, what: str, opened: dict[str, Running], asks: Sequence[Ask], *,
              without_vectors: bool) -> None:
    """The same asks of both, one of each in turn, so that what else the machine does hits both."""
    times = {name: Times() for name in opened}
    worlds = {name: replace(running.world, embedder=None) if without_vectors else running.world
              for name, running in opened.items()}
    for ask in asks:
        for name, world in worlds.items():
            with times[name].one():
                look_up(ask, world, Deadline())
    warm = len(asks) * WARM // ASKS
    for name, own in times.items():
        report.times(f"{what}, {name}", own.after(warm))
    middle = {name: percentile(own.after(warm).wall, 0.5) for name, own in times.items()}
    report.figure(f"{what}, p50, server / embedded", "ratio", middle["server"] / middle["embedded"], most=4)


if __name__ == "__main__":
    run(__doc__ or "", measure)
