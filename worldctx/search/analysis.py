"""Text to index terms: words without case and accents, stemmed (Snowball English), function words left out."""

from __future__ import annotations

import threading
import unicodedata
from functools import lru_cache
from string import ascii_lowercase, digits

import regex
import Stemmer

#: Our own short list: words that stand in nearly every passage and tell none apart, and what an apostrophe cuts off.
STOP_WORDS = frozenset(
    "a an and are as at be been but by for from had has have he her his i in is it its nor of on or our s she so t "
    "that the their them there these they this those to was we were which will with would you your".split()
)
#: Characters of a term; of longer runs (text without blanks, encoded data) only these are indexed and looked for.
LONGEST_TERM = 32
#: Shorter words are not stemmed: there is nothing to take off.
_SHORTEST_STEMMED = 4
#: What becomes of each byte of folded ASCII text: cutting at blanks is several times as fast as a pattern of words.
_LETTERS_AND_DIGITS = bytes(code if chr(code) in ascii_lowercase + digits else 32 for code in range(256))
_WORD = regex.compile(r"[\p{L}\p{N}]+")
_MARKS = regex.compile(r"\p{M}+")


class _Own(threading.local):
    """What each thread has for itself: a stemmer holds the word that it works on."""

    def __init__(self) -> None:
        self.stemmer = Stemmer.Stemmer("english", 0)  # without a memory of words: `term_of` has one


_OWN = _Own()


def words(text: str) -> list[str]:
    """Words of a text in order, repetitions kept, case and accents folded (Unicode casefold, NFKD without marks)."""
    return spaced(text).split()


def spaced(text: str) -> str:
    """The words of a text, folded, with a blank or more before each: `" stem" in it` finds how words begin."""
    folded = text.casefold()
    if not folded.isascii():
        folded = _MARKS.sub("", unicodedata.normalize("NFKD", folded)).casefold()
    if folded.isascii():
        return " " + folded.encode("ascii").translate(_LETTERS_AND_DIGITS).decode("ascii")
    return " " + " ".join(_WORD.findall(folded))


@lru_cache(maxsize=262_144)
def term_of(word: str) -> str:
    """The index term of a folded word; empty for a function word, which has none."""
    if word in STOP_WORDS:
        return ""
    stemmed = word.isascii() and len(word) >= _SHORTEST_STEMMED
    return (str(_OWN.stemmer.stemWord(word)) if stemmed else word)[:LONGEST_TERM]


def terms(text: str) -> list[str]:
    """Index terms of a text, in order, repetitions kept."""
    return [term for term in map(term_of, words(text)) if term]
