"""What was decided about pairs, and what it means for the next decision. Judgements are data, all of them kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from worldctx.model.entity import Entity
from worldctx.model.fact import Fact
from worldctx.model.ids import EntityId, Revision
from worldctx.model.judgement import Judgement
from worldctx.ports.graph import GraphStore

Pair = tuple[EntityId, EntityId]


def ordered_pair(left: EntityId, right: EntityId) -> Pair:
    """The pair with the smaller id first."""
    return (left, right) if left < right else (right, left)


def judgements(store: GraphStore, revision: Revision | None = None) -> list[Judgement]:
    """All judgements of a revision in the order in which they were told.

    A store tells them with the rest of its knowledge only: where there is a judgement, all of it is read.
    """
    if not store.at(revision).counts().get("judgements"):
        return []
    return [one for one in store.knowledge(revision) if isinstance(one, Judgement)]


def tied(store: GraphStore, left: EntityId, right: EntityId) -> bool:
    """Whether an external id makes two ids one, whatever is judged: one carries the other, or both carry one."""
    carried: dict[EntityId, set[EntityId]] = {left: {left}, right: {right}}
    for one in store.knowledge():
        if isinstance(one, Entity) and one.id in carried:
            carried[one.id].update(one.same_as)
        elif isinstance(one, (Fact, Judgement)):
            break  # entities come before them
    return bool(carried[left] & carried[right])


class Judged:
    """Judgements by pair, as they stand.

    Args:
        told: in order.
        resolve: the ids under which ids are read now.
    """

    def __init__(self, told: Iterable[Judgement],
                 resolve: Callable[[Iterable[EntityId]], Mapping[EntityId, EntityId]]) -> None:
        self._history: dict[Pair, list[Judgement]] = defaultdict(list)
        for one in told:
            self._history[ordered_pair(one.left, one.right)].append(one)
        read_as = resolve({end for pair in self._history for end in pair})
        self._between: dict[Pair, list[Judgement]] = defaultdict(list)
        for pair, history in sorted(self._history.items()):
            left, right = (read_as.get(end, end) for end in pair)
            if left != right:
                self._between[ordered_pair(left, right)].append(history[-1])

    def history(self, left: EntityId, right: EntityId) -> Sequence[Judgement]:
        """All that was said about two ids as they are written, in order."""
        return self._history.get(ordered_pair(left, right), ())

    def between(self, left: EntityId, right: EntityId) -> Judgement | None:
        """What stands between two entities, given by the ids under which they are read: a "different" before others."""
        found = self._between.get(ordered_pair(left, right), ())
        return min(found, key=lambda one: one.same is not False, default=None)

    @property
    def apart(self) -> Iterator[Pair]:
        """Pairs of entities that were judged different."""
        return (pair for pair in self._between if (one := self.between(*pair)) is not None and one.same is False)


def taken_back(history: Sequence[Judgement], *, tied: bool) -> bool | None:
    """The judgement that gives a pair back the state that it had before the last one.

    Args:
        history: of the pair, at least one judgement.
        tied: whether the two would be one without any judgement, by an external id.
    """
    if len(history) > 1:
        return history[-2].same
    return True if tied else None


class Camps:
    """Entities that are becoming one, step by step, and pairs that must not."""

    def __init__(self, apart: Iterable[Pair] = ()) -> None:
        self._members: dict[EntityId, frozenset[EntityId]] = {}
        self._apart = {ordered_pair(*pair) for pair in apart}

    def of(self, entity: EntityId) -> frozenset[EntityId]:
        """What is one with an entity, itself included."""
        return self._members.get(entity, frozenset({entity}))

    def across(self, left: EntityId, right: EntityId) -> list[Pair]:
        """The pairs that would be one, too, if these two were."""
        return sorted(ordered_pair(one, other) for one in self.of(left) for other in self.of(right) if one != other)

    def against(self, left: EntityId, right: EntityId) -> Pair | None:
        """A pair judged different that would become one with these two; None where nothing speaks against it."""
        return next((pair for pair in self.across(left, right) if pair in self._apart), None)

    def join(self, left: EntityId, right: EntityId) -> None:
        """Let two be one."""
        whole = self.of(left) | self.of(right)
        self._members.update(dict.fromkeys(whole, whole))

    def part(self, left: EntityId, right: EntityId) -> None:
        """Hold two apart from now on."""
        self._apart.add(ordered_pair(left, right))
