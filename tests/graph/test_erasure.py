"""An erased source leaves no byte in the files of an embedded store, and what others told is as if it had never come."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from worldctx.graph import connections, image, rewriting
from worldctx.graph.sqlite import SqliteGraph, open_graph
from worldctx.intake.remains import left_by
from worldctx.model.change import Batch, DocumentRecord, Erasure, Queued, RecordKind, Withdrawal
from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.errors import StoreFull, StoreUnavailable
from worldctx.model.fact import Evidence, Fact, Literal, fact_id
from worldctx.model.ids import DocumentId, EntityId, FactId, PassageId, Revision, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import parse_when
from worldctx.ports.graph import GraphStore, Walk
from worldctx.testing.failpoints import FailpointError, armed, environment
from worldctx.testing.graph import ABOUT, ADA, DAILY, PERSON, WEEKLY, claim, record, table_of
from worldctx.testing.strategies import document_records, entities, facts, judgements

OURS, THEIRS = SourceId("src:a"), SourceId("src:b")
SOURCES = (Source(OURS, "A"), Source(THEIRS, "B", published=parse_when("1993")))
Told = Entity | Fact | Judgement


def erase(graph: SqliteGraph, *sources: str, document: str = "") -> Revision:
    """Erase and settle."""
    erasure = Erasure(tuple(map(SourceId, sources)), DocumentId(document) if document else None)
    revision = graph.erase(erasure, left_by(erasure)).revision
    graph.settle(revision)
    return revision


def secret(name: str) -> str:
    """A text that stands nowhere else."""
    return f"ZqSecret{name}"


def tell_secrets(graph: GraphStore) -> str:
    """Tell all that can be told, and a document, by a source that is secret; and a little by another. Its fact's id."""
    source, document = SourceId(secret("source")), DocumentId(secret("source"))
    ours = Source(source, secret("title"), f"https://{secret('host')}.example", EntityId(secret("publisher")),
                  parse_when("1987-06-05"), secret("host"), secret("country"), secret("sector"), secret("reliability"))
    entity = Entity(EntityId(secret("entity")), Kind.PERSON, (Name(secret("name")),), (EntityId(secret("external")),), 1.5,
                    2.5, EntityId(secret("within")), secret("description"), 0.123, source)
    fact = Fact(FactId(""), entity.id, secret("predicate"), None,
                Literal(secret("value"), secret("datatype"), secret("unit"), secret("lang")), source=source,
                evidence=Evidence(document, 0, 3, secret("quote"), secret("record")), method=secret("method"))
    fact = replace(fact, id=fact_id(fact))
    text = f"{secret('text')} met Bob. " * 200
    written = DocumentRecord(
        Document(document, text, secret("url"), secret("doctitle"), secret("author"), language=secret("language"),
                 place=secret("place"), section=secret("section"), extra={secret("key"): secret("extra")},
                 content_hash=secret("hash")),
        (Passage(PassageId(secret("passage")), document, 0, 0, len(text), text),),
        (Mention(0, len(secret("text")), secret("text"), (entity.id, ADA)),))
    graph.enqueue([Queued(secret("key"), RecordKind.FACTS, f'{{"type":"source","id":"{source}"}}'.encode()),
                   Queued("dropped", RecordKind.FACTS, secret("dropped").encode())])
    graph.park("dropped", secret("reason"))
    graph.drop("dropped")
    graph.apply(Batch((DAILY,), (PERSON,), (claim(source=DAILY.id),), documents=(record("doc:1"),)))
    graph.apply(Batch((ours,), (entity, replace(PERSON, names=(Name("Ada", "en"), Name(secret("alias"))), source=source)),
                      (fact,), (Judgement(entity.id, ADA, True, secret("judge"), source=source),), (written,)))
    seen = replace(record("doc:2"), mentions=(Mention(0, 3, "Ada", (entity.id, ADA)),))
    graph.apply(Batch(documents=(seen,), withdrawals=(Withdrawal(fact=fact.id, reason=secret("reason")),)))
    return fact.id


def found(folder: Path, *words: str) -> set[str]:
    """The files of a folder in which a secret or one of some words stands, folded or not."""
    wanted = [word.casefold().encode() for word in ("zqsecret", *words)]
    return {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()
            and any(word in one.read_bytes().lower() for word in wanted)}


def test_no_byte_of_an_erased_source_is_left_in_any_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "KEEP_FROM", 1)
    with closing(open_graph(tmp_path)) as graph:
        fact = tell_secrets(graph)
        table_of(graph.at(Revision(2)), Walk((ADA,), (ABOUT,)))
        assert {"graph.db-wal", "columns/3/facts.id.npy"} <= found(tmp_path, fact)
        erase(graph, secret("source"))
        assert found(tmp_path, fact) == set()
        assert list(graph.check()) == []
        assert [one.candidates for one in graph.at().mentions(DocumentId("doc:2"))] == [(ADA,)]
        graph.apply(Batch(facts=(claim(predicate="founded"),)))
        assert len(table_of(graph.at(), Walk((ADA,), (ABOUT,)))) == 2
    assert found(tmp_path, fact) == set()


def test_no_byte_of_an_erased_document_is_left_in_any_file(tmp_path: Path) -> None:
    with closing(open_graph(tmp_path)) as graph:
        for number in range(50):
            graph.apply(Batch(documents=(record(f"doc:{number}", f"Ada met {secret(str(number))}." * 50),)))
        for number in range(50):
            erase(graph, document=f"doc:{number}")
        assert found(tmp_path) == set()
        assert graph.at().counts()["documents"] == graph.at(Revision(30)).counts()["documents"] == 0
        assert list(graph.check()) == []


def told() -> st.SearchStrategy[list[Told]]:
    return st.lists(entities() | facts() | judgements(), max_size=12)


def batch(lines: Sequence[Told], documents: Sequence[DocumentRecord] = ()) -> Batch:
    return Batch(SOURCES, tuple(one for one in lines if isinstance(one, Entity)),
                 tuple(one for one in lines if isinstance(one, Fact)),
                 tuple(one for one in lines if isinstance(one, Judgement)), tuple(documents))


def timeless(graph: SqliteGraph) -> list[object]:
    """All knowledge, without the revisions that its store gave it."""
    return [replace(one, recorded=Revision(0)) if isinstance(one, Fact) else one for one in graph.knowledge()]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(told(), max_size=5), st.lists(document_records(), max_size=2), st.data())
def test_what_is_left_is_what_others_told(parts: list[list[Told]], documents: list[DocumentRecord], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two, \
            closing(open_graph(Path(one))) as graph, closing(open_graph(Path(two))) as other:
        ids = [EntityId(f"ent:{letter}") for letter in "abcdef"] + [EntityId(f"wd:Q{number}") for number in range(4)]
        for part in [[], *parts]:
            graph.apply(batch(part))
            other.apply(replace(batch([one for one in part if one.source != THEIRS]), sources=SOURCES[:1]))
            if graph.head() and data.draw(st.booleans()):  # so that something is remembered
                graph.at().entities(ids)
                table_of(graph.at(), Walk(tuple(ids), (ABOUT,)))
        before = graph.head()
        graph.apply(Batch(documents=tuple(documents)))
        erase(graph, THEIRS)
        lines = list(graph.dump())
        assert [line for line in lines if '"type":"document"' not in line] == list(other.dump())
        assert list(graph.check()) == []
        reader, expected = graph.at(), other.at()
        assert reader.entities(ids) == expected.entities(ids)
        assert reader.resolve(ids) == expected.resolve(ids)
        assert timeless(graph) == timeless(other)
        knowledge = ("entities", "names", "facts", "sources", "judgements")
        assert [reader.counts()[name] for name in knowledge] == [expected.counts()[name] for name in knowledge]
        for number in range(before + 1):
            shown = [line for line in graph.dump(Revision(number)) if '"type":"fact"' in line]
            assert graph.at(Revision(number)).counts()["facts"] == len(shown)
            assert graph.at(Revision(number)).counts()["names"] == sum(row.recorded <= number for row in graph.names())


ERASER = """
import sys
from pathlib import Path
from worldctx.graph.sqlite import open_graph
from tests.graph.test_erasure import erase, secret
store = open_graph(Path(sys.argv[1]))
erase(store, secret("source"))
"""


@pytest.mark.parametrize(("point", "is_erased"), [
    ("graph.erase.begun", False), ("graph.erase.before_commit", False), ("graph.erase.after_commit", True),
    ("graph.settle.begun", True), ("graph.settle.before_end", True)])
def test_a_kill_leaves_all_or_nothing_of_what_is_erased(tmp_path: Path, point: str, is_erased: bool) -> None:
    with closing(open_graph(tmp_path / "whole")) as graph:
        tell_secrets(graph)
        before = list(graph.dump())
    shutil.copytree(tmp_path / "whole", tmp_path / "killed")
    done = subprocess.run([sys.executable, "-c", ERASER, str(tmp_path / "killed")], env=environment(point),
                          check=False, capture_output=True, timeout=60)
    assert done.returncode == -9, done.stderr
    with closing(open_graph(tmp_path / "killed")) as graph, closing(open_graph(tmp_path / "whole")) as whole:
        assert (list(graph.dump()) != before) is is_erased
        assert (graph.erased(), graph.unsettled(), list(graph.check())) == (*((4, 4) if is_erased else (0, 0)), [])
        if is_erased:
            graph.settle(graph.unsettled())
        else:
            erase(graph, secret("source"))
        erase(whole, secret("source"))
        assert list(graph.dump()) == list(whole.dump())
        assert (found(tmp_path), list(graph.check())) == (set(), [])


def test_what_fails_before_the_commit_changes_nothing(tmp_path: Path) -> None:
    with closing(open_graph(tmp_path)) as graph:
        tell_secrets(graph)
        before = list(graph.dump())
        with armed("graph.erase.before_commit"), pytest.raises(FailpointError):
            erase(graph, secret("source"))
        assert (list(graph.dump()), graph.head(), graph.erased()) == (before, 3, 0)
        assert graph.apply(Batch(facts=(claim(predicate="founded"),))).revision == 4
        assert erase(graph, secret("source")) == 5
        assert (found(tmp_path), list(graph.check())) == (set(), [])


def test_a_full_disk_is_told_before_anything_is_erased(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(open_graph(tmp_path)) as graph:
        tell_secrets(graph)
        before = list(graph.dump())
        usage = shutil.disk_usage(tmp_path)
        monkeypatch.setattr(rewriting.shutil, "disk_usage", lambda path: usage._replace(free=100_000))
        with pytest.raises(StoreFull, match="nothing was erased"):
            erase(graph, secret("source"))
        assert (list(graph.dump()), graph.head()) == (before, 3)


def test_a_disk_that_fills_while_the_file_is_written_anew_is_told_and_settled_later(tmp_path: Path) -> None:
    with closing(open_graph(tmp_path)) as graph:
        tell_secrets(graph)
        graph.apply(Batch(facts=tuple(claim(predicate=f"p{number}") for number in range(2_000))))
        erasure = Erasure((SourceId(secret("source")),))
        revision = graph.erase(erasure, left_by(erasure)).revision
        largest = max(one.stat().st_size for one in tmp_path.glob("graph.db*"))
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest + 100_000, before[1]))
        try:
            with pytest.raises(StoreFull):
                graph.settle(revision)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert (graph.unsettled(), graph.at().facts([FactId("f:none")])) == (revision, {})
        graph.settle(revision)
        assert (graph.unsettled(), found(tmp_path), list(graph.check())) == (0, set(), [])


def test_who_reads_without_a_pause_is_waited_for_and_then_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "ALONE_S", 0.2)
    with closing(open_graph(tmp_path)) as graph:
        tell_secrets(graph)
        lines = graph.dump()
        next(lines)
        with pytest.raises(StoreUnavailable, match="read for"):
            erase(graph, secret("source"))
        assert (graph.head(), len(list(lines)) > 5) == (3, True)
        assert erase(graph, secret("source")) == 4


def test_another_process_that_reads_keeps_the_log_and_it_is_emptied_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewriting, "ALONE_S", 0.3)
    with closing(open_graph(tmp_path)) as graph, closing(open_graph(tmp_path, read_only=True)) as reading:
        tell_secrets(graph)
        lines = reading.dump()
        next(lines)
        erasure = Erasure((SourceId(secret("source")),))
        revision = graph.erase(erasure, left_by(erasure)).revision
        with pytest.raises(StoreUnavailable, match="another process reads"):
            graph.settle(revision)
        assert (graph.unsettled(), list(graph.check())) == (revision, [])
        list(lines)
        graph.settle(revision)
        assert (graph.unsettled(), found(tmp_path)) == (0, set())


def test_those_who_read_while_something_is_erased_see_it_whole_or_not_at_all(tmp_path: Path) -> None:
    wrong: list[object] = []
    done = threading.Event()
    with closing(open_graph(tmp_path)) as graph:
        def read() -> None:
            while not done.is_set():
                try:
                    reader = graph.at()
                    names, facts = len(reader.entities([ADA])[ADA].names), len(reader.facts_about([ADA]))
                    walked = len(table_of(reader, Walk((ADA,), (ABOUT,))))
                    if (names, facts, walked) not in ((1, 1, 1), (2, 2, 2)):
                        wrong.append((reader.revision, names, facts, walked))
                except StoreUnavailable as error:
                    if "something was erased" not in error.message:
                        wrong.append(error)

        more = (replace(PERSON, names=(Name("Lovelace"),), source=WEEKLY.id), claim(predicate="founded", source=WEEKLY.id))
        graph.apply(Batch((DAILY, WEEKLY), (replace(PERSON, source=DAILY.id),), (claim(source=DAILY.id),)))
        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(15):
            graph.apply(Batch((WEEKLY,), more[:1], more[1:]))
            erase(graph, WEEKLY.id)
        done.set()
        for thread in threads:
            thread.join()
        assert (wrong, list(graph.check())) == ([], [])


def test_another_process_that_reads_sees_what_was_erased_no_more(tmp_path: Path) -> None:
    with closing(open_graph(tmp_path)) as graph:
        tell_secrets(graph)
        with closing(open_graph(tmp_path, read_only=True)) as reading:
            ids, alias = [EntityId(secret("entity")), ADA], Name(secret("alias"))
            assert alias in reading.at().entities(ids)[ADA].names
            erase(graph, secret("source"))
            assert reading.at().entities(ids) == {ADA: PERSON}
            assert reading.at(Revision(2)).entities(ids) == {ADA: PERSON}
