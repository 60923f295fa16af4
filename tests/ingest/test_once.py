"""Whatever the broker delivers and whoever is killed: each record has its one effect, and nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import time
import uuid
from collections.abc import Callable, Iterable

from kombu.exceptions import OperationalError

from ingest.sender import Sender
from tests.ingest.conftest import DONE, PARKED, Place, documents, key_of
from tests.servers.servers import Redis
from worldctx.intake.queue import SILENT
from worldctx.testing.failpoints import VARIABLE

Dump = Callable[[Iterable[bytes]], list[str]]


def test_messages_that_come_up_to_five_times_in_any_order_have_one_effect_each(place: Place, sequential: Dump) -> None:
    records, dice = documents(120), random.Random(7)
    keys = [one.key for one in place.enqueue(records)]
    # Some copies are the same message, as a broker repeats it, some are others, as the sweeper sends them.
    messages = []
    for key in keys:
        name = str(uuid.uuid4())
        messages += [(key, dice.choice([name, str(uuid.uuid4())])) for _ in range(dice.randrange(1, 6))]
    dice.shuffle(messages)
    app = place.app
    for key, name in messages:
        app.send_task("worldctx.extract", (key,), task_id=name)
    for _ in range(2):
        place.worker()
    place.settled(keys)
    assert {one.attempts for one in place.records(keys).values()} == {1}
    assert place.dump() == sequential(records)
    assert place.running.verify() == []


def test_a_killed_worker_loses_nothing(place: Place, sequential: Dump) -> None:
    """RabbitMQ gives its messages to others. Redis does, too, but for one that was on its way to it: the sweeper's."""
    records = documents(300)
    place.times["TIME_LIMIT_S"] = "3"
    doomed = place.worker()
    place.worker()
    rows = place.enqueue(records)
    keys = [one.key for one in rows]
    Sender(place.app, "").send(rows)
    place.settled(keys, least=10)
    os.killpg(doomed.pid, signal.SIGKILL)
    doomed.wait()
    assert place.count(keys, DONE) < len(keys)
    if isinstance(place.server, Redis):
        place.beat()
    place.settled(keys)
    assert place.dump() == sequential(records)


def test_a_record_that_kills_its_worker_is_parked_after_three_tries_and_the_others_flow(place: Place) -> None:
    records = documents(60)
    poison, others = key_of(records[3]), [key_of(one) for one in records if one is not records[3]]
    place.worker(**{VARIABLE: f"ingest.claimed=kill#{poison}"})
    Sender(place.app, "").send(place.enqueue(records))
    place.settled([poison], PARKED)
    place.settled(others)
    row = place.records([poison])[poison]
    assert (row.attempts, row.reason) == (3, f"given up after 3 attempts; the last: {SILENT}")
    assert {one.attempts for one in place.records(others).values()} == {1}


def test_a_record_that_fails_is_parked_after_three_tries_with_its_reason(place: Place) -> None:
    records = documents(10)
    bad, others = key_of(records[3]), [key_of(one) for one in records if one is not records[3]]
    place.worker(**{VARIABLE: f"ingest.prepared=error#{bad}"})
    Sender(place.app, "").send(place.enqueue(records))
    place.settled(others)
    place.settled([bad], PARKED)
    row = place.records([bad])[bad]
    assert (row.attempts, row.reason) == (
        3, "given up after 3 attempts; the last: FailpointError: failpoint ingest.prepared")


def test_a_record_that_takes_too_long_is_parked_with_its_reason(place: Place) -> None:
    place.times["TIME_LIMIT_S"] = "2"
    (slow,) = [one.key for one in place.enqueue(documents(1))]
    place.worker(concurrency=1, **{VARIABLE: f"ingest.claimed=hang#{slow}"})
    Sender(place.app, "").send(place.records([slow]).values())
    place.settled([slow], PARKED)
    row = place.records([slow])[slow]
    assert (row.attempts, row.reason) == (3, "given up after 3 attempts; the last: it took longer than 2 s")


def test_what_can_never_be_done_is_parked_at_once(place: Place) -> None:
    place.running.writer.ingest([b'{"id": "news:1", "text": "Something else."}'])
    (key,) = [one.key for one in place.enqueue(documents(2)[1:])]
    place.worker(concurrency=1)
    Sender(place.app, "").send(place.records([key]).values())
    place.settled([key], PARKED)
    row = place.records([key])[key]
    assert (row.attempts, "is there already with other content" in row.reason) == (1, True)


def test_a_broker_that_is_killed_and_comes_back_empty_costs_time_only(place: Place, sequential: Dump) -> None:
    records = documents(300)
    place.times["TIME_LIMIT_S"] = "5"
    rows = place.enqueue(records)
    keys = [one.key for one in rows]
    Sender(place.app, "").send(rows)
    place.worker(), place.beat()
    place.settled(keys, least=10)
    with place.server.down():
        pass
    emptied(place)
    place.settled(keys)
    assert place.dump() == sequential(records)


def test_records_whose_messages_were_never_sent_are_found_by_the_sweeper(place: Place) -> None:
    keys = [one.key for one in place.enqueue(documents(20))]
    place.worker(), place.beat()
    place.settled(keys)


def emptied(place: Place) -> None:
    """The broker without any of our messages."""
    app = place.app
    until = time.monotonic() + 60
    while True:
        try:
            with app.connection_for_write() as connection:
                queue = app.amqp.queues[f"{place.prefix}.extract"](connection.default_channel)
                queue.declare()
                queue.purge()
            return
        except (OSError, OperationalError, *connection.connection_errors):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
