"""Which ids are read as one: external ids that entities carry, and judgements, as of a revision.

Two ids are linked when one carries the other as an external id or the latest judgement on the pair says "same"; a
latest judgement of "not the same" or "unsure" cuts the link. Linked ids are one, and so are two entities that share
an external id without an entry of its own, unless the pair itself was judged apart. An external id that entities
judged apart both carry is read as the one whose id is smallest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from worldctx.graph.interned import Interned, remember

K = TypeVar("K", int, str)

#: Whether an id is carried by another, was judged, has no entry of its own, or carries an id of which this is true.
_TIED = """SELECT NOT EXISTS (SELECT 1 FROM entities WHERE id = :id AND recorded <= :revision)
    OR EXISTS (SELECT 1 FROM same_as WHERE external = :id)
    OR EXISTS (SELECT 1 FROM judgements WHERE low = :id) OR EXISTS (SELECT 1 FROM judgements WHERE high = :id)
    OR EXISTS (SELECT 1 FROM same_as s WHERE s.entity = :id AND (
        EXISTS (SELECT 1 FROM same_as o WHERE o.external = s.external AND o.entity != :id)
        OR EXISTS (SELECT 1 FROM entities e WHERE e.id = s.external)
        OR EXISTS (SELECT 1 FROM same_as o WHERE o.entity = s.external)
        OR EXISTS (SELECT 1 FROM judgements WHERE low = s.external)
        OR EXISTS (SELECT 1 FROM judgements WHERE high = s.external)))"""


class Links(Protocol[K]):
    """What ties ids at one revision, as a store holds it; `K` is how it writes an id."""

    def linked(self, key: K) -> Mapping[K, bool]:
        """Ids that a link or a judgement ties to this one; False where the latest judgement holds them apart."""
        ...

    def has_entry(self, key: K) -> bool:
        """Whether an entity line told of it."""
        ...

    def text(self, key: K) -> str:
        """The id itself."""
        ...


def group_of(key: K, links: Links[K]) -> tuple[str, list[K], list[K]]:
    """The ids that are read as one with an id.

    Returns:
        The canonical id (the smallest that has an entry of its own, else the smallest), the ids with entries of their
        own, by id, and the external ids of the group.
    """
    return _Walk(links).group(key)


@dataclass(frozen=True, slots=True)
class Group:
    """Ids read as one.

    Attributes:
        canonical: the smallest id that has an entry of its own, else the smallest.
        members: (id, number) of those with entries of their own, by id.
        numbers: the numbers of all, external ids included; facts about any of them are about the group.
    """

    canonical: str
    members: tuple[tuple[str, int], ...]
    numbers: tuple[int, ...]


class Sameness:
    """Groups, remembered for as long as no commit adds a link, an entity or a judgement."""

    def __init__(self, interned: Interned) -> None:
        self._interned = interned
        self._groups: dict[tuple[int, int], Group] = {}

    def group(self, connection: sqlite3.Connection, number: int, revision: int, epoch: int) -> Group:
        """The group of a numbered id at a revision.

        Args:
            epoch: revisions with the same epoch have the same groups.
        """
        found = self._groups.get((epoch, number))
        if found is None:
            found = self._alone(connection, number, revision)
            if found is None:
                links = _Tables(connection, self._interned, revision)
                canonical, entries, externals = group_of(number, links)
                found = Group(canonical, tuple((links.text(one), one) for one in entries),
                              (*entries, *sorted(externals)))
            remember(self._groups, (epoch, number), found)
        return found

    def _alone(self, connection: sqlite3.Connection, number: int, revision: int) -> Group | None:
        """The group of an entity that nothing ties to another at any revision, as most are; None to walk the links."""
        values = {"id": number, "revision": revision}
        if connection.execute(_TIED, values).fetchone()[0]:
            return None
        text = self._interned.text(connection, number)
        externals = connection.execute("SELECT external FROM same_as WHERE entity = :id AND recorded <= :revision",
                                       values)
        return Group(text, ((text, number),), (number, *sorted(row[0] for row in externals)))


class _Walk(Generic[K]):
    """One walk through the links at one revision."""

    def __init__(self, links: Links[K]) -> None:
        self._links: Links[K] = links

    def group(self, key: K) -> tuple[str, list[K], list[K]]:
        if self._links.has_entry(key):
            return self._group_of(*self._closure(key))
        carriers, externals = self._reach(key)
        if not carriers:
            return self._group_of(set(), externals)
        closures = [self._closure(carrier) for carrier in sorted(carriers)]
        return self._group_of(*min(closures, key=lambda found: self._smallest(found[0])))

    def _group_of(self, entries: set[K], externals: set[K]) -> tuple[str, list[K], list[K]]:
        members = sorted(entries, key=self._links.text)
        own = [key for key in externals if not entries or self._belongs(key, entries)]
        canonical = self._links.text(members[0]) if members else min(map(self._links.text, own))
        return canonical, members, own

    def _belongs(self, external: K, entries: set[K]) -> bool:
        """Whether an external id is read as this group and not as another that carries it too."""
        others = self._reach(external)[0] - entries
        return not others or self._smallest(entries) <= min(self._smallest(self._closure(n)[0]) for n in others)

    def _smallest(self, entries: set[K]) -> str:
        return min(map(self._links.text, entries))

    def _closure(self, entry: K) -> tuple[set[K], set[K]]:
        """All entries linked with one, and the external ids met on the way."""
        entries, externals, queue = {entry}, set[K](), [entry]
        while queue:
            current = queue.pop()
            reached, passed = self._reach(current)
            externals |= passed
            fresh = {other for other in reached - entries if self._links.linked(current).get(other, True)}
            entries |= fresh
            queue.extend(fresh)
        return entries, externals

    def _reach(self, key: K) -> tuple[set[K], set[K]]:
        """Entries reached from an id through external ids only, and those external ids (and itself, if it is one)."""
        entries, externals, queue = set[K](), set[K](), [key]
        if not self._links.has_entry(key):
            externals.add(key)
        while queue:
            for other, same in self._links.linked(queue.pop()).items():
                if not same or other == key:
                    continue
                if self._links.has_entry(other):
                    entries.add(other)
                elif other not in externals:
                    externals.add(other)
                    queue.append(other)
        return entries, externals


class _Tables:
    """The links as the tables of SQLite hold them, by number."""

    def __init__(self, connection: sqlite3.Connection, interned: Interned, revision: int) -> None:
        self._connection, self._interned, self._revision = connection, interned, revision
        self._links: dict[int, dict[int, bool]] = {}
        self._entries: dict[int, bool] = {}

    def linked(self, key: int) -> Mapping[int, bool]:
        """See Links."""
        found = self._links.get(key)
        if found is None:
            values = {"id": key, "revision": self._revision}
            found = {row[0]: True for row in self._connection.execute(
                """SELECT external FROM same_as WHERE entity = :id AND recorded <= :revision UNION ALL
                   SELECT entity FROM same_as WHERE external = :id AND recorded <= :revision""", values)}
            # By row, that is in the order in which they were recorded: the last one on a pair stays.
            found |= {other: bool(same) for _, other, same in self._connection.execute(
                """SELECT row, high, same FROM judgements WHERE low = :id AND recorded <= :revision UNION ALL
                   SELECT row, low, same FROM judgements WHERE high = :id AND recorded <= :revision
                   ORDER BY 1""", values)}
            self._links[key] = found
        return found

    def has_entry(self, key: int) -> bool:
        """See Links."""
        found = self._entries.get(key)
        if found is None:
            found = self._entries[key] = self._connection.execute(
                "SELECT 1 FROM entities WHERE id = ? AND recorded <= ? LIMIT 1",
                (key, self._revision)).fetchone() is not None
        return found

    def text(self, key: int) -> str:
        """See Links."""
        return self._interned.text(self._connection, key)
