"""A publication date is found where pages and texts tell it, with its method and how sure it is; else there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.text.page import published_on
from worldctx.text.published import published_in, stamp


@pytest.mark.parametrize(("text", "when", "surface"), [
    ("Wikinews, Friday, May 4, 2012\nA bridge fell.", "2012-05-04", "Friday, May 4, 2012"),
    ("LONDON, 3 May 2004 (Reuters) — A bridge fell.", "2004-05-03", "3 May 2004"),
    ("PARIS, France, March 1, 1999 - A bridge fell.", "1999-03-01", "March 1, 1999"),
    ("A bridge fell\nPosted on 12 June 2010 by Jo", "2010-06-12", "12 June 2010"),
    ("A bridge fell\nPublished: 2010-06-12T10:00:00Z\n", "2010-06-12", "2010-06-12T10:00:00Z"),
    ("Time: 20260101_11:00\nJo: hello", "2026-01-01", "20260101_11:00"),
    ("June 12th, 2010\n\nDear all,", "2010-06-12", "June 12th, 2010"),
])
def test_a_text_tells_at_its_head_when_it_was_published(text: str, when: str, surface: str) -> None:
    found = published_in(text)
    assert found is not None
    assert found.when.edtf == when
    assert found.span is not None
    assert text[found.span.start:found.span.end] == surface
    assert 0.8 <= found.confidence < 1


@pytest.mark.parametrize("text", [
    "The bridge fell on 3 May 2004 in London.", "Updated on 12 June 2010\nA bridge fell.", "LONDON — A bridge fell.",
    "In 2004 a bridge fell.", "Published: 03/04/2019\n", "", "x" * 1000 + "\nPublished: 2010-06-12\n",
])
def test_a_date_that_a_text_is_about_is_not_its_own(text: str) -> None:
    assert published_in(text) is None


META = '<meta property="article:published_time" content="2015-02-03T08:00:00+01:00">'
JSON = '<script type="application/ld+json">{"@graph":[{"@type":"NewsArticle","datePublished":"2015-02-04"}]}</script>'
TIME = '<time class="published" datetime="2015-02-05">5 Feb</time>'


@pytest.mark.parametrize(("html", "url", "when", "path"), [
    (META + JSON, "https://news.example/2015/02/01/bridge", "2015-02-01", "url"),
    (JSON + META + TIME, "https://news.example/2015/02/bridge", "2015-02-03", "meta article:published_time"),
    (JSON + TIME, "", "2015-02-04", "json-ld datePublished"),
    (TIME, "", "2015-02-05", "time"),
    ("<body><p>Posted on 6 February 2015</p></body>", "", "2015-02-06", "published on"),
    ("<p>A bridge fell.", "https://news.example/2015/02/bridge", "2015-02", "url"),
    ('<script type="application/ld+json">{broken</script>' + TIME, "", "2015-02-05", "time"),
])
def test_the_surest_part_of_a_page_says_when_it_was_published(html: str, url: str, when: str, path: str) -> None:
    found = published_on(html, url, htmldate=False)
    assert found is not None
    assert (found.when.edtf, found.path) == (when, path)


def test_htmldate_is_asked_where_markup_is_silent() -> None:
    pytest.importorskip("htmldate")
    page = '<html><body><div class="post-date">12 March 2014</div><p>A bridge fell.</p></body></html>'
    found = published_on(page)
    assert found is not None
    assert (found.when.edtf, found.path) == ("2014-03-12", "htmldate")


def test_a_page_that_says_nothing_has_no_date() -> None:
    assert published_on("<html><body><p>A bridge fell in 1999.</p></body></html>", "https://x.example/a", htmldate=False) is None


@pytest.mark.parametrize(("text", "when"), [
    ("2015-02-03T08:00:00+01:00", "2015-02-03"), ("Tue, 03 Feb 2015 08:00:00 GMT", "2015-02-03"), ("February 2015", "2015-02"),
    ("3 Feb 2015 - 4 Feb 2015", None), ("soon", None), ("2015", "2015"), ("20150203", "2015-02-03"), ("2015-13-45", None),
])
def test_a_stamp_is_read_as_precisely_as_it_stands(text: str, when: str | None) -> None:
    found = stamp(text)
    assert (found.edtf if found else None) == when


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_is_taken(html: str, url: str) -> None:
    published_on(html, url, htmldate=False)
    published_in(html)
    published_in(url)
