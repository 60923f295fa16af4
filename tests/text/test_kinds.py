"""Register, purpose and topic of a text."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worldctx.lookup.assemble import SURE, assemble
from worldctx.model.context import Slot, Status
from worldctx.model.document import Document
from worldctx.model.ids import DocumentId
from worldctx.text.kinds import PURPOSES, REGISTERS, TOPICS, TextKind, kind_of
from worldctx.text.style import SIZE, style_of

MATCH = ("The keeper saved two penalties and the winger struck twice after the break as the hosts beat the champions 2-0 in "
         "the quarter-final of the cup on Sunday; the coach praised his defenders, and the captain limped off injured.")
RECIPE = ("Melt the butter in a pan, stir in the flour and add half a litre of milk. Season with salt, pepper and nutmeg. "
          "Bake for twenty minutes at 200 degrees, sprinkle with cheese and serve hot.")
CONTRACT = ("The Supplier shall indemnify the Customer against any liability arising under this Agreement. Neither party "
            "shall be liable for delay. This Agreement shall be governed by the laws of Malta.")
EPIDEMIC = ("The ministry of health said on Monday that nine patients had died of cholera and that doctors were treating "
            "two hundred cases in hospitals near the port, where vaccination has begun.")


@pytest.mark.parametrize(("text", "register"), [(MATCH, "SR"), (RECIPE, "RE"), (CONTRACT, "LT"), (EPIDEMIC, "NE")])
def test_the_register_of_a_plain_text_is_told(text: str, register: str) -> None:
    found = kind_of(text).register
    assert found is not None and found.code == register


@pytest.mark.parametrize(("text", "topic"), [(MATCH, "15"), (RECIPE, "10"), (EPIDEMIC, "07")])
def test_the_topic_of_a_plain_text_is_told(text: str, topic: str) -> None:
    found = kind_of(text).topic
    assert found is not None and found.code == topic


def test_the_purpose_follows_from_the_registers_that_serve_it() -> None:
    found = kind_of(CONTRACT).purpose
    assert found is not None and found.code == "A9"
    assert {purpose for _, purpose in REGISTERS.values()} <= PURPOSES.keys()


@pytest.mark.parametrize("text", [
    "", "   ", "Yes.", "12 34 56", "Der Vertrag wurde gestern von beiden Parteien unterzeichnet und tritt im Mai in Kraft.",
    "これは日本語の文章です。", "for i in range(10): x[i] = foo(bar[i], **kw)"])
def test_of_a_text_that_is_short_or_not_in_english_nothing_is_said(text: str) -> None:
    assert kind_of(text) == TextKind()


@given(st.text(max_size=400))
def test_any_text_is_judged_the_same_twice_and_within_bounds(text: str) -> None:
    found = kind_of(text)
    assert kind_of.__wrapped__(text) == found
    for one, codes in ((found.register, REGISTERS), (found.purpose, PURPOSES), (found.topic, TOPICS)):
        assert one is None or (one.code in codes and 0 <= one.confidence <= 1)
    assert len(style_of(text)) == SIZE


def test_another_process_with_another_hash_seed_judges_the_same() -> None:
    program = f"from worldctx.text.kinds import kind_of; print(kind_of({MATCH!r}))"
    answers = {subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, check=True,
                              capture_output=True).stdout for seed in ("1", "2")}
    assert answers == {f"{kind_of(MATCH)}\n".encode()}


def why(text: str, title: str = "") -> Slot:
    document = Document(DocumentId("d"), text, title=title)
    return assemble(text, document, [], [], {}, None, [], [], {}, []).why


def test_a_document_is_answered_with_scheme_code_and_method() -> None:
    claims = {claim.field: claim for claim in why(MATCH).claims}
    assert claims["topic"].value == "medtop:15000000 sport"
    assert claims["topic"].method == "classifier" and claims["topic"].leak == "body-derived"
    assert all(claim.confidence >= SURE for claim in claims.values())


def test_a_rule_that_is_certain_goes_before_the_classifier() -> None:
    genres = [claim for claim in why(MATCH, "Interview with the coach").claims if claim.field == "genre"]
    assert [(claim.value, claim.method) for claim in genres] == [("CORE:IT interview", "rule")]


def test_of_a_document_that_cannot_be_judged_nothing_is_guessed() -> None:
    assert why("Yes.").status is Status.ABSENT
