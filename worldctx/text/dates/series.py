"""Numbered sessions and the like whose dates follow from a rule: what `the fifty-third session` means."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from worldctx.model.context import DateMention, Span
from worldctx.text.dates.value import between
from worldctx.text.dates.words import ORDINAL, W, ordinal_number

_SESSION = re.compile(rf"\b(?:the{W})?(?P<ordinal>{ORDINAL})(?:{W}regular)?{W}session{W}of{W}(?:the{W})?(?P<body>"
                      rf"(?:united{W}nations{W})?general{W}assembly)\b")


def _general_assembly(number: int) -> tuple[str, str] | None:
    """Regular sessions begin in September each year: the 2nd in 1947. They end when the next begins.

    The first was held from January to December 1946. Source: UN Dag Hammarskjöld Library, General Assembly sessions.
    """
    if number == 1:
        return "1946-01", "1946-12"
    return (f"{1945 + number}-09", f"{1946 + number}-09") if 2 <= number <= 150 else None


SERIES: dict[str, Callable[[int], tuple[str, str] | None]] = {"general assembly": _general_assembly}


def sessions(text: str, taken: Sequence[DateMention]) -> tuple[DateMention, ...]:
    """Sessions that a text names, as periods; those that overlap dates found otherwise are left out."""
    low = text.lower()
    if " session" not in low or len(low) != len(text):
        return ()
    found = []
    for match in _SESSION.finditer(low):
        sides = SERIES["general assembly"](ordinal_number(match["ordinal"]))
        valid = between(*sides) if sides is not None else None
        clear = not any(one.span.start < match.end() and match.start() < one.span.end for one in taken)
        if valid is not None and clear:
            found.append(DateMention(Span(*match.span()), text[match.start():match.end()], valid))
    return tuple(found)
