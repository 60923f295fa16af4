"""`worldctx import map`: a user's own CSV and JSON, by a mapping file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, Optional

import typer

from worldctx.commands.importing import FactText, Total, finish, send
from worldctx.commands.screen import out, progress, write_json
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened
from worldctx.exchange.facts import line_of
from worldctx.model.entity import Entity
from worldctx.model.errors import BadInput
from worldctx.model.fact import Fact
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source

if TYPE_CHECKING:
    from worldctx.exchange.mapping import Made

_COUNTED = {Source: "sources", Entity: "entities", Fact: "facts", Judgement: "judgements"}


def import_map(
    mapping: Annotated[Optional[str], typer.Argument(help="A mapping file (TOML), or one that comes along.")] = None,
    paths: Annotated[
        Optional[list[Path]],
        typer.Argument(metavar="FILE|FOLDER...", help="CSV, JSON, JSON lines; .gz, .zst too; - is stdin."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="Show the mappings that come along.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read all, write nothing, and count.")] = False,
    data: Data = None,
    server: Server = None,
    embedder: Embedder = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until the names can be found.")] = True,
    as_json: AsJson = False,
) -> None:
    """Rows of your own CSV and JSON files, by a mapping file that says what they mean; see docs/import.md.

    Importing twice is importing once. A row that cannot be taken is named with its file and line; the others go in,
    and the exit code is 1.

    Example: worldctx import map people.toml people.csv --dry-run
    """
    from worldctx.exchange.mapping import Mapping, shipped

    if listed:
        _list(as_json=as_json)
        return
    if not mapping or not paths:
        raise typer.BadParameter(
            f"name a mapping and the files to read; these mappings come along: {', '.join(shipped())} (see --list)"
        )
    done = [0, 0]
    found = Mapping.load(mapping).rows(paths, lambda *at: done.__setitem__(slice(None), at))
    if dry_run:
        _count(found, as_json=as_json)
    with opened(data, server, embedder) as client:
        send(client, _texts(found), as_json=as_json, wait=wait, read=lambda: (done[0], done[1]))


def _list(*, as_json: bool) -> None:
    from worldctx.exchange.mapping import Mapping, shipped

    told = {name: Mapping.load(name).declared.about for name in shipped()}
    if as_json:
        write_json(told)
        return
    for name, about in told.items():
        out.print(f"{name}: {about}", markup=False)


def _texts(found: Iterable[Made | BadInput]) -> Iterator[FactText | BadInput]:
    for one in found:
        yield one if isinstance(one, BadInput) else FactText(one.where, line_of(one.line))


def _count(found: Iterable[Made | BadInput], *, as_json: bool) -> NoReturn:
    total = Total()
    with progress("lines") as bar:
        for one in found:
            if isinstance(one, BadInput):
                total.refuse("", one.message)
            else:
                total.counts[_COUNTED[type(one.line)]] += 1
            bar.advance()
    finish(total, as_json=as_json)
