"""Sending knowledge: lines of the facts format in large batches, with where each came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn

import typer

from worldctx.client.client import BlockingClient
from worldctx.commands.catching_up import catch_up
from worldctx.commands.screen import Complaints, progress, say
from worldctx.model.errors import BadInput

#: Lines and characters of one commit; the service takes 100,000 lines and 64 MiB.
LINES, CHARS = 10_000, 8 * 2**20
#: Called for the bytes read and the bytes there are, where the caller knows them.
Read = Callable[[], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class FactText:
    """A line of the facts format and where it stands, `world.jsonl: line 12`."""

    where: str
    text: str


@dataclass(slots=True)
class Total:
    """What an import wrote."""

    counts: dict[str, int] = field(
        default_factory=lambda: {
            "sources": 0, "entities": 0, "facts": 0, "judgements": 0, "unchanged": 0, "refused": 0, "revision": 0,
        }
    )
    complaints: Complaints = field(default_factory=Complaints)

    def refuse(self, where: str, reason: str) -> None:
        """Count and report a line that was not taken."""
        self.counts["refused"] += 1
        self.complaints.add(where, reason)


def send(
    client: BlockingClient,
    found: Iterable[FactText | BadInput],
    *,
    as_json: bool,
    wait: bool = True,
    read: Read | None = None,
) -> None:
    """Send lines, report refused ones, wait for the index, print the sum; exit code 1 when a line was refused.

    Lines may come in any order within a commit; a fact needs its source in the same commit or an earlier one, so
    sources are sent first by the callers that read whole files.
    """
    total = Total()
    with progress("lines") as bar:
        for group in _groups(_good(found, total)):
            _batch(client, group, total)
            if read is None:
                bar.advance(len(group))
            else:
                bar.at(*read(), "bytes")
    if wait and total.counts["revision"]:
        catch_up(client, total.counts["revision"])
    finish(total, as_json=as_json)


def finish(total: Total, *, as_json: bool) -> NoReturn:
    """Print the sum and end: with exit code 1 when a line was refused."""
    total.complaints.close()
    refused = {"refused_lines": total.complaints.kept} if as_json and total.complaints.count else {}
    say({**total.counts, **refused}, as_json=as_json)
    raise typer.Exit(1 if total.counts["refused"] else 0)


def _groups(found: Iterable[FactText]) -> Iterator[list[FactText]]:
    group: list[FactText] = []
    size = 0
    for one in found:
        if group and (len(group) == LINES or size + len(one.text) > CHARS):
            yield group
            group, size = [], 0
        group.append(one)
        size += len(one.text)
    if group:
        yield group


def _good(found: Iterable[FactText | BadInput], total: Total) -> Iterator[FactText]:
    for one in found:
        if isinstance(one, BadInput):
            total.refuse("", one.message)
        else:
            yield one


def _batch(client: BlockingClient, group: list[FactText], total: Total) -> None:
    receipt = client.write_facts([one.text for one in group])
    written = 0
    for key in ("sources", "entities", "facts", "judgements"):
        count = int(getattr(receipt, key))
        total.counts[key] += count
        written += count
    total.counts["unchanged"] += max(0, len(group) - written - len(receipt.refused))
    total.counts["revision"] = int(receipt.revision)
    for one in receipt.refused:
        total.refuse(group[one.line - 1].where, one.error.message.removeprefix(f"line {one.line}: "))
