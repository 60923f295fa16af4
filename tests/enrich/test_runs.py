"""Runs that meet trouble: other runs, changed inputs, full disks, busy services; what is done stays done."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.enrich import manifest
from worldctx.enrich.options import Options
from worldctx.enrich.run import enrich
from worldctx.enrich.shard import output_name, shards_of
from worldctx.model.errors import BadInput, IncompatibleData, Overloaded, StoreFull, StoreUnavailable
from worldctx.wire.v1 import context_pb2


@pytest.fixture
def client(tmp_path: Path) -> Iterator[BlockingClient]:
    with connect_blocking(f"embedded:{tmp_path / 'w'}", embedder="none") as opened:
        yield opened


def records(path: Path, count: int = 3) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"id": f"{path.stem}:{n}", "text": f"Record {n} of Chile."}) + "\n" for n in range(count)))
    return path


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(row) for row in zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read().splitlines()]


def test_folders_are_walked_by_name_and_the_output_may_lie_inside(client: BlockingClient, tmp_path: Path) -> None:
    source = tmp_path / "in"
    for name in ("b.jsonl", "a/c.json", "a/d.ndjson"):
        records(source / name)
    (source / "note.txt").write_text("no records")
    out = source / "out"
    for resume in (False, True):
        counts = enrich(client, [source], out, Options(), resume=resume)
        assert (counts["shards"], counts["ok"]) == (3, 9)
    assert sorted(one.relative_to(out).as_posix() for one in out.rglob("*.zst")) == ["a/c.ctx.jsonl.zst", "a/d.ctx.jsonl.zst", "b.ctx.jsonl.zst"]


@pytest.mark.parametrize(("name", "output"), [
    ("x.jsonl", "x.ctx.jsonl.zst"), ("x.jsonl.gz", "x.ctx.jsonl.zst"), ("1990/x.ndjson.zst", "1990/x.ctx.jsonl.zst"),
    ("x", "x.ctx.jsonl.zst"), ("x.v2.json", "x.v2.ctx.jsonl.zst")])
def test_an_output_is_named_after_its_input(name: str, output: str) -> None:
    assert output_name(name) == output


def test_inputs_that_cannot_be_told_apart_or_named_are_refused(tmp_path: Path) -> None:
    one, other = records(tmp_path / "a" / "x.jsonl"), records(tmp_path / "b" / "x.json")
    with pytest.raises(BadInput, match="would both become x.ctx.jsonl.zst"):
        shards_of([one, other], tmp_path / "out")
    with pytest.raises(BadInput, match="standard input"):
        shards_of([Path("-")], tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="no file in it"):
        shards_of([tmp_path / "empty"], tmp_path / "out")
    with pytest.raises(BadInput, match="not UTF-8; rename it"):
        shards_of([Path(os.fsdecode(b"caf\xe9.jsonl"))], tmp_path / "out")


def test_a_folder_is_one_runs_at_a_time(client: BlockingClient, tmp_path: Path) -> None:
    with manifest.held(tmp_path / "out"), pytest.raises(StoreUnavailable, match="another run works in"):
        enrich(client, [records(tmp_path / "x.jsonl")], tmp_path / "out", Options())
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be used as the output folder"):
        enrich(client, [records(tmp_path / "x.jsonl")], tmp_path / "file", Options())


def test_a_run_that_was_begun_otherwise_is_not_gone_on_with(client: BlockingClient, tmp_path: Path) -> None:
    source, out = records(tmp_path / "x.jsonl"), tmp_path / "out"
    enrich(client, [source], out, Options())
    with pytest.raises(BadInput, match="of the run is missing"):
        enrich(client, [records(tmp_path / "y.jsonl")], out, Options(), resume=True)
    with pytest.raises(BadInput, match="was not in the run"):
        enrich(client, [source, records(tmp_path / "a.jsonl")], out, Options(), resume=True)
    with pytest.raises(BadInput, match=r"other options \(limit was 10\)"):
        enrich(client, [source], out, Options(limit=9), resume=True)
    records(source, 4)
    with pytest.raises(BadInput, match="has changed since"):
        enrich(client, [source], out, Options(), resume=True)
    (out / manifest.NAME).write_text("{}")
    with pytest.raises(IncompatibleData, match="cannot be read as a manifest"):
        enrich(client, [source], out, Options(), resume=True)


def test_an_output_that_was_spoiled_is_made_again_the_same(client: BlockingClient, tmp_path: Path) -> None:
    source, out = records(tmp_path / "x.jsonl"), tmp_path / "out"
    (first,) = client.ingest([("1", b'{"text":"Record 1 of Chile."}')])
    client.search(context_pb2.SearchRequest(text="x", revision=first.revision))
    enrich(client, [source], out, Options())
    whole = (out / "x.ctx.jsonl.zst").read_bytes()
    list(client.ingest([("1", b'{"text":"Record 1 of Chile, told later."}')]))  # the run keeps its revision
    for spoiled in (whole[:-5], b""):
        (out / "x.ctx.jsonl.zst").write_bytes(spoiled)
        enrich(client, [source], out, Options(), resume=True)
        assert (out / "x.ctx.jsonl.zst").read_bytes() == whole
    (out / "x.ctx.jsonl.zst").unlink()
    enrich(client, [source], out, Options(), resume=True)
    assert (out / "x.ctx.jsonl.zst").read_bytes() == whole


def test_a_run_that_was_begun_on_an_empty_world_is_not_mixed_with_a_full_one(client: BlockingClient, tmp_path: Path) -> None:
    source, out = records(tmp_path / "x.jsonl"), tmp_path / "out"
    enrich(client, [source], out, Options())
    (out / "x.ctx.jsonl.zst").unlink()
    (ack,) = client.ingest([("1", b'{"text":"Record 1 of Chile."}')])
    client.search(context_pb2.SearchRequest(text="x", revision=ack.revision))
    with pytest.raises(BadInput, match="the world was empty when the run began"):
        enrich(client, [source], out, Options(), resume=True)


def test_a_full_disk_is_said_leaves_nothing_half_and_the_run_goes_on_later(client: BlockingClient, tmp_path: Path) -> None:
    small, large = records(tmp_path / "a.jsonl"), records(tmp_path / "b.jsonl", 2000)
    out = tmp_path / "out"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, hard))
    try:
        with pytest.raises(StoreFull, match="b.ctx.jsonl.zst cannot be written: File too large"):
            enrich(client, [small, large], out, Options(full=True))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(out.glob("*.tmp"))
    assert len(rows(out / "a.ctx.jsonl.zst")) == 3
    assert enrich(client, [small, large], out, Options(full=True), resume=True)["ok"] == 2003


class Busy:
    """A client of a service that is busy for the first calls."""

    def __init__(self, client: BlockingClient, times: int) -> None:
        self._client, self._times = client, times

    def enrich(self, *words: Any) -> Iterator[Any]:
        if self._times:
            self._times -= 1
            raise Overloaded("256 requests are waiting")
        return self._client.enrich(*words)  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


def test_a_busy_service_is_asked_again_and_one_that_stays_so_ends_the_run(
    client: BlockingClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worldctx.enrich.run.PAUSES_S", (0.0, 0.0, 0.0))
    source, out = records(tmp_path / "x.jsonl"), tmp_path / "out"
    with pytest.raises(Overloaded):
        enrich(Busy(client, 4), [source], out, Options())  # type: ignore[arg-type]
    assert not list(out.glob("*.zst*"))
    assert enrich(Busy(client, 3), [source], out, Options(), resume=True)["ok"] == 3  # type: ignore[arg-type]
