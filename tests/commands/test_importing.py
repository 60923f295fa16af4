"""Imports: large commits, goes on where it was broken off, once is once, and a report that tells all."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from worldctx.commands import sink
from worldctx.commands.importing import run
from worldctx.exchange.facts import Line
from worldctx.exchange.facts_file import FactsFiles
from worldctx.exchange.importer import Taken
from worldctx.graph.sqlite import open_graph
from worldctx.model.entity import Entity, Kind, Name
from worldctx.model.errors import BadInput
from worldctx.model.fact import Fact, Literal
from worldctx.model.ids import EntityId, FactId, SourceId
from worldctx.model.source import Source
from worldctx.testing.failpoints import FailpointError, armed

DATA = SourceId("src:data")


class Rows:
    """An importer of lines `number` of text files: one entity and one fact each; `bad`, `skip` and `orphan` are rows too."""

    name, choices = "rows@1", "all"

    def __init__(self) -> None:
        self.read: list[int] = []

    def begin(self) -> Iterator[Line]:
        yield Source(DATA, "Rows")

    def records(self, path: Path, after: int = 0) -> Iterator[Taken]:
        for number, text in enumerate(path.read_text().splitlines(), 1):
            if number > after:
                self.read.append(number)
                yield self._taken(path, number, text)

    def _taken(self, path: Path, number: int, text: str) -> Taken:
        if text == "bad":
            return Taken(number, error=BadInput.at(f"{path}: line {number}", "is bad"), raw=text)
        if text == "skip":
            return Taken(number, skipped="not wanted")
        entity = EntityId(f"row:{text}")
        source = SourceId("src:nobody") if text == "orphan" else DATA
        fact = Fact(FactId(""), entity, "number", literal=Literal(text), source=source)
        return Taken(number, (Entity(entity, Kind.CONCEPT, (Name(f"Row {text}"),)), fact), left_out=(("aliases", 2),))


@pytest.fixture(autouse=True)
def small_commits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worldctx.commands.importing.LINES", 20)


def imported(capsys: pytest.CaptureFixture[str], importer: Rows, *paths: Path, data: Path, code: int = 0, **options: object) -> dict[str, object]:
    with pytest.raises(typer.Exit) as done:
        run(importer, paths, data=data, as_json=True, **options)  # type: ignore[arg-type]
    assert done.value.exit_code == code
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


def rows(path: Path, *texts: object) -> Path:
    path.write_text("".join(f"{text}\n" for text in texts))
    return path


def dump(data: Path) -> list[str]:
    graph = open_graph(data)
    try:
        assert list(graph.check()) == []
        return list(graph.dump())
    finally:
        graph.close()


def test_an_import_tells_what_it_read_wrote_skipped_and_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = rows(tmp_path / "a.txt", 1, "skip", "bad", "orphan", 2, "skip")
    told = imported(capsys, Rows(), file, data=tmp_path / "world", code=1, parked=tmp_path / "parked.jsonl")
    assert {key: told[key] for key in ("sources", "entities", "facts", "unchanged", "refused", "read", "skipped", "left_out")} == {
        "sources": 1, "entities": 3, "facts": 2, "unchanged": 0, "refused": 2, "read": 6, "skipped": {"not wanted": 2}, "left_out": {"aliases": 6}}
    reasons = [f"{one['where']} {one['reason']}" for one in told["refused_lines"]]  # type: ignore[attr-defined]
    assert "line 3: is bad" in reasons[0]
    assert f"{file}: line 4" in reasons[1]
    assert "'src:nobody' is neither in this batch nor in the store" in reasons[1]
    (parked,) = map(json.loads, (tmp_path / "parked.jsonl").read_text().splitlines())
    assert parked == {"file": str(file), "line": 3, "reason": f"{file}: line 3: is bad", "record": "bad"}


@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.parametrize("failpoint", ["graph.apply.before_commit", "graph.apply.after_commit"])
def test_what_was_broken_off_goes_on_there_and_ends_like_an_unbroken_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], failpoint: str, nth: int
) -> None:
    files = rows(tmp_path / "a.txt", *range(45)), rows(tmp_path / "b.txt", *range(40, 70))
    imported(capsys, Rows(), *files, data=tmp_path / "whole")
    broken = Rows()
    with armed(failpoint, nth=nth), pytest.raises(FailpointError):
        run(broken, files, data=tmp_path / "world")
    again = Rows()
    told = imported(capsys, again, *files, data=tmp_path / "world")
    done = nth - 1 if failpoint.endswith("before_commit") else nth
    assert told.get("read_before", 0) == 10 * done == 75 - len(again.read)
    assert dump(tmp_path / "world") == dump(tmp_path / "whole")
    # It ended: nothing of it is kept, and the next time all is read anew and nothing is new.
    third = Rows()
    told = imported(capsys, third, *files, data=tmp_path / "world")
    assert (len(third.read), told["entities"], told["facts"], told["refused"]) == (75, 0, 0, 0)


def test_another_file_other_choices_and_restart_begin_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = rows(tmp_path / "a.txt", *range(25))
    with armed("graph.apply.after_commit", nth=1), pytest.raises(FailpointError):
        run(Rows(), [file], data=tmp_path / "world")
    other = Rows()
    other.choices = "few"  # type: ignore[misc]
    assert "read_before" not in imported(capsys, other, file, data=tmp_path / "world")
    assert imported(capsys, Rows(), rows(tmp_path / "renamed.txt", *range(25)), data=tmp_path / "world")["read_before"] == 10
    with armed("graph.apply.after_commit", nth=1), pytest.raises(FailpointError):
        run(Rows(), [rows(tmp_path / "c.txt", *range(100, 130))], data=tmp_path / "world")
    assert "read_before" not in imported(capsys, Rows(), tmp_path / "c.txt", data=tmp_path / "world", restart=True)
    assert "read_before" not in imported(capsys, Rows(), rows(tmp_path / "a.txt", *range(1, 26)), data=tmp_path / "world")


def test_a_dry_run_reads_all_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = imported(capsys, Rows(), rows(tmp_path / "a.txt", 1, "bad", 2), data=tmp_path / "world", dry_run=True, code=1)
    assert {key: told[key] for key in ("sources", "entities", "facts", "refused", "read", "revision")} == {
        "sources": 1, "entities": 2, "facts": 2, "refused": 1, "read": 3, "revision": 0}
    assert not (tmp_path / "world").exists()


def test_a_file_that_cannot_be_opened_or_breaks_off_costs_itself_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = '{"type":"entity","id":"ent:%d","kind":"place"}\n'
    whole = tmp_path / "whole.jsonl"
    whole.write_text(line % 1)
    cut = tmp_path / "cut.jsonl.gz"
    cut.write_bytes(gzip.compress((line % 2).encode() * 2000)[:-8])
    paths = [tmp_path / "none.jsonl", cut, whole]
    with pytest.raises(typer.Exit):
        run(FactsFiles(paths), paths, data=tmp_path / "world", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["entities"], told["refused"]) == (2, 2)
    assert ["cannot be read" in one["reason"] or "breaks off" in one["reason"] for one in told["refused_lines"]] == [True, True]


def test_facts_find_sources_that_stand_in_a_later_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts, sources = tmp_path / "facts.jsonl", tmp_path / "sources.jsonl"
    facts.write_text('{"type":"fact","subject":"ent:a","predicate":"height","value":1,"source":"src:a"}\n' * 30)
    sources.write_text('{"type":"source","id":"src:a","published_at":"2001"}\n')
    with pytest.raises(typer.Exit) as done:
        run(FactsFiles([facts, sources]), [facts, sources], data=tmp_path / "world", as_json=True)
    assert done.value.exit_code == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["sources"], told["facts"], told["unchanged"]) == (1, 1, 30)


def test_calls_to_a_service_are_cut_by_lines_and_by_size() -> None:
    texts = ["x" * 10] * 5
    assert [len(call) for call, _ in sink._calls(texts)] == [5]
    assert [is_last for _, is_last in sink._calls(["x" * sink.CALL_CHARS] * 3)] == [False, False, True]
    assert [(len(call), is_last) for call, is_last in sink._calls(["x"] * (sink.CALL_LINES + 1))] == [(sink.CALL_LINES, False), (1, True)]
    assert list(sink._calls([])) == [([], True)]
