"""The embedded store keeps every promise of the port, and those of one file on one disk."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from worldctx.graph.schema import APPLICATION_ID, STEPS, migrate
from worldctx.graph.sqlite import SqliteGraph, open_graph
from worldctx.model.change import Batch, LedgerRow, LedgerStatus, Queued, RecordKind
from worldctx.model.entity import Entity, Kind
from worldctx.model.errors import BadInput, IncompatibleData, StoreFull, StoreUnavailable, Unsupported
from worldctx.model.ids import ZERO, EntityId, Revision
from worldctx.testing.erasure import ErasureContract
from worldctx.testing.failpoints import FailpointError, armed
from worldctx.testing.graph import ADA, DAILY, PERSON, GraphStoreContract, claim, record


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteGraph]:
    graph = open_graph(tmp_path / "store")
    yield graph
    graph.close()


@pytest.fixture
def other_store(tmp_path: Path) -> Iterator[SqliteGraph]:
    graph = open_graph(tmp_path / "other")
    yield graph
    graph.close()


class TestSqliteGraph(GraphStoreContract, ErasureContract):
    """The contract, on SQLite."""


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    with_facts = open_graph(tmp_path)
    with_facts.apply(Batch(entities=(PERSON,), facts=(claim(),), documents=(record("doc:1"),)))
    lines = list(with_facts.dump())
    with_facts.close()
    again = open_graph(tmp_path)
    assert list(again.dump()) == lines
    assert again.head() == 1
    again.close()


def test_the_file_is_durable_and_ours(store: SqliteGraph, tmp_path: Path) -> None:
    writer = store._connections.writer
    assert writer is not None
    read = {name: writer.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "application_id", "user_version")}
    assert read == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 0, "application_id": APPLICATION_ID,
                    "user_version": len(STEPS)}


def test_a_directory_in_use_names_the_process(store: SqliteGraph, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=rf"in use by process {os.getpid()}; stop it or use --server"):
        open_graph(tmp_path / "store")


def test_another_process_may_read_while_one_writes(store: SqliteGraph, tmp_path: Path) -> None:
    store.apply(Batch(entities=(PERSON,)))
    reader = open_graph(tmp_path / "store", read_only=True)
    assert list(reader.at().entities([ADA])) == [ADA]
    store.apply(Batch(facts=(claim(),)))
    assert reader.head() == 2
    with pytest.raises(Unsupported, match="reading only"):
        reader.apply(Batch(facts=(claim(ADA, "other"),)))
    reader.close()


def test_reading_where_there_is_nothing_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="holds no graph"):
        open_graph(tmp_path, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    graph = open_graph(tmp_path)
    reader = graph.at()
    graph.close()
    for use in (lambda: graph.apply(Batch(entities=(PERSON,))), lambda: reader.facts_about([ADA]),
                lambda: list(graph.dump()), lambda: graph.attempt("k")):
        with pytest.raises(StoreUnavailable, match="closed"):
            use()


def test_an_unfinished_stream_does_not_keep_the_store_open(tmp_path: Path) -> None:
    graph = open_graph(tmp_path)
    graph.apply(Batch(entities=(PERSON,), facts=(claim(),)))
    lines = graph.dump()
    next(lines)
    graph.close()
    with pytest.raises(StoreUnavailable):
        list(lines)
    open_graph(tmp_path).close()


def test_a_later_version_is_refused(tmp_path: Path) -> None:
    open_graph(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "graph.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    for read_only in (False, True):
        with pytest.raises(IncompatibleData, match="schema version 99"):
            open_graph(tmp_path, read_only=read_only)


@pytest.mark.parametrize("version", range(1, len(STEPS)))
def test_an_earlier_version_is_brought_up_by_who_may_write(tmp_path: Path, version: int) -> None:
    connection = sqlite3.connect(tmp_path / "graph.db", isolation_level=None)
    migrate(connection, STEPS[:version])
    connection.close()
    with pytest.raises(IncompatibleData, match="by an earlier worldctx; open it for writing once"):
        open_graph(tmp_path, read_only=True)
    with closing(open_graph(tmp_path)) as graph:
        assert graph.apply(Batch((DAILY,), (replace(PERSON, source=DAILY.id),), (claim(source=DAILY.id),))).revision == 1
        assert list(graph.check()) == []
    with closing(open_graph(tmp_path, read_only=True)) as reading:
        assert reading.at().entities([ADA]) == {ADA: PERSON}


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "graph.db")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(IncompatibleData, match="another program"):
        open_graph(tmp_path)
    connection = sqlite3.connect(tmp_path / "graph.db")
    assert [name for (name,) in connection.execute("SELECT name FROM sqlite_master")] == ["theirs"]
    connection.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "graph.db").write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(IncompatibleData, match="damaged or no graph"):
        open_graph(tmp_path)


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    graph = open_graph(tmp_path)
    graph.apply(Batch(facts=tuple(claim(predicate=f"p{number}") for number in range(2000))))
    graph.close()
    path = tmp_path / "graph.db"
    data = bytearray(path.read_bytes())
    for page in range(60, 90):  # the first pages hold the schema, without which it does not even open
        data[page * 4096:page * 4096 + 4096] = os.urandom(4096)
    path.write_bytes(data)
    damaged = open_graph(tmp_path)
    assert any("graph.db: " in line for line in damaged.check())
    damaged.close()


@pytest.mark.parametrize(("statement", "problem"), [
    ("UPDATE passages SET start = start + 1", "passage doc:1#"),
    ("UPDATE mentions SET surface = 'Eve'", "the mention 'Eve'"),
    ("UPDATE facts SET confidence = 0.5", "its content is not what its id was made from"),
    ("UPDATE facts SET known_hi = 5", "the bounds"),
    ("UPDATE facts SET recorded = 9", "recorded by a commit that is not there"),
    ("UPDATE facts SET subject = 999", "refers to a row of terms"),
    ("DELETE FROM mentions", "mentions: the newest commit counts 1"),
    ("UPDATE facts SET source = 1", "its source is not there"),
])
def test_what_someone_else_changed_in_the_file_is_found(tmp_path: Path, statement: str, problem: str) -> None:
    graph = open_graph(tmp_path)
    graph.apply(Batch(facts=(claim(),), documents=(record("doc:1"),)))
    graph.close()
    connection = sqlite3.connect(tmp_path / "graph.db")
    connection.execute(statement)
    connection.commit()
    connection.close()
    again = open_graph(tmp_path)
    assert any(problem in line for line in again.check())
    again.close()


def test_migrations_resume_where_they_were_interrupted(tmp_path: Path) -> None:
    steps = (("CREATE TABLE one (x)",), ("CREATE TABLE two (x)", "INSERT INTO two VALUES (2)"), ("CREATE TABLE three (x)",))
    connection = sqlite3.connect(tmp_path / "graph.db", isolation_level=None)
    with armed("graph.migrate.before_commit"), pytest.raises(FailpointError):
        migrate(connection, steps[:1])
    assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    migrate(connection, steps[:1])
    with armed("graph.migrate.before_commit"), pytest.raises(FailpointError):
        migrate(connection, steps)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert migrate(connection, steps) == 2
    assert connection.execute("SELECT x FROM two").fetchall() == [(2,)]
    assert migrate(connection, steps) == 0
    with pytest.raises(IncompatibleData):
        migrate(connection, steps[:2])
    connection.close()


def test_the_ledger_of_a_store_without_payloads_is_kept(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "graph.db", isolation_level=None)
    migrate(connection, STEPS[:2])
    connection.execute("INSERT INTO ledger VALUES ('p', 'parked', 3, 'it crashes', 0)")
    connection.close()
    graph = open_graph(tmp_path)
    assert list(graph.parked()) == [LedgerRow("p", LedgerStatus.PARKED, 3, "it crashes")]
    assert graph.requeue("p") == LedgerRow("p", LedgerStatus.PARKED, 3, "it crashes")
    graph.close()


def test_entity_lines_of_a_store_without_sources_are_kept(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "graph.db", isolation_level=None)
    migrate(connection, STEPS[:4])
    for statement in (
            "INSERT INTO terms VALUES (1, 'ent:ada'), (2, 'wd:Q1'), (3, 'ent:bob')",
            "INSERT INTO commits VALUES (1, 1, 1, 0, 0, 0, 0, 0, 1, 2), (2, 1, 1, 0, 0, 0, 0, 0, 1, 2)",
            "INSERT INTO entities VALUES (1, 1, 'person', NULL, NULL, NULL, '', NULL, 1)",
            "INSERT INTO entities VALUES (2, 1, 'person', NULL, NULL, 3, 'a countess', 0.5, 2)",
            "INSERT INTO names VALUES (1, 1, 'Ada', 'en', NULL, NULL, 0, 'ada', 1)",
            "INSERT INTO same_as VALUES (1, 1, 2, 1)",
            "INSERT INTO judgements VALUES (1, 3, 1, 0, 'me', NULL, 1)"):
        connection.execute(statement)
    connection.close()
    line = replace(PERSON, same_as=(EntityId("wd:Q1"),), within=EntityId("ent:bob"), description="a countess", weight=0.5)
    with closing(open_graph(tmp_path)) as graph:
        assert (graph.at().entities([ADA]), list(graph.check())) == ({ADA: line}, [])
        assert [one for one in graph.knowledge() if isinstance(one, Entity)] == [Entity(ADA, Kind.PERSON), line]
        told = replace(line, source=DAILY.id)
        assert graph.apply(Batch(entities=(line,))).revision == 2
        assert graph.apply(Batch((DAILY,), (told,))).entities_written == 1
        assert [one for one in graph.knowledge() if isinstance(one, Entity)][2:] == [told]
        assert (graph.at().counts()["names"], list(graph.check())) == (1, [])


def test_a_new_file_is_made_whole_so_that_nobody_sees_an_earlier_version(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "graph.db", isolation_level=None)
    with armed("graph.migrate.before_commit"), pytest.raises(FailpointError):
        migrate(connection)
    assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    migrate(connection)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
    connection.close()


def test_payload_and_row_of_a_queued_record_come_and_go_together(store: SqliteGraph) -> None:
    one = record("doc:1")
    kept = Queued(one.document.content_hash, RecordKind.DOCUMENT, b"{}")
    with armed("graph.ledger.before_commit"), pytest.raises(FailpointError):
        store.enqueue([kept])
    assert (store.ledger([kept.key]), store.payload(kept.key)) == ({}, None)
    store.enqueue([kept])
    with armed("graph.apply.before_commit"), pytest.raises(FailpointError):
        store.apply(Batch(documents=(one,)))
    assert (store.ledger([kept.key])[kept.key].status, store.payload(kept.key)) == (LedgerStatus.QUEUED, b"{}")


def test_a_failure_before_the_commit_leaves_nothing_behind(store: SqliteGraph) -> None:
    store.apply(Batch(entities=(PERSON,)))
    before = list(store.dump())
    with armed("graph.apply.before_commit"), pytest.raises(FailpointError):
        store.apply(Batch(facts=(claim(),), documents=(record("doc:1"),)))
    assert (store.head(), list(store.dump()), store.ledger([record("doc:1").document.content_hash])) == (1, before, {})
    assert store.apply(Batch(facts=(claim(),), documents=(record("doc:1"),))).revision == 2
    assert list(store.check()) == []


def test_a_full_disk_is_a_clear_error_and_the_store_goes_on(store: SqliteGraph) -> None:
    store.apply(Batch(entities=(PERSON,)))
    writer = store._connections.writer
    assert writer is not None
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreFull, match="full"):
        store.apply(Batch(documents=(record("doc:1", "Ada " * 100_000),)))
    writer.execute("PRAGMA max_page_count = 1073741823")
    assert store.head() == 1
    assert store.apply(Batch(documents=(record("doc:1", "Ada " * 100_000),))).revision == 2
    assert list(store.check()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_directory_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreFull, match="cannot be written"):
        open_graph(tmp_path / "store")


def test_a_file_where_the_directory_should_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreFull, match="cannot be written"):
        open_graph(tmp_path / "store")


def test_a_backup_taken_while_writing_opens_at_a_committed_revision(store: SqliteGraph, tmp_path: Path) -> None:
    store.apply(Batch(entities=(PERSON,), documents=(record("doc:1"),)))
    (tmp_path / "copy").mkdir()
    store.backup(tmp_path / "copy" / "graph.db")
    lines = list(store.dump())
    store.apply(Batch(facts=(claim(),)))
    copy = open_graph(tmp_path / "copy")
    assert (copy.head(), list(copy.dump()), list(copy.check())) == (1, lines, [])
    copy.close()
    with pytest.raises(BadInput, match="exists"):
        store.backup(tmp_path / "copy" / "graph.db")


def test_a_hub_is_read_by_the_index_and_not_scanned(store: SqliteGraph) -> None:
    for side in ("subject", "object"):
        with store._connections.reading() as connection:
            plan = " ".join(row[3] for row in connection.execute(
                f"EXPLAIN QUERY PLAN SELECT * FROM facts f WHERE f.{side} = 1 ORDER BY f.id LIMIT 5"))
        assert f"facts_{side}" in plan
        assert "TEMP B-TREE" not in plan


def test_the_lock_goes_with_the_process_that_held_it(tmp_path: Path) -> None:
    script = ("import os, pathlib; from worldctx.graph.sqlite import open_graph; "
              f"open_graph(pathlib.Path({str(tmp_path)!r})); os.kill(os.getpid(), 9)")
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -9
    graph = open_graph(tmp_path)
    assert graph.head() == ZERO
    graph.close()


def test_a_commit_can_be_followed_when_the_head_says_so_and_not_before(store: SqliteGraph) -> None:
    for number in range(3):
        store.apply(Batch(documents=(record(f"doc:{number}"),)))
    store._head = Revision(2)  # as it is for a moment: committed, and not yet acknowledged
    assert [commit.revision for commit in store.commits(ZERO)] == [1, 2]
