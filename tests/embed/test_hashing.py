"""The hashing embedder keeps the contract."""

from __future__ import annotations

import pytest

from worldctx.config import Settings
from worldctx.embed.hashing import HashingEmbedder
from worldctx.ports.embedder import Embedder
from worldctx.testing.embedder import EmbedderContract
from worldctx.wiring import open_embedder


class TestHashing(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return HashingEmbedder()


@pytest.mark.parametrize(("name", "dimension"), [("hashing", 64), ("hashing-384", 384)])
def test_it_is_chosen_by_name_with_its_dimension(name: str, dimension: int) -> None:
    embedder = open_embedder(Settings.read(embedder=name))
    assert embedder is not None
    assert embedder.dimension == dimension
    assert embedder.embed(["peace"]).shape == (1, dimension)
