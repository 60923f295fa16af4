"""`worldctx import facts`: knowledge in the facts format."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated

import typer

from worldctx.commands.importing import FactText, send
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened
from worldctx.exchange.jsonl import Line, lines
from worldctx.exchange.streams import name_of
from worldctx.model.errors import BadInput


def import_facts(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON lines, .gz and .zst too; - is stdin.")],
    data: Data = None,
    server: Server = None,
    embedder: Embedder = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the names can be found.")] = True,
    as_json: AsJson = False,
) -> None:
    """Sources, entities, facts and judgements, one JSON object a line, in any order and any number of files.

    Importing twice is importing once. A line that cannot be taken is named with its file and line; the others go in,
    and the exit code is 1. The format is described in docs/cli.md.

    Example: worldctx import facts world.jsonl --data ./world
    """
    with opened(data, server, embedder) as client:
        send(client, sources_first(paths), as_json=as_json, wait=wait)


def sources_first(paths: list[Path]) -> Iterator[FactText | BadInput]:
    """The lines of all files, sources before the rest: a fact may refer to a source that stands further down.

    What has to wait lies in a temporary file, so that memory stays small and standard input is read once.
    """
    with TemporaryFile() as later:
        for path in paths:
            for line in _lines(path):
                if isinstance(line, BadInput):
                    yield line
                    continue
                where = f"{name_of(path)}: line {line.number}"
                # Cheap, and wrong only in the harmless direction: what is no source may go first, too.
                if b'"source"' in line.data and b'"subject"' not in line.data:
                    yield _text(where, line.data)
                else:
                    later.write(where.encode() + b"\0" + line.data + b"\n")
        later.seek(0)
        for data in later:
            where_bytes, _, text = data.rstrip(b"\n").partition(b"\0")
            yield _text(where_bytes.decode(), text)


def _lines(path: Path) -> Iterator[Line | BadInput]:
    """The lines of a file; one that cannot be opened is one complaint, and the next file comes."""
    try:
        yield from lines(path)
    except BadInput as error:
        yield error


def _text(where: str, data: bytes) -> FactText | BadInput:
    try:
        return FactText(where, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return BadInput.at(where, f"is not UTF-8 (byte {error.start}); convert the file")
