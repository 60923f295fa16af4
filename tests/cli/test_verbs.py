"""Every verb teaches with an example and speaks JSON to machines."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tests.conftest import SAMPLES, Cli
from worldctx.cli import build
from worldctx.config import Settings

FACTS = '{"type":"entity","id":"ent:verb","kind":"person","names":[{"name":"Verb Verbson"}]}\n'
#: Verbs that print no result: a conversation, and a show for people.
NO_JSON = {"console", "demo"}
#: Verbs whose --json needs a process, a conversation or data of its own: see test_signals, tests/ingest, tests/resolve,
#: tests/packs, tests/exchange/geonames and tests/evals.
ELSEWHERE = {"serve", "worker", "beat", "resolve review", "resolve undo", "pack remove", "import geonames", "eval run",
             "eval show"}
#: A command line for each other verb. `{world}` is a data directory, `{file}` a file of documents or facts, `{out}` free.
WORDS = {
    "lookup": "lookup Chile --data {world} --json",
    "ingest": "ingest {documents} --data {world} --json",
    "enrich": "enrich {documents} {out} --data {world} --json",
    "stats": "stats --data {world} --json",
    "verify": "verify --data {world} --json",
    "rebuild": "rebuild --data {world} --json",
    "withdraw": "withdraw --document sample:013-kiev-market --data {world} --json",
    "erase": "erase --document sample:013-kiev-market --yes --data {world} --json",
    "doctor": "doctor --data {world} --json",
    "dlq list": "dlq list --data {world} --json",
    "dlq retry": "dlq retry --all --data {world} --json",
    "dlq drop": "dlq drop --all --data {world} --json",
    "import facts": "import facts {facts} --data {world} --json",
    "import map": "import map --list --json",
    "import pack": "import pack --data {world} --json",
    "import places": "import places --min-population 5000000 --data {world} --json",
    "import rdf": "import rdf --list --json",
    "import wikidata": "import wikidata --list --json",
    "export rdf": "export rdf {out}.nq --data {world} --json",
    "export parquet": "export parquet {out} --data {world} --json",
    "pack build": "pack build telecom {out} --json",
    "pack check": "pack check telecom --json",
    "pack install": "pack install telecom --data {world} --json",
    "pack list": "pack list --data {world} --json",
    "resolve list": "resolve list --data {world} --json",
    "resolve auto": "resolve auto --kind person --dry-run --data {world} --json",
    "resolve same": "resolve same ent:salvador-allende ent:augusto-pinochet --by me --data {world} --json",
    "resolve different": "resolve different ent:salvador-allende ent:augusto-pinochet --by me --data {world} --json",
    "resolve unsure": "resolve unsure ent:salvador-allende ent:augusto-pinochet --by me --data {world} --json",
    "export facts": "export facts {out} --data {world} --json",
    "export jsonl": "export jsonl {out} --data {world} --json",
    "eval list": "eval list --json",
    "train names": "train names {out}.crf --documents {documents} --data {world} --json",
    "config show": "config show --json",
}


def verbs(command: Any = None, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    command = command or typer.main.get_command(build())
    for name, one in command.commands.items():
        if hasattr(one, "commands"):
            yield from verbs(one, (*words, name))
        else:
            yield " ".join((*words, name)), one


ALL = dict(verbs())


def test_every_verb_is_known_here() -> None:
    assert set(ALL) == set(WORDS) | NO_JSON | ELSEWHERE


@pytest.mark.parametrize("verb", ALL)
def test_help_has_an_example_that_the_verb_understands(cli: Cli, verb: str) -> None:
    shown = cli(*verb.split(), "--help").out
    assert "Usage: " in shown
    (example,) = re.findall(r"Example:\s+(.+)", ALL[verb].help)
    words = shlex.split(example.split("| ")[-1].split("#")[0])
    words = words[words.index("worldctx") + 1:]
    assert " ".join(words[: len(verb.split())]) == verb
    # Parsing alone: wrong options or missing arguments would raise.
    ALL[verb].make_context(verb, words[len(verb.split()):])


@pytest.mark.parametrize("verb", ALL)
def test_every_option_says_what_it_is_for(verb: str) -> None:
    for one in ALL[verb].params:
        assert getattr(one, "help", None), (verb, one.name)


@pytest.mark.parametrize("verb", WORDS)
def test_json_is_one_line_of_json(cli: Cli, world: Path, tmp_path: Path, verb: str) -> None:
    facts = tmp_path / "facts.jsonl"
    facts.write_text(FACTS)
    places = {"world": world, "documents": SAMPLES, "facts": facts, "out": tmp_path / "out"}
    assert cli(*(word.format(**places) for word in WORDS[verb].split())).json


def test_without_json_the_same_verbs_speak_to_people(cli: Cli, world: Path) -> None:
    assert "revision: " in cli("stats", "--data", world).out
    assert "problems: none" in cli("verify", "--data", world).out
    shown = cli("lookup", "Who is the President of Chile?", "--as-of", "1972-06-01", "--data", world).out
    assert "Salvador Allende" in shown
    assert "as of 1972-06-01 (asked)" in shown


def test_every_setting_is_shown_with_its_value_and_meaning_and_the_token_is_not(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLDCTX_TOKEN", "sesame")
    monkeypatch.setenv("WORLDCTX_WORKERS", "7")
    shown, values = cli("config", "show").out, cli("config", "show", "--json").json
    assert set(values) == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        assert field.description and field.description.endswith(".")
        assert f"WORLDCTX_{name.upper()}=" in shown
        assert field.description in shown
    assert values["workers"] == 7
    assert "sesame" not in shown + json.dumps(values)
    monkeypatch.setenv("WORLDCTX_WORKERS", "none")
    assert cli("config", "show", code=1).complaints[0].startswith("settings: workers: ")


def test_the_version_is_told(cli: Cli) -> None:
    assert re.fullmatch(r"worldctx \d+\.\d+\.\d+\S*\n", cli("--version").out)


def test_an_interrupt_and_a_surprise_have_their_words_and_codes(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worldctx.config.Settings.read", _raise(KeyboardInterrupt()))
    assert cli("config", "show", code=130).complaints == ["ended by Ctrl-C; everything written is sound"]
    monkeypatch.setattr("worldctx.config.Settings.read", _raise(ZeroDivisionError("two\nlines")))
    (line,) = cli("config", "show", code=1).complaints
    assert line.startswith("internal error: ZeroDivisionError: two lines; WORLDCTX_DEBUG=1 shows where")


def _raise(error: BaseException) -> Any:
    def read(**given: object) -> Settings:
        raise error

    return read


def test_doctor_tells_what_is_wrong_and_what_to_do(cli: Cli, world: Path, tmp_path: Path) -> None:
    def found(*words: object, code: int = 0) -> dict[str, dict[str, str]]:
        return {one["what"]: one for one in cli("doctor", *words, "--json", code=code).json}

    sound = found("--data", world)
    assert (sound["stores"]["state"], sound["data directory"]["state"]) == ("ok", "ok")
    assert found("--data", tmp_path / "new")["data directory"]["state"] == "note"
    assert not (tmp_path / "new").exists()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "graph.db").write_bytes(b"not a database at all" * 100)
    assert found("--data", tmp_path / "bad", code=1)["stores"]["state"] == "bad"
    other = found("--data", world, "--embedder", "none", code=1)["stores"]
    assert "worldctx rebuild" in other["detail"]
    assert found("--server", "127.0.0.1:1", code=1)["service"]["state"] == "bad"
    assert "data directory" in cli("doctor", "--data", world).out


def test_doctor_calls_a_directory_that_a_service_has_open_no_fault(cli: Cli, running: Any) -> None:
    found = {one["what"]: one for one in cli("doctor", "--data", running.settings.data, "--json").json}
    assert found["stores"]["state"] == "note"
    assert "in use by process" in found["stores"]["detail"]
