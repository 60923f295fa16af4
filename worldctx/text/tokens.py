"""Tokens of running text with exact offsets, as sequence models count them."""

from __future__ import annotations

from dataclasses import dataclass

import regex

#: Words with what hangs on them (O'Brien, Kvemo-Kartli, U.S.), numbers, and single signs. A possessive is a token.
_TOKEN = regex.compile(
    r"(?:\p{Lu}\.){1,4}(?![\p{L}])|['’]s\b|[\p{L}\p{M}\p{N}]+(?:['’\-‑](?!s\b)[\p{L}\p{M}\p{N}]+)*|[^\s\p{L}\p{N}]")


@dataclass(frozen=True, slots=True)
class Token:
    """Characters [start, end) of a text, in code points."""

    start: int
    end: int
    text: str


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of a text, or of its part [start, end), by start; white space is in none."""
    return [Token(one.start(), one.end(), one.group())
            for one in _TOKEN.finditer(text, start, len(text) if end is None else end)]
