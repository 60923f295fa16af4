"""`worldctx export parquet`: tables for analysis."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from worldctx.commands.screen import progress, say
from worldctx.commands.target import AsJson, AtRevision, Data
from worldctx.model.errors import BadInput, StoreFull
from worldctx.model.ids import Revision


def export_parquet(
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="Is made; there must be nothing in it.")],
    revision: AtRevision = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Sources, entities, names, facts, judgements, documents and passages as Parquet tables, one file for each.

    A service may go on working on the data directory. See docs/export-parquet.md for the columns.

    Example: worldctx export parquet ./tables --data ./world
    """
    from worldctx.config import Settings
    from worldctx.exchange.parquet import write_tables
    from worldctx.wiring import reading

    with reading(Settings.read(data=data)) as graph, _folder(target) as folder, progress("rows") as bar:
        at = Revision(revision) if revision else graph.head()
        counts = write_tables(graph, at, folder, bar.advance)
    say({**counts, "revision": at}, as_json=as_json)


@contextmanager
def _folder(target: Path) -> Iterator[Path]:
    """A folder that is there whole or not at all: it is filled beside its place and renamed.

    Raises:
        BadInput: something is there already.
        StoreFull: it cannot be made.
    """
    target = target.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput.at("FOLDER", f"{target} is there already and is not empty; name another one, or remove it")
    temporary = target.with_name(target.name + ".tmp")
    try:
        # What a run that was killed left behind is ours.
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        yield temporary
        for file in temporary.iterdir():
            _settle(file)
        _settle(temporary)
        temporary.replace(target)
        _settle(target.parent)
    except OSError as error:
        raise StoreFull(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _settle(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
