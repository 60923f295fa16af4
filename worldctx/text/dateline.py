"""Where a news text says that it was filed: in its dateline, or in its byline."""

from __future__ import annotations

import regex

#: Characters that a dateline or byline stands in.
_HEAD = 200
#: LONDON, May 3 (Reuters) — · SPRINGFIELD, Ill. (AP) _ · BEIRUT/DAMASCUS – · New Delhi, 5 May 2010 —
_PLACE = (r"(?P<place>\p{Lu}[\p{L}\p{M}.'’-]+"
          r"(?: (?:\p{Lu}[\p{L}\p{M}.'’-]*|de|del|la|le|el|da|do|dos|des|am|an|der|upon|of|on|the)){0,5}?)")
_REST = r"(?:/\p{Lu}[\p{L} ]{2,30})?(?:,\s*[\p{Lu}\d][\p{L}.\d ]{1,29}){0,3}"
_AGENCY = r"\s*\((?:[\p{L}\p{M}.&’' ]{2,30})(?:[-/][\p{L} ]{2,20})?\)"
_DATELINES = (
    regex.compile(rf"\s*{_PLACE}{_REST}(?:{_AGENCY})?\s*(?:[—–]|--)\s"),
    regex.compile(rf"\s*{_PLACE}{_REST}{_AGENCY}\s*[-_:]\s"),
    regex.compile(r"\s*(?P<place>\p{Lu}[\p{Lu}.'’ ]{2,40}?)(?:,\s*[\p{Lu}\d][\p{L}.\d ]{1,29}){0,3}\s[-_]\s"),
)
#: By Jane Doe in Paris
_BYLINE = regex.compile(
    r"\s*(?:By|From)\s\p{Lu}[\p{L}.'’-]*(?:\s(?:\p{Lu}[\p{L}.'’-]*|and|de|van|von|bin|al)){1,6},?\sin\s"
    r"(?P<place>\p{Lu}[\p{L}\p{M}.'’-]*(?:\s\p{Lu}[\p{L}\p{M}.'’-]*){0,3})(?=[,.\s]*(?:\n|$)|\s{2,}|,)")


def dateline(text: str) -> tuple[int, int, str] | None:
    """Span and words of the place in a dateline such as `LONDON, 3 May (Reuters) —`; None when there is none."""
    return _first(_DATELINES, text)


def byline_place(text: str) -> tuple[int, int, str] | None:
    """Span and words of the place in a byline such as `By Jane Doe in Paris` at the start of a text."""
    return _first((_BYLINE,), text)


def _first(patterns: tuple[regex.Pattern[str], ...], text: str) -> tuple[int, int, str] | None:
    for pattern in patterns:
        match = pattern.match(text[:_HEAD])
        if match is not None:
            start, end = match.span("place")
            return start, end, match.group("place")
    return None
