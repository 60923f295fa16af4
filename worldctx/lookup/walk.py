"""The step that walks from passage to passage: looks for what the best ones name, and weighs all as a set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from worldctx.lookup.evidence import Seen
from worldctx.lookup.ground import Ground, Stop
from worldctx.lookup.hops import inquiries, leads, walked
from worldctx.model.document import Document, Passage
from worldctx.model.ids import DocumentId, PassageId
from worldctx.ports.search import Hit, SearchIndex, View

#: Hits of each search for what a passage names.
HITS = 10
#: What a walk counts where no title tells the way, as a share of what it counts else: with all of it, dialogues and
#: dated questions on long articles lost what it won elsewhere.
ASTRAY = 0.05
#: Seconds that walking needs at least; with less left it is left out, the first of all steps.
PASSAGE_WALK_S = 0.020

#: Passages and their documents by id, those that the clocks let through.
Read = Callable[[Mapping[PassageId, DocumentId]], Mapping[PassageId, tuple[Passage, Document]]]


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk came by.

    Attributes:
        hits: all passages in the order in which they answer the question together, with their worth, 0 to 1, or to
            `ASTRAY`.
        read: those that it found and read itself.
        asked: all that it found and asked for, read or not.
    """

    hits: Sequence[Hit]
    read: Mapping[PassageId, tuple[Passage, Document]]
    asked: frozenset[PassageId]


def walk(question: str, seen: Sequence[Seen], near: Sequence[Hit], search: SearchIndex, view: View, read: Read,
         ) -> Walked:
    """Walk from the passages seen to those that they lead to, in at most `hops.LOOKED_FOR` searches and one reading.

    Args:
        seen: the best passages for the question, at most some hundred.
        near: what the vector search found; empty without one.
    """
    nearness = {hit.passage: hit.score for hit in near}
    stops = [Stop.of(one) for one in seen]
    ground = Ground(question, stops, nearness)
    known = {one.passage for one in stops}
    found = {hit.passage: hit.document for text in inquiries(ground) for hit in search.text(text, view, HITS)
             if hit.passage not in known}
    fresh = read(found) if found else {}
    if fresh:
        more = [Stop.of(Seen.of(*fresh[key], 0.0)) for key in sorted(fresh)]
        ground = Ground(question, [*stops, *more], nearness, len(stops))
    documents = {one.passage: one.seen.piece.document for one in ground.stops}
    counts = 1.0 if leads(ground) else ASTRAY
    hits = [Hit(key, documents[key], round(counts * worth, 6)) for key, worth in walked(ground)]
    return Walked(hits, fresh, frozenset(found))
