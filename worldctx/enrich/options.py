"""What an enrichment's output depends on, besides its input and the revision."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import blake2b
from importlib.metadata import version
from typing import Any

from worldctx.model.ask import Profile
from worldctx.wire.v1 import context_pb2


class Mode(StrEnum):
    """Shape of the output."""

    SIDECAR = "sidecar"  #: keys and context, to be joined with the text
    INLINE = "inline"  #: text and context in one row


@dataclass(frozen=True, slots=True)
class Options:
    """The choices of one run.

    Attributes:
        budget: tokens of context text at most.
        limit: facts and passages at most, each.
        plain_share: share of records that get no context text, chosen by their id (context-record: whole-context
            dropout; a model must go on reading text without context).
        full: whether the whole context record goes into each row.
        strict: leave out what does not declare when it was said.
        max_chars: longest text accepted.
    """

    profile: Profile = Profile.HEADER
    mode: Mode = Mode.SIDECAR
    budget: int = 256
    limit: int = 10
    plain_share: float = 0.1
    full: bool = False
    strict: bool = False
    max_chars: int = 20_000_000

    def shown(self) -> dict[str, Any]:
        """As the manifest keeps them."""
        return asdict(self)

    @property
    def hash(self) -> str:
        """Digest of the options and of the version that reads them."""
        text = json.dumps([self.shown(), version("worldctx")], sort_keys=True)
        return blake2b(text.encode(), digest_size=8).hexdigest()

    def request(self, revision: int) -> context_pb2.LookUpRequest:
        """What every record is asked with."""
        return context_pb2.LookUpRequest(
            revision=revision, budget=self.budget, limit=self.limit, profile=self.profile, strict=self.strict
        )
