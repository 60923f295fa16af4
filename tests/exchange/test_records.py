"""Records come out of CSV in any dialect and JSON of any shape, with their lines; one bad row costs one row."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import zstandard

from worldctx.exchange import records as module
from worldctx.exchange.records import Record, Shape, records
from worldctx.model.errors import BadInput


def found(tmp_path: Path, name: str, data: bytes, shape: Shape | None = None) -> list[Record | BadInput]:
    path = tmp_path / name
    path.write_bytes(data)
    return list(records(path, shape or Shape()))


def values(rows: list[Record | BadInput]) -> list[dict[str, Any]]:
    return [one.value for one in rows if isinstance(one, Record)]


def errors(rows: list[Record | BadInput]) -> list[str]:
    return [one.message for one in rows if isinstance(one, BadInput)]


@pytest.mark.parametrize("text", ["a,b\n1,x y\n", "a;b\r\n1;x y\r\n", "a\tb\n1\tx y", 'a|b\n"1"|"x y"\n', "\ufeffa,b\n\n1,x y\n"])
def test_csv_is_read_in_its_own_dialect(tmp_path: Path, text: str) -> None:
    assert values(found(tmp_path, "t.csv", text.encode())) == [{"a": "1", "b": "x y"}]


def test_a_stated_delimiter_and_encoding_are_used(tmp_path: Path) -> None:
    rows = found(tmp_path, "t.txt", "a;x:b\n1;2:Köln\n".encode("latin-1"), Shape(delimiter=":", encoding="latin-1"))
    assert values(rows) == [{"a;x": "1;2", "b": "Köln"}]
    assert values(found(tmp_path, "u.csv", "a,b\n1,é\n".encode("utf-16"), Shape(encoding="utf-16"))) == [{"a": "1", "b": "é"}]


def test_line_breaks_and_quotes_inside_cells_are_kept_and_rows_bear_the_line_they_begin_on(tmp_path: Path) -> None:
    rows = found(tmp_path, "t.csv", b'"a\nb",c\n"1\n2","say ""x"""\n3,4\n')
    assert values(rows) == [{"a\nb": "1\n2", "c": 'say "x"'}, {"a\nb": "3", "c": "4"}]
    assert [one.number for one in rows if isinstance(one, Record)] == [3, 5]


def test_a_bad_row_is_one_error_with_its_line_and_the_next_rows_come(tmp_path: Path) -> None:
    rows = found(tmp_path, "t.csv", b"a,b\n1,2\n1,2,3\n\xff,5\n6,7\n")
    assert values(rows) == [{"a": "1", "b": "2"}, {"a": "6", "b": "7"}]
    wide, broken = errors(rows)
    assert "t.csv: line 3: has 3 cells and the header 2" in wide
    assert "t.csv: line 4: the cell 'a' is not utf-8" in broken


@pytest.mark.parametrize(("data", "word"), [(b"", "has no header"), (b"\n1,2\n", "has no header"), (b"a,a\n1,2\n", "'a' twice")])
def test_a_header_that_cannot_be_used_is_said(tmp_path: Path, data: bytes, word: str) -> None:
    assert word in errors(found(tmp_path, "t.csv", data))[0]


def test_a_formula_is_a_text(tmp_path: Path) -> None:
    assert values(found(tmp_path, "t.csv", b'a,b\n=1+1,"=HYPERLINK(""http://x"")"\n'))[0] == {"a": "=1+1", "b": '=HYPERLINK("http://x")'}


def test_a_quote_that_never_ends_is_told_and_takes_no_more_memory_than_a_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = found(tmp_path, "t.csv", b'a,b\n1,2\n3,"4\n5,6\n7,8\n')
    assert values(rows) == [{"a": "1", "b": "2"}]
    assert "t.csv: line 3: is not CSV: unexpected end of data; check the quotes" in errors(rows)[0]
    before = csv.field_size_limit(1000)
    monkeypatch.setattr(module, "MAX_CELL", 2000)
    try:
        rows = found(tmp_path, "u.csv", b'a,b\n1,2\n3,"' + b"4,4\n" * 600 + b'5,"' + b"x" * 5000 + b'"\n6,7\n')
    finally:
        csv.field_size_limit(before)
    assert "u.csv: line 3: is not CSV: field larger" in errors(rows)[0]
    assert values(rows)[0] == {"a": "1", "b": "2"}
    assert values(rows)[-1] == {"a": "6", "b": "7"}
    assert max(len(one["b"]) for one in values(rows)) <= 2000


def test_a_quote_in_the_wrong_place_costs_its_row(tmp_path: Path) -> None:
    rows = found(tmp_path, "t.csv", b'a,b\n"x" y,2\n3,4\n')
    assert values(rows) == [{"a": "3", "b": "4"}]
    assert "t.csv: line 2: is not CSV" in errors(rows)[0]


LIST = [{"n": 1}, {"n": 2.5, "deep": {"x": [1, {"y": "}],"}]}}, {"n": "é \\ \" \u2028"}]


@pytest.mark.parametrize(("text", "root"), [
    (json.dumps(LIST), ""), (json.dumps(LIST, indent=3), ""), (json.dumps({"meta": {"data": 1}, "data": {"items": LIST}}), "data.items"),
    (json.dumps({"data": LIST, "later": 1}), "data"), ("\n".join(map(json.dumps, LIST)), ""), ("  " + json.dumps(LIST, ensure_ascii=False) + "\n\n", ""),
])
def test_json_records_are_found_where_the_root_says(tmp_path: Path, text: str, root: str) -> None:
    assert values(found(tmp_path, "t.json", text.encode(), Shape(root=root))) == LIST


def test_entries_of_an_object_are_records_with_their_keys(tmp_path: Path) -> None:
    text = json.dumps({"x": {"a": {"n": 1}, "b": {"n": 2}}}).encode()
    assert values(found(tmp_path, "t.json", text, Shape(root="x.*"))) == [{"n": 1, "_key": "a"}, {"n": 2, "_key": "b"}]
    assert values(found(tmp_path, "u.json", b'{"a": {"n": 1}}', Shape(root="*"))) == [{"n": 1, "_key": "a"}]
    assert values(found(tmp_path, "v.json", b'{"data": {"n": 1}}', Shape(root="data"))) == [{"n": 1}]


@pytest.mark.parametrize("packed", [gzip.compress, zstandard.compress])
def test_packed_files_are_known_by_the_name_beneath(tmp_path: Path, packed: Callable[[bytes], bytes]) -> None:
    assert values(found(tmp_path, "t.json.gz", packed(json.dumps(LIST).encode()))) == LIST
    assert values(found(tmp_path, "t.csv.zst", packed(b"a\n1\n"))) == [{"a": "1"}]
    assert values(found(tmp_path, "t.ndjson.gz", packed(b'{"n": 1}\n'))) == [{"n": 1}]


def test_a_record_that_is_none_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    rows = found(tmp_path, "t.json", b'[{"n": 1},\n 7,\n {"n": 2, "n": 3},\n {"n": NaN},\n {"n": 4}]')
    assert values(rows) == [{"n": 1}, {"n": 4}]
    assert [message.split(": ", 2)[1] for message in errors(rows)] == ["line 2", "line 3", "line 4"]
    assert ["int" in errors(rows)[0], "stands twice" in errors(rows)[1], "NaN" in errors(rows)[2]] == [True] * 3


@pytest.mark.parametrize(("data", "before"), [
    (b'[{"n": 1}, {"n": }, {"n": 2}]', 1), (b'[{"n": 1}, {"n": 2', 1), (b'[{"n": 1} {"n": 2}]', 1), (b'[{"n": 1},]', 1),
    (b'[{"n": 1}', 1), (b'[{"n": 1}, {"n": 2e', 1), (b"[" * 100_000, 0), (b'{"n": 1} x', 1), (b'[{"n": 1}, "\xff"]', 0),
])
def test_json_that_breaks_off_gives_what_stands_before_and_one_error(tmp_path: Path, data: bytes, before: int) -> None:
    rows = found(tmp_path, "t.json", data)
    assert len(values(rows)) == before
    assert len(errors(rows)) == 1
    assert "t.json" in errors(rows)[0]


def test_a_root_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "no 'rows'" in errors(found(tmp_path, "t.json", b'{"data": []}', Shape(root="rows")))[0]


@pytest.mark.parametrize("step", [1, 2, 7])
def test_where_the_reading_stops_between_makes_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    monkeypatch.setattr(module, "_STEP", step)
    text = json.dumps([*LIST, {"n": -1.5e10, "t": [True, None], "u": "\ud83d\ude00"}])
    assert values(found(tmp_path, "t.json", text.encode())) == [*LIST, {"n": -1.5e10, "t": [True, None], "u": "😀"}]


def test_a_long_list_takes_the_memory_of_one_record(tmp_path: Path) -> None:
    path = tmp_path / "t.json.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b'{"skipped": [1, 2], "items": [')
        for number in range(60_000):
            file.write(b'%s{"n": %d, "text": "%s"}' % (b"," if number else b"", number, b"x" * 500))
        file.write(b"]}")
    tracemalloc.start()
    count = sum(isinstance(one, Record) for one in records(path, Shape(root="items")))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 60_000
    assert peak < 4 * 2**20


def test_one_record_too_long_ends_the_file_without_being_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_RECORD", 2**17)
    rows = found(tmp_path, "t.json", b'[{"n": 1}, {"n": "' + b"x" * 2**20 + b'"}]')
    assert values(rows) == [{"n": 1}]
    assert "longer than" in errors(rows)[0]


def test_damage_to_a_packed_file_is_told_behind_what_came_before(tmp_path: Path) -> None:
    packed = gzip.compress(b"a,b\n" + b"".join(b"%d,%s\n" % (n, b"%x" % (n * 7919**3)) for n in range(20_000)))
    rows = found(tmp_path, "t.csv.gz", packed[: len(packed) // 2])
    assert len(values(rows)) > 1000
    assert len(errors(rows)) == 1


def test_a_name_that_tells_no_format_asks_for_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="format"):
        found(tmp_path, "t.parquet", b"x")
    assert values(found(tmp_path, "t.dat", b"a\n1\n", Shape(format="csv"))) == [{"a": "1"}]


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    for name, data in (("t.csv", b"a\n" + b"1\n" * 100), ("t.json", json.dumps(LIST).encode())):
        last = found(tmp_path, name, data)[-1]
        assert isinstance(last, Record)
        assert last.read == last.size == len(data)


def test_standard_input_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Input:
        buffer = io.BytesIO(b"a;b\n1;2\n")

    monkeypatch.setattr("sys.stdin", Input())
    rows: Iterator[Record | BadInput] = records(Path("-"), Shape(format="csv"))
    assert values(list(rows)) == [{"a": "1", "b": "2"}]
