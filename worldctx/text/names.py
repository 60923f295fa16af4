"""Names that the graph lacks: runs of capitalised words that read like a proper name."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from worldctx.text.gazetteer import opens_sentence
from worldctx.text.words import OPENERS

_WORD = r"\p{Lu}[\p{L}\p{M}'’\-]*\p{L}"
_NAME = regex.compile(rf"(?<![\p{{L}}\p{{N}}]){_WORD}(?:(?:\s(?:de|da|do|del|della|der|van|von|al|el|bin|ibn|la|le|of)"
                      rf"){{0,2}}[ \u00a0]{_WORD})*(?![\p{{L}}\p{{N}}])")
_TITLE = regex.compile(r"(?:Mr|Mrs|Ms|Dr|Sir|President|Chancellor|Premier|Senator|Governor|General|King|Queen|Pope|"
                       r"Professor|Ambassador|Secretary|Minister|Prime|Foreign|The|His|Her|Our|In|On|At|For|And|But)\s")
_POSSESSIVE = ("'s", "’s")
_OPENER = regex.compile(r"(\p{L}+)\s")
#: Longest name, in characters: what is longer is a heading.
LONGEST = 80


def capitalised_names(text: str, taken: Sequence[tuple[int, int]]) -> tuple[tuple[int, int, str], ...]:
    """Spans that plausibly name something, by start, outside the spans in `taken` (sorted, disjoint).

    Titles are stripped from the front. One word that opens a sentence counts only when it stands elsewhere too.
    """
    if text.isupper():
        return ()
    found = []
    place = 0
    for match in _NAME.finditer(text):
        start, end = match.span()
        while (word := _OPENER.match(text, start, end)) is not None and word.group(1).casefold() in OPENERS:
            start = word.end()
        while (title := _TITLE.match(text, start, end)) is not None:
            start = title.end()
        if text[end - 2:end] in _POSSESSIVE:
            end -= 2
        while place < len(taken) and taken[place][1] <= start:
            place += 1
        if place < len(taken) and taken[place][0] < end:
            continue
        surface = text[start:end]
        if not 2 < end - start <= LONGEST or all(word.casefold() in OPENERS for word in surface.split()):
            continue
        found.append((start, end, surface))
    inside = {surface for start, _, surface in found if not opens_sentence(text, start)}
    return tuple(one for one in found if " " in one[2] or one[2] in inside)
