"""Where an import writes to: the graph alone, opened in this process, or a running service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import typer

from worldctx.client.client import BlockingClient
from worldctx.commands.catching_up import catch_up
from worldctx.commands.target import opened
from worldctx.exchange.facts import Line, line_of
from worldctx.model.change import Mark
from worldctx.ports.graph import GraphStore
from worldctx.wire.v1 import ingest_pb2

#: Lines of one commit; and lines and characters of one call, of which a service takes 100,000 and 64 MiB.
LINES, CALL_LINES, CALL_CHARS = 20_000, 10_000, 8 * 2**20


@dataclass(frozen=True, slots=True)
class Written:
    """What came of some lines: how many were new, and by place, from 0, why others were refused."""

    revision: int
    counts: dict[str, int]
    refused: tuple[tuple[int, str], ...] = ()


class Sink(Protocol):
    """Takes lines and keeps how far an import has come."""

    def mark(self, name: str) -> int:
        """Input records of an import that are in."""
        ...

    def write(self, lines: Sequence[Line], mark: Mark | None) -> Written:
        """Commit lines, and the mark with the last of them."""
        ...

    def settle(self, revision: int) -> None:
        """Wait until what was written can be found."""
        ...


class StoreSink:
    """The graph alone. The names are found when the world is next opened."""

    def __init__(self, graph: GraphStore) -> None:
        self._graph = graph

    def mark(self, name: str) -> int:
        """See Sink."""
        return self._graph.mark(name)

    def write(self, lines: Sequence[Line], mark: Mark | None) -> Written:
        """See Sink."""
        from worldctx.intake.knowledge import write_knowledge

        receipt = write_knowledge(self._graph, list(enumerate(lines)), marks=(mark,) if mark else ())
        counts = {"sources": receipt.sources, "entities": receipt.entities, "facts": receipt.facts,
                  "judgements": receipt.judgements}
        return Written(receipt.revision, counts, tuple((one.line, one.error.message) for one in receipt.refused))

    def settle(self, revision: int) -> None:
        """See Sink."""


class ServiceSink:
    """A running service, by lines of the facts format."""

    def __init__(self, client: BlockingClient) -> None:
        self._client = client

    def mark(self, name: str) -> int:
        """See Sink."""
        return int(self._client.import_mark(name))

    def write(self, lines: Sequence[Line], mark: Mark | None) -> Written:
        """See Sink."""
        counts = dict.fromkeys(("sources", "entities", "facts", "judgements"), 0)
        refused: list[tuple[int, str]] = []
        begun, revision = 0, 0
        for texts, is_last in _calls(map(line_of, lines)):
            receipt = self._client.write_facts(texts, mark=_message(mark) if is_last and mark else None)
            counts = {key: count + int(getattr(receipt, key)) for key, count in counts.items()}
            refused += ((begun + one.line - 1, one.error.message) for one in receipt.refused)
            begun, revision = begun + len(texts), int(receipt.revision)
        return Written(revision, counts, tuple(refused))

    def settle(self, revision: int) -> None:
        """See Sink."""
        catch_up(self._client, revision)


@contextmanager
def writing_to(data: Path | None, server: str | None) -> Iterator[Sink]:
    """The sink that the options name.

    Raises:
        BadParameter: both were named.
        StoreUnavailable, IncompatibleData, BadInput: it cannot be opened.
    """
    if server is not None:
        with opened(data, server) as client:
            yield ServiceSink(client)
        return
    from worldctx.config import Settings
    from worldctx.wiring import loading

    with loading(Settings.read(data=data)) as graph:
        yield StoreSink(graph)


def both_named(data: Path | None, server: str | None) -> None:
    """Refuse two places to write to, before anything is read.

    Raises:
        BadParameter
    """
    if data is not None and server is not None:
        raise typer.BadParameter("give --data or --server, not both")


def _calls(texts: Iterable[str]) -> Iterator[tuple[list[str], bool]]:
    """Texts of one call each, and whether it is the last; one empty call where there is no text."""
    call: list[str] = []
    size = 0
    for text in texts:
        if call and (len(call) == CALL_LINES or size + len(text) > CALL_CHARS):
            yield call, False
            call, size = [], 0
        call.append(text)
        size += len(text)
    yield call, True


def _message(mark: Mark) -> ingest_pb2.ImportMark:
    return ingest_pb2.ImportMark(name=mark.name, position=mark.position or 0, finished=mark.position is None)
