"""A judgement: these two ids are, or are not, the same. Merging is reading through judgements, so it can be undone."""

from __future__ import annotations

from dataclasses import dataclass

from worldctx.model.ids import EntityId, SourceId
from worldctx.model.time import When


@dataclass(frozen=True, slots=True)
class Judgement:
    """The latest judgement on a pair (unordered) counts; `same` None is 'unsure' and leaves them apart.

    Attributes:
        by: who judged.
        source: who told us of it, such as the data set that it came with.
    """

    left: EntityId
    right: EntityId
    same: bool | None
    by: str = ""
    at: When | None = None
    source: SourceId | None = None
