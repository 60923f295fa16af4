"""sentence-transformers behind the embedder port: any model, on a GPU where there is one. Never a download."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from worldctx.embed.folder import ModelFolder
from worldctx.embed.texts import finite, well_formed
from worldctx.model.errors import IncompatibleData, Unsupported


class SentenceEmbedder:
    """A ports.embedder.Embedder. Each text runs on its own: padding beside longer ones would change the last bits."""

    def __init__(self, model: ModelFolder) -> None:
        """Load a model.

        Raises:
            Unsupported: sentence-transformers is not installed.
            IncompatibleData: the model is damaged, or of a kind that the library does not know.
        """
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise Unsupported("sentence-transformers is not installed; pip install 'worldctx[sentence]'") from error
        self._folder, self._lock = model.path, threading.Lock()
        try:
            self._model = SentenceTransformer(str(model.path), local_files_only=True)
            self._dimension = int(self._model.get_embedding_dimension() or 0)
            self._name = model.named(f"torch-{self._model.device.type}")
            self.embed(["."])  # damaged weights are told at the start
        except IncompatibleData:
            raise
        except Exception as error:  # a damaged or unknown model fails in as many ways as there are models
            raise IncompatibleData(
                f"embedder: sentence-transformers cannot load the model in {model.path}: {error!r}"
            ) from error

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
                self._model.encode([well_formed(text) or " "], normalize_embeddings=True, show_progress_bar=False)
                for text in texts
            ]
        return finite(np.concatenate(rows).astype(np.float32), self._folder)
