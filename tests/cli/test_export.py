"""What `export facts` writes, `import facts` makes the same knowledge of: the same dump, and the same when read."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Cli
from worldctx.cli import run
from worldctx.config import Settings
from worldctx.exchange.facts import Line, line_of
from worldctx.exchange.jsonl import Line as NumberedLine
from worldctx.exchange.jsonl import lines
from worldctx.graph.sqlite import SqliteGraph, open_graph
from worldctx.model.clocks import Basis, Known
from worldctx.model.entity import Entity, Kind
from worldctx.model.fact import Evidence, Fact
from worldctx.model.ids import DocumentId, EntityId, FactId, SourceId
from worldctx.model.source import Source
from worldctx.model.time import parse_when
from worldctx.ports.deadline import Deadline
from worldctx.testing.strategies import EXTERNALS, entities, facts, judgements, whens
from worldctx.wiring import open_running, reading

WORDS = st.sampled_from(["", "One", "Another\n", "\U0001f680"])


def sources() -> st.SearchStrategy[Source]:
    """Lines about two sources that add up; each has its date from the first line on."""
    dates = {SourceId("src:a"): None, SourceId("src:b"): parse_when("1993-05")}
    made = st.builds(Source, st.sampled_from(sorted(dates)), WORDS, st.sampled_from(["", "https://un.org/x"]),
                     st.none() | EXTERNALS, st.none(), st.just("un.org"), WORDS, WORDS, WORDS)
    return made.map(lambda one: replace(one, published=dates[one.id]))


@st.composite
def fact_lines(draw: st.DrawFn) -> Fact:
    """Facts as lines give them: with a date of their own or that of their source, some with evidence and an id."""
    fact = draw(facts())
    since = draw(st.none() | whens())
    known = Known(since, Basis.STATED if since else Basis.UNSTATED, draw(st.none() | whens()))
    said = draw(st.sampled_from([Evidence(), Evidence(DocumentId("doc:1"), 0, 7, "q", "r"), Evidence(record="x\n"), Evidence(start=3)]))
    number = draw(st.sampled_from(["", "", "f:mine", "f:other"]))
    return replace(fact, id=FactId(number), known=known, evidence=said, confidence=draw(st.sampled_from([0.0, 0.25, 1.0])))


def places() -> st.SearchStrategy[Entity]:
    """Entities with half a point, a whole one or none, and a place they lie in."""
    half = st.sampled_from([(1.5, None), (None, -2.0), (0.0, 0.0), (3.25, 4.0), (None, None)])
    return st.builds(lambda one, at, within: replace(one, lat=at[0], lon=at[1], within=within), entities(), half,
                     st.sampled_from([None, EntityId("ent:a"), EntityId("wd:Q1")]))


BATCHES = st.lists(st.lists(sources() | places() | fact_lines() | judgements(), max_size=8), min_size=1, max_size=4)


def read(graph: SqliteGraph) -> object:
    """How every id is read, which the dump does not say: labels, kinds and what is one with what."""
    ids = [EntityId(f"ent:{letter}") for letter in "abcdef"] + [EntityId(f"wd:Q{number}") for number in range(4)]
    reader = graph.at()
    return reader.resolve(ids), reader.entities(ids), reader.sources([SourceId("src:a"), SourceId("src:b")])


def knowledge(data: Path) -> tuple[list[str], object]:
    with reading(Settings.read(data=data)) as graph:
        assert isinstance(graph, SqliteGraph)
        return list(graph.dump(graph.head())), read(graph)


@settings(max_examples=12, deadline=None)
@given(BATCHES)
def test_a_graph_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, batches: list[list[Line]]) -> None:
    folder = tmp_path_factory.mktemp("export")
    with open_running(Settings.read(data=folder / "one", embedder="none")) as running:
        first: list[Line] = [Source(SourceId("src:a"), "A"), Source(SourceId("src:b"), "B", published=parse_when("1993-05"))]
        for batch in [first, *batches]:
            running.writer.write_facts([line_of(one) for one in batch])
    assert run(["export", "facts", str(folder / "all.jsonl"), "--data", str(folder / "one")]) == 0
    told = (folder / "all.jsonl").read_text(encoding="utf-8").split("\n")[:-1]
    with open_running(Settings.read(data=folder / "two", embedder="none")) as running:
        assert not running.writer.write_facts(told).refused
    assert knowledge(folder / "two") == knowledge(folder / "one")


def test_the_shipped_pack_comes_back_as_it_was_through_every_form_of_file(cli: Cli, filled: Path, tmp_path: Path) -> None:
    with reading(Settings.read(data=filled)) as graph:
        wanted = [line for line in graph.dump(graph.head()) if '"type":"document"' not in line]
    for suffix in ("", ".gz", ".zst"):
        told = cli("export", "facts", tmp_path / f"all.jsonl{suffix}", "--data", filled, "--json").json
    whole = [(one.number, one.data) for one in lines(tmp_path / "all.jsonl") if isinstance(one, NumberedLine)]
    assert whole == [(one.number, one.data) for one in lines(tmp_path / "all.jsonl.gz") if isinstance(one, NumberedLine)]
    back = cli("import", "facts", tmp_path / "all.jsonl.zst", "--data", tmp_path / "world", "--embedder", "none", "--json").json
    assert (back["refused"], back["facts"], back["sources"]) == (0, told["fact"], told["source"])
    with reading(Settings.read(data=tmp_path / "world")) as graph:
        assert list(graph.dump(graph.head())) == wanted
    assert len(wanted) > 1000


def test_an_older_revision_can_be_exported_and_what_was_withdrawn_is_left_out(cli: Cli, tmp_path: Path) -> None:
    data, source = tmp_path / "w", tmp_path / "in.jsonl"
    source.write_text('{"type":"source","id":"src:a"}\n{"type":"fact","id":"f:1","subject":"ent:a","predicate":"p","value":1,"source":"src:a"}\n')
    cli("import", "facts", source, "--data", data)
    cli("withdraw", "--source", "src:a", "--data", data)
    assert cli("export", "facts", tmp_path / "now.jsonl", "--data", data, "--json").json["fact"] == 0
    assert cli("export", "facts", tmp_path / "then.jsonl", "--data", data, "--revision", 1, "--json").json["fact"] == 1
    assert "revision 9 does not exist" in cli("export", "facts", tmp_path / "x", "--data", data, "--revision", 9, code=1).complaints[0]
    assert not (tmp_path / "x").exists()


def test_a_service_may_have_the_directory_open(cli: Cli, running: object, tmp_path: Path) -> None:
    data = running.settings.data  # type: ignore[attr-defined]
    assert cli("export", "facts", tmp_path / "a.jsonl", "--data", data, "--json").json["fact"] > 100
    assert cli("export", "jsonl", tmp_path / "b.jsonl", "--data", data, "--json").json["lines"] > 100


def test_an_output_that_cannot_be_written_is_said_and_nothing_is_left(cli: Cli, filled: Path, tmp_path: Path) -> None:
    (line,) = cli("export", "facts", tmp_path / "none" / "a.jsonl", "--data", filled, code=1).complaints
    assert line.endswith("No such file or directory")
    (line,) = cli("export", "facts", tmp_path, "--data", filled, code=1).complaints
    assert line.endswith("Is a directory")


def test_a_device_is_written_to_and_a_link_leads_to_its_file(cli: Cli, filled: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    cli("export", "facts", tmp_path / "link", "--data", filled)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").stat().st_size > 1000
    with ThreadPoolExecutor(1) as threads:
        other_end = threads.submit((tmp_path / "pipe").read_bytes)
        cli("export", "facts", tmp_path / "pipe", "--data", filled)
        assert other_end.result() == (tmp_path / "file").read_bytes()
    assert {one.name for one in tmp_path.iterdir()} == {"file", "here", "link", "pipe"}


def test_a_device_that_is_full_is_said(cli: Cli, filled: Path, tmp_path: Path) -> None:
    try:
        os.mknod(tmp_path / "full", stat.S_IFCHR | 0o666, os.makedev(1, 7))  # as /dev/full, without touching that
    except PermissionError:
        pytest.skip("only root makes devices")
    (line,) = cli("export", "facts", tmp_path / "full", "--data", filled, code=1).complaints
    assert "No space left" in line


def test_source_lines_of_one_batch_add_up_and_keep_the_date_they_gave(tmp_path: Path) -> None:
    with open_running(Settings.read(data=tmp_path / "w", embedder="none")) as running:
        running.writer.write_facts(['{"type":"source","id":"src:a","title":"Title","published_at":"2010"}', '{"type":"source","id":"src:a","url":"https://a.example/"}'])
        running.writer.write_facts(['{"type":"source","id":"src:a","sector":"news"}',
                                    '{"type":"fact","id":"f:1","subject":"ent:a","predicate":"p","value":1,"source":"src:a","valid":{"from":"1990"}}'])
        running.follower.wait_for(running.world.graph.head(), Deadline.after(10))
        reader = running.world.graph.at()
        source = reader.sources([SourceId("src:a")])[SourceId("src:a")]
        assert (source.title, source.url, source.sector) == ("Title", "https://a.example/", "news")
        assert reader.facts([FactId("f:1")])[FactId("f:1")].known == Known(parse_when("2010"), Basis.SOURCE)


def test_a_line_for_each_state_of_an_entity_in_its_order(tmp_path: Path) -> None:
    graph = open_graph(tmp_path / "w")
    from worldctx.model.change import Batch

    for kind in (Kind.WORK, Kind.PLACE, Kind.CONCEPT):
        graph.apply(Batch(entities=(Entity(EntityId("ent:a"), kind),)))
    assert [one.kind for one in graph.knowledge() if isinstance(one, Entity)] == [Kind.WORK, Kind.PLACE, Kind.CONCEPT]
    graph.close()
