"""`worldctx import geonames`: GeoNames' dumps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from worldctx.commands.importing import DryRun, Parked, Restart, Wait, run
from worldctx.commands.shapes import ShapeFiles, Strict
from worldctx.commands.target import AsJson, Data, Server


def import_geonames(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="allCountries, FR, alternateNamesV2, hierarchy …; .zip, .gz, .zst too."),
    ],
    feature_classes: Annotated[str, typer.Option(help="Classes of features to take, of A,H,L,P,R,S,T,U,V.")] = "A,P",
    min_population: Annotated[int, typer.Option(min=0, help="Inhabitants of the smallest populated place.")] = 0,
    languages: Annotated[str, typer.Option(help="Languages of alternate names beside those without one.")] = "en",
    facts: Annotated[
        Optional[str],
        typer.Option(help="Facts to take; see the guide for those there are. [default: population,capital]"),
    ] = None,
    data: Data = None,
    server: Server = None,
    dry_run: DryRun = False,
    restart: Restart = False,
    parked: Parked = None,
    shapes: ShapeFiles = None,
    strict: Strict = False,
    wait: Wait = True,
    as_json: AsJson = False,
) -> None:
    """Places, their names in time and what contains them, from GeoNames' dumps; see docs/import-geonames.md.

    Give all files at once: what a place lies in is worked out from them together. Importing twice is importing once.

    Example: worldctx import geonames allCountries.zip alternateNamesV2.zip hierarchy.zip --data ./world
    """
    from worldctx.exchange.geonames.choice import USUAL, Choice
    from worldctx.exchange.geonames.importer import GeoNames

    choice = Choice(
        _parts(feature_classes), min_population, _parts(languages), frozenset(USUAL) if facts is None else _parts(facts)
    )
    found = GeoNames(paths, choice)
    run(found, found.paths, data=data, server=server, dry_run=dry_run, restart=restart, parked=parked, wait=wait,
        as_json=as_json, shapes=shapes, strict=strict)


def _parts(text: str) -> frozenset[str]:
    return frozenset(part for one in text.split(",") if (part := one.strip()))
