"""When a text was published, where nobody declared it: from the dateline or header of the text, with how sure that is.

A date found so is never taken for a declared one: it has its method, its confidence and its place in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from worldctx.model.context import Span
from worldctx.model.time import When
from worldctx.text.dates import Type, find_times
from worldctx.text.dates.value import date

#: Characters of a text that a header or a dateline stands in.
HEAD = 400
_MONTH = (r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?"
          r"|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)")
_WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+)?"
_DAY = (rf"{_WEEKDAY}(?:\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH},?\s+\d{{4}}"
        rf"|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
        r"|\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?|\d{1,2}[/.]\d{1,2}[/.]\d{4})")


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication date as it was found.

    Attributes:
        when: as precise as it stood there.
        method: of the context record: declared_markup, url_pattern or rule.
        confidence: 0 to 1.
        path: which part of a page or text it comes from, such as `meta article:published_time` or `dateline`.
        span: its characters, where it comes from the text.
    """

    when: When
    method: str
    confidence: float
    path: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class _Form:
    """A way in which texts tell their own date, and how sure it is."""

    pattern: re.Pattern[str]
    path: str
    confidence: float


#: The surest first. The first line of a text counts as its beginning.
_FORMS = (
    _Form(re.compile(rf"^[ \t]*(?:Time|Date|Sent|Posted|Created)[ \t]*:[ \t]*(?P<date>\d{{8}}_\d\d:?\d\d"
                     rf"|{_DAY})", re.MULTILINE), "header", 0.9),
    _Form(re.compile(rf"(?:First\s+)?\b(?:[Pp]ublished|[Pp]osted|[Ii]ssued|[Rr]eleased)(?:\s+(?:on|at"
                     rf"|online))?\s*:?\s+(?P<date>{_DAY})"), "published on", 0.9),
    _Form(re.compile(rf"\A\s*[A-Z][\w'’. ]{{1,40}},\s+(?P<date>{_DAY})\s*(?:\n|\Z|[—–-])"), "dateline", 0.9),
    _Form(re.compile(rf"\A\s*(?:[A-Z][\w'’.\- ]{{1,40}},\s+){{1,2}}(?P<date>{_DAY})\s*"
                     rf"(?:\([^)\n]{{2,30}}\))?\s*[—–-]"), "dateline", 0.9),
    _Form(re.compile(rf"\A\s*[A-Z][\w'’.\-, ]{{1,50}}\s*\((?P<date>{_DAY})\)\s*[—–-]"), "dateline", 0.85),
    _Form(re.compile(rf"\A\s*(?:Date\s*:\s*)?(?P<date>{_DAY})[ \t]*(?:\n|[—–]|\|)"), "first line", 0.8),
)
#: Updates are not publications.
_UPDATED = re.compile(r"\b(?:updated?|modified|revised|corrected|accessed|retrieved)\b[^\n]{0,12}\Z", re.IGNORECASE)


def published_in(text: str) -> Publication | None:
    """The publication date that a text tells at its head; None where it tells none, or none that is certain.

    Read are a chat log's `Time:`, `Published:`, a dateline such as `LONDON, 3 May 2004 (Reuters) —` and a first line
    that is a date.
    """
    head = text[:HEAD]
    for form in _FORMS:
        for match in form.pattern.finditer(head):
            if _UPDATED.search(head, max(0, match.start("date") - 30), match.start("date")):
                continue
            when = stamp(match["date"])
            if when is not None:
                return Publication(when, "rule", form.confidence, form.path, Span(*match.span("date")))
    return None


def stamp(text: str) -> When | None:
    """One date from the words of a header or of metadata: ISO 8601, RFC 2822 or as people write it; None if unclear.

    A time of day is dropped: a publication is dated to the day. Of a stamp with a zone the day is that of the zone.
    """
    text = " ".join(text.split())[:80]
    for read in (_iso, _compact, _worded):
        when = read(text)
        if when is not None:
            return when
    return None


def _iso(text: str) -> When | None:
    match = re.match(r"(\d{4})(?:[-/](\d{1,2})(?:[-/](\d{1,2}))?)?(?:[T ]\d\d:?\d\d.*)?$", text)
    if match is None or not 1500 <= int(match[1]) <= 2200:
        return None
    return date("-".join([match[1], *(f"{int(part):02d}" for part in match.groups()[1:] if part)]))


def _compact(text: str) -> When | None:
    match = re.match(r"((?:19|20)\d\d)([01]\d)([0-3]\d)(?:[_T ]?\d\d:?\d\d(?::?\d\d)?Z?)?$", text)
    return None if match is None else date("-".join(match.groups()))


def _worded(text: str) -> When | None:
    """The one absolute day, month or year among the words."""
    found = {one.interval.start for one in find_times(text, None)
             if one.reading.type is Type.DATE and one.interval is not None and not one.reading.relative}
    return found.pop() if len(found) == 1 else None
