"""References of statements as sources: what a claim was stated in, where that is, and when it was published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from worldctx.exchange.wikidata.statements import date, target, target_id, text
from worldctx.model.ids import SourceId, digest
from worldctx.model.source import Source, host_of
from worldctx.model.time import When

#: The source of what has no reference.
WIKIDATA = SourceId("src:wikidata")
STATED_IN, URL, PUBLISHED, TITLE, PUBLISHER, QUOTATION = "P248", "P854", "P577", "P1476", "P123", "P1683"
#: Longest title, address and quotation kept, in characters.
MAX_TITLE, MAX_URL, MAX_QUOTE = 500, 2_000, 2_000
_ITEM = "http://www.wikidata.org/entity/"


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a claim was said."""

    source: Source
    quote: str = ""


def chosen(references: Sequence[Mapping[str, Any]], *, dated: bool) -> Reference | None:
    """The reference that a fact is attributed to; None where none tells of a work or an address.

    The one that was published first is taken, else the first without a date. That something was imported from another
    wiki (P143) says nothing of where it was said. The day it was retrieved is no part of a source, for the same page
    would be another source with each visit.

    Args:
        dated: whether references with a date of publication count.
    """
    found = [one for one in map(_reference, references) if one is not None and (dated or one.source.published is None)]
    with_date = [one for one in found if one.source.published is not None]
    return min(with_date, key=_published) if with_date else next(iter(found), None)


def _published(one: Reference) -> tuple[int, str]:
    return (one.source.published.hi if one.source.published else 0), one.source.id


def _reference(record: Mapping[str, Any]) -> Reference | None:
    snaks = record["snaks"]
    if not snaks or (STATED_IN not in snaks and URL not in snaks):
        return None
    stated = target_id(snaks[STATED_IN][0]) if STATED_IN in snaks else ""
    url = _first(snaks, URL)[:MAX_URL]
    if not stated and not url:
        return None
    title, published = _first(snaks, TITLE)[:MAX_TITLE], _date(snaks)
    publisher = target(snaks[PUBLISHER][0]) if PUBLISHER in snaks else None
    plain = not (url or title or published or publisher)
    number = stated if plain else digest(stated, url, title, published.edtf if published else None, publisher, size=12)
    return Reference(
        Source(SourceId(f"src:wd:{number}"), title or (f"wd:{stated}" if stated else ""), url or _ITEM + stated,
               publisher, published, host_of(url) if url else ""),
        _first(snaks, QUOTATION)[:MAX_QUOTE])


def _first(snaks: Mapping[str, Sequence[Mapping[str, Any]]], key: str) -> str:
    return text(snaks[key][0]) if key in snaks else ""


def _date(snaks: Mapping[str, Sequence[Mapping[str, Any]]]) -> When | None:
    found = date(snaks[PUBLISHED][0]) if PUBLISHED in snaks else None
    return found if isinstance(found, When) else None
