"""Erasing from a data directory: what would go, a document, and a source of facts; until no file has any of it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.built import EMBEDDER, build, folder_of
from benchmarks.invention import Invention, Size
from benchmarks.report import Report, run
from worldctx.client.client import connect_blocking
from worldctx.wire.v1 import ingest_pb2

#: Documents that are erased one after the other.
DOCUMENTS = 5
#: Seconds that an erasure may take.
_WAIT_S = 3600.0


def measure(size: Size, directory: Path) -> Report:
    """All rows."""
    report = Report("erasure", size)
    build(directory, size)
    invention = Invention(size)
    documents = [document.id for document, _ in zip(invention.documents(), range(DOCUMENTS), strict=False)]
    source = invention.sources[0].id
    with TemporaryDirectory(dir=directory) as folder:
        copy = Path(folder) / "world"
        shutil.copytree(folder_of(directory, size) / "world", copy)
        with connect_blocking(f"embedded:{copy}", embedder=EMBEDDER, timeout_s=_WAIT_S) as client:
            began = time.perf_counter()
            closure = client.erase(ingest_pb2.EraseRequest(sources=[source], dry_run=True))
            report.figure("what would go with a source", "s", time.perf_counter() - began)
            report.figure("facts that go with it", "facts", _gone(closure, "facts"))
            for document in documents:
                began = time.perf_counter()
                client.erase(ingest_pb2.EraseRequest(document=document))
                report.figure(f"the document {document}, until no file has it", "s", time.perf_counter() - began)
            began = time.perf_counter()
            client.erase(ingest_pb2.EraseRequest(sources=[source]))
            report.figure("the source, until no file has it", "s", time.perf_counter() - began)
            assert not client.verify().problems
    return report


def _gone(closure: ingest_pb2.EraseResponse, kind: str) -> int:
    return sum(one.gone for one in closure.kinds if one.kind == kind)


if __name__ == "__main__":
    run(__doc__ or "", measure)
