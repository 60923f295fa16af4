"""Errors and status codes: the only file that knows both sides. The client reads the table backwards."""

from __future__ import annotations

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

from worldctx.model import errors
from worldctx.model.errors import FieldViolation, Overloaded, WorldctxError

DOMAIN = "worldctx"
STATUS: dict[type[WorldctxError], StatusCode] = {
    errors.BadInput: StatusCode.INVALID_ARGUMENT,
    errors.Unauthenticated: StatusCode.UNAUTHENTICATED,
    errors.NotFound: StatusCode.NOT_FOUND,
    errors.Conflict: StatusCode.ALREADY_EXISTS,
    # Not UNAVAILABLE: the server has waited for the index as long as the deadline allowed, so that a transport's
    # retry at once would only wait again; the caller decides whether to ask with more time or at an older revision.
    errors.RevisionUnavailable: StatusCode.FAILED_PRECONDITION,
    errors.Overloaded: StatusCode.RESOURCE_EXHAUSTED,
    errors.DeadlineExceeded: StatusCode.DEADLINE_EXCEEDED,
    errors.Cancelled: StatusCode.CANCELLED,
    errors.StoreUnavailable: StatusCode.UNAVAILABLE,
    errors.StoreFull: StatusCode.RESOURCE_EXHAUSTED,
    errors.IncompatibleData: StatusCode.FAILED_PRECONDITION,
    errors.Unsupported: StatusCode.UNIMPLEMENTED,
    errors.Internal: StatusCode.INTERNAL,
}
_BY_REASON = {kind.reason: kind for kind in STATUS}
#: What a status without our details means, as a proxy or gRPC itself sends it.
_BY_CODE: dict[StatusCode, type[WorldctxError]] = {
    StatusCode.INVALID_ARGUMENT: errors.BadInput,
    StatusCode.OUT_OF_RANGE: errors.BadInput,
    StatusCode.UNAUTHENTICATED: errors.Unauthenticated,
    StatusCode.PERMISSION_DENIED: errors.Unauthenticated,
    StatusCode.ALREADY_EXISTS: errors.Conflict,
    StatusCode.NOT_FOUND: errors.NotFound,
    StatusCode.DEADLINE_EXCEEDED: errors.DeadlineExceeded,
    StatusCode.CANCELLED: errors.Cancelled,
    StatusCode.UNAVAILABLE: errors.StoreUnavailable,
    StatusCode.RESOURCE_EXHAUSTED: errors.Overloaded,
    StatusCode.UNIMPLEMENTED: errors.Unsupported,
}
#: gRPC's own words for a message over the limit, which it sends as RESOURCE_EXHAUSTED although trying again is no use.
_TOO_LARGE = "message larger than max"
#: Bytes of a text in a status, and violations: a status travels in a header, and gRPC takes 8 KiB of those.
_TEXT_BYTES, _VIOLATIONS = 900, 3


def status_of(error: WorldctxError) -> status_pb2.Status:
    """The google.rpc.Status of an error, with ErrorInfo, and field violations or a retry delay where it has them."""
    code = STATUS[type(error)]
    status = status_pb2.Status(code=code.value[0], message=_short(error.message))
    _attach(status, error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN))
    if error.violations:
        fields = [
            error_details_pb2.BadRequest.FieldViolation(field=_short(one.field), description=_short(one.description))
            for one in error.violations[:_VIOLATIONS]
        ]
        _attach(status, error_details_pb2.BadRequest(field_violations=fields))
    if isinstance(error, Overloaded):
        delay = Duration()
        delay.FromNanoseconds(int(error.retry_after_s * 1e9))
        _attach(status, error_details_pb2.RetryInfo(retry_delay=delay))
    return status


def error_of(status: status_pb2.Status) -> WorldctxError:
    """The error behind a status: by its reason where we sent it, else by its code."""
    code = next((one for one in StatusCode if one.value[0] == status.code), StatusCode.UNKNOWN)
    kind: type[WorldctxError] = _BY_CODE.get(code, errors.Internal)
    if code is StatusCode.RESOURCE_EXHAUSTED and _TOO_LARGE in status.message:
        return errors.BadInput(
            f"the message is too large for the service ({status.message}); send fewer or smaller records at a time, "
            "or raise max_message_bytes there"
        )
    violations: tuple[FieldViolation, ...] = ()
    retry: float | None = None
    for detail in status.details:
        info, bad, delay = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
        if detail.Unpack(info) and info.domain == DOMAIN:
            kind = _BY_REASON.get(info.reason, kind)
        elif detail.Unpack(bad):
            violations = tuple(FieldViolation(one.field, one.description) for one in bad.field_violations)
        elif detail.Unpack(delay):
            retry = delay.retry_delay.ToNanoseconds() / 1e9
    if kind is Overloaded:
        return Overloaded(status.message, retry_after_s=1.0 if retry is None else retry)
    return kind(status.message, violations=violations)


def _short(text: str) -> str:
    data = text.encode("utf-8", "replace")
    return text if len(data) <= _TEXT_BYTES else data[:_TEXT_BYTES].decode("utf-8", "ignore") + "…"


def _attach(status: status_pb2.Status, detail: object) -> None:
    packed = AnyMessage()
    packed.Pack(detail)  # type: ignore[arg-type]
    status.details.append(packed)
