"""Open files: the lock on a data directory, one connection that writes, and a pool of those that read."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from worldctx.model.errors import BadInput, IncompatibleData, StoreFull, StoreUnavailable, WorldctxError

#: Idle readers kept open; more than this many at once are opened and closed again.
IDLE_READERS = 16
#: SQLite's page caches, in KiB: the writer's holds the upper levels of the indexes of millions of facts; readers go
#: through the memory map and need little of their own.
WRITER_CACHE_KIB = 65_536
READER_CACHE_KIB = 4_096
#: Bytes of the file that readers map at most, shared by all of them. Its pages are those of the kernel's cache: the
#: ones touched count as resident memory of the service until the kernel wants them back.
MAPPED_BYTES = 8 << 30
#: Pages of the write-ahead log before it is folded back into the file (64 MiB): a bulk import changes the same index
#: pages in commit after commit, and each is written back once.
CHECKPOINT_PAGES = 16_384
#: The log file shrinks to this many bytes after a large commit.
LOG_BYTES = 64 << 20
#: Seconds to wait for those who read, until nobody does.
ALONE_S = 10.0
#: Milliseconds to wait for another process (a backup tool, say) that holds SQLite's own lock.
BUSY_MS = 5_000

_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file holds what no SQLite wrote."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def our_error(error: Exception) -> WorldctxError:
    """The error of our own family that stands for one of the driver's."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _FULL:
        return StoreFull(f"the disk of the data directory is full, read-only or failing ({error}); nothing was written")
    if isinstance(error, sqlite3.Error) and is_damage(error):
        return IncompatibleData(f"graph.db is damaged or no graph ({error}); restore a backup of the data directory")
    if isinstance(error, (sqlite3.DataError, sqlite3.IntegrityError, OverflowError)):
        return BadInput(f"a value cannot be stored: {error}")
    return StoreUnavailable(f"the graph store failed: {error}")


class DirectoryLock:
    """The exclusive right to write a data directory; the kernel gives it back however this process ends."""

    def __init__(self, directory: Path) -> None:
        """Take the lock.

        Raises:
            StoreUnavailable: another process has it.
            StoreFull: the directory cannot be written.
        """
        try:
            self._file = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StoreFull(f"data directory {directory} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, str(os.getpid()).encode(), 0)
        except BlockingIOError as error:
            holder = os.pread(self._file, 20, 0).decode("ascii", "replace") or "unknown"
            os.close(self._file)
            raise StoreUnavailable(f"data directory {directory} is in use by process {holder}; "
                                   "stop it or use --server") from error
        except OSError as error:
            os.close(self._file)
            raise StoreFull(f"data directory {directory} cannot be written: {error.strerror}") from error

    def release(self) -> None:
        """Give the lock back. Safe to repeat."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Connections:
    """All connections to one graph.db. Readers may be used in any thread, each by one thread at a time."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path, self._read_only = path, read_only
        self._guard = threading.Lock()
        self._readers = threading.Condition(threading.Lock())
        self._reading, self._alone = 0, False
        self._idle: list[sqlite3.Connection] = []
        self._all: set[sqlite3.Connection] = set()
        self._closed = False
        self.writer: sqlite3.Connection | None = None if read_only else self._open_writer()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Borrow a connection that reads; the driver's errors come out as ours.

        Raises:
            StoreUnavailable: closed, or the file cannot be read.
        """
        with self._readers:
            if self._alone:
                self._readers.wait_for(lambda: not self._alone)
            self._reading += 1
        try:
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._open_reader()
            try:
                # One read transaction for all statements: they see one state, and SQLite takes its locks once.
                connection.execute("BEGIN")
                yield connection
            except (sqlite3.Error, OverflowError) as error:
                raise our_error(error) from error
            finally:
                _end(connection)
                if len(self._idle) < IDLE_READERS and not self._closed:
                    self._idle.append(connection)
                else:
                    self._close_one(connection)
        finally:
            with self._readers:
                self._reading -= 1
                if self._alone:
                    self._readers.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody reads meanwhile: those who do end first, those who come wait.

        Raises:
            StoreUnavailable: somebody reads for too long.
        """
        with self._readers:
            self._alone = True
            ended = self._readers.wait_for(self._nobody_reads, ALONE_S)
            if not ended:
                self._alone = False
                self._readers.notify_all()
                raise StoreUnavailable(f"the graph has been read for {ALONE_S:g} s without a pause; try again when "
                                       "exports and checks have ended")
        try:
            yield
        finally:
            with self._readers:
                self._alone = False
                self._readers.notify_all()

    def _nobody_reads(self) -> bool:
        return self._reading == 0

    def close(self) -> None:
        """Close every connection, those in use too. Safe to repeat."""
        with self._guard:
            self._closed = True
            remaining, self._all = self._all, set()
            self._idle.clear()
        for connection in remaining:
            connection.close()
        if self.writer is not None:
            self.writer.close()

    def _open_writer(self) -> sqlite3.Connection:
        connection = self._connect(f"{self._path.as_uri()}?mode=rwc")
        try:
            # Auto-vacuum off and 4 KiB pages are decided when the file is made; the journal mode is kept in the file.
            for pragma in ("journal_mode = WAL", "synchronous = FULL", f"cache_size = -{WRITER_CACHE_KIB}",
                           f"wal_autocheckpoint = {CHECKPOINT_PAGES}", f"journal_size_limit = {LOG_BYTES}",
                           "temp_store = MEMORY", "secure_delete = ON"):
                connection.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            connection.close()
            raise our_error(error) from error
        return connection

    def _open_reader(self) -> sqlite3.Connection:
        if self._closed:
            raise StoreUnavailable("the graph store is closed")
        # A directory that we cannot write has no shared-memory file for the log; nobody changes it meanwhile either.
        still = self._read_only and not os.access(self._path.parent, os.W_OK) and not _log_of(self._path).exists()
        connection = self._connect(f"{self._path.as_uri()}?{'immutable=1' if still else 'mode=ro'}")
        try:
            for pragma in (f"cache_size = -{READER_CACHE_KIB}", f"mmap_size = {MAPPED_BYTES}", "query_only = ON",
                           "temp_store = MEMORY"):
                connection.execute(f"PRAGMA {pragma}")
            with self._guard:
                if self._closed:
                    raise StoreUnavailable("the graph store is closed")
                self._all.add(connection)
        except sqlite3.Error as error:
            connection.close()
            raise our_error(error) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self, uri: str) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False,
                                         cached_statements=512, timeout=BUSY_MS / 1000)
        except sqlite3.Error as error:
            raise StoreUnavailable(f"graph.db cannot be opened: {error}") from error
        # The numbers that rows refer to come from the rows themselves, in the same transaction, and `verify` looks at
        # all of them: looking at each while it is written takes a tenth of the time, and of erasing most of it.
        connection.execute("PRAGMA foreign_keys = OFF")
        return connection

    def _close_one(self, connection: sqlite3.Connection) -> None:
        with self._guard:
            self._all.discard(connection)
        connection.close()


def _end(connection: sqlite3.Connection) -> None:
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except sqlite3.ProgrammingError:
        return  # closed by another thread meanwhile; there is nothing left to end


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
