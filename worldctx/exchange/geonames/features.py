"""What GeoNames' feature codes are called here, and how well known a place of each is before anything else is known.

Source of the codes: https://www.geonames.org/export/codes.html; the words are ours.
"""

from __future__ import annotations

#: All feature classes: administrative, water, areas, populated, roads, spots, landforms, undersea, vegetation.
CLASSES = "AHLPRSTUV"
CAPITAL = "PPLC"

_CLASS = {
    "A": "administrative area", "H": "water", "L": "area", "P": "populated place", "R": "road or railway",
    "S": "building or site", "T": "landform", "U": "undersea feature", "V": "vegetation",
}
_CODE = {
    "ADM1": "first-order division", "ADM2": "second-order division", "ADM3": "third-order division",
    "ADM4": "fourth-order division", "ADM5": "fifth-order division", "ADMD": "administrative division",
    "ADM1H": "former first-order division", "ADM2H": "former second-order division",
    "ADM3H": "former third-order division", "ADM4H": "former fourth-order division",
    "ADM5H": "former fifth-order division", "ADMDH": "former administrative division",
    "PCLD": "dependent territory", "PCLF": "freely associated state", "PCLH": "former country", "PCLI": "country",
    "PCLIX": "part of a country", "PCLS": "semi-independent state", "PRSH": "parish", "TERR": "territory",
    "ZN": "zone", "LTER": "leased area",
    "PPLX": "part of a town", "PPLL": "locality", "PPLF": "farm village", "PPLR": "religious settlement",
    "PPLS": "populated places", "PPLH": "former populated place", "PPLQ": "abandoned populated place",
    "PPLW": "destroyed populated place", "PPLCH": "former capital", "STLMT": "settlement",
    "BAY": "bay", "CHN": "channel", "CNL": "canal", "FLLS": "waterfall", "GLCR": "glacier", "GULF": "gulf",
    "HBR": "harbour", "LGN": "lagoon", "LK": "lake", "LKS": "lakes", "OCN": "ocean", "RSV": "reservoir",
    "RVN": "ravine", "SEA": "sea", "SPNG": "spring", "STM": "river or stream", "STRT": "strait", "SWMP": "swamp",
    "CONT": "continent", "PRK": "park", "RES": "reserve", "RESN": "nature reserve", "RGN": "region", "LCTY": "locality",
    "RD": "road", "RR": "railway", "ST": "street", "TNL": "tunnel",
    "AIRP": "airport", "AIRB": "air base", "BDG": "bridge", "CH": "church", "CSTL": "castle", "DAM": "dam",
    "FRM": "farm", "HSP": "hospital", "HTL": "hotel", "LIBR": "library", "MNMT": "monument", "MSQE": "mosque",
    "MUS": "museum", "PRT": "port", "RSTN": "railway station", "RUIN": "ruin", "SCH": "school", "STDM": "stadium",
    "TMPL": "temple", "UNIV": "university",
    "BCH": "beach", "CAPE": "cape", "CLF": "cliff", "DSRT": "desert", "HLL": "hill", "ISL": "island",
    "ISLS": "islands", "MT": "mountain", "MTS": "mountains", "PASS": "pass", "PEN": "peninsula", "PK": "peak",
    "PLN": "plain", "PT": "point", "RDGE": "ridge", "VAL": "valley", "VLC": "volcano",
    "FRST": "forest", "GRSLD": "grassland",
}
#: Weights of what is known beyond its country whatever lives there; all else has what its inhabitants give it.
WEIGHTS = {"OCN": 0.7, "SEA": 0.4, "GULF": 0.3, "DSRT": 0.2, "MTS": 0.2, "RGN": 0.1}


def word_of(feature_class: str, code: str) -> str:
    """What a feature is, in a word or two; by its class where its code is a rare one."""
    return _CODE.get(code) or _CLASS.get(feature_class, "place")
