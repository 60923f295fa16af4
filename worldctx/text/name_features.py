"""What a sequence model sees of a token: its form, its neighbours, what the graph and the rules say of it."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from worldctx.model.entity import Kind
from worldctx.ports.lexicon import NameMatch
from worldctx.ports.tagger import TaggedName
from worldctx.text.name_words import (
    COMPANY_ENDS,
    FUNCTION,
    ORGANISATION_HEADS,
    OTHER_HEADS,
    PLACE_HEADS,
    ROLES,
    TITLES,
    given_names,
)
from worldctx.text.names import best_known
from worldctx.text.tokens import Token
from worldctx.text.words import CALENDAR, everyday

#: Changes with every change of the features: a model of other features is refused.
FEATURES = 1
_SHAPES = ((regex.compile(r"\p{Lu}+"), "A"), (regex.compile(r"[\p{Ll}\p{M}]+"), "a"), (regex.compile(r"\p{N}+"), "0"))
_TABLES = (("function", FUNCTION), ("title", TITLES), ("role", ROLES), ("calendar", CALENDAR),
           ("org", ORGANISATION_HEADS), ("company", COMPANY_ENDS), ("place", PLACE_HEADS), ("other", OTHER_HEADS))


def features(sentence: Sequence[Token], known: Sequence[NameMatch], ruled: Sequence[TaggedName]) -> list[list[str]]:
    """The features of each token of a sentence.

    Args:
        sentence: its tokens.
        known: names of the lexicon in the text, by start and disjoint; those outside the sentence do no harm.
        ruled: names by rule in the text, likewise.
    """
    lexicon = _marks(sentence, [(one.start, one.end, best_known(one)) for one in known])
    rules = _marks(sentence, [(one.start, one.end, one.kind) for one in ruled])
    own = [_own(token.text) for token in sentence]
    shown = []
    for place in range(len(sentence)):
        mine = ["bias", *own[place], f"graph={lexicon[place]}", f"rule={rules[place]}"]
        if place == 0:
            mine.append("first")
        for offset in (-2, -1, 1, 2):
            other = place + offset
            if 0 <= other < len(sentence):
                # All of the next tokens, and the words of those beyond.
                of_other = own[other] if abs(offset) == 1 else own[other][:2]
                mine += [f"{offset}:{one}" for one in of_other]
                mine += [f"{offset}:graph={lexicon[other]}", f"{offset}:rule={rules[other]}"]
            else:
                mine.append(f"{offset}:none")
        shown.append(mine)
    return shown


def _own(word: str) -> list[str]:
    lower = word.casefold()
    found = [f"w={lower}", f"shape={_shape(word)}"]
    if len(word) > 3:
        found += [f"end2={lower[-2:]}", f"end3={lower[-3:]}", f"begin3={lower[:3]}"]
    if lower in everyday():
        found.append("everyday")
    if lower in given_names():
        found.append("given")
    return found + [f"is={name}" for name, table in _TABLES if lower in table]


def _shape(word: str) -> str:
    for pattern, sign in _SHAPES:
        word = pattern.sub(sign, word)
    return word[:6]


def _marks(sentence: Sequence[Token], spans: Sequence[tuple[int, int, Kind | None]]) -> list[str]:
    """For each token, whether it begins a span or lies inside one, and of what kind; `-` for none."""
    found = ["-"] * len(sentence)
    place = 0
    for start, end, kind in spans:
        while place < len(sentence) and sentence[place].end <= start:
            place += 1
        at, mark = place, "B"
        while at < len(sentence) and sentence[at].start < end:
            found[at] = f"{mark}-{kind or 'other'}"
            at, mark = at + 1, "I"
    return found
