"""The processes: a worker with its pool, and beat with the schedule."""

from __future__ import annotations

import os
from collections.abc import Callable

from celery import Celery
from celery.beat import Scheduler
from celery.signals import worker_ready

from ingest import feeds, sweeper, tasks
from ingest.app import make_app
from ingest.queues import QUEUES, Queues
from ingest.service import Service
from ingest.settings import IngestSettings
from worldctx.model.errors import BadInput


def app_of(settings: IngestSettings) -> Celery:
    """The app with all tasks that this process can do.

    Raises:
        BadInput: a setting is wrong.
    """
    app = make_app(settings)
    service = Service(settings)
    for part in (tasks, sweeper, feeds):
        part.register(app, settings, service)
    app.finalize()
    return app


def queues_of(settings: IngestSettings, names: str) -> list[str]:
    """The queues to take from: those that are named, or all that this process has what it needs for.

    Raises:
        BadInput: an unknown queue, or `feeds` without the file.
    """
    chosen = [name.strip() for name in names.split(",") if name.strip()] or [
        name for name in QUEUES if name != "feeds" or settings.feeds is not None]
    unknown = [name for name in chosen if name not in QUEUES]
    if unknown:
        raise BadInput.at("queues", f"{unknown[0]!r} is none of {', '.join(QUEUES)}")
    if "feeds" in chosen and settings.feeds is None:
        raise BadInput.at("queues", "`feeds` needs the file of feeds, --feeds FILE")
    return [Queues(settings.prefix).of(name) for name in chosen]


def work(
    settings: IngestSettings, names: str = "", concurrency: int | None = None, ready: Callable[[], None] | None = None
) -> int:
    """Run a worker until it is told to end: SIGTERM finishes what is under way. Returns its exit code.

    Args:
        settings: where broker and service are, and limits.
        names: queues to take from, with commas between them; empty for all.
        concurrency: processes; None for one a processor.
        ready: called when the broker has taken the worker on.

    Raises:
        BadInput: a setting is wrong.
    """
    worker = app_of(settings).Worker(
        queues=queues_of(settings, names), concurrency=concurrency, pool="prefork",
        hostname=f"{settings.prefix}-{os.getpid()}@%h", loglevel="WARNING", without_gossip=True, without_mingle=True,
        without_heartbeat=True, optimization="fair", quiet=True)

    def told(**_: object) -> None:
        if ready is not None:
            ready()

    worker_ready.connect(told, weak=False)
    try:
        worker.start()
    finally:
        worker_ready.disconnect(told)
    return int(worker.exitcode or 0)


class Punctual(Scheduler):  # type: ignore[misc]  # Celery has no types
    """Keeps its schedule in memory and begins with everything at once: a restart must not put a feed off by hours."""

    def setup_schedule(self) -> None:
        """See the base class."""
        super().setup_schedule()
        self.merge_inplace(self.app.conf.beat_schedule)
        for name in self.app.conf.beat_schedule:
            self.apply_entry(self.schedule[name])


def schedule(settings: IngestSettings) -> dict[str, dict[str, object]]:
    """What beat sends, and how often. What nobody took before the next one is due has run out.

    Raises:
        BadInput: the file of feeds is wrong.
    """
    due: dict[str, dict[str, object]] = {
        "sweep": {"task": sweeper.TASK, "schedule": settings.sweep_s, "options": {"expires": settings.sweep_s}}}
    for feed in (feeds.read_feeds(settings.feeds) if settings.feeds is not None else {}).values():
        due[f"feed {feed.name}"] = {"task": feeds.TASK, "args": (feed.name,), "schedule": feed.every_s,
                                    "options": {"expires": feed.every_s}}
    return due


def beat(settings: IngestSettings) -> None:
    """Send what is due until told to end.

    Raises:
        BadInput: a setting is wrong.
    """
    app = app_of(settings)
    app.conf.beat_schedule = schedule(settings)
    app.conf.beat_max_loop_interval = min(5.0, settings.sweep_s)
    app.Beat(scheduler_cls=Punctual, loglevel="WARNING", quiet=True).run()


