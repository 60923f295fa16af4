"""The three clocks and the one rule by which they hide things. Every retriever and the last check use this rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from worldctx.model.time import DAY, MAX_INSTANT, MIN_INSTANT, Interval, When


class Basis(StrEnum):
    """Why we believe that something was publicly known since a date."""

    STATED = "stated"  #: the record says so itself (`known_since`)
    SOURCE = "source"  #: its source was published then
    VALID_START = "valid_start"  #: inferred: it became known when it began to hold
    UNSTATED = "unstated"  #: nothing says when; strict mode leaves it out


#: Bases that count as a statement of publication; strict mode accepts only these.
DECLARED = frozenset({Basis.STATED, Basis.SOURCE})


@dataclass(frozen=True, slots=True)
class Known:
    """Since when something was public.

    Attributes:
        since: the date, or None when nothing says (basis UNSTATED).
        basis: how the date was had.
        end_since: when the END of its validity became public; None means together with the rest.
    """

    since: When | None = None
    basis: Basis = Basis.UNSTATED
    end_since: When | None = None

    @property
    def hi(self) -> int:
        """First instant by which it was certainly public: a date known to the year counts from the year's end."""
        return MIN_INSTANT if self.since is None else self.since.hi

    @property
    def end_hi(self) -> int:
        """First instant by which its end was certainly public."""
        return self.hi if self.end_since is None else self.end_since.hi


@dataclass(frozen=True, slots=True)
class Clocks:
    """What an ask may see of the world and of what was said about it.

    Attributes:
        as_of: the valid clock; None looks at all times.
        cutoff: the known clock as an instant: only what was public before it; None is open.
        said_by: the known clock for passages; equals `cutoff` where that is set, else the end of an explicit `as_of`
            (a text that did not exist yet is not in the world as of then).
        strict: leave out what does not declare when it was said.
    """

    as_of: When | None = None
    cutoff: int | None = None
    said_by: int | None = None
    strict: bool = False

    @property
    def lo(self) -> int:
        """First instant of the valid clock."""
        return MIN_INSTANT if self.as_of is None else self.as_of.lo

    @property
    def hi(self) -> int:
        """First instant after the valid clock."""
        return MAX_INSTANT if self.as_of is None else self.as_of.hi

    def knows(self, known: Known) -> bool:
        """Whether something that became public so may be shown."""
        if self.strict and known.basis not in DECLARED:
            return False
        return self.cutoff is None or known.hi <= self.cutoff

    def end_is_hidden(self, known: Known) -> bool:
        """Whether the end of an interval lies in the future of the known clock and must be shown as open."""
        return self.cutoff is not None and known.end_hi > self.cutoff

    def sees(self, valid: Interval, known: Known) -> bool:
        """Whether a claim with this validity and publication may be shown: the rule of all three retrievers."""
        if not self.knows(known):
            return False
        hi = MAX_INSTANT if self.end_is_hidden(known) else valid.hi
        return valid.lo < self.hi and self.lo < hi

    def shown(self, valid: Interval, known: Known) -> Interval:
        """The validity as it could be told then: an end that was not yet public is open."""
        return Interval(valid.start, None) if self.end_is_hidden(known) and valid.end else valid

    def said(self, published: When | None) -> bool:
        """Whether a text published then may be shown. An undated text is hidden as soon as a cutoff is set."""
        if published is None:
            return self.said_by is None and not self.strict
        return self.said_by is None or published.hi <= self.said_by


def cutoff_of_document(date: When) -> int:
    """The known clock for a document that is its own date: the end of the first day it may have been written on.

    A speech dated only `1972` may have been given in January, so that nothing known later may be shown with it.
    """
    return min(date.hi, date.lo + DAY)
