"""Texts whose names were linked by hand: news, encyclopedia paragraphs and excerpts of speeches, stand-off.

`gold/linking.jsonl` has a line for each piece of text (data file, record, characters) and, after it, a line for each
name in it: its span in the record's text, its surface, its kind, and the ids under which the world may know it; none
for a name of something that the world lacks. Persons, organisations, places, works, products and events are marked by
name, nationalities as the country, later short mentions as what they stand for; offices, diseases and the like are not.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from worldctx.model.document import Document
from worldctx.model.ids import DocumentId
from worldctx.model.time import parse_when

GOLD = Path(__file__).parent / "gold" / "linking.jsonl"


@dataclass(frozen=True, slots=True)
class Meant:
    """A name in a text and what it means: any of `ids`, or nothing that the world has."""

    start: int
    end: int
    surface: str
    kind: str
    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with its declared metadata and all its names."""

    document: Document
    names: tuple[Meant, ...]

    @property
    def is_test(self) -> bool:
        """Whether it is reported on; the others are for developing and training. By a hash of its id."""
        return sha256(self.document.id.encode()).digest()[0] % 2 == 1


def marked(data: Path) -> list[Marked]:
    """All marked texts, in the order of the file.

    Raises:
        ValueError: a name does not stand where the gold says.
    """
    found: list[Marked] = []
    for line in GOLD.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "document" in row:
            text, meta = record(data, row["document"], row["record"])
            start, document = row["start"], f"{row['document']}#{row['record']}"
            found.append(Marked(_document(document, text[start:row["end"]], meta), ()))
        else:
            one = found[-1]
            meant = Meant(row["start"] - start, row["end"] - start, row["surface"], row["kind"], frozenset(row["ids"]))
            if one.document.text[meant.start:meant.end] != meant.surface:
                raise ValueError(f"{one.document.id}: {meant.surface!r} does not stand at {row['start']}")
            found[-1] = Marked(one.document, (*one.names, meant))
    return found


def _document(key: str, text: str, meta: Mapping[str, Any]) -> Document:
    published = meta.get("published_at")
    extra = {"country": json.dumps(meta["country"])} if meta.get("country") else {}
    return Document(DocumentId(key), text, publisher=meta.get("publisher") or "", author=meta.get("author") or "",
                    published=parse_when(published) if published else None, place=meta.get("place") or "", extra=extra)


def record(data: Path, file: str, key: str) -> tuple[str, Mapping[str, Any]]:
    """The text of a record of a data file and what is declared of it."""
    return _records(data / file)[key]


@cache
def _records(path: Path) -> Mapping[str, tuple[str, Mapping[str, Any]]]:
    return dict(_READERS[path.name](path))


def _speeches(path: Path) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            yield row["id"], (row["text"], row)


def _news(path: Path) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
    for place, article in enumerate(ElementTree.parse(path).getroot()):
        yield str(place), (article.findtext("text") or "", {})


def _timeqa(path: Path) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
    for entry in json.loads(path.read_text(encoding="utf-8")):
        for place, text in enumerate(entry["paras"]):
            yield f"{entry['index']}:{place}", (text, {})


def _musique(path: Path) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
    for place, passage in enumerate(json.loads(path.read_text(encoding="utf-8"))):
        yield str(place), (passage["text"], {})


def _hotpot(path: Path) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
    passages: Mapping[str, Sequence[str]] = json.loads(path.read_text(encoding="utf-8"))
    for title, sentences in passages.items():
        yield title, ("".join(sentences), {})


_READERS = {"ungd.jsonl.gz": _speeches, "geovirus.xml": _news, "timeqa_human_train.json": _timeqa,
            "musique_train_corpus.json": _musique, "hotpotqa_train_corpus.json": _hotpot}
