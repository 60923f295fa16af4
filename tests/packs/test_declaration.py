"""`pack.toml` is checked before anything else is read, and what is wrong is named by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packs.made import edit
from worldctx.exchange.pack.declaration import Part, declared
from worldctx.exchange.pack.files import PackFiles
from worldctx.model.errors import BadInput


def test_a_sound_declaration_is_read_as_it_stands(rail: Path) -> None:
    one = declared(rail)
    assert (one.name, one.version, one.licence, one.published) == ("rail", "1.0.0", "CC0-1.0", None)
    assert one.parts == (Part("rdf", ("vocabulary.ttl",), weight=0.1), Part("facts", ("companies.jsonl",)))
    assert one.policy.drop == {"coach"}
    first, second = one.tests
    assert first.facts == (("rail:tram", "broader", "rail:transport"),)
    assert second.as_of is not None
    assert second.as_of.edtf == "1960"


@pytest.mark.parametrize(("old", "new", "told"), [
    ("licence =", "license =", "license: is not a key here; known are"),
    ('name = "rail"', 'name = "Rail Ways"', "name: is 'Rail Ways'; use 2 to 41 lower-case letters"),
    ('version = "1.0.0"', 'version = "one"', "version: is 'one'; write it as 1.0.0"),
    ('version = "1.0.0"', "version = 1.0", "version: must be a text"),
    ('title = "Rail"\n', "", "title: is missing"),
    ('licence = "CC0-1.0"\n', "", "licence: is missing"),
    ('licence = "CC0-1.0"', 'licence = "CC0-1.0"\npublished = "soon"', "published: 'soon' is not a date"),
    ('format = "rdf"', 'format = "xml"', "read[0].format: is 'xml'; it must be one of rdf, facts, map"),
    ('format = "rdf"', 'format = "map"', "read[0].mapping: is missing; tables need a mapping file"),
    ('files = ["companies.jsonl"]', 'files = ["companies.jsonl"]\nmapping = "m.toml"', "read[1].mapping: is not needed for the facts format"),
    ('files = ["companies.jsonl"]', "files = []", "read[1].files: is missing"),
    ('files = ["companies.jsonl"]', 'files = ["../companies.jsonl"]', "read[1].files: '../companies.jsonl' leads out of the pack"),
    ('files = ["companies.jsonl"]', 'files = ["/etc/passwd"]', "leads out of the pack"),
    ('files = ["companies.jsonl"]', 'files = ["gone.jsonl"]', "read[1].files: 'gone.jsonl' matches no file"),
    ('shapes = ["shapes.ttl"]', 'shapes = ["gone.ttl"]', "shapes: 'gone.ttl' matches no file"),
    ('shapes = ["shapes.ttl"]', 'shapes = "shapes.ttl"', "shapes: must be a list of texts"),
    ('drop = ["coach"]', 'dropped = ["coach"]', "gazetteer.dropped: is not a key here"),
    ('drop = ["coach"]', "min_length = 0", "gazetteer.min_length: must be a number of characters, 1 to 100"),
    ('drop = ["coach"]', 'acronyms = "no"', "gazetteer.acronyms: must be true or false"),
    ("weight = 0.1", "weight = 2", "read[0].weight: must be a number from 0 to 1"),
    ("weight = 0.1", "weight = true", "read[0].weight: must be a number from 0 to 1"),
    ('files = ["companies.jsonl"]', 'files = ["companies.jsonl"]\nweight = 0.1', "read[1].weight: belongs to RDF"),
    ('as_of = "1960"', 'as_of = "last year"', "test[1].as_of: 'last year' is not a date"),
    ('as_of = "1960"', 'asof = "1960"', "test[1].asof: is not a key here"),
    ('entities = ["rail:british-rail"]', "", "test[1]: expects nothing"),
    ('["rail:tram", "broader", "rail:transport"]', '["rail:tram", "broader"]', "test[0].facts: must be a list of"),
    ("[[read]]", "[read]", "is not TOML"),
    ('name = "rail"', "name = rail", "is not TOML"),
])
def test_what_is_wrong_is_named_by_its_key(rail: Path, old: str, new: str, told: str) -> None:
    edit(rail / "pack.toml", old, new)
    with pytest.raises(BadInput) as caught:
        PackFiles(rail).shapes()
    assert told in caught.value.message
    assert str(rail) in caught.value.message or "matches no file" in told


def test_a_folder_without_a_declaration_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"holds no pack.toml; see docs/packs.md"):
        declared(tmp_path)


def test_a_declaration_that_is_no_text_is_told(rail: Path) -> None:
    (rail / "pack.toml").write_bytes(b"\xff\xfe\x00name")
    with pytest.raises(BadInput, match=r"pack.toml.* cannot be read"):
        declared(rail)


@given(st.recursive(st.one_of(st.booleans(), st.integers(), st.text(max_size=5)), lambda inner: st.lists(inner, max_size=3), max_leaves=5))
def test_a_value_of_the_wrong_type_is_a_complaint_whatever_the_key(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    folder = tmp_path_factory.mktemp("pack")
    needed = {"name": '"a1"', "version": '"1.0.0"', "title": '"t"', "licence": '"l"'}
    for key in (*needed, "url", "published", "shapes", "read", "test", "gazetteer"):
        text = "\n".join(f"{name} = {one}" for name, one in (needed | {key: _toml(value)}).items())
        (folder / "pack.toml").write_text(text, encoding="utf-8")
        with pytest.raises(BadInput):  # at the latest for want of something to read
            declared(folder)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value) if isinstance(value, int) else '"' + "".join(char for char in str(value) if char.isalnum()) + '"'
