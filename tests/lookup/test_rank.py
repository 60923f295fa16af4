"""Facts are ranked by what the text asks and names, ties by id, and contradicting claims stand side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from worldctx.lookup.predicates import asked_for
from worldctx.lookup.prefer import conflicts
from worldctx.lookup.rank import Matter, Scored, rank
from worldctx.model.clocks import Basis, Clocks, Known
from worldctx.model.fact import Fact, Literal, fact_id
from worldctx.model.ids import EntityId, FactId, SourceId
from worldctx.model.time import ALWAYS, parse_interval, parse_when
from worldctx.ports.graph import FactTable

EVEREST = EntityId("ent:everest")


def fact(predicate: str, value: str, since: str | None = None, source: str = "src:a", subject: EntityId = EVEREST) -> Fact:
    known = Known(parse_when(since), Basis.STATED) if since else Known()
    valid = parse_interval(since, None) if since else ALWAYS
    made = Fact(FactId(""), subject, predicate, literal=Literal(value), valid=valid, known=known, source=SourceId(source))
    return replace(made, id=fact_id(made))


HIGH, CHINESE, NEW = (fact("elevation", value, since, source) for value, since, source in (
    ("8848", "1955", "src:india"), ("8844.43", "2005-10-09", "src:china"), ("8848.86", "2020-12-08", "src:both")))
PLAIN = fact("instance_of", "mountain")


def matter(text: str, clocks: Clocks = Clocks()) -> Matter:
    return Matter(clocks, {EVEREST: 0.9}, asked_for(text), frozenset(text.casefold().split()), {EVEREST: "Everest"})


def ranked(facts: list[Fact], asked: Matter, limit: int) -> tuple[Scored, ...]:
    known = {fact.id: fact for fact in facts}
    return rank(FactTable.of(facts), asked, limit, lambda ids: {one: known[one] for one in ids})


def test_a_fact_that_answers_the_question_comes_first() -> None:
    best = ranked([PLAIN, HIGH], matter("how high is Everest"), 10)
    assert best[0].fact == HIGH
    assert {reason.feature for reason in best[0].reasons} >= {"answers_the_question", "about_the_text"}


def test_contradicting_claims_come_together_and_name_each_other() -> None:
    found = conflicts([HIGH, CHINESE, NEW, PLAIN], Clocks())
    assert set(found[HIGH.id]) == {CHINESE.id, NEW.id}
    assert PLAIN.id not in found
    chosen = [one.fact for one in ranked([HIGH, CHINESE, NEW, PLAIN], matter("how high is Everest"), 3)]
    assert set(chosen) == {HIGH, CHINESE, NEW}


def test_the_order_of_the_input_does_not_matter() -> None:
    facts = [HIGH, CHINESE, NEW, PLAIN, fact("area", "1"), fact("area", "2")]
    asked = matter("tell me about Everest")
    assert ranked(facts, asked, 4) == ranked(facts[::-1], asked, 4)


def test_the_limit_holds_with_contradicting_claims_too() -> None:
    assert len(ranked([HIGH, CHINESE, NEW], matter("how high is Everest"), 2)) == 2


def test_a_date_and_the_same_date_with_less_precision_do_not_contradict() -> None:
    year = replace(fact("birth_date", "1908"), valid=parse_interval("1908", None))
    day = replace(fact("birth_date", "1908-06-26"), valid=parse_interval("1908-06-26", None))
    other = replace(fact("birth_date", "1909"), valid=parse_interval("1909", None))
    found = conflicts([year, day, other], Clocks())
    assert day.id not in found.get(year.id, ())
    assert other.id in found[year.id]


def test_a_fact_that_many_share_comes_after_one_that_tells_something() -> None:
    members = [link_fact(f"ent:{number}", "member_of", "ent:un") for number in range(30)]
    office = link_fact("ent:allende", "position_held", "ent:president", "1970-11-03")
    at = Clocks(as_of=parse_when("1972"))
    seen = Matter(at, {EntityId("ent:un"): 0.9, EntityId("ent:president"): 0.5}, {}, frozenset(), {})
    best = ranked([*members, office], seen, 10)
    assert best[0].fact == office
    assert sum(one.fact.predicate == "member_of" for one in best) == 2


def test_where_others_were_born_says_little_about_a_city_unless_that_is_asked() -> None:
    born, capital = link_fact("ent:stalin", "death_place", "gn:moscow"), link_fact("ent:ussr", "capital", "gn:moscow")
    city, words = {EntityId("gn:moscow"): 0.9}, frozenset({"moscow"})
    assert [one.fact for one in ranked([born, capital], Matter(Clocks(), city, {}, frozenset(), {}), 10)] == [capital]
    assert [one.fact for one in ranked([born, capital], Matter(Clocks(), city, {}, words, {}), 10)] == [capital, born]
    asked = Matter(Clocks(), city, asked_for("who died in Moscow"), words, {})
    assert ranked([born, capital], asked, 10)[0].fact == born


def link_fact(subject: str, predicate: str, target: str, since: str | None = None) -> Fact:
    valid = parse_interval(since, None) if since else ALWAYS
    known = Known(parse_when(since), Basis.STATED) if since else Known()
    made = Fact(FactId(""), EntityId(subject), predicate, EntityId(target), valid=valid, known=known, source=SourceId("src:a"))
    return replace(made, id=fact_id(made))


def test_a_word_of_the_other_end_in_the_question_counts() -> None:
    zurich, bern = link_fact("ent:a", "birth_place", "gn:zurich"), link_fact("ent:a", "residence", "gn:bern")
    labels = {EntityId("gn:zurich"): "Zurich City", EntityId("gn:bern"): "Bern"}
    asked = Matter(Clocks(), {EntityId("ent:a"): 0.9}, {}, frozenset({"zurich"}), labels)
    reasons = {one.fact: {why.feature: why.weight for why in one.reasons} for one in ranked([zurich, bern], asked, 10)}
    assert reasons[zurich]["shares_words"] == 0.5
    assert "shares_words" not in reasons[bern]


def test_nothing_to_rank_is_nothing() -> None:
    assert ranked([], matter("how high is Everest"), 10) == ()
    assert ranked([], Matter(Clocks(), {}, {}, frozenset(), {}), 10) == ()


def test_only_the_best_are_read() -> None:
    facts = [link_fact(f"ent:{number}", "member_of", "ent:un") for number in range(300)]
    known, read = {fact.id: fact for fact in facts}, set[FactId]()

    def reading(ids: Sequence[FactId]) -> dict[FactId, Fact]:
        read.update(ids)
        return {one: known[one] for one in ids}

    assert len(rank(FactTable.of(facts), Matter(Clocks(), {EntityId("ent:un"): 1.0}, {}, frozenset(), {}), 5, reading)) == 2
    assert len(read) <= 10
