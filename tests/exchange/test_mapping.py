"""A mapping file turns rows into records; what is wrong with the file, the data or a row is named where it stands."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.exchange.declaration import _FIELDS, _READ, _TOP
from worldctx.exchange.facts import line_of
from worldctx.exchange.gazetteers import places
from worldctx.exchange.mapping import Mapping, shipped
from worldctx.exchange.template import FUNCTIONS
from worldctx.model.entity import Entity
from worldctx.model.errors import BadInput, NotFound
from worldctx.model.fact import Fact
from worldctx.model.source import Source
from worldctx.wire.v1 import graph_pb2

DOCS = Path(__file__).parents[2] / "docs" / "import.md"
PEOPLE = '''
[[source]]
id = "src:x"
title = "X"

[defaults]
source = "src:x"

[[read]]
files = "people*"
each = "jobs[] as job"

[[read.entity]]
id = "p:{id}"
kind = "person"
names = { name = "{name}", preferred = true }

[[read.entity]]
when = { "job.at" = true }
id = "org:{job.at|slug}"
kind = "organisation"
names = "{job.at}"

[[read.fact]]
subject = "p:{id}"
predicate = "works_for"
object = "org:{job.at|slug}"
from = "{job.from}"
to = "{job.to}"
known_since = "{job.from}"
end_known_since = "{job.to}"
confidence = ["{job.sure}", "0.5"]
'''
PERSON = {"id": 7, "name": " Ann  Lee ", "jobs": [{"at": "Big Co", "from": "2001", "to": "2003-05"}, {"at": "Big Co", "from": "2010", "sure": 0.9}]}


def written(folder: Path, mapping: str = PEOPLE, **files: str) -> Mapping:
    (folder / "m.toml").write_text(mapping, encoding="utf-8")
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return Mapping.load(folder / "m.toml")


def made(mapping: Mapping, *paths: Path) -> tuple[list[Source | Entity | Fact], list[str]]:
    good: list[Any] = []
    bad: list[str] = []
    for one in mapping.rows(list(paths)):
        if isinstance(one, BadInput):
            bad.append(one.message)
        else:
            good.append(one.line)
    return good, bad


def test_rows_become_records_and_what_many_rows_say_is_made_once(tmp_path: Path) -> None:
    mapping = written(tmp_path, people_json=json.dumps([PERSON, {**PERSON, "id": 8}]))
    good, bad = made(mapping, tmp_path)
    assert bad == []
    assert [type(one).__name__ for one in good] == ["Source", "Entity", "Entity", "Fact", "Fact", "Entity", "Fact", "Fact"]
    assert json.loads(line_of(good[1])) == {"type": "entity", "id": "p:7", "kind": "person", "names": [{"name": "Ann Lee", "preferred": True}],
                                               "source": "src:x"}
    assert json.loads(line_of(good[3])) == {
        "type": "fact", "subject": "p:7", "predicate": "works_for", "object": "org:big-co", "valid": {"from": "2001", "to": "2003-05"},
        "known_since": "2001", "end_known_since": "2003-05", "source": "src:x", "confidence": 0.5}
    assert json.loads(line_of(good[4]))["confidence"] == 0.9


def test_one_wrong_part_of_a_record_costs_that_part(tmp_path: Path) -> None:
    jobs = [{"at": "A", "from": "2001"}, {"at": "B", "from": "soon"}, {"at": "C", "from": "2005", "to": "2001"}, {"at": "D", "from": "2002", "sure": "very"}]
    mapping = written(tmp_path, people_jsonl=json.dumps({**PERSON, "jobs": jobs}) + "\n{broken\n" + json.dumps({**PERSON, "id": "a b"}))
    good, bad = made(mapping, tmp_path / "people.jsonl")
    assert [str(one.object) for one in good if isinstance(one, Fact)] == ["org:a"]
    where = str(tmp_path / "people.jsonl")
    for message, word in zip(bad, ["line 1: read[0].fact[0]: known_since: 'soon'", "line 1: read[0].fact[0]: valid.to: 2001 precedes",
                                   "line 1: read[0].fact[0]: confidence: 'very' is not a number", "line 2: record: is not JSON",
                                   "line 3: read[0].entity[0]: id: 'p:a b'"], strict=False):
        assert message.startswith(f"{where}: {word}"), message


def test_a_column_that_the_file_lacks_ends_the_import_and_is_named(tmp_path: Path) -> None:
    mapping = written(tmp_path, '[[read]]\nfiles = "a*"\n[[read.entity]]\nid = "x:{id}"\nkind = "{sort}"\n', a_csv="id,kind\n1,person\n")
    with pytest.raises(BadInput, match="a.csv: sort: is a column the mapping uses; the file has only id, kind"):
        made(mapping, tmp_path)


def test_controls_choose_rows_and_names(tmp_path: Path) -> None:
    mapping = written(tmp_path, '''
[map.kind]
C = "place"
[[read]]
files = "a.csv"
when = { sort = ["C", "P"] }
unless = { skip = "yes" }
let.kind = ["{sort|map:kind}", "person"]
[[read.entity]]
id = "x:{id}"
kind = "{kind}"
names = ["{name}", { name = "{name} ({kind})", unless = { kind = "person" } }, { name = "{name}", preferred = true }]
lat = "{lat}"
same_as = ["wd:{wd}", "x:{id}"]
''', a_csv="id,sort,skip,name,lat,wd\n1,C,,Rome,41.9,Q220\n2,P,yes,Bob,,\n3,P,,Ann,,\n4,Z,,Zed,,\n5,C,,Far,999,\n")
    good, bad = made(mapping, tmp_path)
    assert [json.loads(line_of(one)) for one in good] == [
        {"type": "entity", "id": "x:1", "kind": "place", "names": [{"name": "Rome", "preferred": True}, {"name": "Rome (place)"}], "lat": 41.9, "same_as": ["wd:Q220"]},
        {"type": "entity", "id": "x:3", "kind": "person", "names": [{"name": "Ann", "preferred": True}]}]
    assert re.search(r"a\.csv: line 6: read\[0\]\.entity\[0\]: lat: must be a number between -90 and 90", bad[0])


def test_tables_beside_the_data_and_of_the_gazetteer_are_looked_up(tmp_path: Path) -> None:
    mapping = written(tmp_path, '''
[lookup.cup]
file = "cups.json"
key = "year"
[[read]]
files = "a.csv"
[[read.fact]]
subject = "{country|get:iso3.id}"
predicate = "hosted"
value = "{year|get:cup.title}"
datatype = "string"
''', a_csv="country,year\nFRA,1998\nXXX,1998\nFRA,1900\n", cups_json='[{"year": 1998, "title": "Cup", "list": [1]}, {"year": 1998, "title": "Other"}]')
    good, bad = made(mapping, tmp_path)
    assert [json.loads(line_of(one)) for one in good] == [{"type": "fact", "subject": "gn:3017382", "predicate": "hosted", "value": "Cup", "datatype": "string"}]
    assert re.search(r"line 3: read\[0\]\.fact\[0\]: subject: comes out empty", bad[0])
    (tmp_path / "cups.json").unlink()
    with pytest.raises(BadInput, match=r"lookup\.cup\.file: 'cups.json' is not beside the files"):
        made(mapping, tmp_path)


def test_a_lookup_table_that_no_read_needs_may_be_missing(tmp_path: Path) -> None:
    mapping = written(tmp_path, '[lookup.x]\nfile = "x.csv"\nkey = "k"\n[[read]]\nfiles = "a.csv"\n[[read.entity]]\nid = "x:{id}"\nkind = "person"\n', a_csv="id\n1\n")
    assert len(made(mapping, tmp_path)[0]) == 1


RULE = '[[read]]\nfiles = "a"\n[[read.fact]]\nsubject = "x:{id}"\npredicate = "p"\nvalue = "{v}"\n'


@pytest.mark.parametrize(("mapping", "message"), [
    ("x = 1", "x: is not a key here; known are about, defaults"), ("read = 1", "read: must be a list of tables"), ("", "read: is missing"),
    ("= 1", "is not TOML"), (RULE + "subjekt = 'x'", "read[0].fact[0].subjekt: is not a key here"), (RULE + "object = 'x:y'", "either an object or a value"),
    (RULE.replace("value", "confidence"), "either an object or a value"), (RULE.replace("predicate", "quote"), "read[0].fact[0].predicate: is missing"),
    (RULE.replace("{v}", "{v|shout}"), "read[0].fact[0].value: function: 'shout' is not one of"), (RULE.replace("{v}", "{v"), "read[0].fact[0].value: template:"),
    (RULE.replace("{v}", "{v|map:m}"), "read[0].fact[0].value: map: there is no table 'm' in this mapping; there are: none"),
    (RULE.replace('files = "a"', ""), "read[0].files: is missing"), ('[[read]]\nfiles = "a"', "read[0]: makes nothing"),
    (RULE + "each = 'x'", "read[0].fact[0].each: each: 'x' cannot be read"), (RULE + "when = { v = 3 }", "read[0].fact[0].when"),
    (RULE + "from = 2001-01-01", "read[0].fact[0].from"), ('format = "xml"\n' + RULE, "format: is not a key here"),
    (RULE.replace('files = "a"', 'files = "a"\nformat = "xml"'), "read[0].format: is 'xml'; it must be csv, json or jsonl"),
    (RULE.replace('files = "a"', 'files = "a"\nencoding = "utf-9"'), "read[0].encoding: 'utf-9' is not an encoding"),
    (RULE.replace('files = "a"', 'files = "a"\ndelimiter = "||"'), "read[0].delimiter: must be one character"),
    ('[[source]]\ntitle = "x"\n' + RULE, "source[0]: id: is missing"), ('[lookup.x]\nfile = "../x"\nkey = "k"\n' + RULE, "lookup.x.file: give the name of a file (without folders)"),
    ('[map]\nx = 1\n' + RULE, "map.x: must be a table of texts"), ('[words]\nx = 1\n' + RULE, "words.x: must be a table"),
    ('[defaults]\nsubject = "x"\n' + RULE, "defaults.subject: is not a key here"),
])
def test_a_wrong_mapping_names_its_file_and_key(tmp_path: Path, mapping: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        written(tmp_path, mapping)
    assert caught.value.message.startswith(str(tmp_path / "m.toml"))
    assert message in caught.value.message


def test_files_that_are_not_there_or_not_the_mappings_are_told(tmp_path: Path) -> None:
    mapping = written(tmp_path, people_json="[]", other_json="[]")
    with pytest.raises(BadInput, match="gone.json: is not there"):
        made(mapping, tmp_path / "gone.json")
    with pytest.raises(BadInput, match=r"other.json: is none of the files of this mapping: people\*"):
        made(mapping, tmp_path / "other.json")
    with pytest.raises(BadInput, match="is no file, nor one of the mappings that come along: countries, fb15k, openstates, worldcup"):
        Mapping.load("openstats")


def test_standard_input_cannot_be_read_twice(tmp_path: Path) -> None:
    twice = RULE.replace('"a"', '"a"\nformat = "jsonl"')
    with pytest.raises(BadInput, match="standard input: can be read once"):
        made(written(tmp_path, twice + twice), Path("-"))


def test_hostile_values_become_errors_of_their_rows(tmp_path: Path) -> None:
    deep = '{"id": 1, "v": ' + "[" * 5000 + "]" * 5000 + "}"
    mapping = written(tmp_path, RULE.replace('"a"', '"a*"'), a_jsonl="\n".join(
        [deep, '{"id": 2, "v": {"x": 1}}', '{"id": 3, "v": "\\ud800"}', json.dumps({"id": "x" * 600, "v": "1"}), '{"id": 5, "v": "=cmd()"}']))
    good, bad = made(mapping, tmp_path / "a.jsonl")
    assert [one.object_text for one in good if isinstance(one, Fact)] == ["=cmd()"]
    assert [re.search(r"line (\d)", message).group(1) for message in bad] == ["1", "2", "3", "4"]  # type: ignore[union-attr]


def test_progress_goes_up_to_the_bytes_there_are(tmp_path: Path) -> None:
    mapping = written(tmp_path, people_json=json.dumps([PERSON] * 50))
    seen: list[tuple[int, int]] = []
    list(mapping.rows(tmp_path, lambda done, total: seen.append((done, total))))
    size = (tmp_path / "people.json").stat().st_size
    assert seen == sorted(seen)
    assert seen[-1] == (size, size)


def test_the_same_rows_give_the_same_records(tmp_path: Path) -> None:
    mapping = written(tmp_path, people_json=json.dumps([PERSON, {**PERSON, "id": 8}]))
    assert made(mapping, tmp_path) == made(mapping, tmp_path)


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_mapping_loads_and_says_what_it_is_about(name: str) -> None:
    declared = Mapping.load(name).declared
    assert declared.name == name
    assert "(" in declared.about
    assert all(isinstance(one, Source) for one in declared.sources)


def test_every_key_and_function_is_documented() -> None:
    prose = re.sub(r"```.*?```", "", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)
    told = set(re.findall(r"`([^`]+)`", prose))
    words = {re.split(r"[: .=]", one)[0] for one in told} | {word for one in told for word in re.findall(r"\w+", one)}
    keys = set(FUNCTIONS) | _TOP | _READ | {field for fields in _FIELDS.values() for field in fields}
    assert keys - words == set()


ROLES = [
    {"type": "governor", "jurisdiction": "ocd-jurisdiction/country:us/state:ca/government", "start_date": "2019-01-07", "end_date": "2027-01-04"},
    {"type": "lower", "jurisdiction": "ocd-jurisdiction/country:us/state:ca/government", "district": "12", "end_date": "2010-11-30"},
]


def facts(client: BlockingClient, entity: str, predicate: str, as_of: str, known_by: str = "", *, naming: bool = False) -> set[tuple[str, str]]:
    """Subject and object of the facts that hold under the clocks."""
    request = graph_pb2.ListFactsRequest(entity=entity, predicate=predicate, naming=naming, clocks=graph_pb2.Clocks(as_of=as_of, known_by=known_by))
    return {(one.subject, one.object or one.literal.value) for one in client.list_facts(request).facts}


def test_a_scheduled_end_is_not_known_before_it_comes(tmp_path: Path) -> None:
    person = {"id": "ocd-person/1", "name": "Ann Lee", "party": [{"name": "Democratic/Working Families"}], "roles": ROLES, "path": "data/ca/x.yml"}
    (tmp_path / "people.jsonl").write_text(json.dumps(person), encoding="utf-8")
    with connect_blocking(f"embedded:{tmp_path / 'w'}", embedder="none") as client:
        good, bad = made(Mapping.load("openstates"), tmp_path)
        assert bad == []
        assert not client.write_facts([line_of(one) for one in good]).refused
        office = "ent:governor-of-california"
        assert facts(client, office, "position_held", "2018-12-31", naming=True) == set()
        assert facts(client, office, "position_held", "2019-06-01", "2019-06-01", naming=True) == {("ocd-person/1", office)}
        assert facts(client, office, "position_held", "2030", "2020", naming=True) == {("ocd-person/1", office)}
        assert facts(client, office, "position_held", "2030", "2030", naming=True) == set()
        # No beginning is known and none is made up: an open side stays open.
        assert facts(client, "ocd-person/1", "position_held", "2005") == {("ocd-person/1", "ent:member-of-the-california-state-assembly")}
        assert facts(client, "ocd-person/1", "position_held", "2010", "2015") == {("ocd-person/1", "ent:member-of-the-california-state-assembly")}
        assert facts(client, "ocd-person/1", "position_held", "2010", "2010-06") == set()
        assert facts(client, "ocd-person/1", "electoral_district", "2010") == {("ocd-person/1", "ocd-division/country:us/state:ca/sldl:12")}
        assert {one for _, one in facts(client, "ocd-person/1", "party", "2020")} == {"ent:democratic-party-united-states", "ent:working-families-party"}


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_real_data_gives_what_is_known_to_be_true_as_of_a_date(data_dir: Path, tmp_path: Path) -> None:
    import gzip
    import itertools

    world = data_dir / "world"
    with gzip.open(world / "openstates-people.jsonl.gz", "rt", encoding="utf-8") as file:
        wanted = [line for number, line in enumerate(file) if number % 40 == 0 or '"governor"' in line]
    (tmp_path / "people.jsonl").write_text("".join(wanted), encoding="utf-8")
    sent = 0
    with connect_blocking(f"embedded:{tmp_path / 'w'}", embedder="none", timeout_s=300) as client:
        assert not client.write_facts([line_of(one) for one in places(100_000)]).refused
        for name, path in (("countries", world / "countries.json"), ("worldcup", world / "worldcup"), ("openstates", tmp_path / "people.jsonl")):
            rows = (line_of(one.line) for one in Mapping.load(name).rows(path) if not isinstance(one, BadInput))
            while group := list(itertools.islice(rows, 20_000)):
                assert not client.write_facts(group).refused
                sent += len(group)
        assert sent > 60_000
        assert list(client.verify().problems) == []

        def person(name: str) -> str:
            return next(str(one.id) for one in client.find_entities(name).entities if name in {held.name for held in one.names})

        office, newsom = "ent:governor-of-california", person("Gavin Newsom")
        assert facts(client, office, "position_held", "2005-01-01", naming=True) == set()
        assert facts(client, office, "position_held", "2020-01-01", "2020-01-01", naming=True) == {(newsom, office)}
        final = next(one.id for one in client.find_entities("1986 FIFA World Cup Final").entities)
        argentina = "ent:argentina-national-football-team"
        assert facts(client, final, "winner", "1986-06-30", "1986-06-30") == {(final, argentina)}
        with pytest.raises(NotFound):  # of a match nobody can speak before its day
            facts(client, final, "winner", "1986-06-28", "1986-06-28")
        assert facts(client, "ent:1986-fifa-world-cup", "winner", "1986-06-01", "1986-06-01") == set()
        france = "ent:france-national-football-team"
        assert facts(client, france, "head_coach", "1998-07-01", "1998-07-01") == {(france, person("Aimé Jacquet"))}
        assert facts(client, france, "country", "1998") == {(france, "gn:3017382")}
        assert facts(client, "gn:3017382", "capital", "2025", naming=False) == {("gn:3017382", "gn:2988507")}
        pele = person("Pelé")
        assert facts(client, pele, "member_of", "1970-06-15", "1970-06-15") == {(pele, "ent:brazil-national-football-team")}
        with pytest.raises(NotFound):
            facts(client, pele, "birth_date", "1970", "1957")
        assert {one for _, one in facts(client, "ent:2002-fifa-world-cup", "has_place", "2002")} == {"gn:1835841", "gn:1861060"}
        england = facts(client, "ent:england-national-football-team", "country", "1966")
        assert england == {("ent:england-national-football-team", "iso3166-2:GB-ENG")}
