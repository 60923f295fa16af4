"""Labelled text in columns, as CoNLL-2002 and CoNLL-2003 have it: one token a line, a blank line after a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from worldctx.exchange.jsonl import lines
from worldctx.exchange.streams import name_of
from worldctx.model.errors import BadInput

#: Labels of names, and how other corpora call them (OntoNotes, WNUT); other labels are read as no name.
LABELS = {
    "PER": "PER", "PERSON": "PER", "ORG": "ORG", "ORGANIZATION": "ORG", "ORGANISATION": "ORG", "CORPORATION": "ORG",
    "GROUP": "ORG", "LOC": "LOC", "LOCATION": "LOC", "GPE": "LOC", "FAC": "LOC", "MISC": "MISC", "NORP": "MISC",
    "EVENT": "MISC", "WORK_OF_ART": "MISC", "PRODUCT": "MISC", "LAW": "MISC", "LANGUAGE": "MISC",
}
_DOCUMENT = "-DOCSTART-"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One sentence: its words and their IOB2 labels, PER, ORG, LOC and MISC."""

    words: tuple[str, ...]
    labels: tuple[str, ...]


def labelled_sentences(path: Path) -> Iterator[Labelled | BadInput]:
    """The sentences of a file: the first column is the word, the last its label, in IOB1, IOB2 or BIOES.

    A sentence with a bad line is left out, with an error in its place that names the line.

    Raises:
        BadInput: the file cannot be opened.
    """
    words: list[str] = []
    labels: list[str] = []
    wrong: BadInput | None = None
    last = 0
    for line in lines(path):
        if isinstance(line, BadInput):
            yield line
            continue
        # Empty lines are left out by the reader: a gap in the numbers is the end of a sentence.
        if line.number != last + 1 and (words or wrong):
            yield wrong or Labelled(tuple(words), _iob2(labels))
            words, labels, wrong = [], [], None
        last = line.number
        columns = line.data.decode("utf-8", "replace").split()
        if not columns or columns[0] == _DOCUMENT:
            continue
        if len(columns) < 2 or not _is_label(columns[-1]):
            wrong = wrong or BadInput.at(
                f"{name_of(path)}: line {line.number}", "needs a word and a label such as B-PER or O, in columns")
            continue
        words.append(columns[0])
        labels.append(columns[-1])
    if words or wrong:
        yield wrong or Labelled(tuple(words), _iob2(labels))


def _is_label(label: str) -> bool:
    return label == "O" or (label[1:2] == "-" and label[0] in "BIESLU" and len(label) > 2)


def _iob2(labels: list[str]) -> tuple[str, ...]:
    found = []
    before = ""
    for label in labels:
        kind = LABELS.get(label[2:].upper(), "")
        begins = label[0] in "BSU" or kind != before
        found.append("O" if label == "O" or not kind else f"{'B' if begins else 'I'}-{kind}")
        before = "" if label == "O" or label[0] in "ESLU" else kind
    return tuple(found)
