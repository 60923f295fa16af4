"""External identifiers of an entity as ids that mean it: GeoNames, ISO codes, authority files, its own web host."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from worldctx.exchange.wikidata.statements import END, Statement, best, text
from worldctx.model.entity import Kind
from worldctx.model.ids import EntityId
from worldctx.model.source import host_of


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme of identifiers.

    Attributes:
        prefix: what stands before the colon of the id.
        pattern: what an identifier looks like; others are left out.
        single: whether two of them say nothing certain. A city and its municipality have one item and two entries in
            GeoNames; two entries of an authority file mean the same person.
    """

    prefix: str
    pattern: re.Pattern[str]
    single: bool = False


#: Properties and the schemes of their values; `gn` and `iso` are those of `import places` and `import geonames`.
SCHEMES: Mapping[str, Scheme] = {
    "P1566": Scheme("gn", re.compile(r"[1-9]\d{0,11}"), single=True),
    "P298": Scheme("iso", re.compile(r"[A-Z]{3}"), single=True),
    "P300": Scheme("iso3166-2", re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}"), single=True),
    "P214": Scheme("viaf", re.compile(r"[1-9]\d{1,21}")),
    "P227": Scheme("gnd", re.compile(r"[0-9X-]{4,12}")),
    "P213": Scheme("isni", re.compile(r"\d{15}[\dX]")),
    "P496": Scheme("orcid", re.compile(r"(?:\d{4}-){3}\d{3}[\dX]")),
    "P244": Scheme("lcnaf", re.compile(r"[a-z]{1,3}\d{8,12}")),
    "P345": Scheme("imdb", re.compile(r"[a-z]{2}\d{7,10}")),
    "P646": Scheme("freebase", re.compile(r"/m/[0-9a-z_]{2,12}")),
    "P6782": Scheme("ror", re.compile(r"[0-9a-z]{9}")),
    "P1278": Scheme("lei", re.compile(r"[0-9A-Z]{18}\d{2}")),
    "P236": Scheme("issn", re.compile(r"\d{4}-\d{3}[\dX]")),
    "P356": Scheme("doi", re.compile(r"10\.\d{4,9}/\S{1,200}")),
}
_WEBSITE = "P856"
#: Why an identifier is not taken.
SEVERAL, ILL_FORMED = "identifier that there are several of", "identifier of another form than its scheme"


def same_as(
    kind: Kind, claims: Mapping[str, Sequence[Statement]], left_out: Counter[str]
) -> Iterator[EntityId]:
    """The ids that mean this entity, from its statements of the best rank.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: a statement does not keep to the data model.
    """
    for number, scheme in SCHEMES.items():
        if number in claims:
            yield from _ids(scheme, claims[number], left_out)
    if kind is Kind.ORGANISATION and _WEBSITE in claims:
        yield from _hosts(claims[_WEBSITE])


def _ids(scheme: Scheme, statements: Sequence[Statement], left_out: Counter[str]) -> Iterator[EntityId]:
    stated = dict.fromkeys(text(one["mainsnak"]).replace(" ", "") for one in best(statements))
    found = [one for one in stated if scheme.pattern.fullmatch(one)]
    if len(stated) > len(found):
        left_out[ILL_FORMED] += len(stated) - len(found)
    if scheme.single and len(found) > 1:
        left_out[SEVERAL] += len(found)
        return
    yield from (EntityId(f"{scheme.prefix}:{one}") for one in found)


def _hosts(statements: Sequence[Statement]) -> Iterator[EntityId]:
    """Hosts of official websites in use. One with a path is a page of someone else's host."""
    current = [one for one in statements if END not in (one.get("qualifiers") or {})]
    for url in dict.fromkeys(text(one["mainsnak"]) for one in best(current)):
        host = host_of(url)
        if host and "." in host and len(host) < 254 and _is_front(url):
            yield EntityId(f"host:{host}")


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query and not parts.fragment
