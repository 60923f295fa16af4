"""Hypothesis strategies for the nouns: dates, intervals, publications, facts, clocks and documents."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from worldctx.model.change import DocumentRecord
from worldctx.model.clocks import Basis, Clocks, Known
from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.fact import Evidence, Fact, Literal, fact_id
from worldctx.model.ids import DocumentId, EntityId, FactId, PassageId, SourceId, digest
from worldctx.model.judgement import Judgement
from worldctx.model.time import Interval, When, instant, parse_when

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
    """Entity lines that overlap in ids, names and external ids."""
    return st.builds(Entity, ENTITIES, st.sampled_from(Kind), st.lists(names(), max_size=2).map(tuple),
                     st.lists(EXTERNALS, max_size=2, unique=True).map(tuple), description=st.sampled_from(["", "one"]),
                     weight=st.sampled_from([0.0, 0.25, 0.5]))


def judgements() -> st.SearchStrategy[Judgement]:
    """Judgements on entities and external ids."""
    return st.builds(Judgement, ENTITIES, ENTITIES | EXTERNALS, st.sampled_from([True, False, None]),
                     st.sampled_from(["me", "you"])).filter(lambda one: one.left != one.right)


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
