"""Merges without a person: the likeliest first, and none that would join what does not belong together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from worldctx.model.entity import Kind
from worldctx.resolve.candidates import Candidate, Census
from worldctx.resolve.judged import Camps, Judged
from worldctx.resolve.score import MODELS, UNMEASURED

#: Score below which two entities are not joined through a third one.
UNLIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Merge:
    """A pair to be judged the same; `against` says what speaks against it through others, empty where nothing does."""

    candidate: Candidate
    against: str = ""


def threshold_of(kind: Kind) -> float:
    """The score from which on merges of a kind were measured to be right; above 1 where nothing was measured."""
    return MODELS[kind].threshold if kind in MODELS else UNMEASURED


def merges(census: Census, judged: Judged, thresholds: dict[Kind, float]) -> Iterator[Merge]:
    """The pairs of one kind that reach its threshold and were not judged, likeliest first, ties by id.

    Through a third entity a merge may join two that nobody compared, or that were judged different: such a chain is
    given with what speaks against it, for a person to decide.
    """
    found = sorted((one for one in census.candidates(min(thresholds.values(), default=UNMEASURED))
                    if one.left.kind is one.right.kind and one.score.value >= thresholds.get(one.left.kind, UNMEASURED)
                    and judged.between(*one.ids) is None), key=lambda one: (-one.score.value, one.ids))
    camps = Camps(judged.apart)
    for one in found:
        against = _against(one, camps, census)
        if not against:
            camps.join(*one.ids)
        yield Merge(one, against)


def _against(one: Candidate, camps: Camps, census: Census) -> str:
    judged_apart = camps.against(*one.ids)
    if judged_apart is not None:
        return f"{judged_apart[0]} and {judged_apart[1]} were judged different"
    others = [pair for pair in camps.across(*one.ids) if pair != one.ids]
    unlike = next((each for each in census.compare(others) if each.score.value < UNLIKELY), None)
    return "" if unlike is None else f"{unlike.left.id} and {unlike.right.id} score {unlike.score.value:.2f} only"
