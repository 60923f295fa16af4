"""Whether the context that a text is given is its own, and whether it helps to predict the text: speeches, words.

The context is the prefix that the `header` profile renders. A text should be likelier under its own context than under
another's, less so the more of its record is corrupted; and it should cost fewer bits with it than without.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.case import Case
from evals.known_world import known_world
from evals.ngrams import Conditional, Read, Trigrams
from evals.row import Figure, Row, mean_figure, paired
from evals.speeches import Speech, speeches
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.model.document import Document
from worldctx.wire.v1 import context_pb2, types_pb2

SEED = 20_28
#: Characters of a speech that are enriched (its context comes from what it declares and how it begins), and predicted.
READ, PREDICTED = 1_000, 8_000
#: Of the dev part, which gives the weights: one of so many.
DEV_EVERY = 4
#: Other contexts that each text is tried with.
OTHERS = 4
#: Shares of the fields of a record that are replaced by another's.
CORRUPTED = (0.25, 0.5, 1.0)
_YEAR = 4


@dataclass(frozen=True, slots=True)
class Told:
    """A text, the fields of its rendered context, and its id."""

    id: str
    text: str
    context: tuple[str, ...]


def told(data: Path, spoken: Sequence[Speech]) -> list[Told]:
    """The speeches with what the service renders before them in the known world."""
    with TemporaryDirectory() as folder:
        shutil.copytree(known_world(data), Path(folder) / "world")
        with connect_blocking(f"embedded:{folder}/world", embedder="none", timeout_s=600) as client:
            return rendered(client, spoken)


def rendered(client: BlockingClient, spoken: Sequence[Speech]) -> list[Told]:
    """The speeches with what a service renders before them."""
    items = client.enrich([(one.id, _beginning(one.document)) for one in spoken],
                          context_pb2.LookUpRequest(profile="header", budget=256))
    prefixes = {one.id: _prefix(one.response.rendered) for one in items}
    return [Told(one.id, one.document.text[:PREDICTED], tuple(prefixes[one.id].strip().split(" | "))) for one in spoken]


def _beginning(document: Document) -> Document:
    return replace(document, text=document.text[:READ])


def _prefix(rendered: types_pb2.Rendered) -> str:
    spans = [one.span for one in rendered.spans if one.part == "context"]
    return rendered.text[spans[0].start:spans[0].end] if spans else ""


def run(data: Path) -> Iterator[Row]:
    """Both rows."""
    spoken = speeches(data)
    yield from measured([(one.part, each) for one, each in zip(spoken, told(data, spoken), strict=True)])


def measured(parts: Sequence[tuple[str, Told]]) -> Iterator[Row]:
    """Both rows, of texts by part: train, dev or test."""
    train = [one for part, one in parts if part == "train"]
    model = Trigrams(one.text for one in train)
    dev, test = ([Tried(one, model.read(one.text)) for one in some] for some in (
        [one for part, one in parts if part == "dev"][::DEV_EVERY], [one for part, one in parts if part == "test"]))
    reading = Reading(model, train, dev)
    yield _right(reading, test)
    yield _helps(reading, test)


@dataclass(frozen=True, slots=True)
class Tried:
    """A text outside training, read once."""

    told: Told
    read: Read


@dataclass(frozen=True, slots=True)
class Reading:
    """What is trained: the model of words, the texts it counted, and those that weights come from."""

    model: Trigrams
    train: Sequence[Told]
    dev: Sequence[Tried]

    @property
    def places(self) -> Sequence[int]:
        """Of the fields that differ from text to text: what all share would only be a second model of all texts."""
        longest = max(len(one.context) for one in self.train)
        return [place for place in range(longest) if len({one.context[place:place + 1] for one in self.train}) > 1]

    def given(self, places: Sequence[int]) -> Conditional:
        """The model that reads these fields of a context."""
        made = Conditional(self.model, [one.context for one in self.train], places)
        made.fit([one.read for one in self.dev], [one.told.context for one in self.dev])
        return made


def _right(reading: Reading, test: Sequence[Tried]) -> Row:
    whole = reading.given(reading.places)
    cases = list(_swapped(whole, test, 0.0))
    figures = [mean_figure("own over another's", [one.score for one in cases], [0.5], 0.95)]
    figures += [mean_figure(f"the same, {share:.0%} of fields corrupted",
                            [one.score for one in _swapped(whole, test, share)], [0.5]) for share in CORRUPTED]
    return Row("context is right", "speeches, header profile", len(test), tuple(figures),
               f"share of {OTHERS} other speeches' contexts under which a text is less likely than under its own; "
               "interpolated Kneser-Ney trigrams mixed with counts by field; trained on half, weights from a "
               f"twentieth; the first {PREDICTED:,} characters; baseline: chance", tuple(cases))


def _swapped(whole: Conditional, test: Sequence[Tried], share: float) -> Iterator[Case]:
    """Each text under its own context, of which a share is corrupted, against others'."""
    draw = random.Random(SEED)
    contexts = [one.told.context for one in test]
    for one in test:
        others = [other for other in draw.sample(contexts, 2 * OTHERS) if other != one.told.context][:OTHERS]
        stranger = draw.choice(contexts)
        own = tuple(stranger[place] if place < len(stranger) and draw.random() < share else value
                    for place, value in enumerate(one.told.context))
        mine = whole.bits(one.read, own)
        bits = sorted((whole.bits(one.read, other), other) for other in others)
        won = sum(mine < theirs for theirs, _ in bits) / len(bits)
        likeliest = own if won == 1 else bits[0][1]
        yield Case(one.told.id, one.told.text[:300], " | ".join(own), " | ".join(likeliest), won,
                   "" if won == 1 else "another's context fits better",
                   tuple(f"{(theirs - mine) / len(one.read):+.4f} bits a word under {' | '.join(other)}"
                         for theirs, other in bits))


def _helps(reading: Reading, test: Sequence[Tried]) -> Row:
    whole, bare = reading.given(reading.places), _per_word(reading.given(()), test)
    date = [place for place in reading.places
            if all(one.context[place:] and one.context[place][:_YEAR].isdigit() for one in reading.train)]
    rest = [place for place in reading.places if place not in date]
    strange = [Tried(replace(one.told, context=other.told.context), one.read)
               for one, other in zip(test, [*test[7:], *test[:7]], strict=True)]
    return Row("context helps", "speeches, header profile", len(test), (
        _gain("Δ bits a word, all fields", _per_word(whole, test), bare, -0.04),
        _gain("Δ bits a word, date alone", _per_word(reading.given(date), test), bare, None),
        _gain("Δ bits a word, all but the date", _per_word(reading.given(rest), test), bare, None),
        _gain("Δ bits a word, another's context", _per_word(whole, strange), bare, None)),
        "bits with context less bits without, per word or mark of the text; intervals: paired bootstrap over speeches; "
        "no title-like field is in the prefix; another's context should not help")


def _per_word(given: Conditional, test: Sequence[Tried]) -> list[float]:
    return [given.bits(one.read, one.told.context) / len(one.read) for one in test]


def _gain(metric: str, given: Sequence[float], bare: Sequence[float], aim: float | None) -> Figure:
    apart = paired(given, bare)
    return Figure(metric, apart.value, apart.low, apart.high, 0.0, aim, less_is_better=True)
