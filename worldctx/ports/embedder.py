"""The embedder port: texts in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns texts into unit vectors. The same text gives the same bytes whatever else is in the call."""

    @property
    def name(self) -> str:
        """Model and revision: vectors of different names never mix in one index."""
        ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One L2-normalised row per text, float32, shape (len(texts), dimension). Safe in any thread.

        Texts longer than the model's window are cut at its limit.
        """
        ...
