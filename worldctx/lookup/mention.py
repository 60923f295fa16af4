"""From a text to its mentions: spans that name something, known to the graph or not. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

from worldctx.model.context import Link, Span
from worldctx.model.entity import Kind
from worldctx.ports.lexicon import NameHit, NameMatch
from worldctx.ports.tagger import TaggedName
from worldctx.text.demonyms import Demonym, find_demonyms
from worldctx.text.gazetteer import opens_sentence
from worldctx.text.names import outside
from worldctx.text.words import HEADS, OPENERS, PLACE_TYPES, everyday

#: Words right before a name that say what kind of thing it names.
_PERSON_CUE = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Sir|Lady|Lord|President|Chancellor|Premier|Senator|Governor|General|Colonel|King|Queen|Pope"
    r"|Prince|Princess|Judge|Professor|Ambassador|Secretary|Minister|Chairman|Comrade|Captain)\.?"
    r"|\b(?:his|her) (?:Excellency|Majesty))\s$")
_PLACE_CUE = re.compile(r"\b(?:in|at|near|from|to|of|city of|town of|capital|capital of|visited|outside)\s(?:the\s)?$")
#: What may stand between the words of one name: a blank, or the end of a line.
_GAP = r"(?:[ \u00a0]|[ \t]?\r?\n[ \t]?)"
_CAPITALISED = r"(?:\p{Lu}\. ?)*\p{Lu}[\p{L}\p{M}’'-]*"
#: Capitalised words right behind a name; one right before it; words in lower case.
_NEXT = regex.compile(
    rf"{_GAP}({_CAPITALISED}(?:{_GAP}(?:(?:of|for|and|&){_GAP}(?:the{_GAP})?)?{_CAPITALISED}){{0,5}})")
_PREVIOUS = regex.compile(rf"(?<![\p{{L}}’'-])(\p{{Lu}}[\p{{L}}’'-]*\p{{L}})(?:{_GAP}\p{{Lu}}\.)?{_GAP}$")
_LED = regex.compile(rf"(?<![\p{{L}}’'-])(\p{{Lu}}[\p{{L}}’'-]*\p{{L}}){_GAP}(?:of|for|in){_GAP}(?:the{_GAP})?$")
_SMALL = re.compile(r"\b[a-z]{3,}\b")
#: A word for a kind of place right behind a name, or before it (New York state; the province of Alberta).
_TYPE_BEHIND = regex.compile(rf"{_GAP}(\p{{L}}+)")
_TYPE_BEFORE = regex.compile(rf"(\p{{L}}+){_GAP}of{_GAP}$")
#: What is said of a country behind its demonym, though it stands in capitals: the German Chancellor.
_OFFICIAL = re.compile(r"\s(?:Government|President|Prime|Vice|Deputy|Minister|Chancellor|Foreign|Premier|Ambassador"
                       r"|King|Queen|Republic|Senator|Embassy|Delegation|Representative|Army|Navy|Parliament)\b")
#: Letters around a name that show whether a text is in capitals.
ENOUGH_LETTERS = 10
#: Characters before a mention that are looked at for a cue.
_LOOK_BACK = 40
_WORDS = regex.compile(r"\p{L}+")


@dataclass(frozen=True, slots=True)
class Named:
    """One span that names something; `hits` is empty for a name the graph does not know (or not then).

    Attributes:
        cue: the kind that the words before it announce.
        beside: a capitalised word stands right beside it that reads like the rest of a longer name (Juan | Somavia).
        small: the text has the same word in lower case too, so that it may be no name at all.
        headed: capitalised words behind it end in what organisations and the like are called (Warsaw | Ghetto).
        led: it is the end of such a name (Bank of | England).
        type: the word for a kind of place that stands beside it, in lower case (state, county).
        demonym: it is what people or things of a place are called, or a short form of its name.
        places: external ids of the places that a demonym may stand for, by place.
        whole: how it stands to the name that was found by how it is written: True is that name, False is a part of it,
            None where no name was found.
        told: the kind that the words of that name tell.
        shouted: all letters around it are capitals, so that its own say nothing.
    """

    start: int
    end: int
    surface: str
    hits: tuple[NameHit, ...]
    cue: Kind | None
    beside: bool = False
    small: bool = False
    headed: bool = False
    led: bool = False
    type: str = ""
    demonym: bool = False
    places: tuple[tuple[str, ...], ...] = ()
    whole: bool | None = None
    told: Kind | None = None
    shouted: bool = False


def find_mentions(text: str, matches: Sequence[NameMatch], names: Sequence[TaggedName] = (),
                  kinds: Sequence[str] = ()) -> tuple[Named, ...]:
    """All mentions by start: names of the lexicon and demonyms, then names that it lacks.

    Args:
        text: the text that was scanned.
        matches: what the lexicon found in it.
        names: what reads like a name in it, by start and disjoint.
        kinds: keep only candidates of these kinds; empty keeps all.
    """
    demonyms = find_demonyms(text) if not kinds or Kind.PLACE in kinds else ()
    small = frozenset(_SMALL.findall(text)) if matches else frozenset()
    known: list[Named] = []
    place = 0
    for span, match in _merged(matches, demonyms):
        hits = () if match is None else tuple(hit for hit in match.hits if not kinds or hit.kind in kinds)
        if not hits and not isinstance(span, Demonym):
            continue
        while place < len(names) and names[place].end <= span.start:
            place += 1
        over = names[place] if place < len(names) and names[place].start < span.end else None
        # What a lexicon knows under a longer name than the words tell is that name.
        whole = None if over is None else span.start <= over.start and over.end <= span.end
        if whole is False and over is not None and isinstance(span, Demonym) and _OFFICIAL.match(text, span.end):
            whole = True
        if match is not None and len(hits) == len(match.hits):
            hits = match.hits  # the very same, by which lexical evidence is remembered
        known.append(_known(text, span, hits, small, whole, over.kind if over is not None and whole else None))
    unknown = [Named(one.start, one.end, one.surface, (), cue_before(text, one.start), whole=True, told=one.kind)
               for one in outside(names, [(one.start, one.end) for one in known])]
    return tuple(sorted(known + unknown, key=lambda one: one.start))


def read_as_names(found: Sequence[Link], names: Sequence[TaggedName]) -> tuple[Link, ...]:
    """The links, those NIL left out that are no name by how they are written either: May, Powers, Since."""
    ends = [one.end for one in names]

    def named(one: Link) -> bool:
        place = bisect_right(ends, one.span.start)
        return place < len(names) and names[place].start < one.span.end

    return tuple(one for one in found if one.id is not None or named(one))


def without_parts(found: Sequence[Link], names: Sequence[TaggedName]) -> tuple[Link, ...]:
    """The links, one NIL for a whole name in place of those for its parts that mean nothing; by start."""
    kept: list[Link] = []
    place = 0
    for name in names:
        while place < len(found) and found[place].span.end <= name.start:
            kept.append(found[place])
            place += 1
        parts = []
        while place < len(found) and found[place].span.start < name.end:
            parts.append(found[place])
            place += 1
        if parts and all(one.id is None and name.start <= one.span.start and one.span.end <= name.end for one in parts):
            best = max(parts, key=lambda one: one.score)
            parts = [parts[0] if len(parts) == 1 and parts[0].surface == name.surface else Link(
                Span(name.start, name.end), name.surface, None, "", None, best.score)]
        kept += parts
    return (*kept, *found[place:])


def _merged(matches: Sequence[NameMatch], demonyms: Sequence[Demonym],
            ) -> list[tuple[NameMatch | Demonym, NameMatch | None]]:
    """Spans by start, none over another: of a match and a demonym that overlap the longer one; both where equal."""
    found: list[tuple[NameMatch | Demonym, NameMatch | None]] = []
    place = 0
    for one in demonyms:
        while place < len(matches) and matches[place].end <= one.start:
            found.append((matches[place], matches[place]))
            place += 1
        over = []
        while place < len(matches) and matches[place].start < one.end:
            over.append(matches[place])
            place += 1
        longer = [match for match in over if match.start < one.start or match.end > one.end]
        if longer:
            found += [(match, match) for match in over]
        else:
            equal = over[0] if len(over) == 1 and (over[0].start, over[0].end) == (one.start, one.end) else None
            found.append((one, equal))
    return found + [(match, match) for match in matches[place:]]


def _known(text: str, span: NameMatch | Demonym, hits: tuple[NameHit, ...], small: frozenset[str],
           whole: bool | None, told: Kind | None) -> Named:
    start, end, surface = span.start, span.end, span.surface
    one_word = surface.isalpha()
    demonym = isinstance(span, Demonym)
    return Named(
        start, end, surface, hits, cue_before(text, start), one_word and is_part(text, start, end),
        one_word and not surface.islower() and surface.lower() in small, is_headed(text, end), is_led(text, start),
        type_beside(text, start, end), demonym, span.places if isinstance(span, Demonym) else (),
        whole, told, surface.isupper() and is_shouted(text, start, end))


def is_shouted(text: str, start: int, end: int) -> bool:
    """Whether the letters around a span are capitals, all of them."""
    around = text[max(0, start - _LOOK_BACK):start] + text[end:end + _LOOK_BACK]
    return around.isupper() and sum(map(str.isalpha, around)) >= ENOUGH_LETTERS


def is_part(text: str, start: int, end: int) -> bool:
    """Whether a capitalised word beside a name reads like the rest of a longer one: Juan in `Juan Somavia`.

    Words such as Government or Conference, titles, and words that open a sentence are not read so.
    """
    after = _NEXT.match(text, end)
    if after is not None and _first(after.group(1)) not in everyday():
        return True
    before = _PREVIOUS.search(text, max(0, start - _LOOK_BACK), start)
    return (before is not None and before.group(1).casefold() not in everyday()
            and _PERSON_CUE.search(before.group()) is None and not opens_sentence(text, before.start(1)))


def _first(words: str) -> str:
    found = _WORDS.search(words)
    return found.group().casefold() if found else ""


def is_headed(text: str, end: int) -> bool:
    """Whether capitalised words right behind a name end in what organisations, works or laws are called."""
    after = _NEXT.match(text, end)
    return after is not None and any(word.casefold() in HEADS for word in _WORDS.findall(after.group(1)))


def is_led(text: str, start: int) -> bool:
    """Whether a name ends a longer one: Palace of | Westminster. `Government of` is read as what it says."""
    before = _LED.search(text, max(0, start - _LOOK_BACK), start)
    if before is None:
        return False
    word = before.group(1).casefold()
    return word in HEADS or (word not in everyday() and word not in OPENERS and word not in PLACE_TYPES
                             and not opens_sentence(text, before.start(1)))


def type_beside(text: str, start: int, end: int) -> str:
    """The word for a kind of place that stands right beside a name, in lower case; empty where none does."""
    after = _TYPE_BEHIND.match(text, end)
    if after is not None and after.group(1).casefold() in PLACE_TYPES:
        return after.group(1).casefold()
    before = _TYPE_BEFORE.search(text, max(0, start - _LOOK_BACK), start)
    return before.group(1).casefold() if before is not None and before.group(1).casefold() in PLACE_TYPES else ""


def with_its_type(text: str, mention: Named, hits: tuple[NameHit, ...]) -> Named:
    """A mention that takes the capitalised word for its kind of place in: Akita | Prefecture, with those hits."""
    after = _TYPE_BEHIND.match(text, mention.end)
    if after is None or not after.group(1)[0].isupper() or after.group(1).casefold() != mention.type:
        return mention
    end = after.end()
    return replace(mention, end=end, surface=text[mention.start:end], hits=hits, beside=False, headed=False)


def cue_before(text: str, start: int) -> Kind | None:
    """The kind that the words before a name announce, if they do."""
    before = text[max(0, start - _LOOK_BACK):start]
    if _PERSON_CUE.search(before):
        return Kind.PERSON
    return Kind.PLACE if _PLACE_CUE.search(before) else None


def with_kinds(found: Sequence[Link], names: Sequence[TaggedName]) -> tuple[Link, ...]:
    """The links, names that mean nothing the graph knows with the kind that their words tell."""
    kinds = {(one.start, one.end): one.kind for one in names if one.kind is not None}
    return tuple(one if one.id is not None or (one.span.start, one.span.end) not in kinds
                 else replace(one, kind=kinds[one.span.start, one.span.end]) for one in found)
