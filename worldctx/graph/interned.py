"""Texts and dates that rows name by number, remembered in memory as far as readers used them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from worldctx.model.clocks import Basis, Known
from worldctx.model.entity import Entity, Name
from worldctx.model.time import ALWAYS, Interval, When

#: Entries of each memory before it starts anew: some 15 MB each when full of ids.
REMEMBERED = 1 << 17

#: Entities remembered with their names, some 2 KB each, and names remembered alone, some 300 bytes of one entity.
ENTITIES, NAMED = 1 << 13, 1 << 15

#: `facts.basis` holds the place in this list. The first two are `model.clocks.DECLARED`.
BASES = (Basis.STATED, Basis.SOURCE, Basis.VALID_START, Basis.UNSTATED)

#: CROSS JOIN: the list first, or SQLite may go through all texts for each of its items.
_NUMBERS = "SELECT t.text, t.id FROM json_each(?) j CROSS JOIN terms t WHERE t.text = j.value"
_TEXTS = "SELECT t.id, t.text FROM json_each(?) j CROSS JOIN terms t WHERE t.id = j.value"

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def remember(memory: dict[K, V], key: K, value: V, most: int = REMEMBERED) -> V:
    """Keep a value; a full memory is emptied first. Safe in any thread: entries never change."""
    if len(memory) >= most:
        memory.clear()
    memory[key] = value
    return value


def is_storable(text: str) -> bool:
    """Whether the text has a UTF-8 form: a lone surrogate has none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class Interned:
    """What committed numbers stand for. Only committed rows get in, so that nothing here is ever wrong."""

    def __init__(self) -> None:
        #: Something was erased: all this may be of it. Set while nobody reads.
        self.gone = False
        self.numbers: dict[str, int] = {}
        self.texts: dict[int, str] = {}
        self.dates: dict[When, int] = {}
        self.moments: dict[int, When] = {}
        self.intervals: dict[tuple[int | None, int | None], Interval] = {}
        #: By id and the last revision that told anything of an entity: what is read there never changes.
        self.entities: dict[tuple[str, int], Entity] = {}
        #: Likewise, names without the rest.
        self.names: dict[tuple[str, int], tuple[Name, ...]] = {}
        self.knowns: dict[tuple[int | None, int, int | None], Known] = {}

    def number(self, connection: sqlite3.Connection, text: str) -> int | None:
        """The number of a text, None when no row names it."""
        number = self.numbers.get(text)
        if number is None and is_storable(text):
            row = connection.execute("SELECT id FROM terms WHERE text = ?", (text,)).fetchone()
            if row is not None:
                number = remember(self.numbers, text, int(row[0]))
        return number

    def number_all(self, connection: sqlite3.Connection, texts: Iterable[str]) -> dict[str, int]:
        """The numbers of those texts that rows name: one statement for all that are not remembered."""
        found, missing = {}, []
        for text in texts:
            number = self.numbers.get(text)
            if number is not None:
                found[text] = number
            elif is_storable(text) and "\0" not in text:  # SQLite's JSON ends a text there
                missing.append(text)
            elif (number := self.number(connection, text)) is not None:
                found[text] = number
        if missing:
            for text, number in connection.execute(_NUMBERS, (json.dumps(missing),)):
                found[text] = remember(self.numbers, text, number)
        return found

    def text_all(self, connection: sqlite3.Connection, numbers: Sequence[int]) -> list[str]:
        """The texts of numbers that rows name, in their order, likewise."""
        found = [self.texts.get(number) for number in numbers]
        missing = [number for number, text in zip(numbers, found, strict=True) if text is None]
        if not missing:
            return [text for text in found if text is not None]
        read = {number: remember(self.texts, number, text)
                for number, text in connection.execute(_TEXTS, (json.dumps(missing),))}
        return [read[number] if text is None else text for number, text in zip(numbers, found, strict=True)]

    def text(self, connection: sqlite3.Connection, number: int) -> str:
        """The text of a number that a row names."""
        text = self.texts.get(number)
        if text is None:
            (text,) = connection.execute("SELECT text FROM terms WHERE id = ?", (number,)).fetchone()
            remember(self.texts, number, str(text))
        return str(text)

    def moment(self, connection: sqlite3.Connection, number: int | None) -> When | None:
        """The date of a number; None for none."""
        if number is None:
            return None
        when = self.moments.get(number)
        if when is None:
            row = connection.execute("SELECT edtf, lo, hi FROM moments WHERE id = ?", (number,)).fetchone()
            when = remember(self.moments, number, When(*row))
        return when

    def interval(self, connection: sqlite3.Connection, start: int | None, end: int | None) -> Interval:
        """The interval between two numbered dates."""
        if start is None and end is None:
            return ALWAYS
        found = self.intervals.get((start, end))
        if found is None:
            made = Interval(self.moment(connection, start), self.moment(connection, end))
            found = remember(self.intervals, (start, end), made)
        return found

    def known(self, connection: sqlite3.Connection, since: int | None, basis: int, end_since: int | None) -> Known:
        """The publication that two numbered dates and a place in BASES describe."""
        key = (since, basis, end_since)
        found = self.knowns.get(key)
        if found is None:
            made = Known(self.moment(connection, since), BASES[basis], self.moment(connection, end_since))
            found = remember(self.knowns, key, made)
        return found


class Interning:
    """Numbers for one transaction: those of the committed rows, and fresh ones that count only once it commits."""

    #: Values in one SELECT; the statement is prepared once for each length used.
    CHUNK = 400

    def __init__(self, connection: sqlite3.Connection, interned: Interned) -> None:
        self._connection, self._interned = connection, interned
        self._fresh: dict[str, int] = {}
        self._found: dict[str, int] = {}
        self._moments: dict[When, int] = {}
        self._before: int
        (self._before,) = connection.execute("SELECT coalesce(max(id), 0) FROM terms").fetchone()

    def intern(self, texts: Iterable[str]) -> None:
        """Give every text a number."""
        numbers, found = self._interned.numbers, self._found
        wanted = []
        for text in set(texts):
            number = numbers.get(text)
            if number is None:
                wanted.append(text)
            else:
                found[text] = number  # kept here too: the memory may be emptied by a reader meanwhile
        wanted.sort()
        for first in range(0, len(wanted), self.CHUNK):
            chunk = wanted[first:first + self.CHUNK]
            marks = ",".join("?" * len(chunk))
            found.update(self._connection.execute(f"SELECT text, id FROM terms WHERE text IN ({marks})", chunk))
        fresh = [text for text in wanted if text not in found]
        self._fresh.update(zip(fresh, range(self._before + 1, self._before + 1 + len(fresh)), strict=True))
        self._connection.executemany("INSERT INTO terms (text, id) VALUES (?, ?)", self._fresh.items())
        found.update(self._fresh)

    def number(self, text: str) -> int:
        """The number of a text that was given to `intern`."""
        return self._found[text]

    def number_or_none(self, text: str | None) -> int | None:
        """Likewise; None and the empty text have none."""
        return self._found[text] if text else None

    def is_fresh(self, number: int) -> bool:
        """Whether the text is new with this transaction, so that no committed row can name it."""
        return number > self._before

    def moment(self, when: When | None) -> int | None:
        """The number of a date, given one when it has none."""
        if when is None:
            return None
        number = self._moments.get(when)
        if number is None:
            self._moments[when] = number = self._interned.dates.get(when) or self._number_of(when)
        return number

    def _number_of(self, when: When) -> int:
        values = (when.edtf, when.lo, when.hi)
        row = self._connection.execute("SELECT id FROM moments WHERE edtf = ? AND lo = ? AND hi = ?",
                                       values).fetchone()
        if row is not None:
            return int(row[0])
        return self._connection.execute("INSERT INTO moments (edtf, lo, hi) VALUES (?, ?, ?)", values).lastrowid or 0

    def committed(self) -> None:
        """The transaction is durable: its numbers may be remembered."""
        for text, number in self._fresh.items():
            remember(self._interned.numbers, text, number)
        for when, number in self._moments.items():
            remember(self._interned.dates, when, number)
