"""The service is killed and comes back: workers wait for it and go on."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

from ingest.sender import Sender
from tests.ingest.conftest import CLI, Site, documents, end
from tests.servers.process import Server, free_port
from worldctx.config import Settings
from worldctx.wiring import reading


def service(data: Path, address: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [*CLI, "serve", "--data", data, "--listen", address, "--embedder", "none", "--json"], text=True, stdout=subprocess.PIPE,
        start_new_session=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    process.stdout.close()
    assert json.loads(line)["address"] == address
    return process


def test_workers_wait_for_a_service_that_was_killed_and_go_on(
        broker: Server, pack_only: Path, tmp_path: Path, sequential: Callable[[Iterable[bytes]], list[str]]) -> None:
    data, address = Path(shutil.copytree(pack_only, tmp_path / "served")), f"127.0.0.1:{free_port()}"
    site, records = Site(broker, address, tmp_path / "log"), documents(300)
    first = service(data, address)
    try:
        with site.stack:
            rows = site.enqueue(records)
            keys = [one.key for one in rows]
            site.worker()
            Sender(site.app, "").send(rows)
            site.settled(keys, least=10)
            end(first)
            second = service(data, address)
            site.stack.callback(end, second)
            site.settled(keys)
            assert max(one.attempts for one in site.records(keys).values()) <= 2
    finally:
        end(first)
    with reading(Settings.read(data=data)) as graph:
        assert list(graph.dump()) == sequential(records)


def test_a_worker_that_finds_no_service_gives_its_message_back(broker: Server, pack_only: Path, tmp_path: Path) -> None:
    data, address = Path(shutil.copytree(pack_only, tmp_path / "served")), f"127.0.0.1:{free_port()}"
    site, records = Site(broker, address, tmp_path / "log"), documents(5)
    site.times["PATIENCE_S"] = "0.1"
    first = service(data, address)
    try:
        with site.stack:
            rows = site.enqueue(records)
            end(first)
            site.worker(concurrency=1)
            Sender(site.app, "").send(rows)
            while "given back, the service is away" not in site.log.read_text():
                pass
            site.stack.callback(end, service(data, address))
            site.settled([one.key for one in rows])
            assert {one.attempts for one in site.records([one.key for one in rows]).values()} == {1}
    finally:
        end(first)
