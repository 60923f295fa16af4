"""worldctx in a spaCy pipeline, and a spaCy pipeline in worldctx."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from worldctx.config import Settings
from worldctx.model.entity import Kind
from worldctx.model.errors import IncompatibleData
from worldctx.text.spacy_tagger import PIECE, pieces
from worldctx.text.taggers import open_tagger
from worldctx.wiring import open_running

spacy = pytest.importorskip("spacy")


@pytest.fixture(autouse=True)
def registered() -> None:
    import worldctx.spacy_components  # noqa: F401  # an entry point does this once it is installed


def test_names_are_written_into_the_document() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("worldctx_names")
    doc = nlp("We met Anna Grendel 🙂 of Grendel Holdings Ltd in Grimstead.")
    assert [(one.text, one.label_) for one in doc.ents] == [("Anna Grendel", "PERSON"), ("Grendel Holdings Ltd", "ORG"), ("Grimstead", "LOC")]


def test_entities_that_are_there_are_kept() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PRODUCT", "pattern": "Grendel Holdings"}])
    nlp.add_pipe("worldctx_names")
    assert [(one.text, one.label_) for one in nlp("Anna Grendel left Grendel Holdings Ltd.").ents] == [("Anna Grendel", "PERSON"), ("Grendel Holdings", "PRODUCT")]


def test_entities_come_with_the_ids_of_the_graph(world: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("worldctx_entities", config={"world": f"embedded:{world}", "as_of": "1971", "settings": {"embedder": "hashing"}})
    try:
        doc = nlp("Willy Brandt wrote to Salvador Allende, not to Zork Blumfeld.")
        assert [(one.text, one.kb_id_, one.label_) for one in doc.ents] == [("Willy Brandt", "ent:willy-brandt", "PERSON"), ("Salvador Allende", "ent:salvador-allende", "PERSON")]
        assert not nlp("").ents
    finally:
        nlp.get_pipe("worldctx_entities").world.close()


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A pipeline on disk, as a user may have one: rules here, where others have a network."""
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "GPE", "pattern": "Zork"}, {"label": "DATE", "pattern": "Monday"}, {"label": "PERSON", "pattern": "Mumm"}])
    nlp.to_disk(tmp_path / "pipeline")
    return tmp_path / "pipeline"


def test_a_pipeline_of_the_user_finds_the_names(pipeline: Path) -> None:
    tagger = open_tagger(f"spacy:{pipeline}")
    assert tagger.name.startswith("spacy:en_")
    text = "🙂 On Monday Mumm went to Zork. " * 3
    found = tagger.tag(text, ())
    assert [(one.surface, one.kind) for one in found] == [("Mumm", Kind.PERSON), ("Zork", Kind.PLACE)] * 3
    assert all(text[one.start:one.end] == one.surface for one in found)


def test_a_pipeline_without_entities_is_refused(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "blank")
    with pytest.raises(IncompatibleData, match="finds no entities; it has no parts"):
        open_tagger(f"spacy:{tmp_path / 'blank'}")


def test_long_texts_go_through_in_pieces_that_cover_them() -> None:
    text = "A short sentence stands here. " * 9000 + "x" * (3 * PIECE)
    spans = list(pieces(text))
    assert all(0 < end - start <= PIECE for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    covered = "".join(text[start:end] for start, end in spans)
    assert covered.replace(" ", "") == text.replace(" ", "")


def test_a_world_opens_with_a_pipeline_of_the_user(world: Path, pipeline: Path) -> None:
    with open_running(Settings.read(data=world, embedder="hashing", names_model=f"spacy:{pipeline}")) as running:
        assert running.world.tagger is not None
        assert running.world.tagger.name.startswith("spacy:")
