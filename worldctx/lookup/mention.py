"""From a text to its mentions: spans that name something, known to the graph or not. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from worldctx.model.entity import Kind
from worldctx.ports.lexicon import NameHit, NameMatch
from worldctx.text.names import capitalised_names

#: Words right before a name that say what kind of thing it names.
_PERSON_CUE = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Sir|Lady|Lord|President|Chancellor|Premier|Senator|Governor|General|Colonel|King|Queen|Pope"
    r"|Judge|Professor|Ambassador|Secretary|Minister|Comrade)\.?|\b(?:his|her) (?:Excellency|Majesty))\s$")
_PLACE_CUE = re.compile(r"\b(?:in|at|near|from|to|of|city of|town of|capital|capital of|visited|outside)\s(?:the\s)?$")
#: Characters before a mention that are looked at for a cue.
_LOOK_BACK = 28


@dataclass(frozen=True, slots=True)
class Named:
    """One span that names something; `hits` is empty for a name the graph does not know (or not then)."""

    start: int
    end: int
    surface: str
    hits: tuple[NameHit, ...]
    cue: Kind | None


def find_mentions(text: str, matches: Sequence[NameMatch], kinds: Sequence[str] = ()) -> tuple[Named, ...]:
    """All mentions by start: names of the lexicon, then capitalised names that it lacks.

    Args:
        text: the text that was scanned.
        matches: what the lexicon found in it.
        kinds: keep only candidates of these kinds; empty keeps all.
    """
    known = []
    for match in matches:
        hits = tuple(hit for hit in match.hits if not kinds or hit.kind in kinds)
        if hits:
            known.append(Named(match.start, match.end, match.surface, hits, cue_before(text, match.start)))
    taken = [(one.start, one.end) for one in known]
    unknown = [Named(start, end, surface, (), cue_before(text, start))
               for start, end, surface in capitalised_names(text, taken)]
    return tuple(sorted(known + unknown, key=lambda one: one.start))


def cue_before(text: str, start: int) -> Kind | None:
    """The kind that the words before a name announce, if they do."""
    before = text[max(0, start - _LOOK_BACK):start]
    if _PERSON_CUE.search(before):
        return Kind.PERSON
    return Kind.PLACE if _PLACE_CUE.search(before) else None
