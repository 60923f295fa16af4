"""How the names of two entities relate: the best of all pairs of names, part by part. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from worldctx.model.entity import Kind, Name
from worldctx.resolve.nickname import long_forms
from worldctx.resolve.words import SMALL, PersonName, acronym, person_name, words_of_name

#: Jaro-Winkler similarity from which on two words may be one with a slip (Winkler 1990; Christen 2012, ch. 5).
ALIKE = 0.9
#: Letters of which one may be short for the other: Dan, Daniel; and of words in which one slip is likely.
SHORT, LONG = 3, 4
#: Names of an entity that are compared; the first by text of a longer list.
NAMES = 40


class Degree(IntEnum):
    """How far two parts of a name are the same; the larger the nearer."""

    UNLIKE = 0
    INITIAL = 1  #: one is the initial of the other
    SLIP = 2  #: a letter or two apart
    SHORT = 3  #: one is short for the other, or part of it
    EQUAL = 4


@dataclass(frozen=True, slots=True)
class NameMatch:
    """Two names and how their parts relate.

    Attributes:
        left, right: the names.
        whole: likeness of the whole names, 0 to 1.
        given, surname: of persons; UNLIKE of others.
        middle: 1 where middle names agree, -1 where they exclude each other, 0 where one has none.
        generation: likewise of jr and the like.
        telling: words that the two share.
    """

    left: str
    right: str
    whole: float
    given: Degree = Degree.UNLIKE
    surname: Degree = Degree.UNLIKE
    middle: int = 0
    generation: int = 0
    telling: tuple[str, ...] = ()


def best_match(left: Sequence[Name], right: Sequence[Name], kind: Kind) -> NameMatch | None:
    """The nearest pair of names; None where one has none. Ties go by text."""
    relate = _persons if kind is Kind.PERSON else _titles
    mine, theirs = (sorted({name.text for name in names})[:NAMES] for names in (left, right))
    return max((relate(one, other) for one in mine for other in theirs), key=_nearness, default=None)


def _nearness(match: NameMatch) -> tuple[float, ...]:
    return (match.given + match.surname, match.whole, match.middle, match.generation)


def _persons(left: str, right: str) -> NameMatch:
    one, other = person_name(left), person_name(right)
    surname = _surnames(one, other)
    given = _givens(one, other)
    telling = [one.surname] if surname is Degree.EQUAL else []
    if given >= Degree.SHORT and one.given and other.given:
        telling.append(min(one.given, other.given, key=len))
    whole = fuzz.token_sort_ratio(" ".join(_all(one)), " ".join(_all(other))) / 100
    return NameMatch(left, right, whole, given, surname, _middles(one, other),
                     _side(one.generation, other.generation), tuple(telling))


def _all(name: PersonName) -> tuple[str, ...]:
    return name.given, *name.middle, name.surname


def _surnames(one: PersonName, other: PersonName) -> Degree:
    if one.surname == other.surname:
        return Degree.EQUAL
    if one.surname in other.middle or other.surname in one.middle:
        return Degree.SHORT
    return Degree.SLIP if _slipped(one.surname, other.surname) else Degree.UNLIKE


def _givens(one: PersonName, other: PersonName) -> Degree:
    found = _given(one.given, other.given)
    if found is Degree.EQUAL or not (one.given and other.given):
        return found
    calls = ((one.called, other.given), (one.given, other.called), *((middle, other.given) for middle in one.middle),
             *((one.given, middle) for middle in other.middle))
    by_another = any(len(a) > 1 and len(b) > 1 and _given(a, b) >= Degree.SHORT for a, b in calls)
    return max(found, Degree.SHORT) if by_another else found


def _given(one: str, other: str) -> Degree:
    if not one or not other:
        return Degree.UNLIKE
    if one == other:
        return Degree.EQUAL if len(one) > 1 else Degree.INITIAL
    if len(one) == 1 or len(other) == 1:
        return Degree.INITIAL if one[0] == other[0] else Degree.UNLIKE
    if long_forms(one) & long_forms(other):
        return Degree.SHORT
    if min(len(one), len(other)) >= SHORT and (one.startswith(other) or other.startswith(one)):
        return Degree.SHORT
    return Degree.SLIP if _slipped(one, other) else Degree.UNLIKE


def _slipped(one: str, other: str) -> bool:
    if min(len(one), len(other)) < LONG:
        return False
    distance = DamerauLevenshtein.distance(one, other, score_cutoff=2)
    return distance == 1 or (distance == 2 and JaroWinkler.similarity(one, other) >= ALIKE)


def _middles(one: PersonName, other: PersonName) -> int:
    mine, theirs = one.middle, other.middle
    if not mine or not theirs:
        return 0
    agree = any(a == b or (1 in (len(a), len(b)) and a[0] == b[0]) or _slipped(a, b) for a in mine for b in theirs)
    return 1 if agree else -1


def _side(one: str, other: str) -> int:
    return 0 if not one or not other else 1 if one == other else -1


def _titles(left: str, right: str) -> NameMatch:
    one, other = words_of_name(left), words_of_name(right)
    mine, theirs = (frozenset(words) - SMALL or frozenset(words) for words in (one, other))
    shared = tuple(sorted(mine & theirs))
    if mine == theirs:
        return NameMatch(left, right, 1.0, telling=shared)
    joined, other_joined = "".join(one), "".join(other)
    if joined == other_joined:
        return NameMatch(left, right, 1.0, telling=(joined,))
    if joined and other_joined and (acronym(other) == joined or acronym(one) == other_joined):
        return NameMatch(left, right, 0.85, telling=(min(joined, other_joined, key=len),))
    likeness = max(fuzz.token_sort_ratio(" ".join(one), " ".join(other)) / 100,
                   JaroWinkler.similarity(" ".join(one), " ".join(other)) if _slipped(joined, other_joined) else 0.0)
    return NameMatch(left, right, min(likeness, 0.99), telling=shared)
