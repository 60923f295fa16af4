"""`worldctx enrich`: documents in, the same documents with their world context out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from worldctx.commands.catching_up import catch_up
from worldctx.commands.screen import complain, progress, say
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened
from worldctx.enrich.options import Mode, Options
from worldctx.enrich.run import enrich as run_enrichment
from worldctx.model.ask import Profile
from worldctx.model.errors import BadInput, WorldctxError


def enrich(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="IN... OUT_DIR", help="Files of JSON lines (.gz, .zst) or folders; then where to."),
    ],
    profile: Annotated[Profile, typer.Option(help="Shape of the context text.")] = Profile.HEADER,
    mode: Annotated[Mode, typer.Option(help="sidecar: keys and context; inline: text and context.")] = Mode.SIDECAR,
    budget: Annotated[
        int, typer.Option(min=1, max=1_000_000, metavar="TOKENS", help="Tokens of context at most.")
    ] = 256,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Facts and passages at most, each.")] = 10,
    plain_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of records without context text, chosen by their id.")
    ] = 0.1,
    full: Annotated[bool, typer.Option("--full", help="The whole context record in each row.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Only what declares when it was said.")] = False,
    workers: Annotated[
        Optional[int], typer.Option(min=1, max=256, help="Threads that answer, with --data. Default: the setting.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in OUT_DIR, at its revision.")] = False,
    data: Data = None,
    server: Server = None,
    embedder: Embedder = None,
    as_json: AsJson = False,
) -> None:
    """Give each document back with its context: nothing in it was known after the document's own date.

    One input file is one shard. Each record comes out exactly once, in order; one that cannot be read is a row with
    status "error" and the reason. A run can be killed at any time: with --resume it leaves the same bytes as one that
    was not. See docs/enrichment.md for the rows.

    Example: worldctx enrich speeches.jsonl.gz out/ --data ./world
    """
    if len(paths) < 2:
        raise typer.BadParameter("name at least one input and then the output folder")
    options = Options(profile, mode, budget, limit, plain_share, full, strict)
    with opened(data, server, embedder, workers) as client:
        catch_up(client)
        try:
            with progress("documents") as bar:
                counts = run_enrichment(
                    client, paths[:-1], paths[-1], options, resume=resume, progress=lambda path, more: bar.advance(more)
                )
        except (WorldctxError, KeyboardInterrupt) as error:
            if not isinstance(error, BadInput):
                complain(f"stopped; what is done stays done: run it again with --resume to go on in {paths[-1]}")
            raise
    say(counts, as_json=as_json)
    if counts["error"]:
        complain(f"{counts['error']:,} records have status \"error\" in their rows, with the reason")
    raise typer.Exit(1 if counts["error"] else 0)
