"""A small world that is open, and what a test needs to hold its index back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from worldctx.config import Settings
from worldctx.model.ids import Revision
from worldctx.ports.deadline import Deadline
from worldctx.wiring import Running, open_running


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Running]:
    """An empty world, its service small: one thread, one place in the queue."""
    settings = Settings.read(data=tmp_path / "small", embedder="hashing", listen="127.0.0.1:0", workers=1, queue=1, drain_s=5)
    with open_running(settings) as running:
        yield running


def write(running: Running, *names: str, text: str = "Zanzibar zephyrs blow over {}.") -> Revision:
    """Commit a document each; the revision of the last."""
    acks = running.writer.ingest([b'{"id":"%s","text":"%s"}' % (name.encode(), text.format(name).encode()) for name in names])
    assert all(ack.error is None for ack in acks)
    return acks[-1].revision


def level(running: Running) -> Revision:
    """Wait until the index is level with the graph."""
    head = running.world.graph.head()
    running.follower.wait_for(head, Deadline.after(30))
    return head
