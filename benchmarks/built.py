"""A data directory that holds the synthetic world: made once through the real writer, then reused."""

from __future__ import annotations

import itertools
import json
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from benchmarks.invention import RECIPE, Invention, Size
from worldctx.config import Settings
from worldctx.model.errors import IncompatibleData
from worldctx.ports.deadline import Deadline
from worldctx.text.passages import passages_of
from worldctx.wiring import Running, drop_index, open_running

T = TypeVar("T")
log = logging.getLogger(__name__)

#: Records in one commit.
FACTS, DOCUMENTS = 5_000, 100
#: A stand-in for a model's vectors, as long as all-MiniLM-L6-v2's: scanning them costs the same.
EMBEDDER = "hashing-384"
_WAIT_S = 3600.0


def folder_of(directory: Path, size: Size) -> Path:
    """Where the world of a size lies below a directory."""
    return directory / f"{size.name}-{RECIPE}"


def build(directory: Path, size: Size) -> dict[str, float]:
    """Make the world if it is not there, going on where an earlier build broke off; what was measured on the way."""
    folder = folder_of(directory, size)
    done = folder / "built.json"
    if done.exists():
        return dict(json.loads(done.read_text(encoding="utf-8")))
    invention = Invention(size)
    with open_running(settings_of(directory, size)) as running:
        measured = _knowledge(invention, running) | _texts(invention, running)
    done.write_text(json.dumps(measured), encoding="utf-8")
    return measured


def settings_of(directory: Path, size: Size, embedder: str = EMBEDDER) -> Settings:
    """Settings for the world of a size."""
    return Settings.read(data=folder_of(directory, size) / "world", embedder=embedder, listen="127.0.0.1:0")


@contextmanager
def opened(directory: Path, size: Size) -> Iterator[Running]:
    """The built world, open, with an index that has caught up; one of an older version is made anew first."""
    build(directory, size)
    settings = settings_of(directory, size)
    with ExitStack() as stack:
        try:
            running = stack.enter_context(open_running(settings))
        except IncompatibleData as error:
            log.info("%s: doing that", error.message)
            drop_index(settings)
            running = stack.enter_context(open_running(settings))
        running.follower.wait_for(running.world.graph.head(), Deadline.after(_WAIT_S))
        yield running


def _knowledge(invention: Invention, running: Running) -> dict[str, float]:
    began = time.perf_counter()
    running.writer.write([(0, source) for source in invention.sources])
    for entities in chunks(invention.entities, FACTS):
        running.writer.write([(0, one) for one in entities])
    named = time.perf_counter()
    for number, facts in enumerate(chunks(invention.facts(), FACTS)):
        running.writer.write([(0, one) for one in facts])
        if number % 20 == 0:
            log.info("facts: %d", (number + 1) * FACTS)
    written = time.perf_counter()
    running.follower.wait_for(running.world.graph.head(), Deadline.after(_WAIT_S))
    return {"entities_per_s": invention.size.entities / (named - began),
            "facts_per_s": invention.size.facts / (written - named)}


def _texts(invention: Invention, running: Running) -> dict[str, float]:
    began, passages, count = time.perf_counter(), 0, 0
    documents = invention.documents()
    while passages < invention.size.passages:
        group = list(itertools.islice(documents, DOCUMENTS))
        running.writer.ingest(group)
        passages += sum(len(passages_of(one.id, one.text)) for one in group)
        count += len(group)
        if count % 2000 == 0:
            log.info("documents: %d, passages: %d", count, passages)
    ingested = time.perf_counter()
    running.follower.wait_for(running.world.graph.head(), Deadline.after(_WAIT_S))
    return {"documents": float(count), "passages": float(passages), "documents_per_s": count / (ingested - began),
            "documents_searchable_per_s": count / (time.perf_counter() - began)}


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    left = iter(items)
    while group := list(itertools.islice(left, size)):
        yield group
