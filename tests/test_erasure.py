"""G14: a source is erased through the service, and no store, index, name or file of either profile holds anything of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import neo4j
import pytest

from tests.conftest import Cli, serving
from tests.servers.servers import Elasticsearch, Neo4j
from worldctx import wiring
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.config import Settings
from worldctx.embed.hashing import HashingEmbedder
from worldctx.exchange.documents import parse_document
from worldctx.intake.extract import extract
from worldctx.intake.follower import Follower
from worldctx.intake.handed_vectors import HandedVectors
from worldctx.intake.live_lexicon import LiveLexicon
from worldctx.model.ask import Ask
from worldctx.model.change import Erasure, Queued, RecordKind
from worldctx.model.ids import DocumentId, SourceId
from worldctx.ports.deadline import Deadline
from worldctx.ports.search import SearchIndex
from worldctx.testing.failpoints import environment
from worldctx.wire.records import prepared_message
from worldctx.wire.v1 import context_pb2, ingest_pb2
from worldctx.wiring import Running, open_running

#: Of this run alone: other tests use the same servers.
MARK = f"zq{os.getpid()}secret"
SOURCE = f"src:{MARK}"
PROMPT = f"Who is Ada{MARK} Holm?"
TEXT = f"Ada{MARK} Holm spoke of {MARK}text in Bremen."
FACTS: list[dict[str, Any]] = [
    {"type": "source", "id": SOURCE, "title": f"{MARK}title", "published_at": "1999", "url": f"https://{MARK}.example"},
    {"type": "source", "id": "src:kept", "title": "Kept", "published_at": "1999"},
    {"type": "entity", "id": f"person:{MARK}", "kind": "person", "names": [{"name": f"Ada{MARK} Holm"}], "source": SOURCE,
     "description": f"{MARK}description", "same_as": [f"wd:{MARK}"], "weight": 0.5},
    {"type": "entity", "id": "place:bremen", "kind": "place", "names": [{"name": "Bremen"}, {"name": f"{MARK}stadt"}], "source": SOURCE},
    {"type": "entity", "id": "place:bremen", "kind": "place", "names": [{"name": "Bremen"}], "source": "src:kept", "weight": 0.5},
    {"type": "fact", "subject": f"person:{MARK}", "predicate": "lives_in", "object": "place:bremen", "source": SOURCE, "quote": f"{MARK}quote"},
    {"type": "fact", "subject": "place:bremen", "predicate": "motto", "value": f"{MARK}value", "source": SOURCE},
    {"type": "fact", "subject": "place:bremen", "predicate": "population", "value": 570000, "source": "src:kept"},
    {"type": "judgement", "left": f"person:{MARK}", "right": "place:bremen", "same": False, "by": f"{MARK}judge", "source": SOURCE},
]
LINES = [json.dumps(one) for one in FACTS]
#: One is the source itself; of the other only what the mention may mean goes.
DOCUMENTS = [json.dumps(one).encode() for one in (
    {"id": SOURCE, "text": TEXT, "title": f"{MARK}heading", "published_at": "1999", "publisher": f"{MARK}publisher"},
    {"id": "doc:kept", "text": "Bremen is a town in Germany.", "published_at": "1999"})]


def fill(running: Running) -> None:
    """Tell all of it, and leave a part in the queue."""
    assert not running.writer.write_facts(LINES).refused
    running.follower.wait_for(running.world.graph.head(), Deadline.after(60))
    assert all(ack.error is None for ack in running.writer.ingest(DOCUMENTS))
    running.world.graph.enqueue([Queued("facts", RecordKind.FACTS, "\n".join([LINES[2], LINES[4]]).encode()),
                                 Queued("document", RecordKind.DOCUMENT, DOCUMENTS[0])])
    running.follower.wait_for(running.world.graph.head(), Deadline.after(60))


def holding(folder: Path) -> set[str]:
    """The files that hold the mark, in either case or as a vector of the text."""
    words = [MARK.encode(), HashingEmbedder(64).embed([TEXT])[0].tobytes()]
    found = set()
    for one in folder.rglob("*"):
        try:
            data = one.read_bytes().lower() if one.is_file() else b""
        except FileNotFoundError:
            continue
        if any(word.lower() in data for word in words):
            found.add(str(one.relative_to(folder)))
    return found


def shown(client: BlockingClient) -> set[str]:
    """The words of what is erased that answers of the service hold, beside those of the question itself."""
    answers = [client.look_up(Ask(PROMPT)), client.look_up(Ask("What is said of Bremen?")), *client.names(),
               client.search(context_pb2.SearchRequest(text="Bremen")), client.find_entities("Bremen")]
    said = "".join(map(str, answers))
    return {word for word in (f"person:{MARK}", SOURCE, *(f"{MARK}{end}" for end in ("title", "stadt", "value", "text", "heading")))
            if word in said}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_running(Settings.read(data=tmp_path / "world", embedder="hashing")) as running:
        fill(running)
        assert running.verify() == []
    return tmp_path / "world"


def test_a_source_is_erased_from_all_files_of_a_data_directory(folder: Path) -> None:
    assert {one.split("/")[0] for one in holding(folder)} == {"graph.db", "search"}
    with open_running(Settings.read(data=folder, embedder="hashing", listen="127.0.0.1:0", drain_s=1)) as running, \
            serving(running) as address, connect_blocking(address) as client:
        assert shown(client) == {f"person:{MARK}", SOURCE, *(f"{MARK}{end}" for end in ("title", "stadt", "value", "text", "heading"))}
        told = client.erase(ingest_pb2.EraseRequest(sources=[SOURCE]))
        assert {one.kind: (one.gone, one.stays) for one in told.kinds} == {
            "sources": (1, 0), "facts": (2, 0), "entities": (1, 1), "lines": (2, 0), "names": (2, 1), "same_as": (1, 0),
            "judgements": (1, 0), "documents": (1, 0), "passages": (1, 0), "mentions": (2, 0), "records": (1, 1)}
        assert (shown(client), holding(folder)) == (set(), set())
        assert running.verify() == []
        assert [one.candidates for one in running.world.graph.at().mentions(DocumentId("doc:kept"))] == [("place:bremen",)]
        # What is kept is still found, also by what comes later.
        assert "570000" in str(client.look_up(Ask("What is the population of Bremen?")))
        (ack,) = client.ingest([("1", json.dumps({"id": "doc:new", "text": f"Bremen and Ada{MARK} Holm."}).encode())])
        client.look_up(Ask("Bremen", revision=ack.revision))
        assert [one.candidates for one in running.world.graph.at().mentions(DocumentId("doc:new"))] == [("place:bremen",)]
        client.erase(ingest_pb2.EraseRequest(document="doc:new"))
    assert holding(folder) == set()


def test_a_document_is_erased_from_all_files_of_a_data_directory(folder: Path) -> None:
    with open_running(Settings.read(data=folder, embedder="hashing")) as running:
        running.writer.erase(Erasure(document=DocumentId(SOURCE)), Deadline.after(60))
        assert running.world.graph.at().sources([SourceId(SOURCE)])
        assert running.verify() == []
        running.writer.erase(Erasure((SourceId(SOURCE),)), Deadline.after(60))
        assert running.verify() == []
    assert holding(folder) == set()


def test_what_was_erased_can_be_told_again(folder: Path) -> None:
    with open_running(Settings.read(data=folder, embedder="hashing", listen="127.0.0.1:0", drain_s=1)) as running, \
            serving(running) as address, connect_blocking(address) as client:
        before = shown(client)
        client.erase(ingest_pb2.EraseRequest(sources=[SOURCE]))
        running.world.graph.drop("document")
        fill(running)
        assert shown(client) == before
        assert running.verify() == []


def test_vectors_that_workers_made_are_forgotten(folder: Path) -> None:
    with open_running(Settings.read(data=folder, embedder="hashing")) as running:
        embedder = running.world.embedder
        assert isinstance(embedder, HandedVectors)
        embedder.hand([TEXT], HashingEmbedder(64).embed([TEXT]).tobytes())
        running.writer.erase(Erasure((SourceId(SOURCE),)), Deadline.after(60))
        assert not embedder._kept


def test_what_a_worker_has_in_its_hands_does_not_bring_it_back(folder: Path) -> None:
    with open_running(Settings.read(data=folder, embedder="hashing", listen="127.0.0.1:0", drain_s=1)) as running, \
            serving(running) as address, connect_blocking(address) as client:
        texts = [json.dumps({"id": f"doc:{name}", "text": f"Bremen and Ada{MARK} Holm, {name}."}) for name in (f"{MARK}gone", "more")]
        keys = [one.record.key for one in client.enqueue(
            [ingest_pb2.EnqueueRequest.Item(id=text, json=text.encode()) for text in texts])]
        made = []
        for key in keys:
            claim = client.claim(ingest_pb2.ClaimRequest(key=key, delivery=key))
            document = parse_document(claim.payload, max_chars=1_000)
            made.append(prepared_message(document, extract(document, running.world.lexicon, running.world.search.revision)))
        client.erase(ingest_pb2.EraseRequest(document=f"doc:{MARK}gone"))
        client.erase(ingest_pb2.EraseRequest(sources=[SOURCE]))
        gone, kept = map(client.ingest_prepared, made)
        assert (gone.error.code, gone.error.message.split(":")[0]) == (5, "nothing is kept of this document any more")
        assert (kept.outcome, kept.document_id) == (ingest_pb2.INGEST_OUTCOME_WRITTEN, "doc:more")
        (said,) = running.world.graph.at().mentions(DocumentId("doc:more"))
        assert said.candidates == ("place:bremen",)
        client.erase(ingest_pb2.EraseRequest(document="doc:more"))
    assert holding(folder) == set()


def test_an_index_that_is_being_made_anew_does_not_keep_it(folder: Path) -> None:
    with open_running(Settings.read(data=folder, embedder="hashing")) as running:
        begin, erased = wiring._Folder.begin, False

        def begun(home: wiring._Folder) -> SearchIndex:
            nonlocal erased
            fresh = begin(home)
            if not erased:
                Follower(running.world.graph, fresh, LiveLexicon(), running.world.embedder).step()
                fresh.flush()
                running.writer.erase(Erasure((SourceId(SOURCE),)), Deadline.after(60))
                erased = True
            return fresh

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(wiring._Folder, "begin", begun)
            running.rebuild()
        assert (running.verify(), holding(folder)) == ([], set())


def test_an_index_that_was_left_half_made_is_taken_away_at_the_next_start(folder: Path) -> None:
    shutil.copytree(folder / "search", folder / "search.new")
    with open_running(Settings.read(data=folder, embedder="hashing")) as running:
        running.writer.erase(Erasure((SourceId(SOURCE),)), Deadline.after(60))
        assert (running.verify(), holding(folder)) == ([], set())


ERASER = """
import sys
from pathlib import Path
from worldctx.config import Settings
from worldctx.model.change import Erasure
from worldctx.model.ids import SourceId
from worldctx.ports.deadline import Deadline
from worldctx.wiring import open_running
with open_running(Settings.read(data=Path(sys.argv[1]), embedder="hashing")) as running:
    running.writer.erase(Erasure((SourceId(sys.argv[2]),)), Deadline.after(60))
"""


@pytest.mark.parametrize(("point", "is_erased"), [
    ("graph.erase.begun", False), ("graph.erase.before_commit", False), ("graph.erase.after_commit", True),
    ("search.erase.stored", True), ("graph.settle.begun", True), ("graph.settle.before_end", True)])
def test_a_service_that_is_killed_ends_what_it_began_at_its_next_start(folder: Path, point: str, is_erased: bool) -> None:
    done = subprocess.run([sys.executable, "-c", ERASER, str(folder), SOURCE], env=environment(point), check=False,
                          capture_output=True, timeout=120)
    assert done.returncode == -9, done.stderr
    with open_running(Settings.read(data=folder, embedder="hashing")) as running:
        running.follower.wait_for(running.world.graph.head(), Deadline.after(60))
        running.follower.wait_until_settled(Deadline.after(60))
        assert (running.verify(), bool(running.world.graph.erased())) == ([], is_erased)
        assert (holding(folder) == set()) is is_erased


def test_the_command_prints_the_closure_and_asks(folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    data = ("--data", folder)
    shown_first = cli("erase", "--source", SOURCE, "--dry-run", *data).out
    assert f"2 names will be erased\n  person:{MARK}: Ada{MARK} Holm\n" in shown_first
    assert "1 names stay: others told them too" in shown_first
    dry = cli("erase", "--source", SOURCE, "--dry-run", "--json", *data).json
    assert (dry["revision"], dry["gone"]["facts"], dry["stays"]["entities"]) == (0, 2, 1)
    assert cli("erase", "--source", SOURCE, *data, code=2).out == shown_first  # nobody can be asked here
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda words: "src:other")
    cli("erase", "--source", SOURCE, *data, code=1)
    assert holding(folder)
    monkeypatch.setattr("typer.prompt", lambda words: SOURCE)
    cli("erase", "--source", SOURCE, *data)
    assert holding(folder) == set()
    gone = cli("erase", "--source", SOURCE, "--yes", *data, code=1)
    assert gone.complaints == [f"there is nothing of {SOURCE!r} here"]
    for words in ((), ("--source", "a", "--document", "b")):
        cli("erase", *words, *data, code=2)
    told = cli("erase", "--document", "doc:kept", "--yes", "--json", *data).json
    assert (told["erased"], told["gone"]["documents"], told["revision"] > 0) == (True, 1, True)


def server_settings(graph: Neo4j, search: Elasticsearch) -> Settings:
    return Settings.read(data=Path("/nowhere"), graph=graph.url, embedder="hashing", listen="127.0.0.1:0", drain_s=1,
                         search=search.url.replace("http", "elasticsearch+http") + "/erasure")


def nodes_holding(server: Neo4j) -> list[object]:
    """Nodes and relationships of the server that hold the mark."""
    with neo4j.GraphDatabase.driver(server.url, auth=None) as driver, driver.session() as session:
        rows = [*session.run("MATCH (n) RETURN properties(n)").values(), *session.run("MATCH ()-[r]->() RETURN properties(r)").values()]
    return [row for row in rows if MARK in str(row).lower()]


def test_a_source_is_erased_on_the_server_profile(neo4j_server: Neo4j, elasticsearch_server: Elasticsearch) -> None:
    neo4j_server.wipe()
    elasticsearch_server.wipe()
    settings = server_settings(neo4j_server, elasticsearch_server)
    with open_running(settings) as running, open_running(settings) as other, serving(running) as address, \
            connect_blocking(address) as client, serving(other) as beside, connect_blocking(beside) as second:
        fill(running)
        other.follower.wait_for(other.world.graph.head(), Deadline.after(60))
        assert shown(second) == shown(client) != set()
        assert nodes_holding(neo4j_server)
        assert holding(elasticsearch_server.home / "data")
        told = client.erase(ingest_pb2.EraseRequest(sources=[SOURCE]))
        assert {one.kind: one.gone for one in told.kinds}["passages"] == 1
        assert (shown(client), nodes_holding(neo4j_server), running.verify()) == (set(), [], [])
        assert holding(elasticsearch_server.home / "data") == set()
        other.follower.wait_for(other.world.graph.head(), Deadline.after(60))
        assert (shown(second), other.verify()) == (set(), [])
