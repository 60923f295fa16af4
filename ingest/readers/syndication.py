"""RSS and Atom, from a file or from the one address that the user named."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from http.client import HTTPMessage
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import feedparser

from worldctx.model.errors import BadInput, StoreUnavailable

#: Bytes of a feed, and seconds for an answer.
MOST_BYTES, TIMEOUT_S = 16 * 2**20, 30.0
_AGENT = "worldctx (feed reader)"
#: What a server says of the state of a feed, and as what it is asked for a newer one.
_MARKS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


class Syndication:
    """Reads a feed. An address is asked only for what has changed since the last time."""

    def __init__(self, source: str | Path, publisher: str = "", language: str = "") -> None:
        if isinstance(source, str) and urlsplit(source).scheme not in ("http", "https"):
            raise BadInput.at("url", f"{source!r} is no http:// or https:// address; a file goes under `file`")
        self._source, self._publisher, self._language = source, publisher, language
        self._marks: dict[str, str] = {}
        self._next: dict[str, str] = {}

    def read(self) -> Iterator[bytes]:
        """The entries as documents, in the order of the feed.

        Raises:
            BadInput: it is no feed.
            StoreUnavailable: it cannot be had.
        """
        data = self._fetched() if isinstance(self._source, str) else _content(self._source)
        if data is None:
            return
        # Handed bytes, never an address: feedparser would go and get it.
        found = feedparser.parse(data, response_headers={"content-location": str(self._source)})
        if not found.entries and (found.bozo or not found.get("version")):
            raise BadInput.at("feed", f"{self._source} is neither RSS nor Atom")
        for entry in found.entries:
            document = self._document(entry, found.feed)
            if document["text"].strip():
                yield json.dumps(document, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")

    def taken(self) -> None:
        """Ask from now on only for what is newer."""
        self._marks = self._next

    def _document(self, entry: Any, feed: Any) -> dict[str, str]:
        """One entry. It has no id: an entry that was changed is another document, not a conflict."""
        title = plain(entry.get("title", ""))
        html = entry["content"][0].get("value", "") if entry.get("content") else entry.get("summary", "")
        given = {
            "text": plain(html) or title,
            "title": title,
            "url": entry.get("link", ""),
            "author": entry.get("author", ""),
            "publisher": self._publisher or plain(feed.get("title", "")),
            "language": self._language or feed.get("language", ""),
            "published_at": _time(entry.get("published_parsed")),
            "modified_at": _time(dict.get(entry, "updated_parsed")),  # its own `get` would hand out the other date
        }
        return {key: value for key, value in given.items() if value or key == "text"}

    def _fetched(self) -> bytes | None:
        headers = {"User-Agent": _AGENT, **self._marks}
        request = urllib.request.Request(str(self._source), headers=headers)  # noqa: S310 - http(s), as seen above
        try:
            with _OPENER.open(request, timeout=TIMEOUT_S) as response:
                data: bytes = response.read(MOST_BYTES + 1)
                self._next = {asked: mark for told, asked in _MARKS.items() if (mark := response.headers.get(told))}
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 304:
                    return None
                raise StoreUnavailable(f"{self._source} answers {error.code} {error.reason}") from error
        except OSError as error:
            why = getattr(error, "reason", None) or error
            raise StoreUnavailable(f"{self._source} cannot be had: {why}") from error
        if len(data) > MOST_BYTES:
            raise BadInput.at("feed", f"{self._source} is longer than {MOST_BYTES:,} bytes")
        return data


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect on the host that the user named, and to no other."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        """See the base class."""
        asked, told = urlsplit(req.full_url), urlsplit(newurl)
        if told.hostname != asked.hostname or told.scheme not in ("http", "https"):
            raise StoreUnavailable(f"{req.full_url} leads to {newurl}, another host; name that one, if it is meant")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


_SPACE = re.compile(r"\s+")
_OPENER = urllib.request.build_opener(_SameHost)


class _Plain(HTMLParser):
    """The text of HTML: what stands in script and style is none, and a block is a line of its own."""

    HIDDEN = frozenset({"script", "style", "template"})
    BLOCKS = frozenset("p div br li ul ol h1 h2 h3 h4 h5 h6 blockquote pre table tr section article figure hr".split())

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in self.HIDDEN
        if tag in self.BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in self.HIDDEN))
        if tag in self.BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(_SPACE.sub(" ", data))


def plain(html: str) -> str:
    """The text of a piece of HTML, a paragraph a line."""
    if "<" not in html:
        return "\n".join(" ".join(line.split()) for line in unescape(html).splitlines() if line.strip())
    parser = _Plain()
    parser.feed(html)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput.at("file", f"{path} cannot be read: {error.strerror}") from error
    if len(data) > MOST_BYTES:
        raise BadInput.at("file", f"{path} is longer than {MOST_BYTES:,} bytes")
    return data


def _time(parsed: Any) -> str:
    """A UTC time that feedparser read, as it stands in a document."""
    if not parsed:
        return ""
    year, month, day, hour, minute, second = parsed[:6]
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{min(second, 59):02d}Z"
