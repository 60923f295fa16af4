"""The embedder port: texts in, unit vectors out. Each promise made here is a test in worldctx.testing.embedder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns texts into unit vectors. The same text gives the same bytes whatever else is in the call."""

    @property
    def name(self) -> str:
        """Model, revision and back end: vectors of different names never mix in one index.

        The same on every start. What it does not tell apart, another processor or another release of a library, moves
        the last bits of a vector and no more.
        """
        ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One L2-normalised row per text, float32, shape (len(texts), dimension). Safe in any thread.

        Any text has a row: an empty one, one that is no sound Unicode. Texts longer than the model's window are cut at
        its limit.

        Raises:
            IncompatibleData: the model gives numbers that are not finite.
        """
        ...
