"""The speeches of the evaluation data, and which of them are for training: by a hash of the id."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import orjson

from worldctx.exchange.documents import parse_document
from worldctx.model.document import Document


@dataclass(frozen=True, slots=True)
class Speech:
    """One speech: its line in the file, and the document that it is."""

    record: bytes
    document: Document
    year: int

    @property
    def id(self) -> str:
        """Of the document."""
        return str(self.document.id)

    @property
    def part(self) -> str:
        """`train` for five of ten, `dev` for two, `test` for three."""
        place = zlib.crc32(self.id.encode()) % 10
        return "train" if place < 5 else "dev" if place < 7 else "test"


def speeches(data: Path) -> list[Speech]:
    """All speeches in the order of the file."""
    with gzip.open(data / "speeches" / "ungd.jsonl.gz", "rb") as file:
        return [_speech(line.strip()) for line in file]


def _speech(line: bytes) -> Speech:
    return Speech(line, parse_document(line, max_chars=10**7), int(str(orjson.loads(line)["published_at"])[:4]))
