"""Who is it: names of news, encyclopedia paragraphs and speeches against the whole imported world, end to end.

Micro-F1 is strict: same characters, same entity. A name whose entity the world lacks is NIL: a link there is wrong, and
so is one where no name is. Concepts that the gold does not mark (diseases, languages, offices) are not counted.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import spacy

from evals.case import Case
from evals.known_world import known_world
from evals.linking_gold import Marked, Meant, marked
from evals.row import Figure, Row
from worldctx.config import Settings
from worldctx.lookup.link import SURE
from worldctx.lookup.pipeline import look_up
from worldctx.model.ask import Ask, clocks_of
from worldctx.model.context import Candidate, Link, Span
from worldctx.model.entity import Kind
from worldctx.ports.deadline import Deadline
from worldctx.ports.graph import GraphReader
from worldctx.ports.world import World
from worldctx.wiring import open_running

#: Least weight of what spaCy's entity ruler is given: all names would not fit into memory.
RULER_WEIGHT = 0.25
NAME = "who is it"


@dataclass(frozen=True, slots=True)
class Judged:
    """One link or one name that was missed.

    Attributes:
        found: the link; None for a name that was missed.
        meant: the name at its very span; None where none stands.
        fault: the class of the error; empty where it is right.
    """

    document: str
    found: Link | None
    meant: Meant | None
    fault: str

    @property
    def is_right(self) -> bool:
        return not self.fault


def run(data: Path) -> Iterator[Row]:
    """The row about the test part."""
    with TemporaryDirectory() as folder:
        shutil.copytree(known_world(data), Path(folder) / "world")
        with open_running(Settings.read(data=Path(folder) / "world", embedder="none")) as running:
            yield _row([one for one in marked(data) if one.is_test], running.world)


def _row(texts: Sequence[Marked], world: World) -> Row:
    reader = world.graph.at()
    links = [look_up(Ask(one.document.text, document=one.document), world, Deadline()).entities for one in texts]
    ours = [judged(one, found, reader) for one, found in zip(texts, links, strict=True)]
    prior = [judged(one, most_known(one, world), reader) for one in texts]
    ruler = _ruler(world)
    ruled = [judged(one, ruler(one), reader) for one in texts]
    named = sum(len(one.names) for one in texts)
    inside = sum(bool(name.ids) for one in texts for name in one.names)
    right, base = _choices(texts, links, reader), _choices(texts, [most_known(one, world) for one in texts], reader)
    sure = [[one for one in some if one.found is None or one.found.score >= SURE] for some in ours]
    figures = [
        _figure("micro-F1", ours, _f1, prior, 0.65), _figure("precision", ours, _precision, prior),
        _figure("recall", ours, _recall, prior), _figure(f"precision at {SURE}", sure, _precision, None, 0.95),
        _exact(f"recall at {SURE}", sum(one.is_right for some in sure for one in some) / inside),
        _exact("coverage", inside / named), _exact("NIL precision", _nil_precision(texts, links)),
        _exact("accuracy where it is a candidate", sum(right) / len(right), sum(base) / len(base)),
        _exact("calibration error", _calibration_error(ours)),
        *(_figure(f"micro-F1, {kind}", [_of_kind(some, kind) for some in ours], _f1,
                  [_of_kind(some, kind) for some in prior]) for kind in ("place", "person", "organisation")),
        _figure("micro-F1 of spaCy's entity ruler, most known", ruled, _f1),
    ]
    cases = tuple(_case(place, one) for some in ours for place, one in enumerate(some))
    return Row(NAME, f"{len(texts)} texts, test part of our gold", named, tuple(figures),
               "strict spans; names that the graph lacks count when linked; baseline: longest name, most known; "
               f"spaCy {version('spacy')} with names of weight {RULER_WEIGHT} and more", cases)


def judged(text: Marked, links: Sequence[Link], reader: GraphReader) -> list[Judged]:
    """What is right and wrong of the links of a text, and what they miss."""
    meant = {(one.start, one.end): one for one in text.names}
    found = []
    right = set()
    for one in links:
        span = one.span.start, one.span.end
        over = any(name.start < span[1] and span[0] < name.end for name in text.names)
        if one.id is None or (one.kind is Kind.CONCEPT and not over):
            continue
        name = meant.get(span)
        fault = ("" if name is not None and _same(one.id, name.ids, reader)
                 else "wrong entity" if name is not None and name.ids else "NIL linked" if name is not None
                 else "wrong span" if over else "no name")
        if not fault:
            right.add(span)
        found.append(Judged(text.document.id, one, name, fault))
    linked = {(one.span.start, one.span.end) for one in links if one.id is not None}
    seen = {(one.span.start, one.span.end) for one in links}
    found += [Judged(text.document.id, None, name, "taken for NIL" if span in seen else "not found")
              for span, name in meant.items() if name.ids and span not in right and span not in linked]
    return found


def _same(entity: str, ids: frozenset[str], reader: GraphReader) -> bool:
    read = reader.resolve([entity, *ids])  # type: ignore[list-item]  # ids as they stand in the gold
    return read[entity] in {read[one] for one in ids}  # type: ignore[index]


def most_known(text: Marked, world: World) -> list[Link]:
    """The baseline: the longest names of the lexicon, and of each the best known that bears it."""
    clocks, _ = clocks_of(Ask(text.document.text, document=text.document))
    found = []
    for match in world.lexicon.scan(text.document.text, clocks, world.graph.head()):
        hits = sorted(match.hits, key=lambda hit: (-hit.weight, hit.entity))
        found.append(Link(Span(match.start, match.end), match.surface, hits[0].entity, hits[0].name, hits[0].kind, 1.0,
                          tuple(Candidate(hit.entity, hit.name, hit.kind, hit.weight) for hit in hits)))
    return found


def _ruler(world: World) -> Callable[[Marked], list[Link]]:
    """spaCy's entity ruler over the world's better known names; an id for each name, the best known that bears it."""
    best: dict[str, tuple[float, str, Kind]] = {}
    for row in world.graph.names():
        known = best.get(row.name.text)
        if row.weight >= RULER_WEIGHT and (known is None or (-row.weight, row.entity) < (-known[0], known[1])):
            best[row.name.text] = row.weight, row.entity, row.kind
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": str(kind), "pattern": name, "id": entity}  # type: ignore[attr-defined]
                        for name, (_, entity, kind) in best.items() if not name.islower()])

    def ruled(text: Marked) -> list[Link]:
        return [Link(Span(one.start_char, one.end_char), one.text, one.ent_id_, one.text,  # type: ignore[arg-type]
                     Kind(one.label_), 1.0) for one in nlp(text.document.text).ents]

    return ruled


def _choices(texts: Sequence[Marked], links: Sequence[Sequence[Link]], reader: GraphReader) -> list[bool]:
    """For each name whose entity is among the candidates of its span: whether it is the first of them."""
    right = []
    for text, found in zip(texts, links, strict=True):
        candidates = {one.surface: one.candidates for one in found if one.candidates}
        spans = {(one.span.start, one.span.end): one for one in found}
        for name in text.names:
            one = spans.get((name.start, name.end))
            some = candidates.get(one.surface, ()) if one is not None else ()
            if name.ids and any(_same(each.id, name.ids, reader) for each in some):
                right.append(_same(some[0].id, name.ids, reader))
    return right


def _nil_precision(texts: Sequence[Marked], links: Sequence[Sequence[Link]]) -> float:
    """Of the names that were taken for NIL, the share that are."""
    nil = []
    for text, found in zip(texts, links, strict=True):
        meant = {(one.start, one.end): one for one in text.names}
        nil += [not name.ids for one in found if one.id is None
                and (name := meant.get((one.span.start, one.span.end))) is not None]
    return sum(nil) / len(nil)


def _calibration_error(ours: Sequence[Sequence[Judged]]) -> float:
    """Expected calibration error (Naeini et al. 2015) of the scores of links, ten bins."""
    bins: dict[int, list[Judged]] = {}
    for some in ours:
        for one in some:
            if one.found is not None:
                bins.setdefault(min(9, int(10 * one.found.score)), []).append(one)
    total = sum(map(len, bins.values()))
    return sum(abs(sum(one.is_right - (one.found.score if one.found else 0.0) for one in some))
               for _, some in sorted(bins.items())) / total


def _counts(some: Sequence[Judged]) -> tuple[int, int, int]:
    """Right links, wrong links, names that were missed."""
    right = sum(one.is_right for one in some)
    wrong = sum(one.found is not None and not one.is_right for one in some)
    missed = sum(one.found is None or one.fault == "wrong entity" for one in some)
    return right, wrong, missed


def _precision(some: Sequence[Judged]) -> float:
    right, wrong, _ = _counts(some)
    return right / max(1, right + wrong)


def _recall(some: Sequence[Judged]) -> float:
    right, _, missed = _counts(some)
    return right / max(1, right + missed)


def _f1(some: Sequence[Judged]) -> float:
    right, wrong, missed = _counts(some)
    return 2 * right / max(1, 2 * right + wrong + missed)


def _of_kind(some: Sequence[Judged], kind: str) -> list[Judged]:
    return [one for one in some if (one.meant.kind if one.meant is not None
                                    else one.found.kind if one.found is not None else None) == kind]


def _figure(metric: str, ours: Sequence[Sequence[Judged]], measure: Callable[[Sequence[Judged]], float],
            baseline: Sequence[Sequence[Judged]] | None = None, aim: float | None = None) -> Figure:
    """A measure over all texts with its percentile bootstrap over texts (Efron 1979), 1,000 draws, seed 7."""
    draw = random.Random(7)
    size = len(ours)
    values = sorted(measure([one for some in draw.choices(ours, k=size) for one in some]) for _ in range(1000))
    base = None if baseline is None else measure([one for some in baseline for one in some])
    return Figure(metric, measure([one for some in ours for one in some]), values[25], values[974], base, aim)


def _exact(metric: str, value: float, baseline: float | None = None) -> Figure:
    return Figure(metric, value, value, value, baseline)


def _case(place: int, one: Judged) -> Case:
    found, meant = one.found, one.meant
    surface = found.surface if found is not None else meant.surface if meant is not None else ""
    reasons: Mapping[str, None] = dict.fromkeys(
        f"{reason.text}: {reason.weight:+.2f}" for each in (found.candidates[:1] if found else ())
        for reason in sorted(each.reasons, key=lambda reason: -abs(reason.weight)))
    return Case(f"{one.document}:{place}", surface, ", ".join(sorted(meant.ids)) if meant is not None else "",
                f"{found.id} {found.name} {found.score}" if found is not None else "NIL", float(one.is_right),
                one.fault, tuple(reasons))
