"""The lexicon port: every name in the graph, ready to be found in running text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from worldctx.model.clocks import Clocks
from worldctx.model.entity import Kind
from worldctx.model.ids import EntityId, Revision


@dataclass(frozen=True, slots=True)
class NameHit:
    """One entity whose name stands at a span.

    Attributes:
        exact: the text has the name letter for letter (case and accents too).
        preferred: it is a preferred name.
        weight: the entity's prior.
        in_use: the name was in use at the date of the text; a former name may still be meant (the Soviet Union).
    """

    entity: EntityId
    kind: Kind
    name: str
    exact: bool
    preferred: bool
    weight: float
    in_use: bool = True


@dataclass(frozen=True, slots=True)
class NameMatch:
    """A span of the text and all entities that it may name; `text[start:end] == surface` of the original text."""

    start: int
    end: int
    surface: str
    hits: tuple[NameHit, ...]


class Lexicon(Protocol):
    """Finds names. Ambiguity is kept: every entity of a name is handed out."""

    def scan(self, text: str, clocks: Clocks, revision: Revision) -> Sequence[NameMatch]:
        """Longest non-overlapping matches, left to right, of names recorded by `revision` that had come into use.

        A longer name that is outside the clocks never hides a shorter one that is inside them.
        """
        ...
