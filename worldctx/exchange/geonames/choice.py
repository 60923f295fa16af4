"""What of GeoNames is taken."""

from __future__ import annotations

from dataclasses import dataclass

from worldctx.exchange.geonames.features import CAPITAL, CLASSES
from worldctx.model.errors import BadInput

#: Facts that can be asked for; those by default are what other facts and texts speak of.
FACTS = ("population", "capital", "feature_code", "elevation", "iata_code", "icao_code", "unlocode")
USUAL = ("population", "capital")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which places, names and facts are taken.

    Attributes:
        classes: GeoNames' feature classes.
        min_population: inhabitants of the smallest populated place; capitals are taken whatever their size.
        languages: BCP 47 tags of names in alternateNamesV2; `zh` takes `zh-Hant` too. Names without one always are.
        facts: predicates.
    """

    classes: frozenset[str] = frozenset("AP")
    min_population: int = 0
    languages: frozenset[str] = frozenset(("en",))
    facts: frozenset[str] = frozenset(USUAL)

    def __post_init__(self) -> None:
        """Refuse what GeoNames does not have."""
        for field, given, known in (("feature-classes", self.classes, CLASSES), ("facts", self.facts, FACTS)):
            wrong = sorted(given - set(known))
            if wrong:
                raise BadInput.at(field, f"{wrong[0]!r} is none of {', '.join(known)}")

    def refusal(self, cells: list[str]) -> str:
        """Why a row of the table of places is not taken; empty where it is."""
        if cells[6] not in self.classes:
            return "feature class not chosen"
        if self.min_population and cells[6] == "P" and cells[7] != CAPITAL:
            population = cells[14]
            if not population.isdecimal() or int(population) < self.min_population:
                return "fewer inhabitants than chosen"
        return ""

    @property
    def text(self) -> str:
        """All of it, in one order."""
        parts = (self.classes, {str(self.min_population)}, self.languages, self.facts)
        return ";".join(",".join(sorted(part)) for part in parts)
