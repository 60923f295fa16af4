"""`worldctx serve`: the gRPC service."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated, Optional

import typer

from worldctx.commands.screen import log_briefly, out, write_json
from worldctx.commands.target import AsJson, Data, Embedder


def serve(
    data: Data = None,
    graph: Annotated[
        Optional[str], typer.Option(metavar="URL", help="neo4j://HOST:7687, or sqlite:///DIR. Default: --data.")
    ] = None,
    search: Annotated[
        Optional[str],
        typer.Option(metavar="URL", help="elasticsearch+https://HOST:9200/NAME, or sqlite:///DIR. Default: --data."),
    ] = None,
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

    The graph may stand on a Neo4j server and the index on Elasticsearch; answers are the same. Passwords are better
    put into WORLDCTX_NEO4J_PASSWORD and the like than into a URL (docs/operations.md): worldctx serve
    --graph neo4j://graph:7687 --search elasticsearch+https://search:9200

    Example: worldctx serve --data ./world --listen 127.0.0.1:50051
    """
    from worldctx.config import Settings
    from worldctx.rpc.server import serve as run
    from worldctx.wiring import open_running

    log_briefly(full=True)
    settings = Settings.read(
        data=data, graph=graph, search=search, listen=listen, embedder=embedder, insecure=insecure or None
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
