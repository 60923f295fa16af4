"""The slot `where`: where a text was made is told apart from what it is about, each with how it was had."""

from __future__ import annotations

from worldctx.lookup.places import Ground, Spot
from worldctx.lookup.whereabouts import about, made_in
from worldctx.model.context import Link, Span
from worldctx.model.document import Document
from worldctx.model.entity import Kind
from worldctx.model.ids import DocumentId, EntityId

TEXAS, US, AMERICA = EntityId("ent:texas"), EntityId("ent:us"), EntityId("ent:north-america")
PARIS, RENO, BONHAM = EntityId("ent:paris-tx"), EntityId("ent:reno-tx"), EntityId("ent:bonham")
IN_TEXAS = (TEXAS, US, AMERICA)
LABELS = {TEXAS: "Texas", PARIS: "Paris", RENO: "Reno", BONHAM: "Bonham"}
SPOTS = {PARIS: Spot(33.7, -95.6, IN_TEXAS), RENO: Spot(33.7, -95.5, IN_TEXAS), BONHAM: Spot(33.6, -96.2, IN_TEXAS),
         TEXAS: Spot(31.2, -99.2, (US, AMERICA))}


def link(entity: EntityId, start: int) -> Link:
    name = LABELS[entity]
    return Link(Span(start, start + len(name)), name, entity, name, Kind.PLACE, 0.9)


def news(text: str, publisher: str = "", place: str = "") -> Document:
    return Document(DocumentId("doc:1"), text, publisher=publisher, place=place)


def test_a_dateline_tells_where_a_text_was_made_with_the_place_behind_it() -> None:
    document = news("PARIS, Texas (AP) — A fire broke out.")
    [told] = made_in(document.text, document, [link(PARIS, 0)], Ground(SPOTS), LABELS)
    assert (told.field, told.value, told.ref, told.method) == ("place.created", "PARIS", PARIS, "rule")
    assert told.span == Span(0, 5)
    assert told.confidence < 1


def test_a_declared_place_comes_first_and_names_its_entity() -> None:
    document = news("LONDON — A fire broke out.", place="Paris, Texas")
    told = made_in(document.text, document, (), Ground(SPOTS, home={PARIS: 1.0}), LABELS)
    assert [(one.value, one.ref, one.method, one.preferred) for one in told] == [
        ("Paris, Texas", PARIS, "declared_markup", True), ("LONDON", "", "rule", False)]


def test_the_home_of_the_publisher_is_inherited_where_nothing_else_tells() -> None:
    document = news("A fire broke out.", publisher="The Paris News")
    [told] = made_in(document.text, document, (), Ground(SPOTS, home={PARIS: 0.7}), LABELS)
    assert (told.value, told.ref, told.method, told.path) == ("Paris", PARIS, "inherited", "publisher")
    assert told.confidence < 0.6


def test_a_doubtful_home_is_not_told() -> None:
    document = news("A fire broke out.", publisher="Springfield News")
    assert made_in(document.text, document, (), Ground(SPOTS, home={PARIS: 0.3, RENO: 0.3}), LABELS) == []


def test_a_prompt_was_made_nowhere() -> None:
    assert made_in("LONDON — Who is it?", None, (), Ground(), {}) == []


def test_three_towns_of_a_state_tell_that_a_text_is_about_the_state() -> None:
    links = [link(PARIS, 0), link(RENO, 20), link(BONHAM, 40)]
    told = {one.ref: one for one in about(links, {PARIS: 0.9, RENO: 0.5, BONHAM: 0.4}, Ground(SPOTS), LABELS)}
    assert told[TEXAS].method == "graph_inference"
    assert told[TEXAS].confidence < told[PARIS].confidence


def test_a_state_that_is_named_with_its_towns_comes_before_them() -> None:
    links = [link(PARIS, 0), link(RENO, 20), link(BONHAM, 40), link(TEXAS, 60)]
    told = about(links, {PARIS: 0.6, RENO: 0.5, BONHAM: 0.4, TEXAS: 0.5}, Ground(SPOTS), LABELS)
    assert [one.ref for one in told] == [TEXAS, PARIS, RENO, BONHAM]
    assert [one.preferred for one in told] == [True, False, False, False]


def test_two_towns_tell_nothing_of_their_state() -> None:
    links = [link(PARIS, 0), link(RENO, 20)]
    assert [one.ref for one in about(links, {PARIS: 0.9, RENO: 0.5}, Ground(SPOTS), LABELS)] == [PARIS, RENO]
