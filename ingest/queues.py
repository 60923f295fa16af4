"""Our queues: which one a record goes to says what its worker has to have."""

from __future__ import annotations

from dataclasses import dataclass

from worldctx.wire.v1 import ingest_pb2

#: extract: the names in documents. embed: the names and the vectors, where the service has vectors, so that a worker
#: needs its model. import: batches of fact lines. upkeep: the sweeper. feeds: what `feeds` names, on the machine that
#: has it.
QUEUES = ("extract", "embed", "import", "upkeep", "feeds")


@dataclass(frozen=True, slots=True)
class Queues:
    """The queues of one installation."""

    prefix: str

    def of(self, name: str) -> str:
        """The name of a queue at the broker."""
        return f"{self.prefix}.{name}"


def task_for(kind: ingest_pb2.RecordKind | int, embedder: str) -> str:
    """The task that does a record.

    Args:
        kind: of the record.
        embedder: the service's, or empty.
    """
    if kind == ingest_pb2.RECORD_KIND_FACTS:
        return "worldctx.import"
    return "worldctx.embed" if embedder else "worldctx.extract"
