"""sentence-transformers keeps the contract, and says what is wrong with a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.embed.test_onnx import opened, started
from tests.embed.tiny import change, reweigh, tiny_bert
from worldctx.model.errors import IncompatibleData
from worldctx.ports.embedder import Embedder
from worldctx.testing.embedder import PLAIN, EmbedderContract

pytest.importorskip("sentence_transformers")
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return opened("sentence")


class TestSentence(EmbedderContract):
    @pytest.fixture
    def embedder(self, minilm: Embedder) -> Embedder:
        return minilm


@pytest.mark.slow
def test_every_start_gives_the_same_name_and_bytes(minilm: Embedder) -> None:
    texts = list(PLAIN)
    told, vectors, _ = started("sentence", texts, seed="1")
    assert (told, vectors) == (minilm.name, minilm.embed(texts).tobytes())


def test_any_folder_runs_under_a_name_of_its_own(tmp_path: Path, minilm: Embedder) -> None:
    tiny = opened(str(tiny_bert(tmp_path / "tiny", pooling="max")))
    assert tiny.dimension == 8
    assert tiny.name.startswith("tiny@")
    assert "+torch-" in tiny.name
    assert minilm.name.startswith("all-MiniLM-L6-v2@")


def test_a_damaged_model_is_an_error_that_says_where(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "cut")
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(IncompatibleData, match=str(folder)):
        opened(str(folder))


def test_a_model_of_an_unknown_kind_is_an_error_that_says_where(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "unknown")
    change(folder / "config.json", model_type="of tomorrow", architectures=["Tomorrow"])
    with pytest.raises(IncompatibleData, match=str(folder)):
        opened(str(folder))


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "damaged")
    reweigh(folder, lambda weights: weights["encoder.layer.1.output.dense.bias"].fill(float("nan")))
    with pytest.raises(IncompatibleData, match="not finite"):
        opened(str(folder))
