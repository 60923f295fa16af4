"""onnxruntime behind the embedder port: BERT models such as all-MiniLM-L6-v2, without torch."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from worldctx.embed.bert import IDS, POOLINGS, Shape, Weights, graph, shape
from worldctx.embed.folder import ModelFolder
from worldctx.embed.texts import finite, well_formed
from worldctx.model.errors import IncompatibleData, Unsupported

#: Threads that work on one call at most. Each runs one text at a time: a passage of 100 tokens fills a core, and
#: sharing one text between threads costs more than it gains.
MOST_THREADS = 8
#: Where onnxruntime looks for the files that a graph in memory names, and its level of logging for errors alone.
WEIGHTS_FOLDER = "session.model_external_initializers_file_folder_path"
ERRORS = 3


class OnnxEmbedder:
    """A ports.embedder.Embedder. Each text runs on its own, in one thread, without padding."""

    def __init__(self, model: ModelFolder) -> None:
        """Load a model.

        Raises:
            Unsupported: this back end cannot run such a model.
            IncompatibleData: a file of the model is missing or damaged.
        """
        self._folder = model.path
        parts = _parts(model.path)
        self._tokenizer = _tokenizer(parts)
        self._session, self._dimension = _session(model.path, parts), parts.shape.hidden
        self._name = model.named("onnx")
        self._pool = ThreadPoolExecutor(_threads(), thread_name_prefix="embed")
        self.embed(["."])  # damaged weights are told at the start

    @property
    def name(self) -> str:
        """See the port."""
        return self._name

    @property
    def dimension(self) -> int:
        """See the port."""
        return self._dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See the port."""
        if not texts:
            return np.zeros((0, self._dimension), np.float32)
        rows = map(self._row, texts) if len(texts) == 1 else self._pool.map(self._row, texts)
        return finite(np.concatenate(list(rows)), self._folder)

    def _row(self, text: str) -> NDArray[np.float32]:
        ids = np.array(self._tokenizer.encode(well_formed(text)).ids, np.int64)
        row: NDArray[np.float32] = self._session.run(None, {IDS: ids})[0]
        return row


def _threads() -> int:
    mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(mine, MOST_THREADS)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the settings of a model in the layout of sentence-transformers say."""

    folder: Path
    shape: Shape
    pooling: str
    limit: int


def _parts(folder: Path) -> _Parts:
    try:
        return _read(folder)
    except Unsupported as error:
        raise _elsewhere(folder, error) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        told = f"{type(error).__name__}: {error}"
        raise IncompatibleData(f"embedder: the settings of the model in {folder} are damaged ({told})") from error


def _elsewhere(folder: Path, error: Unsupported) -> Unsupported:
    return Unsupported(
        f"embedder: the model in {folder} cannot run on onnxruntime here: {error.message}; set embedder to the folder "
        "alone to run it with sentence-transformers"
    )


def _read(folder: Path) -> _Parts:
    modules = [(one["type"].rpartition(".")[2], folder / one["path"]) for one in _json(folder / "modules.json")]
    kinds = [kind for kind, _ in modules]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise Unsupported(f"it is made of {', '.join(kinds)}")
    transformer, pool = (path for _, path in modules[:2])
    text = _json(transformer / "sentence_bert_config.json", {})
    if text.get("do_lower_case") or _json(folder / "config_sentence_transformers.json", {}).get("default_prompt_name"):
        raise Unsupported("it changes its texts")
    pooling = _json(pool / "config.json")
    # Older folders have a switch for each kind of pooling, newer ones a name.
    chosen = [key.removeprefix("pooling_mode_") for key, on in pooling.items() if on is True and "_mode_" in key]
    name = str(pooling.get("pooling_mode", ", ".join(chosen))).replace("_tokens", "").replace("_token", "")
    if name not in POOLINGS:
        raise Unsupported(f"its pooling is {name!r}, and only {' or '.join(POOLINGS)} is known here")
    found = shape(_json(transformer / "config.json"))
    limit = text.get("max_seq_length") or _json(transformer / "tokenizer_config.json", {}).get("model_max_length")
    return _Parts(transformer, found, name, min(int(limit or found.positions), found.positions))


def _json(path: Path, default: Any = None) -> Any:
    return default if default is not None and not path.exists() else json.loads(path.read_bytes())


def _tokenizer(parts: _Parts) -> Tokenizer:
    path = parts.folder / "tokenizer.json"
    try:
        found = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise IncompatibleData(f"embedder: {path} is no sound tokenizer: {error}") from error
    if found.get_vocab_size() > parts.shape.words:
        raise IncompatibleData(f"embedder: {path} is of another model: it has more words than config.json says")
    found.no_padding()
    found.enable_truncation(parts.limit)
    return found


def _session(folder: Path, parts: _Parts) -> Any:
    weights = Weights(parts.folder / "model.safetensors")
    try:
        made = graph(parts.shape, weights, parts.pooling).SerializeToString()
    except Unsupported as error:
        raise _elsewhere(folder, error) from error
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS
    options.add_session_config_entry(WEIGHTS_FOLDER, str(weights.path.parent))
    try:
        return onnxruntime.InferenceSession(made, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no base of their own
        raise IncompatibleData(f"embedder: onnxruntime cannot load the model in {folder}: {error}") from error
