"""A segment: some consecutive passages of the index, immutable, in columns, with their postings and vectors."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from worldctx.model.time import MAX_INSTANT
from worldctx.ports.graph import Commit
from worldctx.ports.search import Vector
from worldctx.search.analysis import terms

Ints = NDArray[np.int64]
#: Text columns that filters look at.
TEXT_COLUMNS = ("document", "publisher", "host", "place", "language")


@dataclass(frozen=True, slots=True)
class Segment:
    """Columns of `len(ids)` passages in the order of their numbers.

    Attributes:
        recorded: revision of each passage, never falling.
        published: [lo, hi) of the document's date, shape (n, 2); MAX_INSTANT twice when undated.
        lengths: terms of each passage, the title's included.
        codes, words: for each text column, a code per passage and the words that the codes stand for.
        ranges: term → its slice of `numbers` and `counts`.
        numbers, counts: passages (from 0 in this segment) and frequencies, term after term.
        vectors: one unit row per passage, or shape (n, 0).
        signs: the vectors' sign bits as 64-bit words, for the coarse scan.
    """

    ids: tuple[str, ...]
    recorded: Ints
    published: Ints
    lengths: Ints
    codes: Mapping[str, NDArray[np.int32]]
    words: Mapping[str, tuple[str, ...]]
    ranges: Mapping[str, tuple[int, int]]
    numbers: NDArray[np.int32]
    counts: NDArray[np.int32]
    vectors: Vector
    signs: NDArray[np.uint64] = field(default_factory=lambda: np.zeros((0, 0), np.uint64))

    def __len__(self) -> int:
        return len(self.ids)

    def posting(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Passages that hold a term, rising, and how often."""
        start, end = self.ranges.get(term, (0, 0))
        return self.numbers[start:end], self.counts[start:end]


def host_of(url: str) -> str:
    """Host without `www.`; empty when there is none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


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
    ordered = sorted(postings)
    flat = np.array([pair for term in ordered for pair in postings[term]], np.int32).reshape(-1, 2)
    ends = np.cumsum([len(postings[term]) for term in ordered]).tolist()
    ranges = {term: (end - len(postings[term]), end) for term, end in zip(ordered, ends, strict=True)}
    return Segment(
        tuple(ids),
        np.array(recorded, np.int64),
        np.array(published, np.int64),
        np.array(lengths, np.int64),
        {name: codes for name, (codes, _) in coded.items()},
        {name: words for name, (_, words) in coded.items()},
        ranges,
        np.ascontiguousarray(flat[:, 0]),
        np.ascontiguousarray(flat[:, 1]),
        rows,
        signs_of(rows),
    )


def _coded(values: Sequence[str]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    codes: dict[str, int] = {}
    return np.array([codes.setdefault(value, len(codes)) for value in values], np.int32), tuple(codes)


def signs_of(rows: Vector) -> NDArray[np.uint64]:
    """One bit per dimension, packed into 64-bit words."""
    if not rows.shape[1]:
        return np.zeros((len(rows), 0), np.uint64)
    bits = np.packbits(rows > 0, axis=1)
    pad = -bits.shape[1] % 8
    return np.ascontiguousarray(np.pad(bits, ((0, 0), (0, pad)))).view(np.uint64)


def merge(parts: Sequence[Segment]) -> Segment:
    """Consecutive segments as one."""
    if len(parts) == 1:
        return parts[0]
    bases = np.cumsum([0] + [len(part) for part in parts[:-1]]).tolist()
    ordered = sorted({term for part in parts for term in part.ranges})
    numbers, counts, ranges, end = [], [], {}, 0
    for term in ordered:
        start = end
        for base, part in zip(bases, parts, strict=True):
            found, often = part.posting(term)
            if len(found):
                numbers.append(found + np.int32(base))
                counts.append(often)
                end += len(found)
        ranges[term] = (start, end)
    codes: dict[str, NDArray[np.int32]] = {}
    words: dict[str, tuple[str, ...]] = {}
    for name in TEXT_COLUMNS:
        table: dict[str, int] = {}
        mapped = [
            np.array([table.setdefault(word, len(table)) for word in part.words[name]], np.int32)[part.codes[name]]
            for part in parts
        ]
        codes[name], words[name] = np.concatenate(mapped), tuple(table)
    return Segment(
        tuple(one for part in parts for one in part.ids),
        np.concatenate([part.recorded for part in parts]),
        np.concatenate([part.published for part in parts]),
        np.concatenate([part.lengths for part in parts]),
        codes,
        words,
        ranges,
        np.concatenate(numbers or [np.zeros(0, np.int32)]),
        np.concatenate(counts or [np.zeros(0, np.int32)]),
        np.concatenate([part.vectors for part in parts]),
        np.concatenate([part.signs for part in parts]),
    )


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
    words: dict[str, Any] = {
        "ids": segment.ids,
        "words": dict(segment.words),
        "terms": list(segment.ranges),
        "ends": [end for _, end in segment.ranges.values()],
    }
    (folder / "words.json").write_text(json.dumps(words), encoding="utf-8")


def load(folder: Path) -> Segment:
    """Read a segment; vectors stay memory-mapped."""
    words = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    with np.load(folder / "columns.npz") as columns:
        starts = [0, *words["ends"][:-1]]
        rows = np.load(folder / "vectors.npy", mmap_mode="r")
        return Segment(
            tuple(words["ids"]),
            columns["recorded"],
            columns["published"],
            columns["lengths"],
            {name: columns[f"code_{name}"] for name in TEXT_COLUMNS},
            {name: tuple(words["words"][name]) for name in TEXT_COLUMNS},
            dict(zip(words["terms"], zip(starts, words["ends"], strict=True), strict=True)),
            columns["numbers"],
            columns["counts"],
            rows,
            signs_of(rows),
        )
