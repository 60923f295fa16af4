"""The embedded search index: BM25 and vectors over passages in columns, exact at every revision.

Passages are numbered in the order of their commits, so that what a revision holds is a prefix. Every statistic (number
of passages, document frequency, mean length) is that of the prefix: the same query at the same revision scores the
same for ever, which engines with live statistics do not promise (docs/adr/0002).
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from worldctx.model.errors import IncompatibleData, StoreFull
from worldctx.model.ids import ZERO, DocumentId, PassageId, Revision
from worldctx.model.time import MAX_INSTANT
from worldctx.ports.failpoint import failpoint
from worldctx.ports.graph import Commit
from worldctx.ports.search import Hit, Vector, View
from worldctx.search.analysis import terms
from worldctx.search.bm25 import rarities, telling
from worldctx.search.folder import (
    VERSION,
    Manifest,
    read_manifest,
    remove_others,
    remove_segments,
    write_manifest,
    write_segment,
)
from worldctx.search.remnant import remnant
from worldctx.search.segment import Segment, build, load, merge, reached, signs_of

#: Passages in memory that are written out without being asked.
FLUSH_AT = 20_000
#: A segment takes in the one before it when that is at most this many times as long: like the digits of a binary
#: counter, there are few segments, and a passage is merged seldom.
MERGE_RATIO = 2
#: Above this many passages a scan of sign bits picks candidates, this many per hit wanted; below it the scan is exact.
COARSE_ABOVE, COARSE_FACTOR, COARSE_LEAST = 20_000, 20, 400
#: Above this many passages a scan in single precision, wrong by less than SLACK, leaves few for the exact one.
CLOSE_ABOVE, SLACK = 256, 1e-3
#: More than two scores that round to the same six places can lie apart.
ROUNDING = 2e-6
#: Rows of vectors scanned at a time, and rows of their signs.
SCAN_ROWS, COARSE_ROWS = 1024, 8192

Mask = NDArray[np.bool_]
Ints = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _State:
    """What readers see; swapped whole, so that reading needs no lock."""

    segments: tuple[Segment, ...]
    durable: int
    revision: Revision
    withdrawn: dict[DocumentId, tuple[Revision, ...]]


class EmbeddedIndex:
    """A ports.search.SearchIndex in one process. Reading needs no lock; adding and flushing take turns."""

    def __init__(self, directory: Path, dimension: int, embedder_name: str, state: _State, files: list[str]) -> None:
        self._directory, self._dimension, self._embedder = directory, dimension, embedder_name
        self._state, self._files = state, files
        self._writing = threading.RLock()

    @property
    def revision(self) -> Revision:
        """See the port."""
        return self._state.revision

    @property
    def dimension(self) -> int:
        """See the port."""
        return self._dimension

    def add(self, commits: Sequence[Commit], vectors: Sequence[Vector] | None) -> None:
        """See the port."""
        with self._writing:
            self._add(commits, vectors)

    def _add(self, commits: Sequence[Commit], vectors: Sequence[Vector] | None) -> None:
        state = self._state
        fresh = [place for place, commit in enumerate(commits) if commit.revision > state.revision]
        if not fresh:
            return
        new = [commits[place] for place in fresh]
        segment = build(new, [vectors[place] for place in fresh] if vectors is not None else None, self._dimension)
        memory = [*state.segments[state.durable :], *([segment] if segment is not None else [])]
        while len(memory) > 1 and len(memory[-2]) <= MERGE_RATIO * len(memory[-1]):
            memory[-2:] = [merge(memory[-2:])]
        segments = (*state.segments[: state.durable], *memory)
        gone: dict[DocumentId, tuple[Revision, ...]] = {}
        for commit in new:
            for document in commit.withdrawn:
                gone[document] = (*gone.get(document, ()), commit.revision)
        withdrawn = state.withdrawn
        if gone:
            segments = tuple(one.without(gone) for one in segments)
            withdrawn = withdrawn | {key: (*withdrawn.get(key, ()), *value) for key, value in gone.items()}
        self._state = _State(segments, state.durable, new[-1].revision, withdrawn)
        if sum(map(len, memory)) >= FLUSH_AT:
            self._flush()

    def text(self, query: str, view: View, limit: int) -> Sequence[Hit]:
        """See the port."""
        state = self._state
        visible = [_visible(segment, view.revision) for segment in state.segments]
        total = sum(visible)
        wanted = Counter(terms(query))
        if not total or not wanted or limit <= 0:
            return []
        mean = sum(map(Segment.words_up_to, state.segments, visible)) / total
        every = list(wanted)
        slices = [one.slices(every, count) for one, count in zip(state.segments, visible, strict=True)]
        often = np.sum([ends - starts for starts, ends in slices], axis=0)
        times = np.array([*wanted.values()])
        rarity = rarities(total, often)
        weights = times * rarity
        chosen = telling(every, often, weights)
        hits: list[tuple[Segment, Ints, Scores]] = []
        for segment, count, (starts, ends) in zip(state.segments, visible, slices, strict=True):
            spans = list(zip(starts[chosen].tolist(), ends[chosen].tolist(), strict=True))
            mask = _mask(segment, count, view)
            leading = segment.leading(spans, times[chosen], rarity[chosen], count, mean, mask, limit)
            if leading is None:
                scores = segment.scores(spans, weights[chosen], count, mean)
                np.multiply(scores, mask, out=scores)  # writing zeros where a mask says so is slow
                numbers = _high(scores, limit)
                leading = numbers, scores[numbers]
            hits.append((segment, *leading))
        return _best(hits, limit)

    def nearest(self, vector: Vector, view: View, limit: int) -> Sequence[Hit]:
        """See the port."""
        state = self._state
        if not self._dimension or limit <= 0:
            return []
        masks = [_mask(segment, _visible(segment, view.revision), view) for segment in state.segments]
        if sum(map(np.count_nonzero, masks)) > COARSE_ABOVE:
            candidates = _coarse(state.segments, masks, vector, max(COARSE_LEAST, COARSE_FACTOR * limit))
        else:
            candidates = list(map(np.flatnonzero, masks))
        candidates = _close(state.segments, candidates, vector, limit)
        wide = np.asarray(vector, np.float64)
        # Row by row in double precision: the same bits whatever else is scanned with it.
        return _best(
            [
                (segment, numbers, (segment.vectors[numbers].astype(np.float64) * wide).sum(axis=1))
                for segment, numbers in zip(state.segments, candidates, strict=True)
            ],
            limit,
        )

    def flush(self) -> None:
        """See the port.

        Raises:
            StoreFull: the disk took no more; the index in memory is as it was.
        """
        with self._writing:
            self._flush()

    def _flush(self) -> None:
        state = self._state
        segments = list(state.segments[: state.durable])
        if memory := state.segments[state.durable :]:
            segments.append(merge(memory))
            while len(segments) > 1 and len(segments[-2]) <= MERGE_RATIO * len(segments[-1]):
                segments[-2:] = [merge(segments[-2:])]
        old = set(self._files)
        self._store(replace(state, segments=tuple(segments)))
        remove_segments(self._directory, old.difference(self._files))

    def _store(self, state: _State) -> None:
        """Make a state durable, then let readers see it. Segments that are durable already are not written again."""
        known = {id(one): name for one, name in zip(self._state.segments, self._files, strict=False)}
        files, fresh = list[str](), list[str]()
        try:
            for one in state.segments:
                name = known.get(id(one))
                if name is None:
                    name = write_segment(self._directory, one, state.revision, [*self._files, *fresh])
                    fresh.append(name)
                files.append(name)
            failpoint("search.store.written")
            write_manifest(self._directory, Manifest(
                state.revision, self._dimension, self._embedder, files, state.withdrawn))
        except OSError as error:
            remove_segments(self._directory, fresh)
            raise StoreFull(f"cannot write the search index in {self._directory}: {error.strerror}") from error
        self._files, self._state = files, replace(state, durable=len(files))

    def erase(self, documents: Collection[DocumentId], revision: Revision) -> None:
        """See the port. Readers under way end with what they began with; its files are freed when they have.

        Raises:
            StoreFull: the disk has no room for what remains, and the index is as it was; or it would not remove the
                old files, and erasing again tries that again.
        """
        with self._writing:
            self._erase(frozenset(documents), revision)

    def _erase(self, documents: frozenset[DocumentId], revision: Revision) -> None:
        state = self._state
        left = [remnant(one, documents) for one in state.segments]
        segments = [one for one in left[: state.durable] if one is not None]
        if memory := [one for one in left[state.durable :] if one is not None]:
            segments.append(merge(memory))
        # What was not followed yet is not passed over: `add` comes to the erasure's commit behind it.
        now = revision if revision == state.revision + 1 else state.revision
        withdrawn = {key: value for key, value in state.withdrawn.items() if key not in documents}
        self._store(replace(state, segments=tuple(segments), revision=now, withdrawn=withdrawn))
        failpoint("search.erase.stored")
        try:
            remove_others(self._directory, self._files)
        except OSError as error:
            raise StoreFull(f"cannot remove what was erased from the search index in {self._directory}: "
                            f"{error.strerror}; erase it again") from error

    def check(self, expected: Sequence[PassageId]) -> Sequence[str]:
        """See the port."""
        state = self._state
        have = {
            segment.ids[number]
            for segment in state.segments
            for number in np.flatnonzero(_mask(segment, len(segment), View(state.revision))).tolist()
        }
        wanted = set(expected)
        return [f"passage {one} is in the graph and not in the index" for one in sorted(wanted - have)] + [
            f"passage {one} is in the index and not in the graph" for one in sorted(have - wanted)
        ]

    def counts(self) -> dict[str, int]:
        """See the port."""
        state = self._state
        return {
            "passages": sum(map(len, state.segments)),
            "segments": len(state.segments),
            "revision": state.revision,
            "postings": sum(len(one.numbers) for one in state.segments),
            "vectors": sum(len(one) for one in state.segments) if self._dimension else 0,
        }

    def close(self) -> None:
        """Let go; what was not flushed is followed again at the next start."""
        self._state = _State((), 0, ZERO, {})


def open_index(directory: Path, *, dimension: int, embedder_name: str = "") -> EmbeddedIndex:
    """Open or create the index below a folder.

    Args:
        directory: of the index alone.
        dimension: of the vectors; 0 for an index without.
        embedder_name: of the model that makes them.

    Raises:
        IncompatibleData: another version or model wrote it, or it is damaged; `worldctx rebuild` makes it anew.
    """
    directory.mkdir(parents=True, exist_ok=True)
    try:
        stored = read_manifest(directory)
        if stored is None:
            return EmbeddedIndex(directory, dimension, embedder_name, _State((), 0, ZERO, {}), [])
        if stored.version != VERSION:
            raise _unusable(directory, f"has version {stored.version}, and this worldctx reads version {VERSION}")
        if (stored.dimension, stored.embedder) != (dimension, embedder_name):
            raise _unusable(
                directory,
                f"was made with the embedder {stored.embedder or 'none'!r}, not {embedder_name or 'none'!r}",
            )
        segments = tuple(load(directory / name).without(stored.withdrawn) for name in stored.segments)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unusable(directory, f"is damaged ({type(error).__name__})") from error
    withdrawn = {key: tuple(value) for key, value in stored.withdrawn.items()}
    state = _State(segments, len(segments), stored.revision, withdrawn)
    return EmbeddedIndex(directory, dimension, embedder_name, state, list(stored.segments))


def _unusable(directory: Path, why: str) -> IncompatibleData:
    return IncompatibleData(f"the search index in {directory} {why}; run `worldctx rebuild` to make it anew")


def _visible(segment: Segment, revision: Revision) -> int:
    """How many passages of a segment a revision holds: a prefix, since revisions never fall."""
    return int(np.searchsorted(segment.recorded, revision, side="right"))


def _mask(segment: Segment, count: int, view: View) -> Mask:
    """Which of the first `count` passages a view may see."""
    mask = np.ones(count, np.bool_)
    lo, hi = segment.published[:count, 0], segment.published[:count, 1]
    clocks, wanted = view.clocks, view.filter
    # What is undated, so that its end is MAX_INSTANT, was not said by any time.
    if clocks.said_by is not None:
        mask &= hi <= min(clocks.said_by, MAX_INSTANT - 1)
    elif clocks.strict:
        mask &= hi < MAX_INSTANT
    if wanted.published_from is not None:
        mask &= lo >= wanted.published_from.lo
    if wanted.published_to is not None:
        mask &= hi <= wanted.published_to.hi
    if wanted.sources:
        starts = tuple(value for value in wanted.sources if value.endswith(":"))
        mask &= (
            _among(segment, "publisher", wanted.sources, count)
            | _among(segment, "host", wanted.sources, count)
            | _beginning(segment, starts, count)
        )
    if wanted.places:
        mask &= _among(segment, "place", wanted.places, count)
    if wanted.languages:
        mask &= _among(segment, "language", wanted.languages, count)
    if segment.gone is not None:
        mask &= segment.gone[:count] > view.revision
    if view.without is not None:
        mask &= ~_among(segment, "document", [view.without], count)
    return mask


def _among(segment: Segment, column: str, values: Sequence[str], count: int) -> Mask:
    """Passages with one of the values in a text column."""
    codes = [code for value in set(values) if (code := segment.code(column, value)) is not None]
    if not codes:
        return np.zeros(count, np.bool_)
    column_codes = segment.codes[column][:count]
    return column_codes == codes[0] if len(codes) == 1 else np.isin(column_codes, codes)


def _beginning(segment: Segment, starts: tuple[str, ...], count: int) -> Mask:
    """Passages of documents whose id begins with one of the texts."""
    if not starts:
        return np.zeros(count, np.bool_)
    right = np.array([word.startswith(starts) for word in segment.words["document"]], np.bool_)
    return right[segment.codes["document"][:count]]


def _coarse(segments: Sequence[Segment], masks: Sequence[Mask], vector: Vector, keep: int) -> list[Ints]:
    """Of the passages in the masks those whose sign bits differ least from the vector's: `keep`, and ties."""
    query = signs_of(np.asarray(vector)[np.newaxis])
    far = 64 * len(query) + 1
    distances = []
    for segment, mask in zip(segments, masks, strict=True):
        distance = np.empty(len(mask), np.uint16)
        for first in range(0, len(mask), COARSE_ROWS):  # as many as the processor's cache holds
            last = min(first + COARSE_ROWS, len(mask))
            different = np.bitwise_count(segment.signs[:, first:last] ^ query)
            np.add.reduce(different, axis=0, dtype=np.uint16, out=distance[first:last])
        distance += ~mask * np.uint16(far)  # writing where a mask says so is slow
        distances.append(distance)
    often = np.sum([np.bincount(distance, minlength=2 * far) for distance in distances], axis=0)[:far]
    # No further than the farthest that a mask lets through, however many are wanted.
    cut = min(int(np.searchsorted(np.cumsum(often), keep)), far - 1)
    return [np.flatnonzero(distance <= cut) for distance in distances]


def _close(segments: Sequence[Segment], candidates: Sequence[Ints], vector: Vector, limit: int) -> list[Ints]:
    """The candidates that may be among the best `limit`: a quick scan in single precision leaves out the rest.

    The scan is wrong by less than SLACK (rows and vector have length 1, so that the error of a sum of d products is
    at most d times the rounding of one), and those within twice that of the cut are kept for the exact scan to judge.
    """
    if sum(map(len, candidates)) <= max(CLOSE_ABOVE, limit):
        return list(candidates)
    narrow = np.asarray(vector, np.float32)
    scores = [_scan(segment.vectors, numbers, narrow) for segment, numbers in zip(segments, candidates, strict=True)]
    every = np.concatenate(scores)
    cut = np.partition(every, len(every) - limit)[len(every) - limit]
    cut -= 2 * SLACK * max(1.0, float(np.linalg.norm(narrow)))
    return [numbers[score >= cut] for numbers, score in zip(candidates, scores, strict=True)]


def _scan(rows: Vector, numbers: Ints, vector: Vector) -> Vector:
    """Products of some rows and a vector. A block of rows at a time stays in the processor's cache."""
    if not len(numbers):
        return np.zeros(0, np.float32)
    blocks = [numbers[first : first + SCAN_ROWS] for first in range(0, len(numbers), SCAN_ROWS)]
    return np.concatenate([
        (rows[block[0] : block[-1] + 1] if block[-1] - block[0] + 1 == len(block) else rows[block]) @ vector
        for block in blocks
    ])


def _high(scores: Scores, limit: int) -> Ints:
    """Where the best `limit` positive scores are, and some more: those that may round to the same as the last."""
    cut = reached(scores, limit) - ROUNDING
    return np.flatnonzero(scores >= cut) if cut > 0 else np.flatnonzero(scores)


def _best(found: Sequence[tuple[Segment, Ints, Scores]], limit: int) -> list[Hit]:
    """The best hits of all segments, rounded, ties by id.

    Args:
        found: of each segment, the numbers of passages and their scores.
    """
    every = np.concatenate([scores for _, _, scores in found]) if found else np.zeros(0)
    # What is rounded to the same as the last hit must be kept, for its id may come first.
    cut = np.partition(every, len(every) - limit)[len(every) - limit] - ROUNDING if len(every) > limit else -np.inf
    rows: list[tuple[float, str, Segment, int]] = []
    for segment, numbers, scores in found:
        keep = np.flatnonzero(scores >= cut)
        rows += [
            (-float(value), segment.ids[number], segment, int(number))
            for number, value in zip(numbers[keep].tolist(), np.round(scores[keep], 6).tolist(), strict=True)
        ]
    rows.sort(key=lambda row: row[:2])
    return [
        Hit(PassageId(name), DocumentId(segment.words["document"][segment.codes["document"][number]]), -score)
        for score, name, segment, number in rows[:limit]
    ]
