"""Workers as processes, on a real broker and a real service, and what a run without them makes of the same documents."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from ingest.settings import IngestSettings
from ingest.worker import app_of
from tests.conftest import pack_lines, serving
from tests.servers.process import Server
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.config import Settings
from worldctx.exchange.documents import parse_document
from worldctx.ports.deadline import Deadline
from worldctx.wire.v1 import ingest_pb2
from worldctx.wiring import Running, open_running

CLI = [sys.executable, "-m", "worldctx"]
#: Quick enough for a test, long enough for a busy machine.
TIMES = {"TIME_LIMIT_S": "10", "OVERDUE_S": "1", "SWEEP_S": "0.5", "RETRY_S": "0.2", "PATIENCE_S": "60"}
WAIT_S = 90.0
DONE, PARKED = ingest_pb2.RECORD_STATUS_DONE, ingest_pb2.RECORD_STATUS_PARKED


def documents(count: int, seed: int = 1) -> list[bytes]:
    """Documents that name entities of the pack, so that what is found in them depends on the lexicon."""
    dice = random.Random(seed)
    names = [name["name"] for line in pack_lines() if (one := json.loads(line))["type"] == "entity" for name in one["names"]]
    return [json.dumps({
        "id": f"news:{number}", "published_at": f"19{dice.randrange(50, 99)}-0{dice.randrange(1, 9)}",
        "text": " ".join(f"{dice.choice(names)} met {dice.choice(names)} in {dice.choice(names)}." for _ in range(12)),
    }).encode() for number in range(count)]


def key_of(document: bytes) -> str:
    return parse_document(document, max_chars=10**6).content_hash


@pytest.fixture(scope="session")
def pack_only(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the names of the pack and no documents; copy it."""
    folder = tmp_path_factory.mktemp("pack") / "world"
    with open_running(Settings.read(data=folder, embedder="none")) as running:
        assert not running.writer.write_facts(pack_lines()).refused
        running.follower.wait_for(running.world.graph.head(), Deadline.after(60))
    return folder


@contextmanager
def opened(data: Path, embedder: str = "none") -> Iterator[Running]:
    with open_running(Settings.read(data=data, embedder=embedder, listen="127.0.0.1:0", drain_s=1)) as running:
        running.follower.wait_for(running.world.graph.head(), Deadline.after(60))
        yield running


@pytest.fixture
def sequential(pack_only: Path, tmp_path: Path) -> Callable[[Iterable[bytes]], list[str]]:
    """The canonical dump of a run in one process, one document after the other."""

    def dump(records: Iterable[bytes]) -> list[str]:
        import shutil

        with opened(Path(shutil.copytree(pack_only, tmp_path / "sequential"))) as running:
            for record in records:
                running.writer.ingest([record])
            return list(running.world.graph.dump())

    return dump


@pytest.fixture(params=["redis_server", "rabbitmq_server"])
def broker(request: pytest.FixtureRequest) -> Server:
    server = request.getfixturevalue(request.param)
    assert isinstance(server, Server)
    return server


@dataclass
class Site:
    """A broker, a service and the processes that work for it; queues are this test's own."""

    server: Server
    address: str
    log: Path
    prefix: str = field(default_factory=lambda: f"test-{uuid.uuid4().hex[:8]}")
    times: dict[str, str] = field(default_factory=lambda: dict(TIMES))
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def settings(self) -> IngestSettings:
        return IngestSettings.read(broker=self.server.url, server=self.address, prefix=self.prefix)

    @cached_property
    def app(self) -> Celery:
        app = app_of(self.settings)
        self.stack.callback(app.close)
        return app

    def env(self, **more: str) -> dict[str, str]:
        given = {f"WORLDCTX_INGEST_{name}": value for name, value in self.times.items()}
        return {**os.environ, **given, "WORLDCTX_INGEST_PREFIX": self.prefix, "WORLDCTX_EMBEDDER": "hashing", **more}

    def started(self, *words: object, **env: str) -> subprocess.Popen[str]:
        """A verb in a process group of its own; returns when it is ready."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [*CLI, *map(str, words), "--server", self.address, "--broker", self.server.url, "--json"], text=True,
                env=self.env(**env), stdout=subprocess.PIPE, stderr=log, start_new_session=True)
        self.stack.callback(end, process)
        assert process.stdout is not None
        line = process.stdout.readline()
        process.stdout.close()
        assert line, self.log.read_text()
        return process

    def worker(self, *words: object, concurrency: int = 2, **env: str) -> subprocess.Popen[str]:
        return self.started("worker", "--concurrency", concurrency, *words, **env)

    def beat(self, *words: object) -> subprocess.Popen[str]:
        return self.started("beat", *words)

    @contextmanager
    def client(self) -> Iterator[BlockingClient]:
        with connect_blocking(self.address) as client:
            yield client

    def enqueue(self, records: Sequence[bytes]) -> list[ingest_pb2.Record]:
        items = [ingest_pb2.EnqueueRequest.Item(id=str(place), json=one) for place, one in enumerate(records)]
        with self.client() as client:
            answers = list(client.enqueue(items))
        assert all(one.outcome == ingest_pb2.ENQUEUE_OUTCOME_QUEUED for one in answers), answers
        return [one.record for one in answers]

    def records(self, keys: Iterable[str]) -> dict[str, ingest_pb2.Record]:
        with self.client() as client:
            return {one.key: one for one in client.records(keys)}

    def count(self, keys: Sequence[str], *statuses: int) -> int:
        return sum(one.status in statuses for one in self.records(keys).values())

    def settled(self, keys: Sequence[str], *statuses: int, least: int | None = None, wait_s: float = WAIT_S) -> None:
        """Wait until the records (or so many of them) have one of the statuses; done, unless others are named."""
        wanted, until = least or len(set(keys)), time.monotonic() + wait_s
        with self.client() as client:
            while True:
                found = [one for one in client.records(keys) if one.status in (statuses or (DONE,))]
                if len({one.key for one in found}) >= wanted:
                    return
                if time.monotonic() > until:
                    left = [one for one in client.records(keys) if one.status not in (statuses or (DONE,))]
                    raise AssertionError(
                        f"{len(left)} of {wanted} are not there yet: {left[:3]}\n{self.log.read_text()[-4000:]}")
                time.sleep(0.02)


def end(process: subprocess.Popen[str]) -> None:
    """Kill a process with all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass
class Place(Site):
    """With the service in this process."""

    running: Any = None

    def dump(self) -> list[str]:
        return list(self.running.world.graph.dump())


@contextmanager
def placed(server: Server, data: Path, embedder: str = "none") -> Iterator[Place]:
    with opened(data, embedder) as running, serving(running) as address:
        place = Place(server, address, data.parent / "log", running=running)
        with place.stack:
            yield place


@pytest.fixture
def place(broker: Server, pack_only: Path, tmp_path: Path) -> Iterator[Place]:
    """A service with the names of the pack, without an embedder."""
    import shutil

    with placed(broker, Path(shutil.copytree(pack_only, tmp_path / "served"))) as made:
        yield made
