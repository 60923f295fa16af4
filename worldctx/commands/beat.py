"""`worldctx beat`: the clock of the workers."""

from __future__ import annotations

import sys

from worldctx.commands.brokered import Broker, Feeds, ingest_settings
from worldctx.commands.screen import log_briefly, out, write_json
from worldctx.commands.target import AsJson, Server
from worldctx.model.errors import Unsupported
from worldctx.model.url import without_password


def beat(server: Server = None, broker: Broker = None, feeds: Feeds = None, as_json: AsJson = False) -> None:
    """Send what is due: the sweep for records whose message was lost, and the readings of feeds. Run one of it.

    Example: worldctx beat --server localhost:50051 --broker redis://localhost:6379/0 --feeds feeds.toml
    """
    log_briefly(full=True)
    settings = ingest_settings(broker, server, feeds)
    try:
        from ingest.worker import beat as run
        from ingest.worker import schedule
    except ImportError as error:
        raise Unsupported(f"{error.name} is not installed; pip install 'worldctx[workers]'") from error
    shown = {"broker": without_password(settings.broker), "due": sorted(schedule(settings))}
    if as_json:
        write_json(shown)
    else:
        out.print(f"worldctx beat for {shown['broker']}: {', '.join(shown['due'])}", markup=False)
    sys.stdout.flush()
    run(settings)
