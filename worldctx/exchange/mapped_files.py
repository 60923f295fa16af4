"""Users' own files as an importer, by a mapping file: see mapping.Mapping."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from worldctx.exchange.facts import Line
from worldctx.exchange.importer import Taken
from worldctx.exchange.mapping import Mapping
from worldctx.model.errors import BadInput
from worldctx.model.ids import digest


class MappedFiles:
    """An importer of files and folders that belong together; what a rule makes of a row is a record.

    Args:
        mapping: what the rows mean.
        paths: files and folders. One rule may read several of them, so that they are read as one; only a single file
            is known again when an import of it was broken off.
    """

    def __init__(self, mapping: Mapping, paths: Sequence[Path]) -> None:
        self._mapping, self._paths = mapping, paths
        self.name = f"map:{mapping.declared.name}"
        self.choices = digest(mapping.text)
        self.parts = list(paths) if len(paths) == 1 else [Path("files")]

    def begin(self) -> Iterator[Line]:
        """See Importer: the mapping's own sources."""
        return iter(self._mapping.declared.sources)

    def records(self, path: Path, after: int = 0) -> Iterator[Taken]:
        """See Importer."""
        done = [0, 0]
        rows = self._mapping.rows(self._paths, lambda *at: done.__setitem__(slice(None), at))
        for number, one in islice(enumerate(rows, 1), after, None):
            if isinstance(one, BadInput):
                yield Taken(number, error=one, read=done[0], size=done[1])
            elif one.path is not None:
                yield Taken(one.number, (one.line,), read=done[0], size=done[1], path=one.path)
            else:
                yield Taken(number)  # a source of the mapping: told already
