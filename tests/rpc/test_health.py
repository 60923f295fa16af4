"""The little command that a container's health check runs: one line, and an exit code."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import serving
from worldctx.config import Settings
from worldctx.rpc import health
from worldctx.wiring import Running


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = health.main(words)
    shown = capsys.readouterr()
    (line,) = (shown.out + shown.err).splitlines()
    return code, line


def test_a_service_that_takes_calls_is_healthy_and_needs_no_token(running: Running, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(running, running.settings.model_copy(update={"token": "secret"})) as address:
        assert asked(capsys, address) == (0, f"{address} SERVING")
        done = subprocess.run([sys.executable, "-m", "worldctx.rpc.health", address], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{address} SERVING\n", "")


def test_without_an_address_it_asks_where_this_machine_s_service_listens(running: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(running) as address:
        port = address.rpartition(":")[2]
        monkeypatch.setenv("WORLDCTX_LISTEN", f"0.0.0.0:{port}")
        assert asked(capsys) == (0, f"127.0.0.1:{port} SERVING")


def test_nobody_there_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    assert asked(capsys, address) == (1, f"{address} does not answer: UNAVAILABLE")


def test_a_service_that_is_stuck_is_not_waited_for(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the system takes the connection, and nobody reads
        code, line = asked(capsys, f"127.0.0.1:{silent.getsockname()[1]}")
    assert code == 1
    assert "does not answer" in line


@pytest.mark.parametrize("words", [["nowhere"], ["localhost:port"], ["a:1", "b:2"]])
def test_what_is_no_address_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, line = asked(capsys, *words)
    assert code == 1
    assert "HOST:PORT" in line


def test_a_service_with_tls_is_asked_over_tls(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, running: Running) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    settings: Settings = running.settings.model_copy(update={"tls_cert": certificate, "tls_key": key})
    with serving(running, settings) as address:
        assert asked(capsys, address)[0] == 1
        # gRPC reads the variable once in a process.
        done = subprocess.run([sys.executable, "-m", "worldctx.rpc.health", f"https://{address}"], capture_output=True, text=True, check=False,
                              env={"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(certificate), "PATH": ""})
    assert (done.returncode, done.stdout) == (0, f"https://{address} SERVING\n"), done.stderr
