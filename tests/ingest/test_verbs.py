"""`worldctx ingest --workers` and `worldctx dlq`: what a person sees."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.queues import Queues
from ingest.sender import Sender
from ingest.sweeper import depth
from tests.conftest import Cli
from tests.ingest.conftest import CLI, DONE, PARKED, Place, documents, key_of, placed
from tests.servers.process import Server, free_port
from worldctx.model.errors import StoreUnavailable
from worldctx.testing.failpoints import VARIABLE
from worldctx.wire.v1 import ingest_pb2


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "news.jsonl"
    path.write_bytes(b"\n".join([*documents(8), b'{"text": ""}', documents(1)[0]]) + b"\n")
    return path


@pytest.fixture
def words(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Where service and broker are, with the queues of the place."""
    monkeypatch.setenv("WORLDCTX_INGEST_PREFIX", place.prefix)
    return ["--server", place.address, "--broker", place.server.url]


def test_documents_go_in_through_workers_and_the_verb_says_what_became_of_them(
        place: Place, cli: Cli, file: Path, words: list[str]) -> None:
    bad, taken = key_of(documents(8)[2]), documents(8)[5]
    place.running.writer.ingest([taken.replace(b" met ", b" saw ")])
    place.worker(**{VARIABLE: f"ingest.prepared=error#{bad}"})
    done = cli("ingest", file, "--workers", *words, "--json", code=1)
    assert {name: done.json[name] for name in ("written", "duplicate", "refused", "parked", "waiting")} == {
        "written": 6, "duplicate": 1, "refused": 1, "parked": 2, "waiting": 0}
    assert done.json["revision"] == place.running.world.graph.head()
    assert Path(done.json["refused_file"]).read_bytes() == b'{"text": ""}\n'
    assert any("news.jsonl: line 3: parked: given up after 3 attempts; the last: FailpointError" in line for line in done.complaints)
    assert any("news.jsonl: line 6: parked: id: " in line for line in done.complaints)
    again = cli("ingest", file, "--workers", *words, "--json", "--allow-refused")
    assert {name: again.json[name] for name in ("written", "duplicate", "parked")} == {"written": 0, "duplicate": 7, "parked": 2}


def test_a_broker_that_is_down_is_named_and_nothing_is_lost(
        place: Place, cli: Cli, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    scheme = place.server.url.split(":")[0]
    down = f"{scheme}://somebody:secret@127.0.0.1:{port}/" + ("0" if scheme == "redis" else "/")
    monkeypatch.setenv("WORLDCTX_BROKER", down)
    began = time.monotonic()
    done = cli("ingest", file, "--workers", "--server", place.address, "--json", code=1)
    assert time.monotonic() - began < 30
    lines = [line for line in done.complaints if "no broker answers" in line]
    assert len(lines) == 1, done.err
    (line,) = lines
    assert f"no broker answers at {scheme}://somebody:***@127.0.0.1:{port}" in line
    assert "secret" not in done.err
    assert "8 records are kept by the service, and the sweeper (worldctx beat) sends them" in line
    assert done.json["waiting"] == 8
    place.worker(), place.beat()
    place.settled([key_of(one) for one in documents(8)])


def test_ctrl_c_says_what_is_safe_and_the_workers_go_on(place: Place, file: Path) -> None:
    process = subprocess.Popen(
        [*CLI, "ingest", str(file), "--workers", "--server", place.address, "--broker", place.server.url], text=True,
        env=place.env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=file.parent)
    try:
        keys = [key_of(one) for one in documents(8)]
        place.settled(keys, ingest_pb2.RECORD_STATUS_QUEUED)
        while depth(place.app, Queues(place.prefix)) < 8:
            time.sleep(0.05)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    assert "8 waiting so far; what waits is kept by the service, and the workers go on with it" in told
    place.worker()
    place.settled(keys)


@pytest.mark.parametrize(("given", "said"), [
    (["--workers", "--server", "localhost:1"], "broker: none is named; give --broker URL or WORLDCTX_BROKER"),
    (["--workers", "--broker", "redis://localhost/0"], "server: none is named"),
    (["--workers", "--broker", "redis://localhost/0", "--server", "nowhere"], "'nowhere' is not HOST:PORT"),
])
def test_what_is_missing_is_named(cli: Cli, file: Path, given: list[str], said: str) -> None:
    assert said in cli("ingest", file, *given, code=1).err


def test_workers_write_through_a_service_only(cli: Cli, file: Path) -> None:
    assert "--workers needs a service" in cli("ingest", file, "--workers", "--data", ".", code=2).err
    assert "--broker goes with --workers" in cli("ingest", file, "--broker", "redis://localhost/0", code=2).err


def test_dead_letters_are_listed_tried_again_and_dropped(place: Place, cli: Cli, words: list[str]) -> None:
    records = documents(3)
    keys = sorted(row.key for row in place.enqueue(records))
    with place.client() as client:
        for key in keys:
            client.park(key, f"why {key}")
    at = words[:2]
    shown = cli("dlq", "list", *at, "--json").json["dead_letters"]
    assert shown == [{"key": key, "kind": "document", "attempts": 0, "reason": f"why {key}"} for key in keys]
    assert f"{keys[0]}  document, 0 attempts: why {keys[0]}" in cli("dlq", "list", *at).out
    assert cli("dlq", "drop", keys[0], *at, "--json").json == {"dropped": 1, "unknown": 0}
    place.worker(concurrency=1)
    retried = cli("dlq", "retry", keys[1], "nobody", *words, "--json", code=1)
    assert retried.json == {"queued": 1, "unknown": 1}
    assert any(line.startswith("nobody: ") for line in retried.complaints)
    place.settled([keys[1]], DONE)
    assert cli("dlq", "retry", "--all", *words, "--json").json == {"queued": 1, "unknown": 0}
    place.settled(keys[1:], DONE)
    assert cli("dlq", "list", *at).out == "none\n"
    assert "name keys, or give --all" in cli("dlq", "retry", *at, code=2).err


def test_dead_letters_of_a_data_directory_need_no_service(pack_only: Path, tmp_path: Path, cli: Cli) -> None:
    data = shutil.copytree(pack_only, tmp_path / "world", ignore=shutil.ignore_patterns("search"))
    from tests.ingest.conftest import opened
    from worldctx.model.change import Queued, RecordKind

    with opened(Path(data), "hashing") as running:
        running.world.graph.enqueue([Queued("k", RecordKind.FACTS, b"{}")])
        running.world.graph.park("k", "no good")
    assert cli("dlq", "list", "--data", data, "--json").json["dead_letters"] == [
        {"key": "k", "kind": "facts", "attempts": 0, "reason": "no good"}]
    assert cli("dlq", "retry", "--all", "--data", data, "--json").json == {"queued": 1, "unknown": 0}
    assert cli("dlq", "drop", "k", "--data", data, "--json", code=1).json == {"dropped": 0, "unknown": 1}


def test_batches_of_facts_are_imported_by_workers_whatever_their_order(place: Place) -> None:
    source = b'{"type":"source","id":"src:late","title":"Late"}'
    fact = b'{"type":"fact","subject":"ent:a","predicate":"p","value":1,"source":"src:late"}'
    lost = b'{"type":"fact","subject":"ent:a","predicate":"p","value":2,"source":"src:never"}\n' + source
    items = [ingest_pb2.EnqueueRequest.Item(id=str(place), facts=one) for place, one in enumerate((fact, source, lost))]
    with place.client() as client:
        rows = [item.record for item in client.enqueue(items)]
    place.times["RETRY_S"] = "2"
    place.worker(concurrency=1)
    Sender(place.app, "").send(rows)
    place.settled([row.key for row in rows[:2]])
    place.settled([rows[2].key], PARKED)
    row = place.records([rows[2].key])[rows[2].key]
    assert row.attempts == 3
    assert "1 lines refused, the others are in: line 1: source: 'src:never' is neither in this batch nor in the store" in row.reason
    assert [json.loads(line)["literal"][0] for line in place.dump() if '"ent:a"' in line] == ["1"]


def test_documents_go_to_workers_with_a_model_where_the_service_has_one(
        broker: Server, pack_only: Path, tmp_path: Path, cli: Cli, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = Path(shutil.copytree(pack_only, tmp_path / "served", ignore=shutil.ignore_patterns("search")))
    with placed(broker, data, "hashing") as place:
        monkeypatch.setenv("WORLDCTX_INGEST_PREFIX", place.prefix)
        place.worker("--queues", "embed", concurrency=1)
        taken: list[int] = []
        inner = place.running.world.embedder._embedder
        embed = inner.embed
        monkeypatch.setattr(inner, "embed", lambda texts: (taken.append(len(texts)), embed(texts))[1])
        done = cli("ingest", file, "--workers", "--server", place.address, "--broker", broker.url, "--json", "--allow-refused")
        assert (done.json["written"], taken) == (8, [])
        assert place.running.verify() == []


def test_a_sender_says_which_broker_does_not_take_keys() -> None:
    from ingest.app import make_app
    from ingest.settings import IngestSettings

    app = make_app(IngestSettings.read(broker=f"redis://127.0.0.1:{free_port()}/0", server="localhost:1"))
    with pytest.raises(StoreUnavailable, match=r"no broker answers at redis://127\.0\.0\.1:\d+/0"):
        Sender(app, "").send([ingest_pb2.Record(key="k")])
