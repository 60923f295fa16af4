"""A model of names learns from labels, gives the same bytes for the same data, and is refused when it is damaged."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from tests.conftest import Cli
from worldctx.config import Settings
from worldctx.model.entity import Kind
from worldctx.model.errors import BadInput, IncompatibleData, WorldctxError
from worldctx.model.ids import EntityId
from worldctx.ports.lexicon import NameHit, NameMatch
from worldctx.text.crf import open_crf, sentences_with_features
from worldctx.text.silver import silver
from worldctx.text.taggers import open_tagger
from worldctx.wiring import open_running

WORDS = [("lord", "PER"), ("firm", "ORG"), ("town", "LOC")]
ENDS = {"PER": "mar", "ORG": "tek", "LOC": "stead"}


def labelled(count: int, seed: int = 3) -> str:
    """Sentences of a small language: what a name is called by its ending and by the word before it."""
    draw = random.Random(seed)
    lines = []
    for _ in range(count):
        word, kind = draw.choice(WORDS)
        name = "".join(draw.choice("abdegiklorsu") for _ in range(5)).title() + ENDS[kind]
        lines += ["they O", "saw O", "the O", f"{word} O", f"{name} B-{kind}", *([f"Vey I-{kind}"] if kind == "PER" else []), "again O", ". O", ""]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("columns") / "train.conll"
    path.write_text("-DOCSTART- -X- O O\n\n" + labelled(300), encoding="utf-8")
    return path


@pytest.fixture
def model(cli: Cli, columns: Path, tmp_path: Path) -> Path:
    done = cli("train", "names", tmp_path / "names.crf", "--conll", columns, "--about", "made up, CC0", "--json")
    assert (done.json["sentences"], done.json["names"], done.json["refused"]) == (300, 300, 0)
    assert done.json["bytes"] == (tmp_path / "names.crf").stat().st_size
    return tmp_path / "names.crf"


def test_names_that_were_never_seen_are_found_with_their_kind(model: Path) -> None:
    found = open_tagger(f"crf:{model}").tag("They saw the lord Garbamar Vey again. Then they saw the firm Ludotek.", ())
    assert [(one.surface, one.kind) for one in found] == [("Garbamar Vey", Kind.PERSON), ("Ludotek", Kind.ORGANISATION)]


def test_the_model_says_what_it_was_made_of(model: Path) -> None:
    head = json.loads(model.read_bytes().partition(b"\n")[0])
    assert (head["about"], head["sentences"], head["seed"]) == ("made up, CC0", 300, 7)
    assert open_crf(model).name == f"crf:{head['sha256'][:12]}"


def test_the_same_labels_give_the_same_bytes(model: Path, cli: Cli, columns: Path, tmp_path: Path) -> None:
    cli("train", "names", tmp_path / "again.crf", "--conll", columns, "--about", "made up, CC0")
    assert (tmp_path / "again.crf").read_bytes() == model.read_bytes()


def test_bad_lines_are_named_and_the_rest_is_learnt(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "bad.conll"
    path.write_text("alone\n\nthe O\nfirm B-\n\n" + labelled(20), encoding="utf-8")
    done = cli("train", "names", tmp_path / "m.crf", "--conll", path, "--json", code=1)
    assert (done.json["refused"], done.json["sentences"]) == (2, 20)
    assert any("bad.conll: line 1: needs a word and a label such as B-PER or O" in one for one in done.complaints)
    assert any("bad.conll: line 4" in one for one in done.complaints)


def test_nothing_to_learn_from_is_said_and_leaves_no_file(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "empty.conll"
    path.write_text("\n", encoding="utf-8")
    assert "hold no sentence to learn from" in cli("train", "names", tmp_path / "m.crf", "--conll", path, code=1).err
    assert not (tmp_path / "m.crf").exists()


@pytest.mark.parametrize("damage", [
    lambda whole: b"", lambda whole: b"{}\n" + whole, lambda whole: whole[:-7], lambda whole: whole[: len(whole) // 2],
    lambda whole: whole.partition(b"\n")[2], lambda whole: whole.replace(b'"features": 1', b'"features": 0'),
    lambda whole: whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:], lambda whole: bytes(255 - byte for byte in whole),
])
def test_a_damaged_or_older_model_is_refused_when_the_world_is_opened(model: Path, world: Path, damage) -> None:  # type: ignore[no-untyped-def]
    whole = model.read_bytes()
    model.write_bytes(damage(whole))
    with pytest.raises(IncompatibleData, match=r"names\.crf .*train|names\.crf .*anew|names\.crf is"), open_running(Settings.read(data=world, embedder="hashing", names_model=f"crf:{model}")):
        pass


def test_a_model_that_is_not_there_is_named(world: Path) -> None:
    with pytest.raises(BadInput, match="names_model: .*no.crf: No such file.*worldctx train names"), open_running(Settings.read(data=world, embedder="hashing", names_model="crf:no.crf")):
        pass


@pytest.mark.parametrize(("given", "fits"), [("spacy:no_such_pipeline", "spaCy has no pipeline 'no_such_pipeline'"), ("spacy:/", "spaCy has no pipeline")])
def test_a_pipeline_that_is_not_there_is_named(given: str, fits: str) -> None:
    with pytest.raises(WorldctxError, match=fits):
        open_tagger(given)


def match(text: str, surface: str, kind: Kind, weight: float = 0.5) -> NameMatch:
    start = text.index(surface)
    hit = NameHit(EntityId(surface), kind, surface, exact=True, preferred=True, weight=weight)
    return NameMatch(start, start + len(surface), surface, (hit,))


@pytest.mark.parametrize(("text", "surface", "labels"), [
    ("We went to Freedonia today.", "Freedonia", ["O", "O", "O", "B-LOC", "O", "O"]),
    ("We went to Freedonia with Zubin.", "Freedonia", None),
    ("The Freedonia Tribune was there.", "Freedonia", None),
    ("It rained today.", "It", None),
])
def test_silver_is_made_only_where_every_name_is_explained(text: str, surface: str, labels: list[str] | None) -> None:
    found = list(silver(text, [match(text, surface, Kind.PLACE)], random.Random(1)))
    assert [one.labels for one in found] == ([labels] if labels else [])


def test_an_ambiguous_or_little_known_word_teaches_nothing() -> None:
    text = "We went to Freedonia today."
    assert not list(silver(text, [match(text, "Freedonia", Kind.PLACE, weight=0.1)], random.Random(1)))


def test_each_token_of_a_sentence_has_features() -> None:
    text = "Anna went. To Grimstead, they said.\n\nYes."
    for sentence, seen in sentences_with_features(text, ()):
        assert len(sentence) == len(seen)


@pytest.mark.slow
def test_documents_of_the_store_teach_too(cli: Cli, world: Path, tmp_path: Path) -> None:
    done = cli("train", "names", tmp_path / "m.crf", "--stored", "--data", shutil.copytree(world, tmp_path / "copy"), "--json")
    assert done.json["silver"] > 0
    assert open_crf(tmp_path / "m.crf").about["sentences"] == done.json["silver"]
