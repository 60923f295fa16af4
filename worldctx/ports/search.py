"""The search port: a view of the graph's passages by words and vectors. Promises: worldctx.testing.search."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from worldctx.model.ask import Filter
from worldctx.model.clocks import Clocks
from worldctx.model.ids import DocumentId, PassageId, Revision
from worldctx.ports.graph import Commit

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class View:
    """Which passages a query may see: recorded by `revision`, said by the known clock, matching the filter.

    `without` hides one document (the one that is being asked about).
    """

    revision: Revision
    clocks: Clocks = Clocks()
    filter: Filter = field(default_factory=Filter)
    without: DocumentId | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One passage and its score by one retriever, rounded to 6 places."""

    passage: PassageId
    document: DocumentId
    score: float


class SearchIndex(Protocol):
    """A view that follows the graph's commits in order and can be rebuilt from them at any time.

    The view's filters act inside the query, so that `limit` hits come back whenever that many pass. Statistics
    (document frequencies, lengths) are those of the view's revision: the same query at the same revision scores the
    same for ever, whatever was added since. Hits come by score, ties by passage id.
    """

    @property
    def revision(self) -> Revision:
        """The watermark: everything up to here is searchable."""
        ...

    @property
    def dimension(self) -> int:
        """Length of the vectors; 0 when the index holds none."""
        ...

    def add(self, commits: Sequence[Commit], vectors: Sequence[Vector] | None) -> None:
        """Follow commits, in order; those at or below the watermark are passed over.

        Args:
            vectors: for each commit, one row per passage in the order of its documents' passages; None without vectors.
        """
        ...

    def erase(self, documents: Collection[DocumentId], revision: Revision) -> None:
        """Forget documents: their passages, words, titles and vectors, at every revision, withdrawn ones too.

        From then on the index answers, at every revision, as one that never held them; what it keeps holds nothing of
        them, and no id. It is durable when this returns. Ids that it does not hold are passed over, and erasing again
        does no harm: it is done again after a kill.

        Args:
            revision: of the graph's commit that erased them: the watermark moves there when it is the next one, else
                `add` comes there in its turn. `commits` that were read before that commit must not be added after.
        """
        ...

    def text(self, query: str, view: View, limit: int) -> Sequence[Hit]:
        """BM25 (Robertson and Zaragoza 2009) over title and text."""
        ...

    def nearest(self, vector: Vector, view: View, limit: int) -> Sequence[Hit]:
        """Passages by cosine similarity."""
        ...

    def flush(self) -> None:
        """Make everything up to the watermark durable, so that the next start need not follow it again."""
        ...

    def check(self, expected: Sequence[PassageId]) -> Sequence[str]:
        """Differences between the index and the passages the graph holds, one line each."""
        ...

    def counts(self) -> dict[str, int]: ...

    def close(self) -> None: ...
