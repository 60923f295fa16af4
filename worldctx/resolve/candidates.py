"""From a graph to pairs that may be one thing, with scores and reasons. The only file here that reads a store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from worldctx.model.entity import Kind, folded_name
from worldctx.model.ids import EntityId, Revision
from worldctx.ports.graph import ALL_TIMES, GraphStore
from worldctx.resolve.blocking import Blocks, claim_keys, date_keys, id_keys, name_keys, place_keys
from worldctx.resolve.comparison import Pair
from worldctx.resolve.rarity import Rarity
from worldctx.resolve.score import Score, score
from worldctx.resolve.view import View, Views
from worldctx.resolve.words import person_name, words_of_name

T = TypeVar("T")
#: Entities read at a time, and views kept while pairs are compared.
READ, KEPT = 2_000, 20_000
#: Kinds that imports take for each other: a university is an organisation here and a place there.
MIXED = frozenset({Kind.ORGANISATION, Kind.PLACE, Kind.CONCEPT})
#: Words that begin with the same letters, for neighbours in common.
HEAD = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two entities that may be one; the left one has the smaller id."""

    pair: Pair
    score: Score

    @property
    def left(self) -> View:
        """The one with the smaller id."""
        return self.pair.left

    @property
    def right(self) -> View:
        """The other one."""
        return self.pair.right

    @property
    def ids(self) -> tuple[EntityId, EntityId]:
        """Their ids."""
        return self.left.id, self.right.id


class Census:
    """All entities of a revision: their blocks, and how common everything is.

    Two passes over the graph, of which the second is `candidates`. In memory there are the ids, the keys (see
    blocking) and some thousand views.
    """

    def __init__(self, store: GraphStore, revision: Revision | None = None, kind: Kind | None = None) -> None:
        """Read every entity that has a name; what was merged is one.

        Args:
            kind: only entities of this kind; None for all.
        """
        self._reader = store.at(revision)
        self.rarity = Rarity()
        self._views = Views(self._reader)
        self._kinds: list[Kind] = []
        self.ids: list[EntityId] = []
        blocks = Blocks()
        for views in self._all(store):
            for view in views:
                if kind is None or view.kind is kind or (kind in MIXED and view.kind in MIXED):
                    blocks.add(len(self.ids), keys_of(view))
                    self.ids.append(view.id)
                    self._kinds.append(view.kind)
                    self.rarity.add(view)
        self._pairs = blocks.pairs(len(self.ids))

    @property
    def pairs(self) -> Iterator[tuple[EntityId, EntityId]]:
        """The pairs worth comparing, in a stable order."""
        ids, kinds = self.ids, self._kinds
        for pair in self._pairs.tolist():
            one, other = pair >> 32, pair & 0xFFFFFFFF
            if kinds[one] is kinds[other] or (kinds[one] in MIXED and kinds[other] in MIXED):
                yield (ids[one], ids[other]) if ids[one] < ids[other] else (ids[other], ids[one])

    def candidates(self, least: float = 0.0) -> Iterator[Candidate]:
        """The pairs with a score of `least` or more, in the order of `pairs`."""
        return (one for one in self.compare(self.pairs) if one.score.value >= least)

    def compare(self, pairs: Iterable[tuple[EntityId, EntityId]]) -> Iterator[Candidate]:
        """Score pairs, whether blocking proposes them or not; the smaller id of each comes first."""
        for some in _several(iter(pairs), KEPT // 2):
            views = self._of(sorted({end for pair in some for end in pair}))
            for left, right in some:
                if left in views and right in views:
                    pair = Pair(views[left], views[right], self.rarity)
                    yield Candidate(pair, score(pair))

    def labels(self, ids: Iterable[EntityId]) -> Mapping[EntityId, str]:
        """The labels of entities, whatever the clocks."""
        return self._reader.labels(ids, ALL_TIMES)

    def _of(self, ids: Sequence[EntityId]) -> dict[EntityId, View]:
        return {key: view for start in range(0, len(ids), READ)
                for key, view in self._views.of(ids[start:start + READ]).items()}

    def _all(self, store: GraphStore) -> Iterator[list[View]]:
        """The views of all, each once, by the order in which the first of their names was told."""
        seen = set[EntityId]()
        named = (row.entity for row in store.names() if row.recorded <= self._reader.revision)
        for some in _several(named, READ):
            read_as = self._reader.resolve(some)
            fresh = [one for one in dict.fromkeys(read_as.get(one, one) for one in some) if one not in seen]
            seen.update(fresh)
            yield list(self._views.of(fresh).values())


def keys_of(view: View) -> set[str]:
    """The blocks that an entity belongs to."""
    keys = {key for name in view.names for key in name_keys(name.text, view.kind)}
    firsts = {_first(name.text, view.kind) for name in view.names} - {""}
    letters, heads = {one[0] for one in firsts}, {one[:HEAD] for one in firsts}
    for predicate, dates in view.dates.items():
        keys |= {key for when in dates for key in date_keys(predicate, when, firsts, letters)}
    if view.point is not None:
        keys |= place_keys(*view.point, letters)
    for one in view.neighbours:
        keys |= claim_keys(one.predicate, one.other, heads)
    return keys | id_keys(view.identifiers)


def _first(text: str, kind: Kind) -> str:
    """The word by which an entity would be looked up: a surname, else the first word."""
    if kind is Kind.PERSON:
        return person_name(text).surname
    words = words_of_name(text)
    return words[0] if words else folded_name(text)[:1]


def _several(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while some := list(islice(items, size)):
        yield some
