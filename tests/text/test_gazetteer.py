"""Names taken in bit by bit, however they are spread over layers, are found as if they had come at once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worldctx.model.clocks import Clocks
from worldctx.model.entity import Kind, Name
from worldctx.model.ids import EntityId, Revision
from worldctx.model.time import parse_interval, parse_when
from worldctx.ports.graph import NameRow
from worldctx.text.fold import fold
from worldctx.text.gazetteer import Gazetteer

NAMES = st.sampled_from(["York", "New York", "york", "New York City", "US", "Reading", "São Paulo", "Sao Paulo", "Zürich"])
TEXT = "Reading in New York City, us and the US; reading York. SAO PAULO, Sa\u0303o Paulo: new york, ZURICH. New York"


@st.composite
def rows(draw: st.DrawFn) -> NameRow:
    valid = draw(st.sampled_from([parse_interval(None, None), parse_interval("1950", None), parse_interval(None, "1980")]))
    name = Name(draw(NAMES), draw(st.sampled_from(["", "en"])), valid, draw(st.booleans()))
    return NameRow(EntityId(f"e{draw(st.integers(0, 5))}"), draw(st.sampled_from(Kind)), name, draw(st.sampled_from([0.0, 0.5])), Revision(draw(st.integers(1, 9))))


@settings(max_examples=200, deadline=None)
@given(names=st.lists(rows(), max_size=40), cuts=st.lists(st.integers(0, 40), max_size=6), year=st.none() | st.sampled_from(["1940", "1970", "1990"]), revision=st.integers(0, 9))
def test_layers_change_no_answer(names: list[NameRow], cuts: list[int], year: str | None, revision: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("worldctx.text.gazetteer.LAYER_MIN", 2)
        patch.setattr("worldctx.text.gazetteer.LAYER_RATIO", 2)
        grown = Gazetteer()
        for first, last in pairwise(sorted({0, len(names), *(cut for cut in cuts if cut < len(names))})):
            grown = grown.extended(names[first:last])
    clocks = Clocks(parse_when(year) if year else None)
    once = Gazetteer(names)
    for _ in range(2):  # the second time from what is remembered
        assert grown.scan(TEXT, clocks, Revision(revision)) == once.scan(TEXT, clocks, Revision(revision))


@given(st.text(alphabet="aÉßﬁ℀İ\u0301 x🙂½", max_size=30))
def test_every_folded_character_knows_where_it_comes_from(text: str) -> None:
    folded = fold(text)
    alone = [(place, piece) for place, char in enumerate(text) for piece in fold(char).text]
    assert folded.text == "".join(piece for _, piece in alone)
    assert [folded.span(at, at + 1)[0] for at in range(len(folded.text))] == [place for place, _ in alone]
