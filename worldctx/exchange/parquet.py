"""Apache Parquet files of what a graph holds at a revision: a typed table for each noun, written in row groups.

Bytes are the same for the same knowledge, told in the same order, with the same version of pyarrow; another version may
encode and name itself differently.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import groupby, takewhile
from pathlib import Path
from types import TracebackType
from typing import Any

from worldctx.exchange.tables import (
    TABLES,
    Column,
    Row,
    document_row,
    entity_rows,
    fact_row,
    judgement_row,
    mention_row,
    passage_row,
    source_row,
)
from worldctx.model.document import Document, Mention, Passage
from worldctx.model.entity import Entity
from worldctx.model.errors import StoreFull, Unsupported
from worldctx.model.fact import Fact
from worldctx.model.ids import DocumentId, EntityId, PassageId, Revision
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import When, parse_when
from worldctx.ports.graph import GraphStore

#: Rows and characters of text of one row group, which is what is held in memory of each table.
ROWS, CHARS = 65_536, 32 * 2**20
#: What a document's line declares as text.
_DECLARED = ("url", "title", "author", "publisher", "language", "place", "section")


def write_tables(graph: GraphStore, revision: Revision, folder: Path, told: Callable[[], None]) -> dict[str, int]:
    """Write all tables into a folder, each as `NAME.parquet`, empty ones too; returns the rows of each.

    Args:
        graph: what is read.
        revision: as of which commit.
        folder: is there, and empty.
        told: called for each row.

    Raises:
        Unsupported: pyarrow is not installed.
        StoreFull: a file cannot be written.
    """
    with ExitStack() as opened:
        files = {name: opened.enter_context(_Table(folder / f"{name}.parquet", columns))
                 for name, columns in TABLES.items()}
        for name, row in _rows(graph, revision):
            files[name].add(row)
            told()
        # Inside, so that a disk that is full at the end is told as one that is full before.
        for file in files.values():
            file.close()
        return {name: file.count for name, file in files.items()}


def _rows(graph: GraphStore, revision: Revision) -> Iterator[tuple[str, Row]]:
    for (noun, _), group in groupby(graph.knowledge(revision), key=_noun):
        if noun is Entity:
            yield from entity_rows([one for one in group if isinstance(one, Entity)])
        elif noun is Source:
            # Each state has all attributes: the last one counts.
            yield "sources", source_row([one for one in group if isinstance(one, Source)][-1])
        else:
            for one in group:
                if isinstance(one, Fact):
                    yield "facts", fact_row(one)
                elif isinstance(one, Judgement):
                    yield "judgements", judgement_row(one)
    with closing(graph.dump(revision)) as lines:  # type: ignore[type-var] # a generator, which holds a reader open
        # Documents come first in the canonical dump: what follows has been read.
        for record in takewhile(lambda one: one["type"] == "document", map(json.loads, lines)):
            yield from _document_rows(record)


def _noun(one: Source | Entity | Fact | Judgement) -> tuple[type, str]:
    return type(one), one.id if isinstance(one, Source | Entity) else ""


def _document_rows(record: dict[str, Any]) -> Iterator[tuple[str, Row]]:
    """The rows of a document's line in the canonical dump."""
    text = record.get("text", "")
    said = {key: record.get(key, "") for key in _DECLARED}
    document = Document(
        DocumentId(record["id"]), text, **said, published=_date(record, "published"),
        modified=_date(record, "modified"), extra=record.get("extra", {}), content_hash=record["content_hash"])
    yield "documents", document_row(document)
    for one in record.get("passages", ()):
        start, end = one["span"]
        piece = Passage(PassageId(one["id"]), document.id, one["ordinal"], start, end, text[start:end])
        yield "passages", passage_row(piece)
    for one in record.get("mentions", ()):
        start, end = one["span"]
        candidates = tuple(map(EntityId, one["candidates"]))
        yield "mentions", mention_row(document.id, Mention(start, end, one["surface"], candidates))


def _date(record: dict[str, Any], key: str) -> When | None:
    return parse_when(record[key], key) if record.get(key) else None


class _Table:
    """A Parquet file that is written as its rows come."""

    def __init__(self, path: Path, columns: tuple[Column, ...]) -> None:
        self._pa, self._pq = _libraries()
        self._columns, self._path = columns, path
        self._schema = self._pa.schema([self._field(one) for one in columns])
        self._rows: list[Row] = []
        self._chars = self.count = 0
        self._file: Any = None
        self._writer: Any = None

    def __enter__(self) -> _Table:
        """Open the file."""
        self._write(self._open)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let go of the file; after an error it is not completed."""
        if self._file is not None:
            if self._writer is not None:
                # It would write a footer when it is collected, into a file that is closed by then.
                self._writer.is_open = False
            self._file.close()

    def add(self, row: Row) -> None:
        """Take a row; now and then a row group goes out."""
        self._rows.append(row)
        self.count += 1
        self._chars += sum([len(cell) for cell in row if isinstance(cell, str)])
        if len(self._rows) >= ROWS or self._chars >= CHARS:
            self._write(self._flush)

    def close(self) -> None:
        """Write what is left, and the footer."""
        self._write(self._complete)

    def _open(self) -> None:
        self._file = self._pa.OSFile(str(self._path), "wb")
        self._writer = self._pq.ParquetWriter(self._file, self._schema, compression="zstd")

    def _flush(self) -> None:
        if self._rows:
            arrays = [self._pa.array(cells, field.type) for cells, field in
                      zip(zip(*self._rows, strict=True), self._schema, strict=True)]
            batch = self._pa.RecordBatch.from_arrays(arrays, schema=self._schema)
            self._writer.write_batch(batch)
            self._rows, self._chars = [], 0

    def _complete(self) -> None:
        self._flush()
        self._writer.close()
        self._file.close()
        self._file = None

    def _write(self, act: Callable[[], None]) -> None:
        try:
            act()
        except OSError as error:
            raise StoreFull(f"{self._path} cannot be written: {error.strerror or error}") from error

    def _field(self, column: Column) -> Any:
        types = {"text": self._pa.string(), "integer": self._pa.int64(), "real": self._pa.float64(),
                 "truth": self._pa.bool_(), "texts": self._pa.list_(self._pa.string()),
                 "pairs": self._pa.map_(self._pa.string(), self._pa.string())}
        return self._pa.field(column.name, types[column.type], nullable=not column.needed)


def _libraries() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise Unsupported("pyarrow is not installed; pip install 'worldctx[parquet]'") from error
    return pa, pq
