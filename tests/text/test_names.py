"""Names are found by how they are written: whole, without titles, and with the kind that words tell."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worldctx.model.entity import Kind
from worldctx.model.errors import BadInput
from worldctx.model.ids import EntityId
from worldctx.ports.lexicon import NameHit, NameMatch
from worldctx.text.names import RuleTagger, capitalised_names, tag_by_rules
from worldctx.text.taggers import open_tagger

WRAPPED = "a long line of a report that was wrapped at its end by President\nTomasi and handed to the Grimstead\nCouncil of Elders there."


def names(text: str) -> list[str]:
    found = tag_by_rules(text)
    assert all(one.surface == text[one.start:one.end] for one in found)
    return [one.surface for one in found]


def kinds(text: str) -> dict[str, Kind | None]:
    return {one.surface: one.kind for one in tag_by_rules(text)}


@pytest.mark.parametrize(("text", "found"), [
    ("We met Arturo Velloso there.", ["Arturo Velloso"]),
    ("Yesterday President Arturo Velloso met Zubin.", ["Arturo Velloso", "Zubin"]),
    ("Then J. R. R. Tolmin and W.H. Audley wrote.", ["J. R. R. Tolmin", "W.H. Audley"]),
    ("The book of Ms. Corbett and Dr. O'Grady-Hale.", ["Corbett", "O'Grady-Hale"]),
    ("He saw McTavish, al-Masri and Ludwig van Beeten.", ["McTavish", "al-Masri", "Ludwig van Beeten"]),
    ("They joined the Group of 77 and the University of Grimstead.", ["Group of 77", "University of Grimstead"]),
    ("The Ministry of Foreign Affairs of Freedonia refused.", ["Ministry of Foreign Affairs", "Freedonia"]),
    ("It is the Food and Agriculture Organization.", ["Food and Agriculture Organization"]),
    ("Freedonia's President thanked the Queen's University.", ["Freedonia", "Queen's University"]),
    ("See Article 51, Chapter 7 and Resolution 242.", []),
    ("The interior minister spoke on Monday in March.", []),
    ("The Prime Minister and the Foreign Minister met.", []),
    ("I've seen it. Hey Zubin! Thanks, Marlo!", ["Zubin", "Marlo"]),
    ("The WHO and the IMF are there, at 5 PM.", ["WHO", "IMF"]),
    ("We raise ValueError(Grendel) and set MAX = 3.  # TODO", ["Grendel"]),
    ("The United States and the Freedonian Union signed.", ["United States", "Freedonian Union"]),
    ("The Department of Health and Human Services knew of Bird Flu.", ["Department of Health and Human Services"]),
    ("The Council of Foreign Ministers thanked His Majesty.", ["Council of Foreign Ministers"]),
    ("The H5N1 strain was found near Grimstead.", ["Grimstead"]),
    ("Marks & Grendel sold it to Tork, Bane & Sons.", ["Marks & Grendel", "Tork", "Bane & Sons"]),
])
def test_names_are_whole_and_without_what_is_no_part_of_them(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(("text", "found"), [
    ("Torrential rains fell.", []),
    ("Suspected cases remain.", []),
    ("Ivarsson said so.", ["Ivarsson"]),
    ("Ivarsson. They named Bruce Ivarsson.", ["Ivarsson", "Bruce Ivarsson"]),
    ("Zubin, 38, lives in Grimstead.", ["Zubin", "Grimstead"]),
    ("Growing fears. It is growing.", []),
])
def test_a_word_that_opens_a_sentence_is_a_name_when_the_text_shows_it(text: str, found: list[str]) -> None:
    assert names(text) == found


def test_a_line_in_capitals_or_a_heading_brings_no_name_of_its_own() -> None:
    assert names("ALL QUIET ON THE FRONT TODAY\n\nNothing happened there at all.") == []
    assert names("Big Changes Come To Grimstead\n\nPeople of Grimstead were glad of it.") == ["Grimstead", "Grimstead"]


def test_a_name_goes_on_over_a_wrapped_line_and_not_over_the_items_of_a_list() -> None:
    assert names(WRAPPED) == ["Tomasi", "Grimstead\nCouncil of Elders"]
    assert names("We saw\nZork Blum\nMarlo Tinn\n") == ["Zork Blum", "Marlo Tinn"]


def test_the_speakers_of_a_dialogue_are_persons() -> None:
    found = kinds("ZubinTark: Hi Marlo Vey!\nMarlo: Hello!\nTime: 10:00\nZubinTark: Bye.\n")
    assert found == {"ZubinTark": Kind.PERSON, "Marlo Vey": Kind.PERSON, "Marlo": Kind.PERSON}


@pytest.mark.parametrize(("text", "surface", "kind"), [
    ("A lawyer of Grendel Holdings Ltd. said so.", "Grendel Holdings Ltd", Kind.ORGANISATION),
    ("It was the Grimstead Daily News.", "Grimstead Daily News", Kind.ORGANISATION),
    ("He taught at the University of Grimstead.", "University of Grimstead", Kind.ORGANISATION),
    ("A bridge over the Tarn River.", "Tarn River", Kind.PLACE),
    ("They climbed Mount Grendel.", "Mount Grendel", Kind.PLACE),
    ("She lives in Grimstead.", "Grimstead", Kind.PLACE),
    ("We thank Mr. Grendel.", "Grendel", Kind.PERSON),
    ("It was by Anna Grendel.", "Anna Grendel", Kind.PERSON),
    ("It was by Torvik J. Grendel.", "Torvik J. Grendel", Kind.PERSON),
    ("Torvik Grendel, 62, was there.", "Torvik Grendel", Kind.PERSON),
    ("After the Battle of Grimstead.", "Battle of Grimstead", Kind.EVENT),
    ("They signed the Treaty of Grimstead.", "Treaty of Grimstead", None),
    ("It was Grendel again.", "Grendel", None),
])
def test_the_kind_is_told_by_words_and_neighbours_or_not_at_all(text: str, surface: str, kind: Kind | None) -> None:
    assert kinds(text)[surface] is kind


def test_a_surname_alone_is_the_person_named_in_full_and_lists_share_a_kind() -> None:
    assert kinds("They met Anna Grendel. It was Grendel who left.")["Grendel"] is Kind.PERSON
    assert kinds("She lived in Grimstead, Tarn and Vork.")["Vork"] is Kind.PLACE


def test_the_graph_tells_the_kind_where_words_do_not() -> None:
    text = "It was Grendel again."
    hit = NameHit(EntityId("x"), Kind.PLACE, "Grendel", exact=True, preferred=True, weight=0.5)
    assert tag_by_rules(text, [NameMatch(7, 14, "Grendel", (hit,))])[0].kind is Kind.PLACE


@pytest.mark.parametrize("text", ["IT WAS ANNA GRENDEL AGAIN.", "Das war Anna Grendel, und der Minister hat es nicht gewusst."])
def test_where_capitals_tell_nothing_the_names_are_those_of_the_graph(text: str) -> None:
    start = text.casefold().index("anna grendel")
    hit = NameHit(EntityId("x"), Kind.PERSON, "Anna Grendel", exact=False, preferred=True, weight=0.5)
    match = NameMatch(start, start + 12, text[start:start + 12], (hit,))
    assert [(one.surface, one.kind) for one in RuleTagger().tag(text, [match])] == [(text[start:start + 12], Kind.PERSON)]


def test_names_that_touch_what_is_taken_are_left_out() -> None:
    assert [surface for _, _, surface in capitalised_names("We met Anna Grendel and Zubin.", [(7, 11)])] == ["Zubin"]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["Anna", "of", "the", "J.", "R.R.", "Mr.", "President", "May", "\n", " ", ".", "'s", "&", "and", "7", "77", "É", "e\u0301", "🙂", "\0", "al-", "McX", "UN", "-", ": "]), max_size=25).map(" ".join) | st.text(max_size=200))
def test_spans_are_exact_and_disjoint_whatever_the_text(text: str) -> None:
    end = 0
    for one in tag_by_rules(text):
        assert one.start >= end
        assert one.surface == text[one.start:one.end].strip()
        end = one.end
    assert tag_by_rules(text) == tag_by_rules(text)


@pytest.mark.parametrize("choice", ["", "crf", "crf:", "flair:x", "spacy:", "Rules"])
def test_a_tagger_that_is_none_is_refused_with_what_to_write(choice: str) -> None:
    with pytest.raises(BadInput, match="names_model: .* write rules, crf:FILE or spacy:PIPELINE"):
        open_tagger(choice)


def test_rules_are_the_default() -> None:
    assert open_tagger("rules").name == "rules"
