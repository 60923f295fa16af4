"""Several rankings of passages into one: weighted reciprocal rank fusion, and boosts for what texts show. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from worldctx.model.context import Reason
from worldctx.model.ids import PassageId
from worldctx.ports.search import Hit

#: Cormack, Clarke and Büttcher 2009: the constant that dampens the first ranks.
RRF_K = 60
#: What a first rank in a list of weight 1 adds, the unit of all weights.
UNIT = 1.0 / (RRF_K + 1)
#: Weights of the lists. Plain fusion of BM25 and MiniLM was below BM25 alone on dated questions and dialogues.
WEIGHTS: Mapping[str, float] = {
    "bm25": 0.7, "vectors": 0.8, "words_then": 0.5, "meaning_then": 0.5, "names_the_day": 0.3, "session": 8.0,
    "walk": 0.5}
#: What a boost of value 1 adds, in first ranks of a list of weight 1. Those for texts were fitted by
#: evals/weighing.py; others are for what is certain: they lift what has them above all that does not.
BOOSTS: Mapping[str, float] = {
    "covered": 2.0, "titled": 1.2, "kin": 0.4, "names_the_year": 0.8, "names_the_years": 0.4, "year_within": 0.4,
    "names_the_time": 1.2, "said_then": 1.5, "said_just_then": 8.0, "of_the_source": 1.5,
    "recent": 1.0, "newest": 2.0, "walked": 20.0,
}
#: Words for people of lists and boosts.
WORDS: Mapping[str, str] = {
    "bm25": "Its words match",
    "vectors": "Its meaning is near",
    "words_then": "Its words match among what was published then",
    "meaning_then": "Its meaning is near among what was published then",
    "names_the_day": "The day asked about is written in it",
    "session": "It is of the session asked about",
    "walk": "A walk over names and titles came by",
    "covered": "Words asked about stand in it or its title",
    "titled": "The question names its title",
    "kin": "Other passages of its document or title match",
    "names_the_year": "It names a year asked about",
    "names_the_years": "It names all years asked about",
    "year_within": "It names a year within the time asked about",
    "names_the_time": "It names the time asked about",
    "said_then": "It was published at the time asked about",
    "said_just_then": "It was published at the time that the question is about",
    "of_the_source": "It is from the source asked about",
    "recent": "It was published shortly before the date asked about",
    "newest": "The question is about now, and it is new",
    "walked": "With the others it answers the question: it covers words, or names and titles lead to it",
}

#: For each boost by name, the passages that have it and how much, 0 to 1.
Boosts = Mapping[str, Mapping[PassageId, float]]


@dataclass(frozen=True, slots=True)
class Fused:
    """One passage and its score rounded to 6 places.

    Attributes:
        ranks: the lists that have it, its place in each from 1 and its score there.
        boosts: the boosts that it has, and how much each adds to its score.
    """

    passage: PassageId
    score: float
    ranks: tuple[tuple[str, int, float], ...]
    boosts: tuple[tuple[str, float], ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it has its score."""
        ranked = (Reason(name, _share(name, place), f"{WORDS[name]} (rank {place}, {score:g})")
                  for name, place, score in self.ranks)
        return (*ranked, *(Reason(name, added, WORDS[name]) for name, added in self.boosts))


def fuse(lists: Mapping[str, Sequence[Hit]], boosts: Boosts | None = None) -> tuple[Fused, ...]:
    """Passages by fused score, ties by id.

    Args:
        lists: hits of each retriever, best first, by a name of `WEIGHTS`.
        boosts: values by a name of `BOOSTS`; passages that are in no list are passed over.
    """
    ranks: dict[PassageId, list[tuple[str, int, float]]] = defaultdict(list)
    for name in sorted(lists):
        for place, hit in enumerate(lists[name], 1):
            ranks[hit.passage].append((name, place, hit.score))
    added: dict[PassageId, list[tuple[str, float]]] = defaultdict(list)
    for name in sorted(boosts or {}):
        for passage, value in (boosts or {})[name].items():
            if value:
                added[passage].append((name, round(BOOSTS[name] * UNIT * value, 6)))
    fused = [
        Fused(passage, round(sum(_share(name, place) for name, place, _ in places)
                             + sum(value for _, value in added[passage]), 6), tuple(places), tuple(added[passage]))
        for passage, places in ranks.items()]
    return tuple(sorted(fused, key=lambda one: (-one.score, one.passage)))


@cache
def _share(name: str, place: int) -> float:
    """What a place in a list adds to a score."""
    return round(WEIGHTS[name] / (RRF_K + place), 6)
