"""The dateline of a news text: where it was filed."""

from __future__ import annotations

import regex

_DATELINE = regex.compile(
    r"\s*(?P<place>\p{Lu}[\p{L}.'’\- ]{1,40}?)(?:,\s*[\p{L}.\d ]{2,30})?(?:\s*\([\p{L}. ]{2,20}\))?\s*[—–]\s")


def dateline(text: str) -> tuple[int, int, str] | None:
    """Span and words of the place in a dateline such as `LONDON, 3 May (Reuters) —`; None when there is none."""
    match = _DATELINE.match(text[:120])
    if match is None:
        return None
    start, end = match.span("place")
    return start, end, match.group("place")
