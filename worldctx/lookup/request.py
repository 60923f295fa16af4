"""An ask with everything that is decided before the first look at the graph."""

from __future__ import annotations

from dataclasses import dataclass

from worldctx.model.ask import Ask, clocks_of
from worldctx.model.clocks import Clocks
from worldctx.model.context import DateMention
from worldctx.model.errors import BadInput
from worldctx.model.time import When
from worldctx.ports.graph import GraphReader
from worldctx.ports.world import World
from worldctx.text.dates import find_dates, only_date
from worldctx.text.published import published_in

#: A text up to this long that is no document is a prompt: its words are read as a question.
PROMPT_CHARS = 600


@dataclass(frozen=True, slots=True)
class Request:
    """An ask, its text, the clocks it runs under and on what basis, the graph as of its revision, and its dates."""

    ask: Ask
    text: str
    clocks: Clocks
    basis: str
    reader: GraphReader
    dates: tuple[DateMention, ...]

    @property
    def is_prompt(self) -> bool:
        return self.ask.document is None and len(self.text) <= PROMPT_CHARS


def request_of(ask: Ask, world: World) -> Request:
    """The request that an ask is.

    Raises:
        BadInput: no text, or a limit or budget out of range.
        RevisionUnavailable: the revision is beyond the graph's head.
    """
    text = ask.text or (ask.document.text if ask.document else "")
    if not text.strip():
        raise BadInput.at("text", "is empty; send a prompt or a document")
    if not 1 <= ask.limit <= 1000:
        raise BadInput.at("limit", f"{ask.limit} is not between 1 and 1000")
    if not 0 <= ask.budget <= 1_000_000:
        raise BadInput.at("budget", f"{ask.budget} is not between 0 and 1,000,000")
    named = only_date(text) if ask.document is None and ask.as_of is None and len(text) <= PROMPT_CHARS else None
    clocks, basis = clocks_of(ask, named)
    anchor = ask.as_of or ask.now if ask.document is None else ask.document.published or ask.as_of or told_date(text)
    revision = ask.revision if ask.revision is not None else world.search.revision
    return Request(ask, text, clocks, basis, world.graph.at(revision), tuple(find_dates(text, anchor)))


def told_date(text: str) -> When | None:
    """The date that an undated document tells at its head. Its relative dates hang on it; no clock does."""
    found = published_in(text)
    return found.when if found is not None else None
