"""Words that tell an event, and what kind of event: `earthquake`, `was assassinated`, `beat`. Pure.

The lexicon is our own; its codes are those of MAVEN (Wang et al. 2020), and of ACE 2005 where MAVEN has none. A word
that may tell several kinds is read as the kind that a plain word of its sentence tells.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from worldctx.model.context import Span
from worldctx.text.sentences import sentences


class EventType(StrEnum):
    """What kind of thing happened, as finely as words tell it."""

    WAR = "war"
    BATTLE = "battle"
    ATTACK = "attack"
    KILLING = "killing"
    DEATH = "death"
    ELECTION = "election"
    OFFICE_TAKEN = "office taken"
    OFFICE_LEFT = "office left"
    COUP = "coup"
    TREATY = "treaty"
    MEETING = "meeting"
    PROTEST = "protest"
    DISASTER = "disaster"
    OUTBREAK = "outbreak"
    ACCIDENT = "accident"
    LAUNCH = "launch"
    COMPETITION = "competition"
    TRIAL = "trial"


#: The code of each type, `scheme:code`.
CODES: Mapping[EventType, str] = {
    EventType.WAR: "MAVEN:Hostile_encounter", EventType.BATTLE: "MAVEN:Hostile_encounter",
    EventType.ATTACK: "MAVEN:Attack", EventType.KILLING: "MAVEN:Killing", EventType.DEATH: "MAVEN:Death",
    EventType.ELECTION: "ACE:Personnel.Elect", EventType.OFFICE_TAKEN: "ACE:Personnel.Start-Position",
    EventType.OFFICE_LEFT: "ACE:Personnel.End-Position", EventType.COUP: "MAVEN:Change_of_leadership",
    EventType.TREATY: "MAVEN:Sign_agreement", EventType.MEETING: "MAVEN:Social_event",
    EventType.PROTEST: "MAVEN:Protest", EventType.DISASTER: "MAVEN:Catastrophe",
    EventType.OUTBREAK: "MAVEN:Catastrophe", EventType.ACCIDENT: "MAVEN:Catastrophe",
    EventType.LAUNCH: "MAVEN:Sending", EventType.COMPETITION: "MAVEN:Competition",
    EventType.TRIAL: "MAVEN:Legal_rulings",
}
#: Types under which one event may be told by different words: a bombing is an attack in which people die.
_RELATED = tuple(frozenset(map(EventType, group)) for group in (
    ("war", "battle", "attack"), ("attack", "killing", "death"), ("war", "coup"), ("disaster", "accident", "death"),
    ("outbreak", "death", "disaster"), ("accident", "attack"), ("treaty", "meeting"),
    ("election", "office taken", "office left"), ("coup", "office left", "protest"), ("killing", "trial"),
))


def related(one: EventType, other: EventType) -> bool:
    """Whether texts may tell one event by words of these two types."""
    return one is other or any(one in group and other in group for group in _RELATED)


#: The lexicon: see the head of the file.
_LISTS = tomllib.loads((files("worldctx") / "text" / "triggers.toml").read_text(encoding="utf-8"))


def _beside(lists: Mapping[str, Sequence[str]], pattern: str) -> Mapping[str, re.Pattern[str]]:
    return {word: re.compile(pattern % "|".join(listed), re.IGNORECASE) for word, listed in lists.items()}


_NOT_AFTER = _beside(_LISTS["not_after"], r"\s+(?:%s)")
_NOT_BEFORE = _beside(_LISTS["not_before"], r"\b(?:%s)\s*$")
#: Before a word, in its clause, with at most three words between.
_UNREAL = re.compile(rf"\b(?:{'|'.join(_LISTS['unreal'])})\s+(?:\S+\s+){{0,3}}$", re.IGNORECASE)
#: Characters before and after a word that are looked at.
_BACK, _AHEAD = 48, 64
_LAUNCHED = re.compile(r"\b(?:rocket|satellite|spacecraft|space|shuttle|probe|missile|orbit|cosmonaut|astronaut)s?\b",
                       re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A word or two that tell an event: `text[span]`.

    Attributes:
        type: the kind of event.
        sentence: that it stands in.
        weak: it is an event only with a date beside it.
    """

    span: Span
    type: EventType
    sentence: Span
    weak: bool = False


def _lexicon() -> dict[str, tuple[tuple[EventType, ...], bool]]:
    """The types of each word, the first one the usual, and whether it needs a date."""
    return {word: (tuple(map(EventType, _LISTS["either"].get(word, (name,)))), kind == "dated")
            for kind in ("words", "dated") for name, listed in _LISTS[kind].items() for word in listed}


_LEXICON = _lexicon()
_FORMS = sorted(_LEXICON)
_SCAN = CharwiseDoubleArrayAhoCorasick(_FORMS, MATCH_KIND_LEFTMOST_LONGEST)


def find_triggers(text: str) -> tuple[Trigger, ...]:
    """The words of a text that tell events, by start, without those that tell that something did not happen."""
    small = text.lower()
    if len(small) != len(text):  # U+0130 becomes two characters in lower case
        small = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    found = [(start, end, _FORMS[place]) for start, end, place in _SCAN.find(small)
             if not (start and (small[start - 1].isalnum() or small[start - 1] == "-"))
             and not small[end:end + 1].isalnum()]
    found = [one for one in found if _happened(text, *one)]
    if not found:
        return ()
    triggers = []
    place = 0
    for first, last in sentences(text):
        mine = []
        while place < len(found) and found[place][0] < last:
            mine.append(found[place])
            place += 1
        plain = [types[0] for _, _, word in mine if len(types := _LEXICON[word][0]) == 1]
        certain = {types[0] for _, _, word in mine for types, weak in (_LEXICON[word],) if len(types) == 1 and not weak}
        for start, end, word in mine:
            types, weak = _LEXICON[word]
            if word in ("launch", "launched") and not _LAUNCHED.search(text, first, last):
                continue
            type_ = next((one for one in types if one in plain), types[0])
            triggers.append(Trigger(Span(start, end), type_, Span(first, last), weak and type_ not in certain))
    return tuple(triggers)


def _happened(text: str, start: int, end: int, word: str) -> bool:
    """Whether the words beside it leave it an event that did happen."""
    after, before = _NOT_AFTER.get(word), _NOT_BEFORE.get(word)
    if after is not None and after.match(text, end, min(len(text), end + _AHEAD)):
        return False
    if before is None and not start:
        return True
    back = text[max(0, start - _BACK):start]
    if before is not None and before.search(back) and not text[start].isupper():
        return False
    return _UNREAL.search(_clause(back)) is None


def _clause(text: str) -> str:
    """What follows the last stop, comma or semicolon."""
    return re.split(r"[.;:,!?]", text)[-1]


@lru_cache(maxsize=4096)
def types_of(words: str) -> tuple[EventType, ...]:
    """The kinds of event that a name or a description tells: `1973 Chilean coup`, `group match of the World Cup`."""
    return tuple(dict.fromkeys(one.type for one in find_triggers(words)))
