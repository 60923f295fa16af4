"""Settings of the verbs that work through a broker; what they need beyond the base install is loaded here, on use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from worldctx.commands.target import address
from worldctx.model.errors import BadInput, Unsupported

if TYPE_CHECKING:
    from ingest.sender import Sender
    from ingest.settings import IngestSettings

Broker = Annotated[
    Optional[str],
    typer.Option("--broker", metavar="URL", help="redis://… or amqp://… Default: WORLDCTX_BROKER."),
]
Feeds = Annotated[
    Optional[Path], typer.Option("--feeds", metavar="FILE", help="TOML file of feeds and folders (docs/operations.md).")
]


def ingest_settings(broker: str | None, server: str | None, feeds: Path | None = None) -> IngestSettings:
    """What the options and the environment say of broker and service.

    Raises:
        BadInput: one of the two is missing, or a setting is wrong.
        Unsupported: Celery is not installed.
    """
    from worldctx.config import Settings

    general = Settings.read()
    try:
        from ingest.settings import IngestSettings
    except ImportError as error:
        raise _missing(error) from error
    settings = IngestSettings.read(
        broker=broker or general.broker or None, server=server, token=general.token or None, feeds=feeds)
    if not settings.broker:
        raise BadInput.at("broker", "none is named; give --broker URL or WORLDCTX_BROKER")
    if not settings.server:
        raise BadInput.at("server", "none is named: workers write through a service; give --server HOST:PORT")
    address(settings.server)
    return settings


def sender(settings: IngestSettings, embedder: str) -> Sender:
    """Sends keys of records to the broker.

    Args:
        settings: where it is.
        embedder: the service's, or empty.

    Raises:
        BadInput: the broker's URL is none.
        Unsupported: Celery is not installed.
    """
    try:
        from ingest.app import make_app
        from ingest.sender import Sender
    except ImportError as error:
        raise _missing(error) from error
    return Sender(make_app(settings), embedder)


def _missing(error: ImportError) -> Unsupported:
    return Unsupported(f"{error.name} is not installed; pip install 'worldctx[workers]'")
