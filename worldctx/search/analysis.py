"""Text to index terms: words without case and accents, stemmed (Snowball English), function words left out."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

#: Our own short list: words that stand in nearly every passage and tell none apart.
STOP_WORDS = frozenset(
    "a an and are as at be been but by for from had has have he her his i in is it its nor of on or our she so that "
    "the their them there these they this those to was we were which will with would you your".split()
)
_TOKEN = re.compile(r"\w+")
_STEMMER = snowballstemmer.stemmer("english")


def terms(text: str) -> list[str]:
    """Index terms of a text, in order, repetitions kept."""
    folded = text.casefold()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded)
        folded = "".join(char for char in decomposed if not unicodedata.combining(char))
    return [_stem(word) for word in _TOKEN.findall(folded) if word not in STOP_WORDS]


@lru_cache(maxsize=262_144)
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word)) if word.isascii() and len(word) > 3 else word
