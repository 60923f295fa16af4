"""What a text says of time at one place: a date, a time of day, a duration or a set of times (TIMEX3 of TimeML)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from worldctx.model.context import Span
from worldctx.model.time import Interval


class Type(StrEnum):
    """The four types of TIMEX3 (TimeML 1.2.1)."""

    DATE = "DATE"
    TIME = "TIME"
    DURATION = "DURATION"
    SET = "SET"


class Mod(StrEnum):
    """How the words around a value change it: TIMEX3's attribute `mod`, as far as words say it."""

    NONE = ""
    START = "START"
    MID = "MID"
    END = "END"
    APPROX = "APPROX"


@dataclass(frozen=True, slots=True)
class Reading:
    """What some words mean, wherever they stand.

    Attributes:
        type: of TIMEX3.
        value: of TIMEX3, such as 1998-03-12, 1998-W03, 1998-Q2, P2D, PRESENT_REF; X for what is not known.
        mod: early, mid, late, about.
        relative: whether it hangs on another date.
        anchor: that date as EDTF; empty where there is none.
    """

    type: Type
    value: str
    mod: Mod = Mod.NONE
    relative: bool = False
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """One expression of time: `text[span] == surface`. Prepositions are not part of it, articles are.

    Attributes:
        interval: the dates that the value stands for, as EDTF; None for durations, sets and whatever stays open.
    """

    span: Span
    surface: str
    reading: Reading
    interval: Interval | None
