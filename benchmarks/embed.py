"""Embedders: how soon one is ready, what it holds in memory, how fast it is, how near the back ends are to each other.

The texts are the passages of the shipped samples, or of a file of documents, JSON lines with `text` (.gz too), that
WORLDCTX_BENCH_TEXTS names: of each fiftieth document. Each back end runs in a process of its own.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import time
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped]  # ships no types

from benchmarks.invention import Size
from benchmarks.report import Report, Times, run, timed
from worldctx.config import Settings
from worldctx.model.ids import DocumentId
from worldctx.text.passages import passages_of
from worldctx.wiring import LIBRARIES, open_embedder

#: Passages and questions at most, and the words of a question.
PASSAGES, QUESTIONS, WORDS = 800, 200, 8
#: Cosine to sentence-transformers that a back end keeps for every text.
NEAR = 0.9999


def measure(size: Size, directory: Path) -> Report:
    """All rows; the size of a world is of no consequence here."""
    report = Report("embed", size)
    directory.mkdir(parents=True, exist_ok=True)
    vectors = {}
    for library in LIBRARIES:
        target = directory / f"vectors-{library}.npy"
        command = [sys.executable, "-m", "benchmarks.embed", "alone", library, str(target)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        vectors[library] = np.load(target)
        for what, unit, value in found["figures"]:
            report.figure(f"{library}: {what}", unit, value)
        report.times(f"{library}: a question of {WORDS} words", Times(**found["questions"]))
    cosines = (vectors["onnx"] * vectors["sentence"]).sum(axis=1)
    what = f"lowest cosine of onnx and sentence, {len(cosines):,} passages"
    report.figure(what, "", float(cosines.min()), least=NEAR)
    return report


def texts() -> list[str]:
    """Passages, spread over all documents."""
    given = os.environ.get("WORLDCTX_BENCH_TEXTS", "")
    path = Path(given or str(files("worldctx") / "packs" / "samples" / "documents.jsonl"))
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        found = [
            piece.text for line in islice(lines, 0, None, 50 if given else 1)
            for piece in passages_of(DocumentId(""), json.loads(line)["text"])
        ]
    return found[:: max(1, len(found) // PASSAGES)][:PASSAGES]


def alone(library: str, target: Path) -> dict[str, Any]:
    """One back end in this process."""
    process, passages = psutil.Process(), texts()
    before, began = process.memory_info().rss, time.perf_counter()
    embedder = open_embedder(Settings.read(embedder=library))
    assert embedder is not None
    figures = [("from nothing imported to ready", "s", time.perf_counter() - began)]
    began, used = time.perf_counter(), time.process_time()
    np.save(target, embedder.embed(passages))
    figures += [
        ("passages", "1/s", len(passages) / (time.perf_counter() - began)),
        ("passages by processor time", "1/s", len(passages) / (time.process_time() - used)),
        ("resident memory more than before", "MiB", (process.memory_info().rss - before) / 2**20),
    ]
    questions = [" ".join(text.split()[:WORDS]) for text in passages[:QUESTIONS]]
    asked = timed(lambda text: embedder.embed([text]), questions)
    return {"figures": figures, "questions": {"wall": asked.wall, "cpu": asked.cpu}}


if __name__ == "__main__":
    if sys.argv[1:2] == ["alone"]:
        print(json.dumps(alone(sys.argv[2], Path(sys.argv[3]))))
    else:
        run(__doc__ or "", measure)
