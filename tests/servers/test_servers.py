"""Each server answers, keeps what it acknowledged over a crash, and is gone when its owner is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch as ElasticsearchClient
from elasticsearch.exceptions import ConnectionTimeout
from kombu import Connection
from neo4j import GraphDatabase
from redis import Redis as RedisClient

from tests.conftest import Cli
from tests.servers.__main__ import described
from tests.servers.fixtures import connected
from tests.servers.jars import jars
from tests.servers.process import Failed, Unavailable, free_port
from tests.servers.servers import Elasticsearch, Neo4j, RabbitMQ, Redis


@pytest.fixture(params=["neo4j_server", "neo4j_lts_server"])
def neo4j(request: pytest.FixtureRequest) -> Neo4j:
    server = request.getfixturevalue(request.param)
    assert isinstance(server, Neo4j)
    server.wipe()
    return server


@pytest.fixture(params=["elasticsearch_server", "elasticsearch_8_server"])
def elasticsearch(request: pytest.FixtureRequest) -> Elasticsearch:
    server = request.getfixturevalue(request.param)
    assert isinstance(server, Elasticsearch)
    server.wipe()
    return server


def test_neo4j_answers_and_is_the_version_asked_for(neo4j: Neo4j) -> None:
    with GraphDatabase.driver(neo4j.url) as driver:
        assert driver.execute_query("RETURN 1 AS one").records[0]["one"] == 1
        assert driver.get_server_info().agent == f"Neo4j/{neo4j.version}"


def test_neo4j_keeps_its_data_over_a_crash(neo4j: Neo4j) -> None:
    with GraphDatabase.driver(neo4j.url) as driver:
        driver.execute_query("CREATE (:Kept {name: 'Salvador Allende'})")
    with neo4j.down():
        assert not neo4j.running
    with GraphDatabase.driver(neo4j.url) as driver:
        assert driver.execute_query("MATCH (n:Kept) RETURN n.name AS name").records[0]["name"] == "Salvador Allende"


def test_neo4j_wiped_is_as_if_new(neo4j: Neo4j) -> None:
    with GraphDatabase.driver(neo4j.url) as driver:
        driver.execute_query("CREATE CONSTRAINT one FOR (n:Kept) REQUIRE n.id IS UNIQUE")
        driver.execute_query("CREATE FULLTEXT INDEX texts FOR (n:Kept) ON EACH [n.name]")
        driver.execute_query("CREATE (:Kept {id: 1, name: 'a'})-[:KNOWS]->(:Kept {id: 2, name: 'b'})")
        neo4j.wipe()
        assert driver.execute_query("MATCH (n) RETURN count(n) AS n").records[0]["n"] == 0
        assert {record["type"] for record in driver.execute_query("SHOW INDEXES").records} == {"LOOKUP"}


def test_elasticsearch_answers_and_is_the_version_asked_for(elasticsearch: Elasticsearch) -> None:
    with ElasticsearchClient(elasticsearch.url) as client:
        assert client.cluster.health()["number_of_nodes"] == 1
        (node,) = client.nodes.info()["nodes"].values()
        assert node["version"] == elasticsearch.version


def test_elasticsearch_keeps_its_data_over_a_crash(elasticsearch: Elasticsearch) -> None:
    with ElasticsearchClient(elasticsearch.url) as client:
        client.index(index="kept", id="1", document={"name": "Salvador Allende"})
        with elasticsearch.down():
            assert not elasticsearch.running
        assert client.get(index="kept", id="1")["_source"] == {"name": "Salvador Allende"}


def test_elasticsearch_wiped_is_empty(elasticsearch: Elasticsearch) -> None:
    with ElasticsearchClient(elasticsearch.url) as client:
        client.index(index="gone", document={"name": "x"})
        client.indices.put_index_template(name="gone", index_patterns=["gone*"], template={})
        elasticsearch.wipe()
        assert not client.indices.exists(index="gone")
        assert not client.indices.exists_index_template(name="gone")


def test_a_paused_server_keeps_the_connection_and_does_not_answer(elasticsearch_server: Elasticsearch) -> None:
    with ElasticsearchClient(elasticsearch_server.url) as client:
        client.cluster.health()
        impatient = client.options(request_timeout=0.5, max_retries=0)
        with elasticsearch_server.paused(), pytest.raises(ConnectionTimeout):
            impatient.cluster.health()
        assert client.cluster.health()["number_of_nodes"] == 1


def test_redis_answers_and_keeps_its_data_over_a_crash(redis_server: Redis) -> None:
    with RedisClient.from_url(redis_server.url) as client:
        assert client.ping()
        client.set("kept", "yes")
        with redis_server.down():
            assert not redis_server.running
        assert client.get("kept") == b"yes"
        redis_server.wipe()
        assert client.get("kept") is None


def test_rabbitmq_answers_and_keeps_its_messages_over_a_crash(rabbitmq_server: RabbitMQ) -> None:
    confirmed = Connection(rabbitmq_server.url, transport_options={"confirm_publish": True})
    with confirmed as connection, connection.SimpleQueue("kept") as queue:
        queue.put("still here")
    with rabbitmq_server.down():
        assert not rabbitmq_server.running
    with Connection(rabbitmq_server.url) as connection, connection.SimpleQueue("kept") as queue:
        message = queue.get(timeout=10)
        assert message.payload == "still here"
        message.ack()


def test_a_server_ends_with_its_owner(tmp_path: Path, redis_server: Redis) -> None:
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    server = Redis(tmp_path / "redis").start(owner=owner.pid)
    assert server.running
    owner.kill()
    owner.wait()
    until = time.monotonic() + 30
    while server.running and time.monotonic() < until:
        time.sleep(0.05)
    assert not server.running


def test_a_restart_keeps_port_and_owner(tmp_path: Path, redis_server: Redis) -> None:
    with Redis(tmp_path / "redis") as server:
        port, processes = server.port, server._processes()
        server.restart()
        assert server.port == port
        assert server._processes() != processes
        assert server._owner() == os.getpid()
    assert not server.running


def test_a_server_that_ends_at_once_is_an_error_with_its_log(tmp_path: Path, redis_server: Redis) -> None:
    class Broken(Redis):
        def prepare(self) -> None:
            (self.home / "redis.conf").write_text("no-such-setting yes\n", encoding="utf-8")

    with pytest.raises(Failed, match="(?s)redis has ended.*no-such-setting"):
        Broken(tmp_path / "broken").start()


def test_jars_that_cannot_be_had_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"no jars of neo4j 9999\.1"):
        jars("neo4j", "9999.1")


def test_a_wished_port_is_taken_only_if_free() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert free_port(taken.getsockname()[1]) != taken.getsockname()[1]


def test_servers_that_some_test_needs_together_are_one_group() -> None:
    groups = connected(frozenset(needed) for needed in (["a"], ["b", "c"], ["d"], ["c", "d"]))
    assert groups == {"a": "a", "b": "b+c+d", "c": "b+c+d", "d": "b+c+d"}


def test_the_command_starts_prints_and_stops(tmp_path: Path, redis_server: Redis) -> None:
    words = [sys.executable, "-m", "tests.servers", "--only", "redis", "--json", "--data", str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        urls = json.loads(command.stdout.readline())
        with RedisClient.from_url(urls["redis"]) as client:
            assert client.ping()
        command.send_signal(signal.SIGINT)
        assert command.wait(30) == 0
    assert not Redis(tmp_path / "redis").running


def test_the_command_lines_that_are_printed_are_those_of_worldctx(cli: Cli) -> None:
    urls = {"neo4j": "neo4j://h:1", "elasticsearch": "http://h:2", "rabbitmq": "amqp://h:3//", "redis": "redis://h:4/0"}
    lines = [line.split() for line in described(urls).splitlines() if line.strip().startswith("worldctx")]
    assert [line[1] for line in lines] == ["serve", "worker", "beat", "ingest"]
    for _, verb, *words in lines:
        known = cli(verb, "--help").out
        assert [word for word in words if word.startswith("--") and word not in known] == []
