"""`worldctx worker`: takes records off a broker and does the heavy part of bringing them in."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from worldctx.commands.brokered import Broker, Feeds, ingest_settings
from worldctx.commands.screen import log_briefly, out, write_json
from worldctx.commands.target import AsJson, Server
from worldctx.model.errors import Unsupported
from worldctx.model.url import without_password


def worker(
    server: Server = None,
    broker: Broker = None,
    queues: Annotated[
        str, typer.Option(metavar="NAME,…", help="extract, embed, import, upkeep, feeds. Default: all that it can do.")
    ] = "",
    concurrency: Annotated[
        Optional[int], typer.Option(min=1, max=256, metavar="N", help="Processes. Default: one a processor.")
    ] = None,
    feeds: Feeds = None,
    as_json: AsJson = False,
) -> None:
    """Take records off the broker until SIGTERM or Ctrl-C, then finish those under way.

    Workers write through the service, so any number of them may run, on any machine. A kill loses nothing. `embed` is
    where documents go when the service has an embedder; such workers need the same model.

    Example: worldctx worker --server localhost:50051 --broker redis://localhost:6379/0
    """
    log_briefly(full=True)
    settings = ingest_settings(broker, server, feeds)
    try:
        from ingest.worker import work
    except ImportError as error:
        raise Unsupported(f"{error.name} is not installed; pip install 'worldctx[workers]'") from error

    def ready() -> None:
        shown = {"broker": without_password(settings.broker), "server": settings.server}
        if as_json:
            write_json(shown)
        else:
            out.print(f"worldctx worker ready at {shown['broker']}, for {shown['server']}", markup=False)
        sys.stdout.flush()

    raise typer.Exit(work(settings, queues, concurrency, ready))
