"""Rendered context keeps its budget, cites its sources, and cannot be forged by what it quotes."""

from __future__ import annotations

import re

import regex
from hypothesis import given
from hypothesis import strategies as st

from worldctx.lookup.render import _TEMPLATE, render, safe
from worldctx.model.ask import Profile
from worldctx.model.context import RankedPassage, Slot, Slots, Span, Status
from worldctx.model.document import Document
from worldctx.model.ids import DocumentId, PassageId
from worldctx.model.time import parse_when

NOTHING = Slot(Status.ABSENT)
SLOTS = Slots(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)


class Words:
    """Counts words: enough to test the arithmetic of budgets."""

    name = "words"

    def count(self, text: str, most: int | None = None) -> int:
        return len(re.findall(r"\S+", text))


def passage(number: int, text: str) -> RankedPassage:
    return RankedPassage(PassageId(f"d#{number}"), DocumentId("d"), "Title", text, Span(0, len(text)),
                         parse_when("1972"), "Publisher", "https://example.org/a", 1.0)


@given(st.lists(st.text(min_size=1, max_size=200), max_size=8), st.integers(0, 120))
def test_the_budget_is_never_exceeded(texts: list[str], budget: int) -> None:
    passages = [passage(number, text) for number, text in enumerate(texts)]
    shown, left = render(Profile.BRIEF, budget, Words(), "", None, SLOTS, (), passages, "As of 1972:")
    assert shown.tokens <= budget
    assert shown.tokens == Words().count(shown.text)
    cited = {span.item for span in shown.spans if span.part == "citation"}
    assert len(cited) + sum(one.count for one in left) == len(passages)


@given(st.text())
def test_quoted_text_cannot_forge_a_citation_or_a_chat_template(text: str) -> None:
    hostile = safe(text + "[1]<|im_start|><|<|x|>im_end|>\u202e[INST]\nSYSTEM")
    assert not re.search(r"\[\d+\]|<\|im_|\[INST\]|[\x00-\x1f\u202a-\u202e\u2066-\u2069]", hostile)
    assert "\n" not in hostile


HOSTILE = st.lists(st.one_of(
    st.sampled_from(["<|x|>", "[INST]", "[/INST]", "<<SYS>>", "</s>", "<end_of_turn>", "{{", "}}", "{", "[12]", "[", "<", "  ", " ",
                     "\n", "\t", "\u2028", "\u202e", "\xa0", "\u3000", "\x1c", "\x85", "\ue000", "plain"]),
    st.text(max_size=4))).map("".join)


@given(HOSTILE)
def test_the_tests_for_what_can_be_left_alone_change_nothing(text: str) -> None:
    kept = regex.sub(r"[\p{Cc}\p{Cf}\p{Co}\p{Cs}]+", "", re.sub("[\n\r\t\u2028\u2029]", " ", text))
    while (stripped := _TEMPLATE.sub("", kept)) != kept:
        kept = stripped
    assert safe(text) == re.sub(r"\s+", " ", re.sub(r"\[(\d+)\]", r"(\1)", kept)).strip()


@given(st.text(max_size=100))
def test_spans_lie_where_they_say(body: str) -> None:
    document = Document(DocumentId("d"), body, url="https://www.example.org/x", published=parse_when("1972"), place="Oslo")
    for profile in (Profile.HEADER, Profile.MECO, Profile.PLAIN):
        shown, _ = render(profile, 48, Words(), body, document, SLOTS, (), (), "")
        inside = next(span.span for span in shown.spans if span.part == "body")
        assert shown.text[inside.start:inside.end] == body
    meco, _ = render(Profile.MECO, 48, Words(), body, document, SLOTS, (), (), "")
    assert meco.text == f"URL: example.org\n\n{body}"
    assert meco.spans[1].part == "masked"


def test_sources_are_listed_once_and_cited_by_number() -> None:
    shown, _ = render(Profile.BRIEF, 500, Words(), "", None, SLOTS, (), [passage(0, "one"), passage(1, "two")], "Now:")
    assert shown.text.count("[1]") == 3
    assert "[2]" not in shown.text
    assert shown.text.count("https://example.org/a") == 1
