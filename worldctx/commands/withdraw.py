"""`worldctx withdraw`: take something back."""

from __future__ import annotations

from typing import Annotated

import typer

from worldctx.commands.screen import say
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened
from worldctx.wire.messages import to_dict
from worldctx.wire.v1 import ingest_pb2


def withdraw(
    fact: Annotated[str, typer.Option(metavar="ID", help="One fact.")] = "",
    document: Annotated[str, typer.Option(metavar="ID", help="One document.")] = "",
    source: Annotated[str, typer.Option(metavar="ID", help="All facts of a source.")] = "",
    reason: Annotated[str, typer.Option(help="Why; it is kept with the record.")] = "",
    data: Data = None,
    server: Server = None,
    embedder: Embedder = None,
    as_json: AsJson = False,
) -> None:
    """Take a fact, a document or all of a source out of every later revision; earlier revisions keep it.

    Example: worldctx withdraw --source src:a --reason "retracted by its publisher" --data ./world
    """
    chosen = {key: value for key, value in (("fact", fact), ("document", document), ("source", source)) if value}
    if len(chosen) != 1:
        raise typer.BadParameter("give exactly one of --fact, --document and --source")
    with opened(data, server, embedder) as client:
        say(to_dict(client.withdraw(ingest_pb2.WithdrawRequest(reason=reason, **chosen))), as_json=as_json)
