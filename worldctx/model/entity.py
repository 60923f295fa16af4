"""Things that exist: persons, organisations, places, works, products, concepts, events, with names in time."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from worldctx.model.clocks import Clocks
from worldctx.model.ids import EntityId, SourceId
from worldctx.model.time import ALWAYS, Interval


def folded_name(text: str) -> str:
    """The form in which names are compared and looked up by prefix: case and accents aside (Unicode NFKD, no marks)."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    if not plain.isascii():
        plain = "".join(char for char in plain if not unicodedata.combining(char))
    return plain.casefold()  # decomposing may bring capitals back: U+210C becomes H


class Kind(StrEnum):
    """What an entity is, coarsely. Events follow the Simple Event Model (SEM)."""

    PERSON = "person"
    ORGANISATION = "organisation"
    PLACE = "place"
    WORK = "work"
    PRODUCT = "product"
    CONCEPT = "concept"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an entity and when it was in use.

    Attributes:
        lang: BCP 47 tag, or empty for any language.
        preferred: shown as the label where several names hold.
    """

    text: str
    lang: str = ""
    valid: Interval = ALWAYS
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity as one or more imports described it; lines for the same id add up.

    Attributes:
        same_as: external ids (`wd:Q42`) that mean this entity; they resolve to it.
        lat, lon: WGS 84 degrees (GeoSPARQL point), where it has a place.
        within: the entity that contains it (GeoSPARQL sfWithin).
        weight: how well known it is, 0 to 1 (population, sitelinks, roles held); a prior for linking.
        source: who told this line (prov:wasAttributedTo). What is read is told by many, and has none.
    """

    id: EntityId
    kind: Kind
    names: tuple[Name, ...] = ()
    same_as: tuple[EntityId, ...] = ()
    lat: float | None = None
    lon: float | None = None
    within: EntityId | None = None
    description: str = ""
    weight: float = 0.0
    source: SourceId | None = None

    def label(self, lo: int | None = None, hi: int | None = None) -> str:
        """The name to show in [lo, hi): a preferred one in use then, else any in use, else any; ties by text.

        English names and those without a language come before those of other languages, in use or not. A name that one
        line dates and another does not is in use when the dated line says so.
        """
        return _best(self.names, lo, hi) if self.names else str(self.id)


def names_under(entity: Entity, clocks: Clocks) -> tuple[Name, ...]:
    """The names in use as of the valid clock that had begun by the known clock: those that may be shown."""
    return tuple(name for name in _begun(entity.names, clocks) if name.valid.overlaps(clocks.lo, clocks.hi))


def label_under(entity: Entity, clocks: Clocks) -> str:
    """The label under the clocks: never a name that begins after the known clock; the id where there is no other."""
    return label_among(entity.names, clocks) or str(entity.id)


def label_among(names: Sequence[Name], clocks: Clocks) -> str:
    """The label under the clocks of what has these names; empty when it had none yet."""
    begun = _begun(names, clocks)
    return _best(begun, clocks.lo, clocks.hi) if begun else ""


def _best(names: Sequence[Name], lo: int | None, hi: int | None) -> str:
    """The name to show of one or more; see `Entity.label`."""
    if len(names) == 1:
        return names[0].text
    timed = {name.text for name in names if name.valid != ALWAYS}

    def rank(name: Name) -> tuple[bool, bool, bool, bool, str]:
        dated = lo is not None and name.valid != ALWAYS
        in_use = lo is None or hi is None or (name.valid.overlaps(lo, hi) and (dated or name.text not in timed))
        # A thing that is no more keeps the name that it was known by.
        usual = name.preferred and name.lang == "en"
        return (not (in_use or usual), not (dated and in_use), not name.preferred, name.lang != "en", name.text)

    return min([name for name in names if name.lang in ("en", "")] or names, key=rank).text


def _begun(names: Sequence[Name], clocks: Clocks) -> Sequence[Name]:
    cutoff = clocks.cutoff
    return names if cutoff is None else [name for name in names if name.valid.lo < cutoff]
