"""Labelled columns are read in the forms that corpora have; a bad line costs its sentence and is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from worldctx.exchange.conll import Labelled, labelled_sentences
from worldctx.model.errors import BadInput


def read(tmp_path: Path, text: str) -> list[Labelled | BadInput]:
    path = tmp_path / "some.conll"
    path.write_text(text, encoding="utf-8")
    return list(labelled_sentences(path))


@pytest.mark.parametrize(("columns", "labels"), [
    ("EU NNP I-NP B-ORG\nrejects VBZ I-VP O\nGerman JJ I-NP B-MISC", ("B-ORG", "O", "B-MISC")),
    ("New I-LOC\nYork I-LOC\nTimes I-ORG", ("B-LOC", "I-LOC", "B-ORG")),
    ("Rome I-LOC\nMilan B-LOC", ("B-LOC", "B-LOC")),
    ("Anna B-PER\nvan I-PER\nDyck E-PER\nsaw O\nRome S-LOC\nMilan S-LOC", ("B-PER", "I-PER", "I-PER", "O", "B-LOC", "B-LOC")),
    ("Friday B-DATE\nin O\nRome B-GPE\nAcme\tB-corporation", ("O", "O", "B-LOC", "B-ORG")),
])
def test_all_forms_become_the_same_labels(tmp_path: Path, columns: str, labels: tuple[str, ...]) -> None:
    (found,) = read(tmp_path, f"-DOCSTART- -X- -X- O\n\n{columns}\n")
    assert isinstance(found, Labelled)
    assert found.labels == labels
    assert len(found.words) == len(labels)


def test_blank_lines_part_sentences(tmp_path: Path) -> None:
    found = read(tmp_path, "\ufeffa O\n\n\n \nb O\r\nc O\r\n\r\nd O")
    assert [one.words for one in found if isinstance(one, Labelled)] == [("a",), ("b", "c"), ("d",)]


@pytest.mark.parametrize("bad", ["alone", "Rome LOC", "Rome X-LOC", "Rome B-", "Rome B"])
def test_a_bad_line_costs_its_sentence_and_is_named(tmp_path: Path, bad: str) -> None:
    found = read(tmp_path, f"a O\n\nb O\n{bad}\nc O\n\nd O\n")
    assert [one.words if isinstance(one, Labelled) else one.message for one in found] == [
        ("a",), f"{tmp_path}/some.conll: line 4: needs a word and a label such as B-PER or O, in columns", ("d",)]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.conll"):
        list(labelled_sentences(tmp_path / "none.conll"))
