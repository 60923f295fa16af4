"""Persons named by their office, on real stores with the shipped world: by who held it at the date of the text."""

from __future__ import annotations

import pytest

from worldctx.lookup.pipeline import look_up
from worldctx.model.ask import Ask
from worldctx.model.context import Link
from worldctx.model.document import Document
from worldctx.model.ids import DocumentId
from worldctx.model.time import parse_when
from worldctx.ports.deadline import Deadline
from worldctx.wiring import Running


def linked(running: Running, text: str, published: str | None, place: str = "") -> dict[str, Link]:
    document = Document(DocumentId("d"), text, published=parse_when(published) if published else None, place=place)
    return {one.surface: one for one in look_up(Ask(text, document=document), running.world, Deadline()).entities}


@pytest.mark.parametrize(("published", "entity"), [
    ("1971-06", "ent:salvador-allende"), ("1980", "ent:augusto-pinochet"), ("1992", "ent:patricio-aylwin")])
def test_an_office_means_who_held_it_then(running: Running, published: str, entity: str) -> None:
    found = linked(running, "The President of Chile spoke to the press yesterday.", published)["President of Chile"]
    assert found.id == entity
    assert found.candidates[0].reasons[0].feature == "held_the_office"
    assert "ent:president-of-chile" in {one.id for one in found.candidates}


def test_without_a_date_an_office_means_the_office(running: Running) -> None:
    assert linked(running, "The President of Chile spoke to the press.", None)["President of Chile"].id == "ent:president-of-chile"


def test_a_question_asks_about_the_office(running: Running) -> None:
    ask = Ask("Who is the President of Chile?", as_of=parse_when("1971-06"))
    assert "ent:president-of-chile" in {one.id for one in look_up(ask, running.world, Deadline()).entities}


def test_a_title_and_a_surname_mean_who_held_an_office_of_a_country_of_the_text(running: Running) -> None:
    text = "Copper is what Chile lives on. President Allende said so yesterday, and went home."
    assert linked(running, text, "1971-06")["Allende"].id == "ent:salvador-allende"
    other = linked(running, text, "1985").get("Allende")
    assert other is None or other.id != "ent:salvador-allende"
