"""Names by a conditional random field (Lafferty et al. 2001; CRFsuite): a model that you train, in one file.

The file is one line of JSON, which says what the model was made of, and then CRFsuite's own bytes.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pycrfsuite  # type: ignore[import-untyped]  # it has no types

from worldctx.model.entity import Kind
from worldctx.model.errors import BadInput, IncompatibleData
from worldctx.ports.lexicon import NameMatch
from worldctx.ports.tagger import TaggedName
from worldctx.text.name_features import FEATURES, features
from worldctx.text.names import tag_by_rules
from worldctx.text.sentences import sentences
from worldctx.text.tokens import Token, tokens

FORMAT = "worldctx-names"
#: Kinds as CoNLL-2003 labels them, and back.
KINDS: Mapping[str, Kind | None] = {"PER": Kind.PERSON, "ORG": Kind.ORGANISATION, "LOC": Kind.PLACE, "MISC": None}
LABELS: Mapping[Kind | None, str] = {kind: label for label, kind in KINDS.items()}
#: Regularisation (Okazaki's L1 and L2), and rounds of L-BFGS at most.
SETTINGS = {"c1": 0.1, "c2": 0.05, "max_iterations": 120, "feature.minfreq": 2}


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence to learn from: features of its tokens and their IOB2 labels."""

    features: list[list[str]]
    labels: list[str]


def train(examples: Iterable[Example], target: Path, about: Mapping[str, Any],
          each_round: Callable[[int], None] = lambda number: None) -> int:
    """Train a model and write its file, whole or not at all; returns its size in bytes.

    CRFsuite's L-BFGS knows no chance: the same examples in the same order give the same bytes.

    Args:
        examples: sentences.
        target: the file to write.
        about: what it was made of, kept in its head.
        each_round: told the number of each round; an exception that it raises ends the training.

    Raises:
        BadInput: there is nothing to learn from.
    """
    trainer = _Trainer(each_round)
    count = 0
    for one in examples:
        trainer.append(one.features, one.labels)
        count += 1
    if not count:
        raise BadInput.at("examples", "hold no sentence to learn from; give --conll files, or --documents that the "
                                      "graph explains")
    trainer.set_params(SETTINGS)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder) / "model"
        trainer.train(str(made))
        body = made.read_bytes()
        head = {**about, "format": FORMAT, "features": FEATURES, "sentences": count,
                "sha256": hashlib.sha256(body).hexdigest()}
        whole = Path(folder) / "whole"
        whole.write_bytes(json.dumps(head, sort_keys=True, ensure_ascii=False).encode() + b"\n" + body)
        whole.replace(target)
    return target.stat().st_size


class _Trainer(pycrfsuite.Trainer):  # type: ignore[misc]
    """CRFsuite's trainer, which tells of each round."""

    def __init__(self, each_round: Callable[[int], None]) -> None:
        super().__init__(algorithm="lbfgs", verbose=True)
        self._each_round, self._rounds = each_round, 0

    def message(self, message: str) -> None:
        """Called by CRFsuite with each piece of its log; an exception ends the training."""
        if message.startswith("***** Iteration"):
            self._rounds += 1
            self._each_round(self._rounds)


@dataclass(frozen=True, slots=True)
class CrfTagger:
    """ports.tagger.NameTagger by a trained model."""

    path: Path
    about: Mapping[str, Any]
    _model: Any
    # CRFsuite keeps the sentence that it looks at in the model.
    _one: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """See ports.tagger.NameTagger."""
        return f"crf:{self.about['sha256'][:12]}"

    def tag(self, text: str, known: Sequence[NameMatch]) -> tuple[TaggedName, ...]:
        """See ports.tagger.NameTagger."""
        found: list[TaggedName] = []
        for sentence, seen in sentences_with_features(text, known):
            with self._one:
                labels = self._model.tag(seen)
            found += names_of(text, sentence, labels)
        return tuple(found)


def sentences_with_features(text: str, known: Sequence[NameMatch]) -> Iterable[tuple[list[Token], list[list[str]]]]:
    """Each sentence that has a token, with the features of its tokens."""
    ruled = tag_by_rules(text, known)
    for start, end in sentences(text):
        if sentence := tokens(text, start, end):
            yield sentence, features(sentence, _within(known, start, end), _within(ruled, start, end))


def _within(spans: Sequence[Any], start: int, end: int) -> list[Any]:
    return [one for one in spans if one.start >= start and one.end <= end]


def names_of(text: str, sentence: Sequence[Token], labels: Sequence[str]) -> list[TaggedName]:
    """The names that IOB2 labels mark; an I without its B begins one."""
    found: list[TaggedName] = []
    begin = -1
    for place in range(len(sentence) + 1):
        label = labels[place] if place < len(sentence) else "O"
        if begin >= 0 and (not label.startswith("I-") or label[2:] != labels[begin][2:]):
            start, end = sentence[begin].start, sentence[place - 1].end
            found.append(TaggedName(start, end, text[start:end], KINDS.get(labels[begin][2:])))
            begin = -1
        if begin < 0 and label != "O":
            begin = place
    return found


def open_crf(path: Path) -> CrfTagger:
    """A model from its file.

    Raises:
        BadInput: there is no such file.
        IncompatibleData: it is no model of this version, or damaged.
    """
    try:
        whole = path.read_bytes()
    except OSError as error:
        raise BadInput.at("names_model", f"{path}: {error.strerror or error}; train one with `worldctx train names`"
                          ) from error
    head, _, body = whole.partition(b"\n")
    about = _head(path, head)
    if hashlib.sha256(body).hexdigest() != about["sha256"]:
        raise IncompatibleData(f"{path} is damaged: its bytes are not those that were written; train it anew")
    model = pycrfsuite.Tagger()
    try:
        model.open_inmemory(body)
    except ValueError as error:
        raise IncompatibleData(f"{path}: CRFsuite cannot read it ({error}); train it anew") from error
    return CrfTagger(path, about, model)


def _head(path: Path, head: bytes) -> dict[str, Any]:
    try:
        about = json.loads(head[:65_536])
    except ValueError:
        about = None
    if not isinstance(about, dict) or about.get("format") != FORMAT or not isinstance(about.get("sha256"), str):
        raise IncompatibleData(f"{path} is no model of names; make one with `worldctx train names`")
    if about.get("features") != FEATURES:
        raise IncompatibleData(f"{path} was trained with features {about.get('features')}, and this version has "
                               f"{FEATURES}; train it anew with `worldctx train names`")
    return about
