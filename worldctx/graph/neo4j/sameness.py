"""Which ids are read as one, as a Neo4j graph tells it: the neighbourhoods of many ids are read at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from worldctx.graph.interned import remember
from worldctx.graph.neo4j.bolt import Bolt
from worldctx.graph.sameness import group_of

_TIES = """UNWIND $ids AS id MATCH (e:Entity {id: id}) RETURN id,
    EXISTS { (e)-[:STATED]->(s:State) WHERE s.recorded <= $revision },
    [(e)-[l:SAME_AS]-(x) WHERE l.recorded <= $revision | x.id],
    [(e)-[j:JUDGED]-(x) WHERE j.recorded <= $revision | [j.recorded, j.ordinal, x.id, coalesce(j.same, false)]]"""


@dataclass(frozen=True, slots=True)
class Group:
    """Ids read as one.

    Attributes:
        canonical: the smallest id that has an entry of its own, else the smallest.
        members: those with entries of their own, by id.
        ids: all, external ids included; facts about any of them are about the group.
    """

    canonical: str
    members: tuple[str, ...]
    ids: tuple[str, ...]


@dataclass(slots=True)
class _Ties:
    """A graph.sameness.Links over what was read; ids that nothing names have no ties."""

    links: dict[str, Mapping[str, bool]] = field(default_factory=dict)
    entries: set[str] = field(default_factory=set)

    def linked(self, key: str) -> Mapping[str, bool]:
        """See graph.sameness.Links."""
        return self.links[key]

    def has_entry(self, key: str) -> bool:
        """See graph.sameness.Links."""
        return key in self.entries

    def text(self, key: str) -> str:
        """See graph.sameness.Links."""
        return key


class Sameness:
    """Groups, remembered for as long as no commit adds a link, an entity or a judgement."""

    def __init__(self, bolt: Bolt) -> None:
        self._bolt = bolt
        self._groups: dict[tuple[int, str], Group] = {}

    def groups(self, ids: Iterable[str], revision: int, epoch: int | None) -> dict[str, Group]:
        """The group of each id at a revision.

        Args:
            epoch: revisions with the same epoch have the same groups; None when nothing is read as anything else.
        """
        if epoch is None:
            return {one: Group(one, (one,), (one,)) for one in ids}
        found: dict[str, Group] = {}
        missing = []
        for one in ids:
            group = self._groups.get((epoch, one))
            if group is None:
                missing.append(one)
            else:
                found[one] = group
        if missing:
            ties = self._ties(missing, revision)
            for one in missing:
                canonical, members, externals = group_of(one, ties)
                group = Group(canonical, tuple(members), (*members, *sorted(externals)))
                found[one] = remember(self._groups, (epoch, one), group)
        return found

    def _ties(self, ids: Iterable[str], revision: int) -> _Ties:
        """Everything that a walk from the ids can reach, one statement for each step away from them."""
        ties = _Ties()
        frontier = set(ids)
        while frontier:
            reached: set[str] = set()
            ties.links.update({one: {} for one in frontier})
            for one, entry, same_as, judged in self._bolt.read(_TIES, ids=sorted(frontier), revision=revision):
                links = dict.fromkeys(same_as, True)
                # In the order in which they were recorded: the last one on a pair stays.
                links |= {other: same for _, _, other, same in sorted(judged)}
                ties.links[one] = links
                if entry:
                    ties.entries.add(one)
                reached |= links.keys()
            frontier = reached - ties.links.keys()
        return ties
