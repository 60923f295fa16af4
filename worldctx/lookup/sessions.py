"""The sessions that a question names by number: which passages are of them, by their names or by the order of dates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from worldctx.lookup.question import Question, sessions_named
from worldctx.lookup.request import Request
from worldctx.model.document import Document
from worldctx.model.ids import DocumentId
from worldctx.model.time import DAY, When, iso_day
from worldctx.ports.search import Hit, SearchIndex, Vector, View

#: A view of fewer passages is looked through as a whole; of a larger one, so many that name a session.
WHOLE, NAMING = 1000, 200
#: Days before the date of asking in which the last session of a larger view is looked for, one after the other.
LAST_DAYS = (7, 31, 366, 3660)
_COLON_NUMBER = re.compile(r"(?:^|[^a-z])[sd](\d{1,4})(?=[:_-]|$)", re.IGNORECASE)


def of_sessions(question: Question, request: Request, search: SearchIndex, vector: Vector | None, view: View,
                ) -> list[Hit]:
    """Passages of the sessions that a question names, nearest in meaning first; none where texts do not tell.

    A document is of a session that its title, section, id or key `session` names. Where no document names one, and the
    view is small enough to be looked through, sessions are counted by the dates and times of publication.

    Args:
        vector: of the question; without one only sessions that are named are found.
    """
    numbers = frozenset(question.sessions)
    if not numbers:
        return []
    hits = list(search.nearest(vector, view, WHOLE)) if vector is not None else []
    if hits and len(hits) < WHOLE:
        documents = request.reader.documents({hit.document for hit in hits})
        wanted = _in_order(numbers, documents)
    else:
        hits = [hit for number in sorted(numbers - {-1}) for hit in search.text(f"session {number}", view, NAMING)]
        if -1 in numbers and vector is not None and question.anchor is not None:
            hits += _newest(question.anchor, search, vector, view)
        documents = request.reader.documents({hit.document for hit in hits})
        wanted = {key for key, one in documents.items() if numbers & session_numbers(one)}
        if -1 in numbers:
            wanted |= _last(documents.values())
    found = {hit.passage: hit for hit in hits if hit.document in wanted}
    return sorted(found.values(), key=lambda hit: (-hit.score, hit.passage))


def session_numbers(document: Document) -> frozenset[int]:
    """The numbers of the session that a document says it is of."""
    declared = document.extra.get("session", "").strip('"')
    named = sessions_named(f"{document.title}\n{document.section}\n{document.id}")
    if declared.isdecimal():
        named |= {int(declared)}
    return named or frozenset(int(one) for one in _COLON_NUMBER.findall(document.id))


def _in_order(numbers: frozenset[int], documents: Mapping[DocumentId, Document]) -> set[DocumentId]:
    """Documents of sessions, of all that there are."""
    named = {key: found for key, one in documents.items() if (found := session_numbers(one))}
    wanted = {key for key, found in named.items() if numbers & found}
    times = sorted({one.published.lo for one in documents.values() if one.published is not None})
    if not named:
        moments = {times[number - 1] for number in numbers if 0 < number <= len(times)}
        wanted |= {key for key, one in documents.items() if one.published and one.published.lo in moments}
    if -1 in numbers:
        wanted |= _last(documents.values())
    return wanted


def _last(documents: Iterable[Document]) -> set[DocumentId]:
    """Those that were published last."""
    dated = [(one.published.lo, one.id) for one in documents if one.published is not None]
    last = max(dated)[0] if dated else 0
    return {key for moment, key in dated if moment == last}


def _newest(anchor: When, search: SearchIndex, vector: Vector, view: View) -> Sequence[Hit]:
    """Hits among what was published last before a date."""
    for days in LAST_DAYS:
        earliest = When(iso_day(anchor.hi - days * DAY), anchor.hi - days * DAY, anchor.hi)
        hits = search.nearest(vector, replace(view, filter=replace(view.filter, published_from=earliest)), NAMING)
        if hits:
            return hits
    return ()
