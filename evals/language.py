"""The language of short texts in many languages, and of English speeches: right, wrong, or rightly left open."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path

from evals.case import Case
from evals.row import Row, mean_figure
from worldctx.text.language import guess_language

GOLD = Path(__file__).parent / "gold" / "languages.tsv"
#: Speeches that are looked at; of each the first characters.
SPEECHES, CHARACTERS = 200, 300


def run(data: Path) -> list[Row]:
    """Sentences of our own, seen while the word lists were written, and the beginnings of speeches, which were not."""
    cases = [tuple(line.split("\t")) for line in GOLD.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    with gzip.open(data / "speeches" / "ungd.jsonl.gz", "rt", encoding="utf-8") as file:
        speeches = [("en", json.loads(line)["text"][:CHARACTERS]) for line in islice(file, SPEECHES)]
    return [_row("language of a short text", "80 texts by hand, 31 languages", [(tag, text) for tag, text in cases]),
            _row("language of a speech", f"the first {CHARACTERS} characters of {SPEECHES}", speeches)]


def _row(name: str, data: str, cases: list[tuple[str, str]]) -> Row:
    guesses = [guess_language(text) for _, text in cases]
    right = [float(guess == tag) for guess, (tag, _) in zip(guesses, cases, strict=True)]
    told = [value for value, guess in zip(right, guesses, strict=True) if guess]
    return Row(name, data, len(cases), (mean_figure("accuracy", right), mean_figure("precision where told", told)),
               "an empty guess is right for what is too short, mixed or no language",
               tuple(Case(f"{name} {number}", text[:80], tag or "none", guess or "none", value,
                          "" if value else "left open" if not guess else "wrong")
                     for number, ((tag, text), guess, value) in enumerate(zip(cases, guesses, right, strict=True))))
