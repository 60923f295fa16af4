"""What the vocabularies of the shipped mapping mean, and what mappings of one's own add."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat

from tests.exchange.rdf.conftest import PREFIXES, Import
from worldctx.exchange.facts import Line
from worldctx.exchange.rdf.export import write
from worldctx.exchange.rdf.importer import RdfImporter
from worldctx.exchange.rdf.mapping import load
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.errors import BadInput
from worldctx.model.fact import Literal
from worldctx.model.ids import EntityId
from worldctx.model.time import parse_interval, parse_when


def test_names_kinds_and_external_ids_of_several_vocabularies(imported: Import) -> None:
    made = imported("""
        :a a schema:Person ; schema:name "Ada"@en ; skos:altLabel "A. Holm" ; owl:sameAs <http://www.wikidata.org/entity/Q7> , <http://viaf.org/viaf/9> ; schema:description "Sailor"@en, "Seglerin"@de .
        :b a foaf:Organization ; foaf:name "B" . :c a skos:Concept ; skos:prefLabel "C"@de ; rdfs:label "c" . :d a :Unknown ; rdfs:label "D" . :e :p 1 .""")
    ada = made.entity("a")
    assert (ada.kind, ada.names, ada.same_as, ada.description) == (Kind.PERSON, (Name("Ada", "en", preferred=True), Name("A. Holm")), ("viaf:9", "wd:Q7"), "Sailor")
    assert [made.entity(one).kind for one in "bcd"] == [Kind.ORGANISATION, Kind.CONCEPT, Kind.CONCEPT]
    assert made.entities == ["a", "b", "c", "d"]  # nothing says what :e is
    assert made.facts == [("a", "https://schema.org/description", "Seglerin", "../.."), ("d", "instance_of", "Unknown", "../.."), ("e", "p", "1", "../..")]


def test_schema_org_is_known_by_both_of_its_names(imported: Import) -> None:
    made = imported('<http://ex.org/a> a <http://schema.org/Person> ; <http://schema.org/name> "A" ; <http://schema.org/birthDate> "1950" .')
    assert made.entity("a").names == (Name("A", preferred=True),)
    assert made.facts == [("a", "birth_date", "1950", "1950/..")]


def test_a_class_is_what_its_superclasses_are(imported: Import) -> None:
    made = imported(':x a :Lighthouse . :Lighthouse rdfs:subClassOf :Building . :Building rdfs:subClassOf schema:Place , :Lighthouse .')
    assert made.entity("x").kind is Kind.PLACE


@pytest.mark.parametrize(("said", "point"), [
    ('geo:hasGeometry [ a geo:Geometry ; geo:asWKT "POINT(10.5 59.9)"^^geo:wktLiteral ]', (59.9, 10.5)),
    ('geo:asWKT "<http://www.opengis.net/def/crs/EPSG/0/4326> Point (59.9 10.5)"^^geo:wktLiteral', (59.9, 10.5)),
    ('wgs84:lat "59.9" ; wgs84:long 10.5', (59.9, 10.5)),
    ('schema:geo [ a schema:GeoCoordinates ; schema:latitude 59.9 ; schema:longitude "10.5" ]', (59.9, 10.5)),
    ('geo:asWKT "<http://www.opengis.net/def/crs/EPSG/0/27700> POINT(1 2)"^^geo:wktLiteral', (None, None)),
    ('geo:asWKT "POLYGON((1 2,3 4,5 6,1 2))"^^geo:wktLiteral', (None, None)),
])
def test_coordinates_in_every_usual_form(imported: Import, said: str, point: tuple[float | None, float | None]) -> None:
    made = imported(f":x a schema:Place ; {said} .")
    assert ((made.entity("x").lat, made.entity("x").lon), made.errors) == (point, [])


def test_a_triple_with_annotations_is_one_fact_with_validity_source_and_confidence(imported: Import) -> None:
    made = imported("""
        :a :leads :b {| schema:startDate "1990"^^xsd:gYear ; schema:endDate "1994-05-02"^^xsd:date ; wctx:confidence 0.5 ; prov:wasDerivedFrom :paper ; wctx:knownSince "1991-02"^^xsd:gYearMonth ; oa:exact "so" |} .
        :a :leads :c . :a :leads :d ~ :r1 ~ :r2 . :r1 schema:startDate "2001" . :r2 schema:startDate "2005" .
        <<( :a :leads :never )>> :p 1 . :s rdf:reifies <<( :a :leads :quoted )>> ; schema:startDate "1900" .
        :paper dcterms:title "The Paper" ; dcterms:issued "1995-03"^^xsd:gYearMonth ; dcterms:publisher :press .
        """.replace("<<( :a :leads :never )>> :p 1 .", "").replace("oa:exact", "<http://www.w3.org/ns/oa#exact>"))
    assert [one for one in made.facts if one[1] == "leads"] == [("a", "leads", "b", "1990/1994-05-02"), ("a", "leads", "c", "../.."), ("a", "leads", "d", "2001/.."), ("a", "leads", "d", "2005/..")]
    (fact,) = [one for one in made.whole if one.object == "http://ex.org/b"]
    assert (fact.source, fact.confidence, fact.evidence.quote, fact.known.since) == ("http://ex.org/paper", 0.5, "so", parse_when("1991-02"))
    (paper,) = [one for one in made.sources if one.id == "http://ex.org/paper"]
    assert (paper.title, paper.published, paper.publisher) == ("The Paper", parse_when("1995-03"), "http://ex.org/press")


def test_rdf_statements_annotate_too_and_what_is_only_quoted_is_no_fact(imported: Import) -> None:
    made = imported(""":a :p "x" . :s a rdf:Statement ; rdf:subject :a ; rdf:predicate :p ; rdf:object "x" ; time:hasBeginning [ time:inXSDDate "1990-02-03"^^xsd:date ] .
        :t a rdf:Statement ; rdf:subject :a ; rdf:predicate :p ; rdf:object "y" .""")
    assert made.facts == [("a", "p", "x", "1990-02-03/..")]


def test_nodes_that_stand_for_statements_are_folded(imported: Import) -> None:
    made = imported("""
        :a schema:memberOf [ a schema:OrganizationRole ; schema:memberOf :club ; schema:startDate "1990"^^xsd:gYear ; schema:endDate "1999"^^xsd:gYear ] .
        [] a org:Membership ; org:member :a ; org:organization :firm ; org:memberDuring [ a time:Interval ; time:hasBeginning [ time:inXSDgYear "2001"^^xsd:gYear ] ; time:hasEnd [ time:inXSDDate "2002-03-04"^^xsd:date ] ] .
        :a :height [ a schema:QuantitativeValue ; schema:value 1.70 ; schema:unitCode "MTR" ] ; :likes ( "x" "y" ) .""")
    assert made.facts == [("a", "height", "1.70", "../.."), ("a", "likes", "x", "../.."), ("a", "likes", "y", "../.."), ("a", "member_of", "club", "1990/1999"), ("a", "member_of", "firm", "2001/2002-03-04")]
    assert [one.literal for one in made.whole if one.predicate.endswith("height")] == [Literal("1.70", "decimal", "MTR")]
    assert made.entities == []


def test_events_have_time_place_and_actors_in_roles(imported: Import) -> None:
    made = imported("""
        :war a sem:Event ; skos:prefLabel "War" ; sem:hasBeginTimeStamp "1914-07-28"^^xsd:date ; sem:hasEndTimeStamp "1918-11-11"^^xsd:date ; sem:hasPlace :europe ; sem:hasActor :x , [ a sem:Role ; rdf:value :y ; sem:roleType :TeamCaptain ] .
        :match a schema:SportsEvent ; schema:startDate "2006-07-09" . :talk a sem:Event ; sem:hasTime [ a time:Instant ; time:inXSDgYear "1969"^^xsd:gYear ] .""")
    assert made.facts == [("match", "has_time", "2006-07-09/..", "2006-07-09/.."), ("talk", "has_time", "1969", "1969/1969"), ("war", "has_place", "europe", "../.."), ("war", "has_time", "1914-07-28/1918-11-11", "1914-07-28/1918-11-11"),
                          ("war", "participant", "x", "../.."), ("war", "team_captain", "y", "../..")]


def test_names_with_nodes_of_their_own_hold_when_these_say(imported: Import) -> None:
    made = imported(':x a schema:Place ; skosxl:altLabel [ a skosxl:Label ; skosxl:literalForm "Leningrad"@en ; schema:startDate "1924" ; schema:endDate "1991" ] .')
    assert made.entity("x").names == (Name("Leningrad", "en", parse_interval("1924", "1991")),)


def test_a_named_graph_is_a_source_and_the_rest_has_one_of_the_file(imported: Import) -> None:
    text = """:g { :a a schema:Person ; schema:name "A" ; :p :b . } :a :q :c . :a schema:name "Ay" . :g a prov:Bundle ; dcterms:title "Gazette" ; dcterms:issued "1950"^^xsd:gYear ; prov:wasAttributedTo :press ; schema:url <https://gazette.example/> ."""
    made = imported(text, "trig", name="my file")
    gazette, own = made.sources
    assert (gazette.id, gazette.title, gazette.published, gazette.publisher, gazette.url) == ("http://ex.org/g", "Gazette", parse_when("1950"), "http://ex.org/press", "https://gazette.example/")
    assert (own.title, own.id.startswith("src:my_file.trig:")) == ("my file.trig", True)
    assert {(one.predicate, one.source) for one in made.whole} == {("http://ex.org/p", "http://ex.org/g"), ("http://ex.org/q", own.id)}
    assert {(one.names[0].text, one.source) for one in made.lines if isinstance(one, Entity)} == {("A", "http://ex.org/g"), ("Ay", own.id)}
    named = imported(text, "trig", name="my file", source="src:mine")
    assert [one.id for one in named.sources] == ["http://ex.org/g", "src:mine"]


def test_literals_keep_their_text_type_and_language(imported: Import) -> None:
    made = imported(':a :p "01"^^xsd:integer , "1.50"^^xsd:decimal , "x"@de-AT , "y"^^:mine , "199X"^^<http://id.loc.gov/datatypes/edtf/EDTF> , "2000-01-01T00:00:00.000Z"^^xsd:dateTime , true , "POINT(1 2)"^^geo:wktLiteral .')
    assert {one.literal for one in made.whole} == {
        Literal("01", "integer"), Literal("1.50", "decimal"), Literal("x", "langString", lang="de-at"), Literal("y", "http://ex.org/mine"), Literal("199X", "edtf"),
        Literal("2000-01-01T00:00:00.000Z", "dateTime"), Literal("true", "boolean"), Literal("POINT(1 2)", "wkt")}


def test_dates_keep_their_precision_and_begin_what_they_date(imported: Import) -> None:
    made = imported(':a schema:birthDate "1950-02"^^xsd:gYearMonth . :b schema:birthDate "-0044-03-15"^^xsd:date . :c schema:birthDate "1950-02-03+02:00"^^xsd:date . :d schema:birthDate "in spring" .')
    assert made.facts == [("a", "birth_date", "1950-02", "1950-02/.."), ("b", "birth_date", "-0044-03-15", "-0044-03-15/.."), ("c", "birth_date", "1950-02-03", "1950-02-03/.."), ("d", "birth_date", "in spring", "../..")]
    assert made.taken[-1].left_out or any(one.left_out == (("a date that cannot be read, kept as text", 1),) for one in made.taken)


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf", "jsonld"])
def test_blank_nodes_have_the_same_ids_each_time_and_others_in_another_file(imported: Import, suffix: str) -> None:
    text = {
        "ttl": ':a :knows [ a schema:Person ; schema:name "B" ] , [ a schema:Person ; schema:name "C" ] . _:x a schema:Person ; schema:name "D" .',
        "nt": '_:x <https://schema.org/name> "B" .\n_:x <http://ex.org/knows> _:y .\n_:y <https://schema.org/name> "C" .\n',
        "rdf": '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="https://schema.org/"><s:Person s:name="B"/><s:Person s:name="C"/></r:RDF>',
        "jsonld": '{"@context":{"@vocab":"https://schema.org/"},"@graph":[{"@type":"Person","name":"B"},{"@type":"Person","name":"C","knows":{"name":"D"}}]}'}[suffix]
    first, again = imported(text, suffix), imported(text, suffix)
    assert first.lines == again.lines
    assert all(one.startswith("urn:worldctx:blank:") for one in first.entities)
    assert len(set(first.entities)) == len(first.entities) >= 2
    assert not set(first.entities) & set(imported(text + " ", suffix).entities)


def test_more_blank_nodes_than_are_held_in_memory_keep_their_names(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    text = " ".join(f'_:n{number} schema:name "N{number}" ; :next _:n{(number * 7) % 30} .' for number in range(30))
    whole = imported(text)
    assert len(whole.entities) == 30
    monkeypatch.setattr("worldctx.exchange.rdf.dataset._LABELS", 4)
    assert imported(text).taken == whole.taken


def test_an_import_that_was_broken_off_goes_on_with_the_same_records(imported: Import) -> None:
    text = "\n".join(f':n{number} a schema:Person ; schema:name "N{number}" ; :p "{number}" ; :q {"_" if number % 3 else ""}:n{number + 1} .' for number in range(40))
    whole = imported(text)
    for after in (0, 1, 17, len(whole.taken) - 1, len(whole.taken)):
        assert imported(text, after=after).taken == whole.taken[after:]
    assert [one.number for one in whole.taken] == list(range(1, len(whole.taken) + 1))


def test_a_mapping_of_ones_own_adds_to_the_shipped_one(imported: Import, tmp_path: Path) -> None:
    (tmp_path / "rail.toml").write_text("""
        name = "rail"
        [namespaces]
        rail = "http://rail.example/"
        [ids]
        st = "http://rail.example/station/{}"
        [kinds]
        place = ["rail:Station"]
        [entity]
        preferred = ["rail:sign/rail:text"]
        [predicates]
        line = ["rail:on"]
        [[relation]]
        classes = ["rail:Service"]
        subject = ["^rail:service"]
        object = ["rail:to"]
        predicate = "trains_to"
        """)
    made = imported('@prefix r: <http://rail.example/> . <http://rail.example/station/1> a r:Station ; r:sign [ r:text "Oslo S" ] ; r:on :main ; r:service [ a r:Service ; r:to <http://rail.example/station/2> ; schema:startDate "1998" ] ; skos:altLabel "Østbanen" .',
                    mapping=str(tmp_path / "rail.toml"))
    assert made.entity("st:1").names == (Name("Oslo S", preferred=True), Name("Østbanen"))
    assert made.facts == [("st:1", "line", "main", "../.."), ("st:1", "trains_to", "st:2", "1998/..")]


@pytest.mark.parametrize(("text", "told"), [
    ("kind = 1", "kind: is not a key here"), ('[kinds]\nperson = ["nope:X"]', "kinds.person: 'nope:X' is neither <IRI> nor a name"), ('[kinds]\nanimal = []', "kinds.animal: is not a key here"),
    ('[entity]\nnames = 3', "entity.names: must be a text or a list of texts"), ("[[relation]]\nclasses = []", "relation[0].classes: is missing"), ('[[relation]]\nclasses = ["schema:X"]', "relation[0]: needs subject, object and predicate"),
    ('[ids]\nx = "http://x/"', "ids.x: 'http://x/' needs one {}"), ("[[", "is not TOML"), ('kind_otherwise = "thing"', "kind_otherwise: is 'thing'"), ('[namespaces]\nx = "no iri "\n[predicates]\np = "x:a"', "is no IRI"),
])
def test_a_wrong_mapping_is_refused_with_its_key(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "m.toml").write_text(text)
    with pytest.raises(BadInput) as caught:
        load(str(tmp_path / "m.toml"))
    assert told in caught.value.message
    assert "m.toml" in caught.value.message


def test_an_export_that_was_edited_gives_what_was_added(imported: Import) -> None:
    stream = io.BytesIO()
    told: list[Line] = [Entity(EntityId("http://ex.org/a"), Kind.PLACE, (Name("A", "", parse_interval("1900", None)), Name("B", "de", preferred=True)), lat=1.0, lon=2.0, description="d")]
    write(told, stream, RdfFormat.TURTLE)
    made = imported(stream.getvalue() + b'<http://ex.org/a> <http://www.w3.org/2004/02/skos/core#altLabel> "Added" ; <http://ex.org/p> <http://ex.org/b> .')
    lines = [one for one in made.lines if isinstance(one, Entity)]
    assert [(one.kind, {name.text for name in one.names}, one.lat) for one in lines] == [(Kind.PLACE, {"Added"}, None), (Kind.PLACE, {"A", "B"}, 1.0)]
    assert made.facts == [("a", "p", "b", "../..")]


def test_packed_files_and_standard_names_of_syntaxes(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl.gz"
    path.write_bytes(gzip.compress((PREFIXES + ":a :p :b .").encode()))
    assert sum(len(one.lines) for one in RdfImporter.of("default").records(path)) == 2
    path = path.rename(tmp_path / "data")
    with pytest.raises(BadInput, match="give --format"):
        list(RdfImporter.of("default").records(path))
    assert sum(len(one.lines) for one in RdfImporter.of("default", "turtle").records(path)) == 2
