"""What kind of thing a name names, by its own words and the words beside it; silent when they do not tell."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from worldctx.model.entity import Kind
from worldctx.text.name_words import (
    COMPANY_ENDS,
    EVENT_HEADS,
    ORGANISATION_HEADS,
    OTHER_HEADS,
    PLACE_FRONTS,
    PLACE_HEADS,
    given_names,
)

#: Right behind a person: an age, a life, or what only people do.
_PERSON_AFTER = regex.compile(
    r",? (?:aged )?\d\d?(?=,|\))|,? \((?:born|b\.|née) |,? \([^()\n]{4,24} ?[–-] ?[^()\n]{4,24}\)|, who\b|"
    r",? (?:said|says|told|asked|wrote|argued|added|replied|married|died|resigned|emigrated|graduated|was born|"
    r"was elected|was appointed)\b")
_PLACE_AFTER = regex.compile(
    r", (?:the )?(?:capital|a (?:city|town|village|suburb|island))\b|['’]s (?:capital|coast|border)\b")
#: Right before a place.
_PLACE_BEFORE = regex.compile(
    r"\b(?:[Ii]n|[Nn]ear|[Oo]utside|(?:[Nn]orth|[Ss]outh|[Ee]ast|[Ww]est|city|town|village|capital|province) of|"
    r"travell?ed to|flew to|moved to|arrived in|visited|invaded)\s"
    r"(?:(?:the|central|northern|southern|eastern|western)\s)?$")
_PERSON_BEFORE = regex.compile(
    r"\b(?:his|her) (?:wife|husband|son|daughter|brother|sister|father|mother|mentor|friend)\s$|"
    r"\b(?:named|author|actor|actress|singer|writer|playwright|poet|lawyer|director|president|minister|"
    r"spokesman|spokeswoman|starring|married)\s$")
_LOOK_BACK = 32


def kind_of(text: str, start: int, end: int, words: Sequence[str]) -> Kind | None:
    """The kind that a name's words or its neighbours tell.

    Args:
        text: the text.
        start, end: of the name.
        words: its words in lower case.
    """
    own = by_words(words, text[start:end])
    return own if own is not None or own_is_other(words) else by_neighbours(text, start, end, len(words))


def by_words(words: Sequence[str], surface: str) -> Kind | None:
    """The kind that the words of a name tell: a head noun, a legal form, a given name, capitals.

    Args:
        words: in lower case.
        surface: the name as written.
    """
    head = words[words.index("of") - 1] if "of" in words[1:] else words[-1]
    last = words[-1].rstrip(".")
    if len(words) > 1:
        if last in COMPANY_ENDS or head in ORGANISATION_HEADS or head == "nations":
            return Kind.ORGANISATION
        if head in EVENT_HEADS:
            return Kind.EVENT
        if head in OTHER_HEADS:
            return None
        if head in PLACE_HEADS or (words[0] in PLACE_FRONTS and words[1] not in given_names()):
            return Kind.PLACE
        if any(word in ORGANISATION_HEADS for word in words) or regex.match(r"\p{Lu}{2,}\s", surface) is not None:
            return Kind.ORGANISATION
        if words[0] in given_names() or regex.match(r"\p{Lu}\.", surface) is not None:
            return Kind.PERSON
        # Middle initials stand in the names of people: William J. Fulbright.
        return Kind.PERSON if regex.search(r"\s\p{Lu}\.\s", surface) is not None else None
    if surface.isupper() and len(surface) > 1:
        return Kind.ORGANISATION
    return Kind.PERSON if words[0] in given_names() else None


def own_is_other(words: Sequence[str]) -> bool:
    """Whether the words of a name tell that it is neither a person, nor an organisation, nor a place."""
    head = words[words.index("of") - 1] if "of" in words[1:] else words[-1]
    return len(words) > 1 and head in OTHER_HEADS


def by_neighbours(text: str, start: int, end: int, count: int) -> Kind | None:
    """The kind that the words before and behind a name tell.

    Args:
        text: the text.
        start, end: of the name.
        count: words in it.
    """
    before = text[max(0, start - _LOOK_BACK):start]
    if _PERSON_AFTER.match(text, end) is not None or _PERSON_BEFORE.search(before) is not None:
        return Kind.PERSON
    if count <= 3 and (_PLACE_AFTER.match(text, end) is not None or _PLACE_BEFORE.search(before) is not None):
        return Kind.PLACE
    return None
