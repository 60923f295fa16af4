"""Facts that rival each other: which contradict, which say the same less precisely, and which one to go by. Pure.

All of them stay, side by side, with their sources (views, in the words of the Simple Event Model). The preferred one
is marked, never the only one shown.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations

from worldctx.lookup.predicates import DATED, MEASURED, RIVALS
from worldctx.model.clocks import Clocks
from worldctx.model.errors import BadInput
from worldctx.model.fact import Fact
from worldctx.model.ids import EntityId, FactId, SourceId
from worldctx.model.source import Source
from worldctx.model.time import parse_interval

#: Words for how far a source can be relied on, as registries have them, from 0 (not at all) to 1. Letters are those of
#: the Admiralty code (NATO AJP-2.1): F, that it cannot be judged, is no value.
RELIABILITY = {"high": 1.0, "medium": 0.5, "mixed": 0.5, "low": 0.0,
               "a": 1.0, "b": 0.75, "c": 0.5, "d": 0.25, "e": 0.0}
#: Of a source whose registry has no value.
UNRATED = 0.5
#: The id under which an id is read.
Resolve = Callable[[EntityId], EntityId]


def as_written(entity: EntityId) -> EntityId:
    """No two ids are the same thing."""
    return entity


def contradict(one: Fact, other: Fact, clocks: Clocks, same: Resolve = as_written) -> bool:
    """Whether two facts on the same subject and predicate exclude each other, as far as the clocks show them.

    A date and the same date with less precision say the same.
    """
    if one.id == other.id or _claims_alike(one, other, same):
        return False
    mine, theirs = clocks.shown(one.valid, one.known), clocks.shown(other.valid, other.known)
    if one.predicate in MEASURED:
        return mine.edtf == theirs.edtf
    overlapping = mine.overlaps(theirs.lo, theirs.hi)
    if one.predicate in DATED:
        return not (overlapping and _agree(one, other))
    return overlapping


def conflicts(facts: Iterable[Fact], clocks: Clocks, same: Resolve = as_written) -> dict[FactId, tuple[FactId, ...]]:
    """For each fact, those that say something else of the same subject, predicate and time, sorted by id."""
    found: dict[FactId, set[FactId]] = defaultdict(set)
    for group in _groups(facts, same):
        for one, other in combinations(group, 2):
            if contradict(one, other, clocks, same):
                found[one.id].add(other.id)
                found[other.id].add(one.id)
    return {key: tuple(sorted(others)) for key, others in found.items()}


def preferred(facts: Iterable[Fact], sources: Mapping[SourceId, Source], clocks: Clocks,
              same: Resolve = as_written) -> frozenset[FactId]:
    """The facts to go by among those that rival each other: no rival comes before them by the rule.

    Two facts on one subject and predicate are rivals if they contradict each other, or if one says less precisely what
    the other says. Of two rivals the one comes first that, in this order,

    1. has the higher confidence;
    2. is said by more independent sources: those of one publisher, else of one host, are one; whoever gives the same
       date with more or less precision says the same;
    3. has the more reliable source, by the source's registry value; without one it lies in the middle;
    4. gives the more precise date;
    5. became public later, as of the known clock;
    6. has the smaller id.

    Args:
        facts: all that pass the clocks on the subjects in question, so that who else says the same is counted.
        sources: of the facts.
    """
    found = set[FactId]()
    for group in _groups(facts, same):
        places = {fact.id: _place(fact, group, sources, same) for fact in group}
        for fact in group:
            rivals = [other for other in group if _rival(fact, other, clocks, same)]
            if rivals and all(places[fact.id] < places[other.id] for other in rivals):
                found.add(fact.id)
    return frozenset(found)


def ordered(facts: Sequence[Fact], first: frozenset[FactId], clocks: Clocks, same: Resolve = as_written,
            ) -> list[FactId]:
    """The facts in their order, but where some are rivals those of `first` take the first of their places."""
    places = {fact.id: place for place, fact in enumerate(facts)}
    found = [fact.id for fact in facts]
    for group in _groups(facts, same):
        for camp in _camps(group, clocks, same):
            mine = sorted(camp, key=lambda one: (one not in first, places[one]))
            for place, one in zip(sorted(places[one] for one in camp), mine, strict=True):
                found[place] = one
    return found


def _camps(group: Sequence[Fact], clocks: Clocks, same: Resolve) -> list[set[FactId]]:
    """Facts of a group that are rivals of each other, directly or through others."""
    camps: list[set[FactId]] = []
    for fact in group:
        met = {fact.id} | {other.id for other in group if _rival(fact, other, clocks, same)}
        apart = [camp for camp in camps if not camp & met]
        camps = [*apart, met.union(*(camp for camp in camps if camp & met))]
    return [camp for camp in camps if len(camp) > 1]


def reliability(source: Source | None) -> float:
    """How far a source can be relied on by its registry value, 0 to 1: a word, a letter or a number of that range."""
    text = "" if source is None else source.reliability.strip().casefold()
    if text in RELIABILITY:
        return RELIABILITY[text]
    try:
        value = float(text)
    except ValueError:
        return UNRATED
    return value if math.isfinite(value) and 0 <= value <= 1 else UNRATED


def voice(fact: Fact, sources: Mapping[SourceId, Source]) -> str:
    """Who speaks: the publisher of the fact's source, else its host, else the source, else how the fact was got."""
    source = None if fact.source is None else sources.get(fact.source)
    if source is None:
        return f"source {fact.source}" if fact.source is not None else f"method {fact.method}"
    if source.publisher is not None:
        return f"publisher {source.publisher}"
    return f"host {source.host}" if source.host else f"source {source.id}"


def _place(fact: Fact, group: Sequence[Fact], sources: Mapping[SourceId, Source], same: Resolve,
           ) -> tuple[float, int, float, int, int, str]:
    """Where a fact stands in the order of preference: the smaller the better; see `preferred`."""
    voices = {voice(other, sources) for other in group
              if _claims_alike(fact, other, same) or (fact.predicate in DATED and _agree(fact, other))}
    source = None if fact.source is None else sources.get(fact.source)
    start, end = _span(fact.object_text) if fact.predicate in DATED else (0, 0)
    return -fact.confidence, -len(voices), -reliability(source), end - start, -fact.known.hi, fact.id


def _rival(one: Fact, other: Fact, clocks: Clocks, same: Resolve) -> bool:
    if one.id == other.id:
        return False
    if contradict(one, other, clocks, same):
        return True
    return one.predicate in DATED and one.object_text != other.object_text and _agree(one, other)


def _claims_alike(one: Fact, other: Fact, same: Resolve) -> bool:
    if one.object is not None and other.object is not None:
        return same(one.object) == same(other.object)
    if one.literal is not None and other.literal is not None:
        return one.literal.value == other.literal.value
    return False


def _agree(one: Fact, other: Fact) -> bool:
    """Whether of two dates one only has more precision: 1954 and 1954-05-07, 195X and 1954."""
    (lo, hi), (start, end) = _span(one.object_text), _span(other.object_text)
    if lo == hi or start == end:
        return one.object_text == other.object_text
    return (lo <= start and end <= hi) or (start <= lo and hi <= end)


def _span(text: str) -> tuple[int, int]:
    """First second that a date or an interval of dates may mean, and the first after it; none for what is no date."""
    first, _, last = text.partition("/")
    try:
        valid = parse_interval(first, last or first)
    except BadInput:
        return 0, 0
    return valid.lo, valid.hi


def _groups(facts: Iterable[Fact], same: Resolve) -> list[list[Fact]]:
    """Facts that may be rivals, by subject and predicate; groups of one are left out."""
    groups: dict[tuple[EntityId, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.predicate in RIVALS:
            groups[same(fact.subject), fact.predicate].append(fact)
    return [group for group in groups.values() if len(group) > 1]
