"""On real texts expressions of time are found and read as annotated by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from evals.dates import AIMS, Piece, Timex, compare, f1, is_test, matched, ours, pieces
from worldctx.model.time import parse_when
from worldctx.text.dates import find_times


@pytest.mark.real_data
def test_the_pieces_that_development_looked_at_stay_well_above_the_aims(data_dir: Path) -> None:
    asked: list[Piece] = [one for one in pieces(data_dir) if not is_test(one.id)]
    counts = [compare(one.times, ours(one.text, one.date)) for one in asked]
    assert sum(one.gold for one in counts) > 200
    for which, aim in AIMS.items():
        assert f1(counts, which) > aim + 0.05, which


@pytest.mark.real_data
def test_no_speech_raises_and_every_span_is_exact(data_dir: Path) -> None:
    with gzip.open(data_dir / "speeches" / "ungd.jsonl.gz", "rt", encoding="utf-8") as file:
        for place, line in enumerate(file):
            if place % 40 == 0:
                speech = json.loads(line)
                for one in find_times(speech["text"], parse_when(speech["published_at"])):
                    assert speech["text"][one.span.start:one.span.end] == one.surface


def test_equal_spans_are_matched_first_and_each_answer_once() -> None:
    gold = [Timex(0, 4, "DATE", "1998"), Timex(5, 9, "DATE", "1999")]
    found = [Timex(0, 9, "DATE", "1998"), Timex(5, 9, "DATE", "2000")]
    assert matched(gold, found) == [(gold[1], found[1]), (gold[0], found[0])]
    counts = compare(gold, found)
    assert (counts.strict, counts.relaxed, counts.value) == (1, 2, 1)
