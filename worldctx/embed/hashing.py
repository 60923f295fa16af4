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
        return f"hashing-{self._dimension}@2"

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
                place, sign = self._place(feature)
                row[place] += sign
        if not row.any():
            # No words, or words that cancel each other out: such texts share a direction, since each row has one.
            place, sign = self._place("")
            row[place] = sign
        unit: NDArray[np.float32] = (row / np.sqrt((row * row).sum())).astype(np.float32)
        return unit

    def _place(self, feature: str) -> tuple[int, float]:
        code = int.from_bytes(hashlib.blake2b(feature.encode("utf-8", "surrogatepass"), digest_size=8).digest())
        return code % self._dimension, 1.0 if code >> 63 else -1.0
