"""The question: a text, the clocks it is asked under, and how much answer is wanted."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from worldctx.model.clocks import Clocks, cutoff_of_document
from worldctx.model.document import Document
from worldctx.model.ids import Revision
from worldctx.model.time import When


class Profile(StrEnum):
    """Shape of the rendered text (context-record: profiles)."""

    BRIEF = "brief"
    HEADER = "header"
    MECO = "meco"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Filter:
    """Only passages that match every given list (any value of it); entities by kind.

    Attributes:
        sources: publishers (exact), hosts (`un.org`) or document-id prefixes ending in `:`.
        places: declared places of writing, exact.
        languages: BCP 47 tags.
        kinds: entity kinds that may be linked.
        published_from, published_to: the publication must lie within.
    """

    sources: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    published_from: When | None = None
    published_to: When | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One request for context.

    Attributes:
        text: the query, from a few words to a whole document.
        as_of: the valid clock; None takes the document's date, else a single date the text names, else `now`.
        known_by: the known clock; None is open (a lookup) or the document's date (enrichment).
        now: the date of asking as a value, handed in at the edge; nothing inside reads a clock.
        revision: the recorded clock; None is the newest that graph and index both hold.
        document: declared metadata when the text is a document (its `text` is ignored); None for a bare prompt.
        strict: leave out what does not declare when it was said.
        budget: tokens of rendered context at most.
        limit: facts and passages at most, each.
        own_passages: whether passages of the document itself may be answered (off: they are not context).
    """

    text: str
    as_of: When | None = None
    known_by: When | None = None
    now: When | None = None
    revision: Revision | None = None
    document: Document | None = None
    strict: bool = False
    budget: int = 512
    limit: int = 10
    profile: Profile = Profile.BRIEF
    filter: Filter = field(default_factory=Filter)
    enriching: bool = False


def clocks_of(ask: Ask, named: When | None = None) -> tuple[Clocks, str]:
    """The clocks an ask runs under, and on what basis `as_of` was chosen.

    Args:
        named: the one date that a bare prompt names, if it names exactly one.

    Returns:
        The clocks, and one of `asked`, `document`, `text`, `now`, `open`.
    """
    date = ask.document.published if ask.document is not None else None
    if ask.as_of is not None:
        as_of, basis = ask.as_of, "asked"
    elif date is not None:
        as_of, basis = date, "document"
    elif named is not None and ask.document is None:
        as_of, basis = named, "text"
    elif ask.now is not None and ask.document is None:
        as_of, basis = ask.now, "now"
    else:
        return _with_known(ask, None, None), "open"
    # `text` and `now` do not bound what was said: a prompt of today about 1972 may be answered from a book of 2005.
    said = as_of.hi if basis in ("asked", "document") else None
    return _with_known(ask, as_of, said), basis


def _with_known(ask: Ask, as_of: When | None, said: int | None) -> Clocks:
    if ask.known_by is not None:
        cutoff: int | None = ask.known_by.hi
    elif ask.enriching and as_of is not None:
        cutoff = cutoff_of_document(as_of)
    else:
        cutoff = None
    return Clocks(as_of, cutoff, said if cutoff is None else cutoff, ask.strict)
