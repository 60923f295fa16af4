"""A server as a process: started on a leash in a home folder, found again there by any process of the run."""

from __future__ import annotations

import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar, Self

from tests.servers import leash

READY_S = 120.0  #: a JVM that starts beside other tests on two cores
STOP_S = 30.0
TAIL = 4000  #: characters of the log that go into an error
PORTS = range(20000, 32000)  #: below the ports that the kernel gives to outgoing connections, so nothing takes a port between kill and restart


class Unavailable(Exception):
    """A server that cannot be had here, and why."""


class Failed(Exception):
    """A server that did not start or did not stop, with the end of its log."""


def free_port(*wished: int) -> int:
    """A port on loopback that nobody listens on: the first of those wished for that is free, else a random one."""
    for port in (*wished, *random.sample(PORTS, 100)):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                tried.bind(("127.0.0.1", port))
                return port
    raise Failed("no free port on 127.0.0.1")


class Server(ABC):
    """One server in one home folder, on loopback, with one port that stays the same over restarts."""

    name: ClassVar[str]
    STANDARD_PORT: ClassVar[int]

    def __init__(self, home: Path, *, port: int | None = None) -> None:
        self.home = home
        self._wished_port = port

    @property
    def port(self) -> int:
        """Chosen at the first start, then kept."""
        return self.second_port("port", self._wished_port)

    def second_port(self, name: str, wished: int | None = None) -> int:
        """A port that the home remembers by this name."""
        kept = self.home / name
        if not kept.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            kept.write_text(str(free_port(*[wished] if wished else [])), encoding="utf-8")
        return int(kept.read_text(encoding="utf-8"))

    @property
    @abstractmethod
    def url(self) -> str:
        """How a driver is told where it is."""

    @abstractmethod
    def command(self) -> Sequence[str | Path]:
        """The program and its arguments. Raises Unavailable where it cannot be had."""

    @abstractmethod
    def prepare(self) -> None:
        """Write the settings into the home."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it does its work now. Connections that are refused are False or an OSError."""

    def environment(self) -> Mapping[str, str]:
        """What it needs beside our own environment."""
        return {}

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def _pids(self) -> Path:
        return self.home / "pids"

    def start(self, *, owner: int | None = None, timeout_s: float = READY_S) -> Self:
        """Start it, as the process `owner`'s (this one's, if none is named), and wait until it answers."""
        if self.running:
            return self
        command = [str(word) for word in self.command()]
        self.home.mkdir(parents=True, exist_ok=True)
        self.prepare()
        words = [sys.executable, "-S", leash.__file__, str(owner or os.getpid()), str(self._pids), str(self.log), *command]
        nothing = subprocess.DEVNULL
        with self.log.open("ab") as log:
            environment = {**os.environ, **self.environment()}
            done = subprocess.run(words, stdin=nothing, stdout=nothing, stderr=log, env=environment, cwd=self.home, check=False)
        if done.returncode:
            raise Failed(f"{self.name} did not start: {self.tail()}")
        self.wait_until_ready(timeout_s)
        return self

    def wait_until_ready(self, timeout_s: float = READY_S) -> None:
        """Returns when it answers; raises with the end of its log when it has ended, or takes too long."""
        until = time.monotonic() + timeout_s
        while not self._answers():
            if not self.running:
                raise Failed(f"{self.name} has ended: {self.tail()}")
            if time.monotonic() > until:
                self.kill()
                raise Failed(f"{self.name} was not ready after {timeout_s:.0f} s: {self.tail()}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return self.answers()
        except OSError:
            return False

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-TAIL:] if self.log.exists() else "no log"

    @property
    def running(self) -> bool:
        """Whether its process is there, whoever started it."""
        return self._processes() is not None

    def _processes(self) -> tuple[int, int] | None:
        """The leash and the server; None when they are gone. A number given to another process since is not taken for ours."""
        try:
            guard, server = map(int, self._pids.read_text(encoding="utf-8").split())
            words = Path(f"/proc/{guard}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return (guard, server) if os.fsencode(self._pids) in words else None

    def stop(self, timeout_s: float = STOP_S) -> bool:
        """Ask it to end; kill it when it has not within the time. Whether it ended by itself."""
        self.resume()
        self._end(signal.SIGTERM, timeout_s)
        by_itself = not self.running
        self.kill()
        return by_itself

    def kill(self) -> None:
        """As a crash or a power cut would."""
        self._end(signal.SIGKILL, STOP_S)
        if self.running:
            raise Failed(f"{self.name} does not end: {self.tail()}")

    def _end(self, signum: int, timeout_s: float) -> None:
        found = self._processes()
        if found is None:
            return
        with suppress(ProcessLookupError):
            descriptor = os.pidfd_open(found[0])
            try:
                os.kill(found[1], signum)
                polled = select.poll()
                polled.register(descriptor, select.POLLIN)
                polled.poll(timeout_s * 1000)
            finally:
                os.close(descriptor)

    def restart(self, *, owner: int | None = None) -> None:
        """Stop it in good order and start it on the same data and port."""
        owner = owner or self._owner()
        self.stop()
        self.start(owner=owner)

    def _owner(self) -> int | None:
        found = self._processes()
        if found is None:
            return None
        words = Path(f"/proc/{found[0]}/cmdline").read_bytes().split(b"\0")
        return int(words[words.index(os.fsencode(self._pids)) - 1])

    def pause(self) -> None:
        """It keeps its connections and answers nothing, as a server that is overloaded or swapped out.

        Raises:
            Failed: it has not stopped in time.
        """
        self._signal(signal.SIGSTOP)
        # The signal is sent at once and acted on a moment later, thread by thread: one of them could still answer.
        found, until = self._processes(), time.monotonic() + STOP_S
        while found and not _stopped(found[1]):
            if time.monotonic() > until:
                raise Failed(f"{self.name} does not stop: {self.tail()}")
            time.sleep(0.01)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, signum: int) -> None:
        found = self._processes()
        if found:
            with suppress(ProcessLookupError):
                os.kill(found[1], signum)

    @contextmanager
    def down(self) -> Iterator[None]:
        """Killed while in the block, back with its data after it."""
        owner = self._owner()
        self.kill()
        try:
            yield
        finally:
            self.start(owner=owner)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stopped in its tracks while in the block."""
        self.pause()
        try:
            yield
        finally:
            self.resume()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _stopped(pid: int) -> bool:
    """Whether every thread of a process is stopped (proc(5): state T); so is one that has ended."""
    states = []
    for task in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            states.append(task.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0])
    return set(states) <= {"T", "Z", "X"}
