"""A deadline that travels with a request, and the one way in which work notices that nobody waits for it any more."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from worldctx.model.errors import Cancelled, DeadlineExceeded


@dataclass(slots=True)
class Deadline:
    """Seconds on the monotonic clock, and a flag that the caller left. It shapes what is left out, never an answer."""

    at: float | None = None
    gone: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def after(cls, seconds: float | None) -> Deadline:
        """A deadline so many seconds from now; None for none."""
        return cls(None if seconds is None else time.monotonic() + seconds)

    @property
    def remaining(self) -> float:
        """Seconds left; infinite without a deadline."""
        return float("inf") if self.at is None else self.at - time.monotonic()

    def check(self) -> None:
        """Stop here if nobody waits for the result.

        Raises:
            Cancelled, DeadlineExceeded
        """
        if self.gone.is_set():
            raise Cancelled("the caller cancelled")
        if self.remaining <= 0:
            raise DeadlineExceeded("the deadline passed before the answer was ready; allow more time or ask for less")
