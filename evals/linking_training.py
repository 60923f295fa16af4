"""The weights of worldctx/lookup/link.py: a conditional logit over names whose meaning is known.

`python -m evals.linking_training DATA` prints them. Learned from the dev part of the hand-made gold, and from the
toponyms of the news that no test holds, whose page names say what they mean, and from paragraphs that name their own
title.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
from scipy.optimize import minimize  # type: ignore[import-untyped]  # it ships no types

from evals.known_world import known_world
from evals.linking_gold import GOLD, marked
from evals.toponyms import is_test
from worldctx.config import Settings
from worldctx.lookup import link as model
from worldctx.lookup import places
from worldctx.lookup.link import Judged, in_company_of_all, key_of
from worldctx.lookup.linking import prepared
from worldctx.lookup.mention import Named
from worldctx.lookup.request import request_of
from worldctx.model.ask import Ask
from worldctx.model.document import Document
from worldctx.model.entity import Kind
from worldctx.model.ids import DocumentId, EntityId
from worldctx.ports.graph import GraphReader
from worldctx.ports.world import World
from worldctx.text.words import PLACE_TYPES
from worldctx.wiring import open_running

#: Rounds: each learns from the company that the weights of the one before found.
ROUNDS = 2
#: Ridge penalty on each weight.
PENALTY = 0.5
#: Set elsewhere: these texts have no publishers, and few states behind towns; and few everyday words, or former names.
BY_HAND = {"at_home": 0.4, "an_everyday_word": -1.5, "no_longer_in_use": -0.5, "of_a_work": 1.0,
           **{feature.__name__: weight for feature, weight in places.WEIGHTS.items()}}
#: What speaks against a candidate; all else speaks for it. No sign is learned from a few odd cases.
DOUBTS = frozenset({
    "hardly_known", "less_known_than_a_namesake", "has_namesakes", "without_its_accents",
    "an_acronym_of_something_else", "written_small", "announced_as_a_person", "also_written_small",
    "part_of_a_longer_name", "heads_a_longer_name", "ends_a_longer_name", "part_of_a_written_name",
    "told_to_be_of_another_kind", "of_another_type"})
#: How much a name of the silver part counts against one of the gold.
SILVER = 0.5


@dataclass(frozen=True, slots=True)
class Choice:
    """A mention's candidates as feature values, which of them are right (none: NIL), and how much it counts."""

    values: np.ndarray
    right: np.ndarray
    weight: float


@dataclass(frozen=True, slots=True)
class Known:
    """A text and what its spans mean: ids, none for NIL. A span that it does not tell of is NIL, or not counted.

    Attributes:
        whole: every name of the text is told of.
        places: every place of the text is told of.
    """

    document: Document
    spans: dict[tuple[int, int], frozenset[str]]
    whole: bool
    places: bool


def known_texts(data: Path, reader: GraphReader) -> Iterator[Known]:
    """The dev part of the gold, then the news that neither it nor the test half of the row on places holds."""
    for one in marked(data):
        if not one.is_test:
            yield Known(one.document, {(name.start, name.end): name.ids for name in one.names}, True, True)
    held = {row["record"] for row in map(json.loads, GOLD.read_text(encoding="utf-8").splitlines())
            if row.get("document") == "toponyms/geovirus.xml"}
    pages = _pages(data)
    news = ElementTree.parse(data / "toponyms" / "geovirus.xml").getroot()
    for place, article in enumerate(news):
        if str(place) not in held and not is_test(article.findtext("source", "")):
            spans = {}
            for spot in article.iter("location"):
                page = unquote((spot.findtext("page") or "").rpartition("/")[2])
                ids = frozenset({pages[page]}) if page in pages else frozenset({f"?{page}"})
                # Characters are counted from 1 there.
                start, end = int(spot.findtext("start") or 1) - 1, int(spot.findtext("end") or 1) - 1
                spans[start, end] = ids
            yield Known(Document(DocumentId(f"news:{place}"), article.findtext("text") or ""), spans, False, True)
    yield from _titled(data, pages)


def _titled(data: Path, pages: Mapping[str, str]) -> Iterator[Known]:
    """Paragraphs with the page of their title in the graph, where they name it in full; the gold's are left out."""
    held = {one.document.text for one in marked(data)}
    passages = json.loads((data / "qa" / "musique_train_corpus.json").read_text(encoding="utf-8"))
    texts = {one["text"]: one["title"] for one in passages}
    hotpot = json.loads((data / "qa" / "hotpotqa_train_corpus.json").read_text(encoding="utf-8"))
    texts.update(("".join(sentences), title) for title, sentences in hotpot.items())
    for place, (text, title) in enumerate(texts.items()):
        name, page = title.partition(" (")[0], title.replace(" ", "_")
        spans = {match.span(): frozenset({pages[page]}) for match in re.finditer(rf"\b{re.escape(name)}\b", text)
                 } if page in pages and text not in held else {}
        if spans:
            yield Known(Document(DocumentId(f"titled:{place}"), text), spans, False, False)


def _pages(data: Path) -> dict[str, str]:
    entities = json.loads((data / "world" / "fb15k-entity2wikidata.json").read_text(encoding="utf-8"))
    return {unquote(one["wikipedia"].rpartition("/wiki/")[2]): f"wd:{one['wikidata_id']}"
            for one in entities.values() if one.get("wikipedia")}


def choices(texts: Sequence[Known], world: World) -> Iterator[Choice]:
    """What each mention chooses among, with the present weights in the first pass."""
    reader = world.graph.at()
    for text in texts:
        mentions, scene, *_ = prepared(request_of(Ask(text.document.text, document=text.document), world), world)
        keys = [key_of(mention) for mention in mentions]
        judgements_of = in_company_of_all(dict(zip(reversed(keys), reversed(mentions), strict=True)), scene)
        wanted = {EntityId(one) for ids in text.spans.values() for one in ids}
        same = reader.resolve(wanted)
        for mention, key in zip(mentions, keys, strict=True):
            judgements = judgements_of[key]
            meant = _meant(text, mention, judgements)
            if judgements and meant is not None:
                ids = {same.get(EntityId(one), EntityId(one)) for one in meant}
                right = np.array([one.entity.id in ids for one in judgements])
                right |= np.array([_twin(one, judgements, right) for one in judgements])
                if meant and not right.any():
                    continue  # its entity is no candidate: nothing to be learned about choosing
                yield Choice(np.array([_values(one) for one in judgements]), right, 1.0 if text.whole else SILVER)


def _twin(one: Judged, others: Sequence[Judged], right: np.ndarray) -> bool:
    """Whether a candidate is what a right one is, under an id that nobody joined to it yet: same name, same type."""
    mine = {word for word in one.entity.description.split()[:4] if word in PLACE_TYPES}
    return any(good and other.entity.label() == one.entity.label() and mine & set(other.entity.description.split())
               for other, good in zip(others, right.tolist(), strict=True))


def _meant(text: Known, mention: Named, found: Sequence[Judged]) -> frozenset[str] | None:
    """The ids that a mention means, none for NIL; None where that is not known."""
    span = mention.start, mention.end
    if span in text.spans:
        ids = text.spans[span]
        return None if any(one.startswith("?") for one in ids) else ids
    over = any(start < mention.end and mention.start < end for start, end in text.spans)
    kinds = {one.hit.kind for one in found}
    if text.whole:
        return None if kinds == {Kind.CONCEPT} and not over else frozenset()
    # The news tell of places only, and of no demonyms.
    return frozenset() if text.places and kinds == {Kind.PLACE} and not mention.demonym and not over else None


def _values(one: Judged) -> list[float]:
    said = dict(one.evidence)
    return [1.0, *(said.get(feature, 0.0) for feature in model.FEATURES)]


def learned(found: Sequence[Choice]) -> np.ndarray:
    """The weights, the bias first, by penalised maximum likelihood; each right candidate of a mention is as good."""
    rows = np.concatenate([one.values for one in found])
    right = np.concatenate([one.right for one in found])
    owner = np.repeat(np.arange(len(found)), [len(one.values) for one in found])
    counts = np.array([one.weight for one in found])
    none = ~np.array([one.right.any() for one in found])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = np.clip(rows @ weights, -50, 50)
        parts = np.exp(odds)
        whole = 1 + np.bincount(owner, parts, len(found))
        good = np.where(none, 1.0, np.bincount(owner, parts * right, len(found)))
        value = -float(np.sum(counts * np.log(good / whole)))
        pull = counts[owner] * (parts / whole[owner] - np.where(none[owner], 0.0, parts * right / good[owner]))
        penalised = np.r_[0.0, weights[1:]]
        return value + PENALTY * float(penalised @ penalised), rows.T @ pull + 2 * PENALTY * penalised

    names = [feature.__name__ for feature in model.FEATURES]
    start = np.array([0.0, *(BY_HAND.get(name, 0.0) for name in names)])
    bounds = [(None, None), *map(_bounds, names)]
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def _bounds(name: str) -> tuple[float | None, float | None]:
    if name in BY_HAND:
        return BY_HAND[name], BY_HAND[name]
    return (None, 0.0) if name in DOUBTS else (0.0, None)


def main(data: Path) -> None:
    with open_running(Settings.read(data=known_world(data), embedder="none")) as running:
        texts = list(known_texts(data, running.world.graph.at()))
        for _ in range(ROUNDS):
            found = list(choices(texts, running.world))
            weights = learned(found)
            model.BIAS = round(float(weights[0]), 2)
            model.FEATURES.update(  # type: ignore[attr-defined]  # the next round reads them
                {feature: round(float(weight), 2) for feature, weight in zip(model.FEATURES, weights[1:], strict=True)})
            right = sum(_is_right(one, weights) for one in found) / len(found)
            sys.stderr.write(f"{len(found)} choices, {right:.3f} of them right\n")
    sys.stdout.write(f"BIAS = {model.BIAS}\n" + "".join(
        f"    {feature.__name__}: {weight},\n" for feature, weight in model.FEATURES.items()))


def _is_right(one: Choice, weights: np.ndarray) -> bool:
    odds = one.values @ weights
    best = int(np.argmax(odds))
    return bool(one.right[best]) if odds[best] > 0 else not one.right.any()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
