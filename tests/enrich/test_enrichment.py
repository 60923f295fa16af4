"""Each record comes out exactly once, in order, with nothing from after its date, also when the run is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from tests.conftest import SAMPLES
from worldctx.client.client import connect_blocking
from worldctx.enrich.options import Mode, Options
from worldctx.enrich.row import is_plain
from worldctx.enrich.run import enrich
from worldctx.model.ask import Profile
from worldctx.model.errors import BadInput
from worldctx.model.time import parse_when


def rows(path: Path) -> list[dict[str, object]]:
    data = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
    return [json.loads(line) for line in data.splitlines()]


def run(world: Path, inputs: list[Path], out: Path, options: Options, *, resume: bool = False) -> dict[str, int]:
    with connect_blocking(f"embedded:{world}", embedder="hashing") as client:
        return enrich(client, inputs, out, options, resume=resume, progress=lambda path, done: None)


def test_every_record_comes_back_in_order_and_bad_ones_say_why(world: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(SAMPLES.read_bytes() + b"broken\n" + b'{"text":"Chile","published_at":"soon"}\n')
    counts = run(world, [source], tmp_path / "out", Options())
    found = rows(tmp_path / "out" / "in.ctx.jsonl.zst")
    wanted = [json.loads(line)["id"] for line in SAMPLES.read_bytes().splitlines()]
    assert [row["id"] for row in found] == [*wanted, "", ""]
    assert (counts["ok"], counts["error"], counts["shards"]) == (len(wanted), 2, 1)
    assert "published_at" in str(found[-1]["error"])


def test_nothing_known_after_a_document_is_in_its_record(world: Path, tmp_path: Path) -> None:
    run(world, [SAMPLES], tmp_path / "out", Options(full=True, limit=50))
    facts = 0
    for row, line in zip(rows(tmp_path / "out" / "documents.ctx.jsonl.zst"), SAMPLES.read_bytes().splitlines(), strict=True):
        published = json.loads(line).get("published_at")
        if not published:
            continue
        bound = parse_when(published)
        record = row["record"]
        assert isinstance(record, dict)
        for fact in record["facts"]:
            facts += 1
            assert not fact["known_since"] or parse_when(fact["known_since"]).hi <= max(bound.hi, bound.lo), (row["id"], fact)
            assert not fact["valid"]["to"] or parse_when(fact["valid"]["to"]).lo < bound.hi, (row["id"], fact)
        for passage in record["passages"]:
            assert parse_when(passage["published_at"]).hi <= bound.hi
    assert facts > 20


def test_profiles_and_modes_have_the_shape_they_promise(world: Path, tmp_path: Path) -> None:
    run(world, [SAMPLES], tmp_path / "a", Options(Profile.MECO, Mode.INLINE, plain_share=0))
    first = rows(tmp_path / "a" / "documents.ctx.jsonl.zst")[0]
    assert first["context"] == "URL: samples.worldctx.example\n\n"
    assert str(first["text"]).startswith(str(first["context"]))
    assert first["loss_mask_spans"] == [[0, len(str(first["context"]))]]
    run(world, [SAMPLES], tmp_path / "b", Options(plain_share=1.0))
    assert all(row["ctx_text"] == "" for row in rows(tmp_path / "b" / "documents.ctx.jsonl.zst"))


def test_the_share_without_context_is_chosen_by_the_id_alone() -> None:
    share = sum(is_plain(f"doc:{number}", 0.1) for number in range(5000)) / 5000
    assert 0.08 < share < 0.12


def test_a_run_is_not_mixed_with_another(world: Path, tmp_path: Path) -> None:
    run(world, [SAMPLES], tmp_path / "out", Options())
    with pytest.raises(BadInput, match="--resume"):
        run(world, [SAMPLES], tmp_path / "out", Options())
    with pytest.raises(BadInput, match="other options .profile was header"):
        run(world, [SAMPLES], tmp_path / "out", Options(Profile.MECO), resume=True)


def test_a_killed_and_resumed_run_leaves_the_same_bytes(world: Path, tmp_path: Path) -> None:
    inputs = []
    lines = SAMPLES.read_bytes().splitlines(keepends=True)
    for number in range(4):
        inputs.append(tmp_path / f"shard{number}.jsonl")
        inputs[-1].write_bytes(b"".join(lines[number * 3:number * 3 + 3]))
    run(world, inputs, tmp_path / "whole", Options())
    names = [str(path) for path in inputs]
    command = [sys.executable, "-c", "from worldctx.cli import main; main()", "enrich", *names, str(tmp_path / "killed"), "--data", str(world), "--embedder", "hashing", "--resume"]
    for point in ("enrich.row=kill@4", "enrich.renamed=kill"):
        killed = subprocess.run(command, env={**os.environ, "WORLDCTX_FAILPOINTS": point}, capture_output=True, check=False)
        assert killed.returncode == -9, killed.stderr
    assert run(world, inputs, tmp_path / "killed", Options(), resume=True)["ok"] == 12
    for path in (tmp_path / "whole").iterdir():
        assert (tmp_path / "killed" / path.name).read_bytes() == path.read_bytes(), path.name
