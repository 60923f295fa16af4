"""`worldctx rebuild`: the search index anew."""

from __future__ import annotations

from worldctx.commands.catching_up import catch_up
from worldctx.commands.screen import say
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened
from worldctx.wire.messages import to_dict


def rebuild(data: Data = None, server: Server = None, embedder: Embedder = None, as_json: AsJson = False) -> None:
    """Make the search index anew from the graph, for instance for another --embedder. Nothing of the record changes.

    A service goes on answering from the old index until the new one is complete.

    Example: worldctx rebuild --data ./world --embedder sentence
    """
    if server is not None:
        with opened(data, server, embedder) as client:
            say(to_dict(client.rebuild()), as_json=as_json)
        return
    from worldctx.config import Settings
    from worldctx.wiring import drop_index

    drop_index(Settings.read(data=data))
    with opened(data, server, embedder) as client:
        revision = catch_up(client)
        say({"revision": revision, "passages": int(client.stats().index["passages"])}, as_json=as_json)
