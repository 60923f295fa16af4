"""One case of a row as it was asked and answered, for the error browser and for counting errors by class."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """What was asked, what was wanted, what came, and why.

    Attributes:
        id: the same in every run.
        asked: the question or the piece of text, short.
        wanted, answered: as words for people.
        score: 0 to 1; below 1 it is an error.
        fault: the class of the error, a few words that are the same for all errors of its kind; empty where right.
        reasons: what led to the answer, best first.
    """

    id: str
    asked: str
    wanted: str
    answered: str
    score: float
    fault: str = ""
    reasons: tuple[str, ...] = ()
