"""A BERT sentence encoder as an ONNX graph that reads its weights where they lie: in the model's own safetensors file.

No export and no copy: the graph is some kilobytes made anew at each start, and onnxruntime maps the weights itself.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, numpy_helper
from onnx.helper import make_graph, make_model, make_node, make_opsetid, make_tensor_value_info
from safetensors import SafetensorError, safe_open

from worldctx.model.errors import IncompatibleData, Unsupported

#: Operators of this ONNX version: the first with Attention, which onnxruntime 1.23 and later can do.
OPSET, IR = 23, 11
#: What the graph calls its input, token ids of one text, and its output, one unit vector.
IDS, VECTOR = "ids", "vector"
#: Bytes before the header of a safetensors file, which say how long it is.
LENGTH_BYTES = 8
POOLINGS = ("mean", "cls")


@dataclass(frozen=True, slots=True)
class Shape:
    """What config.json says about a BERT."""

    hidden: int
    layers: int
    heads: int
    inner: int
    words: int
    positions: int
    types: int
    epsilon: float


def shape(config: Mapping[str, Any]) -> Shape:
    """The shape of a model by its config.json.

    Raises:
        Unsupported: it is no BERT, or one of another kind.
        KeyError, TypeError, ValueError: the config is damaged.
    """
    expected = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}
    for key, value in expected.items():
        if config.get(key, value if key == "position_embedding_type" else None) != value:
            raise Unsupported(f"{key} is {config.get(key)!r}, and only {value!r} is known here")
    found = Shape(
        int(config["hidden_size"]),
        int(config["num_hidden_layers"]),
        int(config["num_attention_heads"]),
        int(config["intermediate_size"]),
        int(config["vocab_size"]),
        int(config["max_position_embeddings"]),
        int(config["type_vocab_size"]),
        float(config.get("layer_norm_eps", 1e-12)),
    )
    if found.heads < 1 or found.hidden % found.heads:
        raise ValueError(f"a hidden size of {found.hidden} cannot be parted between {found.heads} heads")
    return found


@dataclass(frozen=True, slots=True)
class _Tensor:
    dtype: str
    shape: tuple[int, ...]
    offset: int
    length: int


class Weights:
    """The tensors of a safetensors file, by name: where they lie, not what they hold."""

    def __init__(self, path: Path) -> None:
        """Read the header.

        Raises:
            IncompatibleData: the file is damaged.
        """
        self.path = path.resolve()
        try:
            # The library checks that the header is sound and that it covers the file to its end.
            with safe_open(self.path, framework="numpy"):
                pass
            with self.path.open("rb") as file:
                length = int.from_bytes(file.read(LENGTH_BYTES), "little")
                header = json.loads(file.read(length))
        except (OSError, ValueError, SafetensorError) as error:
            raise IncompatibleData(f"embedder: {path} is no sound safetensors file; install the model anew") from error
        start = LENGTH_BYTES + length
        self._tensors = {
            name: _Tensor(
                one["dtype"], tuple(one["shape"]), start + one["data_offsets"][0], math.prod(one["shape"]) * 4
            )
            for name, one in header.items()
            if name != "__metadata__"
        }
        # A BERT that was saved with a head on it has all names below "bert.".
        self._prefix = "" if "embeddings.word_embeddings.weight" in self._tensors else "bert."

    def placed(self, name: str, shape: tuple[int, ...]) -> TensorProto:
        """An ONNX tensor that says where in the file its numbers are.

        Raises:
            IncompatibleData: it is not there, or of another shape: these are the weights of another model.
            Unsupported: its numbers are not of 32 bits.
        """
        found = self._tensors.get(self._prefix + name)
        if found is None or found.shape != shape:
            there = "is not there" if found is None else f"has the shape {list(found.shape)}"
            raise IncompatibleData(
                f"embedder: {self.path} does not fit its config.json: {name} {there}, and {list(shape)} is expected"
            )
        if found.dtype != "F32":
            raise Unsupported(f"{name} is of {found.dtype}, and only F32 is known here")
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL)
        place = {"location": self.path.name, "offset": str(found.offset), "length": str(found.length)}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=value)
        return tensor


class _Graph:
    """Nodes one after another; each is named by its output."""

    def __init__(self, weights: Weights, epsilon: float) -> None:
        self.nodes: list[Any] = []
        self.tensors: dict[str, TensorProto] = {}
        self._weights, self._epsilon = weights, epsilon

    def do(self, operator: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        name = out or f"{operator}_{len(self.nodes)}"
        self.nodes.append(make_node(operator, inputs, [name], **attributes))
        return name

    def constant(self, values: int | Sequence[int]) -> str:
        name = f"constant_{values}"
        self.tensors[name] = numpy_helper.from_array(np.array(values, np.int64), name)
        return name

    def weight(self, name: str, *shape: int) -> str:
        self.tensors[name] = self._weights.placed(name, shape)
        return name

    def linear(self, x: str, name: str, before: int, after: int) -> str:
        weight, bias = self.weight(f"{name}.weight", after, before), self.weight(f"{name}.bias", after)
        return self.do("Gemm", x, weight, bias, transB=1)

    def norm(self, x: str, name: str, size: int) -> str:
        weight, bias = self.weight(f"{name}.weight", size), self.weight(f"{name}.bias", size)
        return self.do("LayerNormalization", x, weight, bias, axis=-1, epsilon=self._epsilon)


def graph(shape: Shape, weights: Weights, pooling: str) -> ModelProto:
    """The model for one text: ids of its n tokens in, its unit vector out.

    One text a run and no padding, so that nothing beside a text can move the last bits of its vector.

    Args:
        shape: of the model.
        weights: of the model.
        pooling: `mean` of all tokens, or `cls`, the first one.

    Raises:
        IncompatibleData, Unsupported: see `Weights.placed`.
    """
    one = _Graph(weights, shape.epsilon)
    x = _embeddings(one, shape)
    for number in range(shape.layers):
        x = _layer(one, shape, x, f"encoder.layer.{number}")
    if pooling == "cls":
        pooled = one.do("Gather", x, one.constant([0]), axis=0)
    else:
        pooled = one.do("ReduceMean", x, one.constant([0]), keepdims=1)
    one.do("Div", pooled, one.do("ReduceL2", pooled, one.constant([1])), out=VECTOR)
    made = make_graph(
        one.nodes,
        "bert",
        [make_tensor_value_info(IDS, TensorProto.INT64, ["n"])],
        [make_tensor_value_info(VECTOR, TensorProto.FLOAT, [1, shape.hidden])],
        list(one.tensors.values()),
    )
    return make_model(made, opset_imports=[make_opsetid("", OPSET)], ir_version=IR)


def _embeddings(one: _Graph, shape: Shape) -> str:
    words = one.weight("embeddings.word_embeddings.weight", shape.words, shape.hidden)
    places = one.weight("embeddings.position_embeddings.weight", shape.positions, shape.hidden)
    types = one.weight("embeddings.token_type_embeddings.weight", shape.types, shape.hidden)
    count = one.do("Size", IDS)
    numbers = one.do("Range", one.constant(0), count, one.constant(1))
    x = one.do("Add", one.do("Gather", words, IDS), one.do("Gather", types, one.constant(0)))
    x = one.do("Add", x, one.do("Gather", places, numbers))
    return one.norm(x, "embeddings.LayerNorm", shape.hidden)


def _layer(one: _Graph, shape: Shape, x: str, name: str) -> str:
    def heard(what: str) -> str:
        return one.do("Unsqueeze", one.linear(x, f"{name}.attention.self.{what}", size, size), one.constant([0]))

    size = shape.hidden
    attended = one.do(
        "Attention", heard("query"), heard("key"), heard("value"), q_num_heads=shape.heads, kv_num_heads=shape.heads
    )
    attended = one.do("Squeeze", attended, one.constant([0]))
    attended = one.linear(attended, f"{name}.attention.output.dense", size, size)
    x = one.norm(one.do("Add", attended, x), f"{name}.attention.output.LayerNorm", size)
    inner = one.do("Gelu", one.linear(x, f"{name}.intermediate.dense", size, shape.inner))
    outer = one.linear(inner, f"{name}.output.dense", shape.inner, size)
    return one.norm(one.do("Add", outer, x), f"{name}.output.LayerNorm", size)
