"""A segment: some consecutive passages of the index, immutable, in columns, with their postings and vectors."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, repeat
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
from worldctx.search.bm25 import K1, Scores, gain

Ints = NDArray[np.int64]
#: Text columns that filters look at.
TEXT_COLUMNS = ("document", "publisher", "host", "place", "language")


#: Occurrences of a term from which on what they add to scores is remembered, within as many as there are occurrences.
REMEMBERED_LEAST = 256
#: A term that is in more than 1 of SPREAD passages has levels: what it adds to each passage, in steps of 1 / STEPS.
SPREAD, STEPS, HIGHEST = 16, 128, 2**16 - 1
#: Occurrences of such terms in a query, and how many of them per passage, from which on levels are worth their while;
#: and how many are counted in the time that one passage is looked up in the occurrences of one term.
LEVELS_LEAST, LEVELS_SHARE, LOOK_UP = 20_000, 0.5, 8
#: Below this many occurrences of all terms nothing is looked for in what is remembered.
AT_ONCE = 4096
#: Scores of which the highest stands for all.
BLOCK = 64


class _Remembered:
    """Arrays of numbers: as many bytes at most as `room`; then it is emptied."""

    def __init__(self, room: int) -> None:
        self._room, self._held, self._turn = room, 0, threading.Lock()
        self._known: dict[tuple[float, ...], NDArray[Any]] = {}

    def get(self, key: tuple[float, ...]) -> NDArray[Any] | None:
        """What was put there, if it is still there."""
        return self._known.get(key)

    def put(self, key: tuple[float, ...], array: NDArray[Any]) -> None:
        """Remember a copy."""
        with self._turn:
            if key in self._known:
                return
            if self._held + array.nbytes > self._room:
                self._known.clear()
                self._held = 0
            self._known[key] = array.copy()
            self._held += array.nbytes


def reached(scores: NDArray[Any], limit: int) -> float:
    """What at least `limit` of the scores reach: near the last of the best, and never above; 0 when they are few."""
    blocks = len(scores) // BLOCK
    if blocks <= limit:
        return 0.0
    # So many blocks have a score as high as this. A block is a column, for its highest is quicker to tell than a row's.
    highest = scores[: blocks * BLOCK].reshape(BLOCK, blocks).max(axis=0)
    return float(np.partition(highest, blocks - limit)[blocks - limit])


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
    #: What occurrences of frequent terms add to scores, and what the most frequent add to each passage, in steps.
    _remembered: _Remembered = field(init=False, compare=False)
    _leveled: _Remembered = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "published", np.asfortranarray(self.published))  # read column by column
        object.__setattr__(self, "_remembered", _Remembered(8 * len(self.numbers)))
        object.__setattr__(self, "_leveled", _Remembered(8 * len(self.numbers)))
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
        self, slices: Sequence[tuple[int, int]], weights: Sequence[float] | Scores, count: int, mean: float
    ) -> Scores:
        """BM25 of the first `count` passages.

        Args:
            slices: of `numbers` and `counts`, one per term. A passage's parts are added up in this order.
            weights: of the terms.
            count: passages.
            mean: length of a passage.
        """
        ends = list(accumulate((end - start for start, end in slices), initial=0))
        if not ends[-1]:
            return np.zeros(count)
        if ends[-1] < AT_ONCE:
            often = np.diff(ends)
            at = np.arange(ends[-1]) + np.repeat([start for start, _ in slices] - np.array(ends[:-1]), often)
            numbers = self.numbers[at]
            parts = self._gain(numbers, self.counts[at], mean) * np.repeat(weights, often)
            return np.bincount(numbers, parts, count).astype(np.float64, copy=False)
        numbers = np.concatenate([self.numbers[start:end] for start, end in slices])
        parts = np.empty(ends[-1])
        for weight, first, last, gained in zip(weights, ends, ends[1:], self._gains(slices, mean), strict=False):
            np.multiply(gained, weight, out=parts[first:last])
        return np.bincount(numbers, parts, count).astype(np.float64, copy=False)

    def leading(
        self, slices: Sequence[tuple[int, int]], times: Ints, rarity: Scores, count: int, mean: float,
        mask: NDArray[np.bool_], limit: int,
    ) -> tuple[Ints, Scores] | None:
        """The passages that can be among the best `limit` of a mask, and their scores to the bit as `scores` has them.

        Dynamic pruning in the manner of MaxScore (Turtle and Flood 1995): rare terms are counted in full, and what the
        frequent ones add is only bounded; passages whose bound is below what `limit` passages reach for certain are
        left out, and the others are looked up in the occurrences of the frequent terms. The bounds are taken passage
        by passage, from levels: whole steps that a term adds to each passage, wrong by less than one step.

        Args:
            slices: of `numbers` and `counts`, one per term; the last are those of frequent terms.
            times: how often a query has each term.
            rarity: of the terms; their weights are the products.
            count: passages.
            mean: length of a passage.
            mask: which of them count.
            limit: how many are wanted.

        Returns:
            Numbers and scores above 0; None when it is quicker to score every passage.
        """
        weights = times * rarity
        rare = len(slices)
        while rare and SPREAD * (slices[rare - 1][1] - slices[rare - 1][0]) > count:
            rare -= 1
        frequent = slices[rare:]
        often = sum(end - start for start, end in frequent)
        most = (K1 + 1) * STEPS * float(weights.sum())
        unsure = sum(times[rare:].tolist())
        if often < max(LEVELS_LEAST, LEVELS_SHARE * count) or max(most, unsure) > HIGHEST:
            return None
        scores = self.scores(slices[:rare], weights[:rare], count, mean)
        # Whole steps that each passage reaches for certain.
        low = np.multiply(scores, STEPS, out=np.empty(count, np.uint16), casting="unsafe")
        for (start, end), repeated, one in zip(frequent, times[rare:].tolist(), rarity[rare:].tolist(), strict=True):
            levels = self._levels(start, end, one, count, mean)
            low += levels if repeated == 1 else levels * repeated
        low *= mask
        # Each number was rounded down by less than a step; another one is for the rounding of scores.
        cut = int(reached(low, limit)) - unsure - 2
        numbers = np.flatnonzero(low >= cut) if cut > 0 else np.flatnonzero(mask)
        if LOOK_UP * len(numbers) * len(frequent) > often:
            return None
        scores = scores[numbers]
        if len(numbers):
            looked_for = numbers.astype(np.int32)
            at = np.array([self.numbers[start:end].searchsorted(looked_for) + start for start, end in frequent])
            np.minimum(at, [[end - 1] for _, end in frequent], out=at)
            parts = self._gain(numbers, self.counts[at], mean) * weights[rare:, np.newaxis]
            parts *= self.numbers[at] == looked_for
            for part in parts:  # in this order
                scores += part
        above = np.flatnonzero(scores)
        return numbers[above], scores[above]

    def _levels(self, start: int, end: int, rarity: float, count: int, mean: float) -> NDArray[np.uint16]:
        """What a term adds to each passage, in steps, rounded down."""
        key = (start, end, count, mean, rarity)
        levels: NDArray[np.uint16] | None = self._leveled.get(key)
        if levels is None:
            numbers = self.numbers[start:end]
            levels = np.zeros(count, np.uint16)
            levels[numbers] = self._gain(numbers, self.counts[start:end], mean) * (rarity * STEPS)
            self._leveled.put(key, levels)
        return levels

    def _gain(self, numbers: NDArray[np.integer], often: NDArray[np.int32], mean: float) -> Scores:
        """What a term adds to the scores of some passages that have it so often, before its weight."""
        return gain(often, self.lengths[numbers], mean)

    def _gains(self, slices: Sequence[tuple[int, int]], mean: float) -> list[Scores]:
        """What the occurrences in each slice add to a passage's score, before the term's weight.

        Those of frequent terms are remembered: they are most of the work of a query, and the same in every query at a
        revision, for the mean length decides them.
        """
        found = [self._remembered.get((start, end, mean)) for start, end in slices]
        missing = [place for place, one in enumerate(found) if one is None]
        numbers = np.concatenate([self.numbers[:0], *(self.numbers[slice(*slices[place])] for place in missing)])
        often = np.concatenate([self.counts[:0], *(self.counts[slice(*slices[place])] for place in missing)])
        fresh = self._gain(numbers, often, mean)
        done = 0
        for place in missing:
            start, end = slices[place]
            found[place] = fresh[done : done + end - start]
            done += end - start
            if end - start >= REMEMBERED_LEAST:
                self._remembered.put((start, end, mean), fresh[done - (end - start) : done])
        return [one for one in found if one is not None]

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
        published=np.ascontiguousarray(segment.published),
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
