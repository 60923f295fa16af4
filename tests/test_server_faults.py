"""The server profile when a server is down, slow or foreign: one clear line, nothing half-written, and back by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import SAMPLES, Cli, pack_lines, serving
from tests.servers.servers import Elasticsearch, Neo4j
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.config import Settings
from worldctx.graph.neo4j import bolt
from worldctx.intake import follower
from worldctx.lookup.pipeline import look_up
from worldctx.model.ask import Ask
from worldctx.model.errors import DeadlineExceeded, StoreUnavailable, WorldctxError
from worldctx.ports.deadline import Deadline
from worldctx.wiring import Running, open_running

QUESTION = Ask("Who was Secretary-General of the United Nations in 1963?")


@pytest.fixture
def settings(neo4j_server: Neo4j, elasticsearch_server: Elasticsearch, monkeypatch: pytest.MonkeyPatch) -> Settings:
    neo4j_server.wipe()
    elasticsearch_server.wipe()
    monkeypatch.setattr(bolt, "REPEAT_S", 1.0)
    monkeypatch.setattr(follower, "RETRY_S", (0.1, 0.5))
    return Settings.read(data=Path("/nowhere"), graph=neo4j_server.url, embedder="hashing", listen="127.0.0.1:0", drain_s=1,
                         search=elasticsearch_server.url.replace("http", "elasticsearch+http") + "/faults")


@pytest.fixture
def running(settings: Settings) -> Iterator[Running]:
    with open_running(settings) as opened:
        assert not opened.writer.write_facts(pack_lines()).refused
        assert not any(ack.error for ack in opened.writer.ingest([line for _, line in documents(slice(10, None))]))
        opened.follower.wait_for(opened.world.graph.head(), Deadline.after(60))
        yield opened


@pytest.fixture
def client(running: Running) -> Iterator[BlockingClient]:
    with serving(running) as address, connect_blocking(address) as opened:
        yield opened


def documents(part: slice) -> list[tuple[str, bytes]]:
    return [(str(number), line) for number, line in enumerate(SAMPLES.read_bytes().splitlines())][part]


def sent(client: BlockingClient, part: slice) -> int:
    items = list(client.ingest(documents(part)))
    assert all(item.document_id for item in items)
    return len(items)


def soon(what: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.1)


def one_line(error: WorldctxError, server: str) -> bool:
    return server in error.message and "\n" not in error.message and "Traceback" not in error.message


def test_documents_are_taken_while_the_index_is_down_and_it_makes_up_for_it_by_itself(
        running: Running, client: BlockingClient, elasticsearch_server: Elasticsearch) -> None:
    head = client.stats().revision
    with elasticsearch_server.down():
        before = client.stats().graph["documents"]
        count = before + sent(client, slice(0, 10))
        stats = client.stats()
        assert stats.revision > head
        assert stats.index_revision == head
        soon(lambda: "Elasticsearch" in running.follower.failure)
        with pytest.raises(StoreUnavailable) as caught:
            client.look_up(QUESTION)
        assert one_line(caught.value, "Elasticsearch at http://127.0.0.1")
    soon(lambda: client.stats().index_revision == client.stats().revision)
    assert client.stats().graph["documents"] == count
    assert client.look_up(QUESTION).entities
    assert running.verify() == []


def test_nothing_is_taken_while_the_graph_is_down_and_nothing_is_left_of_it(
        running: Running, client: BlockingClient, neo4j_server: Neo4j) -> None:
    stats = client.stats()
    before = client.look_up(QUESTION)
    with neo4j_server.down():
        for failing in (lambda: list(client.ingest(documents(slice(0, 10)))), lambda: client.look_up(QUESTION)):
            with pytest.raises(StoreUnavailable) as caught:
                failing()
            assert one_line(caught.value, "Neo4j at 127.0.0.1")
    assert client.stats().revision == stats.revision
    assert client.look_up(QUESTION) == before
    assert client.stats().graph["documents"] == stats.graph["documents"]
    sent(client, slice(0, 10))
    assert client.stats().graph["documents"] == stats.graph["documents"] + 10
    soon(lambda: client.stats().index_revision == client.stats().revision)
    assert running.verify() == []


def test_a_server_that_stands_still_costs_a_caller_no_more_than_the_deadline(
        running: Running, client: BlockingClient, neo4j_server: Neo4j, elasticsearch_server: Elasticsearch) -> None:
    before = client.look_up(QUESTION)
    with serving(running) as address, connect_blocking(address, timeout_s=1.5) as hasty:
        for server in (neo4j_server, elasticsearch_server):
            with server.paused():
                began = time.monotonic()
                with pytest.raises((DeadlineExceeded, StoreUnavailable)):
                    hasty.look_up(Ask(QUESTION.text + " " + server.url))
                assert time.monotonic() - began < 10
            soon(lambda: client.look_up(QUESTION) == before)


def test_servers_that_are_not_there_are_named_at_the_start(neo4j_server: Neo4j, elasticsearch_server: Elasticsearch, cli: Cli) -> None:
    neo4j_server.wipe()
    search = elasticsearch_server.url.replace("http", "elasticsearch+http") + "/start"
    for graph, index, words in (
            ("neo4j://127.0.0.1:9", search, "Neo4j at 127.0.0.1:9 does not answer"),
            (neo4j_server.url, "elasticsearch+http://me:secret@127.0.0.1:9", "Elasticsearch at http://127.0.0.1:9 cannot be reached"),
            ("postgres://127.0.0.1", search, "names no graph"), (neo4j_server.url, "solr://127.0.0.1", "names no index"),
            (neo4j_server.url, neo4j_server.url.replace("neo4j", "elasticsearch+http"), "Elasticsearch at http://127.0.0.1")):
        done = cli("serve", "--graph", graph, "--search", index, "--listen", "127.0.0.1:0", code=1)
        assert words in done.err
        assert len(done.err.strip().splitlines()) == 1, done.err
        assert "secret" not in done.err


def test_a_service_goes_on_with_the_index_that_another_made_anew(settings: Settings, running: Running) -> None:
    with open_running(settings) as other:
        other.follower.wait_for(running.world.graph.head(), Deadline.after(60))
        before, name = look_up(QUESTION, other.world, Deadline()), other.world.search.name
        running.rebuild()
        soon(lambda: other.world.search.name != name)
        assert look_up(QUESTION, other.world, Deadline()) == before
        running.writer.ingest([line for _, line in documents(slice(0, 10))])
        soon(lambda: other.world.search.revision == running.world.graph.head())
        assert other.verify() == []


def test_an_index_can_be_made_anew_with_another_embedder(settings: Settings, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLDCTX_GRAPH", settings.graph)
    monkeypatch.setenv("WORLDCTX_SEARCH", settings.search)
    cli("ingest", SAMPLES)
    assert "made with the embedder" in cli("verify", "--embedder", "hashing-32", code=1).err
    assert cli("rebuild", "--embedder", "hashing-32", "--json").json["passages"] > 0
    assert cli("verify", "--embedder", "hashing-32", "--json").json.get("problems", []) == []


def test_an_index_made_from_another_graph_is_refused(settings: Settings, running: Running, neo4j_server: Neo4j, cli: Cli) -> None:
    running.follower.stop()
    neo4j_server.wipe()
    done = cli("serve", "--graph", settings.graph, "--search", settings.search, "--listen", "127.0.0.1:0", code=1)
    assert "made from another graph" in done.err
