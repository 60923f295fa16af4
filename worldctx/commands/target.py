"""Which world a verb works on: a data directory in this process, or a running service. The client is the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Optional

import typer

from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.model.errors import BadInput

Data = Annotated[
    Optional[Path],
    typer.Option("--data", metavar="DIR", help="Data directory, opened in this process. Default: ./worldctx-data."),
]
Server = Annotated[
    Optional[str], typer.Option("--server", metavar="HOST:PORT", help="A running service, instead of --data.")
]
Embedder = Annotated[
    Optional[str],
    typer.Option(
        "--embedder",
        metavar="NAME",
        help="With --data: auto, none, onnx, sentence, hashing, or a model by folder or name (docs/operations.md).",
    ),
]
#: What imports took before they opened the graph alone.
Unused = Annotated[Optional[str], typer.Option("--embedder", hidden=True, help="Not needed.")]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON, for machines.")]
AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="The valid clock: true in the world then (EDTF).")]
KnownBy = Annotated[
    str, typer.Option("--known-by", metavar="DATE", help="The known clock: said in public by then (EDTF).")
]
AtRevision = Annotated[
    int,
    typer.Option(
        "--revision", min=0, max=2**63 - 1, metavar="N", help="The recorded clock: a commit's number; 0 is the newest."
    ),
]


@contextmanager
def opened(
    data: Path | None, server: str | None, embedder: str | None = None, workers: int | None = None
) -> Iterator[BlockingClient]:
    """A client for the service or the data directory that the options name.

    The token for a service is read from WORLDCTX_TOKEN; `https://HOST:PORT` asks for TLS.

    Raises:
        BadParameter: both were named.
        StoreUnavailable, IncompatibleData, Unsupported, BadInput: it cannot be opened.
    """
    if data is not None and server is not None:
        raise typer.BadParameter("give --data or --server, not both")
    from worldctx.config import Settings

    settings = Settings.read(data=data, embedder=embedder, workers=workers)
    given = {key: value for key, value in (("embedder", embedder), ("workers", workers)) if value}
    if server is None:
        client = connect_blocking(f"embedded:{settings.data}", **given)
    else:
        for name in given:
            raise typer.BadParameter(f"--{name} is the service's to choose; leave it out with --server")
        client = connect_blocking(address(server), token=settings.token, tls=server.startswith("https://"))
    with client:
        yield client


def address(server: str) -> str:
    """HOST:PORT of what was given, with or without a scheme.

    Raises:
        BadInput: it has no port.
    """
    bare = server.removeprefix("https://").removeprefix("http://").rstrip("/")
    host, _, port = bare.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise BadInput.at("--server", f"{server!r} is not HOST:PORT")
    return bare
