"""`worldctx ingest`: documents in, nothing lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Optional

import typer

from worldctx.client.apart import each_apart
from worldctx.client.client import BlockingClient
from worldctx.commands.catching_up import catch_up
from worldctx.commands.screen import Complaints, Shown, complain, progress, say
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened
from worldctx.exchange.jsonl import Line, lines
from worldctx.exchange.streams import STDIN, name_of
from worldctx.model.errors import BadInput, WorldctxError
from worldctx.wire.status import status_of
from worldctx.wire.v1 import ingest_pb2

#: Records and bytes of one commit: the service takes messages of 64 MiB.
BATCH, BATCH_BYTES = 100, 16 * 2**20


def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON lines, .gz and .zst too; - is stdin.")],
    data: Data = None,
    server: Server = None,
    embedder: Embedder = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the documents can be found.")] = True,
    allow_refused: Annotated[bool, typer.Option(help="Exit code 0 also when records were refused.")] = False,
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

    Example: worldctx ingest news.jsonl.gz --data ./world
    """
    run = _Run(Complaints(), refused)
    try:
        with opened(data, server, embedder) as client:
            try:
                with progress("bytes") as bar:
                    for path in paths:
                        run.file(client, path, bar)
            finally:
                run.complaints.close()
            if wait and run.revision:
                catch_up(client, run.revision)
    except (WorldctxError, KeyboardInterrupt):
        complain(f"stopped; {run.words()} so far are safe; run it again to go on: duplicates are recognised")
        raise
    kept = {"refused_records": run.complaints.kept, "refused_file": run.kept_in} if run.complaints.count else {}
    say({**run.counts, "revision": run.revision, **(kept if as_json else {})}, as_json=as_json)
    if run.kept_in:
        complain(f"the refused records stand in {run.kept_in}; mend them and ingest that file")
    raise typer.Exit(1 if run.complaints.count and not allow_refused else 0)


@dataclass(slots=True)
class _Run:
    complaints: Complaints
    target: Path | None
    counts: dict[str, int] = field(default_factory=lambda: {"written": 0, "duplicate": 0, "refused": 0})
    revision: int = 0
    kept_in: str = ""
    not_kept: bool = False

    def file(self, client: BlockingClient, path: Path, bar: Shown) -> None:
        """All records of one file."""
        for batch in _batches(_lines(path)):
            good = [one for one in batch if isinstance(one, Line)]
            found = each_apart(lambda some: _sent(client, some), good, _too_large)
            answers = dict(zip((line.number for line in good), found, strict=True))
            for one in batch:
                if isinstance(one, BadInput):
                    self._refuse(path, None, "", one.message)
                else:
                    self._acknowledged(path, one, answers[one.number])
            if good:
                bar.at(good[-1].read, good[-1].size or None, f"{name_of(path)}: {self.words()}")

    def words(self) -> str:
        """The counts in words."""
        return ", ".join(f"{count:,} {word}" for word, count in self.counts.items())

    def _acknowledged(self, path: Path, line: Line, item: ingest_pb2.IngestResponse.Item) -> None:
        word = ingest_pb2.IngestOutcome.Name(item.outcome).removeprefix("INGEST_OUTCOME_").lower()
        if word == "refused":
            self._refuse(path, line, f"{name_of(path)}: line {line.number}", item.error.message)
            return
        self.counts[word] += 1
        self.revision = max(self.revision, item.revision)

    def _refuse(self, path: Path, line: Line | None, where: str, reason: str) -> None:
        self.counts["refused"] += 1
        self.complaints.add(where, reason)
        if line is not None:
            target = Path(self.kept_in) if self.kept_in else self.target or _free_name(path)
            try:
                with target.open("ab") as file:
                    file.write(line.data + b"\n")
                self.kept_in = str(target)
            except OSError as error:
                if not self.not_kept:
                    complain(f"refused records are named here only, {target} cannot be written: {error.strerror}")
                self.not_kept = True


def _lines(path: Path) -> Iterator[Line | BadInput]:
    """The lines of a file; one that cannot be opened is one complaint, and the next file comes."""
    try:
        yield from lines(path)
    except BadInput as error:
        yield error


def _sent(client: BlockingClient, some: Sequence[Line]) -> Iterator[ingest_pb2.IngestResponse.Item]:
    yield from client.ingest([(str(line.number), line.data) for line in some], BATCH)


def _too_large(line: Line, error: BadInput) -> ingest_pb2.IngestResponse.Item:
    return ingest_pb2.IngestResponse.Item(
        id=str(line.number), outcome=ingest_pb2.INGEST_OUTCOME_REFUSED, error=status_of(error)
    )


def _batches(found: Iterator[Line | BadInput]) -> Iterator[Sequence[Line | BadInput]]:
    batch: list[Line | BadInput] = []
    size = 0
    for one in found:
        batch.append(one)
        size += len(one.data) if isinstance(one, Line) else 0
        if len(batch) == BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _free_name(path: Path) -> Path:
    """`<name>.refused.jsonl` in this folder, or the next free number of it: what is kept there stays."""
    stem = "stdin" if path == STDIN else path.name
    for suffix in (".gz", ".zst", ".jsonl", ".json", ".refused"):
        stem = stem.removesuffix(suffix)
    number = 1
    while (found := Path(f"{stem}.refused{'' if number == 1 else f'.{number}'}.jsonl")).exists():
        number += 1
    return found
