"""Which event is told of: matches and tournaments of the World Cups asked for, and reported, without their names.

Questions and reports are made from the tables by templates; whether an event is of the past is decided by the clocks. A
second row measures the words that tell an event against sentences marked by hand.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from evals.case import Case
from evals.event_questions import Question, questions, reports
from evals.known_world import known_world
from evals.row import Figure, Row, mean_figure
from evals.speeches import speeches
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.lookup.same_event import SHARED, clusters, same_event, telling
from worldctx.text.dates import find_dates
from worldctx.text.triggers import find_triggers

GOLD = Path(__file__).parent / "gold" / "events.jsonl"
def run(data: Path) -> Iterator[Row]:
    """Both rows; the first against the world with all imports."""
    wanted = [one for one in questions(data / "world" / "worldcup") if not is_dev(one.id)]
    with TemporaryDirectory() as folder:
        shutil.copytree(known_world(data), f"{folder}/world")
        with connect_blocking(f"embedded:{folder}/world", embedder="none", timeout_s=600) as client:
            yield asked(client, wanted)
    yield marked(data)
    yield told_twice(data)


def is_dev(name: str) -> bool:
    """Whether a case is of the part that may be looked at."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 0


def asked(client: BlockingClient, about: Sequence[Question]) -> Row:
    """The row about known events."""
    cases: list[Case] = []
    first, five, named, leaks = (list[float]() for _ in range(4))
    for one in about:
        answer = client.look_up(one.ask)
        told = [claim for claim in answer.what.claims if claim.field == "events" and claim.ref]
        refs = list(dict.fromkeys(claim.ref for claim in told))
        first.append(float(bool(one.wanted & set(refs[:1]))))
        five.append(float(bool(one.wanted & set(refs[:5]))))
        named.append(float(any(claim.ref in one.wanted and claim.method == "gazetteer" for claim in told)))
        early = client.look_up(one.early)
        shown = {claim.ref for claim in early.what.claims} | {
            end for fact in early.facts for end in (fact.subject, fact.object)}
        leaks.append(float(bool(one.wanted & shown)))
        cases.append(Case(one.id, f"{one.kind}: {one.text}",
                          ", ".join(sorted(one.wanted)), "; ".join(claim.value for claim in told[:5]), first[-1],
                          "" if first[-1] else f"{one.kind}: {'another first' if refs else 'none'}",
                          tuple(f"{claim.value} {claim.confidence:.2f}" for claim in told[:5])))
    kinds: dict[str, list[float]] = defaultdict(list)
    for one, hit in zip(about, first, strict=True):
        kinds[one.kind].append(hit)
    by_kind = ", ".join(f"{kind} {mean(hits):.3f} ({len(hits)})" for kind, hits in sorted(kinds.items()))
    return Row("which event", "worldcup: matches and tournaments, unnamed", len(about), (
        mean_figure("hit@1", first, named), mean_figure("hit@5", five, named), mean_figure("leak", leaks, (), 0.0)),
        f"test half; hit@1 {by_kind}; leak: as of the day before; baseline: events that the text names", tuple(cases))


def marked(data: Path) -> Row:
    """The row about words that tell events."""
    right = wrong = missed = bare = 0
    cases = []
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        if is_dev(f"{one['record']}-{one['start']}"):
            continue
        text = _texts(data, one["file"])[one["record"]][one["start"]:one["end"]]
        dated = bool(find_dates(text, None))
        found = [trigger for trigger in find_triggers(text) if dated or not trigger.weak]
        bare += len(find_triggers(text))
        first = one["start"]
        wanted = [(event["start"] - first, event["end"] - first, event["type"]) for event in one["events"]]
        left = list(wanted)
        for trigger in found:
            span = trigger.span
            hit = next((gold for gold in left
                        if gold[0] < span.end and span.start < gold[1] and gold[2] == trigger.type), None)
            if hit is not None:
                left.remove(hit)
        hits = len(wanted) - len(left)
        right, wrong, missed = right + hits, wrong + len(found) - hits, missed + len(left)
        faults = [f"missed: {gold[2]}" for gold in left] or (["wrong"] if len(found) > hits else [])
        cases.append(Case(f"{one['record']}-{one['start']}", text[:120], ", ".join(gold[2] for gold in wanted),
                          ", ".join(trigger.type for trigger in found), float(not faults), faults[0] if faults else ""))
    precision, recall = right / max(1, right + wrong), right / max(1, right + missed)
    share = mean_figure("sentences all right", [one.score for one in cases])
    return Row("what tells an event", "225 sentences of news, speeches, encyclopedias", len(cases), (
        _exact("precision", precision), _exact("recall", recall),
        _exact("F1", 2 * precision * recall / max(1e-9, precision + recall)), share),
        f"test half, {right + missed} marked triggers, by type; without the rule about dates precision "
        f"{right / max(1, bare):.3f}", tuple(cases))


def told_twice(data: Path) -> Row:
    """The row about texts on the same event: two reports of each match of the last tournaments."""
    texts = [(match, telling(f"{match} {place % 2}", text, day))
             for place, (match, text, day) in enumerate(reports(data / "world" / "worldcup"))
             if match.startswith(("M-2018", "M-2019", "M-2022"))]
    right = wrong = by_words = 0
    pairs = len(texts) // 2
    for place, (match, one) in enumerate(texts):
        for other_match, other in texts[place + 1:]:
            same = same_event(one, other)
            right += same and match == other_match
            wrong += same and match != other_match
            by_words += match != other_match and len(one.words & other.words) / min(len(one.words), len(
                other.words)) >= SHARED
    precision, recall = right / max(1, right + wrong), right / pairs
    grouped = clusters([one for _, one in texts])
    exact = sum(len(group) == 2 and len({name[:-2] for name in group}) == 1 for group in grouped) / pairs
    return Row("same event", "worldcup: two reports of each match of 2018, 2019 and 2022", len(texts), (
        replace(_exact("precision", precision), baseline=pairs / (pairs + by_words)), _exact("recall", recall),
        _exact("clusters exact", exact)), "pairs of texts, and clusters of two; baseline: like words alone")


def _exact(metric: str, value: float) -> Figure:
    return Figure(metric, value, value, value)


@cache
def _texts(data: Path, file: str) -> dict[str, str]:
    """The texts of a data set by the names of their records."""
    path = data / file
    if path.suffix == ".xml":
        return {article.findtext("source", ""): article.findtext("text", "")
                for article in ElementTree.parse(path).getroot()}  # a file of our own data, not of a stranger
    if path.suffix == ".gz":
        return {one.id: one.document.text for one in speeches(data)}
    rows = json.loads(path.read_text(encoding="utf-8"))
    texts = [" ".join(one) for one in rows.values()] if isinstance(rows, dict) else [one["text"] for one in rows]
    return {str(place): text for place, text in enumerate(texts)}
