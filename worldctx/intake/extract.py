"""What is read off a document before it is committed: its passages, and the names that stand in it."""

from __future__ import annotations

from dataclasses import replace

from worldctx.model.change import DocumentRecord
from worldctx.model.clocks import Clocks
from worldctx.model.document import Document, Mention
from worldctx.model.ids import Revision
from worldctx.ports.lexicon import Lexicon
from worldctx.text.language import guess_language
from worldctx.text.passages import passages_of

#: Candidates kept for one mention; a name such as San José has dozens.
KEEP = 8


def extract(document: Document, lexicon: Lexicon, revision: Revision) -> DocumentRecord:
    """Everything that the store keeps of a document. Pure: the same document at the same revision, the same record.

    Args:
        revision: of the lexicon; names recorded later are not found, whatever is written meanwhile.
    """
    record = laid_out(document)
    clocks = Clocks(as_of=document.published)
    mentions = tuple(
        Mention(match.start, match.end, match.surface,
                tuple(hit.entity for hit in sorted(match.hits, key=lambda hit: (-hit.weight, hit.entity))[:KEEP]))
        for match in lexicon.scan(document.text, clocks, revision))
    return replace(record, mentions=mentions)


def laid_out(document: Document) -> DocumentRecord:
    """What a document is without any knowledge of the world: its language and its passages."""
    language = document.language or guess_language(document.text)
    return DocumentRecord(replace(document, language=language), passages_of(document.id, document.text))
