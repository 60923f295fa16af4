"""The language of a text is told by its script and its small words, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.text.language import guess_language


@pytest.mark.parametrize(("text", "language"), [
    ("The house is not far from the river.", "en"), ("Das Haus ist nicht weit vom Fluss.", "de"),
    ("La maison n'est pas loin de la rivière.", "fr"), ("La casa no está lejos del río.", "es"),
    ("A casa não fica longe do rio.", "pt"), ("La casa non è lontana dal fiume.", "it"),
    ("Het huis is niet ver van de rivier.", "nl"), ("Дом не далеко от реки, и он большой.", "ru"),
    ("Будинок не далеко від річки, і він є великий.", "uk"), ("البيت ليس بعيدا عن النهر في هذه المدينة", "ar"),
    ("那座房子离河不远。", "zh"), ("その家は川から遠くない。", "ja"), ("그 집은 강에서 멀지 않다.", "ko"),
    ("Το σπίτι δεν είναι μακριά.", "el"), ("הבית לא רחוק מהנהר", "he"), ("घर नदी से दूर नहीं है", "hi"),
])
def test_a_short_sentence_is_enough(text: str, language: str) -> None:
    assert guess_language(text) == language


@pytest.mark.parametrize("text", ["", "  ", "1990", "Chile", "Salvador Allende", "🙂🙂", "x = y + 1", "\0", "Zork Blumf gnatt."])
def test_what_says_too_little_is_left_open(text: str) -> None:
    assert guess_language(text) == ""


def test_names_of_other_languages_do_not_turn_a_text() -> None:
    assert guess_language("He read Der Spiegel and Le Monde in São Paulo before he met Müller.") == "en"


@given(st.text(max_size=300))
def test_any_text_has_one_answer(text: str) -> None:
    assert guess_language(text) == guess_language(text)


def test_the_gold_is_kept_in_step() -> None:
    lines = (Path(__file__).parents[2] / "evals" / "gold" / "languages.tsv").read_text(encoding="utf-8").splitlines()
    cases = [line.split("\t") for line in lines if not line.startswith("#")]
    assert sum(guess_language(text) == tag for tag, text in cases) >= 0.95 * len(cases)
