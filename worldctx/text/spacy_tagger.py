"""Names by a spaCy pipeline that you have: en_core_web_sm, a transformer, or one that you trained."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from worldctx.model.entity import Kind
from worldctx.model.errors import BadInput, IncompatibleData, Unsupported
from worldctx.ports.lexicon import NameMatch
from worldctx.ports.tagger import TaggedName
from worldctx.text.sentences import sentences

if TYPE_CHECKING:
    from spacy.language import Language

#: Labels of OntoNotes and CoNLL, as pipelines have them, that are names. Dates, amounts and numbers are not.
KINDS: Mapping[str, Kind | None] = {
    "PERSON": Kind.PERSON, "PER": Kind.PERSON, "ORG": Kind.ORGANISATION, "GPE": Kind.PLACE, "LOC": Kind.PLACE,
    "FAC": Kind.PLACE, "EVENT": Kind.EVENT, "WORK_OF_ART": Kind.WORK, "PRODUCT": Kind.PRODUCT, "NORP": None,
    "LAW": None, "LANGUAGE": None, "MISC": None,
}
#: Characters handed to the pipeline at a time: its memory grows with the text, and spaCy refuses a million.
PIECE = 50_000


@dataclass(frozen=True, slots=True)
class SpacyTagger:
    """ports.tagger.NameTagger by a spaCy pipeline; the graph's names are not shown to it."""

    pipeline: Language
    # A pipeline is not promised to be safe for several threads.
    _one: threading.Lock = field(default_factory=threading.Lock)

    @property
    def name(self) -> str:
        """See ports.tagger.NameTagger."""
        meta = self.pipeline.meta
        return f"spacy:{meta.get('lang')}_{meta.get('name')}-{meta.get('version')}"

    def tag(self, text: str, known: Sequence[NameMatch]) -> tuple[TaggedName, ...]:
        """See ports.tagger.NameTagger."""
        found: list[TaggedName] = []
        for start, end in pieces(text):
            with self._one:
                entities = self.pipeline(text[start:end]).ents
            found += [TaggedName(start + one.start_char, start + one.end_char, one.text, KINDS[one.label_])
                      for one in entities if one.label_ in KINDS]
        return tuple(found)


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """A text in pieces of whole sentences, none above PIECE characters where a sentence is not longer."""
    start = end = 0
    for first, last in sentences(text):
        if last - start > PIECE and end > start:
            yield start, end
            start = first
        while last - start > PIECE:
            yield start, start + PIECE
            start += PIECE
        end = last
    if end > start:
        yield start, end


def open_spacy(name: str) -> SpacyTagger:
    """A pipeline by its package name or folder.

    Raises:
        BadInput: there is none of that name.
        IncompatibleData: it has no part that finds entities, or cannot be read.
        Unsupported: spaCy is not installed.
    """
    try:
        import spacy
    except ImportError as error:
        raise Unsupported("spaCy is not installed; pip install 'worldctx[names]'") from error
    try:
        pipeline = spacy.load(name)
    except OSError as error:
        raise BadInput.at("names_model", f"spaCy has no pipeline {name!r}; install its package or give its folder"
                          ) from error
    except (ValueError, ImportError, KeyError) as error:
        raise IncompatibleData(f"spaCy cannot read the pipeline {name!r}: {error}") from error
    if not {"ner", "entity_ruler", "span_ruler"} & set(pipeline.pipe_names):
        parts = ", ".join(pipeline.pipe_names) or "no parts"
        raise IncompatibleData(f"the pipeline {name!r} finds no entities; it has {parts}")
    return SpacyTagger(pipeline)
