"""States, provinces and counties of the world: where they lie, and which of them a town of GeoNames is in.

The table areas.csv comes along; evals/areas.py makes it and tells its sources (GeoNames, CC BY 4.0; ISO 3166-2).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Area:
    """One area.

    Attributes:
        code: of ISO 3166-2 (`CA-ON`), `fips:` and the FIPS 6-4 code of a county of the United States, or `gn-admin1:`
            and the code that GeoNames has for it.
        name: in English.
        country: ISO 3166-1 code.
        part: the code by which GeoNames tells that a town is in it; of a county `county`, or its state's code.
        lat, lon: the mean of its towns, WGS 84 degrees.
        population: of its towns.
    """

    code: str
    name: str
    country: str
    part: str
    lat: float
    lon: float
    population: int

    @property
    def is_county(self) -> bool:
        return self.part == "county" or self.code.startswith("fips:")


@lru_cache(maxsize=1)
def areas() -> Mapping[str, Area]:
    """All areas by their code, in its order."""
    with (files("worldctx") / "exchange" / "areas.csv").open(encoding="utf-8") as file:
        return {one["id"]: Area(one["id"], one["name"], one["country"], one["code"], float(one["lat"]),
                                float(one["lon"]), int(one["population"])) for one in csv.DictReader(file)}


@lru_cache(maxsize=1)
def _by_part() -> Mapping[tuple[str, str], Area]:
    return {(one.country, one.part): one for one in areas().values() if not one.is_county}


def area_of(country: str, part: str) -> Area | None:
    """The first-order area that GeoNames knows under a code within a country."""
    return _by_part().get((country, part))
