"""What workers hand in is checked, and what they have computed is used."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.service import Service
from ingest.settings import IngestSettings
from tests.conftest import serving
from tests.ingest.conftest import documents, opened
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.embed.hashing import HashingEmbedder
from worldctx.exchange.documents import parse_document
from worldctx.intake.extract import extract
from worldctx.intake.handed_vectors import HandedVectors
from worldctx.model.errors import BadInput
from worldctx.ports.deadline import Deadline
from worldctx.testing.embedder import EmbedderContract
from worldctx.wire.records import prepared_message
from worldctx.wire.v1 import ingest_pb2
from worldctx.wiring import Running

DOCUMENT = parse_document(documents(1)[0], max_chars=10**6)


@pytest.fixture
def running(pack_only: Path, tmp_path: Path) -> Iterator[Running]:
    data = shutil.copytree(pack_only, tmp_path / "served", ignore=shutil.ignore_patterns("search"))
    with opened(Path(data), "hashing") as opened_:
        yield opened_


@pytest.fixture
def address(running: Running) -> Iterator[str]:
    with serving(running) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[BlockingClient]:
    with connect_blocking(address) as client:
        yield client


@pytest.fixture
def prepared(running: Running) -> ingest_pb2.PreparedDocument:
    found = extract(DOCUMENT, running.world.lexicon, running.world.search.revision)
    assert len(found.mentions) > 10
    return prepared_message(DOCUMENT, found)


def test_a_prepared_document_is_stored_as_the_service_would_have_made_it(
        running: Running, client: BlockingClient, prepared: ingest_pb2.PreparedDocument, tmp_path: Path, pack_only: Path) -> None:
    ack = client.ingest_prepared(prepared)
    assert (ack.outcome, ack.document_id) == (ingest_pb2.INGEST_OUTCOME_WRITTEN, DOCUMENT.id)
    with opened(Path(shutil.copytree(pack_only, tmp_path / "other"))) as other:
        other.writer.ingest([DOCUMENT])
        assert list(running.world.graph.dump()) == list(other.world.graph.dump())
    assert client.ingest_prepared(prepared).outcome == ingest_pb2.INGEST_OUTCOME_DUPLICATE


Break = Callable[[ingest_pb2.PreparedDocument], object]


@pytest.mark.parametrize(("spoil", "field"), [
    (lambda one: setattr(one, "content_hash", "0" * 32), "prepared.content_hash"),
    (lambda one: setattr(one.document, "text", one.document.text + " More."), "prepared.content_hash"),
    (lambda one: one.passages.pop(), "prepared.passages"),
    (lambda one: setattr(one.passages[0], "end", one.passages[0].end - 1), "prepared.passages"),
    (lambda one: setattr(one.mentions[0].span, "start", -1), "prepared.mentions[0].span"),
    (lambda one: setattr(one.mentions[-1].span, "end", len(one.document.text) + 1), "].span"),
    (lambda one: one.mentions.append(one.mentions[0]), "].span"),
    (lambda one: setattr(one.mentions[0].span, "end", one.mentions[0].span.start), "prepared.mentions[0].span"),
    (lambda one: one.mentions[0].candidates.extend(["ent:x"] * 9), "prepared.mentions[0].candidates"),
    (lambda one: one.mentions[0].candidates.__setitem__(0, "no id"), "prepared.mentions[0].candidates"),
    (lambda one: one.mentions[0].ClearField("candidates"), "prepared.mentions[0].candidates"),
])
def test_what_cannot_be_true_is_refused_and_nothing_of_it_is_written(
        client: BlockingClient, prepared: ingest_pb2.PreparedDocument, spoil: Break, field: str) -> None:
    before = client.stats().revision
    spoil(prepared)
    ack = client.ingest_prepared(prepared)
    assert ack.outcome == ingest_pb2.INGEST_OUTCOME_REFUSED
    assert field in ack.error.message
    assert client.stats().revision == before


@pytest.mark.parametrize("vectors", [b"\0" * 3, b"\0" * 64 * 4, np.full(64, np.nan, "<f4").tobytes()])
def test_vectors_that_are_none_are_refused(client: BlockingClient, prepared: ingest_pb2.PreparedDocument, vectors: bytes) -> None:
    prepared.embedder, prepared.vectors = HashingEmbedder(64).name, vectors * len(prepared.passages) if len(vectors) > 3 else vectors
    ack = client.ingest_prepared(prepared)
    assert (ack.outcome, ack.error.message.split(":")[0]) == (ingest_pb2.INGEST_OUTCOME_REFUSED, "prepared.vectors")


class Counting(HashingEmbedder):
    """Counts what is embedded."""

    def __init__(self, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.seen: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.seen += texts
        return super().embed(texts)


@pytest.mark.parametrize(("name", "made_here"), [("", True), ("another@1", True), (HashingEmbedder(64).name, False)])
def test_the_service_does_not_make_the_vectors_of_its_own_model_again(
        pack_only: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, made_here: bool) -> None:
    counting = Counting()
    monkeypatch.setattr("worldctx.wiring.open_embedder", lambda settings: counting)
    data = Path(shutil.copytree(pack_only, tmp_path / "served", ignore=shutil.ignore_patterns("search")))
    with opened(data, "hashing") as running, serving(running) as address, connect_blocking(address) as client:
        found = extract(DOCUMENT, running.world.lexicon, running.world.search.revision)
        texts = [piece.text for piece in found.passages]
        ack = client.ingest_prepared(prepared_message(DOCUMENT, found, name, HashingEmbedder(64).embed(texts).tobytes()))
        running.follower.wait_for(ack.revision, Deadline.after(60))
        assert counting.seen == (texts if made_here else [])
        assert running.verify() == []


class TestHandedVectors(EmbedderContract):
    """Nobody can tell it from the embedder within."""

    @pytest.fixture
    def embedder(self) -> HandedVectors:
        return HandedVectors(HashingEmbedder(64))


def test_handed_vectors_are_taken_once_and_made_here_when_they_are_lost() -> None:
    counting = Counting()
    handed = HandedVectors(counting, most_bytes=2 * 64 * 4)
    texts = ["one", "two", "three"]
    made = HashingEmbedder(64).embed(texts)
    handed.hand(texts, made.astype("<f4").tobytes())
    assert np.array_equal(handed.embed(["three", "one", "two"]), made[[2, 0, 1]])
    assert counting.seen == ["one"]  # there was room for two
    assert np.array_equal(handed.embed(texts), made)
    assert counting.seen == ["one", *texts]
    with pytest.raises(BadInput, match="unit vectors"):
        handed.hand(["one"], (2 * made[:1]).tobytes())


def test_a_workers_lexicon_finds_what_the_services_finds_while_names_come_in(
        running: Running, address: str) -> None:
    service = Service(IngestSettings.read(server=address, broker="redis://nowhere"))
    with connect_blocking(address) as client:
        for number in range(3):
            name = f"Zephyrine Quux{number}"
            client.write_facts([f'{{"type":"entity","id":"ent:q{number}","kind":"person","names":[{{"name":"{name}","from":"{1950 + number}"}}]}}'])
            running.follower.wait_for(running.world.graph.head(), Deadline.after(60))
            (key,) = [item.record.key for item in client.enqueue([ingest_pb2.EnqueueRequest.Item(
                json=f'{{"text":"Zephyrine Quux0, {name} and Zephyrine Quux2 met Salvador Allende.","published_at":"1951"}}'.encode())])]
            claim = client.claim(ingest_pb2.ClaimRequest(key=key, names_after=service.known))
            assert claim.has_names
            declared = parse_document(claim.payload, max_chars=999)
            ours = extract(declared, service.lexicon(claim), claim.revision)
            assert ours == extract(declared, running.world.lexicon, claim.revision)
            assert service.known == claim.revision
            assert ("ent:q0",) in [mention.candidates for mention in ours.mentions]
    service.close()


