"""What lookups filter and rank facts by, in memory and in columns: an image of the tables that follows their commits.

Rows are only added and withdrawals numbered, so that an image of the rows up to a revision serves every revision up to
it. It is kept in layers, each over a range of rows, small ones taken in by the next (as the segments of the search
index are); the first may be a memory map of a file. Nothing here is the record: whatever is shown is read from the
tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from worldctx.graph.rows import DECLARED_BELOW
from worldctx.model.clocks import Clocks
from worldctx.model.entity import Kind
from worldctx.model.time import MAX_INSTANT, MIN_INSTANT
from worldctx.ports.graph import Side

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
L = TypeVar("L", "Facts", "Lines")

#: A layer takes in the one before it when that holds at most so many times as many rows.
LAYER_RATIO = 8
#: `withdrawn` of what was not.
NEVER = np.iinfo(np.int32).max
#: Rows read at a time.
CHUNK = 20_000

KINDS = tuple(Kind)
EVENT = KINDS.index(Kind.EVENT)
_PLACE_OF_KIND = {kind: place for place, kind in enumerate(KINDS)}

_FACTS = f"""SELECT row, subject, predicate, coalesce(object, 0), coalesce(valid_lo, {MIN_INSTANT}),
    coalesce(valid_hi, {MAX_INSTANT}), coalesce(known_hi, {MIN_INSTANT}), coalesce(end_known_hi, {MIN_INSTANT}),
    since IS NOT NULL, basis < {DECLARED_BELOW}, begins IS NOT NULL, source IS NOT NULL, recorded,
    coalesce(withdrawn, {NEVER}), confidence, CAST(id AS BLOB)
    FROM facts WHERE row > ? ORDER BY row"""
_NUMBERS = 14
_LINES = "SELECT row, id, kind, recorded FROM entities WHERE row > ? ORDER BY row"
_WITHDRAWN = "SELECT row, withdrawn FROM facts WHERE withdrawn > ?"


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """A range of rows of facts, by subject and then by id; row i of each column is one fact.

    Open sides of the clocks are MIN_INSTANT and MAX_INSTANT; 0 stands for no object.

    Attributes:
        id: in UTF-8, whose order is that of the texts.
        objects, by_object: the objects in order, and which fact each belongs to: by object and then by id.
        begun, begin: likewise the subjects of facts that begin an existence, and which facts those are.
    """

    row: NDArray[np.int32]
    subject: NDArray[np.int32]
    predicate: NDArray[np.int32]
    object: NDArray[np.int32]
    lo: Ints
    hi: Ints
    known: Ints
    end_known: Ints
    public: Flags
    declared: Flags
    sourced: Flags
    recorded: NDArray[np.int32]
    withdrawn: NDArray[np.int32]
    confidence: NDArray[np.float64]
    id: NDArray[np.bytes_]
    objects: NDArray[np.int32]
    by_object: NDArray[np.int32]
    begun: NDArray[np.int32]
    begin: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.row)

    def seen(self, places: Ints, revision: int, clocks: Clocks) -> Flags:
        """Which of some facts a revision holds and the clocks let through: `clocks.sees` for columns."""
        seen = (self.recorded[places] <= revision) & (self.withdrawn[places] > revision)
        if clocks.strict:
            seen &= self.declared[places]
        if clocks.cutoff is not None:
            seen &= self.known[places] <= clocks.cutoff
        if clocks.as_of is not None:
            ends_later = self.hi[places] > clocks.lo
            if clocks.cutoff is not None:
                ends_later |= self.end_known[places] > clocks.cutoff
            seen &= ends_later & (self.lo[places] < clocks.hi)
        return np.asarray(seen)

    def without(self, rows: Sequence[int], revisions: Sequence[int]) -> Facts:
        """These facts, some of which were withdrawn by a revision."""
        order = np.argsort(rows)
        sorted_rows = np.asarray(rows)[order]
        at = np.minimum(np.searchsorted(sorted_rows, self.row), len(rows) - 1)
        hit = sorted_rows[at] == self.row
        if not hit.any():
            return self
        return replace(self, withdrawn=np.where(hit, np.asarray(revisions, np.int32)[order][at], self.withdrawn))


#: Facts by their places in a layer.
Places = tuple[Facts, Ints]


class Found(NamedTuple):
    """Facts of one layer that some numbers led to.

    Attributes:
        which: the place of the number that led to each; they come number by number, and those of one by id.
        owners: the group of each number.
    """

    layer: Facts
    which: Ints
    places: Ints
    owners: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some facts: those of their columns that ranking looks at."""

    id: NDArray[np.bytes_]
    subject: NDArray[np.int32]
    object: NDArray[np.int32]
    predicate: NDArray[np.int32]
    lo: Ints
    confidence: NDArray[np.float64]
    sourced: Flags

    def __len__(self) -> int:
        return len(self.id)

    def where(self, kept: Flags) -> Rows:
        """Those of them that are kept."""
        return Rows(*(getattr(self, one.name)[kept] for one in fields(Rows)))


#: The columns that follow from the others.
_DERIVED = ("objects", "by_object", "begun", "begin")
_STORED = tuple(one.name for one in fields(Facts) if one.name not in _DERIVED)


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """A range of rows of entity lines, by entity and then by row."""

    row: NDArray[np.int32]
    entity: NDArray[np.int32]
    kind: NDArray[np.int8]
    recorded: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.row)


_NO_FACTS = Facts(*(np.zeros(0, dtype) for dtype in (
    "i4", "i4", "i4", "i4", "i8", "i8", "i8", "i8", "?", "?", "?", "i4", "i4", "f8", "S1", "i4", "i4", "i4", "i4")))
_NO_LINES = Lines(*(np.zeros(0, dtype) for dtype in ("i4", "i4", "i1", "i4")))


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Numbers that mean the same entity, group by group.

    Attributes:
        numbers: of all groups.
        owners: the place of the group of each.
        count: of groups.
    """

    numbers: NDArray[np.integer[Any]]
    owners: Ints
    count: int

    @staticmethod
    def of(groups: Sequence[Sequence[int]]) -> Groups:
        """Those groups, in their order."""
        counts = np.fromiter(map(len, groups), np.int64, len(groups))
        return Groups(np.fromiter(chain.from_iterable(groups), np.int64, int(counts.sum())),
                      np.repeat(np.arange(len(groups)), counts), len(groups))

    @staticmethod
    def of_single(numbers: NDArray[np.integer[Any]]) -> Groups:
        """Groups of one number each."""
        return Groups(numbers, np.arange(len(numbers)), len(numbers))


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Everything that was committed up to the revision `through`."""

    through: int = -1
    facts: tuple[Facts, ...] = ()
    lines: tuple[Lines, ...] = ()

    @property
    def last_fact(self) -> int:
        """Number of the last row of facts; 0 for none."""
        return int(max((layer.row.max() for layer in self.facts), default=0))

    @property
    def last_line(self) -> int:
        """Number of the last row of entity lines; 0 for none."""
        return int(max((layer.row.max() for layer in self.lines), default=0))

    def followed(self, connection: sqlite3.Connection) -> Columns:
        """These columns and what was committed since; `connection` is inside a read transaction."""
        (through,) = connection.execute("SELECT coalesce(max(revision), 0) FROM commits").fetchone()
        if through == self.through:
            return self
        facts = self.facts
        if facts and (gone := connection.execute(_WITHDRAWN, (self.through,)).fetchall()):
            rows, revisions = zip(*gone, strict=True)
            facts = tuple(layer.without(rows, revisions) for layer in facts)
        fresh = _read_facts(connection, self.last_fact)
        lines = _read_lines(connection, self.last_line)
        return Columns(through, _grown(facts, fresh, _facts_in_order), _grown(self.lines, lines, _lines_in_order))

    def joined(self) -> Columns:
        """The same in one layer each."""
        return Columns(self.through, (_facts_in_order(self.facts),) if self.facts else (),
                       (_lines_in_order(self.lines),) if self.lines else (_lines_in_order([_NO_LINES]),))

    def wrong(self, connection: sqlite3.Connection) -> Iterator[str]:
        """What is not as the tables have it, in words; the columns were followed to their newest commit just before."""
        ordered = (*(_same(layer, _facts_in_order([layer])) for layer in self.facts),
                   *(_same(layer, _lines_in_order([layer])) for layer in self.lines))
        differing = _differing(self.facts, _fact_chunks(connection, 0)) + _differing(
            self.lines, _line_chunks(connection, 0))
        if differing or not all(ordered):
            yield (f"{differing} rows of the columns are not those of the tables, or not in order; stop the service, "
                   "remove the folder columns from the data directory, and start again")

    def kinds(self, groups: Groups, revision: int) -> NDArray[np.int8]:
        """The kind of each group by its first number with a line at a revision, as a place in KINDS; else -1."""
        kinds = np.full(len(groups.numbers), -1, np.int8)
        for layer in self.lines:  # later layers hold later lines
            which, places = _slices(layer.entity, groups.numbers)
            here = layer.recorded[places] <= revision
            kinds[which[here]] = layer.kind[places[here]]  # of several the last stays: by row, that is the newest
        found = np.full(groups.count, -1, np.int8)
        known = np.flatnonzero(kinds >= 0)[::-1]
        found[groups.owners[known]] = kinds[known]
        return found

    def beginnings(self, groups: Groups, revision: int) -> tuple[Ints, Ints]:
        """When the beginning of each group's entity had become public, and when it was, by the earliest of its facts.

        Returns:
            The end of the earliest date of publication, MIN_INSTANT where no fact that begins it has one, and the
            earliest first instant, MAX_INSTANT where none has a date.
        """
        public = np.full(groups.count, MAX_INSTANT, np.int64)
        begins = np.full(groups.count, MAX_INSTANT, np.int64)
        for layer in self.facts:
            which, places = _slices(layer.begun, groups.numbers)
            places = layer.begin[places].astype(np.int64)
            here = (layer.recorded[places] <= revision) & (layer.withdrawn[places] > revision)
            whose, places = groups.owners[which[here]], places[here]
            dated = layer.public[places]
            np.minimum.at(public, whose[dated], layer.known[places[dated]])
            timed = layer.lo[places] > MIN_INSTANT
            np.minimum.at(begins, whose[timed], layer.lo[places[timed]])
        public[public == MAX_INSTANT] = MIN_INSTANT
        return public, begins

    def seen(self, groups: Groups, side: Side, revision: int, clocks: Clocks) -> list[Found]:
        """The facts that have a number of one of the groups on a side and that pass the three clocks, by layer."""
        found = []
        for layer in self.facts:
            which, places = _slices(layer.subject if side is Side.SUBJECT else layer.objects, groups.numbers)
            if len(places):
                if side is Side.OBJECT:
                    places = layer.by_object[places].astype(np.int64)
                seen = layer.seen(places, revision, clocks)
                found.append(Found(layer, which[seen], places[seen], groups.owners))
        return found

    def rows(self, found: Sequence[Places]) -> Rows:
        """The facts at some places, each once, by id."""
        if not found:
            found = [(_NO_FACTS, np.zeros(0, np.int64))]
        columns = {one.name: np.concatenate([getattr(layer, one.name)[places] for layer, places in found])
                   for one in fields(Rows)}
        _, first = np.unique(columns["id"], return_index=True)
        return Rows(**{name: column[first] for name, column in columns.items()})


def first(found: Sequence[Found], predicate: int | None, limit: int) -> list[Places]:
    """The first facts of each group by id, `limit` at most, of one predicate or of any (None)."""
    kept = []
    for layer, which, places, owners in found:
        if predicate is not None:
            right = layer.predicate[places] == predicate
            which, places = which[right], places[right]
        some = _first_of_each(which, limit)
        if len(some):
            kept.append((layer, places[some], owners[which[some]]))
    # What one number has in one layer was cut now; a group of several numbers, or of several layers, may have more.
    if kept and np.bincount(np.concatenate([whose for _, _, whose in kept])).max() > limit:
        return _cut(kept, limit)
    return [(layer, places) for layer, places, _ in kept]


def _cut(found: Sequence[tuple[Facts, Ints, Ints]], limit: int) -> list[Places]:
    """The first facts of each group by id, out of all layers."""
    ids = np.concatenate([layer.id[places] for layer, places, _ in found])
    whose = np.concatenate([owners for _, _, owners in found])
    order = np.lexsort((ids, whose))
    kept = np.zeros(len(ids), bool)
    kept[order[_first_of_each(whose[order], limit)]] = True
    starts = [*accumulate((len(places) for _, places, _ in found), initial=0)]
    return [(layer, places[kept[start:end]])
            for (layer, places, _), (start, end) in zip(found, pairwise(starts), strict=True)]


def _slices(column: NDArray[np.int32], numbers: NDArray[np.integer[Any]]) -> tuple[Ints, Ints]:
    """Where a sorted column holds each number: the number's own place, once for each of its places in the column."""
    numbers = numbers.astype(column.dtype)  # or all of the column would be converted to theirs
    starts = np.searchsorted(column, numbers, "left")
    counts = np.searchsorted(column, numbers, "right") - starts
    owners = np.repeat(np.arange(len(numbers)), counts)
    first = np.cumsum(counts) - counts
    return owners, np.arange(len(owners)) - first[owners] + starts[owners]


def _first_of_each(owners: Ints, limit: int) -> Ints:
    """The first `limit` places of each run of equal values."""
    if not len(owners):
        return owners
    begins = np.flatnonzero(np.concatenate([[True], owners[1:] != owners[:-1]]))
    lengths = np.diff(np.append(begins, len(owners)))
    return np.flatnonzero(np.arange(len(owners)) - np.repeat(begins, lengths) < limit)


def _read_facts(connection: sqlite3.Connection, after: int) -> Facts | None:
    read = [*_fact_chunks(connection, after)]  # a million rows as objects would take a gigabyte
    return _facts_in_order(read) if read else None


def _fact_chunks(connection: sqlite3.Connection, after: int) -> Iterator[Facts]:
    cursor = connection.execute(_FACTS, (after,))
    while rows := cursor.fetchmany(CHUNK):
        yield _facts_of(rows)


def _facts_of(rows: Sequence[tuple[Any, ...]]) -> Facts:
    """A layer that is not yet in order."""
    *columns, confidence, ids = zip(*rows, strict=True)
    (row, subject, predicate, target, lo, hi, known, end_known, public, declared, begins, sourced, recorded,
     withdrawn) = np.fromiter(chain.from_iterable(columns), np.int64, len(rows) * _NUMBERS).reshape(_NUMBERS, -1)
    none = np.zeros(0, np.int32)
    return Facts(
        row.astype(np.int32), subject.astype(np.int32), predicate.astype(np.int32), target.astype(np.int32), lo.copy(),
        hi.copy(), known.copy(), end_known.copy(), public.astype(bool), declared.astype(bool), sourced.astype(bool),
        recorded.astype(np.int32), withdrawn.astype(np.int32), np.array(confidence), np.array(ids), none, none, none,
        np.flatnonzero(begins).astype(np.int32))


def _read_lines(connection: sqlite3.Connection, after: int) -> Lines | None:
    read = [*_line_chunks(connection, after)]
    return _lines_in_order(read) if read else None


def _line_chunks(connection: sqlite3.Connection, after: int) -> Iterator[Lines]:
    cursor = connection.execute(_LINES, (after,))
    while rows := cursor.fetchmany(CHUNK):
        row, entity, kind, recorded = zip(*rows, strict=True)
        yield Lines(np.array(row, np.int32), np.array(entity, np.int32),
                    np.array([_PLACE_OF_KIND[Kind(one)] for one in kind], np.int8), np.array(recorded, np.int32))


def _same(one: L, other: L) -> bool:
    return all(np.array_equal(getattr(one, column.name), getattr(other, column.name)) for column in fields(one))


def _differing(layers: Sequence[L], chunks: Iterator[L]) -> int:
    """How many rows the layers have and the chunks of a table have not, or otherwise, or with other values."""
    held = {name: np.concatenate([getattr(layer, name) for layer in layers]) for name in _stored(layers)}
    order = np.argsort(held["row"]) if held else np.zeros(0, np.int64)
    rows = held["row"][order] if held else np.zeros(0, np.int32)
    right = seen = 0
    for chunk in chunks:
        seen += len(chunk)
        at = np.searchsorted(rows, chunk.row)
        known = np.flatnonzero(at < len(rows))
        places = order[at[known]]
        same = np.ones(len(known), bool)
        for name, column in held.items():
            same &= column[places] == getattr(chunk, name)[known]
        right += int(np.count_nonzero(same))
    return max(seen, len(rows)) - right


def _stored(layers: Sequence[L]) -> list[str]:
    return [one.name for layer in layers[:1] for one in fields(layer) if one.name not in _DERIVED]


def _grown(layers: Sequence[L], fresh: L | None, merge: Callable[[Sequence[L]], L]) -> tuple[L, ...]:
    grown = list(layers)
    if fresh is not None:
        grown.append(fresh)
    while len(grown) > 1 and len(grown[-2]) <= LAYER_RATIO * len(grown[-1]):
        grown[-2:] = [merge(grown[-2:])]
    return tuple(grown)


def _facts_in_order(layers: Sequence[Facts]) -> Facts:
    """One layer of several, or of some whose rows stand in any order."""
    begins = np.zeros(sum(map(len, layers)), bool)
    begins[np.concatenate([layer.begin + start for layer, start in zip(
        layers, accumulate(map(len, layers), initial=0), strict=False)])] = True
    columns = {name: np.concatenate([getattr(layer, name) for layer in layers]) for name in _STORED}
    rank = np.empty(len(begins), np.int32)  # of the id: many times quicker to sort by than the id
    rank[np.argsort(columns["id"], kind="stable")] = np.arange(len(begins), dtype=np.int32)
    order = np.lexsort((rank, columns["subject"]))
    columns = {name: column[order] for name, column in columns.items()}
    target = columns["object"]
    by_object = np.lexsort((rank[order], target))
    by_object = by_object[np.searchsorted(target[by_object], 1):]  # literals have no object
    begin = np.flatnonzero(begins[order])
    return Facts(**columns, objects=target[by_object], by_object=by_object.astype(np.int32),
                 begun=columns["subject"][begin], begin=begin.astype(np.int32))


def _lines_in_order(layers: Sequence[Lines]) -> Lines:
    joined = {one.name: np.concatenate([getattr(layer, one.name) for layer in layers]) for one in fields(Lines)}
    order = np.lexsort((joined["row"], joined["entity"]))
    return Lines(**{name: column[order] for name, column in joined.items()})
