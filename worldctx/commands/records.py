"""Records of files on their way in: sent in batches, counted, and kept in a file where they were refused."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from worldctx.client.apart import each_apart
from worldctx.client.client import BlockingClient
from worldctx.commands.screen import Complaints, Shown, complain
from worldctx.exchange.jsonl import Line, lines
from worldctx.exchange.streams import STDIN, name_of
from worldctx.model.errors import BadInput

A = TypeVar("A")
#: Records and bytes of one commit: the service takes messages of 64 MiB.
BATCH, BATCH_BYTES = 100, 16 * 2**20


class Records(ABC, Generic[A]):
    """The records of files on one way in; A is what is answered for each.

    Attributes:
        counts: what became of the records, in words.
        revision: the newest that is known to hold some of them.
        kept_in: file of those that were refused; empty while there are none.
    """

    def __init__(self, target: Path | None, words: Sequence[str]) -> None:
        self.complaints = Complaints()
        self.counts = dict.fromkeys(words, 0)
        self.revision = 0
        self.kept_in = ""
        self._target, self._not_kept = target, False

    @abstractmethod
    def sent(self, client: BlockingClient, some: Sequence[Line]) -> Iterator[A]:
        """Send records; what is answered for each, in order."""

    @abstractmethod
    def refusal(self, line: Line, error: BadInput) -> A:
        """The answer for a record that the service would not even read."""

    @abstractmethod
    def acknowledged(self, path: Path, line: Line, answer: A) -> None:
        """Take the answer for a record into account."""

    def file(self, client: BlockingClient, path: Path, bar: Shown) -> None:
        """All records of one file."""
        for batch in _batches(_lines(path)):
            good = [one for one in batch if isinstance(one, Line)]
            found = each_apart(lambda some: self.sent(client, some), good, self.refusal)
            answers = dict(zip((line.number for line in good), found, strict=True))
            for one in batch:
                if isinstance(one, BadInput):
                    self.refuse(path, None, one.message)
                else:
                    self.acknowledged(path, one, answers[one.number])
            if good:
                bar.at(good[-1].read, good[-1].size or None, f"{name_of(path)}: {self.words()}")

    def words(self) -> str:
        """The counts in words."""
        return ", ".join(f"{count:,} {word}" for word, count in self.counts.items())

    def refuse(self, path: Path, line: Line | None, reason: str) -> None:
        """Count a record that was refused, say why, and keep it."""
        self.counts["refused"] += 1
        self.complaints.add("" if line is None else f"{name_of(path)}: line {line.number}", reason)
        if line is not None:
            target = Path(self.kept_in) if self.kept_in else self._target or _free_name(path)
            try:
                with target.open("ab") as file:
                    file.write(line.data + b"\n")
                self.kept_in = str(target)
            except OSError as error:
                if not self._not_kept:
                    complain(f"refused records are named here only, {target} cannot be written: {error.strerror}")
                self._not_kept = True


def _lines(path: Path) -> Iterator[Line | BadInput]:
    """The lines of a file; one that cannot be opened is one complaint, and the next file comes."""
    try:
        yield from lines(path)
    except BadInput as error:
        yield error


def _batches(found: Iterator[Line | BadInput]) -> Iterator[Sequence[Line | BadInput]]:
    batch: list[Line | BadInput] = []
    size = 0
    for one in found:
        batch.append(one)
        size += len(one.data) if isinstance(one, Line) else 0
        if len(batch) == BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _free_name(path: Path) -> Path:
    """`<name>.refused.jsonl` in this folder, or the next free number of it: what is kept there stays."""
    stem = "stdin" if path == STDIN else path.name
    for suffix in (".gz", ".zst", ".jsonl", ".json", ".refused"):
        stem = stem.removesuffix(suffix)
    number = 1
    while (found := Path(f"{stem}.refused{'' if number == 1 else f'.{number}'}.jsonl")).exists():
        number += 1
    return found
