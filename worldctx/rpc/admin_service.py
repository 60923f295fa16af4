"""AdminService: state and upkeep of the stores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version

from worldctx.ports.deadline import Deadline
from worldctx.rpc.backing import Backing
from worldctx.wire.v1 import admin_pb2


class AdminService:
    """The calls as plain functions from message to message."""

    def __init__(self, backing: Backing, counters: Callable[[], Mapping[str, int]]) -> None:
        self._backing, self._counters = backing, counters

    def stats(self, request: admin_pb2.StatsRequest, deadline: Deadline) -> admin_pb2.StatsResponse:
        """Counts and revisions."""
        counts, world = self._backing.stats(), self._backing.world
        return admin_pb2.StatsResponse(
            version=version("worldctx"),
            revision=world.graph.head(),
            index_revision=world.search.revision,
            graph=counts["graph"],
            index=counts["index"],
            embedder=world.embedder.name if world.embedder else "",
            counters=self._counters(),
        )

    def verify(self, request: admin_pb2.VerifyRequest, deadline: Deadline) -> admin_pb2.VerifyResponse:
        """Check graph and index, and compare them."""
        revision = self._backing.world.graph.head()
        return admin_pb2.VerifyResponse(problems=self._backing.verify(), revision=revision)

    def rebuild(self, request: admin_pb2.RebuildRequest, deadline: Deadline) -> admin_pb2.RebuildResponse:
        """Make the index anew."""
        revision, passages = self._backing.rebuild()
        return admin_pb2.RebuildResponse(revision=revision, passages=passages)
