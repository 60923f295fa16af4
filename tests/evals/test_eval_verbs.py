"""`worldctx eval` runs measurements, keeps what they found, and shows the errors."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

import evals.__main__
import evals.quality
from evals.case import Case
from evals.row import Figure, Row
from tests.conftest import Cli

CASES = (Case("b", "Who led Chile?", "Allende", "Pinochet", 0.0, "wrong holder", ("it is near in time",)),
         Case("a", "Who led Peru?", "Velasco", "nobody", 0.5, "missing"), Case("c", "Who led Cuba?", "Castro", "Castro", 1.0))


def fails(data: Path, embedder: str) -> Iterator[Row]:
    raise RuntimeError("no such file")
    yield


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Measurements of the test's own, and where they are kept."""
    row = Row("who led", "two data sets", 3, (Figure("exact", 0.333, 0.1, 0.6, None, 0.5),), "as of 1972", CASES)
    monkeypatch.setattr(evals.__main__, "MEASURED", {"fails": fails, "leaders": lambda data, embedder: [row], "other": lambda data, embedder: [row]})
    monkeypatch.setattr(evals.quality, "DOCS", tmp_path / "quality.md")
    return tmp_path / "kept"


def test_a_run_prints_the_table_and_keeps_figures_and_cases(cli: Cli, kept: Path, tmp_path: Path) -> None:
    done = cli("eval", "run", tmp_path, "--only", "leaders", "--kept", kept)
    assert "| who led | two data sets | 3 | exact | 0.333 | 0.100–0.600 |  |  | ≥ 0.500 | no |" in done.out
    assert "1 of 1: leaders" in done.err
    assert cli("eval", "list", "--kept", kept, "--json").json == [
        {"name": "fails", "measured": False, "errors": None}, {"name": "leaders", "measured": True, "errors": 2},
        {"name": "other", "measured": False, "errors": None}]
    assert "leaders: 2 errors kept" in cli("eval", "list", "--kept", kept).out


def test_a_measurement_that_fails_is_told_and_the_others_go_on(cli: Cli, kept: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever logged before may have left a handler whose stream is gone.
    monkeypatch.setattr(logging.getLogger(), "handlers", [caplog.handler])
    done = cli("eval", "run", tmp_path, "--kept", kept, "--json", code=1)
    assert [json.loads(line)["name"] for line in done.out.splitlines()] == ["who led", "who led"]
    assert "fails is not measured" in caplog.text
    assert "no such file" in caplog.text


def test_the_page_is_renewed_only_from_what_was_measured(cli: Cli, kept: Path, tmp_path: Path) -> None:
    (line,) = cli("eval", "run", tmp_path, "--only", "leaders", "--write", "--kept", kept, code=1).complaints
    assert line == "--write: not measured here yet: fails, other; measure them first"
    assert not evals.quality.DOCS.exists()
    evals.__main__.MEASURED.pop("fails")  # type: ignore[attr-defined]  # the test's own dictionary
    cli("eval", "run", tmp_path, "--only", "other", "--kept", kept)
    cli("eval", "run", tmp_path, "--only", "leaders", "--write", "--kept", kept)
    assert evals.quality.DOCS.read_text(encoding="utf-8").count("| who led |") == 2


def test_the_browser_counts_errors_by_class_and_tells_each_with_its_reasons(cli: Cli, kept: Path, tmp_path: Path) -> None:
    cli("eval", "run", tmp_path, "--only", "leaders", "--kept", kept)
    found = cli("eval", "show", "leaders", "--kept", kept, "--json").json
    assert (found["cases"], found["faults"], found["found"]) == (3, {"missing": 1, "wrong holder": 1}, 2)
    assert [one["id"] for one in found["errors"]] == ["b", "a"]
    one = cli("eval", "show", "leaders", "--fault", "missing", "--kept", kept, "--json").json
    assert [error["asked"] for error in one["errors"]] == ["Who led Peru?"]
    shown = cli("eval", "show", "leaders", "--limit", 1, "--kept", kept).out
    for words in ("3 cases kept, 2 errors", "asked: Who led Chile?", "wanted: Allende", "answered: Pinochet", "because: it is near in time", "1 more with --limit"):
        assert words in shown


@pytest.mark.parametrize(("words", "complaint"), [
    (["eval", "run", "{data}", "--only", "leader"], "NAME: no measurement is called 'leader'; there are: fails, leaders, other"),
    (["eval", "run", "{data}/none"], "DATA: "), (["eval", "show", "other", "--kept", "{data}"], "NAME: other was not measured here"),
    (["eval", "show", "nothing"], "NAME: no measurement is called 'nothing'")])
def test_what_is_not_there_is_told(cli: Cli, kept: Path, tmp_path: Path, words: list[str], complaint: str) -> None:
    (line,) = cli(*(word.format(data=tmp_path) for word in words), code=1).complaints
    assert line.startswith(complaint)


def test_ctrl_c_ends_a_run_and_what_was_done_is_kept(cli: Cli, kept: Path, tmp_path: Path) -> None:
    def interrupted(data: Path, embedder: str) -> Iterator[Row]:
        raise KeyboardInterrupt
        yield

    evals.__main__.MEASURED["other"] = interrupted  # type: ignore[index]  # the test's own dictionary
    cli("eval", "run", tmp_path, "--only", "leaders", "--only", "other", "--kept", kept, code=130)
    assert cli("eval", "show", "leaders", "--kept", kept, "--json").json["cases"] == 3


def test_without_the_source_tree_the_verbs_say_where_to_find_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "evals.kept", None)
    (line,) = cli("eval", "list", code=1).complaints
    assert "in the source tree, not in the wheel" in line
