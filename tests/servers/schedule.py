"""How pytest-xdist deals out tests: all tests of one server to one worker, the others one by one.

The `xdist_group` mark says the same, but has no effect with pytest 9.2 and pytest-xdist 3.8 (pytest-dev/pytest-xdist#1386).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

GROUPS = "groups.json"  #: in the run's folder: node ids and their groups, as each worker finds them when it collects


def tell(folder: Path, groups: Mapping[str, str]) -> None:
    """A worker says which tests belong together; all say the same."""
    written = folder / f"{GROUPS}.{os.getpid()}"
    written.write_text(json.dumps(groups), encoding="utf-8")
    written.rename(folder / GROUPS)


class ByServer(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """The largest group first."""

    def __init__(self, config: pytest.Config, log: Producer, folder: Path) -> None:
        super().__init__(config, log)
        self._folder = folder

    @cached_property
    def _groups(self) -> dict[str, str]:
        groups: dict[str, str] = json.loads((self._folder / GROUPS).read_text(encoding="utf-8"))
        return groups

    def _split_scope(self, nodeid: str) -> str:
        return self._groups.get(nodeid, nodeid)
