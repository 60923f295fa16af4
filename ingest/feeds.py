"""Feeds and folders that are read on a schedule: every entry that is new is queued, the same bytes have one effect."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from celery import Celery

from ingest.readers.folder import Folder
from ingest.readers.syndication import Syndication
from ingest.sender import Sender
from ingest.service import Away, Service
from ingest.settings import IngestSettings
from worldctx.client.client import BlockingClient, parcels
from worldctx.model.errors import BadInput, StoreUnavailable, WorldctxError
from worldctx.wire.v1 import ingest_pb2

log = logging.getLogger(__name__)
TASK = "worldctx.feed"
#: Seconds between two readings where none are given.
EVERY_S = 900.0
#: Entries that are queued at a time.
TOGETHER = 100
_KEYS = {"name", "url", "file", "folder", "every_s", "publisher", "language"}


class Reader(Protocol):
    """Reads what is new. May hand out what is not: the ledger knows."""

    def read(self) -> Iterator[bytes]:
        """Documents of the input format, one JSON object each.

        Raises:
            BadInput, StoreUnavailable: it cannot be read.
        """
        ...

    def taken(self) -> None:
        """All that was read is safe and need not be handed out again."""
        ...


@dataclass(frozen=True, slots=True)
class Feed:
    """One thing to read."""

    name: str
    every_s: float
    reader: Reader


def read_feeds(path: Path) -> dict[str, Feed]:
    """The feeds that a TOML file names, by name.

    Raises:
        BadInput: the file or a feed is wrong; the message names it.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput.at("feeds", f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput.at("feeds", f"{path} is no TOML: {error}") from error
    feeds = [_feed(one, place, path.parent) for place, one in enumerate(found.get("feed", []))]
    by_name = {feed.name: feed for feed in feeds}
    if not feeds or len(by_name) < len(feeds) or set(found) != {"feed"}:
        raise BadInput.at("feeds", f"{path} must hold tables [[feed]], each with a name of its own, and nothing else")
    return by_name


def register(app: Celery, settings: IngestSettings, service: Service) -> None:
    """Give the app its task, if the settings name feeds.

    Raises:
        BadInput: see `read_feeds`.
    """
    if settings.feeds is None:
        return
    feeds = read_feeds(settings.feeds)

    def task(name: str) -> None:
        if name not in feeds:
            log.warning("no feed %r here: beat and this worker were started with different files", name)
            return
        try:
            queued = take_in(app, feeds[name], service)
            log.info("%s: %d entries queued", name, queued)
        except Away as error:
            log.warning("%s: not read, next time again: %s", name, error)
        except WorldctxError as error:
            log.warning("%s: %s", name, error.message)

    app.task(task, name=TASK, shared=False)


def take_in(app: Celery, feed: Feed, service: Service) -> int:
    """Queue what a feed holds and send the keys of what waits; how many those are.

    Raises:
        Away, WorldctxError: the service, the broker or the feed does not answer.
    """
    sender = Sender(app, service.call(lambda client: client.stats()).embedder)
    items = (ingest_pb2.EnqueueRequest.Item(id=str(number), json=one)
             for number, one in enumerate(feed.reader.read(), 1))
    count, unsent = 0, None
    for group in parcels(items, TOGETHER):
        answers = service.call(partial(_enqueued, group))
        for item in answers:
            if item.outcome == ingest_pb2.ENQUEUE_OUTCOME_REFUSED:
                log.warning("%s: entry %s: %s", feed.name, item.id, item.error.message)
        waiting = [item.record for item in answers if item.outcome == ingest_pb2.ENQUEUE_OUTCOME_QUEUED]
        count += len(waiting)
        try:
            if unsent is None:
                sender.send(waiting)
        except StoreUnavailable as error:
            unsent = error
    feed.reader.taken()
    if unsent is not None:
        raise unsent
    return count


def _enqueued(
    group: list[ingest_pb2.EnqueueRequest.Item], client: BlockingClient
) -> list[ingest_pb2.EnqueueResponse.Item]:
    return list(client.enqueue(group))


def _feed(given: Any, place: int, folder: Path) -> Feed:
    where = f"feed[{place}]"
    if not isinstance(given, dict) or not isinstance(given.get("name"), str) or not given["name"]:
        raise BadInput.at(where, "needs a name")
    unknown = sorted(set(given) - _KEYS)
    if unknown:
        raise BadInput.at(f"{where}.{unknown[0]}", f"is unknown; known are {', '.join(sorted(_KEYS))}")
    every = given.get("every_s", EVERY_S)
    if isinstance(every, bool) or not isinstance(every, int | float) or not every > 0:
        raise BadInput.at(f"{where}.every_s", "must be a number of seconds")
    named = [key for key in ("url", "file", "folder") if key in given]
    if len(named) != 1 or not all(isinstance(given.get(key, ""), str) for key in (*named, "publisher", "language")):
        raise BadInput.at(where, "must have exactly one of url, file and folder; all but every_s are texts")
    if named == ["folder"]:
        return Feed(given["name"], float(every), Folder(folder / given["folder"]))
    source = given["url"] if named == ["url"] else folder / given["file"]
    return Feed(given["name"], float(every), Syndication(source, given.get("publisher", ""), given.get("language", "")))
