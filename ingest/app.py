"""The Celery app: queues that survive, messages that are acknowledged when the work is done, and nothing but JSON."""

from __future__ import annotations

from ssl import CERT_REQUIRED
from typing import Any
from urllib.parse import urlsplit

from celery import Celery
from kombu import Exchange, Queue
from kombu.transport import TRANSPORT_ALIASES

from ingest.queues import QUEUES, Queues
from ingest.settings import IngestSettings
from worldctx.model.errors import BadInput
from worldctx.model.url import without_password

SCHEMES = ("redis", "rediss", "amqp", "amqps")
#: Seconds in which a broker must take a connection, and within which a message that cannot be sent is given up.
CONNECT_S = 4
#: Seconds for which a process that has ended may still have sent its result.
LOST_S = 2.0
#: Tasks to be done later that a worker process holds.
LATER = 1_000


def make_app(settings: IngestSettings) -> Celery:
    """An app for a broker, without any tasks: enough to send messages.

    Raises:
        BadInput: the broker's URL is none that we know.
    """
    if urlsplit(settings.broker).scheme not in SCHEMES:
        raise BadInput.at("broker", f"{without_password(settings.broker)!r} is no broker; write redis://HOST:PORT/DB "
                                    "or amqp://USER:PASSWORD@HOST:PORT/VHOST, as --broker or WORLDCTX_BROKER")
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "ingest.redis_transport:Transport"))
    app = Celery(settings.prefix, set_as_current=False)
    app.conf.update(configuration(settings))
    return app


def configuration(settings: IngestSettings) -> dict[str, Any]:
    """Everything that we ask of Celery."""
    queues = Queues(settings.prefix)
    exchange = Exchange(settings.prefix, type="direct", durable=True)
    return {
        "broker_url": settings.broker,
        "broker_connection_timeout": CONNECT_S,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,  # a broker that is away is waited for
        **_transport(settings),
        # A message is acknowledged when its record is done, or the ledger says why not; a lost process's comes back.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_acks_on_timeout": False,
        "task_acks_on_failure": True,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "task_soft_time_limit": settings.time_limit_s,
        "task_time_limit": settings.hard_limit_s,
        "worker_eta_task_limit": LATER,
        # JSON only: a pickle runs what its sender likes.
        "accept_content": ["json"],
        "task_serializer": "json",
        "event_serializer": "json",
        "result_serializer": "json",
        # What became of a record stands in the ledger.
        "result_backend": None,
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        "task_default_delivery_mode": "persistent",
        "task_queues": [Queue(queues.of(name), exchange, routing_key=queues.of(name), durable=True) for name in QUEUES],
        "task_default_queue": queues.of("upkeep"),
        "task_default_exchange": settings.prefix,
        "task_default_routing_key": queues.of("upkeep"),
        "task_create_missing_queues": False,
        "task_routes": {task: {"queue": queues.of(queue)} for task, queue in TASKS.items()},
        "task_publish_retry": True,
        "task_publish_retry_policy": {"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 1},
        # Nobody listens.
        "worker_send_task_events": False,
        "worker_enable_remote_control": False,
        "worker_detect_quorum_queues": False,
        "worker_proc_alive_timeout": 60.0,
        "worker_lost_wait": LOST_S,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "enable_utc": True,
        "timezone": "UTC",
    }


#: Which queue a task goes to. The body of each is a name: a record's key, or a feed's.
TASKS = {
    "worldctx.extract": "extract",
    "worldctx.embed": "embed",
    "worldctx.import": "import",
    "worldctx.sweep": "upkeep",
    "worldctx.feed": "feeds",
}


def _transport(settings: IngestSettings) -> dict[str, Any]:
    scheme = urlsplit(settings.broker).scheme
    once = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2}
    if scheme.startswith("amqp"):
        return {"broker_transport_options": {"confirm_publish": True, **once}}
    return {
        # The certificate of a server that is reached by TLS is looked at; Celery would have us say so.
        "broker_use_ssl": {"ssl_cert_reqs": CERT_REQUIRED} if scheme == "rediss" else None,
        "broker_transport_options": {
            # Redis gives a message that was not acknowledged to another worker after this time: no task lives so long.
            "visibility_timeout": settings.lease_s,
            "unacked_restore_throttle": 1,  # it looks for such messages every 10 s, not every 100
            "socket_connect_timeout": CONNECT_S,
            "socket_keepalive": True,
            "health_check_interval": 25,
            **once,
        },
    }
