"""What is remembered of an index that lies elsewhere: how often terms stand in it at a revision, and how long it is.

What was asked for once is kept up to date by the commits that follow, so that at the head, and at every revision since,
nothing needs to be asked again. Memory is bounded: what was asked for first is forgotten first.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from worldctx.model.ids import Revision

T = TypeVar("T")

#: Terms that are followed, and answers about revisions of before: some 40 MB each.
TERMS, ANSWERS = 131_072, 262_144
#: Changes of a term that are remembered; what it was before them is asked for.
STEPS = 64
#: Changes of the totals.
TOTALS = 65_536


@dataclass(frozen=True, slots=True)
class Totals:
    """Passages, those that are gone included, and their terms, repetitions counted."""

    passages: int
    length: int

    @property
    def mean(self) -> float:
        """Length of a passage."""
        return self.length / self.passages

    def more(self, counts: Iterable[Mapping[str, int]], least: int = 0) -> Totals:
        """With some passages more, each as how often it has its terms, and `least` terms long at least."""
        lengths = [max(sum(often.values()), least) for often in counts]
        return Totals(self.passages + len(lengths), self.length + sum(lengths))


@dataclass(frozen=True, slots=True)
class Counted:
    """What the server counts for its own scores: old copies of rewritten passages and later revisions included.

    It also changes without our doing, as merges drop old copies: a belief, and scores show whether it holds.
    """

    totals: Totals
    often: Mapping[str, int]


class _Course(Generic[T]):
    """A value since some revision, and how it changed."""

    __slots__ = ("_revisions", "_values")

    def __init__(self, revision: int, value: T) -> None:
        self._revisions, self._values = [revision], [value]

    @property
    def last(self) -> T:
        return self._values[-1]

    def at(self, revision: int) -> T | None:
        """The value then; None when it is not known so far back."""
        if revision >= self._revisions[-1]:
            return self._values[-1]
        place = bisect_right(self._revisions, revision)
        return self._values[place - 1] if place else None

    def add(self, revision: int, value: T, most: int) -> None:
        """A change; the older half goes when there are too many."""
        self._revisions.append(revision)
        self._values.append(value)
        if len(self._values) > most:
            del self._revisions[: most // 2], self._values[: most // 2]


class Statistics:
    """Counts of one index, from the revision on at which it was opened. Safe in any thread."""

    def __init__(self, revision: Revision, totals: Totals) -> None:
        self._turn = threading.Lock()
        self._head: int = revision
        self._totals = _Course(revision, totals)
        self._terms: dict[str, _Course[int]] = {}
        #: Answers about revisions that lie before what is followed: of each the totals, and terms.
        self._before: dict[int, dict[str, int]] = {}
        self._totals_before: dict[int, Totals] = {}
        self._answers = 0
        self._counted_totals, self._counted = totals, dict[str, int]()

    def totals(self, revision: Revision) -> Totals | None:
        """Of a revision, where they are known."""
        with self._turn:
            return self._totals.at(revision) or self._totals_before.get(revision)

    def learn_totals(self, revision: Revision, totals: Totals) -> None:
        """Remember an answer."""
        with self._turn:
            self._totals_before[revision] = totals
            _shorten(self._totals_before, TOTALS)

    def often(self, terms: Iterable[str], revision: Revision) -> dict[str, int]:
        """How many passages of a revision have each term; those of which it is not known are missing."""
        found: dict[str, int] = {}
        with self._turn:
            before = self._before.get(revision, {})
            for term in terms:
                course = self._terms.get(term)
                often = course.at(revision) if course is not None else None
                if often is None:
                    often = before.get(term)
                if often is not None:
                    found[term] = often
        return found

    def learn(self, revision: Revision, often: Mapping[str, int]) -> None:
        """Remember an answer; that about the newest revision is followed from now on."""
        with self._turn:
            if revision == self._head:
                for term, count in often.items():
                    self._terms[term] = _Course(revision, count)
                _shorten(self._terms, TERMS)
                return
            self._before.setdefault(revision, {}).update(often)
            self._answers += len(often)
            while self._answers > ANSWERS and len(self._before) > 1:
                self._answers -= len(self._before.pop(next(iter(self._before))))
            if self._answers > ANSWERS:
                self._before.clear()
                self._answers = 0

    def counted(self, terms: Sequence[str]) -> Counted | None:
        """What the server is believed to count; None when it was not asked about some of the terms."""
        with self._turn:
            often = {term: self._counted[term] for term in terms if term in self._counted}
            return Counted(self._counted_totals, often) if len(often) == len(terms) else None

    def learn_counted(self, counted: Counted) -> None:
        """Remember what the server said."""
        with self._turn:
            self._counted_totals = counted.totals
            self._counted.update(counted.often)
            _shorten(self._counted, TERMS)

    def follow(self, steps: Sequence[tuple[Revision, Sequence[Mapping[str, int]]]],
               rewritten: Sequence[Mapping[str, int]]) -> None:
        """Take in what commits added, and what was stored again because it is gone.

        Args:
            steps: for each commit its revision and its passages, each as how often it has its terms.
            rewritten: the passages of before that were stored again: the server still counts their old copies.
        """
        added = [(revision, often, Counter(term for one in often for term in one)) for revision, often in steps]
        copies = Counter(term for one in rewritten for term in one)
        with self._turn:
            for revision, often, having in added:
                self._head = revision
                self._totals.add(revision, self._totals.last.more(often), TOTALS)
                for term in having.keys() & self._terms.keys():
                    course = self._terms[term]
                    course.add(revision, course.last + having[term], STEPS)
                copies.update(having)
                # The server counts something of a passage without a term (mapping.NOTHING).
                self._counted_totals = self._counted_totals.more(often, 1)
            self._counted_totals = self._counted_totals.more(rewritten, 1)
            for term in copies.keys() & self._counted.keys():
                self._counted[term] += copies[term]


def _shorten(known: dict[str, T] | dict[int, T], most: int) -> None:
    """Forget the older half when there is too much."""
    if len(known) > most:
        for key in list(islice(known, len(known) - most // 2)):
            del known[key]  # type: ignore[arg-type]
