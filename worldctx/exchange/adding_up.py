"""Lines about one entity that add up to one: formats that bring names apart from places bring a million of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from worldctx.exchange.facts import Line
from worldctx.model.entity import Entity, Name
from worldctx.model.ids import EntityId


@dataclass(slots=True)
class _Sum:
    first: int
    entity: Entity
    names: list[Name] = field(default_factory=list)
    same_as: list[EntityId] = field(default_factory=list)

    def takes(self, line: Entity) -> bool:
        """Whether the line only adds names and external ids to what its source told already."""
        one = self.entity
        return (line.source == one.source and line.kind == one.kind and line.lat in (None, one.lat)
                and line.lon in (None, one.lon) and line.within in (None, one.within)
                and line.description in ("", one.description) and line.weight in (0.0, one.weight))

    def line(self) -> Entity:
        one = self.entity
        if not self.names and not self.same_as:
            return one
        return replace(one, names=(*one.names, *self.names), same_as=(*one.same_as, *self.same_as))


def added_up(lines: Sequence[Line]) -> list[tuple[int, Line]]:
    """The lines, each with its place; one that only adds names to an earlier one of the same source is part of it.

    Told in this form they are the same knowledge: lines of one entity add up in any case, one by one and more slowly.
    """
    sums: dict[EntityId, _Sum] = {}
    found: list[tuple[int, Line] | _Sum] = []
    for place, line in enumerate(lines):
        if not isinstance(line, Entity):
            found.append((place, line))
            continue
        before = sums.get(line.id)
        if before is not None and before.takes(line):
            before.names += line.names
            before.same_as += line.same_as
        else:
            sums[line.id] = one = _Sum(place, line)
            found.append(one)
    return [(one.first, one.line()) if isinstance(one, _Sum) else one for one in found]
