"""Sentences to learn from that nobody labelled: those whose every name the graph explains.

What is capitalised and unknown would be taught as no name at all. So a sentence counts only when each word that is
written like a name lies in a match that is sure, or is no name by itself (a sentence opener, a title, a month).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from worldctx.model.entity import Kind
from worldctx.ports.lexicon import NameMatch
from worldctx.ports.tagger import TaggedName
from worldctx.text.crf import LABELS, Example
from worldctx.text.name_features import features
from worldctx.text.name_words import FUNCTION, GREETINGS, ROLES, TITLES
from worldctx.text.names import best_known, is_sure, tag_by_rules
from worldctx.text.sentences import sentences
from worldctx.text.tokens import Token, tokens
from worldctx.text.words import CALENDAR, everyday

#: Share of sentences whose features hide what the graph knows: what it lacks must be found by form and neighbours.
HIDDEN = 0.5
#: Words that have a capital and name nothing.
PLAIN = FUNCTION | CALENDAR | TITLES | ROLES | GREETINGS
_KINDS = (Kind.PERSON, Kind.ORGANISATION, Kind.PLACE)


def silver(text: str, known: Sequence[NameMatch], draw: random.Random) -> Iterator[Example]:
    """The sentences of a text that can be learnt from; those without any name are left out.

    Args:
        text: a document.
        known: names of the lexicon in it.
        draw: decides which sentences hide what the graph knows.
    """
    sure = [one for one in known if is_sure(one)]
    ruled = tag_by_rules(text, known)
    for start, end in sentences(text):
        sentence = tokens(text, start, end)
        inside = [one for one in sure if one.start >= start and one.end <= end]
        by_rule = [one for one in ruled if start <= one.start < end]
        if not inside or not _explained(sentence, inside, by_rule):
            continue
        hidden = draw.random() < HIDDEN
        yield Example(features(sentence, () if hidden else [one for one in known if start <= one.start < end],
                               by_rule),
                      labelled(sentence, [(one.start, one.end, best_known(one)) for one in inside]))


def _explained(sentence: Sequence[Token], sure: Sequence[NameMatch], ruled: Sequence[TaggedName]) -> bool:
    """Whether each name by rule is one that is sure, and every other capitalised word is no name by itself."""
    spans = {(one.start, one.end) for one in sure}
    if any((one.start, one.end) not in spans for one in ruled):
        return False
    return all(any(one.start <= token.start < one.end for one in sure) or _is_plain(token, place == 0)
               for place, token in enumerate(sentence))


def _is_plain(token: Token, first: bool) -> bool:
    lower = token.text.casefold()
    return (not token.text[:1].isupper() or lower in PLAIN or lower in everyday()
            or (first and token.text.istitle() and lower.endswith(("ing", "ly", "ed"))))


def labelled(sentence: Sequence[Token], spans: Sequence[tuple[int, int, Kind | None]]) -> list[str]:
    """IOB2 labels of the tokens of a sentence, PER, ORG, LOC and MISC as in CoNLL-2003."""
    labels = ["O"] * len(sentence)
    for start, end, kind in spans:
        name, mark = LABELS[kind if kind in _KINDS else None], "B"
        for place, token in enumerate(sentence):
            if start <= token.start < end:
                labels[place], mark = f"{mark}-{name}", "I"
    return labels
