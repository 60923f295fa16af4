"""Same thing or not: duplicates made of people and of places are found among their real namesakes.

`python -m evals.same_thing DATA --train` prints the weights and thresholds that stand in worldctx/resolve/score.py:
weights from the train part, thresholds from the dev part. The table has the test part.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from evals import made_places
from evals.case import Case
from evals.kept import record
from evals.made_duplicates import labelled, people
from evals.row import Figure, Row, mean_figure
from worldctx.client.client import connect_blocking, groups
from worldctx.config import Settings
from worldctx.exchange.facts import line_of
from worldctx.exchange.mapping import Made
from worldctx.exchange.mapping import Mapping as MappingFile
from worldctx.model.entity import Kind
from worldctx.resolve.candidates import Candidate, Census
from worldctx.resolve.comparison import FEATURES
from worldctx.resolve.score import BY_HAND, MODELS, UNMEASURED, Model, evidence, score
from worldctx.wiring import reading

#: Lines of one commit.
LINES = 10_000
#: Precision that a threshold must have on the dev part, and the smallest threshold: real data has fewer duplicates than
#: were made here, so that a pair of even odds is more often wrong there.
PRECISE, SMALLEST = 0.995, 80
#: What the dev part gives for places; `resolve auto` has no threshold for them, for the test part is not good enough.
PLACES_AT = 0.9
Ids = frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """What came out of one part.

    Attributes:
        pairs: those that are one thing.
        candidates: what blocking proposed of this kind, scored.
        proposed: ids of all pairs that blocking proposed.
        rate: candidates scored in a second.
    """

    pairs: frozenset[Ids]
    candidates: Sequence[Candidate]
    proposed: frozenset[Ids]
    rate: float

    @property
    def blocking_recall(self) -> float:
        """Share of the true pairs that blocking proposes."""
        return len(self.pairs & self.proposed) / len(self.pairs)

    def merged(self, threshold: float) -> list[bool]:
        """Of the pairs that a threshold merges, whether each is one thing."""
        return [frozenset(one.ids) in self.pairs for one in self.candidates if one.score.value >= threshold]

    def found(self, threshold: float) -> list[bool]:
        """Of the pairs that are one thing, whether a threshold merges each."""
        merged = {frozenset(one.ids) for one in self.candidates if one.score.value >= threshold}
        return [pair in merged for pair in sorted(self.pairs, key=sorted)]


def found_people(data: Path, part: str) -> Found:
    """People of Open States with duplicates made, imported by the shipped mapping."""
    made = labelled(people(data / "world" / "openstates-people.jsonl.gz"), part)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "people.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in made.records), encoding="utf-8")
        lines = (line_of(one.line) for one in MappingFile.load("openstates").rows(file) if isinstance(one, Made))
        return _found(Path(folder), lines, made.pairs, Kind.PERSON)


def found_places(part: str) -> Found:
    """Cities of GeoNames with duplicates made."""
    lines, pairs = made_places.labelled(part)
    with TemporaryDirectory() as folder:
        return _found(Path(folder), lines, pairs, Kind.PLACE)


def _found(folder: Path, lines: Iterable[str], pairs: frozenset[Ids], kind: Kind) -> Found:
    with connect_blocking(f"embedded:{folder}/world", embedder="none") as client:
        for group in groups(lines, LINES):
            refused = client.write_facts(group).refused
            assert not refused, refused[0]
    with reading(Settings.read(data=folder / "world")) as graph:
        census = Census(graph, kind=kind)
        proposed = frozenset(map(frozenset, census.pairs))
        begun = time.perf_counter()
        candidates = [one for one in census.candidates() if one.left.kind is one.right.kind is kind]
        return Found(pairs, candidates, proposed, len(proposed) / (time.perf_counter() - begun))


def run(data: Path) -> Iterator[Row]:
    """Precision and recall of merges at the shipped thresholds, on the test parts."""
    yield _row("same person or not", "openstates, 30 %, duplicates made of half", found_people(data, "test"),
               MODELS[Kind.PERSON].threshold)
    yield _row("same place or not", "GeoNames, 30 %, duplicates made of a fifth", found_places("test"),
               PLACES_AT)


def _row(name: str, data: str, found: Found, threshold: float) -> Row:
    merged, recalled = found.merged(threshold), found.found(threshold)
    by_name = _same_names(found)
    return Row(name, data, len(found.pairs), (
        mean_figure("precision", list(map(float, merged)), [float(one) for one in by_name.values()], 0.99),
        mean_figure("recall", list(map(float, recalled)),
                    [float(by_name.get(pair, False)) for pair in sorted(found.pairs, key=sorted)], 0.90),
        Figure("blocking recall", found.blocking_recall, found.blocking_recall, found.blocking_recall),
    ), f"threshold {threshold}, {len(merged):,} merges; {len(found.proposed):,} candidates; baseline: equal names",
        tuple(_cases(found, threshold)))


def _cases(found: Found, threshold: float) -> Iterator[Case]:
    """Every pair that is one thing or was merged."""
    scored: dict[Ids, Candidate] = {frozenset(map(str, one.ids)): one for one in found.candidates}
    wrong = {pair for pair, one in scored.items() if one.score.value >= threshold} - found.pairs
    for pair in sorted(found.pairs | wrong, key=sorted):
        one, truth = scored.get(pair), pair in found.pairs
        merged = one is not None and one.score.value >= threshold
        fault = ("" if merged is truth else "merged though two things" if merged else
                 "not among the candidates" if one is None else "one thing, scored too low")
        reasons = () if one is None else (f"score {one.score.value:.3f}, threshold {threshold}", *(
            f"{each.weight:+.1f} {each.text}" for each in one.score.reasons))
        asked = " and ".join(sorted(pair)) if one is None else " and ".join(
            f"{side.names[0].text} ({side.id})" for side in (one.left, one.right))
        yield Case(" = ".join(sorted(pair)), asked, "the same" if truth else "two", "the same" if merged else "two",
                   float(merged is truth), fault, reasons)


def _same_names(found: Found) -> Mapping[Ids, bool]:
    """Pairs with an equal name, whether they are one thing: what merging by name alone does."""
    return {frozenset(one.ids): frozenset(one.ids) in found.pairs for one in found.candidates
            if {name.text.casefold() for name in one.left.names} & {name.text.casefold() for name in one.right.names}}


def train(found: Found) -> tuple[float, dict[str, float]]:
    """Bias and weights of a logistic regression (scikit-learn: L2, C = 1), those set by hand added."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

    names = [feature.__name__ for feature in FEATURES if feature.__name__ not in BY_HAND]
    rows = [[_values(one).get(name, 0.0) for name in names] for one in found.candidates]
    labels = [frozenset(one.ids) in found.pairs for one in found.candidates]
    fitted = LogisticRegression(C=1.0, max_iter=5000).fit(rows, labels)
    weights = {name: round(float(weight), 2) for name, weight in zip(names, fitted.coef_[0], strict=True)
               if round(float(weight), 2)}
    return round(float(fitted.intercept_[0]), 2), weights


def _values(one: Candidate) -> dict[str, float]:
    return {feature.__name__: found.value for feature, found in evidence(one.pair).items()}


def threshold(found: Found) -> float:
    """The smallest score, of two places, from which on the merges are precise."""
    best = UNMEASURED
    for step in range(99, SMALLEST - 1, -1):
        merged = found.merged(step / 100)
        if merged and sum(merged) / len(merged) < PRECISE:
            break
        best = step / 100 if merged else best
    return best


def _scored(found: Found, bias: float, weights: Mapping[str, float]) -> Found:
    """The same with other weights."""
    model = Model("trained", bias, {**weights, **BY_HAND}, 1.0)
    return replace(found, candidates=[replace(one, score=score(one.pair, model)) for one in found.candidates])


def main(
    data: Annotated[Path, typer.Argument(help="Folder of the evaluation data.")],
    training: Annotated[bool, typer.Option("--train", help="Fit weights and thresholds and print them.")] = False,
    wrong: Annotated[bool, typer.Option("--wrong", help="Show the dev part's wrong merges and missed pairs.")] = False,
) -> None:
    """Measure the test parts with what is shipped, or train."""
    finders: dict[Kind, Callable[[str], Found]] = {Kind.PERSON: lambda part: found_people(data, part),
                                                   Kind.PLACE: found_places}
    if not training and not wrong:
        for row in run(data):
            sys.stdout.write(json.dumps(record(row)) + "\n")
        return
    for kind, find in finders.items():
        model = MODELS[kind]
        bias, weights = train(find("train")) if training else (model.bias, model.weights)
        dev = _scored(find("dev"), bias, weights)
        least = threshold(dev)
        merged, recalled = dev.merged(least) or [False], dev.found(least)
        sys.stdout.write(json.dumps({
            "kind": kind, "bias": bias, "weights": weights, "threshold": least, "precision": sum(merged) / len(merged),
            "recall": sum(recalled) / len(recalled), "pairs": len(dev.pairs), "merges": len(merged),
            "blocking_recall": dev.blocking_recall, "candidates": len(dev.proposed), "rate": dev.rate}) + "\n")
        if wrong:
            _show_wrong(dev, least)


def _show_wrong(found: Found, least: float) -> None:
    for one in found.candidates:
        truth = frozenset(one.ids) in found.pairs
        if truth is not (one.score.value >= least):
            reasons = "; ".join(f"{each.weight:+.1f} {each.text}" for each in one.score.reasons)
            sys.stdout.write(f"{'missed' if truth else 'wrong'} {one.score.value} {one.ids}: {reasons}\n")


if __name__ == "__main__":
    typer.run(main)
