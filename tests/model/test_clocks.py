"""The three clocks hide what they must: the future of the world, of what was said, and ends that were not public yet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worldctx.model.ask import Ask, clocks_of
from worldctx.model.clocks import Basis, Clocks, Known, cutoff_of_document
from worldctx.model.document import Document
from worldctx.model.ids import DocumentId
from worldctx.model.time import DAY, Interval, iso_day, parse_interval, parse_when

OBAMA = parse_interval("2009-01-20", "2017-01-20")
STATED = Known(parse_when("2008-11-04"), Basis.STATED, parse_when("2016-11-08"))
INFERRED = Known(parse_when("2009-01-20"), Basis.VALID_START, parse_when("2017-01-20"))


def by(date: str, as_of: str | None = None, *, strict: bool = False) -> Clocks:
    when = parse_when(date)
    return Clocks(parse_when(as_of) if as_of else None, when.hi, when.hi, strict)


def test_a_fact_is_hidden_before_it_was_public() -> None:
    assert not by("2008-11-03").sees(OBAMA, STATED)
    assert by("2008-11-04").sees(OBAMA, STATED)


def test_a_fact_known_only_to_the_year_counts_from_the_end_of_that_year() -> None:
    known = Known(parse_when("2008"), Basis.STATED)
    assert not by("2008-12-30").sees(OBAMA, known)
    assert by("2008-12-31").sees(OBAMA, known)


def test_an_end_that_was_not_public_yet_is_shown_as_open() -> None:
    assert by("2010").shown(OBAMA, STATED).end is None
    assert by("2016-11-08").shown(OBAMA, STATED) == OBAMA


def test_a_hidden_end_does_not_hide_the_fact_either() -> None:
    assert by("2010", as_of="2018-01-01").sees(OBAMA, INFERRED)
    assert not by("2017-06-01", as_of="2018-01-01").sees(OBAMA, INFERRED)


def test_strict_leaves_out_what_does_not_declare_when_it_was_said() -> None:
    assert not by("2020", strict=True).sees(OBAMA, INFERRED)
    assert not by("2020", strict=True).sees(OBAMA, Known())
    assert by("2020", strict=True).sees(OBAMA, STATED)


def test_the_last_day_of_an_interval_counts_and_the_next_does_not() -> None:
    assert Clocks(parse_when("2017-01-20")).sees(OBAMA, STATED)
    assert not Clocks(parse_when("2017-01-21")).sees(OBAMA, STATED)


def test_a_document_known_only_to_the_year_is_asked_about_as_of_its_first_day() -> None:
    assert iso_day(cutoff_of_document(parse_when("1972"))) == "1972-01-02"
    assert iso_day(cutoff_of_document(parse_when("1972-06-01"))) == "1972-06-02"


def test_enriching_takes_both_clocks_from_the_document() -> None:
    document = Document(DocumentId("d"), "text", published=parse_when("1972"))
    clocks, basis = clocks_of(Ask("text", document=document, enriching=True))
    assert (basis, clocks.as_of, clocks.cutoff) == ("document", parse_when("1972"), cutoff_of_document(parse_when("1972")))


def test_a_prompt_takes_the_one_date_it_names_and_else_the_date_of_asking() -> None:
    now = parse_when("2026-01-01")
    assert clocks_of(Ask("x", now=now), parse_when("1972"))[0].as_of == parse_when("1972")
    assert clocks_of(Ask("x", now=now))[1] == "now"
    assert clocks_of(Ask("x", now=now))[0].cutoff is None


def test_a_text_that_did_not_exist_yet_is_not_in_the_world_as_of_then() -> None:
    clocks, _ = clocks_of(Ask("x", as_of=parse_when("1972-06-01")))
    assert not clocks.said(parse_when("2005"))
    assert clocks.said(parse_when("1972-06-01"))
    assert not clocks.said(None)


MOMENTS = st.integers(-40_000, 40_000)
WHENS = st.builds(lambda day: parse_when(iso_day(day * DAY)), MOMENTS)
KNOWNS = st.one_of(st.just(Known()), st.builds(Known, WHENS, st.sampled_from([Basis.STATED, Basis.SOURCE]),
                                               st.one_of(st.none(), WHENS)))
INTERVALS = st.builds(lambda a, b: Interval(min(a, b, key=lambda w: w.lo), max(a, b, key=lambda w: w.lo)), WHENS, WHENS)


@given(INTERVALS, KNOWNS, WHENS, WHENS)
def test_a_later_known_clock_never_knows_less(valid: Interval, known: Known, one: object, other: object) -> None:
    early, late = sorted([one.hi, other.hi])  # type: ignore[attr-defined]
    assert not Clocks(cutoff=early).knows(known) or Clocks(cutoff=late).knows(known)
    shown = Clocks(cutoff=late).shown(valid, known)
    assert shown.start == valid.start
    assert shown.end in (None, valid.end)
