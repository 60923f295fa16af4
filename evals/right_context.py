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
from evals.ngrams import Conditional, Trigrams
from evals.row import Figure, Row, mean_figure, paired
from evals.speeches import Speech, speeches
from worldctx.client.client import connect_blocking
from worldctx.model.document import Document
from worldctx.wire.v1 import context_pb2, types_pb2

SEED = 20_28
#: Characters of a speech that are enriched (its context comes from what it declares and how it begins), and predicted.
READ, PREDICTED = 2_000, 12_000
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
    """The speeches with what the service renders before them."""
    with TemporaryDirectory() as folder:
        shutil.copytree(known_world(data), Path(folder) / "world")
        with connect_blocking(f"embedded:{folder}/world", embedder="none", timeout_s=600) as client:
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
    everything = dict(zip((one.id for one in spoken), told(data, spoken), strict=True))
    train, dev, test = ([everything[one.id] for one in spoken if one.part == part] for part in ("train", "dev", "test"))
    model = Trigrams(one.text for one in train)
    places = range(max(len(one.context) for one in train))
    whole = conditional(model, train, dev, places)
    yield _right(model, whole, test)
    yield _helps(model, train, dev, test, whole, places)


def conditional(model: Trigrams, train: Sequence[Told], dev: Sequence[Told], places: Sequence[int]) -> Conditional:
    """The model that reads these fields of a context, its weights from the dev part."""
    made = Conditional(model, [one.context for one in train], places)
    made.fit([one.text for one in dev[::4]], [one.context for one in dev[::4]])
    return made


def _right(model: Trigrams, whole: Conditional, test: Sequence[Told]) -> Row:
    draw = random.Random(SEED)
    wins = {share: [float(case.score) for case in _swapped(model, whole, test, share, draw)] for share in CORRUPTED}
    cases = list(_swapped(model, whole, test, 0.0, random.Random(SEED)))
    figures = [mean_figure("own over another's", [one.score for one in cases], [0.5], 0.95)]
    figures += [mean_figure(f"the same, {share:.0%} of fields corrupted", values, [0.5])
                for share, values in wins.items()]
    return Row("context is right", "speeches, header profile", len(test), tuple(figures),
               f"share of {OTHERS} other speeches' contexts under which a text is less likely than under its own; "
               "interpolated Kneser-Ney trigrams mixed with counts by field; trained on half, weights from a fifth; "
               f"the first {PREDICTED:,} characters; baseline: chance", tuple(cases))


def _swapped(model: Trigrams, whole: Conditional, test: Sequence[Told], share: float, draw: random.Random,
             ) -> Iterator[Case]:
    """Each text under its own context, of which a share is corrupted, against others'."""
    for one in test:
        others = [other for other in draw.sample(test, OTHERS + 2) if other.context != one.context][:OTHERS]
        stranger = draw.choice(test)
        own = tuple(stranger.context[place] if place < len(stranger.context) and draw.random() < share else value
                    for place, value in enumerate(one.context))
        ids = model.ids(one.text)
        mine = whole.bits(ids, own)
        bits = [(whole.bits(ids, other.context), other) for other in others]
        won = sum(mine < theirs for theirs, _ in bits) / len(bits)
        reasons = tuple(f"{(theirs - mine) / len(ids):+.4f} bits a word under {' | '.join(other.context)}"
                        for theirs, other in sorted(bits, key=lambda pair: (pair[0], pair[1].id)))
        best = min(bits, key=lambda pair: (pair[0], pair[1].id))
        yield Case(one.id, one.text[:300], " | ".join(own), " | ".join(own if won == 1 else best[1].context), won,
                   "" if won == 1 else "another's context fits better", reasons)


def _helps(model: Trigrams, train: Sequence[Told], dev: Sequence[Told], test: Sequence[Told], whole: Conditional,
           places: Sequence[int]) -> Row:
    bare = _per_word(model, conditional(model, train, dev, ()), test)
    date = next((place for place in places
                 if all(len(one.context) > place and one.context[place][:_YEAR].isdigit() for one in train)), None)
    varied = [place for place in places if len({one.context[place:place + 1] for one in train}) > 1]
    figures = [_gain("Δ bits a word, all fields", _per_word(model, whole, test), bare, -0.04)]
    if date is not None:
        figures.append(_gain("Δ bits a word, date alone",
                             _per_word(model, conditional(model, train, dev, (date,)), test), bare, None))
        rest = [place for place in varied if place != date]
        figures.append(_gain("Δ bits a word, all but the date",
                             _per_word(model, conditional(model, train, dev, rest), test), bare, None))
    strange = _per_word(model, whole, [Told(one.id, one.text, other.context)
                                       for one, other in zip(test, [*test[7:], *test[:7]], strict=True)])
    figures.append(_gain("Δ bits a word, another's context", strange, bare, None))
    return Row("context helps", "speeches, header profile", len(test), tuple(figures),
               "bits with context less bits without, per word or mark of the text; intervals: paired bootstrap over "
               "speeches; no title-like field is in the prefix; another's context should not help")


def _per_word(model: Trigrams, conditional: Conditional, test: Sequence[Told]) -> list[float]:
    values = []
    for one in test:
        ids = model.ids(one.text)
        values.append(conditional.bits(ids, one.context) / len(ids))
    return values


def _gain(metric: str, given: Sequence[float], bare: Sequence[float], aim: float | None) -> Figure:
    apart = paired(given, bare)
    return Figure(metric, apart.value, apart.low, apart.high, 0.0, aim, less_is_better=True)
