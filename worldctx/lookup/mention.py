"""From a text to its mentions: spans that name something, known to the graph or not. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from worldctx.model.entity import Kind
from worldctx.ports.lexicon import NameHit, NameMatch
from worldctx.text.gazetteer import opens_sentence
from worldctx.text.names import capitalised_names
from worldctx.text.words import everyday

#: Words right before a name that say what kind of thing it names.
_PERSON_CUE = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Sir|Lady|Lord|President|Chancellor|Premier|Senator|Governor|General|Colonel|King|Queen|Pope"
    r"|Judge|Professor|Ambassador|Secretary|Minister|Comrade)\.?|\b(?:his|her) (?:Excellency|Majesty))\s$")
_PLACE_CUE = re.compile(r"\b(?:in|at|near|from|to|of|city of|town of|capital|capital of|visited|outside)\s(?:the\s)?$")
#: A capitalised word, or an initial and then one, right behind a name; one right before it; words in lower case.
_NEXT = regex.compile(r" (?:\p{Lu}\. ?)*(\p{Lu}[\p{L}’'-]*\p{Ll})")
_PREVIOUS = regex.compile(r"(?<![\p{L}’'-])(\p{Lu}[\p{L}’'-]*\p{Ll}) (?:\p{Lu}\. )?$")
_SMALL = re.compile(r"\b[a-z]{3,}\b")
#: Characters before a mention that are looked at for a cue.
_LOOK_BACK = 28


@dataclass(frozen=True, slots=True)
class Named:
    """One span that names something; `hits` is empty for a name the graph does not know (or not then).

    Attributes:
        cue: the kind that the words before it announce.
        beside: a capitalised word stands right beside it that reads like the rest of a longer name (Juan | Somavia).
        small: the text has the same word in lower case too, so that it may be no name at all.
    """

    start: int
    end: int
    surface: str
    hits: tuple[NameHit, ...]
    cue: Kind | None
    beside: bool = False
    small: bool = False


def find_mentions(text: str, matches: Sequence[NameMatch], kinds: Sequence[str] = ()) -> tuple[Named, ...]:
    """All mentions by start: names of the lexicon, then capitalised names that it lacks.

    Args:
        text: the text that was scanned.
        matches: what the lexicon found in it.
        kinds: keep only candidates of these kinds; empty keeps all.
    """
    known = []
    small = frozenset(_SMALL.findall(text)) if matches else frozenset()
    for match in matches:
        hits = tuple(hit for hit in match.hits if not kinds or hit.kind in kinds)
        if hits:
            known.append(_known(text, match, hits, small))
    taken = [(one.start, one.end) for one in known]
    unknown = [Named(start, end, surface, (), cue_before(text, start))
               for start, end, surface in capitalised_names(text, taken)]
    return tuple(sorted(known + unknown, key=lambda one: one.start))


def _known(text: str, match: NameMatch, hits: tuple[NameHit, ...], small: frozenset[str]) -> Named:
    one_word = match.surface.isalpha()
    return Named(match.start, match.end, match.surface, hits, cue_before(text, match.start),
                 one_word and is_part(text, match.start, match.end),
                 one_word and not match.surface.islower() and match.surface.lower() in small)


def is_part(text: str, start: int, end: int) -> bool:
    """Whether a capitalised word beside a name reads like the rest of a longer one: Juan in `Juan Somavia`.

    Words such as Government or Conference, titles, and words that open a sentence are not read so.
    """
    after = _NEXT.match(text, end)
    if after is not None and after.group(1).casefold() not in everyday():
        return True
    before = _PREVIOUS.search(text, max(0, start - _LOOK_BACK), start)
    return (before is not None and before.group(1).casefold() not in everyday()
            and _PERSON_CUE.search(before.group()) is None and not opens_sentence(text, before.start(1)))


def cue_before(text: str, start: int) -> Kind | None:
    """The kind that the words before a name announce, if they do."""
    before = text[max(0, start - _LOOK_BACK):start]
    if _PERSON_CUE.search(before):
        return Kind.PERSON
    return Kind.PLACE if _PLACE_CUE.search(before) else None
