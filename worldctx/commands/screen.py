"""What a person sees: results on standard output, everything else (progress, complaints) on standard error."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from worldctx.console.answer import printable

#: Ids have colons: of `rail:tram: light rail` no picture of a tram is to be made.
out, err = (Console(stderr=stderr, soft_wrap=True, highlight=False, emoji=False) for stderr in (False, True))
#: Complaints about single records that are printed one by one; the rest is counted.
COMPLAINTS = 200


#: They log each try at a server that is down; what came of it is told as an error of ours.
DRIVERS = ("neo4j", "elastic_transport")


class Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f}/s")


@contextmanager
def progress(unit: str, total: float | None = None) -> Iterator[Shown]:
    """A progress bar on a terminal; silent elsewhere.

    Args:
        unit: what is counted, `documents`.
        total: how many there are, None where that is not known.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as bar:
        yield Shown(bar, unit, total)


class Shown:
    """One running progress bar."""

    def __init__(self, bar: Progress, unit: str, total: float | None) -> None:
        self._bar, self._task = bar, bar.add_task(unit, total=total)

    def advance(self, count: int = 1) -> None:
        """So many more are done."""
        self._bar.advance(self._task, count)

    def at(self, done: float, total: float | None = None, unit: str | None = None) -> None:
        """So many are done in all."""
        self._bar.update(self._task, completed=done, total=total, description=unit)


class Complaints:
    """Problems with single records: printed as they come, counted, and kept for the summary."""

    def __init__(self) -> None:
        self.kept: list[dict[str, Any]] = []
        self.count = 0

    def add(self, where: str, reason: str) -> None:
        """One more: where it stands (`news.jsonl: line 12`) and what is wrong with it."""
        self.count += 1
        if self.count > COMPLAINTS:
            return
        self.kept.append({"where": where, "reason": reason})
        complain(f"{where}: {reason}" if where else reason)

    def close(self) -> None:
        """Say how many were not printed."""
        if self.count > COMPLAINTS:
            complain(f"and {self.count - COMPLAINTS:,} more like these")


def complain(message: str) -> None:
    """One line on standard error, begun by the name of the program."""
    err.print(f"worldctx: {printable(' '.join(message.splitlines()))}", markup=False)


def log_briefly(*, full: bool = False) -> None:
    """Log to standard error: one line each for people; for operators in full, with the time and where it stands."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        logging.Formatter("%(asctime)s worldctx: %(levelname)s %(name)s: %(message)s") if full else _Brief()
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for driver in DRIVERS:
        logging.getLogger(driver).setLevel(logging.CRITICAL)


class _Brief(logging.Formatter):
    """A surprise in one line: what it was and what it said."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        words = f"{record.getMessage()}{f': {type(error).__name__}: {error}' if error else ''}"
        return f"worldctx: {record.levelname} {record.name}: {' '.join(words.splitlines())}"


def write_json(record: Any) -> None:
    """One line of JSON on standard output."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def say(record: Mapping[str, Any], *, as_json: bool) -> None:
    """A result: one line of JSON for machines, or its fields one by one for people."""
    if as_json:
        write_json(dict(record))
        return
    for key, value in record.items():
        words = key.replace("_", " ")
        if isinstance(value, Mapping):
            out.print(f"{words}:", markup=False)
            for name, one in value.items():
                out.print(f"  {name}: {figure(one)}", markup=False)
        elif isinstance(value, list):
            out.print(f"{words}: {'none' if not value else ''}", markup=False)
            for one in value:
                out.print(f"  {one}", markup=False)
        else:
            out.print(f"{words}: {figure(value)}", markup=False)


def show_listed(told: Mapping[str, str], *, as_json: bool) -> None:
    """What comes along by name, and what each is about."""
    if as_json:
        write_json(dict(told))
        return
    for name, about in told.items():
        out.print(f"{name}: {about}", markup=False)


def figure(value: Any) -> str:
    """A number with its thousands apart; anything else as it is."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
