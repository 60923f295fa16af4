"""From facts to the facts that matter most for this text at this date, with reasons. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log2

from worldctx.lookup.predicates import MEASURED, OFFICES, PLAIN, SINGLE_VALUED, WHEREABOUTS
from worldctx.model.clocks import Clocks
from worldctx.model.context import Reason
from worldctx.model.entity import Kind
from worldctx.model.fact import Fact
from worldctx.model.ids import EntityId, FactId
from worldctx.model.time import DAY

#: Facts about one subject in one answer, so that a long biography does not crowd out the rest.
PER_SUBJECT = 4
#: Facts in one answer that say the same of different subjects, so that a list of members does not.
PER_CLAIM = 2
#: Powers of two: a fact that this many others share (2**5) tells next to nothing.
MANY = 5
#: A fact that began this long before `as_of` counts half as new as one that began the day before.
NEWS_HALF_LIFE = 5 * 365 * DAY


@dataclass(frozen=True, slots=True)
class Matter:
    """What facts are judged against.

    Attributes:
        salience: of the linked entities, 0 to 1.
        asked: predicates that the prompt asks for, 0 to 1; empty for a document.
        words: folded words of the text, for prompts; empty for a document.
        labels: labels of entities.
        kinds: kinds of entities.
        periods: intervals that the text names, closed on both sides, as instants.
        shared: how many of the facts at hand say the same of something else, by predicate and object.
    """

    clocks: Clocks
    salience: Mapping[EntityId, float]
    asked: Mapping[str, float]
    words: frozenset[str]
    labels: Mapping[EntityId, str]
    kinds: Mapping[EntityId, Kind]
    periods: frozenset[tuple[int, int]] = frozenset()
    shared: Mapping[tuple[str, EntityId | None], int] = field(default_factory=dict)


def about_the_text(fact: Fact, matter: Matter) -> float:
    """The text is about its subject or object."""
    ends = [matter.salience.get(fact.subject, 0.0), matter.salience.get(fact.object, 0.0) if fact.object else 0.0]
    return max(ends)


def joins_two_mentions(fact: Fact, matter: Matter) -> float:
    """It joins two things that the text names."""
    return float(fact.subject in matter.salience and fact.object is not None and fact.object in matter.salience)


def answers_the_question(fact: Fact, matter: Matter) -> float:
    """It says what the question asks for."""
    return matter.asked.get(fact.predicate, 0.0)


def shares_words(fact: Fact, matter: Matter) -> float:
    """Its words are in the question."""
    if not matter.words or fact.object in matter.salience:
        return 0.0
    other = fact.object if fact.subject in matter.salience else fact.subject
    label = matter.labels.get(other, "") if other else ""
    words = {word for word in label.casefold().split() if len(word) > 3}
    return len(words & matter.words) / len(words) if words else 0.0


def in_force_then(fact: Fact, matter: Matter) -> float:
    """It held at the date asked about, and not always."""
    bounded = fact.valid.start is not None
    return float(bounded and matter.clocks.as_of is not None)


def recent_then(fact: Fact, matter: Matter) -> float:
    """It was fresh at the date asked about."""
    if fact.valid.start is None or matter.clocks.as_of is None:
        return 0.0
    age = max(0, matter.clocks.lo - fact.valid.lo)
    return float(0.5 ** (age / NEWS_HALF_LIFE))


def in_a_named_period(fact: Fact, matter: Matter) -> float:
    """It began or held in a time that the text names."""
    if fact.valid.start is None:
        return 0.0
    begun = fact.valid.lo
    return float(any(lo <= begun < hi for lo, hi in matter.periods))


def well_sourced(fact: Fact, matter: Matter) -> float:
    """Its source is sure of it."""
    return fact.confidence * (1.0 if fact.source else 0.5)


def tells_little(fact: Fact, matter: Matter) -> float:
    """Most things of its kind have such a fact."""
    return float(fact.predicate in PLAIN and fact.predicate not in matter.asked)


def in_office_then(fact: Fact, matter: Matter) -> float:
    """It says who held an office then."""
    return float(fact.predicate in OFFICES and fact.valid.start is not None and matter.clocks.as_of is not None)


def said_of_many(fact: Fact, matter: Matter) -> float:
    """It is true of many things, so that it tells little about one."""
    if fact.object is None or fact.predicate in matter.asked:
        return 0.0
    return min(1.0, log2(max(1, matter.shared.get((fact.predicate, fact.object), 1))) / MANY)


def in_passing(fact: Fact, matter: Matter) -> float:
    """It is about something else, which merely lies, began or ended there."""
    return float(fact.predicate in WHEREABOUTS and fact.subject not in matter.salience
                 and fact.predicate not in matter.asked)


Feature = Callable[[Fact, Matter], float]
FEATURES: Mapping[Feature, float] = {
    about_the_text: 1.0, joins_two_mentions: 1.2, answers_the_question: 2.0, shares_words: 1.0, in_force_then: 0.3,
    recent_then: 0.4, in_a_named_period: 0.4, in_office_then: 0.5, well_sourced: 0.3, tells_little: -0.8,
    said_of_many: -1.2, in_passing: -0.9,
}


@dataclass(frozen=True, slots=True)
class Scored:
    """A fact, its score rounded to 4 places, and why."""

    fact: Fact
    score: float
    reasons: tuple[Reason, ...]


def rank(facts: Sequence[Fact], matter: Matter, limit: int) -> tuple[Scored, ...]:
    """The best facts, best first, ties by id; claims that contradict a chosen one come right behind it.

    Args:
        facts: that passed the clocks; duplicates are dropped.
        matter: what they are judged against.
        limit: at most this many, contradicting claims included.
    """
    # A whole document is not helped by who else was born in its city; a bare prompt about the city may be.
    unique = {fact.id: fact for fact in facts if matter.words or not in_passing(fact, matter)}
    matter = replace(matter, shared=Counter((fact.predicate, fact.object) for fact in unique.values()))
    scored = sorted((_score(fact, matter) for fact in unique.values()), key=lambda one: (-one.score, one.fact.id))
    against = conflicts([one.fact for one in scored], matter.clocks)
    by_id = {one.fact.id: one for one in scored}
    chosen: dict[FactId, Scored] = {}
    subjects: dict[EntityId, int] = defaultdict(int)
    claims: set[tuple[object, ...]] = set()
    alike: dict[tuple[str, EntityId], int] = defaultdict(int)
    for one in scored:
        if len(chosen) >= limit:
            break
        claim = (one.fact.subject, one.fact.predicate, one.fact.object, one.fact.literal, one.fact.valid.edtf)
        same = (one.fact.predicate, one.fact.object or EntityId(""))
        crowded = len(scored) > limit and (
            subjects[one.fact.subject] >= PER_SUBJECT or (one.fact.object is not None and alike[same] >= PER_CLAIM))
        if one.fact.id in chosen or claim in claims or (crowded and one.fact.predicate not in matter.asked):
            continue
        claims.add(claim)
        chosen[one.fact.id] = one
        subjects[one.fact.subject] += 1
        alike[same] += 1
        for other in against.get(one.fact.id, ()):
            if len(chosen) < limit:
                chosen.setdefault(other, by_id[other])
    return tuple(chosen.values())


def conflicts(facts: Sequence[Fact], clocks: Clocks) -> dict[FactId, tuple[FactId, ...]]:
    """For each fact, those that say something else of the same subject, predicate and time, sorted by id."""
    groups: dict[tuple[EntityId, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.predicate in SINGLE_VALUED or fact.predicate in MEASURED:
            groups[fact.subject, fact.predicate].append(fact)
    found: dict[FactId, tuple[FactId, ...]] = {}
    for group in groups.values():
        for fact in group:
            others = tuple(sorted(other.id for other in group if _contradict(fact, other, clocks)))
            if others:
                found[fact.id] = others
    return found


def _contradict(one: Fact, other: Fact, clocks: Clocks) -> bool:
    if one.id == other.id or (one.object, one.literal) == (other.object, other.literal):
        return False
    if one.object is None and other.object is None and one.literal and other.literal \
            and one.literal.value == other.literal.value:
        return False
    mine, theirs = clocks.shown(one.valid, one.known), clocks.shown(other.valid, other.known)
    if one.predicate in MEASURED:
        return mine.edtf == theirs.edtf
    if one.predicate in ("birth_date", "death_date", "inception", "has_time", "dissolved"):
        # The value is the time: 1954 and 1954-05-07 say the same, with more or less precision.
        left, right = one.object_text, other.object_text
        return not (mine.overlaps(theirs.lo, theirs.hi) and (left.startswith(right) or right.startswith(left)))
    return mine.overlaps(theirs.lo, theirs.hi)


def _score(fact: Fact, matter: Matter) -> Scored:
    values = [(feature, weight * feature(fact, matter)) for feature, weight in FEATURES.items()]
    reasons = tuple(Reason(feature.__name__, round(value, 4), (feature.__doc__ or "").rstrip("."))
                    for feature, value in values if value)
    return Scored(fact, round(sum(value for _, value in values), 4), reasons)
