"""The tagger port: names in running text, whether the graph knows them or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from worldctx.model.entity import Kind
from worldctx.ports.lexicon import NameMatch


@dataclass(frozen=True, slots=True)
class TaggedName:
    """A span that names something; `text[start:end] == surface` of the original text.

    Attributes:
        kind: person, organisation or place as far as the words tell; None is something else, or not told.
    """

    start: int
    end: int
    surface: str
    kind: Kind | None = None


class NameTagger(Protocol):
    """Finds names by how they are written and what stands around them."""

    @property
    def name(self) -> str:
        """What found the names, for records and reasons: `rules`, or the model's name."""
        ...

    def tag(self, text: str, known: Sequence[NameMatch]) -> Sequence[TaggedName]:
        """Names by start, none overlapping another; pure: the same text and matches give the same names.

        Args:
            text: any text.
            known: names of the lexicon in it, by start and disjoint: evidence, which a name may repeat or contain.
        """
        ...
