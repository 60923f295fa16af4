"""Dates, times, durations and sets of times that a text names, resolved against its date; the unclear stays open.

Rules, not a model. `find_times` gives what TimeML's TIMEX3 annotates; `find_dates` the dates and periods among them, as
EDTF intervals with the precision that was written.
"""

from __future__ import annotations

from worldctx.model.context import DateMention
from worldctx.model.time import When
from worldctx.text.dates.expression import Mod, Reading, TimeExpression, Type
from worldctx.text.dates.find import find_times
from worldctx.text.dates.ranges import dates_of
from worldctx.text.dates.series import sessions

__all__ = ["Mod", "Reading", "TimeExpression", "Type", "find_dates", "find_times", "only_date"]


def find_dates(text: str, anchor: When | None) -> tuple[DateMention, ...]:
    """Dates and periods that a text names, by start, not overlapping; `text[span] == surface`.

    Args:
        text: any text.
        anchor: the date of the text; relative expressions that it does not support have an open `valid`.
    """
    found = dates_of(text, find_times(text, anchor))
    return tuple(sorted((*found, *sessions(text, found)), key=lambda one: one.span.start))


def only_date(text: str) -> When | None:
    """The one absolute date or period that a prompt names, as one `When`; None when it names none or several."""
    resolved = {date.valid for date in find_dates(text, None)
                if date.valid.start is not None and date.valid.end is not None and not date.relative}
    if len(resolved) != 1:
        return None
    valid = resolved.pop()
    return When(valid.edtf, valid.lo, valid.hi) if valid.start is None or valid.start != valid.end else valid.start
