"""`worldctx lookup`: the context of one text, or of a file of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from worldctx.client.client import BlockingClient
from worldctx.commands.lookup_many import answer_file
from worldctx.commands.screen import out
from worldctx.commands.target import AsJson, AsOf, AtRevision, Data, Embedder, KnownBy, Server, opened
from worldctx.console.answer import print_answer
from worldctx.model.ask import Profile
from worldctx.model.errors import BadInput
from worldctx.wire.messages import to_json
from worldctx.wire.v1 import context_pb2


def lookup(
    text: Annotated[Optional[str], typer.Argument(help="A prompt or a whole document; - reads it from stdin.")] = None,
    as_of: AsOf = "",
    known_by: KnownBy = "",
    revision: AtRevision = 0,
    budget: Annotated[
        int, typer.Option(min=1, max=1_000_000, metavar="TOKENS", help="Tokens of context at most.")
    ] = 512,
    profile: Annotated[Profile, typer.Option(help="Shape of the text for the model.")] = Profile.BRIEF,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Facts and passages at most, each.")] = 10,
    strict: Annotated[bool, typer.Option("--strict", help="Only what declares when it was said.")] = False,
    source: Annotated[
        Optional[Path],
        typer.Option(
            "--input",
            metavar="FILE",
            help="Many: JSON lines with text and any of id, as_of, known_by, limit, filter; - is stdin.",
        ),
    ] = None,
    target: Annotated[
        Optional[Path], typer.Option("--output", metavar="FILE", help="Answers as JSON lines; default stdout.")
    ] = None,
    data: Data = None,
    server: Server = None,
    embedder: Embedder = None,
    as_json: AsJson = False,
) -> None:
    """The context of a text, as of a date: who, what, when and where, facts and passages, each with its source.

    For people the answer is the text that a model would get, then the links and facts behind it, the clocks used and
    what was left out. With --json it is the message of the API, on one line.

    With --input each line is answered in order under its own id, all at one revision; what is given on the command
    line stands for what a line leaves out. A line that cannot be answered gets a line with its error, and the exit
    code is 1.

    Example: worldctx lookup "Who is the President of Chile?" --as-of 1972-06-01 --known-by 1972-06-01 --data ./world
    """
    if (text is None) == (source is None):
        raise typer.BadParameter("give a TEXT or --input FILE, and not both")
    if source is None and target is not None:
        raise typer.BadParameter("--output goes with --input; one answer goes to standard output")
    ask = context_pb2.LookUpRequest(
        as_of=as_of, known_by=known_by, revision=revision, budget=budget, profile=profile, limit=limit, strict=strict
    )
    with opened(data, server, embedder) as client:
        if source is not None:
            raise typer.Exit(answer_file(client, source, target, ask))
        ask.text = words(sys.stdin.buffer.read() if text == "-" else os.fsencode(text or ""), text or "")
        _one(client, ask, as_json=as_json)


def words(data: bytes, given: str) -> str:
    """The text of an argument, or of standard input where `-` was given.

    Raises:
        BadInput: it is not UTF-8.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = "standard input" if given == "-" else "TEXT"
        raise BadInput.at(where, f"is not UTF-8 (byte {error.start}); convert it") from error


def _one(client: BlockingClient, ask: context_pb2.LookUpRequest, *, as_json: bool) -> None:
    answer = client.look_up(ask)
    if as_json:
        sys.stdout.write(to_json(answer) + "\n")
    else:
        print_answer(out, answer)
