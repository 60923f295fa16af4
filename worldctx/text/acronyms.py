"""Short forms that a text declares itself: `World Health Organization (WHO)`, `Organization [PLO]`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import regex

_DECLARED = regex.compile(r"[(\[]([\p{Lu}][\p{L}\d&-]{1,9})[)\]]")
_WORDS = regex.compile(r"[\p{L}\d]+")
#: Words of a name that an acronym passes over, mostly.
_PASSED = frozenset("a and by de des di du el for in la le les of on the to und von y".split())
#: Characters before a declaration that are looked at for the name.
_LOOK_BACK = 120


@dataclass(frozen=True, slots=True)
class Declared:
    """A short form and the name that it stands for: `text[start:end]`."""

    short: str
    start: int
    end: int


def declared_acronyms(text: str) -> Mapping[str, Declared]:
    """By short form: the first declaration whose letters begin the words right before it, in order.

    The name begins at the word of the first letter; a small word may lend a letter, or none.
    """
    found: dict[str, Declared] = {}
    for match in _DECLARED.finditer(text):
        short = match.group(1)
        if short in found or not (short.istitle() or sum(map(str.isupper, short)) >= 2):
            continue
        base = max(0, match.start() - _LOOK_BACK)
        before = text[base:match.start()].rstrip(" \t\r\n\"”’")
        start = _start_of(before, short)
        if start is not None:
            found[short] = Declared(short, base + start, base + len(before))
    return found


def _start_of(before: str, short: str) -> int | None:
    """Where the name begins whose words have the letters of a short form, read from the end."""
    letters = [char.casefold() for char in short if char.isalnum()]
    words = [(word.start(), word.group()) for word in _WORDS.finditer(before)]
    if not words or words[-1][0] + len(words[-1][1]) != len(before):
        return None
    at = len(letters) - 1
    for start, word in reversed(words):
        if word.casefold().startswith(letters[at]) and (word[0].isupper() or word.casefold() in _PASSED):
            at -= 1
            if at < 0:
                return start
        elif word.casefold() not in _PASSED:
            return None
    return None
