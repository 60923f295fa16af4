"""What we ask of Celery is what it does, and nothing but JSON comes in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.app import TASKS
from ingest.queues import QUEUES, task_for
from ingest.sender import Sender
from ingest.settings import IngestSettings
from ingest.worker import app_of, queues_of, schedule
from tests.ingest.conftest import Place, documents
from worldctx.model.errors import BadInput
from worldctx.wire.v1 import ingest_pb2

REDIS, RABBIT = "redis://localhost:1/0", "amqp://guest:secret@localhost:1//"


def effective(broker: str = REDIS, **given: object) -> Any:
    return app_of(IngestSettings.read(broker=broker, server="localhost:1", **given)).conf


def test_a_message_is_acknowledged_late_and_comes_back_when_its_process_is_lost() -> None:
    app = app_of(IngestSettings.read(broker=REDIS, server="localhost:1"))
    for task in ("extract", "embed", "import"):
        one = app.tasks[f"worldctx.{task}"]
        assert (one.acks_late, one.reject_on_worker_lost, one.ignore_result, one.serializer) == (True, True, True, "json")
        assert one.acks_on_timeout is False
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.worker_cancel_long_running_tasks_on_connection_loss is False


def test_only_json_is_accepted_and_no_results_are_kept() -> None:
    conf = effective()
    assert (conf.accept_content, conf.task_serializer, conf.result_serializer, conf.event_serializer) == (["json"], "json", "json", "json")
    assert (conf.result_backend, conf.task_ignore_result) == (None, True)


def test_no_task_outlives_its_limits_its_lease_and_the_time_after_which_redis_gives_it_to_another() -> None:
    settings = IngestSettings.read(broker=REDIS, server="localhost:1", time_limit_s=100)
    conf = effective(time_limit_s=100)
    assert (conf.task_soft_time_limit, conf.task_time_limit, conf.broker_transport_options["visibility_timeout"]) == (100, 110, 120)
    assert settings.lease_s == 120
    default = IngestSettings.read(broker=REDIS, server="localhost:1")
    assert default.lease_s < default.overdue_s


def test_a_broker_that_is_away_is_waited_for_and_confirms_what_it_takes() -> None:
    conf = effective(RABBIT)
    assert (conf.broker_connection_retry_on_startup, conf.broker_connection_max_retries) == (True, None)
    assert conf.broker_transport_options["confirm_publish"] is True
    assert conf.task_default_delivery_mode == "persistent"


def test_queues_are_durable_and_each_task_has_its_own() -> None:
    app = app_of(IngestSettings.read(broker=RABBIT, server="localhost:1", prefix="p"))
    queues = app.amqp.queues
    assert set(queues) == {f"p.{name}" for name in QUEUES}
    assert all(queue.durable and not queue.auto_delete and queue.exchange.durable for queue in queues.values())
    for task, queue in TASKS.items():
        assert app.amqp.router.route({}, task)["queue"].name == f"p.{queue}"
    assert app.conf.task_create_missing_queues is False
    facts, document = ingest_pb2.RECORD_KIND_FACTS, ingest_pb2.RECORD_KIND_DOCUMENT
    assert [task_for(facts, "m"), task_for(document, "m"), task_for(document, "")] == ["worldctx.import", "worldctx.embed", "worldctx.extract"]


def test_nothing_is_told_to_anybody() -> None:
    conf = effective()
    assert not any((conf.worker_send_task_events, conf.task_send_sent_event, conf.worker_enable_remote_control))


@pytest.mark.parametrize("url", ["", "localhost:6379", "http://x", "sqs://", "memory://"])
def test_a_broker_that_is_none_is_refused_by_name(url: str) -> None:
    with pytest.raises(BadInput, match="broker: .*is no broker"):
        effective(url)


def test_a_password_is_not_told() -> None:
    with pytest.raises(BadInput) as caught:
        effective("kafka://user:secret@host")
    assert "secret" not in caught.value.message


def test_queues_are_chosen_by_name(tmp_path: Path) -> None:
    settings = IngestSettings.read(broker=REDIS, server="localhost:1")
    assert queues_of(settings, "") == ["worldctx.extract", "worldctx.embed", "worldctx.import", "worldctx.upkeep"]
    assert queues_of(settings, "embed, import") == ["worldctx.embed", "worldctx.import"]
    with pytest.raises(BadInput, match="'mail' is none of extract, embed"):
        queues_of(settings, "mail")
    with pytest.raises(BadInput, match="feeds"):
        queues_of(settings, "feeds")


def test_beat_sends_the_sweep_and_each_feed_and_neither_piles_up(tmp_path: Path) -> None:
    (tmp_path / "feeds.toml").write_text('[[feed]]\nname = "inbox"\nfolder = "inbox"\nevery_s = 30\n')
    due = schedule(IngestSettings.read(broker=REDIS, server="localhost:1", feeds=tmp_path / "feeds.toml", sweep_s=7))
    assert {name: (one["schedule"], one["options"], one.get("args")) for name, one in due.items()} == {
        "sweep": (7.0, {"expires": 7.0}, None), "feed inbox": (30.0, {"expires": 30.0}, ("inbox",))}


def test_a_pickled_message_is_refused_and_the_next_one_is_done(place: Place, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    place.worker(concurrency=1)
    with place.app.producer_or_acquire() as producer:
        producer.publish(((Trap(str(trap)),), {}, {}), serializer="pickle", exchange=place.prefix, routing_key=f"{place.prefix}.extract",
                         headers={"task": "worldctx.extract", "id": "trap"})
    rows = place.enqueue(documents(1))
    Sender(place.app, "").send(rows)
    place.settled([rows[0].key])
    assert not trap.exists()
    assert "pickle" in place.log.read_text()


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path(self.path),)
