"""What is deployed, read as an operator's tools read it, and a service that runs as in a container."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def compose() -> dict[str, Any]:
    """docker-compose.yml with its anchors resolved; variables are left as they are."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return dict(compose["services"])


def is_ours(service: dict[str, Any]) -> bool:
    return str(service["image"]).startswith("worldctx:")


@dataclass(frozen=True)
class Served:
    """A service in a process of its own, with the settings of the profile `embedded`."""

    port: int
    metrics_port: int
    token: str
    process: subprocess.Popen[bytes]

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command in an environment like the container's: what `python` is there, is this one here."""
        environment = {"PATH": f"{Path(sys.executable).parent}:{os.defpath}", "WORLDCTX_LISTEN": f"0.0.0.0:{self.port}", "WORLDCTX_TOKEN": self.token}
        return subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)

    def scraped(self) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=30) as answer:
            return str(answer.read().decode())


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="session")
def served(services: dict[str, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Its settings are those of docker-compose.yml; ports, folder, token and embedder are the test's."""
    port, metrics_port, token = free_port(), free_port(), "a-token"
    given = {name: str(value) for name, value in services["embedded"]["environment"].items()}
    environment = given | {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}", "WORLDCTX_DATA": str(tmp_path_factory.mktemp("container") / "data"),
        "WORLDCTX_TOKEN": token, "WORLDCTX_EMBEDDER": "hashing",
        "WORLDCTX_LISTEN": given["WORLDCTX_LISTEN"].replace("50051", str(port)),
        "WORLDCTX_METRICS": given["WORLDCTX_METRICS"].replace("9464", str(metrics_port)),
    }
    words = [sys.executable, "-m", "worldctx", *services["embedded"]["command"]]
    process = subprocess.Popen(words, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found = Served(port, metrics_port, token, process)
    try:
        until = time.monotonic() + 60
        while found.ask("python", "-m", "worldctx.rpc.health").returncode:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until
        yield found
    finally:
        process.terminate()
        process.communicate(timeout=60)
