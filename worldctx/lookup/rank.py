"""From facts to the facts that matter most for this text at this date, with reasons.

Facts are judged in columns, all at once, and only the best are read. Pure, but for that reading.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

from worldctx.lookup.predicates import BELONGING, OFFICES, PLAIN, RIVALS, WHEREABOUTS
from worldctx.lookup.prefer import Resolve, as_written, contradict
from worldctx.model.clocks import Clocks
from worldctx.model.context import Reason
from worldctx.model.fact import Fact
from worldctx.model.ids import EntityId, FactId
from worldctx.model.time import DAY, MIN_INSTANT
from worldctx.ports.graph import FactTable

#: Facts about one subject in one answer, so that a long biography does not crowd out the rest.
PER_SUBJECT = 4
#: Facts in one answer that say the same of different subjects, so that a list of members does not.
PER_CLAIM = 2
#: Powers of two: a fact that this many others share (2**5) tells next to nothing.
MANY = 5
#: A fact that began this long before `as_of` counts half as new as one that began the day before.
NEWS_HALF_LIFE = 5 * 365 * DAY

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
#: Facts by id, out of the graph.
Read = Callable[[Sequence[FactId]], Mapping[FactId, Fact]]


@dataclass(frozen=True, slots=True)
class Matter:
    """What facts are judged against.

    Attributes:
        salience: of the linked entities, 0 to 1.
        asked: predicates that the prompt asks for, 0 to 1; empty for a document.
        words: folded words of the text, for prompts; empty for a document.
        labels: of what is `compared` with the words.
        periods: intervals that the text names, closed on both sides, as instants.
    """

    clocks: Clocks
    salience: Mapping[EntityId, float]
    asked: Mapping[str, float]
    words: frozenset[str]
    labels: Mapping[EntityId, str]
    periods: frozenset[tuple[int, int]] = frozenset()


class Case:
    """Facts and what they are judged against, in columns of one length.

    Attributes:
        salience: of each fact's subject and object, 0 where the text does not name it.
        linked: whether the text names them.
        dated: whether the fact has a beginning.
        literal: whether it has no object.
        shared: how many of the facts at hand say the same of something.
    """

    def __init__(self, table: FactTable, matter: Matter) -> None:
        self.table, self.matter = table, matter
        salience = np.array([*(matter.salience.get(entity, 0.0) for entity in table.ids), 0.0])  # -1: of a literal
        self.salience: tuple[Values, Values] = salience[table.subjects], salience[table.objects]
        self.linked = _linked(table, matter.salience)
        self.dated: Flags = table.starts > MIN_INSTANT
        self.literal: Flags = table.objects < 0
        self.unasked = self.by_predicate(lambda name: float(name not in matter.asked))
        claims = table.predicates * (len(table.ids) + 1) + table.objects
        _, places, often = np.unique(claims, return_inverse=True, return_counts=True)
        self.shared: NDArray[np.int64] = often[places]

    def by_predicate(self, value: Callable[[str], float]) -> Values:
        """What a predicate is worth, for each fact."""
        values: Values = np.array([value(name) for name in self.table.names], np.float64)
        return values[self.table.predicates]


def about_the_text(case: Case) -> Values:
    """The text is about its subject or object."""
    subject, target = case.salience
    return np.maximum(subject, target)


def joins_two_mentions(case: Case) -> Values:
    """It joins two things that the text names."""
    subject, target = case.linked
    return (subject & target).astype(np.float64)


def leads_on(case: Case) -> Values:
    """It names something that the text has not named."""
    subject, target = case.linked
    return (~case.literal & ~(subject & target)).astype(np.float64)


def says_what_it_belongs_to(case: Case) -> Values:
    """It says what the text's subject belongs to, or what lies beside or comes after it."""
    return case.linked[0] * case.by_predicate(lambda name: float(name in BELONGING))


def answers_the_question(case: Case) -> Values:
    """It says what the question asks for."""
    return case.by_predicate(lambda name: case.matter.asked.get(name, 0.0))


def shares_words(case: Case) -> Values:
    """Its words are in the question."""
    shares = np.zeros(len(case.table.ids) + 1)
    places = _compared(case.table, case.linked)
    if case.matter.words:
        for place in np.unique(places[places >= 0]).tolist():
            shares[place] = _share(case.matter.labels.get(case.table.ids[place], ""), case.matter.words)
    return shares[places]


def compared(table: FactTable, salience: Mapping[EntityId, float]) -> list[EntityId]:
    """Those of the ids in a table whose labels `rank` compares with the words of a prompt."""
    places = _compared(table, _linked(table, salience))
    return [table.ids[place] for place in np.unique(places[places >= 0]).tolist()]


def _compared(table: FactTable, linked: tuple[Flags, Flags]) -> NDArray[np.int64]:
    """Whose words are compared, as a place in the ids of the table: the end that is not linked; -1 for none."""
    subject, target = linked
    return np.where(target, -1, np.where(subject, table.objects, table.subjects))


def _linked(table: FactTable, salience: Mapping[EntityId, float]) -> tuple[Flags, Flags]:
    """Whether the text names each fact's subject and object."""
    linked = np.array([*(entity in salience for entity in table.ids), False])  # the last one: at -1, of a literal
    return linked[table.subjects], linked[table.objects]


def _share(label: str, asked: frozenset[str]) -> float:
    words = {word for word in label.casefold().split() if len(word) > 3}
    return len(words & asked) / len(words) if words else 0.0


def in_force_then(case: Case) -> Values:
    """It held at the date asked about, and not always."""
    return case.dated * np.float64(case.matter.clocks.as_of is not None)


def recent_then(case: Case) -> Values:
    """It was fresh at the date asked about."""
    found = np.zeros(len(case.table))
    if case.matter.clocks.as_of is not None:
        ages = np.maximum(0, case.matter.clocks.lo - case.table.starts[case.dated])
        # Python's power, which is the C library's: numpy's may differ in the last bit from processor to processor.
        found[case.dated] = [0.5 ** (age / NEWS_HALF_LIFE) for age in ages.tolist()]
    return found


def in_a_named_period(case: Case) -> Values:
    """It began or held in a time that the text names."""
    begun = np.zeros(len(case.table), bool)
    for lo, hi in case.matter.periods:
        begun |= (case.table.starts >= lo) & (case.table.starts < hi)
    return (begun & case.dated).astype(np.float64)


def well_sourced(case: Case) -> Values:
    """Its source is sure of it."""
    return case.table.confidences * np.where(case.table.sourced, 1.0, 0.5)


def tells_little(case: Case) -> Values:
    """Most things of its kind have such a fact."""
    return case.unasked * case.by_predicate(lambda name: float(name in PLAIN))


def in_office_then(case: Case) -> Values:
    """It says who held an office then."""
    return in_force_then(case) * case.by_predicate(lambda name: float(name in OFFICES))


def said_of_many(case: Case) -> Values:
    """It is true of many things, so that it tells little about one."""
    counts, places = np.unique(case.shared, return_inverse=True)
    shares = np.array([min(1.0, log2(count) / MANY) for count in counts.tolist()])
    return np.where(case.literal, 0.0, case.unasked * shares[places])


def in_passing(case: Case) -> Values:
    """It is about something else, which merely lies, began or ended there."""
    return case.unasked * ~case.linked[0] * case.by_predicate(lambda name: float(name in WHEREABOUTS))


Feature = Callable[[Case], Values]
#: Weights by hand within the bounds of what a regression on the development half of `evals.reader` gives: what of the
#: rest of a text its facts announce. That measure knows nothing of questions and of facts between two mentions.
FEATURES: Mapping[Feature, float] = {
    about_the_text: 1.0, joins_two_mentions: 0.8, leads_on: 0.6, says_what_it_belongs_to: 0.4,
    answers_the_question: 2.0, shares_words: 1.0, in_force_then: 0.3, recent_then: 0.4, in_a_named_period: 0.4,
    in_office_then: 0.5, well_sourced: 0.3, tells_little: -0.8, said_of_many: -1.6, in_passing: -0.9,
}


@dataclass(frozen=True, slots=True)
class Scored:
    """A fact, its score rounded to 4 places, and why."""

    fact: Fact
    score: float
    reasons: tuple[Reason, ...]


def rank(table: FactTable, matter: Matter, limit: int, read: Read, same: Resolve = as_written) -> tuple[Scored, ...]:
    """The best facts, best first, ties by id; claims that contradict a chosen one come right behind it.

    Args:
        table: facts that passed the clocks.
        matter: what they are judged against.
        limit: at most this many, contradicting claims included.
        read: facts by id, asked for some at a time.
        same: the id under which an id is read.
    """
    case = Case(table, matter)
    if not matter.words:
        # A whole document is not helped by who else was born in its city; a bare prompt about the city may be.
        table = table.where(in_passing(case) == 0)
        case = Case(table, matter)
    values = [(feature, weight * feature(case)) for feature, weight in FEATURES.items()]
    scores = np.zeros(len(table))
    for _, column in values:
        scores += column
    scores = np.round(scores, 4)
    order = np.argsort(-scores, kind="stable").tolist()  # rows come by id
    facts = _Facts(table, order, limit, read)
    chosen: dict[int, None] = {}
    subjects: dict[int, int] = defaultdict(int)
    alike: dict[tuple[int, int], int] = defaultdict(int)
    claims: set[tuple[object, ...]] = set()
    groups = _groups(table, same)
    for place in order:
        if len(chosen) >= limit:
            break
        subject, claimed = int(table.subjects[place]), (int(table.predicates[place]), int(table.objects[place]))
        crowded = len(table) > limit and (
            subjects[subject] >= PER_SUBJECT or (claimed[1] >= 0 and alike[claimed] >= PER_CLAIM))
        if place in chosen or (crowded and table.names[claimed[0]] not in matter.asked):
            continue
        fact = facts[place]
        claim = (subject, *claimed, fact.literal, fact.valid.edtf)
        if claim in claims:
            continue
        claims.add(claim)
        chosen[place] = None
        subjects[subject] += 1
        alike[claimed] += 1
        rivals = groups.get((same(table.ids[subject]), claimed[0]), ()) if groups else ()
        for other in _against(place, rivals, facts, matter.clocks, same):
            if len(chosen) < limit:
                chosen.setdefault(other)
    return tuple(Scored(facts[place], float(scores[place]), tuple(_reasons(values, place))) for place in chosen)


def _reasons(values: Sequence[tuple[Feature, Values]], place: int) -> Iterator[Reason]:
    for feature, column in values:
        if value := float(column[place]):
            yield Reason(feature.__name__, round(value, 4), (feature.__doc__ or "").rstrip("."))


class _Facts:
    """The facts of a table, read in the order in which they are likely to be wanted, some at a time."""

    def __init__(self, table: FactTable, order: Sequence[int], some: int, read: Read) -> None:
        self._table, self._order, self._some, self._read = table, order, some, read
        self._place_in_order = dict(zip(order, range(len(order)), strict=True))
        self._known: dict[FactId, Fact] = {}

    def __getitem__(self, place: int) -> Fact:
        wanted = self._table.facts[place]
        if wanted not in self._known:
            first = self._place_in_order[place]
            some = [self._table.facts[one] for one in self._order[first:first + self._some]]
            self._known.update(self._read([one for one in some if one not in self._known]))
        return self._known[wanted]


def _groups(table: FactTable, same: Resolve) -> dict[tuple[EntityId, int], list[int]]:
    """Facts that may contradict each other, by subject and predicate; groups of one are left out."""
    rivals = [name in RIVALS for name in table.names]
    groups: dict[tuple[EntityId, int], list[int]] = defaultdict(list)
    for place in np.flatnonzero(np.array(rivals, bool)[table.predicates]).tolist():
        groups[same(table.ids[table.subjects[place]]), int(table.predicates[place])].append(place)
    return {key: group for key, group in groups.items() if len(group) > 1}


def _against(place: int, group: Sequence[int], facts: _Facts, clocks: Clocks, same: Resolve) -> list[int]:
    """Those of a group that contradict one of it, by id."""
    return [other for other in group if contradict(facts[place], facts[other], clocks, same)]
