"""A folder that files of documents are put into."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

from worldctx.exchange.jsonl import lines
from worldctx.model.errors import BadInput

log = logging.getLogger(__name__)
SUFFIXES = (".jsonl", ".jsonl.gz", ".jsonl.zst")
#: A file that was written to less than so many seconds ago may not be whole yet.
SETTLED_S = 2.0


class Folder:
    """Reads each file again only when it has changed since; after a new start once more, which has no effect."""

    def __init__(self, folder: Path, settled_s: float = SETTLED_S) -> None:
        self._folder, self._settled = folder, settled_s
        self._seen: dict[Path, tuple[int, int]] = {}
        self._read: dict[Path, tuple[int, int]] = {}

    def read(self) -> Iterator[bytes]:
        """The lines of new and changed files, by name.

        Raises:
            BadInput: there is no such folder.
        """
        self._read.clear()
        if not self._folder.is_dir():
            raise BadInput.at("folder", f"{self._folder} is no folder")
        for path in sorted(self._folder.iterdir()):
            if not path.name.endswith(SUFFIXES) or not path.is_file():
                continue
            stat = path.stat()
            mark = (stat.st_size, stat.st_mtime_ns)
            if self._seen.get(path) == mark or time.time() - stat.st_mtime < self._settled:
                continue
            yield from _lines(path)
            self._read[path] = mark

    def taken(self) -> None:
        """The files that were read need not be read again."""
        self._seen |= self._read


def _lines(path: Path) -> Iterator[bytes]:
    for line in lines(path):
        if isinstance(line, BadInput):
            log.warning("%s", line.message)
        else:
            yield line.data
