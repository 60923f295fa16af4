"""A deterministic embedder without a model: hashed words and character trigrams (Weinberger et al. 2009). For tests."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"\w+")


class HashingEmbedder:
    """A ports.embedder.Embedder: texts with words in common are near each other, and nothing more is claimed."""

    def __init__(self, dimension: int = 64) -> None:
        self._dimension = dimension

    @property
    def name(self) -> str:
        """See the port."""
        return f"hashing-{self._dimension}@1"

    @property
    def dimension(self) -> int:
        """See the port."""
        return self._dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See the port."""
        return np.stack([self._one(text) for text in texts]) if texts else np.zeros((0, self._dimension), np.float32)

    def _one(self, text: str) -> NDArray[np.float32]:
        row = np.zeros(self._dimension)
        for word in _WORD.findall(text.casefold()):
            for feature in (word, *(word[start : start + 3] for start in range(len(word) - 2))):
                code = int.from_bytes(hashlib.blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest())
                row[code % self._dimension] += 1.0 if code >> 63 else -1.0
        length = float(np.sqrt((row * row).sum()))
        return (row / length if length else row).astype(np.float32)
