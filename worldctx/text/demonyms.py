"""What people and things of a country are called (French, Kenyans), and short forms of its name that are no words.

A graph seldom has these as names. The table is our own, `demonyms.txt`; it tells external ids, so that it serves any
world whose countries have their ISO codes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_WORD = re.compile(r"(?<![\w.])(?:[A-Z](?:\.[A-Z])+(?:\.|\b)|(?:ni|I)-[VK]\w+|[A-ZÉÎ]\w*)")
#: What may stand between the two words of a demonym: lines are wrapped anywhere.
_GAP = re.compile(r"[ \u00a0]|[ \t]?\n[ \t]?")
#: Behind a demonym: it speaks of a language.
_LANGUAGE = re.compile(r"(?:-speaking|\s+language|\s+translation)\b")


@dataclass(frozen=True, slots=True)
class Demonym:
    """A word of a text that stands for one of some places: `text[start:end] == surface`.

    Attributes:
        places: for each place that it may stand for, the external ids under which a graph may know it.
    """

    start: int
    end: int
    surface: str
    places: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]]:
    """By first word: the second word, or an empty one, and the places; those of two words first."""
    places: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    text = (files("worldctx") / "text" / "demonyms.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            ids, *words = line.split()
            for word in words:
                plain = word.rstrip("+").replace("_", " ")
                for one in (plain, plain + "s") if word.endswith("+") else (plain,):
                    places[one].append(tuple(ids.split(",")))
    table: dict[str, list[tuple[str, tuple[tuple[str, ...], ...]]]] = defaultdict(list)
    for name in sorted(places, key=lambda name: (-name.count(" "), name)):
        first, _, second = name.partition(" ")
        table[first].append((second, tuple(places[name])))
    return {first: tuple(found) for first, found in table.items()}


def find_demonyms(text: str) -> tuple[Demonym, ...]:
    """Demonyms and short forms, by start. A text in capitals has none: its US may be anybody."""
    if text.isupper():
        return ()
    table = _table()
    found: list[Demonym] = []
    end = 0
    for match in _WORD.finditer(text):
        entries = table.get(match.group())
        if entries is None or match.start() < end:
            continue
        for second, places in entries:
            end = _end(text, match.end(), second)
            if end and not _LANGUAGE.match(text, end):
                found.append(Demonym(match.start(), end, text[match.start():end], places))
                break
        else:
            end = 0
    return tuple(found)


def _end(text: str, first: int, second: str) -> int:
    """Where a demonym ends whose first word ends at `first`; 0 where its second word does not follow."""
    if not second:
        return first
    gap = _GAP.match(text, first)
    if gap is None or not text.startswith(second, gap.end()):
        return 0
    end = gap.end() + len(second)
    return 0 if text[end:end + 1].isalnum() else end
