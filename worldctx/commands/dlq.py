"""`worldctx dlq list|retry|drop`: records that were given up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Optional

import typer

from worldctx.client.client import BlockingClient, groups
from worldctx.commands.brokered import Broker, ingest_settings, sender
from worldctx.commands.screen import complain, out, say, write_json
from worldctx.commands.target import AsJson, Data, Server, opened
from worldctx.model.errors import StoreUnavailable
from worldctx.wire.v1 import ingest_pb2

#: Keys of one call.
KEYS = 1_000

Keys = Annotated[Optional[list[str]], typer.Argument(metavar="KEY...", help="As `worldctx dlq list` shows them.")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]


def dlq_list(data: Data = None, server: Server = None, as_json: AsJson = False) -> None:
    """Records that were given up, with the reason of the last attempt.

    Example: worldctx dlq list --server localhost:50051
    """
    with opened(data, server) as client:
        found = [_shown(one) for one in client.dead_letters()]
    if as_json:
        write_json({"dead_letters": found})
        return
    for one in found:
        out.print(f"{one['key']}  {one['kind']}, {one['attempts']} attempts: {one['reason']}", markup=False)
    if not found:
        out.print("none", markup=False)


def dlq_retry(
    keys: Keys = None, every: All = False, data: Data = None, server: Server = None, broker: Broker = None,
    as_json: AsJson = False,
) -> None:
    """Queue records that were given up anew, with all attempts before them.

    With a broker they are sent to the workers at once; without one the sweeper sends them (worldctx beat). Exit code 1
    where a key is none of a record that was given up.

    Example: worldctx dlq retry --all --server localhost:50051 --broker redis://localhost:6379/0
    """
    settings = ingest_settings(broker, server) if broker else None
    with opened(data, server) as client:
        wanted = _wanted(client, keys, every)
        queued: list[ingest_pb2.Record] = []
        for some in groups(wanted, KEYS):
            parked = {one.key for one in client.records(some) if one.status == ingest_pb2.RECORD_STATUS_PARKED}
            queued += (one for one in client.retry_dead_letters(some)
                       if one.key in parked and one.status == ingest_pb2.RECORD_STATUS_QUEUED)
        if settings is not None and queued:
            try:
                with closing(sender(settings, client.stats().embedder)) as sending:
                    sending.send(queued)
            except StoreUnavailable as error:
                complain(f"{error.message}; nothing is lost: the records are queued, and the sweeper will send them")
    _end("queued", wanted, {one.key for one in queued}, as_json=as_json)


def dlq_drop(
    keys: Keys = None, every: All = False, data: Data = None, server: Server = None, as_json: AsJson = False
) -> None:
    """Forget records that were given up, and what they held: this cannot be undone.

    Example: worldctx dlq drop 0123456789abcdef0123456789abcdef --server localhost:50051
    """
    with opened(data, server) as client:
        wanted = _wanted(client, keys, every)
        dropped = {key for some in groups(wanted, KEYS) for key in client.drop_dead_letters(some)}
    _end("dropped", wanted, dropped, as_json=as_json)


def _wanted(client: BlockingClient, keys: list[str] | None, every: bool) -> list[str]:
    if bool(keys) == every:
        raise typer.BadParameter("name keys, or give --all")
    return list(dict.fromkeys(keys or _all(client)))


def _all(client: BlockingClient) -> Iterator[str]:
    for one in client.dead_letters():
        yield one.key


def _end(word: str, wanted: list[str], done: set[str], *, as_json: bool) -> None:
    missing = [key for key in wanted if key not in done]
    for key in missing:
        complain(f"{key}: no record of this key was given up, or nothing was kept of it")
    say({word: len(done), "unknown": len(missing)}, as_json=as_json)
    raise typer.Exit(1 if missing else 0)


def _shown(record: ingest_pb2.Record) -> dict[str, str | int]:
    kind = ingest_pb2.RecordKind.Name(record.kind).removeprefix("RECORD_KIND_").lower()
    return {"key": record.key, "kind": "unknown" if not record.kind else kind, "attempts": record.attempts,
            "reason": record.reason}
