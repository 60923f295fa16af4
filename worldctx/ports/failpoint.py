"""Named points at which a test may kill the process or make an operation fail; nothing happens unless one is armed.

`WORLDCTX_FAILPOINTS` names them: `graph.apply.before_commit=kill,graph.migrate.before_commit=error@2` (the second
time it is passed). `ingest.claimed=kill#KEY` acts only where the point is passed about KEY. It is read once, when the
first point is passed.
"""

from __future__ import annotations

import os
import signal
import threading
import time

#: Every point there is; arming another name is an error, so that a renamed point cannot silently stop being tested.
FAILPOINTS = (
    "graph.apply.begun",
    "graph.apply.before_commit",
    "graph.apply.after_commit",
    "graph.ledger.before_commit",
    "graph.migrate.before_commit",
    "graph.erase.begun",
    "graph.erase.half",
    "graph.erase.before_commit",
    "graph.erase.after_commit",
    "graph.settle.begun",
    "graph.settle.before_end",
    "enrich.row",
    "enrich.renamed",
    "ingest.claimed",
    "ingest.prepared",
    "search.store.written",
    "search.erase.stored",
    "search.erase.deleted",
)
ACTIONS = ("kill", "error", "hang")
#: Longer than anything may take.
HANG_S = 3600.0
VARIABLE = "WORLDCTX_FAILPOINTS"


class FailpointError(Exception):
    """What an armed `error` point raises: a surprise, on purpose not one of our own errors."""


#: What each armed point does, at which passing, and about what alone; empty for anything.
Points = dict[str, tuple[str, int, str]]


class _Armed:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.points: Points | None = None


_armed = _Armed()


def failpoint(name: str, about: str = "") -> None:
    """Pass the point `name`, at work on `about`. Free unless it is armed."""
    points = _armed.points
    if points is None:
        points = arm(os.environ.get(VARIABLE, ""))
    if points and name in points and points[name][2] in ("", about):
        _reach(name)


def arm(text: str) -> Points:
    """Arm the points that `text` names, in the form of the environment variable, and disarm all others.

    Raises:
        ValueError: an unknown point or action.
    """
    points: Points = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, rest = entry.partition("=")
        rest, _, about = rest.partition("#")
        action, _, nth = rest.partition("@")
        if name not in FAILPOINTS or action not in ACTIONS:
            raise ValueError(f"{VARIABLE}: {entry!r} is not POINT=kill|error|hang[@N][#ABOUT] with POINT one of "
                             f"{FAILPOINTS}")
        points[name] = (action, int(nth or 1), about)
    with _armed.lock:
        _armed.points = points
    return points


def _reach(name: str) -> None:
    with _armed.lock:
        points = _armed.points
        if not points or name not in points:
            return
        action, left, about = points[name]
        if left > 1:
            points[name] = (action, left - 1, about)
            return
        if action == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
    if action == "hang":
        time.sleep(HANG_S)
        return
    raise FailpointError(f"failpoint {name}")
