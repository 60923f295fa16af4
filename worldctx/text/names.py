"""Names by rule: runs of capitalised words that read like a proper name, whether the graph knows them or not."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import regex

from worldctx.model.entity import Kind
from worldctx.ports.lexicon import NameMatch
from worldctx.ports.tagger import TaggedName
from worldctx.text.gazetteer import opens_sentence
from worldctx.text.language import guess_language
from worldctx.text.name_kind import kind_of
from worldctx.text.name_words import (
    ALONE,
    CAPITALS,
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
_BLANK = r"(?:[ \u00a0]|\r?\n(?=\p{Lu}|\p{Ll}))"
_RUN = regex.compile(
    rf"(?<![\p{{L}}\p{{N}}\p{{M}}@#/_]|[\p{{L}}]['’\-.])(?:{_INITIALS}(?=[ \u00a0]|[^\p{{L}}\p{{N}}]|$)|{_WORD})"
    rf"(?:(?:{_BLANK}(?:{_SMALL})(?={_BLANK}))?{_BLANK}(?:{_INITIALS}(?=[ \u00a0]|[^\p{{L}}\p{{N}}]|$)|{_WORD}))*"
    rf"(?:[ \u00a0](?:of[ \u00a0])?\p{{N}}{{1,3}}(?=[^\p{{L}}\p{{N}}\s%°/:\-–.,]|[.,]?(?:\s\D|$)))?")
_PART = regex.compile(rf"{_INITIALS}|[^\s\u00a0]+")
_POSSESSIVE = regex.compile(r"['’]s$|(?<=s)['’]$")
_CLITIC = regex.compile(r"['’](?:s|ve|ll|d|m|re|t)$")
_CODE = regex.compile(r"(?=.*\p{Lu}\p{N}+\p{Lu})[\p{Lu}\p{N}\-]+$")
#: A form of address that is cut short, or a call to somebody, right before a name.
_ADDRESS = regex.compile(r"\b(?:Mr|Mrs|Ms|Messrs|Dr|Prof|Gen|Col|Capt|Lt|Sgt|Sen|Rep|Gov|Rev|Hon|St)\.[ \u00a0]$|"
                         r"\b(?:[Tt]hanks|[Hh]i|[Hh]ey|[Hh]ello|[Yy]es|[Nn]o|[Ss]orry|[Cc]ongrats|appreciate it), $")
#: One speaker's line of a dialogue: `LiHua: Hello`.
_SPEAKER = regex.compile(r"(?m)^[ \t>*-]*(\p{Lu}[\p{L}\p{M}\p{N}_.'’-]*"
                         r"(?:[ \u00a0]\p{Lu}[\p{L}\p{M}\p{N}_.'’-]*){0,3}): ")
_LOWER = regex.compile(r"(?<![\p{L}\p{N}])\p{Ll}[\p{L}\p{M}'’-]+")
#: Right behind an identifier of a program: a call, an index, an assignment, an arrow.
_PROGRAM = regex.compile(r"[(\[{=_<]|\s?(?:==?|->|=>|:=)\s")
#: Right behind a word that opens a sentence and is a name: a verb that names take, or a clause about it.
_ACTS = regex.compile(
    r"['’]s\b|,? (?:is|was|has|had|said|says|will|would|also|told|gives?|made|makes|became|won|lost|went|died|joined|"
    r"announced|reported|called|ends|did|does|lives?|lived|plays?|played)\b|,? \(|"
    r", (?:who|which|whose|the|a|an|\d+)\b")
#: Ends of words that are no names when they open a sentence.
_PLAIN_END = regex.compile(
    r"(?:ly|ing|ed|tion|tions|ment|ments|ness|ities|ology|ive|ous|ful|less|able|ible|ers|ists)$")
#: Between the names of an enumeration.
_LISTED = regex.compile(r",? and |, | & ")
#: Languages that write every noun with a capital.
NOUNS_IN_CAPITALS = frozenset({"de"})
#: Longest name, in characters and words: what is longer is a heading.
LONGEST, MOST_WORDS = 90, 11
#: Weight from which a name of one word is sure, when all that bear it are of one kind.
SURE = 0.35
#: Longest line, in characters, that may be a heading.
HEADING = 160
#: A line of a text that was wrapped has at least so many characters; after a shorter one a name does not go on.
WRAPPED = 30


@dataclass(frozen=True, slots=True)
class _Part:
    """One word of a run."""

    start: int
    end: int
    text: str
    lower: str


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of words that may be a name; `announced` when a title or office stands before it."""

    parts: tuple[_Part, ...]
    announced: bool = False

    @property
    def start(self) -> int:
        return self.parts[0].start

    @property
    def end(self) -> int:
        return self.parts[-1].end


class RuleTagger:
    """ports.tagger.NameTagger by rules alone: no model, no training, the default."""

    @property
    def name(self) -> str:
        """See ports.tagger.NameTagger."""
        return "rules"

    def tag(self, text: str, known: Sequence[NameMatch]) -> tuple[TaggedName, ...]:
        """See ports.tagger.NameTagger.

        Where every noun has a capital, capitals tell nothing: a German text has the names that the graph knows.
        """
        return known_names(known) if guess_language(text) in NOUNS_IN_CAPITALS else tag_by_rules(text, known)


def capitalised_names(text: str, taken: Sequence[tuple[int, int]]) -> tuple[tuple[int, int, str], ...]:
    """Spans that plausibly name something, by start, outside the spans in `taken` (sorted, disjoint)."""
    return tuple((one.start, one.end, one.surface) for one in outside(tag_by_rules(text), taken))


def outside(names: Iterable[TaggedName], taken: Sequence[tuple[int, int]]) -> Iterator[TaggedName]:
    """Names that touch none of the spans in `taken` (sorted, disjoint)."""
    starts = [start for start, _ in taken]
    for one in names:
        place = bisect_right(starts, one.end - 1)
        if place == 0 or taken[place - 1][1] <= one.start:
            yield one


def tag_by_rules(text: str, known: Sequence[NameMatch] = ()) -> tuple[TaggedName, ...]:
    """Names by start, disjoint, with the kind that words tell.

    Titles and offices are stripped from the front. One word that opens a sentence counts only when the text or what
    follows it shows that it is a name. Lines in capitals and headings bring no name of their own.
    """
    if text.isupper():
        return known_names(known)
    speakers = _speakers(text)
    runs = [run for match in _RUN.finditer(text) if not _is_opener(match.group())
            for run in _pieces(text, match.start(), match.end())]
    sure: list[_Run] = []
    unsure: list[_Run] = []
    for run in runs:
        if not run.parts[0].start < run.parts[-1].end <= run.parts[0].start + LONGEST or len(run.parts) > MOST_WORDS:
            continue
        if len(run.parts) == 1 and _PROGRAM.match(text, run.end) is not None:
            continue
        (unsure if _doubtful(text, run) else sure).append(run)
    small = frozenset(_LOWER.findall(text)) if sure or unsure else frozenset()
    often = Counter(text[run.start:run.end] for run in runs)
    kept = [run for run in sure if _names(text, run, small, often)]
    seen = {text[run.start:run.end] for run in kept} | set(speakers)
    words = seen | {part.text for run in kept if len(run.parts) > 1 for part in run.parts
                    if part.lower not in everyday()}
    kept += [one for run in unsure for one in _names_in(text, run, seen, words, small)]
    kept.sort(key=lambda run: run.start)
    return _with_kinds(text, kept, speakers, known)


def _is_opener(run: str) -> bool:
    """Whether a run is one function word, as half of all runs are."""
    return run.isalpha() and (len(run) == 1 or not run.isupper()) and run.casefold() in FUNCTION


def known_names(known: Sequence[NameMatch]) -> tuple[TaggedName, ...]:
    """Names of several words, or well known ones, of the graph: what is left where capitals tell nothing."""
    return tuple(TaggedName(one.start, one.end, one.surface, best_known(one)) for one in known
                 if " " in one.surface.strip() or is_sure(one))


def is_sure(match: NameMatch) -> bool:
    """Whether a name means what the graph says: of one kind, and of several words or well known."""
    if len({hit.kind for hit in match.hits}) > 1 or match.surface.casefold() in everyday():
        return False
    return " " in match.surface or max(hit.weight for hit in match.hits) >= SURE


def _speakers(text: str) -> frozenset[str]:
    """Who speaks in a dialogue, where at least two lines begin with a name and a colon."""
    found = [name for name in _SPEAKER.findall(text) if name.casefold() not in everyday()]
    return frozenset(found) if len(found) > 1 else frozenset()


def _pieces(text: str, start: int, end: int) -> Iterator[_Run]:
    """The names that a run of capitalised words may hold: cut at line ends, joining words, days and offices."""
    parts = [_Part(one.start(), one.end(), one.group(), one.group().casefold())
             for one in _PART.finditer(text, start, end)]
    begin, announced = 0, text[max(0, start - 2):start - 1] in (".", ",") and _ADDRESS.search(
        text, max(0, start - 16), start) is not None
    for place in range(1, len(parts) + 1):
        if place == len(parts) or _breaks(text, parts, begin, place):
            yield from _stripped(text, parts[begin:place], announced)
            begin, announced = place, False


def _breaks(text: str, parts: Sequence[_Part], begin: int, place: int) -> bool:
    """Whether no name goes on from the part before `place` to the one at it."""
    gap = text[parts[place - 1].end:parts[place].start]
    if "\n" in gap and (text.rfind("\n", max(0, parts[place - 1].end - WRAPPED), parts[place - 1].end) >= 0
                        or parts[place - 1].end < WRAPPED):
        return True
    lower, before = parts[place].lower, parts[place - 1]
    if before.text.endswith(("'s", "’s")) and len(before.text) > 2:
        # Queen's University goes on; Chile's President does not.
        return lower in ROLES or lower not in JOINED_HEADS
    if lower in ("of", "for", "on"):
        return before.lower not in (JOINED_HEADS if lower == "of" else JOINED_HEADS - JOINED_PLACES)
    if lower == "and":
        right = [one.lower for one in parts[place + 1:]]
        left = [one.lower for one in parts[begin:place]]
        return not ((right and right[-1] in ORGANISATION_HEADS and left[-1] in everyday()
                     and left[-1] not in ORGANISATION_HEADS and left[-1] != "nations")
                    or ("of" in left and left[0] in ORGANISATION_HEADS and left[-1] in everyday()))
    if lower == "&":
        return False
    # The small word decided: what follows it belongs to what stands before.
    return before.text.islower() and before.lower in ("of", "for", "on", "and") and place - 1 == begin


def _stripped(text: str, parts: list[_Part], announced: bool = False) -> Iterator[_Run]:
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
    while parts and (parts[-1].text.islower() or (_is_function(parts[-1]) and len(parts[-1].text) > 1)
                     or parts[-1].lower in ROLES or (parts[-1].text.isnumeric() and _numbered(parts))):
        parts = parts[:-1]
    if parts:
        last = parts[-1]
        cut = _POSSESSIVE.search(last.text)
        if cut is not None and cut.start() > 0:
            last = _Part(last.start, last.start + cut.start(), last.text[:cut.start()], last.lower[:cut.start()])
        yield _Run((*parts[:-1], last), announced)


def _is_function(part: _Part) -> bool:
    """Whether a word is a function word; WHO and US are none. I've and I'll are."""
    return _CLITIC.sub("", part.lower) in FUNCTION and (len(part.text) == 1 or not part.text.isupper())


def _split(parts: Sequence[_Part]) -> int | None:
    """Where a day or month stands, or an office with a name behind it."""
    for place, part in enumerate(parts):
        if (part.lower in CALENDAR or part.lower.removesuffix("s") in CALENDAR) and not (
                place and place == len(parts) - 1 and part.lower in ("may", "august", "april", "june", "march")
                and parts[place - 1].lower not in FUNCTION):
            return place
        if part.lower in ROLES and place + 1 < len(parts) and parts[place + 1].text[:1].isupper():
            return place
    return None


def _numbered(parts: Sequence[_Part]) -> bool:
    """Whether the number at the end is no part of a name: Article 51, and 12 alone."""
    before = parts[-2].lower if len(parts) > 1 else ""
    return not before or before in NUMBERED or before in CALENDAR or (before in everyday() and before != "of")


def _doubtful(text: str, run: _Run) -> bool:
    """Whether capitals alone say little here: one word at the front of a sentence, or a word of a heading."""
    return (len(run.parts) == 1 and not run.announced and opens_sentence(text, run.start)) or _in_heading(text, run)


def _in_heading(text: str, run: _Run) -> bool:
    """Whether the line of a run is a heading: every longer word has a capital, and no full stop ends it."""
    # No further than a heading is long: a text without line ends would be read through for each name.
    begin = text.rfind("\n", max(0, run.start - HEADING), run.start) + 1
    end = text.find("\n", run.end, run.end + HEADING)
    end = len(text) if end < 0 and len(text) <= run.end + HEADING else end
    if end < 0 or end - begin > HEADING or (begin == 0 and (run.start >= HEADING or end == len(text))):
        return False
    line = text[begin:end].strip()
    words = [word for word in regex.findall(r"\p{L}[\p{L}'’-]*", line) if len(word) > 3 or line.isupper()]
    return (len(words) > 2 and line[-1] not in ".!?:,;" and all(word[0].isupper() for word in words)
            and not any(char in line for char in ",;:|\t"))


def _names(text: str, run: _Run, small: frozenset[str], often: Counter[str]) -> bool:
    """Whether a run that does not merely open a sentence is a name."""
    words = [part.lower for part in run.parts]
    surface = text[run.start:run.end]
    if len(words) > 1:
        if not all(word in everyday() or word in FUNCTION or word in ROLES or word in TITLES for word in words):
            return True
        if words[-1] in HEADS and words[-1] not in ("plan", "project", "state", "states"):
            return not opens_sentence(text, run.start) or often[surface] > 1 or words[0] in NAME_FRONTS
        return surface in {"United Nations", "United States"} or (
            often[surface] > 1 and words[0] not in small and words[-1] not in small and words[-1][-1:] != "s")
    word, lower = run.parts[0].text, words[0]
    if word.isupper() and len(word) <= 5 and word.isalpha():
        return len(word) > 1 and lower not in CAPITALS
    if run.announced:
        return len(word) > 1 and lower not in HEADS and lower not in ROLES
    return (len(word) > 2 and lower not in everyday() and lower not in FUNCTION and lower not in GREETINGS
            and lower not in ROLES and lower not in HEADS and lower not in ALONE and lower not in small
            and _CODE.match(word) is None)


def _names_in(text: str, run: _Run, seen: set[str], words: set[str], small: frozenset[str]) -> list[_Run]:
    """A run that opens a sentence, or stands in a heading, or else the names of the text that are among its words."""
    if _also_a_name(text, run, seen, words, small):
        return [run]
    return [_Run((part,)) for part in run.parts if len(run.parts) > 1 and part.text in seen]


def _also_a_name(text: str, run: _Run, seen: set[str], words: set[str], small: frozenset[str]) -> bool:
    """Whether a run that opens a sentence, or stands in a heading, is a name by what else the text says."""
    surface = text[run.start:run.end]
    if surface in seen:
        return True
    if len(run.parts) > 1:
        return all(part.text in words or part.text in seen for part in run.parts if part.text[:1].isupper())
    lower = run.parts[0].lower
    if lower in everyday() or lower in FUNCTION or lower in GREETINGS or lower in ROLES or lower in TITLES:
        return False
    if surface in words:
        return True
    if surface.isupper():
        return (1 < len(surface) <= 6 and surface.isalpha() and lower not in CAPITALS
                and not _in_heading(text, run))
    return (len(surface) > 2 and lower not in small and lower not in HEADS
            and _PLAIN_END.search(lower) is None and _CODE.match(surface) is None
            and _ACTS.match(text, run.end) is not None)


def _with_kinds(text: str, runs: Sequence[_Run], speakers: frozenset[str], known: Sequence[NameMatch],
                ) -> tuple[TaggedName, ...]:
    """Runs with their kinds; one word that is part of a person's name elsewhere is that person.

    A kind comes from the words, else from the graph, else from the other names of a list that it stands in.
    """
    told = {match.surface: best_known(match) for match in known}
    kinds: dict[str, Kind | None] = {}
    people: set[str] = set()
    for run in runs:
        surface = text[run.start:run.end]
        if kinds.get(surface) is None:
            person = surface in speakers or (run.announced and run.parts[-1].lower not in ORGANISATION_HEADS)
            kinds[surface] = Kind.PERSON if person else told.get(surface) or kind_of(
                text, run.start, run.end, [part.lower for part in run.parts])
        if kinds[surface] is Kind.PERSON and len(run.parts) > 1:
            people.update((run.parts[0].text, run.parts[-1].text))
    _share(text, runs, kinds)
    return tuple(TaggedName(run.start, run.end, surface, kinds[surface] or (Kind.PERSON if surface in people else None))
                 for run in runs for surface in (text[run.start:run.end],))


def best_known(match: NameMatch) -> Kind:
    """The kind of the best known entity of a name; ties by id."""
    return min(match.hits, key=lambda hit: (-hit.weight, hit.entity)).kind


def _share(text: str, runs: Sequence[_Run], kinds: dict[str, Kind | None]) -> None:
    """Give names whose kind is not told that of their neighbours in an enumeration, of persons or of places."""
    for order in (pairwise(runs), pairwise(tuple(reversed(runs)))):
        for one, other in order:
            first, last = (one, other) if one.start < other.start else (other, one)
            source, target = text[one.start:one.end], text[other.start:other.end]
            if (kinds[target] is None and kinds[source] in (Kind.PERSON, Kind.PLACE)
                    and (kinds[source] is Kind.PLACE or 1 < len(other.parts) <= 3)
                    and _LISTED.fullmatch(text, first.end, last.start)):
                kinds[target] = kinds[source]
