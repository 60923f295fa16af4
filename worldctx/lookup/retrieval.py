"""The step that retrieves passages: several rankings, fused, every hit read again from the graph under the clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from worldctx.lookup.evidence import Seen, boosts
from worldctx.lookup.fuse import Boosts, Fused, fuse
from worldctx.lookup.question import Period, Question, question_of, written
from worldctx.lookup.request import Request
from worldctx.lookup.sessions import of_sessions
from worldctx.lookup.walk import PASSAGE_WALK_S, walk
from worldctx.model.context import LeftOut, RankedPassage, Span
from worldctx.model.document import Document, Passage
from worldctx.model.ids import DocumentId, PassageId
from worldctx.model.time import DAY, When, iso_day
from worldctx.ports.deadline import Deadline
from worldctx.ports.search import Hit, Vector, View
from worldctx.ports.world import World

#: Hits asked of each retriever for each passage wanted, and at least; of a question, so many are read and weighed.
OVERSAMPLE, LEAST, WEIGHED = 3, 60, 80
#: Characters of a long text that stand for it in the vector search: the model's window is 256 tokens.
EMBED_CHARS = 1000
#: Cosine from which on a passage is near enough to a prompt to be shown whatever its words.
CLOSE = 0.45
#: Cosine below which a passage has nothing to do with the text.
NEAR = 0.25
#: Seconds that a step needs at least; with less left it is left out.
VECTORS_S, SEARCH_S = 0.030, 0.004
#: Days of a time within which passages are looked for apart; in a longer one they are found anyway.
NARROW_DAYS = 62
#: Times that are looked into apart, at most; hits of each.
TIMES, THEN = 4, 30
#: Lists of what was published at a time asked about.
SURE = frozenset({"words_then", "meaning_then", "names_the_day"})


@dataclass(frozen=True, slots=True)
class Candidates:
    """What was found for a text before it was fused.

    Attributes:
        lists: hits of each retriever, best first.
        read: the passages that were read, with their documents; those that the clocks do not let through are missing.
        boosts: of the passages read; none for a document.
        weighed: the passages that were asked for when `boosts` were made; empty when nothing was.
    """

    lists: Mapping[str, Sequence[Hit]]
    read: Mapping[PassageId, tuple[Passage, Document]]
    boosts: Boosts
    weighed: frozenset[PassageId]


def retrieved(request: Request, world: World, deadline: Deadline, left: list[LeftOut],
              ) -> tuple[tuple[RankedPassage, ...], frozenset[PassageId]]:
    """Passages by BM25 and vectors, fused, and which are near in meaning, or of the very time or session asked for.

    Every hit is read again from the graph and checked against the clocks.
    """
    if deadline.remaining < SEARCH_S:
        left += [LeftOut("vectors", "deadline"), LeftOut("search", "deadline")]
        return (), frozenset()
    limit = request.ask.limit
    found = candidates(request, world, deadline, left)
    near = frozenset((*(hit.passage for hit in found.lists.get("vectors", ()) if hit.score >= CLOSE),
                      *(hit.passage for hit in found.lists.get("session", ())),
                      *found.boosts.get("said_just_then", ())))
    hits = {hit.passage: hit.document for listed in found.lists.values() for hit in listed}
    read, asked = dict(found.read), set(found.weighed)
    shown: list[RankedPassage] = []
    orphans = 0
    fused = fuse(found.lists, found.boosts)
    for first in range(0, len(fused), limit):
        some = fused[first:first + limit]
        fresh = {one.passage: hits[one.passage] for one in some if one.passage not in asked}
        if fresh:
            read.update(_read(request, fresh))
            asked.update(fresh)
        orphans += sum(one.passage not in read for one in some)
        shown += [_passage(one, *read[one.passage]) for one in some if one.passage in read]
        if len(shown) >= limit:
            break
    if orphans:
        left.append(LeftOut("passages", "orphan", orphans))
    return tuple(shown[:limit]), near


def candidates(request: Request, world: World, deadline: Deadline, left: list[LeftOut]) -> Candidates:
    """Hits of every retriever, and for a question what the best of them show for it."""
    ask = request.ask
    own = ask.document.id if ask.document is not None and ask.document.id else None
    view = View(request.reader.revision, request.clocks, ask.filter, own)
    text = request.text if ask.document is None else f"{ask.document.title} {request.text}"
    question = question_of(request.text, request.dates, ask.as_of or ask.now, ask.as_of is not None
                           ) if request.is_prompt else Question()
    breadth = max(LEAST, OVERSAMPLE * ask.limit)
    lists: dict[str, Sequence[Hit]] = {"bm25": world.search.text(text, view, breadth)}
    vector: Vector | None = None
    if world.embedder is None or world.search.dimension == 0:
        left.append(LeftOut("vectors", "unavailable"))
    elif deadline.remaining < VECTORS_S:
        left.append(LeftOut("vectors", "deadline"))
    else:
        vector = world.embedder.embed([text[:EMBED_CHARS]])[0]
        lists["vectors"] = [hit for hit in world.search.nearest(vector, view, breadth) if hit.score >= NEAR]
    deadline.check()
    if not request.is_prompt:
        return Candidates(lists, {}, {}, frozenset())
    lists |= _then(question, text, vector, world, view)
    if of_session := of_sessions(question, request, world.search, vector, view):
        lists["session"] = of_session
    deadline.check()
    first = _first(fuse(lists), SURE if question.said else frozenset(), max(WEIGHED, ask.limit))
    hits = {hit.passage: hit.document for listed in lists.values() for hit in listed}
    read = _read(request, {one.passage: hits[one.passage] for one in first})
    best = first[0].score if first else 1.0
    seen = [Seen.of(*read[one.passage], one.score / best) for one in first if one.passage in read]
    boosted, weighed = boosts(question, seen), frozenset(one.passage for one in first)
    if deadline.remaining < PASSAGE_WALK_S:
        left.append(LeftOut("passage_walk", "deadline"))
    elif not question.said and not question.sessions:
        led = walk(text, seen, lists.get("vectors", ()), world.search, view, lambda hits: _read(request, hits))
        lists["walk"], boosted["walked"] = led.hits, {hit.passage: hit.score for hit in led.hits}
        read, weighed = {**read, **led.read}, weighed | led.asked
    return Candidates(lists, read, boosted, weighed)


def _first(fused: Sequence[Fused], certain: frozenset[str], most: int) -> list[Fused]:
    """The passages to weigh: the best, behind those in a list of what was certainly asked for."""
    return sorted(fused, key=lambda one: certain.isdisjoint(name for name, _, _ in one.ranks))[:most]


def _then(question: Question, text: str, vector: Vector | None, world: World, view: View) -> dict[str, list[Hit]]:
    """Hits among what was published at the times that the question names."""
    found: dict[str, list[Hit]] = {}
    apart = [one for one in question.periods if question.said or (one.days <= NARROW_DAYS and not one.side)]
    for period in apart[:TIMES]:
        narrow = _published(view, period)
        found.setdefault("words_then", []).extend(world.search.text(text, narrow, THEN))
        if vector is not None:
            found.setdefault("meaning_then", []).extend(world.search.nearest(vector, narrow, THEN))
        if day := written(period):
            found.setdefault("names_the_day", []).extend(world.search.text(day, view, THEN))
    return {name: sorted({hit.passage: hit for hit in hits}.values(), key=lambda hit: (-hit.score, hit.passage))
            for name, hits in found.items() if hits}


def _published(view: View, period: Period) -> View:
    """The view of what was published within a period, or on its side, as far as the caller's filter lets through."""
    lo, hi = (None, period.lo) if period.side < 0 else (period.hi, None) if period.side > 0 else (period.lo, period.hi)
    earliest, latest = view.filter.published_from, view.filter.published_to
    if lo is not None and (earliest is None or earliest.lo < lo):
        earliest = When(iso_day(lo), lo, lo + DAY)
    if hi is not None and (latest is None or latest.hi > hi):
        latest = When(iso_day(hi - 1), hi - DAY, hi)
    return replace(view, filter=replace(view.filter, published_from=earliest, published_to=latest))


def _read(request: Request, hits: Mapping[PassageId, DocumentId]) -> dict[PassageId, tuple[Passage, Document]]:
    """Found passages and their documents as the graph has them, those that the clocks let through."""
    pieces = request.reader.passages(hits)
    documents = request.reader.documents(set(hits.values()))
    return {key: (piece, document) for key, piece in pieces.items()
            if (document := documents.get(piece.document)) and request.clocks.said(document.published)}


def _passage(one: Fused, piece: Passage, document: Document) -> RankedPassage:
    return RankedPassage(one.passage, document.id, document.title, piece.text, Span(piece.start, piece.end),
                         document.published, document.publisher, document.url, one.score, one.reasons)
