"""How passages are stored in Elasticsearch: settings and mapping of an index, and a passage as one of its documents."""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from worldctx.model.document import Document, Passage
from worldctx.model.ids import ZERO, DocumentId, PassageId, Revision, digest
from worldctx.model.source import host_of
from worldctx.model.time import MAX_INSTANT, instant
from worldctx.ports.graph import Commit
from worldctx.ports.search import Vector
from worldctx.search.analysis import terms
from worldctx.search.bm25 import K1, B

#: Of the form below; an index of another one is made anew.
VERSION = 1
#: Hits that one request may bring.
WINDOW = 50_000
#: What the server keeps of the years that people and their tools ask about; the exact ones stand beside them.
FIRST_YEAR, LAST_YEAR = -9999, 9999
#: The server takes ids of 512 bytes and keywords of 32,766.
LONGEST_ID, LONGEST_KEYWORD = 512, 8000
#: Digits behind the point of what the graph of neighbours is built from, 100 times as fine as its 8 bits can tell.
DIGITS = 5
#: Stands for a passage without a term: the server counts only passages that have some.
NOTHING = "."
#: The document that holds the revision which the index has reached.
WATERMARK = "watermark"
#: Kept apart, in columns that are read without the rest: see `card` and `row`.
NOT_IN_SOURCE = ("words", "card", "row", "vector")


def definition(dimension: int, embedder: str) -> dict[str, Any]:
    """Settings and mapping of a new index."""
    keyword, number = {"type": "keyword"}, {"type": "long"}
    column = {"type": "binary", "doc_values": True}
    properties: dict[str, Any] = {
        "kind": keyword,
        "passage": keyword,
        "document": keyword,
        "ordinal": {"type": "integer"},
        "publisher": keyword,
        "host": keyword,
        "place": keyword,
        "language": keyword,
        # Our own terms, cut at blanks: the same analysis as everywhere.
        "words": {"type": "text", "analyzer": "whitespace", "index_options": "freqs", "similarity": "passages"},
        "length": {"type": "integer", "index": False},
        # Seconds, as exact as ours, for the clocks; for people and their tools as a range of dates.
        "published_lo": number,
        "published_hi": number,
        "published": {"type": "date_range", "format": "epoch_millis||yyyy-MM-dd"},
        "location": {"type": "geo_point"},
        "recorded": number,
        "gone": number,
        "card": column,
        "revision": number,
    }
    if dimension:
        properties["row"] = column
        # Rows are of length 1, so that the product is the cosine, and a row of zeros does no harm.
        properties["vector"] = {"type": "dense_vector", "dims": dimension, "index": True,
                                "similarity": "max_inner_product", "index_options": {"type": "int8_hnsw"}}
    return {
        "settings": {"index": {
            "number_of_shards": 1,
            "auto_expand_replicas": "0-1",
            "merge": {"policy": {"segments_per_tier": 4}},  # a query looks its terms up in each segment
            "refresh_interval": "-1",  # each step of the follower ends with a refresh
            "max_result_window": WINDOW,
            "similarity": {"passages": {"type": "BM25", "k1": K1, "b": B}},
        }},
        "mappings": {
            "dynamic": "strict",
            "_meta": {"worldctx": {"version": VERSION, "dimension": dimension, "embedder": embedder}},
            "_source": {"excludes": list(NOT_IN_SOURCE)},
            "properties": properties,
        },
    }


def watermark(revision: Revision) -> dict[str, Any]:
    """The document that says how far the index has come.

    `recorded` says nothing here: where all documents of a segment have a value, Lucene tells by its lowest and highest
    alone that a filter lets all of them through.
    """
    return {"kind": WATERMARK, "revision": revision, "recorded": ZERO}


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage as it is stored: its document, and what is counted of it.

    Attributes:
        key: the server's id of it: a passage may be recorded again, after it was withdrawn.
        version: the revision of what is told of it last: that it is there, or that it is gone.
        often: its terms.
    """

    key: str
    version: int
    body: dict[str, Any]
    recorded: Revision
    often: Mapping[str, int]


def entries(commits: Sequence[Commit], vectors: Sequence[Vector] | None,
            withdrawn: Mapping[DocumentId, Sequence[Revision]]) -> list[Entry]:
    """The passages that commits added.

    Args:
        vectors: as in the port.
        withdrawn: the revisions at which these commits took documents out, rising.
    """
    made = []
    for place, commit in enumerate(commits):
        rows = iter(vectors[place]) if vectors is not None else None
        for record in commit.documents:
            common, title = _common(record.document, commit.revision), terms(record.document.title)
            gone = first_after(withdrawn.get(record.document.id, ()), commit.revision)
            for piece in record.passages:
                row = next(rows) if rows is not None else None
                made.append(_entry(common, piece, title + terms(piece.text), row, gone))
    return made


def withdrawals(commits: Sequence[Commit]) -> dict[DocumentId, list[Revision]]:
    """At which revisions commits took documents out, rising."""
    found: dict[DocumentId, list[Revision]] = defaultdict(list)
    for commit in commits:
        for document in commit.withdrawn:
            found[document].append(commit.revision)
    return found


def first_after(revisions: Sequence[Revision], recorded: Revision) -> Revision | None:
    """The first withdrawal of what was recorded then. In one commit withdrawals come before additions."""
    return next((one for one in revisions if one > recorded), None)


def _entry(common: dict[str, Any], piece: Passage, words: Sequence[str], row: Vector | None,
           gone: Revision | None) -> Entry:
    label = f"{piece.id}\n{common['document']}\n".encode()
    text = " ".join(words)
    body = common | {"passage": piece.id, "ordinal": piece.ordinal, "words": text or NOTHING, "length": len(words),
                     "card": _packed(label + text.encode())}
    if row is not None:
        body |= {"row": _packed(label + np.asarray(row, np.float32).tobytes()), "vector": _short(row)}
    return _versioned(body, gone, Counter(words))


def _versioned(body: dict[str, Any], gone: Revision | None, often: Mapping[str, int]) -> Entry:
    recorded = body["recorded"]
    if gone is not None:
        body["gone"] = gone
    return Entry(key_of(recorded, body["passage"]), recorded if gone is None else gone, body, recorded, often)


def _common(document: Document, recorded: Revision) -> dict[str, Any]:
    """What all passages of a document have in common."""
    when = document.published
    body: dict[str, Any] = {
        "kind": "passage",
        "document": document.id,
        "publisher": keyword(document.publisher),
        "host": keyword(host_of(document.url)),
        "place": keyword(document.place),
        "language": keyword(document.language),
        "published_lo": MAX_INSTANT if when is None else when.lo,
        "published_hi": MAX_INSTANT if when is None else when.hi,
        "recorded": recorded,
    }
    if when is not None:
        lo, hi = _for_people(when.lo), _for_people(when.hi)
        body["published"] = {"gte": lo, "lt": max(hi, lo + 1)}
    if (point := _point(document)) is not None:
        body["location"] = point
    return body


def _for_people(moment: int) -> int:
    """Milliseconds, within the years that tools can show."""
    return 1000 * min(max(moment, instant(FIRST_YEAR)), instant(LAST_YEAR + 1) - 1)


def _point(document: Document) -> dict[str, float] | None:
    """Where a document was written, where it says so in degrees: keys `lat` and `lon` that came with it."""
    try:
        lat, lon = (float(json.loads(document.extra[name])) for name in ("lat", "lon"))
    except (KeyError, TypeError, ValueError):
        return None
    return {"lat": lat, "lon": lon} if abs(lat) <= 90 and abs(lon) <= 180 else None


def keyword(value: str) -> str:
    """A value as filters compare it: itself, or what stands for one that is too long for the server."""
    return value if len(value) <= LONGEST_KEYWORD else "digest:" + digest(value)


def key_of(recorded: int, passage: str) -> str:
    """The server's id of a passage that was recorded then."""
    key = f"{recorded}/{passage}"
    return key if len(key.encode()) <= LONGEST_ID else f"{recorded}/digest:{digest(passage)}"


def _packed(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode()


def _short(row: Vector) -> list[float]:
    short: list[float] = np.round(np.asarray(row, np.float64), DIGITS).tolist()
    return short


def card_of(packed: str) -> tuple[PassageId, DocumentId, list[str]]:
    """Passage, document and terms, from the column `card`."""
    passage, document, text = a2b_base64(packed).decode().split("\n", 2)
    return PassageId(passage), DocumentId(document), text.split(" ") if text else []


def row_of(packed: str) -> tuple[PassageId, DocumentId, bytes]:
    """Passage, document and the bytes of its vector, from the column `row`."""
    passage, document, data = a2b_base64(packed).split(b"\n", 2)
    return PassageId(passage.decode()), DocumentId(document.decode()), data


def tombstone(hit: Mapping[str, Any], withdrawn: Mapping[DocumentId, Sequence[Revision]]) -> Entry:
    """A stored passage as it is when its document was withdrawn: the same, and gone."""
    body, columns = dict(hit["_source"]), hit["fields"]
    card = columns["card"][0]
    _, document, words = card_of(card)
    body |= {"words": " ".join(words) or NOTHING, "card": card}
    if "row" in columns:
        row = columns["row"][0]
        body |= {"row": row, "vector": _short(np.frombuffer(row_of(row)[2], np.float32))}
    return _versioned(body, first_after(withdrawn[document], body["recorded"]), Counter(words))
