"""What each feature of the read path brings and what it costs: one feature off at a time, on development samples.

`python -m evals.ablation DATA --write` renews docs/quality-cost.md and its plot. Features are read from the tables of
weights that the read path uses, so that a new one appears by itself; costs are processor time of the functions that
they are, or that bear their name, under the profiler of Python, which makes small functions look dearer than they are.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from evals.dialogues import about_when, events_and_facts
from evals.known_world import known_world
from evals.multi_hop import hotpot, musique
from evals.passages import timeqa
from evals.plot import Point, scatter
from evals.pool import Found, Pool, Question, built, recalls
from evals.row import Difference, paired
from evals.speed import news
from worldctx.config import Settings
from worldctx.lookup import fuse, link, pipeline, rank
from worldctx.lookup.linking import linked
from worldctx.lookup.request import request_of
from worldctx.model.ask import Ask
from worldctx.model.document import Document
from worldctx.model.ids import DocumentId
from worldctx.model.time import parse_when
from worldctx.ports.deadline import Deadline
from worldctx.ports.world import World
from worldctx.wiring import open_running

PAGE = Path(__file__).parents[1] / "docs" / "quality-cost.md"
PLOT = PAGE.with_suffix(".svg")
HEAD = """\
# Quality against cost

Made by `python -m evals.ablation DATA --write` on development samples; see [quality.md](quality.md) for the test parts.
One feature is off at a time; what it brings is the metric with it less the metric without, with a paired bootstrap of
95 %. Costs are processor time, per 1,000 words of news or per question: of steps as they run, of features under the
profiler of Python, which makes them look dearer. A feature that brings nothing here may be for what these samples lack.

![what features bring against what they cost](quality-cost.svg)

"""
#: Articles read for costs, questions of each set, passages asked for, and documents counted.
ARTICLES, QUESTIONS, PASSAGES, DEPTH = 60, 25, 30, 10
#: Where passages are looked for.
POOLS = (timeqa, about_when, events_and_facts, musique, hotpot)
LIMIT_S = 600.0


@dataclass(frozen=True, slots=True)
class Ablated:
    """A feature: what it brings, None where it was not measured, and milliseconds, None where it has no function."""

    group: str
    name: str
    brings: Difference | None
    cost: float | None


@contextmanager
def without(weights: Mapping[Any, float], feature: Any) -> Iterator[None]:
    """The read path without a feature: its weight is 0 meanwhile."""
    assert isinstance(weights, dict)
    kept = weights[feature]
    weights[feature] = 0.0
    fuse._share.cache_clear()
    try:
        yield
    finally:
        weights[feature] = kept
        fuse._share.cache_clear()


def name_of(feature: Any) -> str:
    """Features are functions or words."""
    return feature if isinstance(feature, str) else str(feature.__name__)


def profiled(work: Callable[[], object]) -> Mapping[str, float]:
    """Seconds of processor time in each function of the read path, those that it calls included."""
    profile = cProfile.Profile(time.process_time)
    profile.runcall(work)
    times: dict[str, float] = {}
    for (file, _, name), (_, _, _, cumulative, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]  # typeshed has no stats
        if "/worldctx/lookup/" in file or "/worldctx/text/" in file:
            times[name] = max(times.get(name, 0.0), cumulative)
    return times


def timed(work: Callable[[], object]) -> Mapping[str, float]:
    """Seconds of processor time in each step of the read path, as it runs."""
    times = dict.fromkeys(steps(), 0.0)

    def watched(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            begun = time.thread_time()
            try:
                return step(*given, **named)
            finally:
                times[name] += time.thread_time() - begun
        return run

    kept = {name: getattr(pipeline, name) for name in times}
    try:
        for name, step in kept.items():
            setattr(pipeline, name, watched(name, step))
        work()
    finally:
        for name, step in kept.items():
            setattr(pipeline, name, step)
    return times


def steps() -> list[str]:
    """The steps of the read path, in its order: what `look_up` calls."""
    return [name for name in dict.fromkeys(pipeline.look_up.__code__.co_names)
            if callable(one := getattr(pipeline, name, None)) and not isinstance(one, type)]


def reading(data: Path) -> tuple[list[Ablated], list[Ablated], list[Ablated]]:
    """Steps, features of links and of facts: costs per 1,000 words of news; what those of links bring to F1."""
    articles = news(data)[:ARTICLES]
    words = sum(len(text.split()) for text in articles) / 1000

    def work(world: World) -> None:
        for number, text in enumerate(articles):
            document = Document(DocumentId(f"eval:{number}"), text=text, published=parse_when("2012"))
            pipeline.look_up(Ask("", document=document, enriching=True), world, Deadline.after(LIMIT_S))

    with TemporaryDirectory() as folder:
        copytree(known_world(data), Path(folder) / "world")
        with open_running(Settings.read(data=f"{folder}/world", embedder="none")) as running:
            work(running.world)  # what is remembered from text to text is so in a long run
            whole = timed(lambda: work(running.world))
            times = profiled(lambda: work(running.world))
            brought = links(data, running.world)

    def cost(name: str) -> float:
        return 1000 * times.get(name, 0.0) / words

    return ([Ablated("step", name, None, 1000 * seconds / words) for name, seconds in whole.items()],
            [Ablated("link", name, brings, cost(name)) for name, brings in brought.items()],
            [Ablated("fact", name, None, cost(name)) for name in map(name_of, rank.FEATURES)])


def links(data: Path, world: World) -> Mapping[str, Difference]:
    """What each feature of a link brings to the F1 of a text, on the marked texts that are not for reporting."""
    from evals.linking import _f1, judged
    from evals.linking_gold import marked

    texts = [one for one in marked(data) if not one.is_test]
    reader = world.graph.at()

    def scores() -> list[float]:
        found = [linked(request_of(Ask(one.document.text, document=one.document), world), world)[0]
                 for one in texts]
        return [_f1(judged(one, some, reader)) for one, some in zip(texts, found, strict=True)]

    whole = scores()
    brought = {}
    for feature in link.FEATURES:
        with without(link.FEATURES, feature):
            brought[name_of(feature)] = paired(whole, scores())
    return brought


def passages(data: Path, embedder: str) -> list[Ablated]:
    """What lists and boosts bring to the recall of right passages, on samples of the dev halves of all sets."""
    pools = [_sample(make(data)) for make in POOLS]
    values: dict[str, list[float]] = {}
    times: dict[str, float] = {}
    asked = sum(len(pool.questions) for pool in pools)
    tables: list[tuple[Mapping[str, float], str]] = [(table, name) for table in (fuse.WEIGHTS, fuse.BOOSTS)
                                                     for name in table]
    for pool in pools:
        with open_running(Settings.read(data=str(built(pool, embedder)), embedder=embedder)) as running:
            values.setdefault("", []).extend(_recall(pool, running.world))
            for name, seconds in profiled(lambda: _recall(pool, running.world)).items():  # noqa: B023 - called at once
                times[name] = times.get(name, 0.0) + seconds
            for table, name in tables:
                with without(table, name):
                    values.setdefault(name, []).extend(_recall(pool, running.world))
    return [Ablated("passage", name, paired(values[""], values[name]),
                    1000 * times[name] / asked if name in times else None) for _, name in tables]


def _sample(pool: Pool) -> Pool:
    """The pool with some of its dev questions, evenly spread."""
    dev = [one for one in pool.questions if one.part == "dev"]
    return Pool(pool.name, pool.documents, dev[::max(1, len(dev) // QUESTIONS)][:QUESTIONS])


def _recall(pool: Pool, world: World) -> list[float]:
    return recalls(pool.questions, [_found(one, world) for one in pool.questions], 5)


def _found(question: Question, world: World) -> Found:
    as_of, known_by = (parse_when(date) if date else None for date in (question.as_of, question.known_by))
    ask = Ask(question.text, as_of=as_of, known_by=known_by, limit=PASSAGES)
    answer = pipeline.find_passages(ask, world, Deadline.after(LIMIT_S))
    return Found(tuple(dict.fromkeys(str(one.document) for one in answer.passages))[:DEPTH])


def table(found: Sequence[Ablated], unit: str) -> str:
    """As Markdown, dearest first where nothing was taken away, else what brings most first."""
    ordered = sorted(found, key=lambda one: (-(one.brings.value if one.brings else 0.0), -(one.cost or 0.0), one.name))
    lines = [f"| feature | brings | cost, ms {unit} |", "|---|---|---|"]
    lines += [f"| `{one.name}` | {one.brings or ''} | {'' if one.cost is None else f'{one.cost:.3f}'} |"
              for one in ordered]
    return "\n".join(lines) + "\n"


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the evaluation data.")],
    embedder: Annotated[str, typer.Option(help="As for serve.")] = "auto",
    write: Annotated[bool, typer.Option("--write", help="Renew docs/quality-cost.md and its plot.")] = False,
) -> None:
    """Measure, and print the tables."""
    made, linking, facts = reading(data)
    lists = passages(data, embedder)
    text = (f"## Steps of the read path\n\n{table(made, 'per 1,000 words')}\n"
            f"## Rankings and boosts of passages\n\nBrings: recall@5 over {len(POOLS)} sets.\n\n"
            f"{table(lists, 'per question')}\n"
            f"## Features of links\n\nBrings: F1 of a marked text.\n\n{table(linking, 'per 1,000 words')}\n"
            f"## Features of facts\n\n{table(facts, 'per 1,000 words')}")
    sys.stdout.write(text)
    if write:
        PAGE.write_text(HEAD + text, encoding="utf-8")
        points = [Point(one.name, one.cost, one.brings.value) for one in (*lists, *linking)
                  if one.brings is not None and one.cost]
        PLOT.write_text(scatter(points, "ms per question or per 1,000 words", "recall@5 or F1 that it brings"),
                        encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
