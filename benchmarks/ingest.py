"""Ingest of documents of 120 words without vectors: durable in batches, and until they can be searched."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.built import build, chunks, folder_of
from benchmarks.invention import SHORT, Invention, Size
from benchmarks.report import Report, Times, run
from worldctx.config import Settings
from worldctx.graph.sqlite import open_graph
from worldctx.model.document import Document
from worldctx.ports.deadline import Deadline
from worldctx.wiring import open_running

#: Documents written, batches that they come in, and single documents each durable by itself.
DOCUMENTS, BATCH, SINGLE = 6000, 100, 200


def measure(size: Size, directory: Path) -> Report:
    """All rows."""
    report = Report("ingest", size)
    built = build(directory, size)
    report.figure("entities while the world was built, in batches of 5,000", "entities/s", built["entities_per_s"])
    report.figure("facts while the world was built, in batches of 5,000", "facts/s", built["facts_per_s"])
    report.figure("documents while the world was built, vectors of a stand-in made beside", "docs/s",
                  built["documents_per_s"])
    invention = Invention(size)
    documents = [invention.document(20_000_000 + number, SHORT) for number in range(DOCUMENTS + SINGLE)]
    with ExitStack() as stack:
        # On a copy of the graph: the names to be found are those of the world, and the world stays as it is.
        copy = Path(stack.enter_context(TemporaryDirectory(dir=directory)))
        graph = open_graph(folder_of(directory, size) / "world")
        try:
            graph.backup(copy / "graph.db")
        finally:
            graph.close()
        running = stack.enter_context(open_running(Settings.read(data=copy, embedder="none")))
        running.follower.wait_for(running.world.graph.head(), Deadline())
        _batches(report, documents[:DOCUMENTS], running.writer.ingest)
        began = time.perf_counter()
        running.follower.wait_for(running.world.graph.head(), Deadline())
        report.figure("the index behind the last acknowledgement", "s", time.perf_counter() - began)
        seconds = []
        for one in documents[DOCUMENTS:]:
            began = time.perf_counter()
            running.writer.ingest([one])
            running.follower.wait_for(running.world.graph.head(), Deadline())
            seconds.append(time.perf_counter() - began)
        report.times("one document, durable and to be found", Times(seconds))
    return report


def _batches(report: Report, documents: Sequence[Document], ingest: object) -> None:
    assert callable(ingest)
    seconds = []
    began = time.perf_counter()
    for group in chunks(documents, BATCH):
        start = time.perf_counter()
        acks = ingest(group)
        seconds.append(time.perf_counter() - start)
        assert all(ack.error is None for ack in acks)
    spent = time.perf_counter() - began
    report.figure(f"{SHORT}-word documents, durable in batches of {BATCH}, the index following", "docs/s",
                  len(documents) / spent, least=300)
    report.times(f"one batch of {BATCH}", Times(seconds))


if __name__ == "__main__":
    run(__doc__ or "", measure)
