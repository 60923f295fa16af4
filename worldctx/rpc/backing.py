"""What the services work on: an open world with its writer and follower. Wiring's Running keeps this promise."""

from __future__ import annotations

from typing import Protocol

from worldctx.config import Settings
from worldctx.intake.follower import Follower
from worldctx.intake.writer import Writer
from worldctx.model.ids import Revision
from worldctx.ports.world import World


class Backing(Protocol):
    """Attributes are read anew for each call: a rebuild puts another index in place."""

    @property
    def world(self) -> World: ...

    @property
    def writer(self) -> Writer: ...

    @property
    def follower(self) -> Follower: ...

    @property
    def settings(self) -> Settings: ...

    def stats(self) -> dict[str, dict[str, int]]:
        """Counts of graph and index."""
        ...

    def verify(self) -> list[str]:
        """Everything wrong, one line each."""
        ...

    def rebuild(self) -> tuple[Revision, int]:
        """Make the index anew; its revision and passages."""
        ...
