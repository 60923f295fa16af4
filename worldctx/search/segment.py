"""A segment: some consecutive passages of the index, immutable, in columns, with their postings and vectors."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worldctx.model.ids import DocumentId, Revision
from worldctx.model.source import host_of
from worldctx.model.time import MAX_INSTANT
from worldctx.ports.graph import Commit
from worldctx.ports.search import Vector
from worldctx.search.analysis import terms

Ints = NDArray[np.int64]
#: Text columns that filters look at.
TEXT_COLUMNS = ("document", "publisher", "host", "place", "language")


#: BM25 (Robertson and Zaragoza 2009), the usual values.
K1, B = 1.2, 0.75
#: Occurrences of a term from which on what they add to scores is remembered, within as many as there are occurrences.
REMEMBERED_LEAST = 256


class _Gains:
    """What occurrences of frequent terms add to scores: as many numbers at most as `room`; then it is emptied."""

    def __init__(self, room: int) -> None:
        self._room, self._held, self._turn = room, 0, threading.Lock()
        self._known: dict[tuple[int, int, float], NDArray[np.float64]] = {}

    def get(self, key: tuple[int, int, float]) -> NDArray[np.float64] | None:
        """What was put there, if it is still there."""
        return self._known.get(key)

    def put(self, key: tuple[int, int, float], gain: NDArray[np.float64]) -> None:
        """Remember a copy."""
        with self._turn:
            if key in self._known:
                return
            if self._held + len(gain) > self._room:
                self._known.clear()
                self._held = 0
            self._known[key] = gain.copy()
            self._held += len(gain)


@dataclass(frozen=True, slots=True)
class Segment:
    """Columns of `len(ids)` passages in the order of their numbers.

    Attributes:
        recorded: revision of each passage, never falling.
        published: [lo, hi) of the document's date, shape (n, 2); MAX_INSTANT twice when undated.
        lengths: terms of each passage, the title's included.
        codes, words: for each text column, a code per passage and the words that the codes stand for.
        terms: all terms, rising; `starts[i]:starts[i + 1]` is the slice of the i-th in `numbers` and `counts`.
        numbers, counts: passages (from 0 in this segment) and frequencies, term after term.
        vectors: one unit row per passage, or shape (n, 0).
        signs: the vectors' sign bits as 64-bit words, one row per word, for the coarse scan.
        gone: the first revision after `recorded` that withdrew the passage's document; None when none did.
    """

    ids: tuple[str, ...]
    recorded: Ints
    published: Ints
    lengths: Ints
    codes: Mapping[str, NDArray[np.int32]]
    words: Mapping[str, tuple[str, ...]]
    terms: tuple[str, ...]
    starts: Ints
    numbers: NDArray[np.int32]
    counts: NDArray[np.int32]
    vectors: Vector
    signs: NDArray[np.uint64]
    gone: Ints | None = None
    #: Derived: terms up to and including each passage, the place of each term, and of the words that were asked for.
    _ends: Ints = field(init=False, compare=False)
    _places: Mapping[str, int] = field(init=False, compare=False)
    _codes: dict[str, Mapping[str, int]] = field(init=False, compare=False, default_factory=dict)
    _remembered: _Gains = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_remembered", _Gains(len(self.numbers)))
        object.__setattr__(self, "_ends", np.cumsum(self.lengths))
        object.__setattr__(self, "_places", dict(zip(self.terms, range(len(self.terms)), strict=True)))

    def __len__(self) -> int:
        return len(self.ids)

    def words_up_to(self, count: int) -> int:
        """Terms of the first `count` passages, repetitions counted."""
        return int(self._ends[count - 1]) if count else 0

    def slices(self, terms: Sequence[str], count: int) -> tuple[Ints, Ints]:
        """Where `numbers` and `counts` hold each term's occurrences in the first `count` passages: starts and ends."""
        at = np.fromiter(map(self._places.get, terms, repeat(-1)), np.int64, len(terms))
        starts = np.where(at < 0, 0, self.starts[at])
        ends = np.where(at < 0, 0, self.starts[at + 1])
        if count < len(self.ids):
            for place in np.flatnonzero(ends > starts).tolist():
                found = self.numbers[starts[place] : ends[place]]
                ends[place] = starts[place] + np.searchsorted(found, count)
        return starts, ends

    def scores(
        self, slices: Sequence[tuple[int, int]], weights: Sequence[float], count: int, mean: float
    ) -> NDArray[np.float64]:
        """BM25 of the first `count` passages.

        Args:
            slices: of `numbers` and `counts`, one per term. A passage's parts are added up in this order.
            weights: of the terms.
            count: passages.
            mean: length of a passage.
        """
        ends = np.cumsum([0, *(end - start for start, end in slices)]).tolist()
        if not ends[-1]:
            return np.zeros(count)
        numbers = np.concatenate([self.numbers[start:end] for start, end in slices])
        parts = np.empty(ends[-1])
        for weight, first, last, gain in zip(weights, ends, ends[1:], self._gains(slices, mean), strict=False):
            np.multiply(gain, weight, out=parts[first:last])
        return np.bincount(numbers, parts, count).astype(np.float64, copy=False)

    def _gains(self, slices: Sequence[tuple[int, int]], mean: float) -> list[NDArray[np.float64]]:
        """What the occurrences in each slice add to a passage's score, before the term's weight.

        Those of frequent terms are remembered: they are most of the work of a query, and the same in every query at a
        revision, for the mean length decides them.
        """
        found = [self._remembered.get((start, end, mean)) for start, end in slices]
        missing = [place for place, gain in enumerate(found) if gain is None]
        numbers = np.concatenate([self.numbers[:0], *(self.numbers[slice(*slices[place])] for place in missing)])
        often = np.concatenate([self.counts[:0], *(self.counts[slice(*slices[place])] for place in missing)])
        norm = K1 * (1 - B + B * self.lengths[numbers] / mean)
        fresh = often * (K1 + 1) / (often + norm)
        done = 0
        for place in missing:
            start, end = slices[place]
            gain = found[place] = fresh[done : done + end - start]
            done += end - start
            if end - start >= REMEMBERED_LEAST:
                self._remembered.put((start, end, mean), gain)
        return [gain for gain in found if gain is not None]

    def code(self, column: str, word: str) -> int | None:
        """The code of a word in a text column, None when no passage has it."""
        known = self._codes.get(column)
        if known is None:
            words = self.words[column]
            known = self._codes[column] = dict(zip(words, range(len(words)), strict=True))
        return known.get(word)

    def without(self, withdrawn: Mapping[DocumentId, Sequence[Revision]]) -> Segment:
        """This segment, with what each document's withdrawals (revisions, rising) took out of it."""
        found = [(code, revisions) for name, revisions in withdrawn.items()
                 if (code := self.code("document", name)) is not None]
        if not found:
            return self
        result = np.full(len(self), MAX_INSTANT, np.int64) if self.gone is None else self.gone.copy()
        # An id may come back with other bytes and be withdrawn again; what counts for a passage is the first
        # withdrawal after it was recorded.
        for turn in range(max(len(revisions) for _, revisions in found)):
            withdrawal = np.full(len(self.words["document"]), MAX_INSTANT, np.int64)
            for code, revisions in found:
                if turn < len(revisions):
                    withdrawal[code] = revisions[turn]
            when = withdrawal[self.codes["document"]]
            np.minimum(result, np.where(when > self.recorded, when, MAX_INSTANT), out=result)
        return replace(self, gone=result)


def build(commits: Sequence[Commit], vectors: Sequence[Vector] | None, dimension: int) -> Segment | None:
    """The segment of the passages that commits added; None when they added none."""
    ids: list[str] = []
    recorded: list[int] = []
    published: list[tuple[int, int]] = []
    lengths: list[int] = []
    columns: dict[str, list[str]] = {name: [] for name in TEXT_COLUMNS}
    postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for commit in commits:
        for record in commit.documents:
            document = record.document
            title = terms(document.title)
            when = document.published
            span = (when.lo, when.hi) if when is not None else (MAX_INSTANT, MAX_INSTANT)
            values = (document.id, document.publisher, host_of(document.url), document.place, document.language)
            for passage in record.passages:
                counted = Counter(title + terms(passage.text))
                for term, count in counted.items():
                    postings[term].append((len(ids), count))
                ids.append(passage.id)
                recorded.append(commit.revision)
                published.append(span)
                lengths.append(sum(counted.values()))
                for name, value in zip(TEXT_COLUMNS, values, strict=True):
                    columns[name].append(value)
    if not ids:
        return None
    rows = np.concatenate(list(vectors)) if vectors is not None and dimension else np.zeros((len(ids), 0), np.float32)
    coded = {name: _coded(values) for name, values in columns.items()}
    ordered = tuple(sorted(postings))
    flat = np.array([pair for term in ordered for pair in postings[term]], np.int32).reshape(-1, 2)
    return Segment(
        tuple(ids),
        np.array(recorded, np.int64),
        np.array(published, np.int64),
        np.array(lengths, np.int64),
        {name: codes for name, (codes, _) in coded.items()},
        {name: words for name, (_, words) in coded.items()},
        ordered,
        np.cumsum([0, *(len(postings[term]) for term in ordered)], dtype=np.int64),
        np.ascontiguousarray(flat[:, 0]),
        np.ascontiguousarray(flat[:, 1]),
        rows,
        signs_of(rows),
    )


def _coded(values: Sequence[str]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    codes: dict[str, int] = {}
    return np.array([codes.setdefault(value, len(codes)) for value in values], np.int32), tuple(codes)


def signs_of(rows: Vector) -> NDArray[np.uint64]:
    """One bit per dimension, packed into 64-bit words: shape (words, rows), so that a scan reads in order."""
    if not rows.shape[1]:
        return np.zeros((0, len(rows)), np.uint64)
    bits = np.packbits(rows > 0, axis=1)
    pad = -bits.shape[1] % 8
    return np.ascontiguousarray(np.ascontiguousarray(np.pad(bits, ((0, 0), (0, pad)))).view(np.uint64).T)


def merge(parts: Sequence[Segment]) -> Segment:
    """Consecutive segments as one."""
    if len(parts) == 1:
        return parts[0]
    bases = np.cumsum([0] + [len(part) for part in parts[:-1]]).tolist()
    codes: dict[str, NDArray[np.int32]] = {}
    words: dict[str, tuple[str, ...]] = {}
    for name in TEXT_COLUMNS:
        mapped, words[name] = _joined([part.words[name] for part in parts])
        codes[name] = np.concatenate([table[part.codes[name]] for table, part in zip(mapped, parts, strict=True)])
    ordered = tuple(sorted(set().union(*(part.terms for part in parts))))
    order = dict(zip(ordered, range(len(ordered)), strict=True))
    places = [np.fromiter(map(order.__getitem__, part.terms), np.int64, len(part.terms)) for part in parts]
    sizes = np.zeros(len(ordered), np.int64)
    for at, part in zip(places, parts, strict=True):
        sizes[at] += np.diff(part.starts)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    numbers, counts = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int32)
    free = starts[:-1].copy()
    for base, at, part in zip(bases, places, parts, strict=True):
        # Where each posting goes: behind those of the same term that earlier parts have put down.
        often = np.diff(part.starts)
        target = np.repeat(free[at] - part.starts[:-1], often) + np.arange(len(part.numbers))
        numbers[target] = part.numbers + np.int32(base)
        counts[target] = part.counts
        free[at] += often
    return Segment(
        tuple(one for part in parts for one in part.ids),
        np.concatenate([part.recorded for part in parts]),
        np.concatenate([part.published for part in parts]),
        np.concatenate([part.lengths for part in parts]),
        codes,
        words,
        ordered,
        starts,
        numbers,
        counts,
        np.concatenate([part.vectors for part in parts]),
        np.concatenate([part.signs for part in parts], axis=1),
        None if all(part.gone is None for part in parts) else np.concatenate(
            [np.full(len(part), MAX_INSTANT, np.int64) if part.gone is None else part.gone for part in parts]),
    )


def _joined(lists: Sequence[Sequence[str]]) -> tuple[list[NDArray[np.int32]], tuple[str, ...]]:
    """Lists of words as one without repetitions, and for each list the new codes of its words."""
    table: dict[str, int] = {}
    mapped = [np.array([table.setdefault(word, len(table)) for word in words], np.int32) for words in lists]
    return mapped, tuple(table)


def save(segment: Segment, folder: Path) -> None:
    """Write a segment's files into an empty folder; the caller makes them durable."""
    columns: dict[str, Any] = {f"code_{name}": segment.codes[name] for name in TEXT_COLUMNS}
    np.savez(
        folder / "columns.npz",
        recorded=segment.recorded,
        published=segment.published,
        lengths=segment.lengths,
        numbers=segment.numbers,
        counts=segment.counts,
        **columns,
    )
    np.save(folder / "vectors.npy", segment.vectors)
    np.save(folder / "signs.npy", segment.signs)
    words: dict[str, Any] = {
        "ids": segment.ids,
        "words": dict(segment.words),
        "terms": segment.terms,
        "ends": segment.starts[1:].tolist(),
    }
    (folder / "words.json").write_text(json.dumps(words), encoding="utf-8")


def load(folder: Path) -> Segment:
    """Read a segment; vectors stay memory-mapped."""
    words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    with np.load(folder / "columns.npz") as columns:
        # A plain view of the map: numpy's memmap class is slow to take rows from.
        rows = np.asarray(np.load(folder / "vectors.npy", mmap_mode="r"))
        return Segment(
            tuple(words["ids"]),
            columns["recorded"],
            columns["published"],
            columns["lengths"],
            {name: columns[f"code_{name}"] for name in TEXT_COLUMNS},
            {name: tuple(words["words"][name]) for name in TEXT_COLUMNS},
            # One text for a term of several segments.
            tuple(map(sys.intern, words["terms"])),
            np.array([0, *words["ends"]], np.int64),
            columns["numbers"],
            columns["counts"],
            rows,
            # Made from the vectors they would bring all of these into memory. Indexes of before have no such file.
            np.load(folder / "signs.npy") if (folder / "signs.npy").exists() else signs_of(rows),
        )
