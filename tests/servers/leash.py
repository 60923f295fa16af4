"""Runs one server and ends it, with all that it started, when the process that owns it is gone.

`leash.py OWNER PIDS LOG COMMAND…` writes its own process id and the server's to PIDS, returns, and watches from then
on. A server so outlives the test worker that started it, but never the test run. Standard library only; Linux only.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

PATIENCE_S = 10  #: from SIGTERM to SIGKILL, when the owner is gone
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
LIBC = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Start the server in a session of its own; the caller gets control back once it runs."""
    owner, pids, log, *command = sys.argv[1:]
    started, tell = os.pipe()
    if os.fork():
        os.close(tell)
        sys.exit(0 if os.read(started, 1) else 1)
    os.setsid()
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)  # daemons that the server starts become ours, and end with it
    watched = os.pidfd_open(int(owner))
    with Path(log).open("ab") as written:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            preexec_fn=die_with_the_leash,  # noqa: PLW1509 -- this process has one thread
        )
    Path(pids).write_text(f"{os.getpid()} {server.pid}", encoding="utf-8")
    os.write(tell, b".")
    os.close(tell)
    hold(server, watched)
    Path(pids).unlink(missing_ok=True)


def die_with_the_leash() -> None:
    """Between fork and exec. The kernel watches the thread that forked, which here is all of the leash."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def hold(server: subprocess.Popen[bytes], owner: int) -> None:
    """Until the server has ended, or its owner has."""
    running = os.pidfd_open(server.pid)
    first_of(running, owner)
    for signum in (signal.SIGCONT, signal.SIGTERM):
        if server.poll() is None:
            server.send_signal(signum)
    first_of(running, timeout_s=PATIENCE_S)
    if server.poll() is None:
        server.kill()
    server.wait()
    end_the_rest()


def first_of(*descriptors: int, timeout_s: float | None = None) -> None:
    """Wait for the end of one of these processes."""
    polled = select.poll()
    for descriptor in descriptors:
        polled.register(descriptor, select.POLLIN)
    polled.poll(None if timeout_s is None else timeout_s * 1000)


def end_the_rest() -> None:
    """Kill and reap what the server left behind, grandchildren as they come to us."""
    while True:
        for pid in children(os.getpid()):
            os.kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def children(parent: int) -> list[int]:
    """The processes that this one is parent of."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # it ended while we looked
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


if __name__ == "__main__":
    main()
