"""The slot `when`: a date that a text tells of itself is shown with how it was had, and never over a declared one."""

from __future__ import annotations

from dataclasses import replace

from worldctx.lookup.assemble import assemble
from worldctx.model.context import Claim, Link, Span
from worldctx.model.document import Document
from worldctx.model.ids import DocumentId, EntityId
from worldctx.model.time import parse_when
from worldctx.text.dates import find_dates

NEWS = Document(DocumentId("doc:1"), "LONDON, 3 May 2004 (Reuters) — A bridge fell yesterday.")


def claims(document: Document, links: tuple[Link, ...] = ()) -> list[Claim]:
    slots = assemble(document.text, document, links, find_dates(document.text, document.published), {}, None, (), (), {}, ())
    return list(slots.when.claims)


def test_an_undated_text_is_dated_by_its_dateline_with_its_place_and_less_than_certainty() -> None:
    told = claims(NEWS)[0]
    assert (told.field, told.value, told.method) == ("time.published", "2004-05-03", "rule")
    assert told.span == Span(8, 18)
    assert told.confidence < 1


def test_a_declared_date_stands_alone() -> None:
    declared = replace(NEWS, published=parse_when("2004-05-04"))
    told = [one for one in claims(declared) if one.field == "time.published"]
    assert [(one.value, one.method) for one in told] == [("2004-05-04", "declared_markup")]


def test_the_page_of_a_text_dates_it_before_its_words_do() -> None:
    page = '<meta property="article:published_time" content="2004-05-02">'
    told = claims(replace(NEWS, extra={"html": page}))[0]
    assert (told.value, told.method, told.path) == ("2004-05-02", "declared_markup", "extra.html")


def test_the_address_of_a_text_dates_it() -> None:
    told = claims(replace(NEWS, url="https://news.example/2004/05/01/bridge"))[0]
    assert (told.value, told.method, told.path) == ("2004-05-01", "url_pattern", "url")


def test_a_text_covers_first_what_most_of_its_names_are_told_of() -> None:
    text = "In 1944 Eisenhower and Montgomery landed. A film of 1962 and a book of 1962 show it. So does a play of 1962."
    named = tuple(Link(Span(text.index(word), text.index(word) + len(word)), word, EntityId(f"ent:{word}"), word, None, 1.0)
                  for word in ("Eisenhower", "Montgomery"))
    covers = [one.value for one in claims(Document(DocumentId("doc:2"), text), tuple(sorted(named * 2, key=lambda one: one.span.start))) if one.field == "time.covers"]
    assert covers[0] == "1944"
