"""A disk that is full or read-only is said; what was acknowledged stays, and work goes on when there is room again."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import Cli, serving
from tests.rpc.conftest import level
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.config import Settings
from worldctx.model.errors import StoreFull
from worldctx.model.ids import DocumentId
from worldctx.wiring import Running, open_running

#: Tells what is left free for a while, in bytes.
ROOM = 1 << 20


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """A file system in memory; tests that need one skip where it cannot be had."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(client: BlockingClient) -> tuple[set[str], list[tuple[str, bytes]]]:
    """Ingest until the disk is full: what was acknowledged, and the records that were not."""
    acknowledged: set[str] = set()
    for batch in range(500):
        records = [(str(n), b'{"id":"r:%d:%d","text":"%s"}' % (batch, n, b"Records of Chile are long. " * 40)) for n in range(10)]
        try:
            acks = list(client.ingest(records))
        except StoreFull as error:
            assert "nothing was written" in error.message
            return acknowledged, records
        assert not any(ack.error.message for ack in acks)
        acknowledged |= {ack.document_id for ack in acks}
    raise AssertionError("the disk was never full")


def check_it_recovers(running: Running, make_room: Callable[[], None]) -> None:
    with serving(running) as address, connect_blocking(address) as client:
        acknowledged, refused = fill(client)
        assert acknowledged
        make_room()
        acks = list(client.ingest(refused))
        assert [ack.error.message for ack in acks] == [""] * 10
        acknowledged |= {ack.document_id for ack in acks}
        level(running)
        assert list(client.verify().problems) == []
    reader = running.world.graph.at()
    assert set(reader.documents([DocumentId(one) for one in acknowledged])) == acknowledged
    assert running.stats()["graph"]["documents"] == len(acknowledged)


def test_a_full_disk_is_said_and_work_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=3m") as disk:
        filler = disk / "filler"
        settings = Settings.read(data=disk / "w", embedder="none", listen="127.0.0.1:0")
        with open_running(settings) as running:
            filler.write_bytes(b"x" * ROOM)
            check_it_recovers(running, filler.unlink)
        with open_running(settings) as running:
            level(running)
            assert running.verify() == []


def test_a_file_that_may_not_grow_is_said_and_work_goes_on_when_it_may(tmp_path: Path) -> None:
    """The same without a file system of its own: the kernel refuses what goes beyond the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_running(Settings.read(data=tmp_path / "w", embedder="none", listen="127.0.0.1:0")) as running:
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, hard))
        try:
            check_it_recovers(running, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard)))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_read_only_directory_can_be_exported_and_nothing_else(cli: Cli, world: Path, tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=64m") as disk:
        subprocess.run(["cp", "-r", str(world), str(disk / "w")], check=True)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        for verb in (("ingest", "/dev/null"), ("stats",), ("serve", "--listen", "127.0.0.1:0")):
            (line,) = cli(*verb, "--data", disk / "w", code=1).complaints[-1:]
            assert "cannot be written: Read-only file system" in line
        assert cli("export", "facts", tmp_path / "a.jsonl", "--data", disk / "w", "--json").json["fact"] > 100
