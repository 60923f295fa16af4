"""What the text, the title and the date of a found passage show for a question: values from 0 to 1 that boost it. Pure.

Each feature is a function; its docstring, or its line in `fuse.WORDS`, is what the answer tells as the reason.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from worldctx.lookup.question import Period, Question, days_in
from worldctx.model.document import Document, Passage
from worldctx.model.ids import PassageId
from worldctx.model.source import host_of
from worldctx.model.time import DAY, civil
from worldctx.search.analysis import spaced, terms
from worldctx.text.dates import find_dates

_YEAR = re.compile(r"(?<![0-9])(1[0-9]{3}|20[0-9]{2})(?![0-9])")
#: Seconds from a period within which a text may name it without a year, as "yesterday" or "on 3 May".
NEAR_S = 62 * DAY
#: Characters at the head of an undated text in which a day is that of the text: a log, a chat, a letter.
HEAD = 60
#: Days after which the boost of a recent text is half of what it was.
RECENT_DAYS = 14
#: From how many days on a period is looked for by its years alone, without reading all dates of a text.
COARSE_DAYS = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """A found passage as it was read, folded once.

    Attributes:
        score: of the first fusion, as a share of the best one.
        title, text: of the passage, folded, a blank before each word and at the end.
        years: that its text names.
    """

    piece: Passage
    document: Document
    score: float
    title: str
    text: str
    years: frozenset[int]

    @staticmethod
    def of(piece: Passage, document: Document, score: float) -> Seen:
        """A passage of a document."""
        return Seen(piece, document, score, f"{spaced(document.title)} ", f"{spaced(piece.text)} ",
                    years_in(piece.text))


def years_in(text: str) -> frozenset[int]:
    """Four-digit years that stand in a text."""
    return frozenset(int(year) for year in _YEAR.findall(text))


def boosts(question: Question, seen: Sequence[Seen]) -> dict[str, dict[PassageId, float]]:
    """For each feature the passages that have it, and how much; features without any are left out."""
    found: dict[str, dict[PassageId, float]] = {}
    for name, feature in FEATURES.items():
        values = feature(question, seen)
        having = {one.piece.id: round(value, 6) for one, value in zip(seen, values, strict=True) if value > 0}
        if having:
            found[name] = having
    return found


def _covered(question: Question, seen: Sequence[Seen]) -> Iterable[float]:
    """How much of the question's words, the rarer the more, stand in the passage or its title."""
    asked = sorted(set(question.terms))
    having = [[_has(one, term) for term in asked] for one in seen]
    often = [sum(column) for column in zip(*having, strict=True)] if asked else []
    weights = [log(1 + len(seen) / (1 + count)) for count in often]
    total = sum(weights)
    return [sum(weight for has, weight in zip(row, weights, strict=True) if has) / total if total else 0.0
            for row in having]


def _has(one: Seen, term: str) -> bool:
    # A stem begins its words, near enough; a number is a word of its own.
    wanted = f" {term} " if term.isdigit() else f" {term}"
    return wanted in one.text or wanted in one.title


def _titled(question: Question, seen: Sequence[Seen]) -> Iterable[float]:
    """How much of the title stands in the question."""
    asked = set(question.terms)
    for one in seen:
        words = terms(one.document.title)
        yield sum(word in asked for word in words) / len(words) if words else 0.0


def _kin(question: Question, seen: Sequence[Seen]) -> Iterable[float]:
    """How well the best other passage of its document, or under its title, was found."""
    groups: dict[str, list[float]] = defaultdict(list)
    for one in seen:
        groups[_group(one)].append(one.score)
    best = {key: sorted(scores, reverse=True)[:2] for key, scores in groups.items()}
    for one in seen:
        first, *rest = best[_group(one)]
        yield (rest[0] if rest else 0.0) if one.score == first else first


def _group(one: Seen) -> str:
    return f"title {one.document.title}" if one.document.title else f"document {one.document.id}"


def _ends(periods: Sequence[Period]) -> set[int]:
    """Years in which the periods begin and end."""
    return {year for one in periods for year in (civil(one.lo)[0], civil(one.hi - 1)[0])}


def _names_the_year(question: Question, seen: Sequence[Seen]) -> Iterable[float]:
    """Its text names the first or the last year asked about."""
    ends = _ends(question.periods)
    return [float(bool(ends & one.years)) for one in seen]


def _names_the_years(question: Question, seen: Sequence[Seen]) -> Iterable[float]:
    """Its text names the first and the last year asked about."""
    ends = _ends(question.periods)
    return [float(bool(ends) and ends <= one.years) for one in seen]


def _year_within(question: Question, seen: Sequence[Seen]) -> Iterable[float]:
    """Its text names a year within the time asked about."""
    spans = [_years_of(one) for one in question.periods]
    return [float(any(lo <= year <= hi for year in one.years for lo, hi in spans)) for one in seen]


def _years_of(period: Period) -> tuple[int, int]:
    if period.side:
        year = civil(period.lo if period.side < 0 else period.hi)[0]
        return (year - 10, year - 1) if period.side < 0 else (year, year + 10)
    return civil(period.lo)[0], civil(period.hi - 1)[0]


def _names_the_time(question: Question, seen: Sequence[Seen]) -> Iterable[float]:
    """Its text names the very day or month asked about."""
    precise = [one for one in question.periods if one.days < COARSE_DAYS and not one.side]
    return [float(any(_names(one, period) for period in precise)) for one in seen]


def _names(one: Seen, period: Period) -> bool:
    """Whether a text names a time about as long as a period that overlaps it."""
    when = one.document.published
    # Dates are read only where there may be one: of the same year, or told from a day near by.
    if not _ends((period,)) & one.years and (when is None or max(period.lo - when.hi, when.lo - period.hi) > NEAR_S):
        return False
    return any(date.valid.overlaps(period.lo, period.hi) for date in find_dates(one.piece.text, when)
               if date.valid.start is not None and date.valid.end is not None
               and date.valid.hi - date.valid.lo <= 2 * period.days * DAY)


def _said_then(question: Question, seen: Sequence[Seen]) -> Iterable[float]:
    """It was published at the time asked about."""
    return [float(not question.said and _of_then(question, one)) for one in seen]


def _said_just_then(question: Question, seen: Sequence[Seen]) -> Iterable[float]:
    """It was published at the time that the question asks what was said at."""
    return [float(question.said and _of_then(question, one)) for one in seen]


def _of_then(question: Question, one: Seen) -> bool:
    """Whether a passage is of a time asked about: by its document's date, else by a day at the head of its document."""
    when = one.document.published
    if when is not None:
        return any(period.has(when.lo, when.hi) for period in question.periods)
    head = one.document.text[:HEAD]
    precise = [period for period in question.periods if period.days < COARSE_DAYS]
    if not any(str(year) in head for year in _ends(precise)):
        return False
    return any(period.has(lo, hi) for period in precise for lo, hi in days_in(head))


def _of_the_source(question: Question, seen: Sequence[Seen]) -> Iterable[float]:
    """It is from the source that the question names."""
    for one in seen:
        document = one.document
        where = set(terms(f"{document.publisher} {document.author} {host_of(document.url)}"))
        yield float(any(set(source) <= where for source in question.sources if source))


def _recent(question: Question, seen: Sequence[Seen]) -> Iterable[float]:
    """It was published shortly before the time of asking."""
    return _age(question, seen, wanted=not question.now)


def _newest(question: Question, seen: Sequence[Seen]) -> Iterable[float]:
    """The question is about now, and it is among the newest."""
    return _age(question, seen, wanted=question.now)


def _age(question: Question, seen: Sequence[Seen], wanted: bool) -> Iterable[float]:
    if not wanted or question.periods or (question.anchor is None and not question.now):
        return [0.0] * len(seen)
    dated = [one.document.published.hi for one in seen if one.document.published is not None]
    asked = question.anchor.hi if question.anchor is not None else max(dated, default=0)
    return [0.0 if (when := one.document.published) is None or when.hi > asked + DAY
            else 1 / (1 + max(0, asked - when.hi) / (RECENT_DAYS * DAY)) for one in seen]


Feature = Callable[[Question, Sequence[Seen]], Iterable[float]]
#: By the names of `fuse.BOOSTS`.
FEATURES: Mapping[str, Feature] = {
    "covered": _covered, "titled": _titled, "kin": _kin, "names_the_year": _names_the_year,
    "names_the_years": _names_the_years, "year_within": _year_within, "names_the_time": _names_the_time,
    "said_then": _said_then, "said_just_then": _said_just_then, "of_the_source": _of_the_source,
    "recent": _recent, "newest": _newest,
}
