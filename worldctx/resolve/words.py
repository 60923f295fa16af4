"""Names as comparing takes them: the words of any name, and the parts of a person's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from worldctx.model.entity import folded_name

#: Marks of a generation behind a name; a junior is not a third.
GENERATIONS = {"jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr", "ii": "ii", "iii": "iii", "iv": "iv",
               "2nd": "ii", "3rd": "iii"}
#: Words of names that tell nothing: articles and the like, in the languages that names of places come in most.
SMALL = frozenset("a an and at by d da das de del della der des di die do dos du el for in la las le les los of on och "
                  "the to und van von y e".split())
_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r"[\"“”]([^\"“”]+)[\"“”]|\B['‘’]([^'‘’]+)['‘’]\B")
_ASIDE = re.compile(r"\([^()]*\)")
_MARKS = str.maketrans("", "", "'’ʻ`.")


@dataclass(frozen=True, slots=True)
class PersonName:
    """The parts of a person's name, folded.

    Attributes:
        given: the first word, or its initial; empty for a name of one word.
        middle: what stands between.
        surname: the last word; of a name with a comma, the last before it.
        called: a nickname in quotes.
        generation: jr, sr, ii, iii or iv; empty for none.
    """

    given: str
    middle: tuple[str, ...]
    surname: str
    called: str = ""
    generation: str = ""


@lru_cache(maxsize=65_536)
def words_of_name(text: str) -> tuple[str, ...]:
    """The words of a name, folded, without marks, what stands in parentheses left out where more stands beside it."""
    folded = folded_name(text)
    plain = _ASIDE.sub(" ", folded)
    found = _WORD.findall((plain if plain.strip() else folded).translate(_MARKS))
    return tuple(found)


@lru_cache(maxsize=65_536)
def person_name(text: str) -> PersonName:
    """The parts of a person's name: `Ada B. Holm, Jr.`, `Holm, Ada`, `James "Jim" Holm III`."""
    folded = _ASIDE.sub(" ", folded_name(text))
    quoted = _QUOTED.search(folded)
    called = "".join(_WORD.findall(quoted[1] or quoted[2])) if quoted else ""
    parts = [_words(part) for part in _QUOTED.sub(" ", folded).split(",")]
    generation = next((GENERATIONS[word] for part in parts for word in part[-1:] if word in GENERATIONS), "")
    parts = [[word for word in part if word not in GENERATIONS or len(part) == 1 == len(parts)] for part in parts]
    parts = [part for part in parts if part]
    if not parts:
        return PersonName("", (), "", called, generation)
    if len(parts) > 1:
        last, first = parts[0], parts[1]
        return PersonName(first[0], (*first[1:], *last[:-1]), last[-1], called, generation)
    whole = parts[0]
    return PersonName(whole[0] if len(whole) > 1 else "", tuple(whole[1:-1]), whole[-1], called, generation)


def _words(text: str) -> list[str]:
    # "J.R. Holm" has two initials, "O'Neil" one word, "Hyde-Smith" two.
    return _WORD.findall(text.replace(".", ". ").translate(_MARKS))


def acronym(words: tuple[str, ...]) -> str:
    """The initials of a name of three words or more, small ones left out; empty for fewer."""
    letters = [word[0] for word in words if word not in SMALL]
    return "".join(letters) if len(letters) >= 3 else ""
