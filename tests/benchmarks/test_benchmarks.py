"""The benchmarks' world is the same everywhere, as it is described, and every benchmark runs on it and says where."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks import gazetteer, one_hop, search
from benchmarks.built import build, opened
from benchmarks.invention import SIZES, Invention
from benchmarks.report import Report, Times, percentile
from worldctx.embed.tokens import WordCounter

TINY = SIZES["tiny"]
DIGEST = """
import itertools
from benchmarks.invention import SIZES, Invention
from worldctx.model.ids import digest
world = Invention(SIZES["tiny"])
print(digest(repr(world.entities), repr(list(world.facts())), repr(list(itertools.islice(world.documents(), 50)))))
"""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    build(folder, TINY)
    return folder


def test_a_seed_gives_one_world_whatever_the_hash_seed() -> None:
    root = Path(__file__).parents[2]
    told = {subprocess.run([sys.executable, "-c", DIGEST], cwd=root, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True).stdout for seed in ("1", "2")}
    assert len(told) == 1


def test_half_of_the_facts_are_superseded_and_names_are_shared() -> None:
    world = Invention(SIZES["small"])
    facts = list(world.facts())
    assert len(facts) == SIZES["small"].facts
    ended = sum(fact.valid.end is not None and fact.valid.start != fact.valid.end for fact in facts)
    assert 0.45 <= ended / len(facts) <= 0.55
    names = [name.text for entity in world.entities for name in entity.names]
    assert len(set(names)) < 0.9 * len(names)


def test_questions_have_the_tokens_asked_for_and_documents_depend_on_their_number_alone() -> None:
    world, counter = Invention(TINY), WordCounter()
    assert all(60 <= counter.count(ask.text) <= 66 for ask in world.questions(20, 60, counter))
    assert all(1000 <= counter.count(ask.text) <= 1010 for ask in world.long_asks(3, 1000, counter))
    assert list(itertools.islice(world.documents(7), 2)) == list(itertools.islice(Invention(TINY).documents(), 9))[7:]


def test_the_world_is_built_once_with_all_that_its_size_says(directory: Path) -> None:
    with opened(directory, TINY) as running:
        counts = running.world.graph.at().counts()
        head = running.world.graph.head()
    assert counts["entities"] == TINY.entities
    assert counts["facts"] == TINY.facts
    assert counts["passages"] >= TINY.passages
    build(directory, TINY)
    with opened(directory, TINY) as running:
        assert running.world.graph.head() == head


@pytest.mark.parametrize("benchmark", [one_hop, search, gazetteer], ids=lambda one: one.__name__)
def test_a_benchmark_says_what_it_measured_and_on_which_machine(benchmark: object, directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = benchmark.measure(TINY, directory)  # type: ignore[attr-defined]
    report.show(as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads(json.dumps(asdict(report)))
    assert {"processor", "cores", "load", "python"} <= told["machine"].keys()
    assert told["size"]["facts"] == TINY.facts
    assert len(told["rows"]) >= 5
    report.show(as_json=False)
    assert report.rows[0].what[:20] in capsys.readouterr().out


def test_a_target_is_met_or_missed_by_the_figure_itself() -> None:
    report = Report("x", TINY)
    report.times("quick", Times([0.001] * 99 + [0.5]), p50=1.5)
    report.times("seldom slow", Times([0.001] * 90 + [0.5] * 10), p50=1.5, p95=15)
    report.figure("rate", "docs/s", 299.0, least=300)
    assert [row.met for row in report.rows] == [True, False, False]
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
