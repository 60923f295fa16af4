"""Facts for the reader: what of the rest of a text the facts chosen for its beginning announce, in bits.

A reader of the first 3,000 characters is handed ten facts. Each thing that the facts name, that the beginning does not
name and that the rest does, was worth having: as many bits as it is rare among the rests of other speeches (its self-
information, Shannon 1948). Facts of a hub, which most texts come to anyhow, so count for little.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log2
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.case import Case
from evals.known_world import known_world
from evals.row import Row, mean_figure
from evals.speeches import Speech, speeches
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.model.ask import Ask
from worldctx.wire.v1 import context_pb2

#: Speeches drawn, characters of a beginning and of a rest, facts shown, and candidates among which baselines choose.
DRAWN, BEGINNING, REST, SHOWN, CANDIDATES = 320, 3000, 15_000, 10, 200


@dataclass(frozen=True, slots=True)
class Reading:
    """One speech: facts as (subject, predicate, object, words), what its beginning names, and what its rest names."""

    key: str
    part: str
    chosen: Sequence[tuple[str, str, str, str]]
    candidates: Sequence[tuple[str, str, str, str]]
    begun: frozenset[str]
    rest: frozenset[str]


def run(data: Path, part: str = "test") -> Row:
    """Bits announced by ten facts, against the facts of the best connected and against ten at random.

    Args:
        part: `train` measures on the half that weights are fitted on.
    """
    readings = _readings(data)
    others = [one for one in readings if one.part == "train"]
    named = Counter(entity for one in others for entity in one.rest)
    asked = [one for one in readings if one.part == part]
    draw = random.Random(7)

    def bits(one: Reading, facts: Sequence[tuple[str, str, str, str]]) -> float:
        told = {end for subject, _, target, _ in facts for end in (subject, target)}
        return sum(log2((len(others) + 1) / (named[entity] + 1)) for entity in sorted((told & one.rest) - one.begun))

    ours = [bits(one, one.chosen) for one in asked]
    linked = [bits(one, _best_connected(one)) for one in asked]
    chance = [bits(one, draw.sample(list(one.candidates), min(SHOWN, len(one.candidates)))) for one in asked]
    best = [bits(one, one.candidates) for one in asked]
    cases = tuple(Case(
        one.key, f"{len(one.begun)} named at the beginning, {len(one.rest - one.begun)} more in the rest",
        f"at most {most:.1f} bits", f"{value:.1f} bits", min(1.0, value / most) if most else 1.0,
        "" if value or not most else "announces nothing", tuple(words for *_, words in one.chosen))
        for one, value, most in zip(asked, ours, best, strict=True))
    return Row("facts for the reader", f"beginnings of {len(asked)} speeches, imported world", len(asked), (
        mean_figure("bits announced by ten facts", ours, linked),
        mean_figure("share of texts of which something is announced", [float(value > 0) for value in ours],
                    [float(value > 0) for value in linked])),
        f"baseline: the ten facts whose ends have most facts; ten at random: {sum(chance) / len(chance):.2f} bits; all "
        f"{CANDIDATES} candidates together: {sum(best) / len(best):.2f}", cases)


def _best_connected(one: Reading) -> Sequence[tuple[str, str, str, str]]:
    often = Counter(end for subject, _, target, _ in one.candidates for end in (subject, target) if end)
    return sorted(one.candidates, key=lambda fact: (-often[fact[0]] - often[fact[2]], fact))[:SHOWN]


def _readings(data: Path) -> list[Reading]:
    drawn = random.Random(3).sample([one for one in speeches(data) if len(one.document.text) > 2 * BEGINNING], DRAWN)
    with TemporaryDirectory() as folder:
        shutil.copytree(known_world(data), Path(folder) / "world")
        with connect_blocking(f"embedded:{folder}/world", embedder="none", timeout_s=600) as client:
            return [_read(client, one) for one in drawn if one.part != "dev"]


def _read(client: BlockingClient, speech: Speech) -> Reading:
    text = speech.document.text
    cut = text.rfind(". ", 0, BEGINNING) + 2
    begun = _asked(client, speech, text[:cut], SHOWN)
    rest = _asked(client, speech, text[cut:cut + REST], 1)
    every = _asked(client, speech, text[:cut], CANDIDATES)
    return Reading(speech.id, speech.part, _facts(begun), _facts(every), _named(begun), _named(rest))


def _asked(client: BlockingClient, speech: Speech, text: str, limit: int) -> context_pb2.LookUpResponse:
    answer: context_pb2.LookUpResponse = client.look_up(
        Ask("", document=replace(speech.document, text=text), limit=limit))
    return answer


def _facts(answer: context_pb2.LookUpResponse) -> Sequence[tuple[str, str, str, str]]:
    return [(one.subject, one.predicate, one.object, f"{one.subject_name} {one.predicate} {one.object_name}")
            for one in answer.facts]


def _named(answer: context_pb2.LookUpResponse) -> frozenset[str]:
    return frozenset(one.id for one in answer.entities if one.id)
