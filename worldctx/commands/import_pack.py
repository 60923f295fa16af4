"""`worldctx import pack`: the small world pack that comes along."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from worldctx.commands.importing import FactText, send
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened

#: In this order a fact finds its source and its entities.
PARTS = ("sources.jsonl", "entities.jsonl", "facts.jsonl")


def import_pack(data: Data = None, server: Server = None, embedder: Embedder = None, as_json: AsJson = False) -> None:
    """The small world pack that comes with worldctx: people, offices, organisations, events with dated, sourced facts.

    Its places come from `worldctx import places`.

    Example: worldctx import pack --data ./world
    """
    with opened(data, server, embedder) as client:
        send(client, pack(), as_json=as_json)


def pack() -> Iterator[FactText]:
    """The lines of the shipped pack."""
    folder = files("worldctx") / "packs" / "world"
    for name in PARTS:
        for number, text in enumerate((folder / name).read_text(encoding="utf-8").split("\n"), 1):
            if text.strip():
                yield FactText(f"{name}: line {number}", text)
