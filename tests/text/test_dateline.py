"""Datelines and bylines: the place that a news text says it was filed in."""

from __future__ import annotations

import pytest

from worldctx.text.dateline import byline_place, dateline
from worldctx.text.regions import abbreviated_behind


@pytest.mark.parametrize(("text", "place"), [
    ("LONDON (Reuters) - Shares fell.", "LONDON"), ("LONDON, 3 May (Reuters) — Shares fell.", "LONDON"),
    ("SPRINGFIELD, Ill. (AP) _ A storm hit.", "SPRINGFIELD"), ("PARIS, Texas — A fire.", "PARIS"),
    ("New Delhi, 5 May 2010 – The minister said.", "New Delhi"), ("WASHINGTON -- The Senate voted.", "WASHINGTON"),
    ("BEIRUT/DAMASCUS (AFP) - Fighting went on.", "BEIRUT"), ("ST. LOUIS - A bridge closed.", "ST. LOUIS"),
    ("BERLIN (dpa) – Der Bundestag stimmte zu.", "BERLIN"), ("SÃO PAULO — A fire.", "SÃO PAULO"),
])
def test_a_dateline_is_read(text: str, place: str) -> None:
    found = dateline(text)
    assert found is not None
    start, end, surface = found
    assert surface == text[start:end] == place


@pytest.mark.parametrize("text", [
    "The mayor said that London - the capital - was safe.", "Shares fell in London on Monday.",
    "He came, he saw (and won) - and left.", "", "—", "A well-known man - a baker - died.",
])
def test_running_text_has_no_dateline(text: str) -> None:
    assert dateline(text) is None


def test_a_byline_tells_the_place_of_its_author() -> None:
    text = "By Jane Doe in Nairobi\nThe rains have failed."
    assert byline_place(text) == (15, 22, "Nairobi")
    assert byline_place("By Monday in London the rain had stopped falling.") is None


@pytest.mark.parametrize(("text", "codes"), [
    ("Paris, Tex., burned", ("iso3166-2:US-TX",)), ("London, Ont.", ("iso3166-2:CA-ON",)),
    ("Dover, N.H., burned", ("iso3166-2:US-NH",)), ("Perth, WA", ("iso3166-2:US-WA", "iso3166-2:AU-WA")),
    ("Perth (WA)", ("iso3166-2:US-WA", "iso3166-2:AU-WA")), ("Perth, In fact", ()), ("Bath, Me and you", ()),
    ("Ripon, OH-boy", ()), ("Ames IA", ()),
])
def test_states_are_abbreviated_behind_a_comma_or_in_brackets(text: str, codes: tuple[str, ...]) -> None:
    assert abbreviated_behind(text, len(text.split(",", maxsplit=1)[0].split(" ", maxsplit=1)[0])) == codes
