"""`worldctx demo`: what nobody else answers, shown on the shipped pack and samples through the real service."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import zstandard
from rich.console import Console

from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.enrich.run import Options, enrich
from worldctx.exchange.documents import parse_document
from worldctx.exchange.facts import line_of
from worldctx.exchange.gazetteers import places
from worldctx.model.ask import Ask
from worldctx.model.errors import StoreUnavailable
from worldctx.model.ids import Revision
from worldctx.model.time import parse_when

out = Console(soft_wrap=True, highlight=False)
#: Cities of this size and larger are brought in, so that the demo starts soon.
MIN_POPULATION = 100_000
START_S = 60.0


def run(data: Path, embedder: str) -> None:
    """The demo on a fresh data directory below `data`.

    Raises:
        StoreUnavailable: the service did not come up.
    """
    world, enriched = data / "world", data / "enriched"
    for folder in (world, enriched):
        shutil.rmtree(folder, ignore_errors=True)
    with _service(world, embedder) as address, connect_blocking(address, timeout_s=60) as client:
        _fill(client)
        _ask(client)
        _enrich(client, enriched)
        problems = list(client.verify().problems)
        _title("verify")
        out.print(f"Graph and index agree: {problems or 'yes'}", markup=False)
    _title("Go on")
    out.print(
        f"Your own data:  worldctx ingest FILE.jsonl --data {world}\n"
        f"                worldctx lookup 'your question' --data {world} --as-of 1990",
        markup=False,
    )


@contextmanager
def _service(world: Path, embedder: str) -> Iterator[str]:
    _title("Start the service on an empty data directory")
    command = [
        sys.executable,
        "-c",
        "from worldctx.cli import main; main()",
        "serve",
        "--data",
        str(world),
        "--listen",
        "127.0.0.1:0",
        "--embedder",
        embedder,
    ]
    started = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
        command, stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if "ready on " not in line:
            raise StoreUnavailable(f"the service did not start: {line.strip() or 'see the message above'}")
        out.print(f"{line.strip()}  ({time.monotonic() - started:.1f} s)", markup=False)
        yield line.split("ready on ")[1].split(",")[0]
    finally:
        process.terminate()
        process.wait(timeout=START_S)
        if process.stdout:
            process.stdout.close()


def _fill(client: BlockingClient) -> None:
    _title("Bring in the world pack, places, and twelve documents")
    folder = files("worldctx") / "packs"
    for name in ("sources", "entities", "facts"):
        client.write_facts((folder / "world" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines())
    client.write_facts([line_of(one) for one in places(MIN_POPULATION)])
    records = (folder / "samples" / "documents.jsonl").read_bytes().splitlines()
    acks = list(client.ingest([(str(number), record) for number, record in enumerate(records)]))
    stats = client.stats()
    while stats.index_revision < acks[-1].revision:
        time.sleep(0.05)
        stats = client.stats()
    out.print(
        f"{stats.graph['entities']:,} entities, {stats.graph['names']:,} names, {stats.graph['facts']:,} facts, "
        f"{stats.graph['documents']} documents, revision {stats.revision}",
        markup=False,
    )


def _ask(client: BlockingClient) -> None:
    revision = Revision(int(client.stats().index_revision))

    def show(title: str, note: str, ask: Ask) -> None:
        _title(title)
        out.print(note, style="italic", markup=False)
        out.print(client.look_up(ask).rendered.text, markup=False)

    question = "Who is the President of Chile?"
    for date in ("1972-06-01", "1990-06-01"):
        show(
            f"“{question}” as of {date}",
            "The same question at two dates: the valid clock.",
            Ask(question, as_of=parse_when(date), revision=revision, limit=2),
        )
    question = "Who was Deep Throat?"
    for date in ("1990", "2006"):
        show(
            f"“{question}” as known by {date}",
            "True since 1972, public since 2005: the known clock.",
            Ask(question, as_of=parse_when("1990"), known_by=parse_when(date), revision=revision, limit=3),
        )
    show(
        "“How high is Mount Everest?”",
        "Claims that contradict each other stand side by side, each with its source.",
        Ask("How high is Mount Everest?", as_of=parse_when("2024"), revision=revision, limit=3),
    )
    show(
        "“What is the population of Mount Everest?”",
        "What nobody here knows is said to be unknown.",
        Ask("What is the population of Mount Everest?", as_of=parse_when("2024"), revision=revision, limit=1),
    )
    document = parse_document(
        (files("worldctx") / "packs/samples/documents.jsonl").read_bytes().splitlines()[0], max_chars=100_000
    )
    show(
        "A whole document as the query",
        f"{document.title}, {document.published and document.published.edtf}: only what was public that day.",
        Ask(document.text, document=document, known_by=document.published, revision=revision),
    )


def _enrich(client: BlockingClient, target: Path) -> None:
    _title("Enrich the samples: each record back with its context, nothing from after its date")
    source = Path(str(files("worldctx") / "packs/samples/documents.jsonl"))
    counts = enrich(client, [source], target, Options(plain_share=0.0), resume=False, progress=lambda path, done: None)
    rows = (
        zstandard.ZstdDecompressor()
        .stream_reader((target / "documents.ctx.jsonl.zst").read_bytes())
        .read()
        .splitlines()
    )
    out.print(
        f"{counts['ok']} records, {counts['error']} errors; the first row begins:\n{rows[0][:300].decode()}…",
        markup=False,
    )


def _title(text: str) -> None:
    out.print(f"\n── {text}", style="bold", markup=False)
