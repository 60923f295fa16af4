"""Abbreviations of states and provinces as they stand behind a town: `Paris, Tex.`, `London, Ont.`, `Perth, WA`.

Sources: USPS Publication 28 (two letters), the Associated Press stylebook as practised (longer ones), Canada Post,
Australia Post; ISO 3166-2 for what they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

#: ISO 3166-2 code and the abbreviations, without their dots.
_TABLE = """
US-AL AL Ala|US-AK AK|US-AZ AZ Ariz|US-AR AR Ark|US-CA CA Calif Cal|US-CO CO Colo|US-CT CT Conn|US-DE DE Del
US-DC DC|US-FL FL Fla|US-GA GA Ga|US-HI HI|US-ID ID|US-IL IL Ill|US-IN IN Ind|US-IA IA|US-KS KS Kan Kans|US-
KY KY Ky|US-LA LA La|US-ME ME|US-MD MD Md|US-MA MA Mass|US-MI MI Mich|US-MN MN Minn|US-MS MS Miss|US-MO MO Mo
US-MT MT Mont|US-NE NE Neb Nebr|US-NV NV Nev|US-NH NH|US-NJ NJ|US-NM NM|US-NY NY|US-NC NC|US-ND ND|US-OH OH
US-OK OK Okla|US-OR OR Ore|US-PA PA Pa Penn|US-RI RI|US-SC SC|US-SD SD|US-TN TN Tenn|US-TX TX Tex|US-UT UT
US-VT VT Vt|US-VA VA Va|US-WA WA Wash|US-WV WV|US-WI WI Wis|US-WY WY Wyo|CA-AB AB Alta|CA-BC BC|CA-MB MB Man
CA-NB NB|CA-NL NL Nfld|CA-NS NS|CA-ON ON Ont|CA-PE PEI PE|CA-QC QC Que|CA-SK SK Sask|CA-YT YT|CA-NT NWT|AU-
NSW NSW|AU-QLD QLD Qld|AU-SA SA|AU-TAS TAS Tas|AU-VIC VIC Vic|AU-WA WA|AU-ACT ACT|AU-NT NT
"""


def _meanings() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _TABLE.strip().replace("\n", "|").split("|"):
        code, *short = line.split()
        for one in short:
            found[one] = (*found.get(one, ()), f"iso3166-2:{code}")
    return found


#: What an abbreviation, without its dots, may stand for, as external ids.
ABBREVIATED = _meanings()
#: Right behind a name: a comma or bracket, the abbreviation, and no letter that would make it a word.
_BEHIND = re.compile(r",?[ \u00a0]?[(,]?\s?((?:[A-Z]\. ?){2,3}|[A-Z]{2,3}|[A-Z][a-z]{1,4})(\.?)(?![\w’'-])")


def abbreviated_behind(text: str, end: int) -> tuple[str, ...]:
    """External ids of what may be abbreviated right behind a position; one with small letters needs its dot."""
    if text[end:end + 1] not in (",", " ", "("):
        return ()
    match = _BEHIND.match(text, end)
    if match is None:
        return ()
    short, dot = match.group(1).replace(".", "").replace(" ", ""), match.group(2)
    if (not short.isupper() and not dot) or (text[end] == " " and "(" not in text[end:end + 3]):
        return ()
    return ABBREVIATED.get(short, ())


def all_abbreviated(text: str, ends: Iterator[int]) -> frozenset[str]:
    """External ids of all that is abbreviated behind some positions."""
    return frozenset(one for end in ends for one in abbreviated_behind(text, end))
