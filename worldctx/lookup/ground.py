"""The passages at hand for a question, and what each is worth by itself: where the walk of worldctx.lookup.hops goes.

Pure. Rarity is counted over the passages at hand, which every store finds alike, and not over the whole index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log, sqrt

from worldctx.lookup.evidence import Seen
from worldctx.lookup.question import QUESTION_WORDS
from worldctx.model.ids import PassageId
from worldctx.search.analysis import terms, words
from worldctx.text.names import capitalised_names
from worldctx.text.words import everyday

#: What a passage is worth: the words it covers, how near it is in meaning, and that the question names its title.
COVERED, NEAR, NAMED = 0.45, 0.55, 0.8
#: A passage that the vector search did not find is taken to be so much of the last one found.
UNSEEN = 0.7
#: Letters of the shortest name.
SHORTEST = 3
_QUALIFIER = re.compile(r"\s*\([^()]*\)\s*$")


def folded(text: str) -> str:
    """The words of a text with one blank around each: a name is in it when it is, folded alike, a part of it."""
    return f" {' '.join(words(text))} "


def is_name(key: str) -> bool:
    """Whether a folded name can tell things apart: it is no everyday word, and not too short."""
    bare = key.strip()
    return len(bare) >= SHORTEST and (" " in bare or bare not in everyday())


@dataclass(frozen=True)
class Stop:
    """One passage where a walk may come by, folded once.

    Attributes:
        title: its document's title without a qualifier in brackets, folded.
        text, whole: folded, without and with the title.
    """

    seen: Seen
    title: str
    text: str
    whole: str

    @staticmethod
    def of(seen: Seen) -> Stop:
        title, text = folded(seen.document.title), folded(seen.piece.text)
        return Stop(seen, folded(_QUALIFIER.sub("", seen.document.title)), text, title + text)

    @property
    def passage(self) -> PassageId:
        return self.seen.piece.id

    @property
    def document(self) -> str:
        return self.seen.piece.document

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names in its text, folded, longest first, ties by letters."""
        found = {folded(surface) for _, _, surface in capitalised_names(self.seen.piece.text, ())}
        return tuple(sorted(filter(is_name, found), key=lambda key: (-key.count(" "), key)))


class Ground:
    """Stops by their numbers, and what each has of a question.

    Attributes:
        question: folded.
        rarity: of the question's terms; the sum of them is at least a little above 0.
        has: the terms that each stop has, in its text or title.
        near: cosine to the question, as a share of the best one's.
        worth: of each stop by itself, 0 to about 2.
    """

    def __init__(self, question: str, stops: Sequence[Stop], nearness: Mapping[PassageId, float],
                 known: int | None = None) -> None:
        """Weigh stops for a question.

        Args:
            nearness: cosines of the passages that the vector search found.
            known: rarity is counted over so many of the first stops: those found later were looked for by their words.
        """
        self.question, self.stops = folded(question), stops
        asked = [term for term in dict.fromkeys(terms(question)) if term not in QUESTION_WORDS]
        self.has = [frozenset(term for term in asked if f" {term}" in one.whole) for one in stops]
        counted = self.has[:known]
        often = Counter(term for has in counted for term in has)
        self.rarity = {term: log(1 + (len(counted) - often[term] + 0.5) / (often[term] + 0.5)) for term in asked}
        self.total = sum(self.rarity.values()) or 1.0
        best, least = max(nearness.values(), default=1.0), UNSEEN * min(nearness.values(), default=0.0)
        self.near = [max(0.0, nearness.get(one.passage, least)) / best for one in stops]
        self._alike = Counter(one.title for one in stops)
        self.worth = [round(COVERED * self.share(has) + NEAR * near + NAMED * self._named(one), 6)
                      for one, has, near in zip(stops, self.has, self.near, strict=True)]

    def share(self, some: frozenset[str]) -> float:
        """How much of the question some of its terms are, by rarity, 0 to 1."""
        return sum(self.rarity[term] for term in sorted(some)) / self.total

    def names(self, one: Stop) -> bool:
        """Whether the question names a stop's title."""
        return one.title in self.question and is_name(one.title)

    def _named(self, one: Stop) -> float:
        """What a title that the question names is worth, by how much of the question it is; less when many have it."""
        if not self.names(one):
            return 0.0
        named = frozenset(terms(one.title)) & self.rarity.keys()
        return sqrt(self.share(named)) / (1 + log(self._alike[one.title]))
