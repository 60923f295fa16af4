"""`worldctx ingest`: documents in, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from worldctx.client.client import BlockingClient
from worldctx.commands.brokered import Broker, ingest_settings, sender
from worldctx.commands.catching_up import catch_up
from worldctx.commands.queued import QueuedRecords
from worldctx.commands.records import BATCH, Records
from worldctx.commands.screen import complain, progress, say
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened
from worldctx.exchange.jsonl import Line
from worldctx.model.errors import BadInput, WorldctxError
from worldctx.wire.status import status_of
from worldctx.wire.v1 import ingest_pb2


def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON lines, .gz and .zst too; - is stdin.")],
    data: Data = None,
    server: Server = None,
    embedder: Embedder = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the documents can be found.")] = True,
    workers: Annotated[bool, typer.Option("--workers", help="Leave the work to `worldctx worker` processes.")] = False,
    broker: Broker = None,
    allow_refused: Annotated[
        bool, typer.Option(help="Exit code 0 also when records were refused or parked.")
    ] = False,
    refused: Annotated[
        Optional[Path],
        typer.Option(metavar="FILE", help="Where refused records go. Default: <name>.refused.jsonl here."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring documents in: one JSON object a line with `text`, and any of id, url, title, author, publisher,
    published_at, modified_at, language, place, section. Other keys are kept.

    Every acknowledged document is durable, and the same bytes again are a duplicate: after any interruption, run it
    again. A record that cannot be taken is named with its file and line and written, as it came, to a file of refused
    records that can be mended and ingested; the others go in, and the exit code is 1.

    With --workers (and --server and --broker) the service keeps the records, and worker processes do the heavy part; a
    record that fails three times is parked with its reason (worldctx dlq list).

    Example: worldctx ingest news.jsonl.gz --data ./world
    """
    if workers:
        _through_workers(paths, data, server, broker, refused, wait=wait, lenient=allow_refused, as_json=as_json)
    if broker is not None:
        raise typer.BadParameter("--broker goes with --workers")
    run = Written(refused)
    try:
        with opened(data, server, embedder) as client:
            try:
                _send_all(client, paths, run)
            finally:
                run.complaints.close()
            if wait and run.revision:
                catch_up(client, run.revision)
    except (WorldctxError, KeyboardInterrupt):
        complain(f"stopped; {run.words()} so far are safe; run it again to go on: duplicates are recognised")
        raise
    _end(run, lenient=allow_refused, as_json=as_json)


class Written(Records[ingest_pb2.IngestResponse.Item]):
    """Documents that are written at once."""

    def __init__(self, target: Path | None) -> None:
        super().__init__(target, ("written", "duplicate", "refused"))

    def sent(self, client: BlockingClient, some: Sequence[Line]) -> Iterator[ingest_pb2.IngestResponse.Item]:
        """See Records."""
        yield from client.ingest([(str(line.number), line.data) for line in some], BATCH)

    def refusal(self, line: Line, error: BadInput) -> ingest_pb2.IngestResponse.Item:
        """See Records."""
        return ingest_pb2.IngestResponse.Item(
            id=str(line.number), outcome=ingest_pb2.INGEST_OUTCOME_REFUSED, error=status_of(error)
        )

    def acknowledged(self, path: Path, line: Line, answer: ingest_pb2.IngestResponse.Item) -> None:
        """See Records."""
        word = ingest_pb2.IngestOutcome.Name(answer.outcome).removeprefix("INGEST_OUTCOME_").lower()
        if word == "refused":
            self.refuse(path, line, answer.error.message)
            return
        self.counts[word] += 1
        self.revision = max(self.revision, answer.revision)


def _through_workers(
    paths: list[Path], data: Path | None, server: str | None, broker: str | None, refused: Path | None, *,
    wait: bool, lenient: bool, as_json: bool,
) -> None:
    """Have the records kept by the service, and done by workers."""
    if data is not None:
        raise typer.BadParameter("--workers needs a service to write through: give --server, not --data")
    settings = ingest_settings(broker, server)
    run: QueuedRecords | None = None
    try:
        with opened(None, settings.server) as client:
            with closing(sender(settings, client.stats().embedder)) as sending:
                run = QueuedRecords(refused, sending)
                try:
                    _send_all(client, paths, run)
                    if run.unsent is None and wait:
                        run.watch(client)
                finally:
                    run.complaints.close()
            if wait and run.revision:
                catch_up(client, run.revision)
    except (WorldctxError, KeyboardInterrupt):
        if run is not None:
            complain(f"stopped; {run.words()} so far; what waits is kept by the service, and the workers go on with "
                     "it; run it again to watch: duplicates are recognised")
        raise
    if run.unsent is not None:
        complain(f"{run.unsent.message} Nothing is lost: {run.counts['waiting']:,} records are kept by the service, "
                 "and the sweeper (worldctx beat) sends them when the broker is back")
    _end(run, lenient=lenient, as_json=as_json, failed=run.unsent is not None)


def _send_all(client: BlockingClient, paths: list[Path], run: Records[Any]) -> None:
    with progress("bytes") as bar:
        for path in paths:
            run.file(client, path, bar)


def _end(run: Records[Any], *, lenient: bool, as_json: bool, failed: bool = False) -> None:
    count = run.complaints.count
    kept = {"refused_records": run.complaints.kept, "refused_file": run.kept_in} if count else {}
    say({**run.counts, "revision": run.revision, **(kept if as_json else {})}, as_json=as_json)
    if run.kept_in:
        complain(f"the refused records stand in {run.kept_in}; mend them and ingest that file")
    raise typer.Exit(1 if failed or (count and not lenient) else 0)
