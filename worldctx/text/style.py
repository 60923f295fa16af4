"""How a text is written, as rates: pronouns, modals, reporting verbs, questions, line breaks. Pure.

Rates of such words and marks tell registers apart (Biber 1988, Variation across Speech and Writing); words alone tell
topics apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

_WORD = re.compile(r"[A-Za-z']+")
#: Words that are counted together, each group a rate.
_GROUPS: tuple[tuple[str, ...], ...] = tuple(tuple(words.split()) for words in (
    "i me my mine myself",
    "we us our ours",
    "you your yours",
    "he she him her his hers",
    "they them their",
    "should must ought could would may might",
    "shall hereby thereof pursuant herein",
    "is are was were been",
    "said told reported announced according confirmed",
    "however therefore because although thus nevertheless",
    "why how what who when",
    "not never don no n't can't didn't",
))
#: Marks that are counted, each a rate to the number of words.
_MARKS: tuple[re.Pattern[str], ...] = tuple(re.compile(pattern) for pattern in (
    r"\?", r"!", r"[\"“”]", r":", r"\(", r"\b(?:1\d{3}|20\d\d)\b",
    r"\b(?:Mr|Mrs|Your Excellency|delegation|Ladies|gentlemen|friends|citizens)\b",
    r"(?m)^\w[\w ]{0,20}:|\b\w+: ", r"[:;]-?[()D]|\b(?:lol|haha|thanks|hey|hi)\b",
))
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)")
_DIGIT, _CAPITAL = re.compile(r"\d"), re.compile(r"\b[A-Z]")
_VERSE_BREAK = re.compile(r"\s/\s")
_IMPERATIVE = re.compile(
    r"(?:^|[.!?]\s)(?:First|Then|Next|Finally|Do not|Don't|Add|Use|Make|Put|Set|Remove|Call|Click|Order|Get|Join|Book)"
    r"\b")
#: Characters of a line of verse at most, lines from which on there can be a shape of lines.
_SHORT_LINE, _LINES = 60, 4
_ENDINGS = (re.compile(r"ed\b"), re.compile(r"ing\b"))

_FEATURES: tuple[Callable[[str, Sequence[str], int], float], ...] = (
    lambda text, words, sentences: len(_DIGIT.findall(text)) / (len(text) or 1),
    lambda text, words, sentences: _short_lines(text) + 10 * len(_VERSE_BREAK.findall(text)) / (len(words) or 1),
    lambda text, words, sentences: min(2.0, (len(words) or 1) / sentences / 30),
    lambda text, words, sentences: sum(map(len, words)) / (len(words) or 1) / 5,
    lambda text, words, sentences: len(_CAPITAL.findall(text)) / (len(words) or 1),
    lambda text, words, sentences: text.count("'") / (len(words) or 1),
    lambda text, words, sentences: len(_IMPERATIVE.findall(text)) / sentences,
    *(lambda text, words, sentences, ending=ending: len(ending.findall(text)) / (len(words) or 1)
      for ending in _ENDINGS),
)
#: How many rates `style_of` returns.
SIZE = len(_GROUPS) + len(_MARKS) + len(_FEATURES)


def style_of(text: str) -> tuple[float, ...]:
    """The rates of a text, `SIZE` of them, always in the same order; of a text without words they are near 0."""
    words = _WORD.findall(text)
    count = len(words) or 1
    small = Counter(_WORD.findall(text.lower()))
    sentences = max(1, len(_SENTENCE_END.findall(text)))
    return (*(sum(small[word] for word in group) / count for group in _GROUPS),
            *(len(mark.findall(text)) / count for mark in _MARKS),
            *(feature(text, words, sentences) for feature in _FEATURES))


def _short_lines(text: str) -> float:
    lines = text.split("\n")
    return sum(0 < len(line) < _SHORT_LINE for line in lines) / len(lines) if len(lines) >= _LINES else 0.0
