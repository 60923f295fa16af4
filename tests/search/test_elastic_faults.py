"""What goes wrong between us and an Elasticsearch server is told in one clear line, and nothing is lost by it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from tests.search.names import Names, names_on
from tests.servers.servers import Elasticsearch
from worldctx.model.errors import (
    BadInput,
    Internal,
    Overloaded,
    StoreFull,
    StoreUnavailable,
    Unsupported,
    WorldctxError,
)
from worldctx.ports.search import View
from worldctx.search import cluster as clusters
from worldctx.search.cluster import BULK_ITEMS, Cluster, Operation, address_of, connect
from worldctx.search.elastic import open_elastic
from worldctx.testing.search import HEAD, commit, fill, ids


@pytest.fixture
def names(elasticsearch_server: Elasticsearch) -> Iterator[Names]:
    with names_on(elasticsearch_server.url) as names:
        yield names


class TestRealServer:
    def test_a_server_that_was_killed_and_comes_back_is_gone_on_with(self, names: Names, elasticsearch_server: Elasticsearch) -> None:
        index = fill(names.open(), commit(1, "peace treaty"))
        owner = elasticsearch_server._owner()
        elasticsearch_server.kill()
        try:
            for ask in (lambda: index.text("peace", View(HEAD), 5), lambda: fill(index, commit(2, "peace"))):
                with pytest.raises(StoreUnavailable, match="cannot be reached") as told:
                    ask()
                assert str(elasticsearch_server.port) in told.value.message
                assert "\n" not in told.value.message
            assert index.revision == 1
        finally:
            elasticsearch_server.start(owner=owner)
        assert ids(index.text("peace", View(HEAD), 5)) == ["d1:0"]  # it was durable, without a flush
        fill(index, commit(2, "peace"))
        assert set(ids(index.text("peace", View(HEAD), 5))) == {"d1:0", "d2:0"}

    def test_a_server_that_does_not_answer_is_given_up_in_time(self, names: Names, elasticsearch_server: Elasticsearch, monkeypatch: pytest.MonkeyPatch) -> None:
        index = names.open()
        fill(index, commit(1, "peace"))
        send = Cluster._send
        monkeypatch.setattr(Cluster, "_send", lambda self, method, path, body, headers, timeout: send(self, method, path, body, headers, 1.0))
        elasticsearch_server.pause()
        try:
            began = time.monotonic()
            with pytest.raises(StoreUnavailable, match="did not answer within 1 s"):
                index.text("peace", View(HEAD), 5)
            with pytest.raises(StoreUnavailable, match="did not answer within 1 s"):
                fill(index, commit(2, "peace"))
            assert time.monotonic() - began < 5
        finally:
            elasticsearch_server.resume()
        monkeypatch.undo()
        # What was sent may have been stored or not: it is sent again.
        fill(index, commit(2, "peace"))
        assert len(index.text("peace", View(HEAD), 5)) == 2

    def test_an_index_that_takes_no_writes_is_told_and_gone_on_with(self, names: Names) -> None:
        index = names.open()
        fill(index, commit(1, "peace"))

        def block(on: bool | None) -> None:
            names.cluster().ask("PUT", f"/{index.name}/_settings", {"index.blocks.read_only_allow_delete": on})

        block(True)
        with pytest.raises(StoreFull, match="takes no writes"):
            fill(index, commit(2, "peace"))
        assert (index.revision, len(index.text("peace", View(HEAD), 5))) == (1, 1)
        block(None)
        fill(index, commit(2, "peace"))
        assert len(index.text("peace", View(HEAD), 5)) == 2

    def test_an_index_that_is_not_ours_is_left_alone(self, names: Names, elasticsearch_server: Elasticsearch) -> None:
        url = names.new()
        alias = address_of(url).alias
        server = names.cluster()
        server.ask("PUT", f"/{alias}-000001", {"aliases": {alias: {}}})
        with pytest.raises(WorldctxError, match="not one of ours"):
            names.open(url)


@dataclass
class Script:
    """A transport that gives the next of some answers, and notes what was asked."""

    answers: list[tuple[int, Any] | Callable[[bytes], tuple[int, Any]]]

    def __post_init__(self) -> None:
        self.asked: list[Any] = []

    def perform_request(self, method: str, path: str, *, body: Any = None, **_: Any) -> Any:
        self.asked.append(body)
        answer = self.answers.pop(0)
        status, said = answer(body) if callable(answer) else answer
        return SimpleNamespace(meta=SimpleNamespace(status=status), body=said)

    def close(self) -> None:
        """Nothing is open."""


def scripted(*answers: Any) -> tuple[Cluster, Script]:
    script = Script(list(answers))
    return Cluster(address_of("elasticsearch+http://someone:secret@127.0.0.1"), script), script  # type: ignore[arg-type]


def items(*statuses: int) -> tuple[int, Any]:
    kinds = {429: "es_rejected_execution_exception", 403: "cluster_block_exception", 400: "document_parsing_exception", 503: "unavailable_shards_exception"}
    return 200, {"errors": any(one >= 300 for one in statuses), "items": [
        {"index": {"status": one} | ({"error": {"type": kinds.get(one, "version_conflict_engine_exception"), "reason": "so"}} if one >= 300 else {})}
        for one in statuses]}


def operations(count: int) -> list[Operation]:
    return [Operation(str(number), 1, {"n": number}) for number in range(count)]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "BUSY_S", 0.001)


@pytest.mark.usefixtures("hasty")
class TestBulk:
    def test_only_what_a_busy_server_did_not_take_is_sent_again(self) -> None:
        cluster, script = scripted(items(201, 429, 409, 429), (429, {"error": {"type": "es_rejected_execution_exception"}}), items(201, 429), items(200))
        cluster.write("i", operations(4))
        assert [body.count(b"\n") // 2 for body in script.asked] == [4, 2, 2, 1]
        assert b'{"n":3}' in script.asked[3]

    def test_a_server_that_stays_busy_is_left_alone_after_a_while(self) -> None:
        cluster, script = scripted(*[items(429)] * 100)
        with pytest.raises(Overloaded, match="too busy"):
            cluster.write("i", operations(1))
        assert len(script.asked) == clusters.BUSY_TURNS

    @pytest.mark.parametrize(("status", "error"), [(403, StoreFull), (400, Internal), (503, StoreUnavailable)])
    def test_one_passage_that_is_refused_is_the_end_of_it(self, status: int, error: type[WorldctxError]) -> None:
        cluster, _ = scripted(items(201, status, 201))
        with pytest.raises(error, match="so"):
            cluster.write("i", operations(3))

    def test_a_disk_at_its_watermark_is_full_whatever_the_status(self) -> None:
        for status in (403, 429):
            cluster, _ = scripted((status, {"error": {"type": "cluster_block_exception", "reason": "disk usage exceeded flood-stage watermark"}}))
            with pytest.raises(StoreFull, match="flood-stage"):
                cluster.write("i", operations(1))

    def test_requests_are_of_a_bounded_size(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def taken(body: bytes) -> tuple[int, Any]:
            return items(*[201] * (body.count(b"\n") // 2))

        cluster, script = scripted(*[taken] * 10)
        cluster.write("i", operations(2 * BULK_ITEMS + 1))
        assert [body.count(b"\n") // 2 for body in script.asked] == [BULK_ITEMS, BULK_ITEMS, 1]
        monkeypatch.setattr(clusters, "BULK_BYTES", 100)
        script.asked.clear()
        cluster.write("i", operations(3))
        assert len(script.asked) == 3


class TestRefusals:
    @pytest.mark.parametrize(("status", "kind", "error"), [
        (401, "security_exception", StoreUnavailable), (403, "security_exception", StoreUnavailable), (404, "index_not_found_exception", StoreUnavailable),
        (429, "circuit_breaking_exception", Overloaded), (500, "runtime_exception", StoreUnavailable), (503, "no_shard_available_action_exception", StoreUnavailable),
        (400, "parsing_exception", Internal)])
    def test_each_has_its_error_in_one_line_without_the_password(self, status: int, kind: str, error: type[WorldctxError]) -> None:
        cluster, _ = scripted((status, {"error": {"type": kind, "reason": "because", "root_cause": [{"type": kind, "reason": "because"}]}}))
        with pytest.raises(error, match="because") as told:
            cluster.ask("POST", "/i/_search", {})
        assert "http://127.0.0.1:9200" in told.value.message
        assert "secret" not in told.value.message
        assert "\n" not in told.value.message

    def test_an_answer_without_a_reason_is_told_too(self) -> None:
        answers: list[Any] = [None, "<html>", {"error": "no"}, {"error": {}}]
        for said in answers:
            cluster, _ = scripted((502, said))
            with pytest.raises(StoreUnavailable, match="failed"):
                cluster.ask("GET", "/")

    @pytest.mark.parametrize(("answers", "why"), [
        ([(200, {"version": {"number": "7.17.1"}})], "elasticsearch 7.17.1"),
        ([(200, {"version": {"number": "2.11.0", "distribution": "opensearch"}})], "opensearch 2.11.0"),
        ([(200, {"hello": "world"})], "is no Elasticsearch"), ([(200, "<html>")], "is no Elasticsearch"),
        ([(405, {}), (200, {"nodes": {"x": {"version": "6.8.0"}}})], "elasticsearch 6.8.0"),
    ])
    def test_a_server_that_we_do_not_know_is_refused(self, answers: Sequence[Any], why: str) -> None:
        cluster, _ = scripted(*answers)
        with pytest.raises(Unsupported, match=why):
            clusters.check_version(cluster)


class TestAddresses:
    def test_the_parts_of_an_address(self) -> None:
        full = address_of("elasticsearch+https://me:p%40ss@search.example:9243/corpus")
        assert (full.scheme, full.host, full.port, full.user, full.password, full.alias) == ("https", "search.example", 9243, "me", "p@ss", "worldctx-corpus")
        assert full.shown == "https://search.example:9243"
        short = address_of("elasticsearch+http://[::1]")
        assert (short.host, short.port, short.alias) == ("[::1]", 9200, "worldctx")

    @pytest.mark.parametrize("url", [
        "http://host", "elasticsearch+http://", "elasticsearch+http://me:secret@host:port", "elasticsearch+http://me:secret@host/Upper",
        "elasticsearch+http://me:secret@host/a,b", "elasticsearch+http://me:secret@host/a/b", "elasticsearch+http://me:secret@host/x-000001",
        "elasticsearch+http://me:secret@host/000001", "elasticsearch+http://me:secret@host/*"])
    def test_what_is_none_is_refused_without_repeating_the_password(self, url: str) -> None:
        with pytest.raises(BadInput) as told:
            address_of(url)
        assert "secret" not in told.value.message

    def test_who_we_are_comes_from_the_address_or_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        address = address_of("elasticsearch+http://me:secret@host")
        assert clusters.authorization(address).startswith("Basic ")
        bare = address_of("elasticsearch+http://host")
        assert clusters.authorization(bare) == ""
        monkeypatch.setenv("WORLDCTX_ELASTIC_PASSWORD", "secret")
        assert clusters.authorization(bare) == clusters.authorization(address_of("elasticsearch+http://elastic:secret@host"))
        monkeypatch.setenv("WORLDCTX_ELASTIC_USER", "me")
        assert clusters.authorization(bare) == clusters.authorization(address)
        monkeypatch.setenv("WORLDCTX_ELASTIC_API_KEY", "a2V5")
        assert clusters.authorization(address) == "ApiKey a2V5"

    def test_a_certificate_authority_that_cannot_be_read_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WORLDCTX_ELASTIC_CA", "/nowhere/ca.pem")
        with pytest.raises(Unsupported, match="/nowhere/ca.pem"):
            connect(address_of("elasticsearch+https://127.0.0.1:1"))

    def test_nobody_there(self) -> None:
        with pytest.raises(StoreUnavailable, match=r"http://127.0.0.1:1 cannot be reached: .*refused"):
            open_elastic("elasticsearch+http://me:secret@127.0.0.1:1", dimension=0)

    def test_without_the_driver_the_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "elastic_transport", None)
        with pytest.raises(Unsupported, match=r"pip install 'worldctx\[server\]'"):
            open_elastic("elasticsearch+http://127.0.0.1:1", dimension=0)
