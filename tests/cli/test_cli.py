"""The command line does what it says, tells machines in JSON, and reports errors in one line."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import SAMPLES

CLI = [sys.executable, "-c", "from worldctx.cli import main; main()"]
README = Path(__file__).parents[2] / "README.md"


def run(*args: object, code: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*CLI, *map(str, args)], capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200", **env})
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done


def test_client_command_line_and_hash_seed_give_the_same_bytes(world: Path) -> None:
    query = ("lookup", "Who is the President of Chile?", "--as-of", "1972-06-01", "--data", world, "--embedder", "hashing", "--json")
    one, other = (run(*query, PYTHONHASHSEED=seed).stdout for seed in ("1", "77"))
    assert one == other
    import worldctx
    from worldctx.wire.messages import to_json
    from worldctx.wire.v1 import context_pb2

    with worldctx.connect_blocking(f"embedded:{world}", embedder="hashing") as client:
        assert to_json(client.look_up(context_pb2.LookUpRequest(text=query[1], as_of="1972-06-01", budget=512, limit=10, profile="brief"))) + "\n" == one


def test_bad_records_are_named_by_file_and_line_and_the_rest_goes_in(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl.gz"
    good = [b'{"text":"one"}', b"{broken", b'{"text":"two\\u0000"}', b'{"text":"three","published_at":"yesterday-ish"}', b"\xff", b'{"title":"none"}']
    source.write_bytes(gzip.compress(b"\n".join(good)))
    done = run("ingest", source, "--data", tmp_path / "w", "--embedder", "none", "--json", code=1)
    counted = json.loads(done.stdout)
    assert counted["written"] + counted["refused"] == 6
    assert counted["written"] >= 1
    for line, word in ((2, "JSON"), (4, "published_at"), (5, "UTF-8"), (6, "text")):
        assert re.search(rf"in\.jsonl\.gz: line {line}: .*{word}", done.stderr), done.stderr


def test_a_truncated_file_gives_what_stands_before_the_break(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl.gz"
    data = gzip.compress(b"".join(b'{"text":"number %d %s"}\n' % (number, os.urandom(40).hex().encode()) for number in range(2000)))
    source.write_bytes(data[: len(data) // 2])
    done = run("ingest", source, "--data", tmp_path / "w", "--embedder", "none", "--json", code=1)
    assert json.loads(done.stdout)["written"] > 100
    assert "breaks off" in done.stderr


def test_many_queries_are_answered_line_by_line(world: Path, tmp_path: Path) -> None:
    queries = tmp_path / "q.jsonl"
    queries.write_text('{"id":"a","text":"Chile","as_of":"1972"}\n{"id":"b","text":"x","as_of":"soon"}\n{"id":"c","text":"Kofi Annan","limit":2}\n')
    run("lookup", "--input", queries, "--output", tmp_path / "a.jsonl", "--data", world, "--embedder", "hashing", code=1)
    answers = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [one["id"] for one in answers] == ["a", "b", "c"]
    assert "as_of" in answers[1]["error"]
    assert len(answers[2]["facts"]) <= 2


def test_wrong_usage_and_failures_have_their_own_codes(tmp_path: Path, world: Path) -> None:
    run("lookup", code=2)
    run("nonsense", code=2)
    assert "as_of" in run("lookup", "x", "--as-of", "soon", "--data", world, "--embedder", "hashing", code=1).stderr
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "graph.db").write_bytes(b"not a database at all" * 100)
    assert "worldctx:" in run("stats", "--data", tmp_path / "w", "--embedder", "none", code=1).stderr


def test_the_service_starts_answers_and_drains(world: Path) -> None:
    process = subprocess.Popen([*CLI, "serve", "--data", str(world), "--listen", "127.0.0.1:0", "--embedder", "hashing"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        address = process.stdout.readline().split("ready on ")[1].split(",")[0]
        assert json.loads(run("verify", "--server", address, "--json").stdout)["problems"] == []
        answer = run("lookup", "Who is the President of Chile?", "--as-of", "1972-06-01", "--server", address).stdout
        assert "Salvador Allende" in answer
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        process.stdout.close()


@pytest.mark.slow
def test_the_readme_is_true(tmp_path: Path) -> None:
    blocks = re.findall(r"```(\w+)\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    shell = next(block for kind, block in blocks if kind == "sh" and "worldctx import" in block)
    output = ""
    for line in shell.splitlines():
        command = re.sub(r"\s+#.*$", "", line).replace(".venv/bin/worldctx", f"'{sys.executable}' -c 'from worldctx.cli import main; main()'")
        done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stderr)
        output += done.stdout
    assert "Salvador Allende" in output
    assert "Mark Felt" not in output
    python = next(block for kind, block in blocks if kind == "python")
    done = subprocess.run([sys.executable, "-c", python], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Salvador Allende" in done.stdout, done.stderr


def test_samples_have_each_their_own_id() -> None:
    ids = [json.loads(line)["id"] for line in SAMPLES.read_bytes().splitlines()]
    assert len(set(ids)) == len(ids)
