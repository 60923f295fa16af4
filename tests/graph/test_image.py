"""The columns in memory are kept for the next start, and never believed when they are not of these tables."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

import numpy as np
import pytest

from worldctx.graph import image
from worldctx.graph.columns import Columns
from worldctx.graph.sqlite import SqliteGraph, open_graph
from worldctx.model.change import Batch, Withdrawal
from worldctx.model.entity import Entity, Kind
from worldctx.model.fact import Fact, Literal
from worldctx.model.ids import EntityId, Revision
from worldctx.model.time import parse_interval
from worldctx.ports.graph import FactTable, Side, Step, Walk
from worldctx.testing.graph import ABOUT, ADA, BOB, CLUB, claim, columns_of, table_of

FACTS = [claim(one, target=EntityId(f"ent:{number}")) for one in (ADA, BOB) for number in range(20)]


@pytest.fixture(autouse=True)
def _keeps_little_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "KEEP_FROM", 10)


@contextmanager
def opened(folder: Path, *, read_only: bool = False) -> Iterator[SqliteGraph]:
    graph = open_graph(folder, read_only=read_only)
    try:
        yield graph
    finally:
        graph.close()


def written(folder: Path) -> list[tuple[object, ...]]:
    """A store with kept columns; what a walk finds in it."""
    with opened(folder) as graph:
        graph.apply(Batch(entities=(Entity(ADA, Kind.EVENT),), facts=tuple(FACTS)))
        return found(graph)


def found(graph: SqliteGraph, revision: int | None = None) -> list[tuple[object, ...]]:
    reader = graph.at(None if revision is None else Revision(revision))
    return table_of(reader, Walk((ADA, BOB), (ABOUT,)))


def read_from_tables(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """After which row of facts the columns were read from the tables, each time."""
    reads: list[int] = []
    followed = Columns.followed
    monkeypatch.setattr(Columns, "followed", lambda columns, connection: (
        reads.append(columns.last_fact), followed(columns, connection))[1])
    return reads


def test_the_next_start_goes_on_from_what_was_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(tmp_path)
    reads = read_from_tables(monkeypatch)
    with opened(tmp_path) as graph:
        assert found(graph) == before
        assert reads == []
        graph.apply(Batch(facts=(claim(predicate="founded"),), withdrawals=(Withdrawal(fact=FACTS[0].id),)))
        after = found(graph)
        assert reads == [len(FACTS)]
        assert len(after) == len(before)
        assert found(graph, 1) == before
    # The withdrawal came after what was kept.
    with opened(tmp_path) as graph:
        assert (found(graph), found(graph, 1)) == (after, before)


def test_reading_only_uses_what_was_kept_and_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(tmp_path)
    reads = read_from_tables(monkeypatch)
    with opened(tmp_path, read_only=True) as graph:
        assert (found(graph), reads) == (before, [])
    shutil.rmtree(tmp_path / image.FOLDER)
    with opened(tmp_path, read_only=True) as graph:
        assert (found(graph), reads) == (before, [0])
    assert not (tmp_path / image.FOLDER).exists()


@pytest.mark.parametrize("harm", ["cut", "words", "version", "missing", "foreign"])
def test_what_is_damaged_is_made_anew(tmp_path: Path, harm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(tmp_path)
    (kept,) = (tmp_path / image.FOLDER).iterdir()
    told, column = kept / "image.json", kept / "facts.subject.npy"
    if harm == "cut":
        column.write_bytes(column.read_bytes()[:-4])
    elif harm == "words":
        told.write_text("{")
    elif harm == "version":
        monkeypatch.setattr(image, "VERSION", 999)
    elif harm == "missing":
        column.unlink()
    else:
        (kept.parent / "notes.txt").write_text("mine")
    with opened(tmp_path) as graph:
        assert found(graph) == before
    with opened(tmp_path) as graph:
        assert found(graph) == before


def test_a_restored_backup_does_not_believe_what_a_later_graph_kept(tmp_path: Path) -> None:
    other = [claim(CLUB, target=EntityId(f"ent:{number}")) for number in range(40)]
    data, backup = tmp_path / "data", tmp_path / "backup.db"
    before = written(data)
    with opened(data) as graph:
        graph.backup(backup)
        graph.apply(Batch(facts=tuple(other), withdrawals=(Withdrawal(fact=FACTS[0].id),)))
        assert len(found(graph)) == len(before) - 1
    shutil.copy(backup, data / "graph.db")
    for rest in data.glob("graph.db-*"):
        rest.unlink()
    with opened(data) as graph:
        assert found(graph) == before


def test_columns_of_a_later_graph_are_not_believed_when_a_restored_one_has_caught_up(tmp_path: Path) -> None:
    data, backup, more = tmp_path / "data", tmp_path / "backup.db", [claim(CLUB, target=one.object) for one in FACTS[:20]]
    written(data)
    with opened(data) as graph:
        graph.backup(backup)
        graph.apply(Batch(facts=tuple(more), withdrawals=(Withdrawal(fact=FACTS[0].id),)))
        found(graph)  # kept
    shutil.copy(backup, data / "graph.db")
    with opened(data) as graph:
        graph.apply(Batch(facts=tuple(more), withdrawals=(Withdrawal(fact=FACTS[1].id),)))
    with opened(data) as graph:
        # As many commits, facts and withdrawals, and the same last fact: but it was seen that it went back.
        assert list(graph.check()) == []


def test_a_disk_that_takes_no_columns_costs_no_answer(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / f"{image.FOLDER}.partial").write_text("a file where the folder should be")
    assert len(written(tmp_path)) == len(FACTS)
    assert "the next start takes longer" in caplog.text


@pytest.mark.parametrize("column", ["object", "id", "by_object", "begin", "row"])
def test_a_check_finds_columns_that_are_not_those_of_the_tables(tmp_path: Path, column: str) -> None:
    with opened(tmp_path) as graph:
        graph.apply(Batch(entities=(Entity(ADA, Kind.EVENT),), facts=(
            *FACTS, *(claim(one, "inception", literal=Literal("1950")) for one in (ADA, BOB)))))
        graph.at().warm()
        assert list(graph.check()) == []
    (kept,) = (tmp_path / image.FOLDER).iterdir()
    file = kept / f"facts.{column}.npy"
    np.save(file, np.load(file)[::-1])
    with opened(tmp_path) as graph:
        (problem,) = graph.check()
        assert "remove the folder columns" in problem
    shutil.rmtree(tmp_path / image.FOLDER)
    with opened(tmp_path) as graph:
        assert list(graph.check()) == []


def test_a_check_sees_columns_of_many_commits_and_withdrawals(tmp_path: Path) -> None:
    with opened(tmp_path) as graph:
        for fact in FACTS:
            graph.apply(Batch(entities=(Entity(fact.subject, Kind.PERSON),), facts=(fact,)))
            graph.at().warm()
        graph.apply(Batch(withdrawals=tuple(Withdrawal(fact=fact.id) for fact in FACTS[:7])))
        assert list(graph.check()) == []


def test_readers_of_any_revision_agree_with_the_tables_while_commits_land(tmp_path: Path) -> None:
    people = [EntityId(f"ent:p{number}") for number in range(7)]
    with opened(tmp_path) as graph:
        def write() -> None:
            for number in range(120):
                fact = claim(people[number % 7], target=people[number * 3 % 7], valid=parse_interval(str(1900 + number), None))
                gone = (Withdrawal(fact=known[-1].id),) if number % 5 == 4 else ()
                known.append(fact)
                graph.apply(Batch(facts=(fact,), withdrawals=gone))

        def read(seed: int) -> int:
            dice, compared = Random(seed), 0
            while not writing.done() or compared < 50:
                reader = graph.at(Revision(dice.randint(0, graph.head())))
                side, some = dice.choice(list(Side)), tuple(dice.sample(people, 3))
                facts = reader.facts_about(some) if side is Side.SUBJECT else reader.facts_naming(some)
                assert table_of(reader, Walk(some, (Step(side),))) == columns_of(FactTable.of(facts))
                compared += 1
            return compared

        known: list[Fact] = []
        with ThreadPoolExecutor(4) as pool:
            writing = pool.submit(write)
            reading = [pool.submit(read, seed) for seed in range(3)]
            writing.result()
            assert sum(one.result() for one in reading) >= 150
        assert list(graph.check()) == []
