"""An entity in a few lines, for the one who decides."""

from __future__ import annotations

from collections.abc import Mapping

from worldctx.model.ids import EntityId
from worldctx.resolve.view import Neighbour, View

#: Facts shown, and other names.
FACTS, NAMES = 2, 4


def names_shown(view: View) -> list[str]:
    """Its names, the label first."""
    return list(dict.fromkeys((view.label, *sorted(name.text for name in view.names))))[:NAMES]


def facts_shown(view: View, labels: Mapping[EntityId, str]) -> list[str]:
    """Its most telling facts in words: what it has once, then what it did, the dated first."""
    dates = [f"{name.replace('_', ' ')}: {when.edtf}" for name, found in sorted(view.dates.items()) for when in found]
    return [*dates, *(_told(one, labels) for one in _telling(view))][:FACTS]


def neighbours_shown(view: View) -> list[EntityId]:
    """Whose labels `facts_shown` wants."""
    return [one.other for one in _telling(view)]


def _telling(view: View) -> list[Neighbour]:
    return sorted(view.neighbours, key=lambda one: (not one.outward, one.valid.start is None, -one.valid.lo,
                                                    one.predicate, one.other))[:FACTS]


def _told(one: Neighbour, labels: Mapping[EntityId, str]) -> str:
    other = labels.get(one.other, one.other)
    when = "" if one.valid.start is None and one.valid.end is None else f", {one.valid.edtf}"
    words = one.predicate.replace("_", " ")
    return f"{words}: {other}{when}" if one.outward else f"{words} of {other}{when}"
