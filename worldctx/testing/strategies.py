"""Hypothesis strategies for the nouns: dates, intervals, publications, facts, clocks, documents, asks and answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from hypothesis import strategies as st

from worldctx.model.ask import Ask, Filter, Profile
from worldctx.model.change import DocumentRecord
from worldctx.model.clocks import Basis, Clocks, Known
from worldctx.model.context import (
    Candidate,
    Claim,
    Context,
    DateMention,
    LeftOut,
    Link,
    RankedFact,
    RankedPassage,
    Reason,
    Rendered,
    RenderedSpan,
    Slot,
    Slots,
    Span,
    Status,
)
from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.fact import Evidence, Fact, Literal, fact_id
from worldctx.model.ids import DocumentId, EntityId, FactId, PassageId, Revision, SourceId, digest
from worldctx.model.judgement import Judgement
from worldctx.model.time import Interval, When, instant, parse_when

T = TypeVar("T")
#: Few years and few ids, so that what is drawn meets.
YEARS = st.integers(1990, 1996)
ENTITIES = st.sampled_from([EntityId(f"ent:{letter}") for letter in "abcdef"])
EXTERNALS = st.sampled_from([EntityId(f"wd:Q{number}") for number in range(4)])
PREDICATES = st.sampled_from(["position_held", "member_of", "birth_date", "inception"])
SOURCES = st.sampled_from([SourceId("src:a"), SourceId("src:b")])


def whens() -> st.SearchStrategy[When]:
    """A year, a month, a day, a second or an approximate date."""
    return st.builds(_date, YEARS, st.integers(1, 12), st.integers(1, 28), st.sampled_from("ymdt~X"))


def _date(year: int, month: int, day: int, precision: str) -> When:
    texts = {"y": f"{year}", "m": f"{year}-{month:02d}", "d": f"{year}-{month:02d}-{day:02d}", "~": f"{year}~",
             "t": f"{year}-{month:02d}-{day:02d}T12:00:00Z", "X": f"{year // 10}X"}
    return parse_when(texts[precision])


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    """Open and closed intervals whose end does not precede their start."""
    start, end = draw(st.none() | whens()), draw(st.none() | whens())
    if start is not None and end is not None and end.hi <= start.lo:
        start, end = end, start
    return Interval(start, end)


@st.composite
def knowns(draw: st.DrawFn) -> Known:
    """Publications of every basis; only UNSTATED has no date."""
    basis = draw(st.sampled_from(Basis))
    since = None if basis is Basis.UNSTATED else draw(whens())
    return Known(since, basis, draw(st.none() | whens()))


def clocks() -> st.SearchStrategy[Clocks]:
    """Clocks open and set."""
    cutoffs = st.none() | st.builds(instant, YEARS, st.integers(1, 12), st.integers(1, 28))
    return st.builds(lambda as_of, cutoff, strict: Clocks(as_of, cutoff, cutoff, strict),
                     st.none() | whens(), cutoffs, st.booleans())


def literals() -> st.SearchStrategy[Literal]:
    """Typed values."""
    return st.builds(Literal, texts(max_size=5), st.sampled_from(["string", "integer"]), st.sampled_from(["", "m"]),
                     st.sampled_from(["", "en"]))


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """Facts with the id of their content, of sources that `SOURCES` names."""
    literal = draw(st.none() | literals())
    fact = Fact(FactId(""), draw(ENTITIES), draw(PREDICATES), draw(ENTITIES) if literal is None else None, literal,
                draw(intervals()), draw(knowns()), draw(st.none() | SOURCES),
                draw(st.sampled_from([Evidence(), Evidence(record="row 1"), Evidence(quote="so")])),
                confidence=draw(st.sampled_from([1.0, 0.5])))
    return replace(fact, id=fact_id(fact))


def names() -> st.SearchStrategy[Name]:
    """Names in time."""
    return st.builds(Name, st.sampled_from(["Ada", "Ádá", "Bob", "Zoë"]), st.sampled_from(["", "en"]), intervals(),
                     st.booleans())


def entities() -> st.SearchStrategy[Entity]:
    """Entity lines that overlap in ids, names and external ids, of sources that `SOURCES` names and of none."""
    return st.builds(Entity, ENTITIES, st.sampled_from(Kind), st.lists(names(), max_size=2).map(tuple),
                     st.lists(EXTERNALS, max_size=2, unique=True).map(tuple), description=st.sampled_from(["", "one"]),
                     weight=st.sampled_from([0.0, 0.25, 0.5]), source=st.none() | SOURCES)


def judgements() -> st.SearchStrategy[Judgement]:
    """Judgements on entities and external ids, likewise."""
    return st.builds(Judgement, ENTITIES, ENTITIES | EXTERNALS, st.sampled_from([True, False, None]),
                     st.sampled_from(["me", "you"]), source=st.none() | SOURCES).filter(
                         lambda one: one.left != one.right)


def texts(min_size: int = 0, max_size: int = 40) -> st.SearchStrategy[str]:
    """Texts with combining marks, emoji, line ends of both kinds and NUL; no lone surrogates."""
    pieces = st.sampled_from(["e\u0301", "\U0001f9d1\u200d\U0001f680", "\r\n", "\n", "\x00", "ß", "a"])
    any_other = st.characters(codec="utf-8")
    return st.lists(pieces | any_other, min_size=min_size, max_size=max_size).map("".join)


@st.composite
def document_records(draw: st.DrawFn) -> DocumentRecord:
    """Documents cut into passages, with mentions whose offsets are exact."""
    number, text = DocumentId(f"doc:{draw(st.integers(0, 5))}"), draw(texts(min_size=1))
    published = draw(st.none() | whens())
    key = digest(number, text, None if published is None else published.edtf)
    document = Document(number, text, title=draw(texts(max_size=3)), published=published, content_hash=key,
                        extra=draw(st.sampled_from([{}, {"note": "1"}])))
    cut = draw(st.integers(0, len(text)))
    passages = tuple(Passage(PassageId(f"{number}#{ordinal}"), number, ordinal, start, end, text[start:end])
                     for ordinal, (start, end) in enumerate([(0, cut), (cut, len(text))]))
    end = draw(st.integers(1, len(text)))
    mentions = (Mention(0, end, text[:end], (draw(ENTITIES),)),)
    return DocumentRecord(document, passages, mentions)


#: Numbers that have the same value as JSON, and counts that a message holds.
SCORES = st.floats(0, 1, allow_subnormal=False)
COUNTS = st.integers(0, 2**53)
WORDS = st.sampled_from(["", "a", "two words", "e\u0301", "\U0001f680", "\x00\r\n", "<ß>"])


def spans() -> st.SearchStrategy[Span]:
    """Spans in order."""
    return st.builds(lambda start, size: Span(start, start + size), st.integers(0, 1000), st.integers(0, 50))


def documents() -> st.SearchStrategy[Document]:
    """Documents as they stand before they get their id and hash; some bring an id."""
    return st.builds(Document, st.sampled_from(["", "doc:1", "é"]).map(DocumentId),
                     texts(min_size=1).filter(lambda text: text.strip()), WORDS, WORDS, WORDS, WORDS,
                     st.none() | whens(), st.none() | whens(), st.sampled_from(["", "en", "pt-br"]), WORDS, WORDS,
                     st.dictionaries(WORDS, WORDS, max_size=2))


def filters() -> st.SearchStrategy[Filter]:
    """Filters of every kind."""
    lists = st.lists(WORDS, max_size=2).map(tuple)
    kinds = st.lists(st.sampled_from([str(kind) for kind in Kind]), max_size=2).map(tuple)
    return st.builds(Filter, lists, lists, lists, kinds, st.none() | whens(), st.none() | whens())


def asks() -> st.SearchStrategy[Ask]:
    """Asks about prompts and about documents."""
    made = st.builds(Ask, texts(min_size=1).filter(lambda text: text.strip()), st.none() | whens(),
                     st.none() | whens(), st.none() | whens(), st.none() | st.integers(1, 99).map(Revision), st.none(),
                     st.booleans(), st.integers(1, 10**6), st.integers(1, 1000), st.sampled_from(Profile), filters())
    return made | st.builds(lambda ask, document: replace(ask, text=document.text, document=document), made,
                            documents())


def reasons() -> st.SearchStrategy[tuple[Reason, ...]]:
    """Reasons of a score."""
    return st.lists(st.builds(Reason, WORDS, SCORES, WORDS), max_size=2).map(tuple)


def links() -> st.SearchStrategy[Link]:
    """Links to entities and to nothing."""
    candidates = st.lists(st.builds(Candidate, ENTITIES, WORDS, st.sampled_from(Kind), SCORES, reasons()), max_size=2)
    return st.builds(Link, spans(), WORDS, st.none() | ENTITIES, WORDS, st.none() | st.sampled_from(Kind), SCORES,
                     candidates.map(tuple))


def ranked_facts() -> st.SearchStrategy[RankedFact]:
    """Facts in an answer, some with an end that is kept back and some with a span as evidence."""
    said = st.builds(Evidence, st.sampled_from([None, DocumentId("doc:1")]), st.just(3), st.just(7), WORDS, WORDS)
    facts_ = st.builds(lambda fact, said: replace(fact, evidence=said, recorded=Revision(5)), facts(),
                       said | st.just(Evidence()))
    return st.builds(RankedFact, facts_, WORDS, WORDS, intervals(), WORDS, WORDS, SCORES, reasons(),
                     st.lists(WORDS, max_size=2).map(tuple), st.booleans())


def ranked_passages() -> st.SearchStrategy[RankedPassage]:
    """Passages in an answer."""
    return st.builds(RankedPassage, WORDS.map(PassageId), WORDS.map(DocumentId), WORDS, WORDS, spans(),
                     st.none() | whens(), WORDS, WORDS, SCORES, reasons())


def slots() -> st.SearchStrategy[Slot]:
    """Slots of every status."""
    claims = st.builds(Claim, WORDS, WORDS, WORDS, SCORES, WORDS, WORDS, st.none() | spans(), WORDS,
                       st.none() | intervals(), st.booleans(), WORDS, reasons())
    return st.builds(Slot, st.sampled_from(Status), st.lists(claims, max_size=2).map(tuple))


def contexts() -> st.SearchStrategy[Context]:
    """Whole answers."""
    rendered = st.builds(Rendered, WORDS, st.lists(st.builds(RenderedSpan, spans(), WORDS, WORDS), max_size=2)
                         .map(tuple), COUNTS, WORDS, WORDS)
    dates = st.builds(DateMention, spans(), WORDS, intervals(), st.booleans(), WORDS)
    left = st.builds(LeftOut, WORDS, WORDS, COUNTS)

    def some(of: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
        return st.lists(of, max_size=2).map(tuple)

    return st.builds(Context, some(links()), some(ranked_facts()), some(ranked_passages()), some(dates),
                     st.builds(Slots, *(slots() for _ in range(6))), rendered, WORDS, WORDS, WORDS,
                     COUNTS.map(Revision), some(left))
