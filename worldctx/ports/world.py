"""World: the bundle of open stores and models that a request is handed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from worldctx.ports.embedder import Embedder
from worldctx.ports.graph import GraphStore
from worldctx.ports.lexicon import Lexicon
from worldctx.ports.search import SearchIndex
from worldctx.ports.tagger import NameTagger


class TokenCounter(Protocol):
    """Counts tokens as a model would."""

    @property
    def name(self) -> str: ...

    def count(self, text: str, most: int | None = None) -> int:
        """Tokens of a text; beyond `most` it may stop, so that the answer is then any number above that."""
        ...


@dataclass(frozen=True, slots=True)
class World:
    """Everything that answering needs, opened by worldctx.wiring and by nobody else.

    Attributes:
        embedder: None when this installation has no model; the answer then says that vectors were left out.
        tagger: finds names that the graph lacks; None is by rules.
    """

    graph: GraphStore
    search: SearchIndex
    lexicon: Lexicon
    embedder: Embedder | None
    tokens: TokenCounter
    tagger: NameTagger | None = None
