"""What every importer of a foreign format promises: input records one by one, each with what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from worldctx.exchange.facts import Line
from worldctx.model.errors import BadInput


@dataclass(frozen=True, slots=True)
class Taken:
    """One input record and what became of it: lines, a reason why it was left out, or an error; not two of them.

    Attributes:
        number: place of the record in its file, from 1; the number of its line where records are lines.
        lines: what it makes, in any order; facts as `facts.read_record` gives them, before `resolve_known`.
        skipped: why it was left out on purpose, in a few words that many records share ("not in the filter file").
        error: why it cannot be taken; the message names the file and the line or record, and the field.
        raw: the record as it stands in the file, as far as that is at hand, where there is an error.
        read: bytes of the file as stored that were read so far.
        size: bytes of the file as stored; 0 where it is not known.
        left_out: parts of a record that was taken which were left out, by reason ("deprecated rank": 2).
        path: the file that it stands in, where that is another than the one that was asked for.
    """

    number: int
    lines: tuple[Line, ...] = ()
    skipped: str = ""
    error: BadInput | None = None
    raw: str = ""
    read: int = 0
    size: int = 0
    left_out: tuple[tuple[str, int], ...] = ()
    path: Path | None = None


class Importer(Protocol):
    """A foreign format. Reads with bounded memory, whatever the size of the file, and the same way each time."""

    @property
    def name(self) -> str:
        """Name and version of the method, `wikidata@1`: what its facts say of how they were got."""
        ...

    @property
    def choices(self) -> str:
        """All options that change what is made, as one text: an import that was broken off goes on only under them."""
        ...

    def begin(self) -> Iterator[Line]:
        """Sources and whatever else must be there before the first record; told again each time."""
        ...

    def records(self, path: Path, after: int = 0) -> Iterator[Taken]:
        """The records of a file in their order, without the first `after` ones, passed over as cheaply as can be.

        What is wrong with one record stands in its place; damage to the file is one last error after which nothing
        can be read. Every input record gives exactly one `Taken`, so that `after` counts them.

        Raises:
            BadInput: the file cannot be opened, or is none of this format.
        """
        ...
