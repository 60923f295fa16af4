"""Vectors that workers made: kept until the follower asks for them, and made here where they are not, or no more."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from worldctx.model.errors import BadInput
from worldctx.model.ids import digest
from worldctx.ports.embedder import Embedder

#: Bytes of vectors kept at most; the oldest go first, and are made again when they are needed.
MOST_BYTES = 256 * 2**20
#: How far the length of a vector may be from one.
UNIT = 1e-3


class HandedVectors:
    """A ports.embedder.Embedder that first looks among the vectors that it was handed. Each is taken once."""

    def __init__(self, embedder: Embedder, most_bytes: int = MOST_BYTES) -> None:
        self._embedder, self._lock = embedder, threading.Lock()
        self._most = most_bytes // (4 * embedder.dimension)
        self._kept: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    @property
    def name(self) -> str:
        """See ports.embedder.Embedder."""
        return self._embedder.name

    @property
    def dimension(self) -> int:
        """See ports.embedder.Embedder."""
        return self._embedder.dimension

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See ports.embedder.Embedder."""
        if not self._kept:  # nobody hands anything: the way of every service without workers
            return self._embedder.embed(texts)
        with self._lock:
            found = [self._kept.pop(digest(text), None) for text in texts]
        missing = [place for place, row in enumerate(found) if row is None]
        rows = np.empty((len(texts), self.dimension), np.float32)
        for place, row in enumerate(found):
            if row is not None:
                rows[place] = row
        if missing:
            rows[missing] = self._embedder.embed([texts[place] for place in missing])
        return rows

    def forget(self) -> None:
        """Keep none: some may be of texts that were erased. They are made again when they are needed."""
        with self._lock:
            self._kept.clear()

    def hand(self, texts: Sequence[str], vectors: bytes) -> None:
        """Keep the vectors of texts: rows of 32-bit floats, little-endian.

        Raises:
            BadInput: they are not one unit vector for each text.
        """
        if len(vectors) != len(texts) * self.dimension * 4:
            raise BadInput.at("prepared.vectors", f"has {len(vectors)} bytes; {len(texts)} passages of "
                                                  f"{self.dimension} numbers need {len(texts) * self.dimension * 4}")
        rows = np.frombuffer(vectors, "<f4").reshape(len(texts), self.dimension).astype(np.float32)
        if not np.all(np.abs(np.linalg.norm(rows, axis=1) - 1) <= UNIT):  # what is not finite is not near one either
            raise BadInput.at("prepared.vectors", "are not unit vectors")
        with self._lock:
            for text, row in zip(texts, rows, strict=True):
                self._kept[digest(text)] = row.copy()
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


def ready_for_workers(embedder: Embedder | None) -> Embedder | None:
    """The embedder, able to take vectors that workers made."""
    return None if embedder is None else HandedVectors(embedder)
