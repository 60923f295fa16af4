"""Later short mentions mean what the text names in full: surnames, declared acronyms, `the Commission`. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from worldctx.lookup.link import SHOWN
from worldctx.model.context import Candidate, Link, Reason, Span
from worldctx.model.entity import Kind
from worldctx.text.acronyms import declared_acronyms
from worldctx.text.words import everyday

#: A later short mention is as sure as the full name that it repeats, times this.
REPEATED = 0.95
#: Links as sure as this are not doubted because an unknown name ends in the same word.
BEYOND_DOUBT = 0.93
_SHORT = re.compile(
    r"\b[Tt]he[ \n](Agency|Assembly|Association|Authority|Bank|Club|Commission|Committee|Company|Council|Court"
    r"|Federation|Fund|League|Party|Society|Tribunal|Union|University)\b(?![ \n](?:of|for|on)\b|[ \n][A-Z]|[-’'])")
#: Words that are no surname, though a name ends in them.
_NAME = re.compile(r"[^\W\d_][\w.’'-]*(?: [^\W\d_][\w.’'-]*){1,3}")


def coreferent(links: Sequence[Link], text: str) -> tuple[Link, ...]:
    """The links, those of short mentions by what the text names in full; by start."""
    found = with_short_forms(with_acronyms(with_surnames(links), text), text)
    return tuple(sorted(found, key=lambda one: one.span.start))


def with_surnames(links: Sequence[Link]) -> tuple[Link, ...]:
    """A surname alone means the person whom the text names in full: Aylwin, after Patricio Aylwin.

    The full name may stand before or after. Where two persons share a surname it is left, and so is a link that is
    surer: Washington stays the city in a text that names George Washington once. The surname of somebody whom the graph
    does not know is nobody else's name, and no town's, unless that is beyond doubt.
    """
    full: dict[str, Link | None] = {}
    for one in links:
        if " " in one.surface.strip() and (one.kind is Kind.PERSON or _like_a_person(one)):
            surname = one.surface.split()[-1].casefold()
            known = full.setdefault(surname, one)
            if known is not None and known.id != one.id:
                full[surname] = None
    return tuple(_repeating(one, whole) if (whole := full.get(one.surface.casefold())) is not None else one
                 for one in links)


def _like_a_person(one: Link) -> bool:
    """Whether a name that the graph lacks may be that of a person: capitalised words, none of them an everyday one."""
    words = one.surface.split()
    return (one.id is None and not one.candidates and _NAME.fullmatch(one.surface) is not None
            and all(word[0].isupper() and word.casefold() not in everyday() for word in words))


def _repeating(one: Link, whole: Link) -> Link:
    if one.id == whole.id:
        return one
    if whole.id is None:
        return one if one.score >= BEYOND_DOUBT else replace(one, id=None, name="", kind=None)
    score = round(REPEATED * whole.score, 4)
    if one.id is not None and one.score > score:
        return one
    return meaning(one, whole, score, "named_in_full", f"The text names {whole.surface} in full")


def meaning(one: Link, whole: Link, score: float, feature: str, words: str) -> Link:
    """A link that means what another one does, and why."""
    if whole.id is None or whole.kind is None:
        return replace(one, id=None, name="", kind=None)
    candidate = Candidate(whole.id, whole.name, whole.kind, score, (Reason(feature, score, words),))
    others = [other for other in one.candidates if other.id != whole.id]
    return replace(one, id=whole.id, name=whole.name, kind=whole.kind, score=score,
                   candidates=(candidate, *others)[:SHOWN])


def with_acronyms(links: Sequence[Link], text: str) -> tuple[Link, ...]:
    """A short form means what the text declares it to: `World Health Organization (WHO)`.

    Where the graph does not know the full name the short form is NIL, unless it is an organisation's own.
    """
    declared = declared_acronyms(text)
    if not declared:
        return tuple(links)
    ends = {one.span.end: one for one in links if one.id is not None}
    found = []
    for one in links:
        known = declared.get(one.surface)
        whole = ends.get(known.end) if known is not None else None
        if known is None:
            found.append(one)
        elif whole is not None and whole.span.start == known.start:
            score = max(one.score if one.id == whole.id else 0.0, round(REPEATED * whole.score, 4))
            found.append(meaning(one, whole, score, "declared_short_form", f"The text declares it for {whole.surface}"))
        elif one.kind is Kind.ORGANISATION:
            found.append(one)
        else:
            found.append(replace(one, id=None, name="", kind=None))
    return tuple(found)


def with_short_forms(links: Sequence[Link], text: str) -> tuple[Link, ...]:
    """`The Commission` means the one organisation named before whose name ends, or begins, in that word."""
    organisations = [one for one in links if one.kind is Kind.ORGANISATION and " " in one.surface.strip()]
    if not organisations:
        return tuple(links)
    made: dict[int, Link] = {}
    for match in _SHORT.finditer(text):
        word = match.group(1)
        meant = {one.id: one for one in organisations if one.span.end <= match.start()
                 and (one.surface.endswith(word) or one.surface.startswith(word + " of "))}
        if len(meant) == 1:
            whole = next(iter(meant.values()))
            span = Span(match.start(1), match.end(1))
            blank = Link(span, word, None, "", None, 0.0)
            made[span.start] = meaning(blank, whole, round(REPEATED * whole.score, 4), "named_in_full",
                                       f"The text names {whole.surface} in full")
    kept = [one for one in links if not any(one.span.start < other.span.end and other.span.start < one.span.end
                                            for other in made.values())] if made else list(links)
    return (*kept, *made.values())
