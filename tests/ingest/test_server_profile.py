"""All of it together: Neo4j, Elasticsearch, RabbitMQ and two worker processes, one of which is killed on the way."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path

from ingest.sender import Sender
from tests.conftest import SAMPLES, pack_lines, serving
from tests.ingest.conftest import DONE, Place, documents
from tests.servers.servers import Elasticsearch, Neo4j, RabbitMQ
from worldctx.config import Settings
from worldctx.ports.deadline import Deadline
from worldctx.wiring import open_running


def test_the_sample_corpus_through_two_workers_one_of_them_killed_is_that_of_one_embedded_process(
        neo4j_server: Neo4j, elasticsearch_server: Elasticsearch, rabbitmq_server: RabbitMQ, tmp_path: Path,
        sequential: Callable[[Iterable[bytes]], list[str]]) -> None:
    neo4j_server.wipe()
    elasticsearch_server.wipe()
    records = [*SAMPLES.read_bytes().splitlines(), *documents(150)]
    settings = Settings.read(
        data=tmp_path / "nowhere", graph=neo4j_server.url, embedder="none", listen="127.0.0.1:0", drain_s=1,
        search=elasticsearch_server.url.replace("http", "elasticsearch+http") + "/workers")
    with open_running(settings) as running:
        assert not running.writer.write_facts(pack_lines()).refused
        running.follower.wait_for(running.world.graph.head(), Deadline.after(60))
        with serving(running) as address:
            place = Place(rabbitmq_server, address, tmp_path / "log", running=running)
            place.times["TIME_LIMIT_S"] = "5"
            with place.stack:
                doomed = place.worker(concurrency=1)
                place.worker(concurrency=1)
                rows = place.enqueue(records)
                keys = [one.key for one in rows]
                Sender(place.app, "").send(rows)
                place.settled(keys, least=10)
                os.killpg(doomed.pid, signal.SIGKILL)
                doomed.wait()
                assert place.count(keys, DONE) < len(keys)
                place.settled(keys)
        assert list(running.world.graph.dump()) == sequential(records)
        assert running.verify() == []
    assert not (tmp_path / "nowhere").exists()
