"""Which of the answered passages are worth a model's tokens. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil

from worldctx.lookup.question import QUESTION_WORDS
from worldctx.model.context import Link, RankedPassage
from worldctx.model.ids import PassageId
from worldctx.search.analysis import spaced, terms, words

#: Share of a prompt's words that a passage must have to be shown, and how many are enough of a long one.
ENOUGH_SHARE, ENOUGH_WORDS = 0.6, 3


def relevant(passages: Sequence[RankedPassage], near: frozenset[PassageId], prompt: str) -> tuple[RankedPassage, ...]:
    """The passages that are worth a model's tokens: all are answered, but those with little of the prompt not rendered.

    A passage is shown when its meaning is near (`near`), or when enough of the prompt's words stand in it or its title.
    """
    asked = sorted(set(terms(prompt)) - QUESTION_WORDS)
    needed = min(ENOUGH_WORDS, ceil(ENOUGH_SHARE * len(asked)))
    return tuple(one for one in passages if one.id in near or _shared(asked, f"{one.title} {one.text}", needed))


def related(passages: Sequence[RankedPassage], near: frozenset[PassageId],
            links: Sequence[Link]) -> tuple[RankedPassage, ...]:
    """The passages worth a model's tokens beside a whole document, which shares words with nearly every other.

    A passage is shown when its meaning is near, or when it, or its title, names something that the document names:
    what was linked, or a full name that nothing is known of. A document that names nothing keeps all.
    """
    names = {f" {' '.join(words(one.surface))} " for one in links if one.id is not None or " " in one.surface}
    if not names:
        return tuple(passages)
    return tuple(one for one in passages if one.id in near or _named(names, f"{one.title} {one.text}"))


def _named(names: Iterable[str], text: str) -> bool:
    folded = f" {' '.join(words(text))} "
    return any(name in folded for name in names)


def _shared(asked: Sequence[str], text: str, needed: int) -> bool:
    """Whether so many index terms begin words of a text: a stem is the beginning of its words, near enough for this."""
    folded = spaced(text)
    for term in asked:
        if needed <= 0:
            break
        needed -= f" {term}" in folded
    return needed <= 0
