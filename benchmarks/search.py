"""The search index alone: BM25 and vectors, with clocks in the query; beside tantivy and bm25s, where installed."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.built import opened
from benchmarks.invention import Invention, Size
from benchmarks.report import Report, Times, percentile, run, timed
from worldctx.model.ask import Ask
from worldctx.model.clocks import Clocks
from worldctx.model.document import Document
from worldctx.model.time import parse_when
from worldctx.ports.search import SearchIndex, View
from worldctx.search.analysis import terms
from worldctx.text.passages import passages_of

QUESTIONS, LONG = 300, 60
LIMIT = 30
#: Only what was said by then: about half of the passages.
SAID_BY = "1983"


def measure(size: Size, directory: Path) -> Report:
    """All rows."""
    report = Report("search", size)
    invention = Invention(size)
    with opened(directory, size) as running:
        counter = running.world.tokens
        questions = invention.questions(2 * QUESTIONS, 60, counter)
        documents = invention.long_asks(2 * LONG, 1000, counter)
        ours = _ours(report, running.world.search, questions, documents)
        embedder = running.world.embedder
        assert embedder is not None
        vectors = embedder.embed([one.text for one in questions])
        for told, clocks in (("", Clocks()), (f", said by {SAID_BY}", Clocks(said_by=parse_when(SAID_BY).hi))):
            view = View(running.world.search.revision, clocks)
            search = running.world.search
            report.times(f"vectors ({search.dimension} dimensions), question{told}",
                         timed(lambda one: search.nearest(one, view, LIMIT), vectors).after(QUESTIONS))  # noqa: B023
    passages = _passages(invention)
    if find_spec("tantivy") is not None:
        _tantivy(report, passages, questions, documents, ours)
    if find_spec("bm25s") is not None:
        _bm25s(report, passages, questions, ours)
    return report


def _ours(report: Report, search: SearchIndex, questions: Sequence[Ask], documents: Sequence[Ask]) -> dict[str, float]:
    """Rows of our BM25, and its medians of processor time by name."""
    found = {}
    for told, clocks in (("", Clocks()), (f", said by {SAID_BY}", Clocks(said_by=parse_when(SAID_BY).hi))):
        view = View(search.revision, clocks)
        for what, asks, warm in (("60-token question", questions, QUESTIONS),
                                 ("1,000-token document", documents, LONG)):
            seconds = timed(lambda one: search.text(one.text, view, LIMIT), asks).after(warm)  # noqa: B023
            report.times(f"BM25, {what}{told}", seconds)
            found[what + told] = percentile(seconds.cpu, 0.5)
    return found


def _passages(invention: Invention) -> list[tuple[Document, str]]:
    found: list[tuple[Document, str]] = []
    for one in invention.documents():
        found += [(one, piece.text) for piece in passages_of(one.id, one.text)]
        if len(found) >= invention.size.passages:
            return found
    return found


def _tantivy(report: Report, passages: Sequence[tuple[Document, str]], questions: Sequence[Ask],
             documents: Sequence[Ask], ours: dict[str, float]) -> None:
    """The same passages and terms (ours, joined by blanks, so that both look for the same) in tantivy."""
    tantivy: Any = import_module("tantivy")

    schema = tantivy.SchemaBuilder()
    schema.add_text_field("id", stored=True, tokenizer_name="raw")
    schema.add_text_field("text", stored=False, tokenizer_name="whitespace", index_option="freq")
    schema.add_date_field("published", indexed=True, fast=True)
    with TemporaryDirectory() as folder:
        index = tantivy.Index(schema.build(), path=folder)
        began = time.perf_counter()
        writer = index.writer(heap_size=256 << 20)
        for number, (document, text) in enumerate(passages):
            lo = document.published.lo if document.published else 2**33
            writer.add_document(tantivy.Document(
                id=[str(number)], text=[" ".join(terms(f"{document.title} {text}"))],
                published=[datetime.fromtimestamp(lo, UTC)]))
        writer.commit()
        writer.wait_merging_threads()
        report.figure("peer: tantivy, passages indexed, terms ours", "passages/s",
                      len(passages) / (time.perf_counter() - began))
        index.reload()
        searcher = index.searcher()
        by = tantivy.Query.range_query(
            index.schema, "published", tantivy.FieldType.Date,
            datetime(1700, 1, 1, tzinfo=UTC), datetime(int(SAID_BY) + 1, 1, 1, tzinfo=UTC), include_upper=False)

        def ask(one: Ask, *, dated: bool) -> None:
            words = dict.fromkeys(terms(one.text))
            parts = [(tantivy.Occur.Should, tantivy.Query.term_query(index.schema, "text", word)) for word in words]
            query = tantivy.Query.boolean_query(parts)
            if dated:
                query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, by)])
            for _, address in searcher.search(query, LIMIT, count=False).hits:
                searcher.doc(address)

        for told, dated in (("", False), (f", said by {SAID_BY}", True)):
            for what, asks, warm in (("60-token question", questions, QUESTIONS),
                                     ("1,000-token document", documents, LONG)):
                seconds = timed(lambda one: ask(one, dated=dated), asks).after(warm)  # noqa: B023
                _against(report, f"peer: tantivy, {what}{told}", seconds, ours[what + told])


def _bm25s(report: Report, passages: Sequence[tuple[Document, str]], questions: Sequence[Ask],
           ours: dict[str, float]) -> None:
    """The same in bm25s, which knows no filter and cannot be added to."""
    bm25s: Any = import_module("bm25s")

    logging.getLogger("bm25s").setLevel(logging.ERROR)
    corpus = [terms(f"{document.title} {text}") for document, text in passages]
    began = time.perf_counter()
    retriever = bm25s.BM25(k1=1.2, b=0.75)
    retriever.index(corpus, show_progress=False)
    report.figure("peer: bm25s, passages indexed, terms ours", "passages/s",
                  len(passages) / (time.perf_counter() - began))

    def ask(one: Ask) -> None:
        retriever.retrieve([list(dict.fromkeys(terms(one.text)))], k=min(LIMIT, len(corpus)), show_progress=False)

    seconds = timed(ask, questions).after(QUESTIONS)
    _against(report, "peer: bm25s, 60-token question", seconds, ours["60-token question"])


def _against(report: Report, what: str, seconds: Times, ours: float) -> None:
    report.times(what, seconds)
    report.figure(f"ours against {what.removeprefix('peer: ')}", "times as long",
                  ours / percentile(seconds.cpu, 0.5))


if __name__ == "__main__":
    run(__doc__ or "", measure)
