"""The columns that follow the tables, and the folder that keeps them for the next start."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sqlite3
import threading
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worldctx.graph.columns import Columns, Facts, Lines
from worldctx.graph.schema import TOTALS
from worldctx.model.errors import StoreFull

FOLDER = "columns"
#: Written into every folder; one with another number is made anew.
VERSION = 2
#: So many rows read from the tables are worth a folder: they take half a second.
KEEP_FROM = 100_000

_LOG = logging.getLogger(__name__)
#: What tells the tables that columns were read from: the commit they reach to with its totals, and their last fact.
_ANCHOR = f"""SELECT {", ".join(TOTALS)}, (SELECT id FROM facts WHERE row = ?) FROM commits WHERE revision = ?"""


class Image:
    """The newest columns of one store. Readers take what they need from it, and it follows the tables when they do."""

    def __init__(self, directory: Path, *, read_only: bool) -> None:
        """An image of the tables in a data directory; `read_only` leaves the folder as it is."""
        self._folder, self._read_only = directory / FOLDER, read_only
        self._columns = Columns()
        self._turn = threading.Lock()

    def at(self, connection: sqlite3.Connection, revision: int) -> Columns:
        """Columns that hold a committed revision; `connection` is inside a read transaction."""
        columns = self._columns
        if columns.through >= revision:
            return columns
        with self._turn:
            before = self._columns
            if before.through < revision:
                self._columns = before.followed(connection)
                if not self._read_only and self._columns.last_fact - before.last_fact >= KEEP_FROM:
                    self._keep(self._columns, connection)
            return self._columns

    def drop(self) -> None:
        """Take the kept columns away: something is about to be erased.

        Raises:
            StoreFull: they cannot be removed.
        """
        try:
            for folder in (self._folder, self._folder.with_name(f"{FOLDER}.partial")):
                if folder.exists():
                    shutil.rmtree(folder)
        except OSError as error:
            raise StoreFull(f"the columns in {self._folder} cannot be removed: {error.strerror}; nothing was erased"
                            ) from error

    def open(self, connection: sqlite3.Connection) -> None:
        """Take up the kept columns, before the first commit: tables that went back are told only until they go on."""
        self._columns = self._opened(connection)

    def _opened(self, connection: sqlite3.Connection) -> Columns:
        """The kept columns; empty ones when there are none, or none of these tables."""
        try:
            # A folder has the number of its revision and never changes: one that is replaced meanwhile is not mixed up.
            folder = max((one for one in self._folder.iterdir() if one.name.isdigit()), key=lambda one: int(one.name))
            told = json.loads((folder / "image.json").read_text(encoding="utf-8"))
            if told["version"] != VERSION or told["anchor"] != _anchor(connection, told["last_fact"], told["through"]):
                raise ValueError("of other tables")
            facts = Facts(**{one.name: _mapped(folder / f"facts.{one.name}.npy") for one in fields(Facts)})
            lines = Lines(**{one.name: _mapped(folder / f"lines.{one.name}.npy") for one in fields(Lines)})
        except FileNotFoundError:
            return Columns()
        except (OSError, ValueError, KeyError, TypeError) as error:
            _LOG.info("the columns in %s are made anew: %s", self._folder, error)
            if not self._read_only:
                # Tables of a backup may reach to the same commit again, by other ways.
                shutil.rmtree(self._folder, ignore_errors=True)
            return Columns()
        return Columns(told["through"], (facts,), (lines,) if len(lines) else ())

    def _keep(self, columns: Columns, connection: sqlite3.Connection) -> None:
        """Write the columns into a folder of their own; what fails costs the next start its time and nothing else."""
        partial = self._folder.with_name(f"{FOLDER}.partial")
        whole = columns.joined()
        try:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            for prefix, layers in (("facts", whole.facts), ("lines", whole.lines)):
                for layer in layers:
                    for one in fields(layer):
                        with (partial / f"{prefix}.{one.name}.npy").open("wb") as file:
                            np.save(file, getattr(layer, one.name))
                            os.fsync(file.fileno())
            told = {"version": VERSION, "through": whole.through, "last_fact": whole.last_fact,
                    "anchor": _anchor(connection, whole.last_fact, whole.through)}
            with (partial / "image.json").open("w", encoding="utf-8") as file:
                json.dump(told, file)
                file.flush()
                os.fsync(file.fileno())
            self._folder.mkdir(exist_ok=True)
            kept = self._folder / str(whole.through)
            shutil.rmtree(kept, ignore_errors=True)
            partial.rename(kept)
            for old in self._folder.iterdir():
                if old != kept and old.name.isdigit():
                    shutil.rmtree(old, ignore_errors=True)
        except OSError as error:
            shutil.rmtree(partial, ignore_errors=True)
            _LOG.warning("the columns are not kept in %s, the next start takes longer: %s", self._folder, error)


def _anchor(connection: sqlite3.Connection, last_fact: int, through: int) -> list[Any] | None:
    row = connection.execute(_ANCHOR, (last_fact, through)).fetchone()
    return None if row is None else list(row)


def _mapped(path: Path) -> NDArray[Any]:
    """A column that stays in its file until it is looked at.

    As a plain array: each small step on numpy's own class for mapped files takes several times as long.
    """
    return np.asarray(np.load(path, mmap_mode="r"))
