"""Names in text, whether the graph knows them or not: spans and kinds against hand-made labels.

`gold/names.jsonl` has a line for each piece of text: data file, record, characters of it, and the spans that name a
person, an organisation, a place or something else (nationalities, works, products, events), in the record's text.
Titles, offices, diseases and strains are no names; of nested names the longest is marked.
"""

from __future__ import annotations

import gzip
import json
import random
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import regex

from evals.case import Case
from evals.known_world import known_world
from evals.row import Figure, Row
from worldctx.config import Settings
from worldctx.model.clocks import Clocks
from worldctx.model.entity import Kind
from worldctx.model.ids import Revision
from worldctx.ports.lexicon import NameMatch
from worldctx.ports.tagger import NameTagger, TaggedName
from worldctx.text.gazetteer import Gazetteer
from worldctx.text.names import RuleTagger
from worldctx.wiring import reading

GOLD = Path(__file__).parent / "gold" / "names.jsonl"
#: Kinds that count by name; all others are `other`.
KINDS = frozenset({Kind.PERSON.value, Kind.ORGANISATION.value, Kind.PLACE.value})
#: Speeches that silver is made of; those with gold pieces in them are not among them.
SPEECHES = 120
SEED, DRAWS = 7, 1000
#: Names of the graph's entities that the entity ruler gets, by weight.
RULED = 40_000
Spans = Mapping[tuple[int, int], str]
#: Right, found and wanted names of each piece.
Counts = Sequence[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text and its names by hand; spans lie in the piece."""

    id: str
    text: str
    names: Spans

    @property
    def is_test(self) -> bool:
        """Whether it is reported on; rules were written with the others in sight."""
        return int(sha256(f"names:{self.id}".encode()).hexdigest(), 16) % 2 == 1


def pieces(data: Path) -> list[Piece]:
    """All pieces with labels."""
    found = []
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        start = row["start"]
        text = _texts(data / row["file"])[row["record"]][start:row["end"]]
        names = {(first - start, last - start): kind for first, last, kind in row["names"]}
        found.append(Piece(row["record"], text, names))
    return found


@cache
def _texts(path: Path) -> Mapping[str, str]:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name).decode("utf-8") for name in archive.namelist() if name.endswith(".txt")}
    if path.suffix == ".xml":
        return {one.findtext("source", ""): one.findtext("text", "") for one in ElementTree.parse(path).getroot()}
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return {one["id"]: one["text"] for one in map(json.loads, file)}
    content = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(content, dict):
        return {title: "".join(parts) for title, parts in content.items()}
    return {one["title"]: one["text"] for one in content}


def run(data: Path) -> Iterator[Row]:
    """A row for each way of finding names, over the test half: rules, a CRF from silver, spaCy without a model."""
    every = [one for one in pieces(data) if one.is_test]
    with reading(Settings.read(data=known_world(data))) as graph:
        head, lexicon = graph.head(), Gazetteer(graph.names())
        popular = sorted(((row.weight, row.name.text, row.kind.value) for row in graph.names()), reverse=True)[:RULED]
    known = [lexicon.scan(one.text, Clocks(), head) for one in every]
    simple = [_simple(one.text) for one in every]
    yield _row("names in text, by rules", every, known, RuleTagger().tag, simple, "the default; no model")
    unaware = [()] * len(every)
    yield _row("names in text, by rules, graph unseen", every, unaware, RuleTagger().tag, simple,
               "kinds by words alone")
    with tempfile.TemporaryDirectory() as folder:
        crf, note = _trained(data, lexicon, head, Path(folder) / "names.crf", {one.id for one in pieces(data)})
    yield _row("names in text, by a CRF from silver", every, known, crf.tag, simple, note)
    yield _row("names in text, by spaCy without a model", every, known, _ruler(popular), simple,
               f"blank English and an entity ruler of the graph's {RULED:,} best known names")


def _trained(data: Path, lexicon: Gazetteer, head: Revision, target: Path, gold: set[str]) -> tuple[NameTagger, str]:
    from worldctx.text.crf import open_crf, train
    from worldctx.text.silver import silver

    draw, began = random.Random(SEED), time.perf_counter()
    texts = (text for key, text in _texts(data / "speeches" / "ungd.jsonl.gz").items() if key not in gold)
    examples = [one for text in islice(texts, SPEECHES)
                for one in silver(text, lexicon.scan(text, Clocks(), head), draw)]
    size = train(examples, target, {"about": "UN General Debate, CC0", "seed": SEED})
    return open_crf(target), (f"silver of {SPEECHES} speeches, {len(examples):,} sentences, {size:,} bytes, "
                              f"made and trained in {time.perf_counter() - began:.0f} s")


def _ruler(names: Iterable[tuple[float, str, str]]) -> Callable[[str, Sequence[NameMatch]], Sequence[TaggedName]]:
    import spacy

    pipeline = spacy.blank("en")
    ruler: Any = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": kind, "pattern": name} for _, name, kind in names])

    def tag(text: str, known: Sequence[NameMatch]) -> Sequence[TaggedName]:
        return [TaggedName(one.start_char, one.end_char, one.text, Kind(one.label_)) for one in pipeline(text).ents]

    return tag


def _simple(text: str) -> Spans:
    """Runs of capitalised words, without one that opens a sentence: the simplest method."""
    return {one.span(): "other" for one in regex.finditer(r"(?<![.!?:\n] )(?<!\n)\b\p{Lu}[\p{L}\p{M}\p{N}'’-]*"
                                                          r"(?: \p{Lu}[\p{L}\p{M}\p{N}'’-]*)*", text) if one.start()}


def _row(name: str, every: Sequence[Piece], known: Sequence[Sequence[NameMatch]],
         tag: Callable[[str, Sequence[NameMatch]], Sequence[TaggedName]], simple: Sequence[Spans], note: str) -> Row:
    began = time.process_time()
    found = [tag(one.text, matches) for one, matches in zip(every, known, strict=True)]
    taken = time.process_time() - began
    spans = [{(one.start, one.end): _kind(one.kind) for one in some} for some in found]
    words = sum(len(one.text.split()) for one in every)
    baseline = [_counts(one.names, other, typed=False) for one, other in zip(every, simple, strict=True)]
    figures = []
    for metric, typed, measure, least in (("span F1", False, _f1, 0.84), ("precision", False, _precision, None),
                                          ("recall", False, _recall, None), ("F1 with kind", True, _f1, None)):
        counts = [_counts(one.names, mine, typed=typed) for one, mine in zip(every, spans, strict=True)]
        figures.append(_figure(metric, counts, measure, None if typed else measure(baseline), least))
    return Row(name, "news, paragraphs, speeches and chats by hand, test half", sum(len(one.names) for one in every),
               tuple(figures), f"{note}; {words / max(taken, 1e-6):,.0f} words/s; baseline: runs of capitalised words",
               tuple(_case(one, mine) for one, mine in zip(every, spans, strict=True)))


def _kind(kind: Kind | None) -> str:
    return kind.value if kind is not None and kind.value in KINDS else "other"


def _counts(gold: Spans, mine: Spans, *, typed: bool) -> tuple[int, int, int]:
    """Right, found, wanted."""
    right = sum(span in gold and (not typed or gold[span] == kind) for span, kind in mine.items())
    return right, len(mine), len(gold)


def _sums(counts: Counts) -> tuple[int, int, int]:
    return sum(one[0] for one in counts), sum(one[1] for one in counts), sum(one[2] for one in counts)


def _f1(counts: Counts) -> float:
    right, found, wanted = _sums(counts)
    return 2 * right / max(1, found + wanted)


def _precision(counts: Counts) -> float:
    return _sums(counts)[0] / max(1, _sums(counts)[1])


def _recall(counts: Counts) -> float:
    return _sums(counts)[0] / max(1, _sums(counts)[2])


def _figure(metric: str, counts: Counts, measure: Callable[[Counts], float],
            baseline: float | None, aim: float | None) -> Figure:
    """A micro figure with a percentile bootstrap over pieces."""
    draw = random.Random(SEED)
    drawn = sorted(measure(draw.choices(counts, k=len(counts))) for _ in range(DRAWS))
    return Figure(metric, measure(counts), drawn[25], drawn[974], baseline, aim)


def _case(piece: Piece, mine: Spans) -> Case:
    missed = sorted(piece.names.keys() - mine.keys())
    more = sorted(mine.keys() - piece.names.keys())
    fault = ""
    if missed or more:
        over = any(first < end and start < last for start, end in missed for first, last in more)
        fault = "wrong ends" if over else "missed" if missed else "no name"
    score = _f1([_counts(piece.names, mine, typed=False)])
    return Case(piece.id, piece.text[:80], "; ".join(piece.text[slice(*span)] for span in missed),
                "; ".join(piece.text[slice(*span)] for span in more), score, fault)
