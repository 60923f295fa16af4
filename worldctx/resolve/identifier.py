"""External ids by scheme: the same id written in several ways, and schemes that give one thing one id."""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Addresses under which ids of a scheme are written, too.
_ADDRESSES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"https?://(?:www\.)?{pattern}"), scheme) for pattern, scheme in (
        (r"wikidata\.org/(?:entity|wiki)/(Q\d+)", "wd"),
        (r"(?:sws\.)?geonames\.org/(\d+)(?:/.*)?", "gn"),
        (r"viaf\.org/viaf/(\d+)/?", "viaf"),
        (r"isni\.org/(?:isni/)?(\d{15}[\dX])/?", "isni"),
        (r"orcid\.org/((?:\d{4}-){3}\d{3}[\dX])/?", "orcid"),
        (r"imdb\.com/(?:name|title)/([a-z]{2}\d+)/?", "imdb"),
        (r"ror\.org/(\w{9})/?", "ror"),
    ))
_PREFIXED = re.compile(r"([A-Za-z][A-Za-z0-9_.+-]*):(?!//)(.+)")
#: Their keepers give a thing one id and merge what they find to be double: two of them are two things, as a rule.
AUTHORITIES = frozenset({"wd", "gn", "iso", "viaf", "isni", "orcid", "imdb", "lei", "ror"})
#: Our own, which say nothing about what the thing is elsewhere.
OWN = frozenset({"ent", "person", "place", "organisation", "event", "work", "product", "concept"})


def identifier(text: str) -> tuple[str, str] | None:
    """Scheme and value of an id, `wd:Q42` or an address of it; None for an id of no scheme, or of our own."""
    for pattern, scheme in _ADDRESSES:
        if (found := pattern.fullmatch(text)) is not None:
            return scheme, found[1]
    prefixed = _PREFIXED.fullmatch(text)
    if prefixed is None or prefixed[1].lower() in OWN:
        return None
    return prefixed[1].lower(), prefixed[2]


def identifiers(ids: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Those of some ids that have a scheme."""
    return frozenset(found for one in ids if (found := identifier(one)) is not None)
