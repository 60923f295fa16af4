"""Processes that are interrupted, killed or left: the exit code says so, what was acknowledged is there, nothing is half."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zstandard

from worldctx.client.client import connect_blocking
from worldctx.config import Settings
from worldctx.enrich.options import Options
from worldctx.enrich.run import enrich
from worldctx.model.errors import StoreUnavailable
from worldctx.testing.failpoints import environment
from worldctx.wire.v1 import context_pb2, ingest_pb2
from worldctx.wiring import open_running, reading

CLI = [sys.executable, "-m", "worldctx"]


@contextmanager
def started(*words: object, env: dict[str, str] | None = None, **pipes: Any) -> Iterator[subprocess.Popen[bytes]]:
    """The command line in a process of its own, ended at the end whatever happens."""
    process = subprocess.Popen([*CLI, *map(str, words)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **pipes)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(true: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    while not true():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


def head(data: Path) -> int:
    if not (data / "graph.db").exists():
        return 0
    try:
        with reading(Settings.read(data=data)) as graph:
            return graph.head()
    except StoreUnavailable:  # it is just being made
        return 0


def test_ctrl_c_during_ingest_says_how_much_is_safe_and_leaves_it_sound(tmp_path: Path) -> None:
    data = tmp_path / "w"
    with started("ingest", "-", "--data", data, "--embedder", "none", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for number in range(150):  # a batch and a half; then the sender pauses
            process.stdin.write(b'{"id":"r:%d","text":"Record %d of Chile."}\n' % (number, number))
        process.stdin.flush()
        until(lambda: head(data) == 1, process)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert b"stopped; 100 written, 0 duplicate, 0 refused so far are safe; run it again" in err
    with open_running(Settings.read(data=data, embedder="none")) as running:
        assert running.verify() == []
        assert running.stats()["graph"]["documents"] == 100


def test_ctrl_c_during_many_lookups_leaves_no_half_file(tmp_path: Path) -> None:
    target = tmp_path / "answers.jsonl"
    with started("lookup", "--input", "-", "--output", target, "--data", tmp_path / "w", "--embedder", "none", stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b'{"text":"Chile"}\n' * 250)
        process.stdin.flush()
        beside = target.with_name(target.name + ".tmp")
        until(lambda: beside.exists() and beside.stat().st_size > 0, process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert not target.exists()
    assert not beside.exists()


def test_ctrl_c_during_enrichment_keeps_what_is_done_and_resume_leaves_the_same_bytes(tmp_path: Path) -> None:
    inputs = []
    for shard in range(30):
        inputs.append(tmp_path / f"in{shard:02d}.jsonl")
        inputs[-1].write_text("".join(f'{{"id":"{shard}:{n}","text":"Record {n} of Chile."}}\n' for n in range(20)))
    out, words = tmp_path / "out", ("--data", tmp_path / "w", "--embedder", "none")
    with started("enrich", *inputs, out, *words) as process:
        until(lambda: len(list(out.glob("*.zst"))) >= 3, process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert f"run it again with --resume to go on in {out}".encode() in err
    assert not list(out.glob("*.tmp"))
    with connect_blocking(f"embedded:{tmp_path / 'w'}", embedder="none") as client:
        assert enrich(client, inputs, out, Options(), resume=True)["ok"] == 30 * 20
        enrich(client, inputs, tmp_path / "whole", Options())
    for path in (tmp_path / "whole").iterdir():
        assert (out / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("words", [("export", "jsonl", "-"), ("lookup", "--input", "-", "--embedder", "hashing")])
def test_a_reader_that_leaves_is_no_traceback(world: Path, words: tuple[str, ...]) -> None:
    with started(*words, "--data", world, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdin.write(b'{"text":"Chile and Salvador Allende"}\n' * 60)
        process.stdin.close()
        process.stdin = None
        process.stdout.read(10)
        process.stdout.close()
        process.stdout = None
        err = process.stderr.read()
        assert process.wait(60) in (0, 1)
    assert err == b""


@contextmanager
def service(data: Path, env: dict[str, str] | None = None) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with started("serve", "--data", data, "--listen", "127.0.0.1:0", "--embedder", "none", "--json", env=env) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["embedder"] == "none"
        yield process, ready["address"]


def test_a_service_that_dies_between_commit_and_answer_and_a_retry_are_one_effect(tmp_path: Path) -> None:
    records = [(str(number), b'{"id":"r:%d","text":"Record %d of Chile."}' % (number, number)) for number in range(5)]
    with service(tmp_path / "w", environment("graph.apply.after_commit", "kill", 2)) as (process, address):
        with connect_blocking(address) as client:
            list(client.ingest(records[:2]))
            with pytest.raises(StoreUnavailable):
                list(client.ingest(records))  # committed, and nobody was told
        assert process.wait(30) == -signal.SIGKILL
    with service(tmp_path / "w") as (process, address):
        with connect_blocking(address) as client:
            acks = list(client.ingest(records))
            assert [(ack.outcome, ack.revision) for ack in acks] == [(ingest_pb2.INGEST_OUTCOME_DUPLICATE, 1 if n < 2 else 2) for n in range(5)]
            assert client.stats().graph["documents"] == 5
            assert list(client.verify().problems) == []
            answer = client.look_up(context_pb2.LookUpRequest(text="Record 4 of Chile", revision=2))
            assert answer.passages[0].document_id == "r:4"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_standard_output_is_utf_8_whatever_the_locale(world: Path) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    with started("export", "jsonl", "-", "--data", world, env=env) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert "é" in out.decode("utf-8")
    with started("lookup", "São Paulo", "--json", "--data", world, "--embedder", "hashing", env=env) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert json.loads(out)["rendered"]


def test_compressed_output_is_whole(cli: Any, world: Path, tmp_path: Path) -> None:
    """Nothing is left in a buffer when a compressed file is closed."""
    import gzip

    for name in ("a.jsonl", "a.jsonl.gz", "a.jsonl.zst"):
        cli("export", "jsonl", tmp_path / name, "--data", world)
    plain = (tmp_path / "a.jsonl").read_bytes()
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()) == plain
    assert zstandard.ZstdDecompressor().stream_reader((tmp_path / "a.jsonl.zst").read_bytes()).read() == plain
