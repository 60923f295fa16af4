"""Which of the found passages are worth a model's tokens."""

from __future__ import annotations

from worldctx.lookup.relevance import related, relevant
from worldctx.model.context import Link, RankedPassage, Span
from worldctx.model.ids import DocumentId, EntityId, PassageId


def passage(number: int, text: str, title: str = "") -> RankedPassage:
    return RankedPassage(PassageId(f"p{number}"), DocumentId("d"), title, text, Span(0, len(text)), None, "", "", 0.0, ())


def link(surface: str, entity: str | None = None) -> Link:
    return Link(Span(0, len(surface)), surface, None if entity is None else EntityId(entity), "", None, 0.5, ())


KIEV, MORO = passage(0, "Lettuce in Kiev is cheap."), passage(1, "The body of Aldo Moro was found in the market in Rome.")
TITLED = passage(2, "Nothing was said.", "Kiev, ten days after")


def test_beside_a_document_what_names_the_same_is_shown() -> None:
    links = [link("Kiev", "gn:703448"), link("Bessarabka")]
    assert related([MORO, KIEV, TITLED], frozenset(), links) == (KIEV, TITLED)
    assert related([MORO, KIEV], frozenset({MORO.id}), links) == (MORO, KIEV)


def test_a_full_name_that_nothing_is_known_of_counts_a_single_word_does_not() -> None:
    assert related([MORO, KIEV], frozenset(), [link("Aldo Moro"), link("Lettuce")]) == (MORO,)


def test_a_name_is_whole_words_in_any_case() -> None:
    shouted = passage(3, "LETTERS FROM U.S. SHIPS; kievan rus")
    assert related([shouted], frozenset(), [link("Kiev", "gn:703448")]) == ()
    assert related([shouted], frozenset(), [link("U.S.", "iso:USA")]) == (shouted,)


def test_a_document_that_names_nothing_keeps_all() -> None:
    assert related([MORO, KIEV], frozenset(), [link("Lettuce")]) == (MORO, KIEV)


def test_beside_a_prompt_what_has_enough_of_its_words_is_shown() -> None:
    assert relevant([MORO, KIEV], frozenset(), "Who found the body of Aldo Moro in Rome?") == (MORO,)
    assert relevant([MORO, KIEV], frozenset({KIEV.id}), "Who found the body of Aldo Moro?") == (MORO, KIEV)
