"""`worldctx console`: the graph and its answers, by hand."""

from __future__ import annotations

import sys

import typer

from worldctx.commands.target import AsOf, AtRevision, Data, Embedder, KnownBy, Server, opened


def console(
    as_of: AsOf = "",
    known_by: KnownBy = "",
    revision: AtRevision = 0,
    data: Data = None,
    server: Server = None,
    embedder: Embedder = None,
) -> None:
    """Look around: find entities, see their facts, timeline and neighbours, and a context as the model sees it.

    Commands may also come from a pipe, one a line. Type `help` inside.

    Example: echo "show Chile" | worldctx console --as-of 1972 --data ./world
    """
    from worldctx.console.terminal import Clocks, Terminal

    with opened(data, server, embedder) as client:
        failed = Terminal(client, Clocks(as_of, known_by, revision)).run()
    raise typer.Exit(1 if failed and not sys.stdin.isatty() else 0)
