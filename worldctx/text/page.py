"""When a web page was published: a cascade over its address, its metadata, its markup, htmldate and its text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser

from worldctx.model.errors import Unsupported
from worldctx.model.time import When
from worldctx.text.dates.value import date
from worldctx.text.published import HEAD, Publication, published_in, stamp

#: Names of meta elements that hold a publication date, the surest first: Open Graph, schema.org, Dublin Core, and
#: those of newspapers. Source: the list of htmldate (Barbaresi 2020), without those of modification.
_META = (
    "article:published_time", "og:published_time", "article:published", "datepublished", "date_published", "pubdate",
    "publishdate", "publish_date", "publish-date", "published_time", "parsely-pub-date", "sailthru.date",
    "dc.date.issued", "dcterms.issued", "dcterms.date", "dc.date.created", "dcterms.created", "dc.date",
    "citation_publication_date", "citation_date", "citation_online_date", "article.published", "displaydate",
    "originalpublicationdate", "release_date", "date")
_URL_DAY = re.compile(r"/((?:19|20)\d\d)[/_-]?(0[1-9]|1[0-2])[/_-]?(0[1-9]|[12]\d|3[01])(?=[/_.-]|\Z)"
                      r"|[/_-]((?:19|20)\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?!\d)")
_URL_MONTH = re.compile(r"/((?:19|20)\d\d)/(0[1-9]|1[0-2])/")
_UNSEEN = frozenset("script style noscript template head title".split())


class Markup(HTMLParser):
    """Collects what a page's markup says of its dates, and the beginning of its text.

    Attributes:
        meta: name and content of each meta element, in order.
        scripts: texts of the JSON-LD scripts.
        times: dates of time elements, and whether the element says that it is the publication.
        text: what a reader sees first.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: list[tuple[str, str]] = []
        self.scripts: list[str] = []
        self.times: list[tuple[str, bool]] = []
        self._words: list[str] = []
        self._size = 0
        self._inside = ""

    @property
    def text(self) -> str:
        return "\n".join(self._words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given = {name: value or "" for name, value in attrs}
        name = (given.get("property") or given.get("name") or given.get("itemprop") or "").lower()
        if tag == "meta":
            self.meta.append((name, given.get("content", "")))
        elif tag == "time" and given.get("datetime"):
            marks = f"{given.get('itemprop', '')} {given.get('class', '')}".lower()
            said = "pubdate" in given or re.search(r"publish|pubdate|entry-date|dateline", marks) is not None
            if not re.search(r"modif|updat", marks):
                self.times.append((given["datetime"], said))
        elif given.get("itemprop", "").lower() == "datepublished" and given.get("content"):
            self.meta.append(("datepublished", given["content"]))
        if tag in _UNSEEN:
            self._inside = "json" if tag == "script" and "ld+json" in given.get("type", "") else "unseen"

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if tag in _UNSEEN:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        """Text of an element."""
        if self._inside == "json":
            self.scripts.append(data)
        elif not self._inside and self._size < HEAD and data.strip():
            self._words.append(data.strip())
            self._size += len(data)


def published_on(html: str, url: str = "", *, htmldate: bool = True) -> Publication | None:
    """The publication date of a web page, with where it was found and how sure that is; None where nothing says it.

    The first that names a day wins: address, meta elements, JSON-LD, time elements, htmldate, the text's own head. A
    month in the address is what is left when none does.

    Args:
        html: the page; markup may be broken.
        url: its address.
        htmldate: whether the library of that name is asked, which looks at more places and guesses more.

    Raises:
        Unsupported: htmldate is asked for and not installed.
    """
    markup = Markup()
    markup.feed(html)
    markup.close()
    for found in (_of_address(url), _of_meta(markup.meta), _of_json(markup.scripts), _of_times(markup.times)):
        if found is not None:
            return found
    if htmldate and (guessed := _of_htmldate(html, url)) is not None:
        return guessed
    told = published_in(markup.text)
    return Publication(told.when, told.method, told.confidence, told.path) if told is not None else _of_month(url)


def _of_address(url: str) -> Publication | None:
    match = _URL_DAY.search(url)
    when = None if match is None else date("-".join(part for part in match.groups() if part))
    return None if when is None else Publication(when, "url_pattern", 0.95, "url")


def _of_month(url: str) -> Publication | None:
    match = _URL_MONTH.search(url)
    when = None if match is None else date(f"{match[1]}-{match[2]}")
    return None if when is None else Publication(when, "url_pattern", 0.8, "url")


def _of_meta(meta: Sequence[tuple[str, str]]) -> Publication | None:
    for wanted in _META:
        for name, content in meta:
            if name == wanted and (when := stamp(content)) is not None:
                return Publication(when, "declared_markup", 0.95, f"meta {name}")
    return None


def _of_json(scripts: Sequence[str]) -> Publication | None:
    for script in scripts:
        try:
            content = json.loads(script)
        except (ValueError, RecursionError):
            continue
        for key in ("datePublished", "dateCreated"):
            for value in _values(content, key, 0):
                if (when := stamp(value)) is not None:
                    sure = 0.95 if key == "datePublished" else 0.85
                    return Publication(when, "declared_markup", sure, f"json-ld {key}")
    return None


def _values(content: object, key: str, depth: int) -> Iterator[str]:
    """Texts under a key, wherever it stands, the outermost first; comments and reviews have dates of their own."""
    if depth > 8:
        return
    if isinstance(content, dict):
        if isinstance(content.get(key), str):
            yield content[key]
        for name, value in content.items():
            if name not in ("comment", "review", "video", "image", "isPartOf", "publisher"):
                yield from _values(value, key, depth + 1)
    elif isinstance(content, list):
        for value in content:
            yield from _values(value, key, depth + 1)


def _of_times(times: Sequence[tuple[str, bool]]) -> Publication | None:
    """The time element that says so; else the only one there is."""
    said = [when for value, marked in times if marked and (when := stamp(value)) is not None]
    if said:
        return Publication(said[0], "declared_markup", 0.9, "time")
    days: list[When] = list(dict.fromkeys(when for value, _ in times if (when := stamp(value)) is not None))
    return Publication(days[0], "declared_markup", 0.8, "time") if len(days) == 1 else None


def _of_htmldate(html: str, url: str) -> Publication | None:
    try:
        from htmldate import find_date
    except ImportError as error:
        raise Unsupported("htmldate is not installed; pip install 'worldctx[markup]'") from error
    try:
        found = find_date(html, original_date=True, extensive_search=False, url=url or None)
    except (ValueError, TypeError, LookupError):  # its parser refuses what is no page
        return None
    when = date(found) if found else None
    return None if when is None else Publication(when, "rule", 0.8, "htmldate")
