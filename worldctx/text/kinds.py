"""What kind of text this is: its register and its topic, by two linear classifiers that may also say nothing.

The classifiers are trained by `python -m evals.training.kinds` on texts written for this and on speeches that are in
the public domain. A word's weights are those of its vector under all-MiniLM-L6-v2 (Apache-2.0), reduced by principal
components and discounted for frequent words (Arora, Liang and Ma 2017), so that words that no training text has count
too; a text is the mean of its words; register adds the rates of `worldctx.text.style`. Confidence is calibrated (Platt
1999) on real texts.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from worldctx.text.style import style_of

#: Characters that are looked at, and known words from which on a text can be judged.
HEAD, ENOUGH = 5_000, 12
#: Least share of words that are known: below, the text is in another language, or is no running text.
KNOWN_SHARE = 0.5
#: How far from the mean a standardised rate counts.
BOUND = 3.0
_WORD = re.compile(r"[a-z]+")

#: IPTC Media Topics, the top level, by the first two digits of their codes.
TOPICS = {
    "01": "arts, culture, entertainment and media", "02": "crime, law and justice",
    "03": "disaster, accident and emergency incident", "04": "economy, business and finance", "05": "education",
    "06": "environment", "07": "health", "08": "human interest", "09": "labour", "10": "lifestyle and leisure",
    "11": "politics and government", "12": "religion", "13": "science and technology", "14": "society", "15": "sport",
    "16": "conflict, war and peace", "17": "weather",
}
#: CORE registers (Laippala et al. 2021), and the Functional Text Dimension (Sharoff 2018) that a text of each serves.
REGISTERS = {
    "NE": ("news report", "A8"), "SR": ("sports report", "A8"), "NA": ("narrative", "A4"), "OP": ("opinion", "A1"),
    "RV": ("review", "A17"), "EN": ("encyclopedia article", "A16"), "IN": ("informational description", "A16"),
    "RA": ("research article", "A14"), "LT": ("legal terms", "A9"), "HI": ("how-to", "A7"), "RE": ("recipe", "A7"),
    "DS": ("description with intent to sell", "A12"), "ID": ("interactive discussion", "A18"),
    "IT": ("interview", "A18"), "SP": ("spoken", "A1"), "LY": ("lyrical", "A19"),
}
PURPOSES = {
    "A1": "argumentative", "A4": "narrative", "A7": "instructive", "A8": "reporting", "A9": "legal",
    "A12": "promotional", "A14": "academic", "A16": "informative", "A17": "evaluative", "A18": "conversational",
    "A19": "poetic",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One class that a text is in: its code in its scheme, and the probability that this is right, to 4 places."""

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class TextKind:
    """What kind of text it is; None where that cannot be told."""

    register: Judged | None = None
    purpose: Judged | None = None
    topic: Judged | None = None


@dataclass(frozen=True, slots=True)
class Classifier:
    """A softmax regression over the mean vector of a text, at length 1, and rates.

    Attributes:
        codes: of the classes.
        weights: [dimensions, classes] whole numbers; `scale` makes weights of them.
        bias: [classes].
        rates: [rates, classes] weights of the standardised rates; without rows where rates do not count.
        slope, intercept: of the logistic regression from the log odds of the best class to its being right.
    """

    codes: tuple[str, ...]
    weights: NDArray[np.int64]
    scale: float
    bias: tuple[float, ...]
    rates: tuple[tuple[float, ...], ...]
    slope: float
    intercept: float

    def judge(self, total: NDArray[np.int64], rates: tuple[float, ...]) -> dict[str, float]:
        """The probability of each class.

        Args:
            total: the sum of the vectors of a text's words, not 0.
            rates: standardised.
        """
        # Whole numbers add up to the same in any order and on any machine.
        scores = [self.scale * one for one in (total @ self.weights).tolist()]
        size = sum(one * one for one in total.tolist()) ** 0.5
        scores = [score / size + bias for score, bias in zip(scores, self.bias, strict=True)]
        for rate, weights in zip(rates, self.rates, strict=False):
            scores = [score + rate * weight for score, weight in zip(scores, weights, strict=True)]
        best = max(scores)
        odds = [exp(score - best) for score in scores]
        every = sum(odds)
        return {code: one / every for code, one in zip(self.codes, odds, strict=True)}

    def sure(self, probability: float) -> float:
        """The probability that a class which the regression gives this probability is the right one."""
        clipped = min(max(probability, 1e-6), 1 - 1e-6)
        return round(1 / (1 + exp(-(self.slope * log(clipped / (1 - clipped)) + self.intercept))), 4)


@dataclass(frozen=True, slots=True)
class Classifiers:
    """Both classifiers and what they share.

    Attributes:
        places: the row of each known word.
        vectors: [words, dimensions] of whole numbers.
        mean, deviation: of each rate in the training texts.
    """

    places: dict[str, int]
    vectors: NDArray[np.int8]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    register: Classifier
    topic: Classifier

    def kind_of(self, text: str) -> TextKind:
        """See the function of this name."""
        text = text[:HEAD]
        found = _WORD.findall(text.lower())
        rows = [place for place in map(self.places.get, found) if place is not None]
        if len(rows) < max(ENOUGH, KNOWN_SHARE * len(found)):
            return TextKind()
        total = self.vectors[rows].sum(axis=0, dtype=np.int64)
        if not total.any():
            return TextKind()
        rates = tuple(min(BOUND, max(-BOUND, (rate - mean) / deviation)) for rate, mean, deviation in zip(
            style_of(text), self.mean, self.deviation, strict=True))
        registers = self.register.judge(total, rates)
        purposes: dict[str, float] = {}
        for code, probability in registers.items():
            purpose = REGISTERS[code][1]
            purposes[purpose] = purposes.get(purpose, 0.0) + probability
        return TextKind(_best(registers, self.register), _best(purposes, self.register),
                        _best(self.topic.judge(total, ()), self.topic))


def _best(probabilities: dict[str, float], classifier: Classifier) -> Judged:
    code = max(sorted(probabilities), key=probabilities.__getitem__)
    return Judged(code, classifier.sure(probabilities[code]))


@lru_cache(maxsize=1)
def shipped() -> Classifiers:
    """The classifiers that come along."""
    raw = (files("worldctx") / "text" / "kinds.npz").read_bytes()
    with np.load(io.BytesIO(raw), allow_pickle=False) as kept:
        return Classifiers(
            {word: place for place, word in enumerate(str(kept["words"]).split())},
            kept["vectors"], _floats(kept["mean"]), _floats(kept["deviation"]),
            _classifier(kept, "register"), _classifier(kept, "topic"))


def _classifier(kept: np.lib.npyio.NpzFile, name: str) -> Classifier:
    return Classifier(
        tuple(str(kept[f"{name}_codes"]).split()), kept[f"{name}_weights"].astype(np.int64),
        float(kept[f"{name}_scale"]), _floats(kept[f"{name}_bias"]), tuple(map(_floats, kept[f"{name}_rates"])),
        float(kept[f"{name}_sure"][0]), float(kept[f"{name}_sure"][1]))


def _floats(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


@lru_cache(maxsize=256)
def kind_of(text: str) -> TextKind:
    """Register, purpose and topic of an English text.

    Args:
        text: any text; its first 5,000 characters are looked at. One that is too short, or not in English, has none.
    """
    return shipped().kind_of(text)
