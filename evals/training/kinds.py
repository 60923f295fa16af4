"""`python -m evals.training.kinds DATA`: train the classifiers of worldctx.text.kinds, write worldctx/text/kinds.npz.

Trained on topics.tsv and registers.tsv, which were written for this, and on pieces of every speech of the United
Nations General Debate (CC0) whose id falls to the training half. Calibrated on the development halves of
`evals.kinds`.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from evals.kinds import Text, half, labelled_by_source, labelled_by_topic, speeches
from worldctx.embed.folder import packaged
from worldctx.embed.onnx import OnnxEmbedder
from worldctx.text import kinds
from worldctx.text.kinds import BOUND, Classifier, Classifiers
from worldctx.text.style import style_of

TEXTS = Path(__file__).parent
TARGET = Path(kinds.__file__).with_name("kinds.npz")
#: Principal components kept; the constant of the discount; the inverse strength of the penalty; what a rate counts
#: beside a word. By six-fold cross-validation over the texts written for this.
DIMENSIONS, DISCOUNT, PENALTY, RATE = 64, 1e-3, 3.0, 0.1
#: Speeches of which a piece is taken, and what it counts: they are all of one sort.
SPEECHES, SPEECH_WEIGHT = 12, 0.4
#: Steps of a quantised number of a vector, and of a weight.
STEP, FINE = 127, 32_767
_WHOLE_WORD = re.compile(r"[a-z]{2,}")

Floats = NDArray[np.float64]


def main(data: Annotated[Path, typer.Argument(help="Folder of the evaluation data.")]) -> None:
    """Train, calibrate, write."""
    words, vectors = word_vectors()
    # Quantised before training, so that what is trained is what is shipped.
    scale = float(np.abs(vectors).max()) / STEP
    whole = np.round(vectors / scale).astype(np.int8)
    places = {word: place for place, word in enumerate(words)}
    registers = [(row[0], row[2]) for row in _rows("registers.tsv")]
    pieces = _pieces(data)
    styles = np.array([style_of(text) for _, text in registers])
    mean, deviation = styles.mean(axis=0), styles.std(axis=0) + 1e-6
    register = _fitted([*registers, *(("SP", piece) for piece in pieces)], places, whole, scale, (mean, deviation),
                       [1.0] * len(registers) + [SPEECH_WEIGHT] * len(pieces))
    topics = [(row[0], row[1]) for row in _rows("topics.tsv")]
    topic = _fitted(topics, places, whole, scale, None, [1.0] * len(topics))
    made = Classifiers(places, whole, tuple(mean.tolist()), tuple(deviation.tolist()), register, topic)
    sure = {"register": _platt(made, "register", labelled_by_source(data)),
            "topic": _platt(made, "topic", labelled_by_topic(data))}
    arrays: dict[str, Any] = {"words": " ".join(words), "vectors": whole, "mean": mean,
                              "deviation": deviation}
    for name, one in (("register", register), ("topic", topic)):
        arrays |= {f"{name}_codes": " ".join(one.codes), f"{name}_weights": one.weights.astype(np.int16),
                   f"{name}_scale": one.scale, f"{name}_bias": one.bias,
                   f"{name}_rates": np.array(one.rates).reshape(-1, len(one.codes)),
                   f"{name}_sure": sure[name]}
    np.savez_compressed(TARGET, **arrays)
    sys.stderr.write(f"{TARGET.name}: {len(words):,} words, {TARGET.stat().st_size:,} bytes; calibration {sure}\n")


def word_vectors() -> tuple[list[str], Floats]:
    """The whole words of the model's vocabulary, frequent ones first, and their reduced, discounted vectors."""
    from sklearn.decomposition import PCA  # type: ignore[import-untyped]  # it ships no types

    model = packaged()
    assert model is not None, "install worldctx[embed]"
    listed = (model.path / "vocab.txt").read_text(encoding="utf-8").split("\n")
    words = [word for word in listed if _WHOLE_WORD.fullmatch(word)]
    vectors = PCA(DIMENSIONS, svd_solver="full").fit_transform(OnnxEmbedder(model).embed(words))
    share = 1 / np.arange(1, len(words) + 1)  # Zipf's law: the vocabulary is listed by frequency
    return words, vectors * (DISCOUNT / (DISCOUNT + share / share.sum()))[:, None]


def _rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (TEXTS / name).read_text(encoding="utf-8").splitlines()]


def _pieces(data: Path) -> list[str]:
    draw = random.Random(1)
    texts = [text for key, text in speeches(data) if half(key) == 0]
    found = []
    for text in draw.sample(texts, SPEECHES):
        start = draw.randrange(max(1, len(text) - 1500))
        found.append(text[start:start + draw.choice((400, 800, 1500, 5000))])
    return found


def _fitted(labelled: Sequence[tuple[str, str]], places: dict[str, int], whole: NDArray[np.int8], scale: float,
            rates: tuple[Floats, Floats] | None, weights: Sequence[float]) -> Classifier:
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

    rows = []
    for _, text in labelled:
        found = [places[word] for word in re.findall(r"[a-z]+", text[:kinds.HEAD].lower()) if word in places]
        mean = whole[found].sum(axis=0, dtype=np.int64) * scale / len(found)
        row = mean / np.linalg.norm(mean)
        if rates is not None:
            row = np.concatenate([row, RATE * np.clip((style_of(text) - rates[0]) / rates[1], -BOUND, BOUND)])
        rows.append(row)
    codes = [code for code, _ in labelled]
    fitted = LogisticRegression(C=PENALTY, max_iter=5000, tol=1e-6).fit(np.array(rows), codes, sample_weight=weights)
    by_word = fitted.coef_[:, :DIMENSIONS].T
    step = float(np.abs(by_word).max()) / FINE
    by_rate = RATE * fitted.coef_[:, DIMENSIONS:].T
    return Classifier(tuple(map(str, fitted.classes_)), np.round(by_word / step).astype(np.int64), step,
                      tuple(fitted.intercept_.tolist()), tuple(tuple(one) for one in by_rate.tolist()), 1.0, 0.0)


def _platt(made: Classifiers, name: str, texts: Sequence[Text]) -> tuple[float, float]:
    """Slope and intercept from the log odds of the best class to its being right, on the development half."""
    from sklearn.linear_model import LogisticRegression

    odds, right = [], []
    for one in texts:
        found = getattr(made.kind_of(one.text), name)
        if half(one.key) == 0 and found is not None:
            sure = found.confidence
            odds.append([np.log(min(max(sure, 1e-6), 1 - 1e-6) / (1 - min(max(sure, 1e-6), 1 - 1e-6)))])
            right.append(found.code in one.codes)
    fitted = LogisticRegression(C=10.0).fit(odds, right)
    return round(float(fitted.coef_[0][0]), 3), round(float(fitted.intercept_[0]), 3)


if __name__ == "__main__":
    typer.run(main)
