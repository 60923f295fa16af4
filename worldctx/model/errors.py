"""The one family of errors that worldctx raises on purpose; wire/status.py maps each to a gRPC code."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldViolation:
    """One thing wrong with an input: which field (dotted path or `line 12: published_at`) and what to do about it."""

    field: str
    description: str


class WorldctxError(Exception):
    """Root of the family. `reason` is a stable, machine-readable word; the message is for people."""

    reason = "WORLDCTX_ERROR"

    def __init__(self, message: str, *, violations: tuple[FieldViolation, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.violations = violations


class BadInput(WorldctxError):
    """The caller's input is wrong; sending it again unchanged will fail again."""

    reason = "BAD_INPUT"

    @classmethod
    def at(cls, field: str, description: str) -> BadInput:
        """A BadInput about one named field."""
        return cls(f"{field}: {description}", violations=(FieldViolation(field, description),))


class Unauthenticated(WorldctxError):
    """The caller did not show the token that this service asks for."""

    reason = "UNAUTHENTICATED"


class NotFound(WorldctxError):
    """Nothing of that id exists at the revision asked about."""

    reason = "NOT_FOUND"


class Conflict(WorldctxError):
    """The id is taken by different content (duplicate id, different bytes)."""

    reason = "CONFLICT"


class RevisionUnavailable(WorldctxError):
    """The revision asked for is not (or not yet, within the deadline) readable here."""

    reason = "REVISION_UNAVAILABLE"


class Overloaded(WorldctxError):
    """A bounded queue is full: try again after `retry_after_s` seconds."""

    reason = "OVERLOADED"

    def __init__(self, message: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class DeadlineExceeded(WorldctxError):
    """The caller's time ran out before an answer could be given."""

    reason = "DEADLINE_EXCEEDED"


class Cancelled(WorldctxError):
    """The caller went away."""

    reason = "CANCELLED"


class StoreUnavailable(WorldctxError):
    """A store cannot be reached, is locked by another process, or is shutting down."""

    reason = "STORE_UNAVAILABLE"


class StoreFull(WorldctxError):
    """The disk is full or read-only: nothing was written."""

    reason = "STORE_FULL"


class IncompatibleData(WorldctxError):
    """The data directory was written by another version, or is damaged."""

    reason = "INCOMPATIBLE_DATA"


class Unsupported(WorldctxError):
    """This installation lacks what the call needs (an extra, a back end, a method)."""

    reason = "UNSUPPORTED"


class Internal(WorldctxError):
    """A surprise; the details are in the server's log under the request id."""

    reason = "INTERNAL"
