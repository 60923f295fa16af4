"""Several rankings of passages into one: weighted reciprocal rank fusion, with a bonus for named years. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from worldctx.model.context import Reason
from worldctx.model.ids import PassageId
from worldctx.ports.search import Hit

#: Cormack, Clarke and Büttcher 2009: the constant that dampens the first ranks.
RRF_K = 60
#: Weights of the lists. Plain fusion of BM25 and MiniLM was below BM25 alone on dated questions and dialogues.
WEIGHTS: Mapping[str, float] = {"bm25": 1.0, "vectors": 0.5}
WORDS: Mapping[str, str] = {"bm25": "Its words match", "vectors": "Its meaning is near"}
#: Added when a passage names a year that the question names; as much as a first rank in BM25 adds.
YEAR_BONUS = 1.0 / (RRF_K + 1)
_YEAR = re.compile(r"\b(1[0-9]{3}|20[0-9]{2})\b")


@dataclass(frozen=True, slots=True)
class Fused:
    """One passage and its score rounded to 6 places.

    Attributes:
        ranks: the lists that have it, its place in each from 1 and its score there.
        names_the_year: whether it names a year that the question names.
    """

    passage: PassageId
    score: float
    ranks: tuple[tuple[str, int, float], ...]
    names_the_year: bool

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it has its score."""
        found = [Reason(name, _share(name, place), f"{WORDS[name]} (rank {place}, {score:g})")
                 for name, place, score in self.ranks]
        if self.names_the_year:
            found.append(Reason("names_the_year", round(YEAR_BONUS, 6), "It names a year asked about"))
        return tuple(found)


def fuse(lists: Mapping[str, Sequence[Hit]], texts: Mapping[PassageId, str] | None = None,
         years: frozenset[int] = frozenset()) -> tuple[Fused, ...]:
    """Passages by fused score, ties by id.

    Args:
        lists: hits of each retriever, best first.
        texts: of the passages, to look for `years` in.
        years: that the question names.
    """
    ranks: dict[PassageId, list[tuple[str, int, float]]] = defaultdict(list)
    for name in sorted(lists):
        for place, hit in enumerate(lists[name], 1):
            ranks[hit.passage].append((name, place, hit.score))
    naming = {passage for passage, text in (texts or {}).items() if years & years_in(text)} if years else set()
    fused = []
    for passage, places in ranks.items():
        total = sum(_share(name, place) for name, place, _ in places)
        if passage in naming:
            total += round(YEAR_BONUS, 6)
        fused.append(Fused(passage, round(total, 6), tuple(places), passage in naming))
    return tuple(sorted(fused, key=lambda one: (-one.score, one.passage)))


@cache
def _share(name: str, place: int) -> float:
    """What a place in a list adds to a score."""
    return round(WEIGHTS[name] / (RRF_K + place), 6)


def years_in(text: str) -> frozenset[int]:
    """Four-digit years that stand in a text."""
    return frozenset(int(year) for year in _YEAR.findall(text))
