"""The terminal console: what a person types, and what is shown under the clocks, with sources."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from tests.conftest import Cli
from worldctx.client.client import BlockingClient, connect_blocking
from worldctx.console.answer import held, print_answer, printable
from worldctx.console.terminal import HELP, Clocks, Terminal
from worldctx.wire.v1 import context_pb2, types_pb2


@pytest.fixture(scope="module")
def client(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlockingClient]:
    import shutil

    folder = shutil.copytree(filled, tmp_path_factory.mktemp("console") / "world")
    with connect_blocking(f"embedded:{folder}", embedder="hashing") as opened:
        evil = {"id": "evil:1", "title": "Bad \x1b[31mred\u202e", "text": "Zephyrs \x1b]0;owned\x07 blow."}
        (ack,) = opened.ingest([("1", json.dumps(evil).encode())])
        assert not ack.error.message
        opened.look_up(context_pb2.LookUpRequest(text="x", revision=opened.stats().revision))
        yield opened


Say = Callable[..., list[str]]


@pytest.fixture
def say(client: BlockingClient) -> Say:
    def said(*lines: str, clocks: Clocks | None = None, failed: int = 0) -> list[str]:
        shown = io.StringIO()
        terminal = Terminal(client, clocks or Clocks(), io.StringIO("\n".join(lines)), Console(file=shown, soft_wrap=True, highlight=False))
        assert terminal.run() == failed, shown.getvalue()
        return shown.getvalue().splitlines()

    return said


def test_entities_are_found_numbered_and_shown_by_their_number(say: Say) -> None:
    shown = say("find Salvador Al", "show 1")
    assert shown[0].startswith("  1  Salvador Allende (person) ")
    assert shown[1].startswith("Salvador Allende (person) ")
    assert "Facts, as of any time, known by any time, revision head:" in shown
    offices = [line for line in shown if "position held: President of Chile (1970-11-03 – 1973-09-11)" in line]
    assert len(offices) == 1
    number = offices[0].rsplit("[", 1)[1].rstrip("]")
    assert any(line.startswith(f"  [{number}] ") for line in shown)


def test_the_clocks_filter_what_is_shown(say: Say) -> None:
    shown = say("as-of 1972", "known-by 1972-06-01", "show Salvador Allende", "clocks", "as-of any", "known-by any", "revision 1", "revision head")
    assert "position held: President of Chile (since 1970-11-03)" in "\n".join(shown)
    assert "1973" not in "\n".join(shown)
    assert "as of 1972, known by 1972-06-01, revision head" in shown
    assert shown[-2:] == ["as of any time, known by any time, revision 1", "as of any time, known by any time, revision head"]
    assert say("clocks", clocks=Clocks("1990", "2006", 1)) == ["as of 1990, known by 2006, revision 1"]
    assert say("show Salvador Allende", clocks=Clocks(known_by="1850"), failed=1)[-1].startswith("no name begins with")


def test_timeline_neighbours_context_and_passages_of_what_was_shown(say: Say) -> None:
    shown = say("show Salvador Allende", "timeline", "neighbours", "show 1", "context Who was Deep Throat?", "search market")
    text = "\n".join(shown)
    begun = [line.split()[0] for line in shown[shown.index(next(one for one in shown if one.startswith("Timeline of "))):] if re.match(r"  \d{4}", line)]
    assert begun and begun == sorted(begun)
    assert "← Salvador Allende: position held: President of Chile" in text
    assert "known by any time · revision " in text
    assert any(line[:5].replace(".", "").isdigit() for line in shown)


def test_what_cannot_be_done_is_said_and_the_next_command_comes(say: Say) -> None:
    shown = say("", "# a remark", "nonsense", "s x", "show", "find", "context", "as-of soon", "revision ²", "revision 99999999999999999999", "show ²",
                "find Zzzz", "search x \ufffd", "clocks", "quit", "nonsense", failed=8)
    assert [line for line in shown if "type help" in line or "give a" in line][:2] == ["'nonsense' is no command; type help", "'s' may be show or search; type help"]
    assert "as-of: 'soon' is not a date; write it as EDTF, such as 2004, 2004-05, 2004-05-17, 2004~ or 199X" in shown
    assert "no name begins with 'Zzzz' under these clocks" in shown
    assert shown[-1] == "as of any time, known by any time, revision head"


def test_help_tells_every_command(say: Say) -> None:
    assert say("help") == HELP.splitlines()
    for word in ("find", "show", "timeline", "neighbours", "context", "search", "as-of", "known-by", "revision", "clocks", "more", "quit"):
        assert f"\n{word}" in f"\n{HELP}"


def test_other_peoples_words_do_not_steer_the_terminal(client: BlockingClient, say: Say) -> None:
    shown = "\n".join(say("search Zephyrs blow"))
    assert "Bad \N{REPLACEMENT CHARACTER}[31mred\N{REPLACEMENT CHARACTER}" in shown
    assert "\x1b" not in shown
    out = io.StringIO()
    print_answer(Console(file=out), client.look_up(context_pb2.LookUpRequest(text="Zephyrs blow")))
    assert "\x1b" not in out.getvalue()
    assert printable("a\tb\nc\x00\x9b\u2066") == "a\tb\nc" + 3 * "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(("start", "end", "words"), [
    ("1970", "1973", "1970 – 1973"), ("2001", "2001", "2001"), ("2001", "", "since 2001"), ("", "2005", "until 2005"), ("", "", "any time")])
def test_an_interval_is_told_in_short(start: str, end: str, words: str) -> None:
    assert held(types_pb2.Interval(**{"from": start, "to": end})) == words


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_gets_a_screen_at_a_time(client: BlockingClient, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["find a", "more"])

    def person(prompt: str) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr("builtins.input", person)
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, height=10, soft_wrap=True, highlight=False, color_system=None)
    assert Terminal(client, Clocks(), Screen(), console).run() == 0
    lines = shown.getvalue().splitlines()
    assert "Type help." in lines[0]
    assert lines[8] == "… more: type more"
    numbers = [int(line.split()[0]) for line in lines if line[:3].strip().isdigit()]
    assert numbers == list(range(1, 15))


def test_commands_come_from_a_pipe_and_the_exit_code_tells_failures(cli: Cli, world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def piped(data: bytes, code: int) -> str:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="ascii"))
        return cli("console", "--data", world, "--as-of", "1972", code=code).out

    assert "as of 1972" in piped(b"clocks\nquit\n", 0)
    assert "is no command" in piped(b"nonsense\n", 1)
    shown = piped(b"find S\xe3o\nfind S\xc3\xa3o\n", 1)
    assert "a line is not UTF-8; convert the input" in shown
