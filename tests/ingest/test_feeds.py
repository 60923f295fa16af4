"""Feeds and folders: every new entry becomes a document once, and nothing is asked that the user did not name."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from ingest.feeds import read_feeds
from ingest.readers.folder import Folder
from ingest.readers.syndication import Syndication, plain
from tests.ingest.conftest import Place, documents
from worldctx.model.errors import BadInput, StoreUnavailable

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>The Daily</title><language>en</language>
<item><title>Talks &amp; tea</title><link>http://daily.example/1</link><author>jane@daily.example (Jane)</author>
<pubDate>Thu, 01 Jun 1972 10:00:00 +0200</pubDate><description>short</description>
<content:encoded><![CDATA[<p>Salvador Allende spoke in <b>Santiago</b>.</p><script>alert(1)</script><p>Nobody&nbsp;left.</p>]]></content:encoded></item>
<item><title>Only a title</title></item><item><title> </title></item>
</channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Wire</title>
<entry><title>One</title><id>urn:1</id><updated>1972-06-02T00:00:00Z</updated><link href="http://wire.example/1"/>
<author><name>Joe</name></author><summary>A summary of it.</summary></entry></feed>"""


def read(reader: Syndication | Folder) -> list[dict[str, Any]]:
    return [json.loads(one) for one in reader.read()]


@pytest.fixture
def rss(tmp_path: Path) -> Path:
    path = tmp_path / "daily.xml"
    path.write_text(RSS)
    return path


def test_rss_becomes_documents(rss: Path) -> None:
    assert read(Syndication(rss)) == [
        {"text": "Salvador Allende spoke in Santiago.\nNobody left.", "title": "Talks & tea", "url": "http://daily.example/1",
         "author": "jane@daily.example (Jane)", "publisher": "The Daily", "language": "en", "published_at": "1972-06-01T08:00:00Z"},
        {"text": "Only a title", "title": "Only a title", "publisher": "The Daily", "language": "en"}]


def test_atom_becomes_documents_and_the_user_knows_better(tmp_path: Path) -> None:
    (tmp_path / "wire.xml").write_text(ATOM)
    assert read(Syndication(tmp_path / "wire.xml", publisher="host:wire.example", language="de")) == [
        {"text": "A summary of it.", "title": "One", "url": "http://wire.example/1", "author": "Joe", "publisher": "host:wire.example",
         "language": "de", "modified_at": "1972-06-02T00:00:00Z"}]


def test_the_same_feed_gives_the_same_bytes(rss: Path) -> None:
    assert list(Syndication(rss).read()) == list(Syndication(rss).read())


@pytest.mark.parametrize("text", ["no feed at all", "<html><body>hi</body></html>", ""])
def test_what_is_no_feed_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.xml").write_text(text)
    with pytest.raises(BadInput, match="neither RSS nor Atom"):
        read(Syndication(tmp_path / "x.xml"))


def test_a_feed_cannot_have_us_read_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret")
    (tmp_path / "x.xml").write_text(
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY s SYSTEM "file://{tmp_path}/secret">]><rss version="2.0"><channel><title>T</title>'
        "<item><title>A &s; b</title></item></channel></rss>")
    assert "the secret" not in str(read(Syndication(tmp_path / "x.xml")))


def test_html_becomes_lines_of_text() -> None:
    assert plain("<div>a <i>b</i>c<br>d</div><style>p{}</style>\n e &amp; f") == "a bc\nd\ne & f"
    assert plain("a &lt; b\n\n c") == "a < b\nc"


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A web server with a feed, redirects, and a list of what was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers.get('If-None-Match', '')}".strip())
            places = {"/near": "/feed", "/far": f"http://localhost:{self.server.server_port}/feed", "/file": "file:///etc/passwd"}  # type: ignore[attr-defined]
            if self.path in places:
                self.send_response(302)
                self.send_header("Location", places[self.path])
                self.end_headers()
            elif self.path != "/feed":
                self.send_error(404)
            elif self.headers.get("If-None-Match") == '"one"':
                self.send_response(304)
                self.end_headers()
            else:
                self.send_response(200)
                self.send_header("ETag", '"one"')
                self.end_headers()
                self.wfile.write(RSS.encode())

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{made.server_port}", asked
        made.shutdown()
        thread.join()


def test_an_address_is_asked_for_what_is_new_once_the_old_is_safe(server: tuple[str, list[str]]) -> None:
    address, asked = server
    reader = Syndication(f"{address}/feed")
    assert len(read(reader)) == len(read(reader)) == 2  # nobody said that the first reading is safe
    reader.taken()
    assert read(reader) == []
    assert asked == ["/feed", "/feed", '/feed "one"']


def test_a_redirect_is_followed_on_the_host_that_was_named_only(server: tuple[str, list[str]]) -> None:
    address, asked = server
    assert len(read(Syndication(f"{address}/near"))) == 2
    for path in ("far", "file"):
        with pytest.raises(StoreUnavailable, match="another host|not allowed"):
            read(Syndication(f"{address}/{path}"))
    assert asked == ["/near", "/feed", "/far", "/file"]


def test_an_address_that_does_not_answer_is_a_clear_error(server: tuple[str, list[str]]) -> None:
    with pytest.raises(StoreUnavailable, match="answers 404"):
        read(Syndication(f"{server[0]}/nothing"))
    with pytest.raises(StoreUnavailable, match="cannot be had: .*refused"):
        read(Syndication("http://127.0.0.1:1/feed"))


def test_a_folder_gives_the_lines_of_new_and_changed_files(tmp_path: Path) -> None:
    reader = Folder(tmp_path, settled_s=0.0)
    (tmp_path / "b.jsonl").write_text('{"text": "b"}\n')
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"text": "a"}\n{"text": "a2"}\n'))
    (tmp_path / "notes.txt").write_text("no")
    assert [one["text"] for one in read(reader)] == ["a", "a2", "b"]
    assert len(read(reader)) == 3  # nobody said that they are safe
    reader.taken()
    assert read(reader) == []
    (tmp_path / "b.jsonl").write_text('{"text": "b"}\n{"text": "c"}\n')
    assert [one["text"] for one in read(reader)] == ["b", "c"]
    with pytest.raises(BadInput, match="is no folder"):
        read(Folder(tmp_path / "none"))


def test_a_file_that_is_being_written_is_left_for_later(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n')
    assert read(Folder(tmp_path, settled_s=60)) == []
    os.utime(path, (1, 1))
    assert len(read(Folder(tmp_path, settled_s=60))) == 1


@pytest.mark.parametrize(("text", "said"), [
    ("", "must hold tables"), ("x = 1", "must hold tables"), ("[[feed]", "is no TOML"), ("[[feed]]\nurl = 'http://x/'", "needs a name"),
    ("[[feed]]\nname = 'a'", "exactly one of url, file and folder"), ("[[feed]]\nname = 'a'\nurl = 'ftp://x'", "is no http"),
    ("[[feed]]\nname = 'a'\nfile = 'x'\nevery_s = 0", "every_s"), ("[[feed]]\nname = 'a'\nfile = 'x'\nevery = 1", r"feed\[0\].every: is unknown"),
    ("[[feed]]\nname = 'a'\nfile = 'x'\n[[feed]]\nname = 'a'\nfile = 'y'", "name of its own"),
])
def test_a_wrong_file_of_feeds_is_a_clear_error(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "feeds.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=said):
        read_feeds(path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_feeds(tmp_path / "none.toml")


def test_feeds_and_folders_come_in_on_schedule_each_entry_once(place: Place, rss: Path, server: tuple[str, list[str]], tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "news.jsonl").write_bytes(b"\n".join([*documents(5), b"no JSON"]) + b"\n")
    os.utime(inbox / "news.jsonl", (1, 1))
    (tmp_path / "wire.xml").write_text(ATOM)
    feeds = tmp_path / "feeds.toml"
    feeds.write_text("".join(f'[[feed]]\nname = "{name}"\n{kind} = "{where}"\nevery_s = 1\n' for name, kind, where in (
        ("daily", "file", "daily.xml"), ("wire", "file", "wire.xml"), ("web", "url", f"{server[0]}/feed"), ("inbox", "folder", "inbox"))))
    place.worker("--feeds", feeds)
    place.beat("--feeds", feeds)
    wait_for(place, 8)
    (inbox / "more.jsonl").write_text('{"text": "One more."}\n')
    os.utime(inbox / "more.jsonl", (1, 1))
    wait_for(place, 9)
    texts = [one["text"] for line in place.dump() if (one := json.loads(line))["type"] == "document"]
    assert len(texts) == len(set(texts)) == 9  # the file and the address hold the same feed
    assert "inbox: entry 6: record: is not JSON" in place.log.read_text()


def wait_for(place: Place, count: int) -> None:
    import time

    until = time.monotonic() + 60
    while (found := place.running.world.graph.at().counts()["documents"]) < count:
        assert time.monotonic() < until, (found, place.log.read_text()[-3000:])
        time.sleep(0.05)
