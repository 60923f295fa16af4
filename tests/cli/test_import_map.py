"""`worldctx import map`: the documented example runs, bad rows cost themselves, and twice is once."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CLI = [sys.executable, "-m", "worldctx"]
DOCS = Path(__file__).parents[2] / "docs" / "import.md"


def run(*args: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([*CLI, *map(str, args)], capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"})
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def museums(tmp_path: Path) -> Path:
    """The folder of the documented example."""
    for name, text in re.findall(r"`(museums\.\w+)`:\n\n```\w+\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_documented_example_is_true(museums: Path) -> None:
    told = re.search(r"```text\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert told is not None
    complaint, *sums = told.group(1).splitlines()
    done = subprocess.run([*CLI, "import", "map", "museums.toml", "museums.csv", "--dry-run"], cwd=museums, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == complaint
    assert done.stdout.splitlines()[:len(sums)] == sums
    assert sorted(path.name for path in museums.iterdir()) == ["museums.csv", "museums.toml"]

    written = ("import", "map", museums / "museums.toml", museums / "museums.csv", "--data", museums / "world", "--embedder", "none", "--json")
    first = json.loads(run(*written, code=1).stdout)
    assert {key: first[key] for key in ("entities", "facts", "refused")} == {"entities": 5, "facts": 6, "refused": 1}
    assert "line 4" in first["refused_lines"][0]["reason"]
    again = json.loads(run(*written, code=1).stdout)
    assert {key: again[key] for key in ("sources", "entities", "facts", "revision")} == {"sources": 0, "entities": 0, "facts": 0, "revision": first["revision"]}

    def shown(as_of: str) -> str:
        script = f"as-of {as_of}\nknown-by {as_of}\nshow Museum of Tides\n"
        return subprocess.run([*CLI, "console", "--data", str(museums / "world"), "--embedder", "none"], input=script, capture_output=True,
                              text=True, check=False).stdout

    assert "director: Ada Holm (since 2001-05-01)" in shown("2010")
    assert "visitors" not in shown("2010")
    assert "Ada Holm" not in shown("2020")


def test_good_input_ends_with_code_0(museums: Path) -> None:
    lines = (museums / "museums.csv").read_text(encoding="utf-8").splitlines()
    (museums / "museums.csv").write_text("\n".join(lines[:3]), encoding="utf-8")
    assert json.loads(run("import", "map", museums / "museums.toml", museums, "--dry-run", "--json").stdout)["entities"] == 4


def test_the_mappings_that_come_along_are_listed(tmp_path: Path) -> None:
    assert "worldcup: FIFA World Cups" in run("import", "map", "--list").stdout
    assert set(json.loads(run("import", "map", "--list", "--json").stdout)) == {"countries", "fb15k", "openstates", "worldcup"}
    assert "openstates" in run("import", "map", code=2).stderr
    assert "openstates" in run("import", "map", "worldcup", code=2).stderr
    assert "worldcup" in run("import", "map", "worldcupp", tmp_path, "--data", tmp_path / "w", code=1).stderr
    assert not (tmp_path / "w").exists()


def test_a_wrong_mapping_or_file_is_told_before_anything_is_written(museums: Path) -> None:
    def refused(*words: object) -> str:
        return run("import", "map", *words, "--data", museums / "w", "--embedder", "none", code=1).stderr

    assert "gone.csv: is not there" in refused(museums / "museums.toml", museums / "gone.csv")
    (museums / "museums2.csv").write_text("id;name\n1;x\n", encoding="utf-8")
    assert "museums2.csv: country: is a column the mapping uses; the file has only id, name" in refused(museums / "museums.toml", museums / "museums2.csv")
    (museums / "bad.toml").write_text("[[read]]\nfiles = 'x'\nfact = [{ subject = '{id|shout}', predicate = 'p', value = '1' }]\n", encoding="utf-8")
    assert "bad.toml: read[0].fact[0].subject: function: 'shout' is not one of" in refused(museums / "bad.toml", museums / "museums.csv")


def test_rows_come_from_standard_input_too(museums: Path) -> None:
    mapping = museums / "m.toml"
    mapping.write_text('[[read]]\nfiles = "x"\nformat = "jsonl"\n[[read.entity]]\nid = "x:{id}"\nkind = "person"\nnames = "{name}"\n', encoding="utf-8")
    done = subprocess.run([*CLI, "import", "map", str(mapping), "-", "--dry-run", "--json"], input='{"id": 1, "name": "A"}\n{"id": 2}\nx\n',
                          capture_output=True, text=True, check=False)
    counted = json.loads(done.stdout)
    assert (counted["entities"], counted["refused"], done.returncode) == (2, 1, 1)
    assert "standard input: line 3" in done.stderr


def test_a_fact_whose_source_comes_too_late_is_named_with_its_row(museums: Path) -> None:
    mapping = museums / "m.toml"
    mapping.write_text('[[read]]\nfiles = "*.csv"\n[[read.fact]]\nsubject = "x:{id}"\npredicate = "p"\nvalue = "1"\nsource = "src:none"\n', encoding="utf-8")
    (museums / "t.csv").write_text("id\n1\n", encoding="utf-8")
    done = run("import", "map", mapping, museums / "t.csv", "--data", museums / "w", "--embedder", "none", code=1)
    assert re.search(r"t\.csv: line 2: source: 'src:none' is neither in this batch nor in the store", done.stderr)


@pytest.mark.slow
def test_ctrl_c_leaves_a_sound_world_and_a_second_run_completes_it(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('[[read]]\nfiles = "*.csv"\n[[read.fact]]\nsubject = "x:{id}"\npredicate = "p"\nvalue = "{id}"\n', encoding="utf-8")
    (tmp_path / "t.csv").write_text("id\n" + "".join(f"{n}\n" for n in range(30_000)), encoding="utf-8")
    words = ["import", "map", str(tmp_path / "m.toml"), str(tmp_path / "t.csv"), "--data", str(tmp_path / "w"), "--embedder", "none", "--json"]
    process = subprocess.Popen([*CLI, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})
    log = tmp_path / "w" / "graph.db-wal"  # the file itself grows when the log is folded back into it, at the end
    while process.poll() is None and not (log.exists() and log.stat().st_size > 400_000):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "Traceback" not in told
    assert json.loads(run("verify", "--data", tmp_path / "w", "--embedder", "none", "--json").stdout)["problems"] == []
    run(*words)
    assert json.loads(run("stats", "--data", tmp_path / "w", "--embedder", "none", "--json").stdout)["graph"]["facts"] == 30_000


@pytest.mark.parametrize("option", ["--help"])
def test_the_help_teaches(option: str) -> None:
    shown = run("import", "map", option).stdout
    assert "docs/import.md" in shown
    assert "Example: worldctx import map" in shown
