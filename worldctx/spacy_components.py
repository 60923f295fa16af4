"""worldctx as parts of a spaCy pipeline: `nlp.add_pipe("worldctx_names")` and `nlp.add_pipe("worldctx_entities")`.

`worldctx_names` writes the names of a text into `doc.ents`, whether a graph knows them or not; it needs no world.
`worldctx_entities` asks a world and writes what it links, with the id in `kb_id_` and the kind as label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from worldctx.client.client import connect_blocking
from worldctx.model.ask import Ask
from worldctx.model.entity import Kind
from worldctx.model.time import parse_when
from worldctx.text.taggers import open_tagger

if TYPE_CHECKING:
    from worldctx.client.client import BlockingClient
    from worldctx.ports.tagger import NameTagger

#: Labels as spaCy's own pipelines have them.
LABELS: dict[Kind | None, str] = {
    Kind.PERSON: "PERSON", Kind.ORGANISATION: "ORG", Kind.PLACE: "LOC", Kind.EVENT: "EVENT", Kind.WORK: "WORK_OF_ART",
    Kind.PRODUCT: "PRODUCT", Kind.CONCEPT: "MISC", None: "MISC",
}


class Names:
    """Writes names into `doc.ents`; entities that are there already are kept, and win where they overlap."""

    def __init__(self, tagger: NameTagger) -> None:
        self.tagger = tagger

    def __call__(self, doc: Doc) -> Doc:
        """The document with its names."""
        found = [_span(doc, one.start, one.end, LABELS[one.kind]) for one in self.tagger.tag(doc.text, ())]
        return _written(doc, found)


class Entities:
    """Writes linked entities into `doc.ents` with their ids in `kb_id_`; names that are not linked are left out."""

    def __init__(self, world: BlockingClient, as_of: str) -> None:
        self.world, self.as_of = world, parse_when(as_of) if as_of else None

    def __call__(self, doc: Doc) -> Doc:
        """The document with its entities; one without words is handed on as it is."""
        if not doc.text.strip():
            return doc
        answer = self.world.look_up(Ask(doc.text, as_of=self.as_of, limit=1, budget=0))
        found = [_span(doc, one.span.start, one.span.end, LABELS[Kind(one.kind)], one.id)
                 for one in answer.entities if one.id]
        return _written(doc, found)


def _span(doc: Doc, start: int, end: int, label: str, key: str = "") -> Span | None:
    # A name may end inside a token of spaCy's (a hyphen): the span then takes the whole token in.
    return doc.char_span(start, end, label=label, kb_id=key, alignment_mode="expand")


def _written(doc: Doc, found: list[Span | None]) -> Doc:
    there = list(doc.ents)
    taken = {place for one in there for place in range(one.start, one.end)}
    more = filter_spans([one for one in found if one is not None])
    doc.ents = (*there, *(one for one in more if taken.isdisjoint(range(one.start, one.end))))
    return doc


@Language.factory("worldctx_names", default_config={"model": "rules"}, assigns=["doc.ents"])
def make_names(nlp: Language, name: str, model: str) -> Names:
    """The part `worldctx_names`; `model` is `rules` or `crf:FILE`."""
    return Names(open_tagger(model))


@Language.factory("worldctx_entities", default_config={"world": "embedded:worldctx-data", "as_of": "", "settings": {}},
                  assigns=["doc.ents"])
def make_entities(nlp: Language, name: str, world: str, as_of: str, settings: dict[str, Any]) -> Entities:
    """The part `worldctx_entities`.

    Args:
        world: `embedded:DIR` or `HOST:PORT`.
        as_of: the valid clock as EDTF; empty is open.
        settings: options of `worldctx.connect`, such as `{"embedder": "none"}` or `{"token": "..."}`.
    """
    return Entities(connect_blocking(world, **settings), as_of)
