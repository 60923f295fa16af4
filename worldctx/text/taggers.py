"""Which tagger finds the names that the graph lacks: rules, a model that you trained, or a spaCy pipeline."""

from __future__ import annotations

from pathlib import Path

from worldctx.model.errors import BadInput, Unsupported
from worldctx.ports.tagger import NameTagger
from worldctx.text.names import RuleTagger


def open_tagger(choice: str) -> NameTagger:
    """The tagger that a setting names.

    Args:
        choice: `rules`, `crf:FILE` or `spacy:PIPELINE`.

    Raises:
        BadInput: it names none, or what it names is not there.
        IncompatibleData: the model is damaged, or of another version.
        Unsupported: its library is not installed.
    """
    if choice == "rules":
        return RuleTagger()
    how, _, what = choice.partition(":")
    if how not in ("crf", "spacy") or not what:
        raise BadInput.at("names_model", f"{choice!r} names no tagger; write rules, crf:FILE or spacy:PIPELINE")
    if how == "spacy":
        from worldctx.text.spacy_tagger import open_spacy

        return open_spacy(what)
    try:
        from worldctx.text.crf import open_crf
    except ImportError as error:
        raise Unsupported("python-crfsuite is not installed; pip install 'worldctx[names]'") from error
    return open_crf(Path(what))
