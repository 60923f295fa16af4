"""What speaks for and against two entities being one: features, each a pure function with a value and words for it.

Values lie between 0 and 1 (the rarity of a name between -1 and 1); 0 says nothing, as where one side is silent. What
speaks against has a name of its own and a negative weight (worldctx.resolve.score), so that every feature reads as it
counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import asin, cos, log10, radians, sin, sqrt

from worldctx.model.entity import Kind
from worldctx.model.time import DAY, MAX_INSTANT, MIN_INSTANT, When
from worldctx.resolve.identifier import AUTHORITIES
from worldctx.resolve.name_match import Degree, NameMatch, best_match
from worldctx.resolve.rarity import Rarity
from worldctx.resolve.view import Neighbour, View

#: Mean radius of the earth in km (IUGG), and distances in km within which two points are one place and from which on
#: they are two: the centres that gazetteers give a large city lie up to some 10 km apart.
EARTH, NEAR, FAR = 6371.0088, 10.0, 50.0
#: Seconds for which two things must hold at once to be told as excluding each other: registers overlap by some days.
AT_ONCE = 60 * DAY
#: Powers of ten by which a shared neighbour is rarer than everything, summed up, that count in full.
FULL = 6.0
#: The same for a region, and for how many namesakes are to be expected.
REGION, NAMESAKES = 3.0, 3.0
BIRTH, DEATH = "birth_date", "death_date"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a feature found.

    Attributes:
        value: how much of it there is.
        text: in words, for people; the names and dates in it are other people's words.
    """

    value: float
    text: str


NOTHING = Evidence(0.0, "")


@dataclass(frozen=True)
class Pair:
    """Two views and how common what they share is."""

    left: View
    right: View
    rarity: Rarity

    @cached_property
    def match(self) -> NameMatch | None:
        """The nearest of their names."""
        return best_match(self.left.names, self.right.names, self.kind)

    @property
    def kind(self) -> Kind:
        """The kind as which they are compared: persons only with persons."""
        return self.left.kind if self.left.kind is self.right.kind else Kind.CONCEPT

    @cached_property
    def person(self) -> NameMatch | None:
        """The nearest names of two persons; None for others."""
        return self.match if self.kind is Kind.PERSON else None

    @cached_property
    def title(self) -> NameMatch | None:
        """The nearest names of what is no person; None for persons."""
        return self.match if self.kind is not Kind.PERSON else None


Feature = Callable[[Pair], Evidence]


def _names(match: NameMatch, words: str, value: float = 1.0) -> Evidence:
    return Evidence(value, f"{words}: {match.left} / {match.right}")


def _given(pair: Pair, degree: Degree, words: str) -> Evidence:
    match = pair.person
    return NOTHING if match is None or match.given is not degree else _names(match, words)


def given_name_equal(pair: Pair) -> Evidence:
    """The given names are equal."""
    return _given(pair, Degree.EQUAL, "same given name")


def given_name_short(pair: Pair) -> Evidence:
    """One given name is short for the other, or a middle name."""
    return _given(pair, Degree.SHORT, "one given name may stand for the other")


def given_name_slip(pair: Pair) -> Evidence:
    """The given names are a slip apart."""
    return _given(pair, Degree.SLIP, "given names a letter apart")


def given_name_initial(pair: Pair) -> Evidence:
    """Only an initial is given, and it fits."""
    return _given(pair, Degree.INITIAL, "the initial fits")


def given_name_differs(pair: Pair) -> Evidence:
    """The given names differ."""
    return _given(pair, Degree.UNLIKE, "other given name")


def surname_slip(pair: Pair) -> Evidence:
    """The surnames are a slip apart, or one is part of the other."""
    match = pair.person
    if match is None or match.surname not in (Degree.SLIP, Degree.SHORT):
        return NOTHING
    return _names(match, "surnames nearly the same")


def surname_differs(pair: Pair) -> Evidence:
    """The surnames differ."""
    match = pair.person
    return NOTHING if match is None or match.surname is not Degree.UNLIKE else _names(match, "other surname")


def middle_name_agrees(pair: Pair) -> Evidence:
    """The middle names agree."""
    match = pair.person
    return NOTHING if match is None or match.middle != 1 else _names(match, "middle names agree")


def middle_name_differs(pair: Pair) -> Evidence:
    """The middle names differ."""
    match = pair.person
    return NOTHING if match is None or match.middle != -1 else _names(match, "middle names differ")


def generation_differs(pair: Pair) -> Evidence:
    """One is junior, the other is not."""
    match = pair.person
    return NOTHING if match is None or match.generation != -1 else _names(match, "other generation")


def title_equal(pair: Pair) -> Evidence:
    """The names have the same words."""
    match = pair.title
    return NOTHING if match is None or match.whole < 1 else _names(match, "same name")


def title_alike(pair: Pair) -> Evidence:
    """The names are alike, or one is made of the other's initials."""
    match = pair.title
    if match is None or match.whole == 1 or match.whole < 0.7:
        return NOTHING
    return _names(match, "names alike", round((match.whole - 0.7) / 0.3, 4))


def title_differs(pair: Pair) -> Evidence:
    """The names are not alike."""
    match = pair.title
    return NOTHING if match is None or match.whole >= 0.7 else _names(match, "other name")


def rare_name(pair: Pair) -> Evidence:
    """So few are to be expected to have this name by chance; negative where many are."""
    match = pair.match
    if match is None or not match.telling:
        return NOTHING
    expected = pair.rarity.namesakes(match.telling)
    value = max(-1.0, min(1.0, -log10(expected) / NAMESAKES))
    words = "rare name" if value > 0 else "common name"
    return Evidence(round(value, 4), f"{words}: {' '.join(match.telling)}, {expected:.1g} to be expected by chance")


def kind_differs(pair: Pair) -> Evidence:
    """They are of different kinds."""
    left, right = pair.left.kind, pair.right.kind
    return NOTHING if left is right else Evidence(1.0, f"{left} and {right}")


def same_birth_day(pair: Pair) -> Evidence:
    """Born on the same day."""
    return _same_date(pair, BIRTH, exact=True)


def same_birth_year(pair: Pair) -> Evidence:
    """Born at the same time, as far as both say it."""
    return _same_date(pair, BIRTH, exact=False)


def birth_differs(pair: Pair) -> Evidence:
    """Born at different times."""
    return _other_date(pair, (BIRTH,))


def same_date(pair: Pair) -> Evidence:
    """They began, ended or appeared at the same time."""
    return max((_same_date(pair, name, exact=exact) for name in sorted(pair.left.dates.keys() - {BIRTH})
                for exact in (True, False)), key=lambda one: one.value, default=NOTHING)


def date_differs(pair: Pair) -> Evidence:
    """They began, ended or appeared at different times."""
    return _other_date(pair, tuple(sorted(pair.left.dates.keys() - {BIRTH})))


def _dates(pair: Pair, predicate: str) -> Iterator[tuple[When, When]]:
    for one in pair.left.dates.get(predicate, ()):
        for other in pair.right.dates.get(predicate, ()):
            yield one, other


def _same_date(pair: Pair, predicate: str, *, exact: bool) -> Evidence:
    words = predicate.replace("_", " ")
    for one, other in _dates(pair, predicate):
        if one.lo < other.hi and other.lo < one.hi and (one.is_exact_day and other.is_exact_day) is exact:
            return Evidence(1.0, f"same {words}: {one.edtf} / {other.edtf}")
    return NOTHING


def _other_date(pair: Pair, predicates: tuple[str, ...]) -> Evidence:
    for predicate in predicates:
        dates = list(_dates(pair, predicate))
        if dates and not any(one.lo < other.hi and other.lo < one.hi for one, other in dates):
            one, other = dates[0]
            return Evidence(1.0, f"other {predicate.replace('_', ' ')}: {one.edtf} / {other.edtf}")
    return NOTHING


def near(pair: Pair) -> Evidence:
    """Their points are near each other."""
    distance = _distance(pair)
    if distance is None or distance >= FAR:
        return NOTHING
    return Evidence(round(min(1.0, (FAR - distance) / (FAR - NEAR)), 4), f"{distance:.1f} km apart")


def far(pair: Pair) -> Evidence:
    """Their points are far from each other."""
    distance = _distance(pair)
    return NOTHING if distance is None or distance < FAR else Evidence(1.0, f"{distance:,.0f} km apart")


def _distance(pair: Pair) -> float | None:
    """Kilometres along the great circle (haversine)."""
    if pair.left.point is None or pair.right.point is None:
        return None
    lat, lon = map(radians, pair.left.point)
    other_lat, other_lon = map(radians, pair.right.point)
    half = sin((other_lat - lat) / 2) ** 2 + cos(lat) * cos(other_lat) * sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def same_container(pair: Pair) -> Evidence:
    """They lie in the same place, or one in what contains the other."""
    left, right = pair.left.within, pair.right.within
    if not left or not right or not (left[0] in right or right[0] in left):
        return NOTHING
    return Evidence(1.0, f"both in {left[0] if left[0] in right else right[0]}")


def other_container(pair: Pair) -> Evidence:
    """They lie in places of which neither contains the other."""
    left, right = pair.left.within, pair.right.within
    if not left or not right or left[0] in right or right[0] in left or pair.left.id in right or pair.right.id in left:
        return NOTHING
    return Evidence(1.0, f"in {left[0]} / in {right[0]}")


def contains_the_other(pair: Pair) -> Evidence:
    """One lies in the other."""
    inside = pair.left.id in pair.right.within or pair.right.id in pair.left.within
    return Evidence(1.0, "one lies in the other") if inside else NOTHING


def shared_neighbours(pair: Pair) -> Evidence:
    """They have the same neighbours, at the same time where that is known; rare ones count more."""
    shared: dict[tuple[str, str], float] = {}
    for one, other in _alike(pair):
        weight = pair.rarity.neighbour(one) * (1.0 if _overlap(one, other) > 0 else 0.5)
        key = one.predicate, one.other
        shared[key] = max(shared.get(key, 0.0), weight)
    if not shared:
        return NOTHING
    best = sorted(shared, key=lambda key: (-shared[key], key))[:2]
    text = "; ".join(f"{predicate.replace('_', ' ')} {other}" for predicate, other in best)
    return Evidence(round(min(1.0, sum(shared[key] for key in sorted(shared)) / FULL), 4), f"both: {text}")


def same_region(pair: Pair) -> Evidence:
    """What they do lies in the same region; small ones count more."""
    left, right = ({one for each in view.neighbours for one in each.where} for view in (pair.left, pair.right))
    weights = {one: pair.rarity.region(one) for one in left & right}
    if not weights:
        return NOTHING
    best = min(weights, key=lambda one: (-weights[one], one))
    return Evidence(round(min(1.0, weights[best] / REGION), 4), f"both active in {best}")


def other_region(pair: Pair) -> Evidence:
    """All that they do lies in different regions."""
    left, right = ([each for each in view.neighbours if each.where] for view in (pair.left, pair.right))
    if not left or not right or any(_nested(one, other) for one in left for other in right):
        return NOTHING
    return Evidence(1.0, f"active in {left[0].where[0]} / in {right[0].where[0]}")


def elsewhere_at_once(pair: Pair) -> Evidence:
    """They did the same at one time in different regions."""
    return _at_once(pair, nested=False)


def two_seats_at_once(pair: Pair) -> Evidence:
    """They had two of the same, in one region, at one time."""
    return _at_once(pair, nested=True)


def _at_once(pair: Pair, *, nested: bool) -> Evidence:
    """A dated fact of each with one predicate, other ends, and a time in which both held.

    Not where they hold the same thing at some time, too: a register that has changed numbers looks like that.
    """
    for one in pair.left.neighbours:
        for other in pair.right.neighbours:
            if (one.outward and other.outward and one.predicate == other.predicate and one.other != other.other
                    and one.where and other.where and _nested(one, other) is nested
                    and _overlap(one, other) > AT_ONCE and _is_closed(one, other)):
                return Evidence(1.0, f"at one time {one.predicate.replace('_', ' ')} {one.other} / {other.other}")
    return NOTHING


def _alike(pair: Pair) -> Iterator[tuple[Neighbour, Neighbour]]:
    theirs: dict[tuple[str, bool, str], list[Neighbour]] = {}
    for other in pair.right.neighbours:
        theirs.setdefault((other.predicate, other.outward, other.other), []).append(other)
    for one in pair.left.neighbours:
        for other in theirs.get((one.predicate, one.outward, one.other), ()):
            yield one, other


def _overlap(one: Neighbour, other: Neighbour) -> int:
    """Seconds in which both held; large where a side is open."""
    return min(one.valid.hi, other.valid.hi) - max(one.valid.lo, other.valid.lo)


def _is_closed(one: Neighbour, other: Neighbour) -> bool:
    """Whether both have a beginning and the time in which both held has an end: what is open may be unknown."""
    return (min(one.valid.lo, other.valid.lo) > MIN_INSTANT and min(one.valid.hi, other.valid.hi) < MAX_INSTANT)


def _nested(one: Neighbour, other: Neighbour) -> bool:
    """Whether one region is the other or contains it."""
    mine, theirs = _region(one), _region(other)
    return mine in other.where or theirs in one.where


def _region(one: Neighbour) -> str:
    """The region of a neighbour: what a place lies in, where it is one itself."""
    return one.where[1] if len(one.where) > 1 and one.where[0] == one.other else one.where[0]


def same_identifier(pair: Pair) -> Evidence:
    """They have an external id in common."""
    shared = sorted(pair.left.identifiers & pair.right.identifiers)
    return Evidence(1.0, f"both {':'.join(shared[0])}") if shared else NOTHING


def identifiers_differ(pair: Pair) -> Evidence:
    """An authority that gives one thing one id has one for each."""
    for scheme in sorted(AUTHORITIES):
        left, right = ({value for one, value in view.identifiers if one == scheme} for view in (pair.left, pair.right))
        if left and right and not left & right:
            return Evidence(1.0, f"{scheme}:{min(left)} / {scheme}:{min(right)}")
    return NOTHING


FEATURES: tuple[Feature, ...] = (
    given_name_equal, given_name_short, given_name_slip, given_name_initial, given_name_differs, surname_slip,
    surname_differs, middle_name_agrees, middle_name_differs, generation_differs, title_equal, title_alike,
    title_differs, rare_name, kind_differs, same_birth_day, same_birth_year, birth_differs, same_date, date_differs,
    near, far, same_container, other_container, contains_the_other, shared_neighbours, same_region, other_region,
    elsewhere_at_once, two_seats_at_once, same_identifier, identifiers_differ,
)
