"""Drivers for failpoints: arm them in this process, or in the environment of a process that a test starts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from worldctx.ports.failpoint import FAILPOINTS, VARIABLE, FailpointError, arm

__all__ = ["FAILPOINTS", "FailpointError", "armed", "environment"]


@contextmanager
def armed(name: str, action: str = "error", nth: int = 1) -> Iterator[None]:
    """Arm one point in this process; the `nth` passing and every later one acts."""
    arm(f"{name}={action}@{nth}")
    try:
        yield
    finally:
        arm("")


def environment(name: str, action: str = "kill", nth: int = 1) -> dict[str, str]:
    """This process's environment with one point armed, for subprocess.run(env=...)."""
    return {**os.environ, VARIABLE: f"{name}={action}@{nth}"}
