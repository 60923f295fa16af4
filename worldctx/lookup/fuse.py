"""Several rankings of passages into one: weighted reciprocal rank fusion, with a bonus for named years. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    """One passage, its score rounded to 6 places, and why."""

    passage: PassageId
    score: float
    reasons: tuple[Reason, ...]


def fuse(lists: Mapping[str, Sequence[Hit]], texts: Mapping[PassageId, str] | None = None,
         years: frozenset[int] = frozenset()) -> tuple[Fused, ...]:
    """Passages by fused score, ties by id.

    Args:
        lists: hits of each retriever, best first.
        texts: of the passages, to look for `years` in.
        years: that the question names.
    """
    reasons: dict[PassageId, list[Reason]] = defaultdict(list)
    for name in sorted(lists):
        for place, hit in enumerate(lists[name], 1):
            reasons[hit.passage].append(Reason(name, round(WEIGHTS[name] / (RRF_K + place), 6),
                                               f"{WORDS[name]} (rank {place}, {hit.score:g})"))
    if years and texts:
        for passage, text in texts.items():
            if passage in reasons and years & years_in(text):
                reasons[passage].append(Reason("names_the_year", round(YEAR_BONUS, 6), "It names a year asked about"))
    fused = [Fused(passage, round(sum(one.weight for one in why), 6), tuple(why)) for passage, why in reasons.items()]
    return tuple(sorted(fused, key=lambda one: (-one.score, one.passage)))


def years_in(text: str) -> frozenset[int]:
    """Four-digit years that stand in a text."""
    return frozenset(int(year) for year in _YEAR.findall(text))
