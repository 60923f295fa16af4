"""Questions on a year of dated chats (LiHua-World, Fan et al. 2025): about events and facts, and about when.

A chat goes in as a user would import it: its text, and as `published_at` when it was held. The questions about events
and facts come with the data; those about when are made from the dates of the chats, with the wordings below. Half of
the wordings are for development, half for testing.
"""

from __future__ import annotations

import json
import random
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from evals.against_peers import compared
from evals.pool import KEPT, Pool, Question, cases, gains, recalls
from evals.row import Row

#: Questions of each wording, and the seed of the dates that they ask about.
EACH, SEED = 8, 7
#: When questions that say "last week" are asked: after the last chat.
TODAY = date(2026, 12, 31)
_NAME = re.compile(r"(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)\.txt$")
_MONTHS = ("January February March April May June July August September October November December").split()
_ORDINALS = ("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
             "fifteenth").split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

#: First and last day of what is asked about, and the words for it.
Span = tuple[date, date, str]


def chats(data: Path) -> list[dict[str, object]]:
    """All chats by date: `id` as the evidence of the questions names them, numbered as sessions in their titles."""
    found = []
    with zipfile.ZipFile(data / "lihua" / "LiHuaWorld.zip") as archive:
        for name in sorted(archive.namelist(), key=lambda one: one.rpartition("/")[2]):
            if (match := _NAME.search(name)) is None or "__MACOSX" in name:
                continue
            year, month, day, hour, minute = match.groups()
            text = archive.read(name).decode("utf-8")
            first, _, rest = text.partition("\n")
            found.append({"id": f"{year}{month}{day}_{hour}:{minute}",
                          "text": rest if first.startswith("Time:") else text,
                          "published_at": f"{year}-{month}-{day}T{hour}:{minute}:00Z"})
    return [{**one, "title": f"Session {number}"} for number, one in enumerate(found, 1)]


def events_and_facts(data: Path) -> Pool:
    """The questions that come with the chats and have an answer in them."""
    documents = chats(data)
    known = {str(one["id"]) for one in documents}
    asked = json.loads((data / "lihua" / "query_set.json").read_text(encoding="utf-8"))
    questions = []
    for key, one in asked.items():
        gold = frozenset(part.removeprefix("Time:").strip() for part in one["evidence"].split("<and>")) & known
        if gold:
            questions.append(Question(one["question"], gold, f"lihua-{key}", kind=one["type"]))
    return Pool("events and facts in long dialogues", documents, questions)


def _day(one: date) -> str:
    return f"{_MONTHS[one.month - 1]} {one.day}, {one.year}"


def _on(words: Callable[[date], str]) -> Callable[[date], Span]:
    return lambda one: (one, one, words(one))


def _month(one: date) -> tuple[date, date]:
    first = one.replace(day=1)
    return first, (first + timedelta(31)).replace(day=1) - timedelta(1)


def _week(one: date, words: str) -> Span:
    """The week of a month, of four, that a day is in."""
    first, last = _month(one)
    if words == "first":
        return first, first + timedelta(6), f"in the first week of {_MONTHS[one.month - 1]} {one.year}"
    return last - timedelta(6), last, f"in the last week of {_MONTHS[one.month - 1]}"


#: Ways to name a time, each from a day on which there was a chat.
TIMES: Mapping[str, Callable[[date], Span]] = {
    "day": _on(lambda one: f"on {_day(one)}"),
    "day first": _on(lambda one: f"on {one.day} {_MONTHS[one.month - 1]} {one.year}"),
    "ISO": _on(lambda one: f"on {one.isoformat()}"),
    "digits": _on(lambda one: f"on {one:%Y%m%d}"),
    "no year": _on(lambda one: f"on {_MONTHS[one.month - 1]} {one.day}"),
    "weekday and day": _on(lambda one: f"on {_WEEKDAYS[one.weekday()]}, {_day(one)}"),
    "month": lambda one: (*_month(one), f"in {_MONTHS[one.month - 1]} {one.year}"),
    "first week": lambda one: _week(one, "first"),
    "last week of": lambda one: _week(one, "last"),
    "between": lambda one: (one, one + timedelta(3), f"between {_day(one)} and {_day(one + timedelta(3))}"),
    "from to": lambda one: (one, one + timedelta(2), f"from {_MONTHS[one.month - 1]} {one.day} to "
                            f"{_MONTHS[one.month - 1]} {(one + timedelta(2)).day}, {one.year}"
                            if (one + timedelta(2)).month == one.month else f"on {_day(one)} and the two days after"),
    "weekend": lambda one: (one + timedelta(5 - one.weekday()), one + timedelta(6 - one.weekday()),
                            f"on the weekend of {_day(one + timedelta(5 - one.weekday()))}"),
    "yesterday": lambda one: (TODAY - timedelta(1), TODAY - timedelta(1), "yesterday"),
    "days ago": lambda one: (TODAY - timedelta(3), TODAY - timedelta(3), "three days ago"),
    "last week": lambda one: (date(2026, 12, 21), date(2026, 12, 27), "last week"),
    "last month": lambda one: (date(2026, 11, 1), date(2026, 11, 30), "last month"),
}
#: Ways to ask.
WORDINGS: Sequence[str] = (
    "What did we talk about {}?", "What was discussed {}?", "Who wrote to Li Hua {}?", "What happened {}?",
    "Which topics came up {}?", "Summarize our conversations {}.", "{}, what did they chat about?",
    "What was Li Hua up to {}?")
#: Ways to name a session by its number.
SESSIONS: Sequence[str] = (
    "What did we talk about in session {number}?", "What was discussed in our {ordinal} session?",
    "Summarize session {number}.", "Who took part in session number {number}?",
    "In the {ordinal} session, what came up?", "What happened during the {ordinal} conversation?")


def about_when(data: Path) -> Pool:
    """Questions that only say when: right are all chats that were held then."""
    documents = chats(data)
    return Pool("questions about when, on long dialogues", documents, [*_dated(documents), *_numbered(documents)])


def _dated(documents: Sequence[Mapping[str, object]]) -> Iterator[Question]:
    draw = random.Random(SEED)
    held = {str(one["id"]): date.fromisoformat(str(one["published_at"])[:10]) for one in documents}
    days = sorted(set(held.values()))
    for kind, span in TIMES.items():
        for wording in WORDINGS:
            for number in range(EACH // 4):
                first, last, words = span(draw.choice(days))
                gold = frozenset(key for key, one in held.items() if first <= one <= last)
                text = wording.format(words)
                if gold:
                    yield Question(text[0].upper() + text[1:], gold, f"{kind} {wording.replace('?', '')}?{number}",
                                   as_of=TODAY.isoformat(), kind=kind)


def _numbered(documents: Sequence[Mapping[str, object]]) -> Iterator[Question]:
    draw = random.Random(SEED)
    for wording in SESSIONS:
        for _ in range(EACH):
            number = draw.randrange(len(_ORDINALS))
            text = wording.format(number=number + 1, ordinal=_ORDINALS[number])
            yield Question(text, frozenset({str(documents[number]["id"])}), f"{wording.replace('?', '')}?{number}",
                           as_of=TODAY.isoformat(), kind="session")


def run(data: Path, embedder: str, kept: Path = KEPT) -> list[Row]:
    """nDCG@10 and recall@5 over chats, on the test half."""
    rows = []
    for pool, aim in ((about_when(data), 0.93), (events_and_facts(data), 0.50)):
        found = compared(pool, embedder, kept)
        rows.append(Row(pool.name, f"lihua, {len(pool.documents):,} chats, test half", len(found.questions), (
            found.figure("nDCG@10", gains, aim), found.figure("recall@5", partial(recalls, depth=5))),
            f"embedder {embedder}; {found.differences('nDCG@10', gains)}",
            cases(found.questions, found.ours, gains(found.questions, found.ours))))
    return rows
