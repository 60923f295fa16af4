"""A BERT of a few kilobytes in the layout of sentence-transformers, to damage in every way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz", *(f"##{one}" for one in "abcdefghijklmnopqrstuvwxyz")]
HIDDEN, INNER, LAYERS, POSITIONS = 8, 16, 2, 32
CONFIG = {
    "architectures": ["BertModel"],
    "model_type": "bert",
    "hidden_act": "gelu",
    "hidden_size": HIDDEN,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "max_position_embeddings": POSITIONS,
    "type_vocab_size": 2,
    "vocab_size": len(WORDS),
    "layer_norm_eps": 1e-12,
}


def tiny_bert(folder: Path, *, pooling: str = "mean", seed: int = 0) -> Path:
    """Random weights; the same seed gives the same."""
    (folder / "1_Pooling").mkdir(parents=True)
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    modules = [{"idx": number, "name": str(number), "path": path, "type": f"sentence_transformers.models.{kind}"} for number, (path, kind) in enumerate(kinds.items())]
    switch = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token", "max": "pooling_mode_max_tokens"}
    switches = {key: name == pooling for name, key in switch.items()}
    write(folder / "modules.json", modules)
    write(folder / "config.json", CONFIG)
    write(folder / "sentence_bert_config.json", {"max_seq_length": 16, "do_lower_case": False})
    write(folder / "1_Pooling" / "config.json", {"word_embedding_dimension": HIDDEN, **switches})
    tokenizer = Tokenizer(WordPiece({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(), BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.save(str(folder / "tokenizer.json"))
    write(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 16, "unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"})
    save_file(_weights(np.random.default_rng(seed)), folder / "model.safetensors", {"format": "pt"})
    return folder


def _weights(random: np.random.Generator) -> dict[str, Any]:
    shapes: dict[str, tuple[int, ...]] = {f"embeddings.{name}_embeddings.weight": (size, HIDDEN) for name, size in (("word", len(WORDS)), ("position", POSITIONS), ("token_type", 2))}
    norms = ["embeddings.LayerNorm"]
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        linear = {f"attention.self.{one}": (HIDDEN, HIDDEN) for one in ("query", "key", "value")}
        linear |= {"attention.output.dense": (HIDDEN, HIDDEN), "intermediate.dense": (INNER, HIDDEN), "output.dense": (HIDDEN, INNER)}
        for name, (after, before) in linear.items():
            shapes |= {f"{layer}.{name}.weight": (after, before), f"{layer}.{name}.bias": (after,)}
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
    for name in norms:
        shapes |= {f"{name}.weight": (HIDDEN,), f"{name}.bias": (HIDDEN,)}
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value))


def change(path: Path, **values: Any) -> None:
    """Other values in a JSON file."""
    write(path, json.loads(path.read_bytes()) | values)


def reweigh(folder: Path, how: Callable[[dict[str, Any]], object]) -> None:
    """Other weights; `how` changes them in place."""
    path = folder / "model.safetensors"
    weights = load_file(path)
    how(weights)
    save_file(weights, path, {"format": "pt"})
