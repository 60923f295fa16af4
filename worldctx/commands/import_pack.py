"""`worldctx import pack`: the small world pack that comes along."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from worldctx.commands.importing import Restart, Wait, run
from worldctx.commands.target import AsJson, Data, Server, Unused


def import_pack(
    data: Data = None,
    server: Server = None,
    restart: Restart = False,
    wait: Wait = True,
    as_json: AsJson = False,
    embedder: Unused = None,
) -> None:
    """The small world pack that comes with worldctx: people, offices, organisations, events with dated, sourced facts.

    Its places come from `worldctx import places`.

    Example: worldctx import pack --data ./world
    """
    from worldctx.exchange.facts_file import FactsFiles

    run(FactsFiles(()), world_pack(), data=data, server=server, restart=restart, wait=wait, as_json=as_json)


def world_pack() -> list[Path]:
    """The files of the shipped pack, in an order in which a fact finds its source."""
    folder = Path(str(files("worldctx") / "packs" / "world"))
    return [folder / name for name in ("sources.jsonl", "entities.jsonl", "facts.jsonl")]
