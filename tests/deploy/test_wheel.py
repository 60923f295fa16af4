"""The wheel that the image installs is whole: code, generated code, and data."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.deploy.conftest import ROOT

#: Run with the wheel before everything else; what it imports must come from there.
LOOK = """
import sys
sys.path.insert(0, sys.argv[1])
import importlib, pkgutil
from importlib.resources import files
import worldctx, ingest
for package in (worldctx, ingest):
    assert package.__file__.startswith(sys.argv[1]), package.__file__
    for one in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not one.name.endswith("__main__"):
            importlib.import_module(one.name)
assert (files("worldctx") / "packs" / "world" / "facts.jsonl").read_bytes()
from worldctx.cli import run
sys.exit(run(["import", "pack", "--data", sys.argv[2], "--embedder", "none"]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    # The build system without its own environment: nothing is fetched.
    done = subprocess.run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_has_everything_that_git_has(wheel: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", "worldctx", "ingest"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert [name for name in tracked if (ROOT / name).exists() and name not in names] == []
    protos = {one.stem for one in (ROOT / "proto").rglob("*.proto")}
    assert protos
    for name in protos:
        assert {f"worldctx/wire/v1/{name}_pb2.py", f"worldctx/wire/v1/{name}_pb2.pyi", f"worldctx/wire/v1/{name}_pb2_grpc.py"} <= names
    assert {"worldctx/py.typed", "worldctx/packs/world/facts.jsonl"} <= names
    assert not [name for name in names if name.split("/")[0] not in ("worldctx", "ingest") and ".dist-info/" not in name]
    assert not [name for name in names if name.endswith(".pyc")]


def test_the_wheel_alone_can_be_imported_and_run(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    done = subprocess.run([sys.executable, "-P", "-c", LOOK, tmp_path / "installed", tmp_path / "data"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "data" / "graph.db").exists()
