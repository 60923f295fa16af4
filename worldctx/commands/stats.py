"""`worldctx stats`: how much there is."""

from __future__ import annotations

from worldctx.commands.screen import say
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened
from worldctx.wire.messages import to_dict


def stats(data: Data = None, server: Server = None, embedder: Embedder = None, as_json: AsJson = False) -> None:
    """Revisions of graph and index, and how many entities, facts, documents and passages they hold.

    Example: worldctx stats --server localhost:50051
    """
    with opened(data, server, embedder) as client:
        say(to_dict(client.stats()), as_json=as_json)
