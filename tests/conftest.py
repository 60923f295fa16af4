"""Worlds for tests: the shipped pack on real embedded stores, with the hashing embedder."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from worldctx.config import Settings
from worldctx.model.ids import Revision
from worldctx.ports.deadline import Deadline
from worldctx.wiring import Running, open_running

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


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The evaluation data; tests that need it skip where it is not there."""
    folder = Path(os.environ.get("WORLDCTX_DATA_DIR", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the evaluation data is not here: set WORLDCTX_DATA_DIR to its folder")
    return folder
