"""`worldctx demo`: what nobody else answers, shown on the shipped pack and samples through the real service."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
import zstandard
from rich.rule import Rule

from worldctx.client.client import BlockingClient, connect_blocking, groups
from worldctx.commands.catching_up import catch_up
from worldctx.commands.import_pack import world_pack
from worldctx.commands.screen import out
from worldctx.commands.sink import LINES, ServiceSink
from worldctx.console.answer import clocks_line
from worldctx.enrich.options import Options
from worldctx.enrich.run import enrich
from worldctx.exchange.documents import parse_document
from worldctx.model.errors import StoreUnavailable, WorldctxError
from worldctx.wire.messages import document_message
from worldctx.wire.v1 import context_pb2

#: Inhabitants of the smallest city that is brought in: larger than the default of `import places`, to start soon.
MIN_POPULATION = 100_000
#: Seconds that the service gets to finish at the end.
STOP_S = 30.0
#: The sample that is asked about as a whole.
SAMPLE = "sample:013-kiev-market"


def demo(
    folder: Annotated[Path, typer.Option("--data", metavar="DIR", help="Made anew each time.")] = Path(".demo"),
    embedder: Annotated[str, typer.Option(help="As for serve.")] = "auto",
) -> None:
    """Show what worldctx does: start the service on an empty directory, bring in the shipped world and samples, ask.

    Example: worldctx demo
    """
    world, enriched = folder / "world", folder / "enriched"
    began = time.monotonic()
    for one in (world, enriched):
        shutil.rmtree(one, ignore_errors=True)
    with _service(world, embedder) as address, connect_blocking(address, timeout_s=60) as client:
        _fill(client)
        revision = catch_up(client)
        _two_dates(client, revision)
        _known_by(client, revision)
        _conflict(client, revision)
        _unknown(client, revision)
        _document(client, revision)
        _enrich(client, enriched)
        _verify(client)
    _go_on(world, time.monotonic() - began)


@contextmanager
def _service(world: Path, embedder: str) -> Iterator[str]:
    """The real service in a process of its own; its address."""
    _title("The service starts on an empty data directory")
    words = ["serve", "--data", str(world), "--listen", "127.0.0.1:0", "--embedder", embedder]
    out.print(f"$ worldctx {' '.join(words)}", style="dim", markup=False)
    process = subprocess.Popen([sys.executable, "-m", "worldctx", *words], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own interpreter and arguments
    try:
        line = process.stdout.readline() if process.stdout else ""
        if "ready on " not in line:
            raise StoreUnavailable("the service did not start; see the line above")
        out.print(line.strip(), markup=False)
        yield line.split("ready on ")[1].split(",")[0]
    finally:
        process.terminate()
        process.wait(timeout=STOP_S)
        if process.stdout:
            process.stdout.close()


def _fill(client: BlockingClient) -> None:
    _title("Knowledge and documents go in")
    from worldctx.exchange.facts_file import FactsFiles
    from worldctx.exchange.gazetteers import places

    began = time.monotonic()
    knowledge = (line for path in world_pack() for taken in FactsFiles(()).records(path) for line in taken.lines)
    for group in groups(chain(knowledge, places(MIN_POPULATION)), LINES):
        _accepted([reason for _, reason in ServiceSink(client).write(group, None).refused])
    records = _samples()
    items = [(str(number), record) for number, record in enumerate(records, 1)]
    _accepted([one.error.message for one in client.ingest(items) if one.HasField("error")])
    catch_up(client)
    stats = client.stats()
    out.print(
        f"{stats.graph['entities']:,} entities with {stats.graph['names']:,} names, {stats.graph['facts']:,} dated "
        f"facts with sources, {stats.graph['documents']} documents; revision {stats.revision}, "
        f"{time.monotonic() - began:.1f} s",
        markup=False,
    )


def _accepted(refused: Iterable[str]) -> None:
    for one in refused:
        raise WorldctxError(f"the shipped data was refused: {one}")


def _samples() -> list[bytes]:
    return (files("worldctx") / "packs" / "samples" / "documents.jsonl").read_bytes().splitlines()


def _ask(client: BlockingClient, told: str, **ask: Any) -> None:
    """One lookup over gRPC, as a model would see its answer."""
    clocks = " ".join(f"--{key.replace('_', '-')} {ask[key]}" for key in ("as_of", "known_by") if key in ask)
    out.print(f"\n$ worldctx lookup \"{told}\" {clocks}", style="dim", markup=False)
    answer = client.look_up(context_pb2.LookUpRequest(**ask))
    out.print(answer.rendered.text.strip(), markup=False)
    out.print(clocks_line(answer), style="dim", markup=False)


def _two_dates(client: BlockingClient, revision: int) -> None:
    _title("One question as of two dates", "The valid clock: what was true in the world then.")
    question = "Who is the President of Chile?"
    for date in ("1972-06-01", "2010-06-01"):
        _ask(client, question, text=question, as_of=date, known_by=date, revision=revision, limit=2)


def _known_by(client: BlockingClient, revision: int) -> None:
    _title(
        "What was known by a date",
        "The known clock: who Deep Throat was held since 1972, and became public on 31 May 2005. Neither a text of\n"
        "1990 nor a model trained on it may see that; looking back from today, one may.",
    )
    question = "Who was Deep Throat?"
    for date in ("1990", "2006"):
        _ask(client, question, text=question, as_of="1990", known_by=date, revision=revision, limit=3)


def _conflict(client: BlockingClient, revision: int) -> None:
    _title("Claims that contradict each other", "They stand side by side, each with its source; nothing is averaged.")
    question = "How many people died in the Chernobyl disaster?"
    _ask(client, question, text=question, as_of="2010", known_by="2010", revision=revision, limit=4)


def _unknown(client: BlockingClient, revision: int) -> None:
    _title("What nobody here knows", "It is said to be unknown. Nothing is guessed.")
    question = "What is the population of Mount Everest?"
    _ask(client, question, text=question, as_of="2024", revision=revision, limit=1)


def _document(client: BlockingClient, revision: int) -> None:
    _title("A whole document as the query", "Its own date sets the clocks: only what was public on that day.")
    record = next(one for one in _samples() if json.loads(one)["id"] == SAMPLE)
    document = parse_document(record, max_chars=100_000)
    date = document.published.edtf if document.published else ""
    out.print(f"\n“{document.title}”, {date}:", markup=False)
    out.print(" ".join(document.text.split())[:400] + " …", style="italic", markup=False)
    _ask(client, "the document", document=document_message(document), known_by=date, revision=revision)


def _enrich(client: BlockingClient, target: Path) -> None:
    _title("A corpus is enriched", "Each record once, in order, with nothing from after its own date.")
    source = Path(str(files("worldctx") / "packs" / "samples" / "documents.jsonl"))
    out.print(f"$ worldctx enrich {source.name} {target}", style="dim", markup=False)
    began = time.monotonic()
    counts = enrich(client, [source], target, Options(plain_share=0.0))
    seconds = time.monotonic() - began
    rows = zstandard.ZstdDecompressor().stream_reader((target / "documents.ctx.jsonl.zst").read_bytes()).read()
    out.print(
        f"{counts['ok']} records, {counts['error']} errors, {counts['ok'] / seconds:,.0f} documents/s. "
        "The context that stands before three of the texts, and the entities behind it:",
        markup=False,
    )
    for row in [json.loads(line) for line in rows.splitlines()[:3]]:
        names = [one["name"] for one in row["ctx_items"] if one["type"] == "entity"]
        out.print(f"  {row['id']}: {row['ctx_text'].strip()!r} · {', '.join(dict.fromkeys(names))}", markup=False)


def _verify(client: BlockingClient) -> None:
    _title("Graph and index are compared")
    problems = list(client.verify().problems)
    out.print("$ worldctx verify", style="dim")
    out.print("\n".join(problems) or "sound: no problems", markup=False)
    if problems:
        raise typer.Exit(1)


def _go_on(world: Path, seconds: float) -> None:
    _title("Go on with your own data", f"All of this took {seconds:.0f} s.")
    program = Path(sys.argv[0]).name if Path(sys.argv[0]).name == "worldctx" else "python -m worldctx"
    out.print(
        f"{program} ingest FILE.jsonl --data {world}      # one object a line with text, published_at, …\n"
        f"{program} lookup 'your question' --as-of 1990 --data {world}\n"
        f"{program} console --data {world}                # look around by hand",
        markup=False,
    )


def _title(text: str, note: str = "") -> None:
    out.print()
    out.print(Rule(text, align="left", style="bold"), soft_wrap=False)
    if note:
        out.print(note, style="italic", markup=False)
