"""The scorers themselves, on cases made by hand: each tells a right answer from a wrong one."""

from __future__ import annotations

import random
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import peers
from evals.__main__ import MEASURED
from evals.case import Case
from evals.future import Bounds, Made, Told, _judged, days, made
from evals.kept import UNCLASSED, Kept, failures, faults
from evals.ngrams import Conditional, Trigrams
from evals.office import MISSING, STALE, judged
from evals.plot import Point, scatter
from evals.published import PUBLISHED
from evals.quality import page, shown, table
from evals.row import Figure, Row, mean_figure, paired
from worldctx.model.time import parse_when

TEXTS = ["the cat sat on the mat", "dogs bark at the postman", "the president of chile spoke in santiago"]


def test_a_mean_lies_in_its_interval_and_the_same_values_give_the_same_interval() -> None:
    one = mean_figure("hit", [1.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 0.0], 0.7)
    assert (one.value, one.baseline, one.met) == (0.75, 0.25, True)
    assert one.low < one.value < one.high
    assert one == mean_figure("hit", [1.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 0.0], 0.7)


@pytest.mark.parametrize(("value", "aim", "less", "met"), [
    (0.0, 0.0, False, True), (0.001, 0.0, False, False), (-0.05, -0.04, False, True), (-0.03, -0.04, False, False),
    (0.96, 0.95, False, True), (0.94, 0.95, False, False), (3.0, 5.0, True, True), (6.0, 5.0, True, False)])
def test_an_aim_of_errors_is_met_from_below_and_one_of_hits_from_above(value: float, aim: float, less: bool, met: bool) -> None:
    assert Figure("x", value, value, value, None, aim, (), less).met is met


def test_a_paired_bootstrap_sees_a_small_steady_gain_that_means_hide() -> None:
    draw = random.Random(1)
    theirs = [draw.random() for _ in range(200)]
    gain = paired([one + 0.01 for one in theirs], theirs)
    assert gain.low == pytest.approx(0.01)
    assert gain.high == pytest.approx(0.01)
    noise = paired(draw.sample(theirs, 200), theirs)
    assert noise.low < 0 < noise.high
    with pytest.raises(ValueError, match="argument 2"):
        paired([1.0], [1.0, 0.0])
    with pytest.raises(ValueError, match="no cases"):
        paired([], [])


@given(st.dates().map(str) | st.integers(1000, 2999).map(str) | st.tuples(st.integers(1000, 2999), st.integers(1, 12)).map(lambda it: f"{it[0]}-{it[1]:02d}") | st.integers(100, 299).map(lambda it: f"{it}X"))
def test_the_rule_of_its_own_and_the_product_agree_on_what_days_a_date_covers(text: str) -> None:
    covered, when, day = days(text), parse_when(text), parse_when("1970-01-02").lo - parse_when("1970-01-01").lo
    zero = days("1970-01-01")
    assert covered
    assert zero
    assert [(one - zero[0]) * day + parse_when("1970-01-01").lo for one in covered] == [when.lo, when.hi]


def told(**given: str) -> Told:
    return Told(**{**dict.fromkeys(("mark", "subject", "start", "end", "known", "end_known", "source"), ""), "mark": "Vx000001", "subject": "ent:p0", **given})


NOW = Bounds(days("1995"), None, None, strict=False)


def by(year: str, *, strict: bool = False) -> Bounds:
    covered = days(year)
    assert covered
    return Bounds(days("1995"), covered[1], covered[1], strict)


@pytest.mark.parametrize(("fact", "bounds", "may"), [
    (told(), NOW, True),
    (told(start="1995-12-31"), NOW, True), (told(start="1996"), NOW, False),
    (told(end="1995-01-01"), NOW, True), (told(end="1994"), NOW, False),
    (told(known="1996"), NOW, True), (told(known="1996"), by("1995"), False), (told(known="1995-12-31"), by("1995"), True),
    (told(known="1990", end="1994", end_known="1997"), by("1996"), True), (told(known="1990", end="1994", end_known="1996"), by("1996"), False),
    (told(start="1990", end="1994"), by("1993"), True), (told(start="1990", end="1994"), by("1994"), False),
    (told(), by("1995"), True), (told(), by("1995", strict=True), False), (told(start="1990"), by("1995", strict=True), False),
    (told(source="1990"), by("1995", strict=True), True), (told(source="1997"), by("1995"), False)])
def test_the_rule_of_its_own_says_what_the_clocks_say(fact: Told, bounds: Bounds, may: bool) -> None:
    assert bounds.may_show(fact) is may


@pytest.mark.parametrize(("published", "may"), [("1995", True), ("1996", False), ("", False), ("199X", False)])
def test_a_text_must_have_been_published(published: str, may: bool) -> None:
    assert by("1995").may_quote(published) is may


def leaky() -> tuple[Made, dict[str, object]]:
    world = Made({"Vx000001": told(known="1999")}, {"Tx000001": "1999"}, {}, {"ent:p0": "Ada"}, {"ent:p0": ("Adova", "1998")}, {"ent:p1": "1999"})
    return world, {"facts": [], "entities": [], "rendered": {"text": ""}}


@pytest.mark.parametrize(("answer", "fault"), [
    ({}, None),
    ({"rendered": {"text": "said: Vx000001"}}, "a fact from the future"),
    ({"what": {"claims": [{"value": "Tx000001"}]}}, "a text from the future"),
    ({"entities": [{"id": "ent:p0", "surface": "Adova", "candidates": []}]}, "a name from the future"),
    ({"entities": [{"id": "", "surface": "x", "candidates": [{"id": "ent:p1"}]}]}, "an entity from the future")])
def test_a_leak_is_seen_wherever_it_stands_in_an_answer(answer: dict[str, object], fault: str | None) -> None:
    world, empty = leaky()
    _, found = _judged({**empty, **answer}, world, by("1995"))
    assert [one.split(":")[0] for one in found] == ([fault] if fault else [])


def test_an_end_that_nobody_could_know_is_a_leak() -> None:
    world = Made({"Vx000001": told(known="1990", end="1994", end_known="1999")}, {}, {}, {}, {}, {})
    _, found = _judged({"facts": [{"id": "f:Vx000001", "valid": {"to": "1994"}}]}, world, by("1995"))
    assert found[0].startswith("an end from the future")
    assert not _judged({"facts": [{"id": "f:Vx000001", "valid": {"to": ""}}]}, world, by("1995"))[1]


def test_the_same_seed_makes_the_same_world() -> None:
    assert made(200, random.Random(5)) == made(200, random.Random(5))
    assert made(200, random.Random(5)) != made(200, random.Random(6))


@pytest.mark.parametrize(("wanted", "answered", "fault"), [
    ({("1990", "1995")}, {("1990", "1995")}, ""), (set(), set(), ""), (set(), {("1990", "1995")}, STALE),
    ({("1990", "1995")}, set(), MISSING), ({("1990", "")}, {("1991", "")}, STALE)])
def test_what_held_is_right_stale_or_missing(wanted: set[tuple[str, str]], answered: set[tuple[str, str]], fault: str) -> None:
    case = judged("one", "who", wanted, answered)
    assert (case.fault, case.score) == (fault, float(not fault))


def test_the_word_model_is_a_distribution_and_learns() -> None:
    model = Trigrams(TEXTS * 3)
    seen, unseen = model.read("the cat sat on the mat"), model.read("mat the on sat cat the")
    assert seen.base.prod() > unseen.base.prod()
    after = sum(float(model.read(f"the cat {word}").base[-1]) for word in {word for text in TEXTS for word in text.split()} | {"quux"})
    assert after == pytest.approx(1.0, abs=0.01)


def test_a_text_is_likelier_under_its_own_field_than_under_another_or_none() -> None:
    texts, contexts = TEXTS * 4, [("a",), ("b",), ("c",)] * 4
    model = Trigrams(texts)
    given = Conditional(model, contexts, [0])
    given.fit([model.read(text) for text in texts], contexts)
    read = model.read("the cat barks at santiago")
    assert given.bits(read, ("a",)) < given.bits(read, ("b",))
    bare = Conditional(model, contexts, [])
    assert bare.bits(read, ("a",)) == bare.bits(read, ("never seen",))


def test_peers_rank_what_matches_first_and_ties_by_place() -> None:
    assert peers.bm25(TEXTS, ["cats", "president", "zebra"]) == [[0], [2], []]
    assert peers.rrf([[[0, 1, 2]], [[1, 0, 2]]]) == [[0, 1, 2]]
    assert peers.rrf([[[2, 1]], [[2, 0]]], depth=2) == [[2, 0]]


CASES = (Case("b", "q", "w", "a", 0.5, "slip", ("why",)), Case("a", "q\u2028q", "w", "a", 0.0, "slip"),
         Case("c", "q", "w", "w", 1.0), Case("d", "q", "w", "a", 0.0))
ROW = Row("who", "some data", 4, (Figure("hit", 0.25, 0.1, 0.4, 0.5, 0.9, (("bm25s", 0.3),)), Figure("words/s", 20631.2, 20000.0, 20631.2)), "a note", CASES)


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    assert not kept.has("who")
    kept.keep("who", [ROW])
    assert [one for _, one in kept.cases("who")] == list(CASES)
    (row,) = kept.rows("who")
    assert (row.figures, row.cases, row.examined) == (ROW.figures, 4, ())


def test_errors_are_counted_by_class_and_come_worst_first() -> None:
    assert faults(CASES) == {"slip": 2, UNCLASSED: 1}
    assert [one.id for one in failures(CASES)] == ["a", "d", "b"]
    assert [one.id for one in failures(CASES, "slip")] == ["a", "b"]


def test_the_page_has_a_line_for_each_figure_with_its_aim_and_whether_it_is_met() -> None:
    lines = table([ROW]).splitlines()
    assert lines[2] == "| who | some data | 4 | hit | 0.250 | 0.100–0.400 | 0.500 | bm25s 0.300 | ≥ 0.900 | no |"
    assert "20,631" in lines[3]
    assert page({"office": [ROW]}).count("Graphiti") == 1
    assert "- who: a note" in page({"office": [ROW]})
    assert [shown(one) for one in (None, -0.0372, 12.34, 1234.5)] == ["", "-0.037", "12.3", "1,234"]


def test_what_others_published_stands_beside_a_measurement() -> None:
    assert set(PUBLISHED) <= set(MEASURED)


def test_a_plot_is_sound_and_the_same_for_the_same_points() -> None:
    points = [Point("a<b", 0.5, 0.1), Point("c", 12.0, -0.02), Point("free", 0.0, 0.0)]
    drawn = scatter(points, "ms", "gain & loss")
    texts = [one.text for one in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]
    assert {"a<b", "c", "free", "gain & loss", "ms (logarithmic)", "+0.100", "-0.020"} <= set(texts)
    assert drawn == scatter(list(reversed(points)), "ms", "gain & loss")
    places = {float(one.get("cx", "")) for one in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}circle")}
    assert len(places) == 3
    assert scatter([], "ms", "gain")
