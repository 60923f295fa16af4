"""A dump is read entity by entity, whatever its form; what is broken in it costs no more than itself."""

from __future__ import annotations

import bz2
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exchange.wikidata.made import EVERYTHING, at, dump, item, judgements, said, statement, text, to
from worldctx.exchange.importer import Importer, Taken
from worldctx.exchange.wikidata import dump as module
from worldctx.exchange.wikidata.filter import Filter
from worldctx.exchange.wikidata.importer import Wikidata, wikidata
from worldctx.model.entity import Entity
from worldctx.model.errors import BadInput
from worldctx.model.source import Source
from worldctx.model.time import parse_when

ITEMS = [item(f"Q{number}", statement("P31", to("Q5")), label=f"N{number}") for number in range(1, 8)]


def taken(path: Path, after: int = 0) -> list[Taken]:
    return list(wikidata(EVERYTHING).records(path, after))


def ids(found: list[Taken]) -> list[str]:
    return [line.id for one in found for line in one.lines if isinstance(line, Entity)]


def errors(found: list[Taken]) -> list[str]:
    return [one.error.message for one in found if one.error]


ALL = [f"wd:Q{number}" for number in range(1, 8)]


def test_it_is_an_importer() -> None:
    one: Importer = wikidata(EVERYTHING)
    assert one.name == "wikidata@1"
    assert [line.id for line in one.begin() if isinstance(line, Source)] == ["src:wikidata"]


@pytest.mark.parametrize("form", [
    "[\n" + ",\n".join(map(json.dumps, ITEMS)) + "\n]\n", "[\n" + "\n,".join(map(json.dumps, ITEMS)).replace("\n,", ",\n") + "\n]", "\ufeff[\r\n" + ",\r\n".join(map(json.dumps, ITEMS)) + "\r\n]\r\n",
    "\n".join(map(json.dumps, ITEMS)), json.dumps(ITEMS), json.dumps(ITEMS, indent=1).replace("[\n {", "[{", 1), json.dumps({"entities": {one["id"]: one for one in ITEMS}, "success": 1}),
    json.dumps({"success": 1, "entities": {one["id"]: one for one in ITEMS}}, indent=2),
])
@pytest.mark.parametrize("packed", [bytes, gzip.compress, bz2.compress, zstandard.compress])
def test_a_dump_is_read_in_every_form_and_packing(tmp_path: Path, form: str, packed: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "d"
    path.write_bytes(packed(form.encode()))
    found = taken(path)
    assert ids(found) == ALL
    assert found[-1].read == found[-1].size == path.stat().st_size


def test_records_bear_the_numbers_of_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text("[\n\n" + json.dumps(ITEMS[0]) + ",\n{broken\n" + json.dumps(ITEMS[1]) + "\n]\n")
    found = taken(path)
    assert [one.number for one in found] == [3, 4, 5]
    assert errors(found)[0].startswith(f"{path}: line 4: is not JSON")
    assert found[1].raw == "{broken"


@pytest.mark.parametrize("form", ["lines", "answer"])
def test_an_import_goes_on_where_it_was_with_the_same_records(tmp_path: Path, form: str) -> None:
    path = tmp_path / "d.json"
    path.write_text("[\n" + ",\n".join([json.dumps(ITEMS[0]), "{broken", *map(json.dumps, ITEMS[1:])]) + "\n]" if form == "lines" else json.dumps({"entities": {one["id"]: one for one in ITEMS}}))
    whole = taken(path)
    for after in range(len(whole) + 2):
        assert [_shown(one) for one in taken(path, after)] == [_shown(one) for one in whole[after:]]


def _shown(one: Taken) -> tuple[object, ...]:
    return (one.number, one.lines, one.skipped, one.error and one.error.message, one.raw, one.read, one.left_out)


def test_going_on_reads_none_of_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = dump(tmp_path / "d.json", *ITEMS)
    read: list[bytes] = []
    original = module.object_of

    def counted(data: bytes) -> Any:
        read.append(data)
        return original(data)

    monkeypatch.setattr("worldctx.exchange.wikidata.importer.object_of", counted)
    assert ids(taken(path, 5)) == ALL[5:]
    assert len(read) == 2


@pytest.mark.parametrize(("line", "why"), [
    ('{"id": "Q1"', "is not JSON"), ("[1, 2]", "is a JSON list"), ("7", "is a JSON int"), ('{"type": "item"}', "id: is missing"), ('{"id": 5}', "id: is missing"), ('{"id": "Q0"}', "id: 'Q0' is no id"),
    ('{"id": "Q1 DROP"}', "is no id"), ('{"id": "Q1", "claims": "x"}', "claims: must be an object"), ('{"id": "Q1", "claims": {"P31": 5}}', "data model"), ('{"id": "Q1", "labels": ["x"]}', "labels: must be an object"),
    ('{"id": "Q1", "labels": {"en": "x"}}', "data model"), ('{"id": "Q1", "sitelinks": 5}', "data model"), ('{"id": "Q1", "x": NaN}', "is not JSON"), ('{"id": "Q1", "x": "\\ud800"}', "is not JSON"),
    ('{"id": "Q1", "x": ' + "[" * 2000 + "]" * 2000 + "}", "is not JSON"), ('{"id": "Q1", "redirect": 5}', "redirect: is no id"), ('{"id": "Q1", "redirect": "P2"}', "redirect: 'P2'"),
])
def test_a_line_that_cannot_be_taken_says_why_and_the_next_ones_go_in(tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "d.json"
    path.write_text(f"[\n{line},\n{json.dumps(ITEMS[1])}\n]\n")
    found = taken(path)
    (message,) = errors(found)
    assert f"{path}: line 2: " in message
    assert why in message
    assert found[0].raw == line
    assert ids(found) == ["wd:Q2"]


def test_a_line_in_another_encoding_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_bytes(json.dumps(item("Q1", label="Köln"), ensure_ascii=False).encode("latin-1") + b"\n" + json.dumps(ITEMS[1]).encode())
    found = taken(path)
    assert "UTF-8" in errors(found)[0]
    assert ids(found) == ["wd:Q2"]


def test_empty_lists_that_php_writes_for_empty_objects_are_empty(tmp_path: Path) -> None:
    found = taken(dump(tmp_path / "d.json", item("Q1") | {"labels": [], "aliases": [], "descriptions": [], "claims": [], "sitelinks": []}))
    assert found[0].lines[0] == Entity(found[0].lines[0].id, found[0].lines[0].kind, source=found[0].lines[0].source)  # type: ignore[union-attr, arg-type] # an entity


def test_of_a_key_that_stands_twice_the_last_one_counts(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text('{"type":"item","id":"Q1","id":"Q2","labels":{"en":{"value":"a"}},"labels":{"en":{"value":"b"}}}\n')
    (entity,) = taken(path)[0].lines
    assert isinstance(entity, Entity)
    assert (entity.id, entity.names[0].text) == ("wd:Q2", "b")


def test_properties_lexemes_and_what_is_missing_are_passed_over_for_that_reason(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_text('{"type":"property","id":"P31","labels":{}}\n{"labels":{},"id":"P32"}\n{"type":"lexeme","id":"L1"}\n{"type":"item","id":"Q6","missing":""}\n{"type":"mediainfo","id":"M6"}\n')
    assert [one.skipped for one in taken(path)] == ["property", "property", "lexeme", "missing", "media info"]


def test_a_redirect_says_that_both_ids_mean_the_same(tmp_path: Path) -> None:
    answer = tmp_path / "a.json"
    answer.write_text(json.dumps({"entities": {"Q9": item("Q1"), "Q8": item("Q2", redirects={"from": "Q8", "to": "Q2"}), "Q3": item("Q3")}}))
    lines = tmp_path / "d.json"
    lines.write_text('{"type":"item","id":"Q9","redirect":"Q1"}\n{"entity":"Q8","redirect":"Q2"}\n')
    for path in (answer, lines):
        assert [(one.left, one.right, one.same, one.by, one.source) for one in judgements(taken(path))] == [
            ("wd:Q9", "wd:Q1", True, "wikidata", "src:wikidata"), ("wd:Q8", "wd:Q2", True, "wikidata", "src:wikidata")]
    assert ids(taken(answer)) == ["wd:Q1", "wd:Q2", "wd:Q3"]
    assert ids(taken(lines)) == []


@pytest.mark.parametrize("packed", [gzip.compress, bz2.compress, zstandard.compress])
def test_a_file_that_breaks_off_gives_what_stands_before_and_one_error(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    path = dump(tmp_path / "d.json", *(item(f"Q{number}", label=f"{number * 7919**3:x}" * 40) for number in range(1, 4000)))
    path.write_bytes(packed(path.read_bytes())[:-3000])
    found = taken(path)
    (message,) = errors(found)
    assert "breaks off or is damaged" in message
    assert len(ids(found)) > 500


@pytest.mark.parametrize("packed", [gzip.compress, bz2.compress, zstandard.compress])
def test_a_file_that_expands_without_end_is_left(tmp_path: Path, packed: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worldctx.exchange.streams.FREE", 2**20)
    monkeypatch.setattr("worldctx.exchange.streams.MAX_RATIO", 10)
    path = tmp_path / "d.json"
    path.write_bytes(packed(b"[\n" + json.dumps(ITEMS[0]).encode() + b"\n" + b"\n" * 50_000_000))
    found = taken(path)
    assert "expands to more than" in errors(found)[0]
    assert ids(found) == ["wd:Q1"]


def test_a_line_too_long_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ENTITY", 2000)
    found = taken(dump(tmp_path / "d.json", ITEMS[0], item("Q9", label="x" * 3000), ITEMS[1]))
    assert "longer than 2,000 bytes" in errors(found)[0]
    assert ids(found) == ["wd:Q1", "wd:Q2"]


def test_a_line_of_nothing_but_lists_is_not_read_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "d.json"
    path.write_bytes(b'{"id": "Q1", "x": [' + b"[]," * 5_000_000 + b"[]]}\n" + json.dumps(ITEMS[1]).encode())
    found = taken(path)
    assert "more than 3,000,000 lists and objects" in errors(found)[0]
    assert ids(found) == ["wd:Q2"]


def test_statements_without_end_are_cut_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worldctx.exchange.wikidata.importer.MAX_FACTS", 10)
    (found,) = taken(dump(tmp_path / "d.json", item("Q1", *(statement("P40", to(f"Q{number}")) for number in range(1, 31)))))
    assert len(found.lines) == 11
    assert dict(found.left_out) == {"fact beyond the first 20,000": 20}


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(BadInput, match=r"none\.json: cannot be read"):
        taken(Path("none.json"))


def test_standard_input_is_read_as_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with dump(tmp_path / "d.json", *ITEMS).open("rb") as file:
        monkeypatch.setattr("sys.stdin", type("Input", (), {"buffer": file}))
        assert ids(taken(Path("-"))) == ALL


def test_a_source_is_told_about_once(tmp_path: Path) -> None:
    cited = [{"P854": said("https://a.org/x")}]
    path = dump(tmp_path / "d.json", *(item(f"Q{number}", statement("P22", to("Q5"), references=cited)) for number in (1, 2, 3)))
    importer = wikidata(EVERYTHING)
    for _ in range(2):  # and again for the next file, which may be all that is read of an import that goes on
        assert sum(isinstance(line, Source) for one in importer.records(path) for line in one.lines) == 1


def test_choices_differ_where_other_things_would_be_made() -> None:
    made = [Wikidata(EVERYTHING), Wikidata(Filter()), Wikidata(Filter(), parse_when("2020")), wikidata(Filter(), ("de",))]
    assert len({one.choices for one in made}) == len(made)


def test_the_day_of_the_dump_stands_in_the_title_of_its_source() -> None:
    (source,) = wikidata(EVERYTHING, dumped=parse_when("2020-01-06")).begin()
    assert isinstance(source, Source)
    assert (source.title, source.published) == ("Wikidata, dump of 2020-01-06", None)


PARTS = st.recursive(st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(["", "Q5", "P31", "value", "time", "+2000-00-00T00:00:00Z", "x"]) | st.text(max_size=5),
                     lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["en", "P31", "P569", "mainsnak", "datavalue", "value", "type", "id", "x"]), inner, max_size=3), max_leaves=8)
WHOLE = item("Q42", statement("P31", to("Q5"), qualifiers={"P580": at("+1952-03-11T00:00:00Z")}, references=[{"P854": said("https://a.org"), "P577": at("+1952-03-11T00:00:00Z")}]),
             statement("P569", at("+1952-03-11T00:00:00Z")), statement("P1448", text("X", "en")), statement("P856", said("https://a.org/")), aliases={"en": ["A"]}, description="x", sitelinks=3)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(places(WHOLE)[1:]), PARTS), min_size=1, max_size=3))
def test_whatever_stands_in_an_item_is_made_or_told_and_nothing_else_happens(tmp_path: Path, changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    made = json.loads(json.dumps(WHOLE))
    for path, value in changes:
        inner = made
        try:
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took its place
    file = tmp_path / "d.json"
    file.write_text(json.dumps(made) + "\n" + json.dumps(ITEMS[0]) + "\n")
    first, second = taken(file)
    assert sum(map(bool, (first.lines, first.skipped, first.error))) == 1
    assert second.lines


def test_a_long_dump_takes_the_memory_of_one_entity(tmp_path: Path) -> None:
    path = tmp_path / "d.json.gz"
    line = json.dumps(item("Q1", *(statement("P22", to(f"Q{number}")) for number in range(1, 40)))).encode()
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(20_000):
            file.write(line + b",\n")
    script = f"""
import resource
from pathlib import Path
from worldctx.exchange.wikidata.filter import Filter
from worldctx.exchange.wikidata.importer import wikidata
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert sum(len(one.lines) for one in wikidata(Filter.load("default")).records(Path({str(path)!r}))) == 800_000
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    grown = int(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout)
    assert grown < 64 * 2**10  # KiB
