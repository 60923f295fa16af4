"""When was it: expressions of time in speeches, news, history and chats, against references annotated by hand.

The references (evals/gold/dates.jsonl) are stand-off: file, record, span, TIMEX3 type and value; no text. They were
written from the text alone, by the guidelines of TimeML 1.2.1, before the tagger had read it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from evals.case import Case
from evals.row import Figure, Row
from worldctx.model.time import When, parse_when
from worldctx.text.dates import find_times

GOLD = Path(__file__).parent / "gold" / "dates.jsonl"
#: Characters of speeches that speed is measured on.
SPEED_CHARS = 4_000_000
AIMS = {"strict": 0.83, "relaxed": 0.92, "value": 0.80}


@dataclass(frozen=True, slots=True)
class Timex:
    """One expression: where it stands, its type and its value."""

    start: int
    end: int
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text with its date and its references."""

    id: str
    text: str
    date: When | None
    times: tuple[Timex, ...]


Tagger = Callable[[str, When | None], Sequence[Timex]]


def ours(text: str, date: When | None) -> list[Timex]:
    """What the product finds."""
    return [Timex(one.span.start, one.span.end, one.reading.type, one.reading.value) for one in find_times(text, date)]


def dateparser_search(text: str, date: When | None) -> list[Timex]:
    """The peer: dateparser.search with the text's date as its base."""
    import warnings
    from datetime import datetime

    from dateparser.search import search_dates  # type: ignore[import-untyped]  # it ships no types

    base = {"RELATIVE_BASE": datetime.fromisoformat(date.edtf)} if date is not None and len(date.edtf) == 10 else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, at = [], 0
        for surface, when in search_dates(text, languages=["en"], settings=base) or ():
            start = text.find(surface, at)
            if start >= 0:
                at = start + len(surface)
                found.append(Timex(start, at, "DATE", when.strftime("%Y-%m-%d")))
    return found


def is_test(record: str) -> bool:
    """Half of the records, by a hash of their ids; the other half was looked at during development."""
    return hashlib.sha256(f"dates:{record}".encode()).digest()[0] % 2 == 0


def pieces(data: Path) -> Iterator[Piece]:
    """The annotated pieces, with their texts read from the data.

    Raises:
        ValueError: the data is not that which was annotated.
    """
    records = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    texts = _texts(data, {(one["file"], one["record"]) for one in records})
    for one in records:
        text = texts[one["file"], one["record"]][one["start"]:one["end"]]
        if hashlib.sha256(text.encode()).hexdigest()[:16] != one["digest"]:
            raise ValueError(f"{one['file']} {one['record']}: not the text that was annotated")
        yield Piece(f"{one['file']}#{one['record']}", text, parse_when(one["date"]) if one["date"] else None, tuple(
            Timex(found["start"], found["end"], found["type"], found["value"]) for found in one["times"]))


def _texts(data: Path, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    speeches, news, history, chats = ("speeches/ungd.jsonl.gz", "toponyms/geovirus.xml", "qa/timeqa_human_train.json",
                                      "lihua/LiHuaWorld.zip")
    found: dict[tuple[str, str], str] = {}
    with gzip.open(data / speeches, "rt", encoding="utf-8") as file:
        found |= {(speeches, one["id"]): one["text"] for one in map(json.loads, file)
                  if (speeches, one["id"]) in wanted}
    tree = ElementTree.parse(data / news).getroot()
    found |= {(news, str(place)): article.findtext("text") or ""
              for place, article in enumerate(tree.findall("article"))}
    for entry in json.loads((data / history).read_text(encoding="utf-8")):
        found |= {(history, f"{entry['link']}#{place}"): text for place, text in enumerate(entry["paras"])}
    with zipfile.ZipFile(data / chats) as archive:
        found |= {(chats, name): archive.read(name).decode("utf-8", "replace").replace("\r\n", "\n")
                  for name in archive.namelist() if (chats, name) in wanted}
    return found


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one piece: references, answers, and how many of them match."""

    gold: int
    found: int
    strict: int
    relaxed: int
    value: int


def compare(gold: Sequence[Timex], found: Sequence[Timex]) -> Counts:
    """One to one, in order: strict is the same span, relaxed overlaps, value overlaps and has the same TIMEX3 value."""
    pairs = matched(gold, found)
    return Counts(len(gold), len(found), sum((one.start, one.end) == (two.start, two.end) for one, two in pairs),
                  len(pairs), sum(one.value == two.value for one, two in pairs))


def matched(gold: Sequence[Timex], found: Sequence[Timex]) -> list[tuple[Timex, Timex]]:
    """References with the answers that overlap them; equal spans first."""
    pairs, free = [], list(found)
    for one in sorted(gold, key=lambda one: not any((one.start, one.end) == (two.start, two.end) for two in free)):
        near = [two for two in free if two.start < one.end and one.start < two.end]
        best = next((two for two in near if (two.start, two.end) == (one.start, one.end)), near[0] if near else None)
        if best is not None:
            free.remove(best)
            pairs.append((one, best))
    return pairs


def f1(counts: Sequence[Counts], which: str) -> float:
    """Micro-averaged."""
    right = sum(getattr(one, which) for one in counts)
    total = sum(one.gold + one.found for one in counts)
    return 2 * right / total if total else 0.0


def figure(counts: Sequence[Counts], baseline: Sequence[Counts], which: str, aim: float) -> Figure:
    """F1 with a bootstrap over pieces (1,000 draws, seed 7)."""
    draw = random.Random(7)
    drawn = sorted(f1(draw.choices(counts, k=len(counts)), which) for _ in range(1000))
    return Figure(f"{which} F1", f1(counts, which), drawn[25], drawn[974], f1(baseline, which), aim)


def cases(asked: Sequence[Piece]) -> list[Case]:
    """Each reference and each answer without one."""
    found = []
    for piece in asked:
        answers = ours(piece.text, piece.date)
        pairs = matched(piece.times, answers)
        beside = dict(pairs)
        for one in piece.times:
            answer = beside.get(one)
            same = answer is not None and (answer.start, answer.end) == (one.start, one.end)
            fault = ("missed" if answer is None else "" if same and answer.value == one.value else
                     "value" if answer.value != one.value else "span")
            found.append(Case(f"{piece.id}:{one.start}", _around(piece.text, one), _shown(piece.text, one),
                              _shown(piece.text, answer) if answer is not None else "", float(not fault), fault))
        extra = [two for two in answers if two not in {two for _, two in pairs}]
        found += [Case(f"{piece.id}:{two.start}", _around(piece.text, two), "", _shown(piece.text, two), 0.0,
                       "spurious") for two in extra]
    return found


def _around(text: str, one: Timex) -> str:
    return " ".join(text[max(0, one.start - 40):one.end + 30].split())


def _shown(text: str, one: Timex) -> str:
    return f"{text[one.start:one.end]} = {one.type} {one.value}"


def speed(data: Path) -> float:
    """Megabytes of speeches read in a second of this process's time."""
    texts, size = [], 0
    with gzip.open(data / "speeches" / "ungd.jsonl.gz", "rt", encoding="utf-8") as file:
        for one in map(json.loads, file):
            texts.append((one["text"], parse_when(one["published_at"])))
            size += len(one["text"])
            if size > SPEED_CHARS:
                break
    begun = time.process_time()
    for text, date in texts:
        find_times(text, date)
    return sum(len(text.encode()) for text, _ in texts) / 1e6 / (time.process_time() - begun)


def run(data: Path) -> Row:
    """Strict, relaxed and value F1 on the records that development did not look at, and speed."""
    asked = [one for one in pieces(data) if is_test(one.id)]
    counts = [compare(one.times, ours(one.text, one.date)) for one in asked]
    peer = [compare(one.times, dateparser_search(one.text, one.date)) for one in asked]
    fast = speed(data)
    figures = [figure(counts, peer, which, aim) for which, aim in AIMS.items()]
    return Row("when was it", f"{len(asked)} pieces of speeches, news, history and chats",
               sum(one.gold for one in counts), (*figures, Figure("MB/s", fast, fast, fast, None, 4.0)),
               "annotated by hand by TimeML 1.2.1; baseline: dateparser.search", tuple(cases(asked)))
