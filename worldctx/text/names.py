"""Names by rule: runs of capitalised words that read like a proper name, whether the graph knows them or not."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import regex

from worldctx.model.entity import Kind
from worldctx.ports.lexicon import NameMatch
from worldctx.ports.tagger import TaggedName
from worldctx.text.gazetteer import opens_sentence
from worldctx.text.language import guess_language
from worldctx.text.name_kind import kind_of
from worldctx.text.name_runs import Run, runs_of
from worldctx.text.name_words import (
    AILMENTS,
    ALONE,
    CAPITALS,
    FUNCTION,
    GREETINGS,
    HEADS,
    NAME_FRONTS,
    ORGANISATION_HEADS,
    ROLES,
    TITLES,
)
from worldctx.text.words import everyday

#: A code or a strain rather than a name: H5N1.
_CODE = regex.compile(r"(?=.*\p{Lu}\p{N}+\p{Lu})[\p{Lu}\p{N}\-]+$")
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
LONGEST_JOINT = len(", and ")
#: Languages that write every noun with a capital.
NOUNS_IN_CAPITALS = frozenset({"de"})
#: Longest name, in characters and words: what is longer is a heading.
LONGEST, MOST_WORDS = 90, 11
#: Weight from which a name of one word is sure, when all that bear it are of one kind.
SURE = 0.35
#: Longest line, in characters, that may be a heading.
HEADING = 160


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
    runs = list(runs_of(text))
    sure: list[Run] = []
    unsure: list[Run] = []
    for run in runs:
        if not run.parts[0].start < run.parts[-1].end <= run.parts[0].start + LONGEST or len(run.parts) > MOST_WORDS:
            continue
        if len(run.parts) == 1 and _PROGRAM.match(text, run.end) is not None:
            continue
        (unsure if _doubtful(text, run) else sure).append(run)
    small = frozenset(_LOWER.findall(text)) if sure or unsure else frozenset()
    often = Counter(text[run.start:run.end] for run in runs)
    kept = [run for run in sure if _names(text, run, small, often)]
    seen = {text[run.start:run.end] for run in kept} | set(speakers) | {
        one.surface for one in known if _names_even_alone(one)}
    words = seen | {part.text for run in kept if len(run.parts) > 1 for part in run.parts
                    if part.lower not in everyday()}
    kept += [one for run in unsure for one in _names_in(text, run, seen, words, small)]
    kept.sort(key=lambda run: run.start)
    return _with_kinds(text, kept, speakers, known)


def known_names(known: Sequence[NameMatch]) -> tuple[TaggedName, ...]:
    """Names of several words, or well known ones, of the graph: what is left where capitals tell nothing."""
    return tuple(TaggedName(one.start, one.end, one.surface, best_known(one)) for one in known
                 if " " in one.surface.strip() or is_sure(one))


def is_sure(match: NameMatch) -> bool:
    """Whether a name means what the graph says: of one kind, and of several words or well known."""
    if len({hit.kind for hit in match.hits}) > 1 or match.surface.casefold() in everyday():
        return False
    return " " in match.surface or max(hit.weight for hit in match.hits) >= SURE


def _names_even_alone(match: NameMatch) -> bool:
    """Whether the graph's word for it is enough where a sentence begins: it is no small place, and no everyday word."""
    if len({hit.kind for hit in match.hits}) > 1 or match.surface.casefold() in everyday():
        return False
    # What has no weight was brought in to be found.
    return any(hit.kind is not Kind.PLACE or not hit.weight or hit.weight >= SURE for hit in match.hits)


def _speakers(text: str) -> frozenset[str]:
    """Who speaks in a dialogue, where at least two lines begin with a name and a colon."""
    found = [name for name in _SPEAKER.findall(text) if name.casefold() not in everyday()]
    return frozenset(found) if len(found) > 1 else frozenset()


def _doubtful(text: str, run: Run) -> bool:
    """Whether capitals alone say little here: one word at the front of a sentence, or a word of a heading."""
    return (len(run.parts) == 1 and not run.announced and opens_sentence(text, run.start)) or _in_heading(text, run)


def _in_heading(text: str, run: Run) -> bool:
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


def _names(text: str, run: Run, small: frozenset[str], often: Counter[str]) -> bool:
    """Whether a run that does not merely open a sentence is a name."""
    words = [part.lower for part in run.parts]
    surface = text[run.start:run.end]
    if words[-1] in AILMENTS:
        return False
    if len(words) > 1:
        if not all(word in everyday() or word in FUNCTION or word in ROLES or word in TITLES for word in words):
            return True
        head = words[words.index("of") - 1] if "of" in words[1:] else words[-1]
        if head in HEADS and head not in ("plan", "project", "state", "states"):
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


def _names_in(text: str, run: Run, seen: set[str], words: set[str], small: frozenset[str]) -> list[Run]:
    """A run that opens a sentence, or stands in a heading, or else the names of the text that are among its words."""
    if _also_a_name(text, run, seen, words, small):
        return [run]
    return [Run((part,)) for part in run.parts if len(run.parts) > 1 and part.text in seen]


def _also_a_name(text: str, run: Run, seen: set[str], words: set[str], small: frozenset[str]) -> bool:
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


def _with_kinds(text: str, runs: Sequence[Run], speakers: frozenset[str], known: Sequence[NameMatch],
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


def _share(text: str, runs: Sequence[Run], kinds: dict[str, Kind | None]) -> None:
    """Give names whose kind is not told that of their neighbours in an enumeration, of persons or of places."""
    listed = [(one, other) for one, other in pairwise(runs)
              if other.start - one.end <= LONGEST_JOINT and _LISTED.fullmatch(text, one.end, other.start)]
    for one, other in (*listed, *((other, one) for one, other in reversed(listed))):
        source, target = text[one.start:one.end], text[other.start:other.end]
        if (kinds[target] is None and kinds[source] in (Kind.PERSON, Kind.PLACE)
                and (kinds[source] is Kind.PLACE or 1 < len(other.parts) <= 3)):
            kinds[target] = kinds[source]
