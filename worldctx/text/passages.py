"""Passages: a document in pieces of whole sentences, the unit that search returns."""

from __future__ import annotations

from worldctx.model.document import Passage
from worldctx.model.ids import DocumentId, PassageId
from worldctx.text.sentences import sentences

#: Characters that a passage is filled to (about 120 words of English), and at which even a sentence is cut.
FULL, MOST = 720, 1440


def passages_of(document: DocumentId, text: str) -> tuple[Passage, ...]:
    """Cut a text into passages that cover every sentence, in order, with exact offsets.

    A paragraph break ends a passage that is at least half full; a sentence longer than `MOST` is cut at white space,
    or by length where there is none.
    """
    pieces: list[tuple[int, int]] = []
    start = end = -1
    for first, last in _short(text):
        breaks = start >= 0 and end - start >= FULL // 2 and "\n" in text[end:first]
        if start >= 0 and (breaks or last - start > FULL):
            pieces.append((start, end))
            start = -1
        if start < 0:
            start = first
        end = last
    if start >= 0:
        pieces.append((start, end))
    return tuple(Passage(PassageId(f"{document}#{number}"), document, number, first, last, text[first:last])
                 for number, (first, last) in enumerate(pieces))


def _short(text: str) -> list[tuple[int, int]]:
    spans = []
    for first, last in sentences(text):
        while last - first > MOST:
            cut = text.rfind(" ", first + FULL // 2, first + FULL)
            cut = cut if cut > 0 else first + FULL
            spans.append((first, cut))
            first = cut
            while first < last and text[first].isspace():
                first += 1
        if last > first:
            spans.append((first, last))
    return spans
