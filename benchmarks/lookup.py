"""Lookups of questions and of whole documents: in this process, and through the gRPC service. Embedding apart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.built import opened
from benchmarks.invention import Invention, Size
from benchmarks.report import Report, Times, run, timed
from worldctx.client.client import connect
from worldctx.lookup.pipeline import look_up
from worldctx.model.ask import Ask
from worldctx.ports.deadline import Deadline
from worldctx.ports.embedder import Embedder
from worldctx.rpc.server import Server
from worldctx.wiring import Running

#: Asks measured, after as many others have warmed the page cache as a running service would have it.
QUESTIONS, LONG = 400, 100
QUESTION_TOKENS, LONG_TOKENS = 60, 1000


class Stopwatch:
    """An embedder that says how long it took, so that its time can be told apart."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder, self.times = embedder, Times()
        self.name, self.dimension = embedder.name, embedder.dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See the port."""
        with self.times.one():
            return self._embedder.embed(texts)


def measure(size: Size, directory: Path) -> Report:
    """All rows."""
    report = Report("lookup", size)
    invention = Invention(size)
    with opened(directory, size) as running:
        counter = running.world.tokens
        questions = invention.questions(2 * QUESTIONS, QUESTION_TOKENS, counter)
        documents = invention.long_asks(2 * LONG, LONG_TOKENS, counter)
        in_process(report, running, questions, documents)
        asyncio.run(_served(report, running, questions[QUESTIONS:], documents[LONG:]))
    return report


def in_process(report: Report, running: Running, questions: Sequence[Ask], documents: Sequence[Ask]) -> None:
    """`lookup.pipeline.look_up` itself."""
    embedder = running.world.embedder
    if embedder is None:
        raise AssertionError("the benchmark's world has vectors")
    watch = Stopwatch(embedder)
    worlds = {"words and vectors, without the embedding step": replace(running.world, embedder=watch),
              "words only": replace(running.world, embedder=None)}
    for told, world in worlds.items():
        for what, asks, warm, limits in (("60-token question", questions, QUESTIONS, (5.0, 15.0)),
                                         ("1,000-token document", documents, LONG, (15.0, None))):
            times, without = Times(), Times()
            for ask in asks:
                watch.times = Times()
                with times.one():
                    look_up(ask, world, Deadline())
                without.wall.append(times.wall[-1] - sum(watch.times.wall))
                without.cpu.append(times.cpu[-1] - sum(watch.times.cpu))
            report.times(f"{what}, {told}", without.after(warm), p50=limits[0], p95=limits[1])
    embed_question = timed(lambda ask: embedder.embed([ask.text]), questions[:QUESTIONS])
    report.times(f"embedding a question ({embedder.name})", embed_question)


async def _served(report: Report, running: Running, questions: Sequence[Ask], documents: Sequence[Ask]) -> None:
    """The same through gRPC, one call at a time and four at a time; embedding included."""
    server = Server(running, running.settings)
    address = await server.start()
    try:
        client = await connect(address)
        async with client:
            for what, asks in (("60-token question", questions), ("1,000-token document", documents)):
                spent = []
                for ask in asks:
                    began = time.perf_counter()
                    await client.look_up(ask)
                    spent.append(time.perf_counter() - began)
                report.times(f"{what} through gRPC, embedding included", Times(spent))
            began = time.perf_counter()
            waiting = asyncio.Semaphore(4)

            async def one(ask: Ask) -> None:
                async with waiting:
                    await client.look_up(ask)

            await asyncio.gather(*(one(ask) for ask in questions))
            report.figure("60-token questions through gRPC, 4 at a time", "lookups/s",
                          len(questions) / (time.perf_counter() - began))
    finally:
        await server.stop()


if __name__ == "__main__":
    run(__doc__ or "", measure)
