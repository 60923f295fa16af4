"""`worldctx verify`: is everything sound?"""

from __future__ import annotations

import typer

from worldctx.commands.screen import say
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened


def verify(data: Data = None, server: Server = None, embedder: Embedder = None, as_json: AsJson = False) -> None:
    """Check the graph and the index, and compare them. Exit code 1 when anything is wrong; it is listed.

    Example: worldctx verify --data ./world
    """
    with opened(data, server, embedder) as client:
        answer = client.verify()
    say({"problems": list(answer.problems), "revision": answer.revision}, as_json=as_json)
    raise typer.Exit(1 if answer.problems else 0)
