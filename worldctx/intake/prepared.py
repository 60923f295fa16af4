"""What a worker found in a document, checked against the document: it saves us work, and is not simply believed."""

from __future__ import annotations

from worldctx.intake.extract import KEEP, laid_out
from worldctx.model.change import DocumentRecord, Prepared
from worldctx.model.document import Mention
from worldctx.model.errors import BadInput
from worldctx.model.ids import is_id


def checked(prepared: Prepared) -> DocumentRecord:
    """The record that a prepared document says it is.

    Raises:
        BadInput: its content is not what its key was made from, its passages are not those that we cut, or a mention
            cannot stand in its text.
    """
    document = prepared.document
    if prepared.content_hash != document.content_hash:
        raise BadInput.at("prepared.content_hash", f"{prepared.content_hash[:64]!a} is not that of the document, which "
                                                   f"is {document.content_hash}; send the document as it was kept")
    record = laid_out(document)
    if prepared.passages != tuple((one.start, one.end) for one in record.passages):
        raise BadInput.at("prepared.passages", "are not those that the service would cut; run workers of its version")
    end = 0
    for place, mention in enumerate(prepared.mentions):
        _check(mention, place, end, document.text)
        end = mention.end
    return DocumentRecord(record.document, record.passages, prepared.mentions)


def _check(mention: Mention, place: int, after: int, text: str) -> None:
    field = f"prepared.mentions[{place}]"
    if not after <= mention.start < mention.end <= len(text):
        raise BadInput.at(f"{field}.span", f"[{mention.start}, {mention.end}) is empty, overlaps the one before it, or "
                                           f"lies outside the text, which has {len(text)} characters")
    if mention.surface != text[mention.start : mention.end]:
        raise BadInput.at(f"{field}.surface", "is not what stands there")
    if not 0 < len(mention.candidates) <= KEEP or not all(map(is_id, mention.candidates)):
        raise BadInput.at(f"{field}.candidates", f"are not 1 to {KEEP} ids")
