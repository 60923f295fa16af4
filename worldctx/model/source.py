"""Who or what is behind a claim: a publication, a data set, a record."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from worldctx.model.ids import EntityId, SourceId
from worldctx.model.time import When


@dataclass(frozen=True, slots=True)
class Source:
    """A publication, data set or record that facts and documents are attributed to (prov:wasAttributedTo).

    Attributes:
        publisher: the entity that published it, where known.
        published: schema:datePublished with its precision; the fallback for a fact's `known_since`.
        host: registrable host of the url, `un.org`.
    """

    id: SourceId
    title: str = ""
    url: str = ""
    publisher: EntityId | None = None
    published: When | None = None
    host: str = ""
    country: str = ""
    sector: str = ""
    reliability: str = ""


def host_of(url: str) -> str:
    """Host of a URL without `www.`; empty when there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
