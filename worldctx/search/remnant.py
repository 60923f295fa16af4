"""What remains of a segment when documents are erased: as if it had been built without them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from worldctx.model.ids import DocumentId
from worldctx.search.segment import TEXT_COLUMNS, Segment


def remnant(segment: Segment, documents: Collection[DocumentId]) -> Segment | None:
    """The passages of all other documents, with their vectors as they are; words that no other has are left out.

    Args:
        documents: what goes, at whatever revision it was recorded or withdrawn.

    Returns:
        The segment itself when it has none of them; None when it has nothing else.
    """
    erased = [code for one in documents if (code := segment.code("document", one)) is not None]
    keep = ~np.isin(segment.codes["document"], erased)
    if keep.all():
        return segment
    if not keep.any():
        return None
    codes: dict[str, NDArray[np.int32]] = {}
    words: dict[str, tuple[str, ...]] = {}
    for name in TEXT_COLUMNS:
        codes[name], words[name] = _recoded(segment.codes[name][keep], segment.words[name])
    kept = keep[segment.numbers]
    # How many of each term's occurrences are left.
    sizes = np.diff(np.concatenate([[0], np.cumsum(kept)])[segment.starts])
    renumbered = np.cumsum(keep, dtype=np.int32) - np.int32(1)
    return Segment(
        tuple(name for name, stays in zip(segment.ids, keep.tolist(), strict=True) if stays),
        segment.recorded[keep],
        segment.published[keep],
        segment.lengths[keep],
        codes,
        words,
        tuple(term for term, size in zip(segment.terms, sizes.tolist(), strict=True) if size),
        np.concatenate([[0], np.cumsum(sizes[sizes > 0])]),
        renumbered[segment.numbers[kept]],
        segment.counts[kept],
        segment.vectors[keep],
        np.ascontiguousarray(segment.signs[:, keep]),
        None if segment.gone is None else segment.gone[keep],
    )


def _recoded(codes: NDArray[np.int32], words: tuple[str, ...]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Codes of the words that are still used, and these."""
    used, fresh = np.unique(codes, return_inverse=True)
    return fresh.astype(np.int32), tuple(words[code] for code in used.tolist())
