"""Broken, hostile and mistaken RDF: each is told clearly, what is sound goes in, and nothing is fetched or crashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.exchange.rdf.conftest import Import
from worldctx.exchange.rdf.importer import RdfImporter
from worldctx.model.errors import BadInput

TRIPLE = '<http://ex.org/{}> <http://ex.org/p> "{}" .\n'
XML = '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://ex.org/">{}</r:RDF>'


def test_a_bad_line_of_n_triples_is_one_error_and_the_rest_goes_in(imported: Import) -> None:
    lines = [TRIPLE.format("a", 1), "no triple\n", TRIPLE.format("b", 2), '<http://ex.org/c> <http://ex.org/p> "open\n', TRIPLE.format("d", 4), "\n# c\n", '<no iri> <http://ex.org/p> "5" .\n', TRIPLE.format("f", 6)]
    made = imported("".join(lines).encode() + b'<http://ex.org/g> <http://ex.org/p> "\xe9" .\n' + TRIPLE.format("h", 8).encode()[:-1], "nt")
    assert [one[0] for one in made.facts] == ["a", "b", "d", "f", "h"]
    assert [one.split("data.nt: ")[1].split(":")[0] for one in made.errors] == ["line 2", "line 4", "line 8", "line 10"]
    assert "Invalid UTF-8" in made.errors[-1]
    assert [one.raw.split()[0] for one in made.taken if one.error][:2] == ["no", "<http://ex.org/c>"]


def test_many_bad_lines_in_many_blocks_are_all_numbered(imported: Import) -> None:
    text = "".join("bad\n" if number % 1000 == 0 else TRIPLE.format(number, "x" * 50) for number in range(1, 12_001))
    made = imported(text.encode(), "nq")
    assert [int(one.split("line ")[1].split(":")[0]) for one in made.errors] == list(range(1000, 12_001, 1000))
    assert len(made.facts) == 11_988


def test_a_file_of_something_else_is_given_up(imported: Import) -> None:
    made = imported(b"name;town\n" * 5000, "nt")
    assert len(made.errors) == 1001
    assert "is no N-Triples: its first 1000 lines are all wrong" in made.errors[-1]


def test_broken_turtle_gives_what_stands_before_with_line_and_column(imported: Import) -> None:
    made = imported(b'@prefix : <http://ex.org/> .\n:a :p "1" .\n:b :p ; .\n:c :p "3" .\n')
    assert made.facts == [("a", "p", "1", "../..")]
    (error,) = made.errors
    assert "data.ttl: line 3, column 7: ; is not a valid RDF object; the rest of the file was not read" in error


@pytest.mark.parametrize(("text", "suffix", "told"), [
    (b'<http://ex.org/a> <http://ex.org/p> "\xe9" .', "ttl", "Invalid UTF-8"),
    ("<http://ex.org/a> <http://ex.org/p> 'x' .".encode("utf-16"), "ttl", "line 1"),
    (('<?xml version="1.0" encoding="iso-8859-1"?>' + XML.format('<r:Description r:about="http://ex.org/a" e:p="é"/>')).encode("latin-1"), "rdf", "Only UTF-8 is supported"),
    (XML.format("<r:Description>").encode(), "rdf", "line 1"),
    (b"{", "jsonld", "line 1"),
    (b'{"@context": 3}', "jsonld", "@context value must be"),
    (b"", "jsonld", "data.jsonld"),
])
def test_what_cannot_be_read_is_told(imported: Import, text: bytes, suffix: str, told: str) -> None:
    made = imported(text, suffix)
    assert [told in one for one in made.errors] == [True], made.errors
    assert made.lines == []


def test_a_byte_order_mark_is_no_part_of_the_text(imported: Import) -> None:
    for suffix in ("ttl", "nt", "rdf"):
        text = XML.format('<r:Description r:about="http://ex.org/a" e:p="1"/>') if suffix == "rdf" else TRIPLE.format("a", 1)
        assert len(imported(b"\xef\xbb\xbf" + text.encode(), suffix).facts) == 1


@pytest.mark.parametrize(("text", "named"), [
    ('{"@context": "https://schema.org/", "@id": "http://ex.org/a"}', "'https://schema.org/'"),
    ('{"@context": [{"a": "http://ex.org/a"}, "https://w3id.example/v1"], "@id": "http://ex.org/a"}', "'https://w3id.example/v1'"),
    ('{"@context": {"name": {"@id": "http://ex.org/n", "@context": "http://evil.example/c"}}, "@id": "http://ex.org/a"}', "'http://evil.example/c'"),
    ('{"@context": {"@import": "file:///etc/passwd"}, "@id": "http://ex.org/a"}', ""),
])
def test_remote_contexts_are_refused_by_name(imported: Import, text: str, named: str) -> None:
    (error,) = imported(text, "jsonld").errors
    assert named in error
    if named:
        assert "nothing is fetched from the network" in error


def test_xml_entities_that_abbreviate_are_read_and_those_that_explode_or_lead_away_are_not(imported: Import) -> None:
    def document(entities: str, value: str) -> str:
        return f"<!DOCTYPE r:RDF [{entities}]>" + XML.format(f'<r:Description r:about="http://ex.org/a"><e:p>{value}</e:p></r:Description>')

    assert imported(document('<!ENTITY x "http://ex.org/">', "&x;b"), "rdf").facts == [("a", "p", "b", "../..")]
    laughs = '<!ENTITY l0 "ha ha ha ha">' + "".join(f'<!ENTITY l{place} "{f"&l{place - 1};" * 10}">' for place in range(1, 10))
    made = imported(document(laughs, "&l9;"), "rdf")
    assert (made.lines, [("expand without measure" in one) for one in made.errors]) == ([], [True])
    big = f'<!ENTITY big "{"x" * 100_000}">'
    made = imported(document(big, "&big;" * 5000), "rdf")
    assert (made.lines, ["expand without measure" in one for one in made.errors]) == ([], [True])
    made = imported(document('<!ENTITY f SYSTEM "file:///etc/passwd">', "&f;"), "rdf")
    assert (made.lines, ["of another file" in one for one in made.errors]) == ([], [True])


@pytest.mark.parametrize(("text", "suffix"), [
    ('<http://ex.org/a> <http://ex.org/p> ' + "<<( <http://ex.org/a> <http://ex.org/p> " * 40_000 + '"1"' + " )>>" * 40_000 + " .", "nt"),
    ("@prefix : <http://ex.org/> . :a :p " + "<<(:a:p" * 40_000 + " :b" + ")>>" * 40_000 + " .", "ttl"),
    ("@prefix : <http://ex.org/> . " + "<<\n# a comment\n" * 40_000 + " :a :p :b" + " >> :p :b" * 40_000 + " .", "trig"),
    (XML.format('<r:Description><e:p>' * 100_000), "rdf"),
    ('{"http://ex.org/p":' * 100_000 + "1" + "}" * 100_000, "jsonld"),
])
def test_deep_nesting_neither_crashes_nor_takes_for_ever(imported: Import, text: str, suffix: str) -> None:
    made = imported(text.encode(), suffix)
    assert len(made.errors) >= 1
    assert any("nested" in one or "stack size" in one or "line 1" in one for one in made.errors), made.errors


def test_nested_nodes_and_lists_may_be_deep_and_texts_full_of_brackets(imported: Import) -> None:
    made = imported(b"@prefix : <http://ex.org/> . :a :p " + b"[ :q " * 2000 + b"1" + b"]" * 2000 + b" . :b :l " + b"(" * 2000 + b"1" + b")" * 2000 + b" .")
    assert made.errors == []
    code = "cout << a << b " * 500 + "<<( x " * 500
    assert imported(f'<http://ex.org/a> <http://ex.org/p> "{code}" .\n' * 3, "nt").facts == [("a", "p", code, "../..")]


def test_circles_of_containment_lose_one_link_each(imported: Import) -> None:
    made = imported(":a geo:sfWithin :b . :b geo:sfWithin :c . :c geo:sfWithin :a . :d geo:sfWithin :a . :e geo:sfWithin :e . :a a schema:Place . :b a schema:Place . :c a schema:Place . :d a schema:Place . :e a schema:Place .")
    assert {one: made.entity(one).within for one in "bcd"} == {"b": "http://ex.org/c", "c": "http://ex.org/a", "d": "http://ex.org/a"}
    assert (made.entity("a").within, made.entity("e").within) == (None, None)
    assert sorted(one.split("within: ")[1] for one in made.errors) == [
        "http://ex.org/b itself lies within http://ex.org/a, as the links lead on; left out", "http://ex.org/e itself lies within http://ex.org/e, as the links lead on; left out"]


def test_wrong_statements_are_lost_alone(imported: Import) -> None:
    long = "http://ex.org/" + "x" * 600
    made = imported(f':a a schema:Person ; schema:name "A" ; :p <{long}> , :b , "c" . <{long}> :p "1" . :a :q "x" {{| schema:startDate "19x9" |}} . :a :q "y" {{| wctx:confidence 7 |}} . :a :q "z" {{| schema:startDate "2000" ; schema:endDate "1999" |}} .')
    assert made.facts == [("a", "p", "b", "../.."), ("a", "p", "c", "../..")]
    assert len(made.errors) == 5
    for told in ("614 characters", "'19x9' is not a date", "confidence: must be a number between 0 and 1", "precedes"):
        assert any(told in one for one in made.errors), told


def test_a_source_whose_date_is_wrong_is_told_without_it(imported: Import) -> None:
    made = imported(':g { :a :p :b } :c :p :d {| prov:wasDerivedFrom :paper |} . :g dcterms:issued "soon" . :paper dcterms:issued "2001-13" ; dcterms:title "P" .', "trig")
    assert [one[0] for one in made.facts] == ["a", "c", "paper"]
    assert [(one.id, one.title, one.published) for one in made.sources if one.id.startswith("http")] == [("http://ex.org/g", "", None), ("http://ex.org/paper", "P", None)]
    assert ["published_at" in one for one in made.errors] == [True, True]


def test_options_are_checked_first() -> None:
    for options, told in (({"syntax": "csv"}, "--format: 'csv' is no syntax"), ({"source": "a b"}, "--source"), ({"base": "x"}, "--base"), ({"mapping": "gone.toml"}, "gone.toml: is no file")):
        with pytest.raises(BadInput) as caught:
            RdfImporter.of(**{"mapping": "default", **options})
        assert told in caught.value.message


def test_relative_iris_need_a_base(imported: Import) -> None:
    assert "No scheme found" in imported(b"<a> <p> <b> .").errors[0]
    assert imported(b"<a> <p> <b> .", base="http://ex.org/").facts == [("a", "p", "b", "../..")]


def test_json_ld_that_is_too_large_for_memory_is_refused(imported: Import) -> None:
    (error,) = imported(b'{"http://ex.org/p": "' + b"x" * 2**25 + b'"}', "jsonld").errors
    assert "convert it to N-Quads" in error


def test_the_verb_reports_and_ends_with_one(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.nt").write_text(TRIPLE.format("a", 1) + "bad\n")
    result = cli("import", "rdf", tmp_path / "a.nt", tmp_path / "gone.nt", "--data", tmp_path / "w", "--parked", tmp_path / "parked.jsonl", code=1)
    assert any("a.nt: line 2" in one for one in result.complaints)
    assert any("gone.nt" in one and "No such file" in one for one in result.complaints)
    assert '"line": 2' in (tmp_path / "parked.jsonl").read_text()
