"""A word model that can be told the context of a text: interpolated Kneser-Ney trigrams, mixed with counts per field.

It stands for a language model that reads the context before the text: cheap, exact and the same everywhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
#: Columns of each field: words alone, pairs, triples.
_EACH = 3
_PAIR = (1 << 2 * _BITS) - 1
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
        return cls(counted, _Counts(found, np.bincount(place, counted.counts).astype(np.float64)), _Counts.of(heads))

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
        grams: Ids = np.concatenate([_grams(one) for one in self.trained])
        self._third = _Level.of(grams)
        # Continuation counts: in how many places a shorter n-gram stands, not how often.
        pairs = self._third.grams.keys & _PAIR
        self._second = _Level.of(pairs)
        singles, ways = np.unique(self._second.grams.keys & ((1 << _BITS) - 1), return_counts=True)
        self._first = _Counts(singles, ways / ways.sum())

    def read(self, text: str) -> Read:
        """A text, each of its words after those before it."""
        ids = self._ids(_WORD.findall(text))
        return Read(ids, self._probabilities(ids))

    def _probabilities(self, ids: Ids) -> Floats:
        grams = _grams(ids)
        floor = 1.0 / (len(self._numbers) + 2)
        single = 0.999 * self._first[ids] + 0.001 * floor
        return self._third.smoothed(grams, self._second.smoothed(grams & _PAIR, single))

    def _ids(self, words: Sequence[str]) -> Ids:
        return np.array([self._numbers.get(word, _OTHER) for word in words], np.int64)


@dataclass(frozen=True, slots=True)
class _Field:
    """Words, pairs and triples of words in the texts whose context has one value in one field."""

    words: _Counts
    total: float
    pairs: _Level
    triples: _Level

    @classmethod
    def of(cls, texts: Sequence[Ids]) -> _Field:
        words, grams = np.concatenate(texts), np.concatenate([_grams(one) for one in texts])
        return cls(_Counts.of(words), float(len(words)), _Level.of(grams & _PAIR), _Level.of(grams))

    def columns(self, text: Read) -> tuple[Floats, ...]:
        """Probabilities of the words alone, after one word and after two; the longer fall back on all texts."""
        grams = _grams(text.ids)
        pairs = self.pairs.smoothed(grams & _PAIR, text.base)
        return self.words[text.ids] / self.total, pairs, self.triples.smoothed(grams, pairs)


def _grams(ids: Ids) -> Ids:
    begun = np.concatenate([np.array([_BEGIN, _BEGIN], np.int64), ids])
    grams: Ids = (begun[:-2] << 2 * _BITS) | (begun[1:-1] << _BITS) | begun[2:]
    return grams


def _keys(place: int, value: str) -> tuple[tuple[int, str], ...]:
    """Under what a value counts: a date also with those of its decade, as a reader of digits would have it."""
    return ((place, value), (place, f"{value[:3]}X")) if value[:4].isdigit() else ((place, value),)


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
            for place, value in self._values(context):
                for key in _keys(place, value) if len(ids) else ():
                    grouped.setdefault(key, []).append(ids)
        self._fields: Mapping[tuple[int, str], _Field] = {key: _Field.of(texts) for key, texts in grouped.items()}
        #: How many columns each field has: those of its own value, and those of its decade.
        self._widths = {place: max((len(_keys(place, context[place])) for context in contexts if context[place:]),
                                   default=1) for place in self._use}
        columns = 1 + _EACH * sum(self._widths.values())
        self._weights = np.ones(columns) / columns

    def _values(self, context: Sequence[str]) -> Iterator[tuple[int, str]]:
        return ((place, context[place]) for place in self._use if place < len(context))

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
        columns, values = [text.base], dict(self._values(context))
        for place, width in self._widths.items():
            keys = _keys(place, values[place]) if place in values else ()
            for nth in range(width):
                field = self._fields.get(keys[nth]) if nth < len(keys) else None
                columns += field.columns(text) if field is not None else (text.base,) * _EACH
        return np.stack(columns, axis=1)
