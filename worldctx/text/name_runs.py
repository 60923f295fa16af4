"""Runs of capitalised words, cut into what may be names: at line ends, joining words, days, titles and offices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from worldctx.text.gazetteer import opens_sentence
from worldctx.text.name_words import (
    FUNCTION,
    GREETINGS,
    HEADS,
    JOINED_HEADS,
    JOINED_PLACES,
    NAME_FRONTS,
    NUMBERED,
    ORGANISATION_HEADS,
    ROLES,
    TITLES,
    given_names,
)
from worldctx.text.words import CALENDAR, everyday

#: A capitalised word (McDonald, O'Brien, Kvemo-Kartli, al-Assad, G20), initials (J.R.R., U.S.), and what joins them.
_WORD = (r"(?:(?:al|el|an|ad|as|ash|at)-)?\p{Lu}(?:[\p{L}\p{M}\p{N}]|['’\-‑](?=[\p{L}\p{N}]))*")
_INITIALS = r"(?:\p{Lu}\.){1,4}(?:[ \u00a0](?:\p{Lu}\.)+)*"
_SMALL = (r"of the|of|for the|for|on|and the|and|&|de la|de los|de|da|das|dos|do|del|della|der|den|di|du|"
          r"van der|van den|van|von|zu|al|el|bin|ibn|la|le|y")
_BLANK = r"(?:[ \u00a0]|[ \t]?\r?\n(?=\p{Lu}|\p{Ll}))"
_RUN = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}\p{{M}}@#/_]|[\p{{L}}]['’\-.])(?:{_INITIALS}(?=[ \u00a0]|[^\p{{L}}\p{{N}}]|$)|{_WORD})"
    rf"(?:(?:{_BLANK}(?:{_SMALL})(?={_BLANK}))?{_BLANK}(?:{_INITIALS}(?=[ \u00a0]|[^\p{{L}}\p{{N}}]|$)|{_WORD}))*"
    rf"(?:[ \u00a0](?:of[ \u00a0])?\p{{N}}{{1,3}}(?=[^\p{{L}}\p{{N}}\s%°/:\-–.,]|[.,]?(?:\s\D|$)))?")
_PART = regex.compile(rf"{_INITIALS}|[^\s\u00a0]+")
_POSSESSIVE = regex.compile(r"['’]s$|(?<=s)['’]$")
_CLITIC = regex.compile(r"['’](?:s|ve|ll|d|m|re|t)$")
#: A form of address that is cut short, or a call to somebody, right before a name.
_ADDRESS = regex.compile(r"\b(?:Mr|Mrs|Ms|Messrs|Dr|Prof|Gen|Col|Capt|Lt|Sgt|Sen|Rep|Gov|Rev|Hon|St)\.[ \u00a0]$|"
                         r"\b(?:[Tt]hanks|[Hh]i|[Hh]ey|[Hh]ello|[Yy]es|[Nn]o|[Ss]orry|[Cc]ongrats|appreciate it), $")
#: Days and months, and more than one of them.
_CALENDAR = CALENDAR | {one + "s" for one in CALENDAR}
#: A line of a text that was wrapped has at least so many characters; after a shorter one a name does not go on.
WRAPPED = 30


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a run."""

    start: int
    end: int
    text: str
    lower: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run of words that may be a name; `announced` when a title or office stands before it."""

    parts: tuple[Part, ...]
    announced: bool = False

    @property
    def start(self) -> int:
        return self.parts[0].start

    @property
    def end(self) -> int:
        return self.parts[-1].end


def runs_of(text: str) -> Iterator[Run]:
    """All pieces of a text that may be names, by start, without what is no part of a name at their ends."""
    for match in _RUN.finditer(text):
        if not _is_opener(match.group()):
            yield from _pieces(text, match.start(), match.end())


def _is_opener(run: str) -> bool:
    """Whether a run is one function word, as half of all runs are."""
    return run.isalpha() and (len(run) == 1 or not run.isupper()) and run.casefold() in FUNCTION


def _pieces(text: str, start: int, end: int) -> Iterator[Run]:
    """The names that a run of capitalised words may hold: cut at line ends, joining words, days and offices."""
    parts = [Part(one.start(), one.end(), one.group(), one.group().casefold())
             for one in _PART.finditer(text, start, end)]
    begin, announced = 0, text[max(0, start - 2):start - 1] in (".", ",") and _ADDRESS.search(
        text, max(0, start - 16), start) is not None
    for place in range(1, len(parts) + 1):
        if place == len(parts) or _breaks(text, parts, begin, place):
            yield from _stripped(text, parts[begin:place], announced)
            begin, announced = place, False


def _breaks(text: str, parts: Sequence[Part], begin: int, place: int) -> bool:
    """Whether no name goes on from the part before `place` to the one at it."""
    gap = text[parts[place - 1].end:parts[place].start]
    if "\n" in gap and (text.rfind("\n", max(0, parts[place - 1].end - WRAPPED), parts[place - 1].end) >= 0
                        or parts[place - 1].end < WRAPPED):
        return True
    lower, before = parts[place].lower, parts[place - 1]
    if before.text.endswith(("'s", "’s")) and len(before.text) > 2:
        # Queen's University goes on; Chile's President does not.
        return lower in ROLES or lower not in JOINED_HEADS or any(one.lower in HEADS for one in parts[begin:place])
    if lower in ("of", "for", "on"):
        return before.lower not in (JOINED_HEADS if lower == "of" else JOINED_HEADS - JOINED_PLACES)
    if lower == "and":
        right = [one.lower for one in parts[place + 1:]]
        left = [one.lower for one in parts[begin:place]]
        if right[:1] == ["the"]:
            return True
        # The Department of Health and Human Services; Food and Agriculture Organization.
        of_one = "of" in left[1:] and left[left.index("of") - 1] in ORGANISATION_HEADS
        one_head = bool(right) and len(right) <= 3 and right[-1] in ORGANISATION_HEADS and not set(left) & HEADS
        return left[-1] not in everyday() or left[-1] in ("nations", "states") or not (of_one or one_head)
    if lower == "&":
        return False
    # The small word decided: what follows it belongs to what stands before.
    return before.text.islower() and before.lower in ("of", "for", "on", "and") and place - 1 == begin


def _stripped(text: str, parts: list[Part], announced: bool = False) -> Iterator[Run]:
    """One piece without what is no part of a name at its ends; cut at days and at an office that a person follows."""
    while parts and (end := _split(parts)) is not None:
        left, office = parts[:end], parts[end].lower in ROLES
        heads = [place for place, part in enumerate(left) if part.lower in ORGANISATION_HEADS]
        # Of `Utah Senate Minority Leader` the office begins behind the organisation.
        yield from _stripped(text, left[:heads[-1] + 1] if office and heads else left, announced)
        parts, announced = parts[end + 1:], office
    while parts:
        first = parts[0]
        title = first.lower.rstrip(".") in TITLES
        if title and len(parts) == 1:
            return
        if title and not (first.lower in NAME_FRONTS and parts[1].lower in JOINED_HEADS):
            announced = True
        elif first.lower in GREETINGS:
            announced = len(parts) > 1
        elif not (first.text.islower() or first.text == "&" or _is_function(first)
                  or (len(parts) > 1 and first.lower in everyday() and first.lower not in NAME_FRONTS
                      and first.lower not in JOINED_HEADS and first.lower not in given_names()
                      and parts[-1].lower not in HEADS and parts[1].text != "&"
                      and not parts[1].text[:1].isnumeric()
                      and opens_sentence(text, first.start))):
            break
        parts = parts[1:]
    while parts and _ends_no_name(parts):
        parts = parts[:-1]
    if parts:
        last = parts[-1]
        cut = _POSSESSIVE.search(last.text)
        if cut is not None and cut.start() > 0:
            last = Part(last.start, last.start + cut.start(), last.text[:cut.start()], last.lower[:cut.start()])
        yield Run((*parts[:-1], last), announced)


def _is_function(part: Part) -> bool:
    """Whether a word is a function word; WHO and US are none. I've and I'll are."""
    return _CLITIC.sub("", part.lower) in FUNCTION and (len(part.text) == 1 or not part.text.isupper())


def _ends_no_name(parts: Sequence[Part]) -> bool:
    """Whether the last word is no part of a name: a small word, an office (but Council of Ministers), a number."""
    last = parts[-1]
    of_some = len(parts) > 2 and parts[0].lower in ORGANISATION_HEADS
    return (last.text.islower() or (_is_function(last) and len(last.text) > 1)
            or (last.lower in ROLES and not of_some) or (last.text.isnumeric() and _numbered(parts)))


def _split(parts: Sequence[Part]) -> int | None:
    """Where a day or month stands, or an office with a name behind it."""
    for place, part in enumerate(parts):
        if part.lower in _CALENDAR and not (
                place and place == len(parts) - 1 and part.lower in ("may", "august", "april", "june", "march")
                and parts[place - 1].lower not in FUNCTION):
            return place
        if part.lower in ROLES and place + 1 < len(parts) and parts[place + 1].text[:1].isupper():
            return place
    return None


def _numbered(parts: Sequence[Part]) -> bool:
    """Whether the number at the end is no part of a name: Article 51, and 12 alone."""
    before = parts[-2].lower if len(parts) > 1 else ""
    return not before or before in NUMBERED or before in CALENDAR or (before in everyday() and before != "of")
