"""Duplicates made of real people: a second record as another register would have it, and which real pairs are unclear.

Random, with a fixed seed. Nothing of how the records are compared is used in making them: spellings and short forms of
given names are those that the data itself has for other people.
"""

from __future__ import annotations

import difflib
import gzip
import json
import random
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEED = 20_26
#: Share of people who get a second record.
SHARE = 0.5
#: Parts by a checksum of the surname, so that namesakes stay together: of ten.
PARTS = {"train": range(5), "dev": range(5, 7), "test": range(7, 10)}
#: Schemes of ids that openstates takes over from registers: two in one scheme are two people.
REGISTERS = ("bioguide", "wikidata", "govtrack", "icpsr", "votesmart", "fec")
#: Likeness of surnames (difflib) from which on two may be one with a slip.
ALIKE = 0.8
#: Letters with which given names begin alike.
LETTERS = 3
#: A birth date that stands for none.
PLACEHOLDER = "1900-01-01"
Person = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Records and which of them are one person.

    Attributes:
        records: in the format of the data.
        pairs: ids of an original and of what was made of it.
        unclear: people left out, for they may be real duplicates of others.
    """

    records: tuple[Person, ...]
    pairs: frozenset[frozenset[str]]
    unclear: int


def people(path: Path) -> list[Person]:
    """The data as it is."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def labelled(everyone: Sequence[Person], part: str) -> Labelled:
    """A part of the data with duplicates made."""
    mine = [one for one in everyone if zlib.crc32(_surname(one).encode()) % 10 in PARTS[part]]
    kept = list(_clear(mine))
    draw = random.Random(f"{SEED} {part}")
    shorts = _variants(everyone)
    records: list[Person] = []
    pairs = set[frozenset[str]]()
    for one in kept:
        if draw.random() < SHARE:
            other = _another(one, shorts, draw)
            pairs.add(frozenset((str(one["id"]), str(other["id"]))))
            records += (_as_first(one, draw), other)
        else:
            records.append(one)
    return Labelled(tuple(records), frozenset(pairs), len(mine) - len(kept))


def _surname(one: Person) -> str:
    words = re.findall(r"\w+", re.sub(r"['’.]", "", one["name"].lower()))
    words = [word for word in words if word not in ("jr", "sr", "ii", "iii", "iv")] or words
    return words[-1] if words else ""


def _clear(mine: Iterable[Person]) -> Iterator[Person]:
    """Those who are nobody's possible second record in the data itself: many moved from one chamber to the other."""
    met: dict[str, list[Person]] = defaultdict(list)
    for one in sorted(mine, key=lambda person: person["id"]):
        key = _surname(one)[:2]
        if not any(_unclear(one, other) for other in met[key]):
            yield one
        met[key].append(one)


def _unclear(one: Person, other: Person) -> bool:
    """Whether two people may be one, with nothing against it.

    Surnames alike, a state in common or none told, and given names that begin alike or the same seat.
    """
    mine, theirs = _surname(one), _surname(other)
    if mine != theirs and difflib.SequenceMatcher(None, mine, theirs).ratio() < ALIKE:
        return False
    states = _states(one), _states(other)
    if all(states) and not states[0] & states[1]:
        return False
    alike = _givens(one) & _givens(other) or _seats(one) & _seats(other)
    return bool(alike) and not _known_apart(one, other)


def _givens(one: Person) -> set[str]:
    """The first letters of the given names."""
    names = [one["name"], one.get("given_name") or "", *(each["name"] for each in one.get("other_names") or ())]
    return {name.strip().lower()[:LETTERS] for name in names if name.strip(" .") and "," not in name}


def _seats(one: Person) -> set[tuple[str, str, str]]:
    return {(role["jurisdiction"], role.get("type") or "", str(role.get("district")))
            for role in one.get("roles") or () if role.get("district")}


def _known_apart(one: Person, other: Person) -> bool:
    births = {person.get("birth_date") for person in (one, other)}
    if None not in births and PLACEHOLDER not in births and "" not in births and len(births) == 2:
        return True
    genders = {(person.get("gender") or "")[:1].upper() for person in (one, other)}
    if "" not in genders and len(genders) == 2:
        return True
    ids = [{each["scheme"]: each["identifier"] for each in person.get("other_identifiers") or ()}
           for person in (one, other)]
    return any(ids[0].get(scheme, "") != ids[1].get(scheme, "") for scheme in REGISTERS
               if scheme in ids[0] and scheme in ids[1])


def _states(one: Person) -> set[str]:
    found = set()
    for role in one.get("roles") or ():
        state = re.search(r"/(?:state|district|territory):(\w\w)", role["jurisdiction"])
        district = str(role.get("district") or "")
        found.add(state[1] if state else district[:2].lower() if re.match(r"[A-Z]{2}-", district) else district.lower())
    return found - {""}


def _variants(everyone: Iterable[Person]) -> Mapping[str, Counter[str]]:
    """Given names by which two or more people of the same given name are known, too, with how often."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in everyone:
        first, *rest = one["name"].split()
        for other in one.get("other_names") or ():
            words = other["name"].split()
            if rest and len(words) > 1 and words[-1] == rest[-1] and words[0] != first \
                    and words[0].isalpha() and words[0].istitle() and len(words[0]) > 2 and len(words[-1]) > 1:
                found[first][words[0]] += 1
                found[words[0]][first] += 1
    often = {first: Counter({name: count for name, count in others.items() if count > 1})
             for first, others in found.items()}
    return {first: others for first, others in often.items() if others}


def _as_first(one: Person, draw: random.Random) -> Person:
    """The original, half of the time with a part of its roles only."""
    first = deepcopy(one)
    if draw.random() < 0.5:
        first["roles"] = _some(first.get("roles") or [], draw)
    return first


def _another(one: Person, shorts: Mapping[str, Counter[str]], draw: random.Random) -> Person:
    """The same person as another register has them."""
    other = deepcopy(one)
    other["id"] = f"register:{one['id'].rpartition('/')[2]}"
    other["path"] = "register"
    other["name"] = _renamed(one["name"], shorts, draw)
    other["other_identifiers"] = []
    if draw.random() < 0.6:
        other["other_names"] = []
    other["roles"] = [_coarser(role, draw) for role in _some(other.get("roles") or [], draw)]
    born = other.get("birth_date") or ""
    roll = draw.random()
    if roll < 0.4:
        other.pop("birth_date", None)
    elif roll < 0.6 and born:
        other["birth_date"] = born[:4]
    elif roll < 0.63 and born[8:]:
        other["birth_date"] = f"{born[:8]}{draw.randint(1, 28):02d}"  # a slip of one of the registers
    if draw.random() < 0.2:
        other["party"] = []
    return other


def _some(roles: Sequence[Any], draw: random.Random) -> list[Any]:
    kept = [role for role in roles if draw.random() < 0.6]
    return kept or list(roles[:1])


def _coarser(role: Person, draw: random.Random) -> Person:
    made = dict(role)
    roll = draw.random()
    for side in ("start_date", "end_date"):
        if made.get(side):
            made[side] = made[side][:4] if roll < 0.3 else "" if roll < 0.4 else made[side]
    if draw.random() < 0.2:
        made.pop("district", None)
    return made


def _renamed(name: str, shorts: Mapping[str, Counter[str]], draw: random.Random) -> str:
    """Another way to write a name; one of ten has a slip of the pen besides."""
    words = name.split()
    roll = draw.random()
    if len(words) > 1:
        if roll < 0.25 and words[0] in shorts:
            known = shorts[words[0]]
            words[0] = draw.choices(sorted(known), [known[name] for name in sorted(known)])[0]
        elif roll < 0.4 and len(words) == 2:
            words.insert(1, f"{draw.choice('ABCDEFGHJKLMNPRSTW')}.")
        elif roll < 0.5 and len(words) > 2:
            words = [words[0], *words[2:]]
        elif roll < 0.55:
            words[0] = f"{words[0][0]}."
        elif roll < 0.65:
            words = [f"{words[-1]},", *words[:-1]]
        elif roll < 0.68:
            words.append("Jr.")
    if draw.random() < 0.1:
        place = draw.choice([place for place, word in enumerate(words) if len(word) > 3] or [0])
        words[place] = slip(words[place], draw)
    return " ".join(words)


def slip(word: str, draw: random.Random) -> str:
    """A letter left out, doubled, changed, or two swapped; never the first."""
    at = draw.randrange(1, max(2, len(word) - 1))
    return draw.choice([
        word[:at] + word[at + 1:],
        word[:at] + word[at] + word[at:],
        word[:at] + draw.choice("aeionrst") + word[at + 1:],
        word[:at] + word[at + 1:at + 2] + word[at] + word[at + 2:],
    ])
