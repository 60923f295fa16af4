"""The graph walk of retrieval: passages that lead on from others by the names and titles that they share. Pure.

A question of many hops says little about the later ones: "who is the wife of the director of Big Eyes" names neither.
The passage on Big Eyes does. From the passages worth most by themselves the walk goes on to those that such a passage
names, or that share a rare name with it, and that have what it lacks of the question. Then passages are put in order
as a set: what is covered already counts less. Measured in docs/graph-walk.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import log, sqrt

from worldctx.lookup.ground import Ground, Stop, is_name
from worldctx.model.ids import PassageId

#: Passages, of different documents, that walks start from; those whose names are looked for; names of each.
STARTS, LOOKED_FOR, NAMES = 5, 4, 6
#: How well a link holds: to a passage titled with a name in the text, of a rare name in both, of the start's own title.
TITLED, SHARED, OWN = 1.0, 0.5, 0.2
#: A name that more of the passages at hand have joins nothing.
COMMON = 25
#: What makes a step worth it: the link alone, the question's words that the start lacks, nearness to the question.
LINK, LACKED, NEAR = 0.3, 2.0, 0.7
#: How fast a start loses by being worth less than the best one, and what a step adds to a passage's own worth.
DECAY, STEP = 2.0, 1.2
#: Passages that are put in order as a set, and what a word that is covered already takes off.
SET, COVERED_ALREADY = 8, 0.45
#: Where so many of the best passages are under one title, the question stays with it.
BEST, UNDER_ONE_TITLE = 10, 4


def starts(ground: Ground) -> list[int]:
    """The numbers of the stops that walks start from: those worth most, one of a document, ties by id."""
    first: dict[str, int] = {}
    for place in _best_first(ground, ground.worth):
        first.setdefault(ground.stops[place].document, place)
        if len(first) == STARTS:
            break
    return list(first.values())


def inquiries(ground: Ground) -> list[str]:
    """What to look for next: for each of the best starts the names it has, and the question's words it lacks."""
    asked = []
    for place in starts(ground)[:LOOKED_FOR]:
        names = [key.strip() for key in ground.stops[place].names if key not in ground.question][:NAMES]
        if names:
            asked.append(" ".join([*names, *(term for term in ground.rarity if term not in ground.has[place])]))
    return asked


def leads(ground: Ground) -> bool:
    """Whether titles tell the way: the question, or a passage that walks start from, names one.

    It does not where the question stays with one document, whose pieces fill the best places.
    """
    best = Counter(ground.stops[place].title for place in _best_first(ground, ground.worth)[:BEST])
    if any(count >= UNDER_ONE_TITLE for title, count in best.items() if title.strip()):
        return False
    return any(ground.names(one) for one in ground.stops) or any(
        True for start in starts(ground) for _ in _titled(ground, ground.stops[start]))


def walked(ground: Ground) -> list[tuple[PassageId, float]]:
    """All passages in the order in which they answer the question together, each with its worth, 0 to 1."""
    worth = [round(own + STEP * step, 6) for own, step in zip(ground.worth, _steps(ground), strict=True)]
    order = _best_first(ground, worth)
    chosen: list[tuple[int, float]] = []
    covered = frozenset[str]()
    while order and len(chosen) < SET:
        left = {place: round(worth[place] - COVERED_ALREADY * ground.share(ground.has[place] & covered), 6)
                for place in order}
        best = min(order, key=lambda place: (-left[place], ground.stops[place].passage))
        chosen.append((best, left[best]))
        covered |= ground.has[best]
        order.remove(best)
    # What is not in the set comes behind it.
    last = min((value for _, value in chosen), default=0.0)
    chosen += [(place, min(worth[place], last)) for place in order]
    highest = max((value for _, value in chosen), default=0.0) or 1.0
    return [(ground.stops[place].passage, round(max(0.0, value) / highest, 6)) for place, value in chosen]


def _best_first(ground: Ground, worth: Sequence[float]) -> list[int]:
    return sorted(range(len(ground.stops)), key=lambda place: (-worth[place], ground.stops[place].passage))


def _steps(ground: Ground) -> list[float]:
    """What the best step to each stop is worth; 0 where none leads."""
    found = [0.0] * len(ground.stops)
    begin = starts(ground)
    for start in begin:
        strength = (ground.worth[start] / (ground.worth[begin[0]] or 1.0)) ** DECAY
        for place, link in _links(ground, ground.stops[start]):
            gained = ground.share(ground.has[place] - ground.has[start])
            found[place] = max(found[place], strength * link * (LINK + LACKED * gained + NEAR * ground.near[place]))
    return found


def _links(ground: Ground, start: Stop) -> Iterator[tuple[int, float]]:
    """Stops of other documents that a start leads to, and how well each link holds, 0 to 1."""
    for key in (*start.names, *([start.title] if is_name(start.title) else [])):
        if key in ground.question:
            continue
        holders = [place for place, one in enumerate(ground.stops) if key in one.whole]
        if len(holders) <= COMMON:
            held = (SHARED + OWN * (key == start.title)) * _rare(len(holders), len(ground.stops))
            yield from ((place, held) for place in holders if ground.stops[place].document != start.document)
    for place in _titled(ground, start):
        often = sum(ground.stops[place].title in other.whole for other in ground.stops)
        yield place, TITLED * sqrt(max(0.05, _rare(often, len(ground.stops))))


def _titled(ground: Ground, start: Stop) -> Iterator[int]:
    """Stops of other documents whose title stands in the text of a start, and not in the question."""
    for place, one in enumerate(ground.stops):
        if one.title in start.text and one.document != start.document and one.title not in ground.question \
                and is_name(one.title):
            yield place


def _rare(often: int, among: int) -> float:
    """How rare what so many of some have is, from 0 (all of them) to 1 (one)."""
    return log(among / max(1, often)) / log(among) if among > 1 else 0.0
