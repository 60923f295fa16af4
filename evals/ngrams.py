"""A word model that can be told the context of a text: interpolated Kneser-Ney trigrams, mixed with counts per field.

It stands for a language model that reads the context before the text: cheap, exact and the same everywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Words that it knows; all others are one.
VOCABULARY = 30_000
#: Absolute discount of Kneser and Ney 1995, as usual.
DISCOUNT = 0.75
#: Rounds of expectation maximisation for the weights of the mixture, which moves no more after that.
ROUNDS = 20
_WORD = re.compile(r"\w+|[^\w\s]")
#: Bits of a word's number; three fit in 64 bits with room.
_BITS = 16
#: Of the words not known, and of the two places before a text.
_OTHER, _BEGIN = 0, 1
Ids = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Counts:
    """How often each key stands in a text, looked up for many keys at once."""

    keys: Ids
    counts: Floats

    @classmethod
    def of(cls, keys: Ids) -> _Counts:
        found, counts = np.unique(keys, return_counts=True)
        return cls(found, counts.astype(np.float64))

    def __getitem__(self, keys: Ids) -> Floats:
        if not len(self.keys):
            return np.zeros(len(keys))
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, self.counts[places], 0.0)


@dataclass(frozen=True, slots=True)
class _Level:
    """One order of the trigram model: counts of n-grams, of their beginnings, and of the ways in which those go on."""

    grams: _Counts
    heads: _Counts
    ways: _Counts

    @classmethod
    def of(cls, grams: Ids) -> _Level:
        counted = _Counts.of(grams)
        heads = counted.keys >> _BITS
        found, place = np.unique(heads, return_inverse=True)
        return cls(counted, _Counts(found, np.bincount(place, counted.counts)), _Counts.of(heads))

    def smoothed(self, grams: Ids, lower: Floats) -> Floats:
        """Interpolated with the order below."""
        heads = grams >> _BITS
        total = self.heads[heads]
        safe = np.maximum(total, 1.0)
        mixed = np.maximum(self.grams[grams] - DISCOUNT, 0) / safe + DISCOUNT * self.ways[heads] / safe * lower
        return np.where(total > 0, mixed, lower)


@dataclass(frozen=True, slots=True)
class Read:
    """A text as numbers, and the probability of each word without a context."""

    ids: Ids
    base: Floats

    def __len__(self) -> int:
        return len(self.ids)


class Trigrams:
    """Words as numbers, and the probability of each after the two before it."""

    def __init__(self, texts: Iterable[str]) -> None:
        tokens = [_WORD.findall(text) for text in texts]
        counts = Counter(word for one in tokens for word in one)
        known = sorted(counts, key=lambda word: (-counts[word], word))[:VOCABULARY]
        self._numbers = {word: number for number, word in enumerate(known, 2)}
        self.trained = [self._ids(one) for one in tokens]
        grams: Ids = np.concatenate([self._grams(one) for one in self.trained])
        self._third = _Level.of(grams)
        # Continuation counts: in how many places a shorter n-gram stands, not how often.
        pairs = self._third.grams.keys & ((1 << 2 * _BITS) - 1)
        self._second = _Level.of(pairs)
        singles, ways = np.unique(self._second.grams.keys & ((1 << _BITS) - 1), return_counts=True)
        self._first = _Counts(singles, ways / ways.sum())

    def read(self, text: str) -> Read:
        """A text, each of its words after those before it."""
        ids = self._ids(_WORD.findall(text))
        return Read(ids, self._probabilities(ids))

    def _probabilities(self, ids: Ids) -> Floats:
        grams = self._grams(ids)
        floor = 1.0 / (len(self._numbers) + 2)
        single = 0.999 * self._first[ids] + 0.001 * floor
        return self._third.smoothed(grams, self._second.smoothed(grams & ((1 << 2 * _BITS) - 1), single))

    def _ids(self, words: Sequence[str]) -> Ids:
        return np.array([self._numbers.get(word, _OTHER) for word in words], np.int64)

    @staticmethod
    def _grams(ids: Ids) -> Ids:
        begun = np.concatenate([np.array([_BEGIN, _BEGIN], np.int64), ids])
        grams: Ids = (begun[:-2] << 2 * _BITS) | (begun[1:-1] << _BITS) | begun[2:]
        return grams


@dataclass(frozen=True, slots=True)
class _Field:
    """Words, and pairs of words, in the texts whose context has one value in one field."""

    words: _Counts
    total: float
    pairs: _Counts
    heads: _Counts

    @classmethod
    def of(cls, texts: Sequence[Ids]) -> _Field:
        words, pairs = np.concatenate(texts), np.concatenate([_pairs(one) for one in texts])
        return cls(_Counts.of(words), float(len(words)), _Counts.of(pairs), _Counts.of(pairs >> _BITS))

    def columns(self, ids: Ids) -> tuple[Floats, Floats]:
        """Probabilities of the words alone, and after the word before; without smoothing, for they are mixed."""
        alone, pairs = self.words[ids] / self.total, _pairs(ids)
        heads = self.heads[pairs >> _BITS]
        return alone, np.where(heads > 0, self.pairs[pairs] / np.maximum(heads, 1.0), alone)


def _pairs(ids: Ids) -> Ids:
    before = np.concatenate([np.array([_BEGIN], np.int64), ids[:-1]])
    pairs: Ids = (before << _BITS) | ids
    return pairs


class Conditional:
    """The bits of a text given the fields of its context; a field that training never saw says nothing."""

    def __init__(self, model: Trigrams, contexts: Sequence[Sequence[str]], use: Sequence[int]) -> None:
        """Count by the value of each field.

        Args:
            model: of the training texts.
            contexts: the fields of each training text, in its order.
            use: places of the fields that count.
        """
        self._use = tuple(use)
        grouped: dict[tuple[int, str], list[Ids]] = {}
        for ids, context in zip(model.trained, contexts, strict=True):
            for place in self._use:
                if place < len(context) and len(ids):
                    grouped.setdefault((place, context[place]), []).append(ids)
        self._fields: Mapping[tuple[int, str], _Field] = {key: _Field.of(texts) for key, texts in grouped.items()}
        self._weights = np.ones(1 + 2 * len(self._use)) / (1 + 2 * len(self._use))

    def fit(self, texts: Sequence[Read], contexts: Sequence[Sequence[str]]) -> None:
        """The weights of the mixture by expectation maximisation on texts that were not counted."""
        table = np.concatenate([self._columns(text, context) for text, context in zip(texts, contexts, strict=True)])
        for _ in range(ROUNDS):
            shares = table * self._weights
            self._weights = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)

    def bits(self, text: Read, context: Sequence[str]) -> float:
        """Of a whole text."""
        return float(-np.log2(self._columns(text, context) @ self._weights).sum())

    def _columns(self, text: Read, context: Sequence[str]) -> Floats:
        columns = [text.base]
        for place in self._use:
            field = self._fields.get((place, context[place])) if place < len(context) else None
            columns += field.columns(text.ids) if field is not None else (text.base, text.base)
        return np.stack(columns, axis=1)
