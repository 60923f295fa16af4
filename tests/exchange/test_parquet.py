"""Parquet tables hold what the graph holds: every fact, name and passage, with its dates and its source."""

from __future__ import annotations

import hashlib
import re
import resource
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from worldctx.commands.export_parquet import export_parquet
from worldctx.config import Settings
from worldctx.exchange import parquet as module
from worldctx.exchange.parquet import write_tables
from worldctx.exchange.tables import TABLES
from worldctx.graph.sqlite import SqliteGraph, open_graph
from worldctx.model.change import Batch, Withdrawal
from worldctx.model.clocks import Basis, Known
from worldctx.model.entity import Entity, Name
from worldctx.model.fact import Evidence, Fact, Literal
from worldctx.model.ids import ZERO, DocumentId, EntityId, FactId, Revision, SourceId
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import parse_interval, parse_when
from worldctx.testing.strategies import document_records, entities, facts, judgements
from worldctx.wiring import reading

APP = typer.Typer()
APP.command("parquet")(export_parquet)


def export(*args: object, code: int = 0) -> str:
    done = CliRunner().invoke(APP, [*map(str, args), "--json"])
    assert done.exit_code == code, (done.output, done.exception)
    return done.stdout if code == 0 else str(done.exception)


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder / f"{table}.parquet").to_pylist()
    return found


def fact_of(row: dict[str, Any]) -> Fact:
    """A row of `facts` as the fact that it is."""
    literal = None if row["value"] is None else Literal(
        row["value"], row["datatype"] or "", row["unit"] or "", row["lang"] or "")
    known = Known(row["known_since"] and parse_when(row["known_since"]), Basis(row["known_basis"]),
                  row["end_known_since"] and parse_when(row["end_known_since"]))
    said = Evidence(row["document"], row["span_start"], row["span_end"], row["quote"] or "", row["record"] or "")
    return Fact(
        FactId(row["id"]), EntityId(row["subject"]), row["predicate"], row["object"], literal,
        parse_interval(row["valid_from"], row["valid_to"]), known, row["source"], said, row["method"], row["confidence"])


def name_of(row: dict[str, Any]) -> tuple[str, Name, str | None]:
    valid = parse_interval(row["valid_from"], row["valid_to"])
    return row["entity"], Name(row["name"], row["lang"] or "", valid, row["preferred"]), row["source"]


def written(graph: SqliteGraph, folder: Path, revision: Revision | None = None) -> Path:
    folder.mkdir()
    write_tables(graph, graph.head() if revision is None else revision, folder, lambda: None)
    return folder


def test_every_table_has_the_columns_that_it_declares_and_their_types(filled: Path, tmp_path: Path) -> None:
    export(tmp_path / "out", "--data", filled)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(f"{name}.parquet" for name in TABLES)
    types = {"text": pa.string(), "integer": pa.int64(), "real": pa.float64(), "truth": pa.bool_(),
             "texts": pa.list_(pa.string()), "pairs": pa.map_(pa.string(), pa.string())}
    for name, columns in TABLES.items():
        schema = pq.read_schema(tmp_path / "out" / f"{name}.parquet")
        assert [(one.name, one.type, one.nullable) for one in schema] == \
            [(one.name, types[one.type], not one.needed) for one in columns]


def test_the_tables_say_what_the_graph_says(filled: Path, tmp_path: Path) -> None:
    export(tmp_path / "out", "--data", filled)
    out = tmp_path / "out"
    with reading(Settings.read(data=filled)) as graph:
        reader, told = graph.at(), list(graph.knowledge())
        assert [fact_of(row) for row in rows(out, "facts")] == \
            [replace(one, recorded=ZERO) for one in told if isinstance(one, Fact)]
        lines = [one for one in told if isinstance(one, Entity)]
        assert sorted(map(repr, map(name_of, rows(out, "names")))) == \
            sorted({repr((str(one.id), name, one.source)) for one in lines for name in one.names})
        ids = [EntityId(row["id"]) for row in rows(out, "entities")]
        assert ids == sorted({one.id for one in lines}) and len(ids) > 100
        held = reader.entities(ids)
        for row in rows(out, "entities"):
            one = held[EntityId(row["id"])]
            if one.id == row["id"] and len(reader.members(one.id)) == 1:
                assert (row["kind"], row["label"], row["lat"], row["lon"], row["within"], row["weight"] or 0.0) == \
                    (one.kind, one.label(), one.lat, one.lon, one.within, one.weight)
        sources = {SourceId(row["id"]): row for row in rows(out, "sources")}
        for key, source in reader.sources(list(sources)).items():
            assert (sources[key]["title"] or "", sources[key]["published"]) == \
                (source.title, source.published and source.published.edtf)
        texts = {DocumentId(row["id"]): row for row in rows(out, "documents")}
        for number, document in reader.documents(list(texts)).items():
            row = texts[number]
            assert (row["text"], row["content_hash"], dict(row["extra"])) == (document.text, document.content_hash, dict(document.extra))
            date = document.published
            assert (row["published"], row["published_lo"], row["published_hi"]) == \
                ((date.edtf, date.lo, date.hi) if date else (None, None, None))
            pieces = [one for one in rows(out, "passages") if one["document"] == number]
            assert [(one["id"], one["start"], one["end"], one["text"]) for one in pieces] == \
                [(one.id, one.start, one.end, one.text) for one in reader.passages_of(number)]
            said = [(one["start"], one["end"], one["surface"], tuple(one["candidates"]))
                    for one in rows(out, "mentions") if one["document"] == number]
            assert sorted(said) == sorted((one.start, one.end, one.surface, one.candidates) for one in reader.mentions(number))
        counts = reader.counts()
        assert (len(texts), len(rows(out, "passages")), len(rows(out, "facts"))) == \
            (counts["documents"], counts["passages"], counts["facts"])


def test_every_column_is_told() -> None:
    page = (Path(__file__).parents[2] / "docs" / "export-parquet.md").read_text(encoding="utf-8")
    told = {line.split("|")[1].strip(" `"): set(re.findall("`(\\w+)`", line.split("|")[3])) for line in page.splitlines() if line.startswith("| `")}
    assert told == {name: {one.name for one in columns} for name, columns in TABLES.items()}


LINES = st.lists(entities() | facts() | judgements() | st.builds(Source, st.sampled_from([SourceId("src:a")]), st.sampled_from(["", "A"])), max_size=12)


@settings(max_examples=40, deadline=None)
@given(LINES, st.lists(document_records(), max_size=3, unique_by=lambda one: one.document.id))
def test_what_is_told_comes_back_from_the_tables(tmp_path_factory: pytest.TempPathFactory, told: list[Any], texts: list[Any]) -> None:
    folder = tmp_path_factory.mktemp("tables")
    graph = open_graph(folder / "world")
    try:
        kinds: dict[type, list[Any]] = {Source: [Source(SourceId("src:a")), Source(SourceId("src:b"))], Entity: [], Fact: [], Judgement: []}
        for one in told:
            kinds[type(one)].append(one)
        graph.apply(Batch(tuple(kinds[Source]), tuple(kinds[Entity]), tuple(kinds[Fact]), tuple(kinds[Judgement]), tuple(texts)))
        out = written(graph, folder / "out")
        again = written(graph, folder / "again")
        for name in TABLES:  # the same bytes
            assert (out / f"{name}.parquet").read_bytes() == (again / f"{name}.parquet").read_bytes()
        wanted = sorted({replace(one, recorded=ZERO) for one in kinds[Fact]}, key=lambda one: one.id)
        found = [fact_of(row) for row in rows(out, "facts")]
        assert [one.id for one in found] == list(dict.fromkeys(one.id for one in wanted)) and set(found) <= set(wanted)
        for row, one in zip(rows(out, "facts"), found, strict=True):
            valid, known = one.valid, one.known
            assert (row["valid_lo"], row["valid_hi"]) == (valid.start and valid.start.lo, valid.end and valid.end.hi)
            assert (row["known_hi"], row["end_known_hi"]) == (known.since and known.since.hi, known.end_since and known.end_since.hi)
        assert {name_of(row) for row in rows(out, "names")} == \
            {(one.id, name, one.source) for one in kinds[Entity] for name in one.names}
        assert {(row["entity"], row["external"], row["source"]) for row in rows(out, "same_as")} == \
            {(one.id, other, one.source) for one in kinds[Entity] for other in one.same_as}
        assert {frozenset((row["left"], row["right"])) for row in rows(out, "judgements")} == \
            {frozenset((one.left, one.right)) for one in kinds[Judgement]}
        held = {one.document.id: one for one in texts}
        assert {row["id"] for row in rows(out, "documents")} == set(held)
        for row in rows(out, "documents"):
            document = held[row["id"]].document
            assert (row["text"], row["title"] or "", dict(row["extra"])) == (document.text, document.title, dict(document.extra))
        assert [(row["id"], row["text"]) for row in rows(out, "passages")] == \
            [(one.id, one.text) for key in sorted(held) for one in held[key].passages]
        assert [(row["document"], row["surface"], row["candidates"]) for row in rows(out, "mentions")] == \
            [(key, one.surface, list(one.candidates)) for key in sorted(held) for one in held[key].mentions]
    finally:
        graph.close()


def test_an_older_revision_is_shown_as_it_was(tmp_path: Path) -> None:
    graph = open_graph(tmp_path / "world")
    said = Fact(FactId("f:1"), EntityId("ent:a"), "p", None, Literal("1"), source=SourceId("src:a"))
    graph.apply(Batch((Source(SourceId("src:a"), "A"),), facts=(said,)))
    graph.apply(Batch(withdrawals=(Withdrawal(fact=said.id),)))
    graph.apply(Batch((Source(SourceId("src:a"), "B"),)))
    then, now = written(graph, tmp_path / "then", Revision(1)), written(graph, tmp_path / "now")
    graph.close()
    assert [len(rows(folder, "facts")) for folder in (then, now)] == [1, 0]
    assert [row["title"] for folder in (then, now) for row in rows(folder, "sources")] == ["A", "B"]


def test_rows_go_out_in_groups_and_memory_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS", 100)
    monkeypatch.setattr(module, "CHARS", 10_000)
    graph = open_graph(tmp_path / "world")
    many = tuple(Fact(FactId(f"f:{number:04}"), EntityId("ent:a"), "p", None, Literal(str(number))) for number in range(450))
    long = tuple(Fact(FactId(f"g:{number:04}"), EntityId("ent:a"), "p", None, Literal("x" * 4000)) for number in range(10))
    graph.apply(Batch(facts=(*many, *long)))
    out = written(graph, tmp_path / "out")
    graph.close()
    groups = pq.ParquetFile(out / "facts.parquet").metadata
    sizes = [groups.row_group(number).num_rows for number in range(groups.num_row_groups)]
    assert sum(sizes) == 460 and max(sizes) == 100 and sizes[-1] <= 3
    assert [fact_of(row).object_text for row in rows(out, "facts")][:450] == [str(number) for number in range(450)]


def test_a_folder_with_something_in_it_is_left_alone(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    assert "is there already and is not empty" in export(tmp_path / "full", "--data", filled, code=1)
    assert [one.name for one in tmp_path.rglob("*") if one.is_file()] == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    export(tmp_path / "empty", "--data", filled)
    assert rows(tmp_path / "empty", "facts")


def test_an_export_that_fails_leaves_nothing(filled: Path, tmp_path: Path) -> None:
    assert "cannot be written: No such file" in export(tmp_path / "none" / "out", "--data", filled, code=1)
    assert "revision 999 does not exist" in export(tmp_path / "out", "--data", filled, "--revision", 999, code=1)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_is_full_is_told(filled: Path, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))  # enough for what SQLite shares between readers
    try:
        assert "cannot be written: " in export(tmp_path / "out", "--data", filled, code=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def digests(folder: Path) -> Sequence[tuple[str, str]]:
    return [(one.name, hashlib.sha256(one.read_bytes()).hexdigest()) for one in sorted(folder.iterdir())]


def test_the_same_content_gives_the_same_bytes(filled: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        export(tmp_path / name, "--data", filled)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
