"""What every model asks of its texts, and what everybody asks of its rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from worldctx.model.errors import IncompatibleData


def well_formed(text: str) -> str:
    """A text that has a UTF-8 form: half of a surrogate pair becomes a question mark, as tokenizers refuse it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def finite(rows: NDArray[np.float32], folder: Path) -> NDArray[np.float32]:
    """The same rows.

    Raises:
        IncompatibleData: a number in them is none: damaged weights.
    """
    if not np.isfinite(rows).all():
        raise IncompatibleData(
            f"embedder: the model in {folder} gives numbers that are not finite: it is damaged; install it anew"
        )
    return rows
