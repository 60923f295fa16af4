"""A judgement: these two ids are, or are not, the same. Merging is reading through judgements, so it can be undone."""

from __future__ import annotations

from dataclasses import dataclass

from worldctx.model.ids import EntityId
from worldctx.model.time import When


@dataclass(frozen=True, slots=True)
class Judgement:
    """The latest judgement on a pair (unordered) counts; `same` None is 'unsure' and leaves them apart."""

    left: EntityId
    right: EntityId
    same: bool | None
    by: str = ""
    at: When | None = None
