"""`worldctx serve`: the gRPC service."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from worldctx.commands.screen import log_briefly, out, write_json
from worldctx.commands.target import AsJson, Data, Embedder
from worldctx.model.errors import Unsupported

#: What stands before the path of an embedded store in a URL.
EMBEDDED = "sqlite://"


def serve(
    data: Data = None,
    graph: Annotated[Optional[str], typer.Option(metavar="URL", help="sqlite:///DIR; the same as --data DIR.")] = None,
    search: Annotated[Optional[str], typer.Option(metavar="URL", help="sqlite:///DIR; the same as --graph.")] = None,
    listen: Annotated[
        Optional[str], typer.Option(metavar="HOST:PORT", help="Default 127.0.0.1:50051; port 0 picks a free one.")
    ] = None,
    embedder: Embedder = None,
    insecure: Annotated[bool, typer.Option("--insecure", help="Allow an address open to others without TLS.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the gRPC service until SIGTERM or Ctrl-C, then finish the calls in flight.

    Prints one line when it takes calls: address, revision, embedder. TLS, tokens and limits are settings: see
    `worldctx config show`.

    Example: worldctx serve --data ./world --listen 127.0.0.1:50051
    """
    from worldctx.config import Settings
    from worldctx.rpc.server import serve as run
    from worldctx.wiring import open_running

    log_briefly(full=True)
    settings = Settings.read(
        data=_directory(data, graph, search), listen=listen, embedder=embedder, insecure=insecure or None
    )
    with open_running(settings) as running:

        def ready(address: str) -> None:
            world = running.world
            head, model = world.graph.head(), world.embedder.name if world.embedder else "none"
            if as_json:
                write_json({"address": address, "revision": head, "embedder": model})
            else:
                out.print(f"worldctx ready on {address}, revision {head}, embedder {model}", markup=False)
            sys.stdout.flush()

        asyncio.run(run(running, settings, ready))


def _directory(data: Path | None, graph: str | None, search: str | None) -> Path | None:
    named = {url for url in (graph, search) if url is not None}
    for url in sorted(named):
        if not url.startswith(EMBEDDED):
            raise Unsupported(f"{url}: this version has the embedded stores only; give --data DIR or sqlite:///DIR")
    if len(named) > 1 or (named and data is not None):
        raise typer.BadParameter("--data, --graph and --search must name one directory; give --data DIR alone")
    return Path(named.pop().removeprefix(EMBEDDED)) if named else data
