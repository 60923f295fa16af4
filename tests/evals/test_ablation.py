"""A feature is off for a while and on again; steps are timed and then as they were."""

from __future__ import annotations

import pytest

from evals.ablation import Ablated, name_of, steps, table, timed, without
from evals.row import Difference
from tests.conftest import Running
from worldctx.lookup import fuse, link, pipeline
from worldctx.model.ask import Ask
from worldctx.model.time import parse_when
from worldctx.ports.deadline import Deadline


def test_a_feature_is_off_meanwhile_even_after_an_error() -> None:
    feature, weight = next(iter(link.FEATURES.items()))
    with without(link.FEATURES, feature):
        assert link.FEATURES[feature] == 0.0
    assert link.FEATURES[feature] == weight
    with pytest.raises(ZeroDivisionError), without(fuse.WEIGHTS, "bm25"):
        assert fuse._share("bm25", 1) == 0.0
        raise ZeroDivisionError
    assert fuse._share("bm25", 1) > 0.0


def test_a_name_is_no_longer_linked_without_what_speaks_for_it(running: Running) -> None:
    def linked() -> list[str]:
        ask = Ask("Who is the President of Chile?", as_of=parse_when("1972"))
        return [str(one.id or "") for one in pipeline.look_up(ask, running.world, Deadline.after(60)).entities]

    whole = linked()
    assert any(whole)
    kept = dict(link.FEATURES)
    for feature, weight in kept.items():
        if weight > 0:
            link.FEATURES[feature] = 0.0  # type: ignore[index]  # it is a dictionary, promised to readers only as a mapping
    try:
        assert linked() != whole
    finally:
        link.FEATURES.update(kept)  # type: ignore[attr-defined]  # as above
    assert linked() == whole


def test_each_step_is_timed_and_then_as_it_was(running: Running) -> None:
    before = {name: getattr(pipeline, name) for name in steps()}
    times = timed(lambda: pipeline.look_up(Ask("Who led Chile in 1972?"), running.world, Deadline.after(60)))
    assert {"request_of", "linked", "told", "retrieved", "assemble", "render"} <= set(times)
    assert times["linked"] > 0
    assert before == {name: getattr(pipeline, name) for name in steps()}


def test_what_brings_most_stands_first() -> None:
    lines = table([Ablated("g", "a", Difference(0.01, 0.0, 0.02), None), Ablated("g", "b", Difference(0.2, 0.1, 0.3), 1.5)], "a question").splitlines()
    assert lines[2:] == ["| `b` | +0.200 (+0.100 to +0.300) | 1.500 |", "| `a` | +0.010 (+0.000 to +0.020) |  |"]
    assert name_of(name_of) == "name_of"
