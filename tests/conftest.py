"""Worlds for tests: the shipped pack on real embedded stores, with the hashing embedder."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import settings

from worldctx.cli import run
from worldctx.config import Settings
from worldctx.model.ids import Revision
from worldctx.ports.deadline import Deadline
from worldctx.rpc.server import Server
from worldctx.wiring import Running, open_running

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("worldctx", deadline=None)
settings.load_profile("worldctx")

pytest_plugins = ["tests.servers.fixtures"]
PACK = files("worldctx") / "packs"
SAMPLES = Path(str(PACK / "samples" / "documents.jsonl"))
#: Countries that the pack refers to and places bring in elsewhere.
CHILE = json.dumps({"type": "entity", "id": "gn:3895114", "kind": "place", "names": [{"name": "Chile", "lang": "en", "preferred": True}], "weight": 0.8})


def pack_lines() -> list[str]:
    return [CHILE, *(line for name in ("sources", "entities", "facts") for line in (PACK / "world" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the pack and the samples; copy it, do not write to it."""
    folder = tmp_path_factory.mktemp("filled") / "world"
    with open_running(Settings.read(data=folder, embedder="hashing")) as running:
        assert not running.writer.write_facts(pack_lines()).refused
        assert all(ack.error is None for ack in running.writer.ingest(SAMPLES.read_bytes().splitlines()))
        running.follower.wait_for(running.world.graph.head(), Deadline.after(60))
    return folder


@pytest.fixture
def world(filled: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own."""
    return Path(shutil.copytree(filled, tmp_path / "world"))


@pytest.fixture
def running(world: Path) -> Iterator[Running]:
    with open_running(Settings.read(data=world, embedder="hashing", listen="127.0.0.1:0", drain_s=1)) as opened:
        opened.follower.wait_for(Revision(opened.world.graph.head()), Deadline.after(60))
        yield opened


@contextmanager
def serving(running: Running, settings: Settings | None = None) -> Iterator[str]:
    """The gRPC service over an open world, in a thread with an event loop of its own; its address."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="service")
    thread.start()

    async def made() -> Server:
        return Server(running, settings or running.settings)

    server = asyncio.run_coroutine_threadsafe(made(), loop).result()
    try:
        yield asyncio.run_coroutine_threadsafe(server.start(), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@dataclass(frozen=True)
class Done:
    """What a command line printed."""

    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one line of JSON on standard output."""
        (line,) = self.out.splitlines()
        return json.loads(line)

    @property
    def complaints(self) -> list[str]:
        return [line.removeprefix("worldctx: ") for line in self.err.splitlines()]


class Cli(Protocol):
    def __call__(self, *words: object, code: int = 0) -> Done: ...


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cli:
    """Runs a command line in this process, in a folder of the test's own, with the hashing embedder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("WORLDCTX_EMBEDDER", "hashing")

    def call(*words: object, code: int = 0) -> Done:
        capsys.readouterr()
        found = run([str(word) for word in words])
        shown = capsys.readouterr()
        assert found == code, (words, shown.out, shown.err)
        assert "Traceback" not in shown.err
        return Done(shown.out, shown.err)

    return call


@pytest.fixture(params=["data", "server"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Options that name an empty world: a data directory, and a service."""
    if request.param == "data":
        yield "--data", str(tmp_path / "empty")
        return
    with (
        open_running(Settings.read(data=tmp_path / "served", embedder="hashing", listen="127.0.0.1:0")) as running,
        serving(running) as address,
    ):
        yield "--server", address


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The evaluation data; tests that need it skip where it is not there."""
    folder = Path(os.environ.get("WORLDCTX_DATA_DIR", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the evaluation data is not here: set WORLDCTX_DATA_DIR to its folder")
    return folder
