"""The embedded graph store: one SQLite file in a data directory. The reference that other stores are measured by."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from worldctx.graph.batch import unstorable
from worldctx.graph.check import problems_in
from worldctx.graph.closure import closure_of, key_of
from worldctx.graph.connections import Connections, DirectoryLock, our_error
from worldctx.graph.dump import dump_lines
from worldctx.graph.erasing import Erasing
from worldctx.graph.image import Image
from worldctx.graph.interned import Interned
from worldctx.graph.knowledge import told
from worldctx.graph.ledger import Ledger
from worldctx.graph.reader import SqliteReader
from worldctx.graph.rewriting import check_room, empty_log, rewrite
from worldctx.graph.rows import (
    DOCUMENT_COLUMNS,
    PASSAGE_COLUMNS,
    document_from,
    mention_from,
    name_from,
    passage_from,
    revision_from,
)
from worldctx.graph.sameness import Sameness
from worldctx.graph.schema import STEPS, check_version, migrate, version_of
from worldctx.graph.writing import Writing, say_done, say_marks
from worldctx.model.change import (
    Batch,
    Closure,
    DocumentRecord,
    Erased,
    Erasure,
    LedgerRow,
    Queued,
    Receipt,
)
from worldctx.model.entity import Entity, Kind
from worldctx.model.errors import (
    BadInput,
    IncompatibleData,
    RevisionUnavailable,
    StoreFull,
    StoreUnavailable,
    Unsupported,
)
from worldctx.model.fact import Fact
from worldctx.model.ids import ZERO, DocumentId, EntityId, Revision
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.ports.failpoint import failpoint
from worldctx.ports.graph import Commit, Left, NameRow

FILE = "graph.db"

#: The last commits that could change which ids are read as one (a link, a judgement, an entry of its own), and what an
#: entity is (a name too).
_LAST_OF = "SELECT coalesce(max(recorded), 0) FROM (" + " UNION ALL ".join(
    f"SELECT * FROM (SELECT '{table}' AS what, recorded FROM {table} ORDER BY row DESC LIMIT 1)"
    for table in ("entities", "same_as", "judgements", "names")) + ") WHERE what != ?"
#: CROSS JOIN: in this order, or SQLite may go through the texts or the entities for each name.
_NAMES = """SELECT t.text, e.kind, e.weight, n.recorded, n.text, n.lang, n.start, n."end", n.preferred
    FROM names n CROSS JOIN terms t ON t.id = n.entity CROSS JOIN entities e
        ON e.row = (SELECT l.row FROM entities l WHERE l.id = n.entity ORDER BY l.row DESC LIMIT 1)
    WHERE n.row > ? AND n.again = 0 ORDER BY n.row"""
_COMMITTED = f"SELECT d.row, {DOCUMENT_COLUMNS} FROM documents d WHERE d.recorded = ? ORDER BY d.row"
_GONE = "SELECT t.text FROM documents d JOIN terms t ON t.id = d.id WHERE d.withdrawn = ? ORDER BY t.text"
_PASSAGES = f"SELECT {PASSAGE_COLUMNS} FROM passages p WHERE p.document = ? ORDER BY p.ordinal"
_MENTIONS = """SELECT start, "end", surface, candidates FROM mentions WHERE document = ?
    ORDER BY start, "end", ordinal"""


def open_graph(directory: Path, *, read_only: bool = False) -> SqliteGraph:
    """Open the graph in a data directory; a missing or empty directory becomes a new graph.

    Args:
        read_only: leave the directory as it is and take no lock; another process may be writing.

    Raises:
        StoreUnavailable: another process writes there, or there is nothing to read.
        IncompatibleData: written by another program or a later release, or damaged.
        StoreFull: the directory cannot be written.
    """
    return SqliteGraph(directory.absolute(), read_only=read_only)


@dataclass(frozen=True, slots=True)
class _Told:
    """How long what is remembered stays true.

    Attributes:
        linked: the last commit that could change which ids are read as one.
        entities: the last commit that could change any entity.
        has_links: whether any ids are read as one.
    """

    linked: Revision = ZERO
    entities: Revision = ZERO
    has_links: bool = False


class SqliteGraph:
    """A ports.graph.GraphStore. Safe in any thread; writers take turns, readers never wait."""

    def __init__(self, directory: Path, *, read_only: bool = False) -> None:
        self._path = directory / FILE
        self._lock = None if read_only else _lock(directory)
        try:
            if read_only and not self._path.exists():
                raise StoreUnavailable(f"{directory} holds no graph; ingest or import something first")
            self._connections = Connections(self._path, read_only=read_only)
        except BaseException:
            self._unlock()
            raise
        self._turn = threading.Lock()
        self._head = ZERO
        self._told = _Told()
        self._directory = directory
        self._erased = self._rewritten = ZERO
        self._ledger = Ledger(self._connections, self._writing)
        self._interned = Interned()
        self._sameness = Sameness(self._interned)
        self._image = Image(directory, read_only=read_only)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def apply(self, batch: Batch) -> Receipt:
        """See ports.graph.GraphStore."""
        try:
            with self._writing() as connection:
                failpoint("graph.apply.begun")
                writing = Writing(connection, self._interned, Revision(self._head + 1))
                receipt = writing.write(batch)
                if receipt.revision > self._head:
                    failpoint("graph.apply.before_commit")
                    connection.execute("COMMIT")
                    writing.interning.committed()
                    before, now = self._told, receipt.revision
                    self._told = _Told(  # before the head: see at()
                        now if writing.changed_groups else before.linked,
                        now if receipt.entities_written or receipt.judgements_written else before.entities,
                        before.has_links or writing.links > 0)
                    self._head = receipt.revision
                    failpoint("graph.apply.after_commit")
                elif batch.done or batch.marks:
                    # Nothing is new, so there is no commit; what the writing left behind goes, but it is done.
                    connection.execute("ROLLBACK")
                    connection.execute("BEGIN IMMEDIATE")
                    say_done(connection, batch.done, self._head)
                    say_marks(connection, batch.marks)
                    connection.execute("COMMIT")
        except UnicodeEncodeError as error:
            raise BadInput.at(unstorable(batch) or "batch", "holds a lone surrogate, which is no character; "
                                                            "decode the input as UTF-8") from error
        return receipt

    def head(self) -> Revision:
        """See ports.graph.GraphStore."""
        if self._lock is not None:
            return self._head
        with self._connections.reading() as connection:
            return revision_from(connection.execute("SELECT max(revision) FROM commits").fetchone())

    def seen(self) -> Revision:
        """See ports.graph.GraphStore."""
        return self._head

    def at(self, revision: Revision | None = None) -> SqliteReader:
        """See ports.graph.GraphStore."""
        head = self.head()
        if revision is None:
            revision = head
        elif not 0 <= revision <= head:
            raise RevisionUnavailable(f"revision {revision} does not exist; the newest is {head}")
        if self._lock is None and (erased := self.erased()) > self._erased:
            self._erased = erased
            self._forget()
        # The head was read first: a commit that lands here may make the epochs too new, which costs memory only.
        told = self._told if self._lock is not None else self._read_told()
        return SqliteReader(self._connections, self._interned, self._sameness, self._image, revision,
                            min(revision, told.entities), min(revision, told.linked) if told.has_links else None)

    def commits(self, after: Revision, limit: int = 100) -> Iterator[Commit]:
        """See ports.graph.GraphStore."""
        # Not what the file holds: between a commit and the acknowledgement it may be one ahead of our own head, and an
        # index that had followed it would be ahead of the graph.
        last = min(after + limit, self.head())
        for number in range(after + 1, last + 1):
            with self._connections.reading() as connection:
                yield self._commit(connection, Revision(number))

    def names(self, after: Revision = ZERO) -> Iterator[NameRow]:
        """See ports.graph.GraphStore. By revision, then entity and text."""
        with self._connections.reading() as connection:
            # Rows are numbered in the order of their commits: the last one of `after` is where to go on.
            row = _last_name_of(connection, after)
            for entity, kind, weight, recorded, *name in connection.execute(_NAMES, (row,)):
                yield NameRow(EntityId(entity), Kind(kind), name_from(tuple(name), connection, self._interned),
                              weight or 0.0, Revision(recorded))

    def ledger(self, keys: Iterable[str]) -> dict[str, LedgerRow]:
        """See ports.graph.GraphStore."""
        return self._ledger.rows(keys)

    def enqueue(self, records: Sequence[Queued]) -> list[LedgerRow]:
        """See ports.graph.GraphStore."""
        return self._ledger.enqueue(records)

    def payload(self, key: str) -> bytes | None:
        """See ports.graph.GraphStore."""
        return self._ledger.payload(key)

    def attempt(self, key: str) -> LedgerRow:
        """See ports.graph.GraphStore. A parked record is tried again."""
        return self._ledger.attempt(key)

    def fail(self, key: str, reason: str) -> LedgerRow | None:
        """See ports.graph.GraphStore."""
        return self._ledger.fail(key, reason)

    def park(self, key: str, reason: str) -> LedgerRow:
        """See ports.graph.GraphStore."""
        return self._ledger.park(key, reason)

    def requeue(self, key: str) -> LedgerRow | None:
        """See ports.graph.GraphStore."""
        return self._ledger.requeue(key)

    def drop(self, key: str) -> bool:
        """See ports.graph.GraphStore."""
        return self._ledger.drop(key)

    def overdue(self, untouched_s: float, limit: int) -> list[LedgerRow]:
        """See ports.graph.GraphStore."""
        return self._ledger.overdue(untouched_s, limit)

    def parked(self) -> Iterator[LedgerRow]:
        """See ports.graph.GraphStore."""
        return self._ledger.parked()

    def mark(self, name: str) -> int:
        """See ports.graph.GraphStore."""
        return self._ledger.mark(name)

    def closure(self, erasure: Erasure, left: Left, most: int = 20) -> Closure:
        """See ports.graph.GraphStore."""
        with self._connections.reading() as connection:
            return closure_of(connection, key_of(connection, erasure), left, most)

    def erase(self, erasure: Erasure, left: Left) -> Erased:
        """See ports.graph.GraphStore."""
        failpoint("graph.erase.begun")
        with self._writing() as connection:
            key = key_of(connection, erasure)
            closure = closure_of(connection, key, left, 0)
            if not closure:
                return Erased(self._head, closure)
            check_room(self._path)
            revision = Revision(self._head + 1)
            documents = Erasing(connection, key, erasure, left).erase(revision)
            with self._connections.alone():
                self._image.drop()
                failpoint("graph.erase.before_commit")
                connection.execute("COMMIT")
                self._forget()
                self._told, self._head, self._erased = _Told(revision, revision, self._has_links()), revision, revision
            failpoint("graph.erase.after_commit")
        return Erased(revision, closure, documents)

    def erased(self) -> Revision:
        """See ports.graph.GraphStore."""
        if self._lock is not None:
            return self._erased
        with self._connections.reading() as connection:
            return revision_from(connection.execute("SELECT max(revision) FROM erasures").fetchone())

    def unsettled(self) -> Revision:
        """See ports.graph.GraphStore."""
        if self.erased() == ZERO:
            return ZERO
        with self._connections.reading() as connection:
            return revision_from(connection.execute("SELECT max(revision) FROM erasures WHERE settled = 0").fetchone())

    def letting_go(self) -> list[DocumentId]:
        """See ports.graph.GraphStore."""
        with self._connections.reading() as connection:
            return [DocumentId(text) for (text,) in connection.execute("SELECT document FROM erased ORDER BY 1")]

    def settle(self, revision: Revision) -> None:
        """See ports.graph.GraphStore."""
        failpoint("graph.settle.begun")
        with self._writing() as connection:
            connection.execute("DELETE FROM erased WHERE revision <= ?", (revision,))
            connection.execute("COMMIT")
            if self._rewritten < revision:  # what is tried again need not be done again
                rewrite(connection)
                self._rewritten = revision
            empty_log(connection, self._connections)
            failpoint("graph.settle.before_end")
            connection.execute("UPDATE erasures SET settled = 1 WHERE revision <= ?", (revision,))

    def dump(self, revision: Revision | None = None) -> Iterator[str]:
        """See ports.graph.GraphStore. At the head withdrawn records come marked; at a revision only what it shows."""
        if revision is not None:
            revision = self.at(revision).revision
        with self._connections.reading() as connection:
            yield from dump_lines(connection, self._interned, revision)

    def knowledge(self, revision: Revision | None = None) -> Iterator[Source | Entity | Fact | Judgement]:
        """See ports.graph.GraphStore."""
        revision = self.at(revision).revision
        with self._connections.reading() as connection:
            yield from told(connection, self._interned, revision)

    def check(self) -> Iterator[str]:
        """See ports.graph.GraphStore."""
        with self._connections.reading() as connection:
            sound = True
            for problem in problems_in(connection, self._interned):
                sound = False
                yield problem
            if sound:  # the columns would read damaged pages
                yield from self._image.at(connection, ZERO).followed(connection).wrong(connection)

    def backup(self, path: Path) -> None:
        """Copy the graph, as of one committed revision, into a new file; writing goes on meanwhile.

        Put it into an empty directory as graph.db to open it.

        Raises:
            BadInput: the file exists.
            StoreFull: it cannot be written.
        """
        if path.exists():
            raise BadInput.at("path", f"{path} exists; name a new file")
        partial = path.with_name(path.name + ".partial")
        try:
            partial.unlink(missing_ok=True)
            with self._connections.reading() as connection:
                copy = sqlite3.connect(partial)
                try:
                    connection.backup(copy)
                finally:
                    copy.close()
            _make_durable(partial)
            partial.rename(path)
            _make_durable(path.parent)
        except OSError as error:
            raise _unwritable(path, error) from error

    def close(self) -> None:
        """See ports.graph.GraphStore. Safe to repeat."""
        with self._turn:
            self._connections.close()
            self._unlock()

    def _prepare(self) -> None:
        writer = self._connections.writer
        try:
            if writer is not None:
                migrate(writer)
            with self._connections.reading() as connection:
                version = version_of(connection)
                check_version(version)
                if version == 0:
                    raise StoreUnavailable(f"{self._path} is empty; ingest or import something first")
                if version < len(STEPS):  # nobody who only reads may bring it up
                    raise IncompatibleData(f"{self._path} was written by an earlier worldctx; open it for writing "
                                           "once, with `worldctx stats` say, and it is brought up to this version")
                self._head = revision_from(connection.execute("SELECT max(revision) FROM commits").fetchone())
                self._image.open(connection)
                self._erased = revision_from(connection.execute("SELECT max(revision) FROM erasures").fetchone())
            self._told = self._read_told()
        except sqlite3.Error as error:
            raise our_error(error) from error

    def _read_told(self) -> _Told:
        with self._connections.reading() as connection:
            linked = revision_from(connection.execute(_LAST_OF, ("names",)).fetchone())
            entities = revision_from(connection.execute(_LAST_OF, ("",)).fetchone())
            row = connection.execute("SELECT links FROM commits ORDER BY revision DESC LIMIT 1").fetchone()
        return _Told(linked, entities, row is not None and row[0] > 0)

    def _forget(self) -> None:
        """Remember nothing of what was: those who read with it are refused."""
        self._interned.gone = True
        self._interned = Interned()
        self._sameness = Sameness(self._interned)
        self._image = Image(self._directory, read_only=self._lock is None)

    def _has_links(self) -> bool:
        writer = self._connections.writer
        row = writer and writer.execute("SELECT links FROM commits ORDER BY revision DESC LIMIT 1").fetchone()
        return bool(row and row[0])

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The writer's turn, inside a transaction; what is not committed at the end is rolled back."""
        writer = self._connections.writer
        if writer is None:
            raise Unsupported("this graph was opened for reading only; open it for writing")
        with self._turn:
            if self._lock is None:
                raise StoreUnavailable("the graph store is closed")
            try:
                writer.execute("BEGIN IMMEDIATE")
                yield writer
            except (sqlite3.Error, OverflowError) as error:
                raise our_error(error) from error
            finally:
                # A full disk may have ended the transaction already.
                if writer.in_transaction:
                    writer.execute("ROLLBACK")

    def _commit(self, connection: sqlite3.Connection, revision: Revision) -> Commit:
        records = tuple(self._record(connection, row) for row in connection.execute(_COMMITTED, (revision,)))
        gone = tuple(DocumentId(text) for (text,) in connection.execute(_GONE, (revision,)))
        if connection.execute("SELECT 1 FROM erasures WHERE revision = ?", (revision,)).fetchone() is None:
            return Commit(revision, records, gone)
        erased = connection.execute("SELECT document FROM erased WHERE revision = ? ORDER BY 1", (revision,))
        return Commit(revision, records, gone, tuple(DocumentId(text) for (text,) in erased))

    def _record(self, connection: sqlite3.Connection, row: tuple[object, ...]) -> DocumentRecord:
        number, *columns = row
        document = document_from(tuple(columns), connection, self._interned)
        return DocumentRecord(
            document,
            tuple(passage_from(one, document.id) for one in connection.execute(_PASSAGES, (number,))),
            tuple(mention_from(one) for one in connection.execute(_MENTIONS, (number,))))

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _unwritable(path: Path, error: OSError) -> StoreFull:
    return StoreFull(f"{path} cannot be written: {error.strerror}")


def _lock(directory: Path) -> DirectoryLock:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(directory, error) from error
    return DirectoryLock(directory)


def _make_durable(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _last_name_of(connection: sqlite3.Connection, revision: Revision) -> int:
    """The last row of names recorded by a revision, by bisection: `recorded` grows with the row number."""
    (low, high) = 0, connection.execute("SELECT coalesce(max(row), 0) FROM names").fetchone()[0]
    while low < high:
        middle = (low + high + 1) // 2
        (recorded,) = connection.execute("SELECT recorded FROM names WHERE row >= ? ORDER BY row LIMIT 1",
                                         (middle,)).fetchone()
        low, high = (middle, high) if recorded <= revision else (low, middle - 1)
    return int(low)
