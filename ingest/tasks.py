"""The tasks: each gets a key, asks the service for the record, does the heavy part and hands the result in.

Any of them may run twice, or beside itself: the service counts attempts before the work and has one effect for a key.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from billiard.exceptions import SoftTimeLimitExceeded
from celery import Celery
from celery.exceptions import Reject
from kombu.exceptions import OperationalError

from ingest.service import Away, Service
from ingest.settings import IngestSettings
from worldctx.exchange.documents import parse_document
from worldctx.intake.extract import extract
from worldctx.model.errors import BadInput, Conflict, NotFound, WorldctxError
from worldctx.model.ids import Revision
from worldctx.ports.failpoint import failpoint
from worldctx.wire.records import prepared_message
from worldctx.wire.status import error_of
from worldctx.wire.v1 import ingest_pb2

log = logging.getLogger(__name__)
#: Refused lines that a reason names.
NAMED = 3
#: How much longer each wait for another attempt is than the one before.
SLOWER = 4

#: Does a claimed record; what it raises is why the attempt failed.
Doing = Callable[[Service, ingest_pb2.ClaimResponse], None]


def register(app: Celery, settings: IngestSettings, service: Service) -> None:
    """Give the app its tasks."""
    for name, doing in (("extract", extracted), ("embed", embedded), ("import", imported)):
        app.task(_task(service, settings, doing), name=f"worldctx.{name}", bind=True, shared=False)


def _task(service: Service, settings: IngestSettings, doing: Doing) -> Callable[[Any, str], None]:
    def task(self: Any, key: str) -> None:
        try:
            _run(self, service, settings, doing, key)
        except Away as error:
            # The message goes back to the broker, and comes again to whoever reaches the service.
            log.warning("%s: given back, the service is away: %s", key, error)
            raise Reject(error, requeue=True) from error

    return task


def _run(task: Any, service: Service, settings: IngestSettings, doing: Doing, key: str) -> None:
    request = ingest_pb2.ClaimRequest(
        key=key, delivery=task.request.id, redelivered=bool((task.request.delivery_info or {}).get("redelivered")),
        lease_s=settings.lease_s, names_after=service.known)
    try:
        claim = service.call(lambda client: client.claim(request))
    except NotFound:
        log.info("%s: dropped meanwhile", key)
        return
    if claim.outcome != ingest_pb2.CLAIM_OUTCOME_GRANTED:
        if claim.outcome == ingest_pb2.CLAIM_OUTCOME_PARKED:
            log.warning("%s: %s", key, claim.record.reason)
        return
    try:
        failpoint("ingest.claimed", key)
        doing(service, claim)
    except Away:
        raise
    except NotFound:
        log.info("%s: dropped or erased meanwhile", key)
    except (BadInput, Conflict) as error:
        why = error.message
        log.warning("%s: parked: %s", key, why)
        service.call(lambda client: client.park(key, why))
    except SoftTimeLimitExceeded:
        _failed(task, service, settings, claim, f"it took longer than {settings.time_limit_s} s")
    except Exception as error:  # noqa: BLE001 - whatever a record does to us is told in the ledger
        said = str(error) if isinstance(error, WorldctxError | RefusedLines) else f"{type(error).__name__}: {error}"
        _failed(task, service, settings, claim, said)


def extracted(service: Service, claim: ingest_pb2.ClaimResponse) -> None:
    """The names in a document; the service makes the vectors, where it has any."""
    _document(service, claim, embedder="")


def embedded(service: Service, claim: ingest_pb2.ClaimResponse) -> None:
    """The names in a document and the vectors of its passages."""
    _document(service, claim, claim.embedder)


def imported(service: Service, claim: ingest_pb2.ClaimResponse) -> None:
    """A batch of fact lines. The service has the lines; it is done when none is refused.

    A source that is unknown may be in another batch that comes later: that is what further attempts are for.
    """
    written = service.call(lambda client: client.write_facts(key=claim.record.key))
    if written.refused:
        named = "; ".join(one.error.message for one in written.refused[:NAMED])
        raise RefusedLines(f"{len(written.refused):,} lines refused, the others are in: {named}")


class RefusedLines(Exception):
    """Lines of a batch were not taken, though perhaps they will be. Never leaves this file."""


def _document(service: Service, claim: ingest_pb2.ClaimResponse, embedder: str) -> None:
    # Its length was looked at when it was queued.
    declared = parse_document(claim.payload, max_chars=sys.maxsize)
    found = extract(declared, service.lexicon(claim), Revision(claim.revision))
    model = service.embedder(embedder) if embedder else None
    vectors = b""
    if model is not None:
        vectors = model.embed([piece.text for piece in found.passages]).astype("<f4").tobytes()
    prepared = prepared_message(declared, found, embedder if model is not None else "", vectors)
    failpoint("ingest.prepared", claim.record.key)
    ack = service.call(lambda client: client.ingest_prepared(prepared))
    if ack.outcome == ingest_pb2.INGEST_OUTCOME_REFUSED:
        raise error_of(ack.error)


def _failed(
    task: Any, service: Service, settings: IngestSettings, claim: ingest_pb2.ClaimResponse, reason: str
) -> None:
    """Say why in the ledger; have it tried again later, or give up. With the message lost the sweeper sends another."""
    key, attempts = claim.record.key, claim.record.attempts
    if attempts >= claim.most_attempts:
        log.warning("%s: given up: %s", key, reason)
        service.call(lambda client: client.park(key, f"given up after {attempts} attempts; the last: {reason}"))
        return
    log.warning("%s: attempt %d failed: %s", key, attempts, reason)
    service.call(lambda client: client.fail(key, reason))
    try:
        task.apply_async((key,), countdown=settings.retry_s * SLOWER ** (attempts - 1))
    except OperationalError as error:
        log.warning("%s: no broker for another attempt (%s); the sweeper will send it", key, error)
