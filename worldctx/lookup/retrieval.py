"""The step that retrieves passages: several rankings, fused, every hit read again from the graph under the clocks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from worldctx.lookup.fuse import Fused, fuse
from worldctx.lookup.request import Request
from worldctx.model.context import LeftOut, RankedPassage, Span
from worldctx.model.document import Document, Passage
from worldctx.model.ids import DocumentId, PassageId
from worldctx.model.time import civil
from worldctx.ports.deadline import Deadline
from worldctx.ports.search import Hit, View
from worldctx.ports.world import World

#: Hits asked of each retriever for each passage wanted.
OVERSAMPLE = 3
#: Characters of a long text that stand for it in the vector search: the model's window is 256 tokens.
EMBED_CHARS = 1000
#: Cosine from which on a passage is near enough to a prompt to be shown whatever its words.
CLOSE = 0.45
#: Cosine below which a passage has nothing to do with the text.
NEAR = 0.25
#: Seconds that a step needs at least; with less left it is left out.
VECTORS_S, SEARCH_S = 0.030, 0.004
_YEAR = re.compile(r"\b(1[0-9]{3}|20[0-9]{2})\b")


def retrieved(request: Request, world: World, deadline: Deadline, left: list[LeftOut],
              ) -> tuple[tuple[RankedPassage, ...], frozenset[PassageId]]:
    """Passages by BM25 and vectors, fused, and which of them are near in meaning.

    Every hit is read again from the graph and checked against the clocks.
    """
    ask = request.ask
    if deadline.remaining < SEARCH_S:
        left += [LeftOut("vectors", "deadline"), LeftOut("search", "deadline")]
        return (), frozenset()
    own = ask.document.id if ask.document is not None and ask.document.id else None
    view = View(request.reader.revision, request.clocks, ask.filter, own)
    breadth = max(30, OVERSAMPLE * ask.limit)
    text = request.text if ask.document is None else f"{ask.document.title} {request.text}"
    lists: dict[str, Sequence[Hit]] = {"bm25": world.search.text(text, view, breadth)}
    if world.embedder is None or world.search.dimension == 0:
        left.append(LeftOut("vectors", "unavailable"))
    elif deadline.remaining < VECTORS_S:
        left.append(LeftOut("vectors", "deadline"))
    else:
        vector = world.embedder.embed([text[:EMBED_CHARS]])[0]
        lists["vectors"] = [hit for hit in world.search.nearest(vector, view, breadth) if hit.score >= NEAR]
    deadline.check()
    near = frozenset(hit.passage for hit in lists.get("vectors", ()) if hit.score >= CLOSE)
    years = _years(request)
    hits = {hit.passage: hit.document for found in lists.values() for hit in found}
    # Only a year that is asked about needs the texts of all that were found.
    read = _read(request, hits) if years else {}
    naming = {key: 1.0 for key, (piece, _) in read.items() if years & years_in(piece.text)}
    shown: list[RankedPassage] = []
    orphans = 0
    fused = fuse(lists, {"names_the_year": naming})
    for first in range(0, len(fused), ask.limit):
        some = fused[first:first + ask.limit]
        if not years:
            read = _read(request, {one.passage: hits[one.passage] for one in some})
        orphans += sum(one.passage not in read for one in some)
        shown += [_passage(one, *read[one.passage]) for one in some if one.passage in read]
        if len(shown) >= ask.limit:
            break
    if orphans:
        left.append(LeftOut("passages", "orphan", orphans))
    return tuple(shown[:ask.limit]), near


def _read(request: Request, hits: Mapping[PassageId, DocumentId]) -> dict[PassageId, tuple[Passage, Document]]:
    """Found passages and their documents as the graph has them, those that the clocks let through."""
    pieces = request.reader.passages(hits)
    documents = request.reader.documents(set(hits.values()))
    return {key: (piece, document) for key, piece in pieces.items()
            if (document := documents.get(piece.document)) and request.clocks.said(document.published)}


def _passage(one: Fused, piece: Passage, document: Document) -> RankedPassage:
    return RankedPassage(one.passage, document.id, document.title, piece.text, Span(piece.start, piece.end),
                         document.published, document.publisher, document.url, one.score, one.reasons)


def _years(request: Request) -> frozenset[int]:
    """Years that a prompt names: written ones, and those of its resolved dates."""
    if not request.is_prompt:
        return frozenset()
    years = set(years_in(request.text))
    for date in request.dates:
        if date.valid.start is not None and date.valid.end is not None:
            first, last = civil(date.valid.lo)[0], civil(date.valid.hi - 1)[0]
            if last - first <= 10:
                years.update(range(first, last + 1))
    return frozenset(years)


def years_in(text: str) -> frozenset[int]:
    """Four-digit years that stand in a text."""
    return frozenset(int(year) for year in _YEAR.findall(text))
