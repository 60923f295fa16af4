"""`worldctx erase`: take something out without a trace."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from worldctx.commands.screen import complain, out, say, write_json
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened
from worldctx.console.answer import printable
from worldctx.model.errors import NotFound
from worldctx.wire.v1 import ingest_pb2

#: What a person reads for a kind.
_WORDS = {
    "lines": "lines about entities", "same_as": "external ids", "entities": "entities of which nothing is left",
    "records": "records that wait or were given up",
}


def erase(
    source: Annotated[
        Optional[list[str]],
        typer.Option("--source", metavar="ID", help="A source, and all that it alone told; as often as wanted."),
    ] = None,
    document: Annotated[
        str, typer.Option(metavar="ID", help="A document, and the facts that it is the evidence of.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    data: Data = None,
    server: Server = None,
    embedder: Embedder = None,
    as_json: AsJson = False,
) -> None:
    """Take what came from a source alone, or a document, out of every revision and every file. It cannot be undone.

    What would go is printed first. Facts, names, external ids and judgements that other sources told too stay, as of
    when those told them. Use withdraw to take something back and keep its history. docs/erasure.md says what operators
    of Neo4j have to do besides.

    Example: worldctx erase --source src:a --data ./world
    """
    if bool(source) == bool(document):
        raise typer.BadParameter("give either --source or --document")
    request = ingest_pb2.EraseRequest(sources=source or (), document=document)
    with opened(data, server, embedder) as client:
        closure = client.erase(_dry(request))
        if not closure.kinds:
            raise NotFound(f"there is nothing of {' or '.join(source or [document])!r} here")
        if dry_run and as_json:
            write_json(_record(closure))
            return
        if not as_json:
            _show(closure)
        if dry_run:
            return
        if not yes:
            _ask(document or (source or [""])[0])
        response = client.erase(request)
    if as_json:
        write_json({**_record(response), "erased": True})
    else:
        say({"erased at revision": response.revision}, as_json=False)


def erase_sources(
    sources: Sequence[str], data: Path | None, server: str | None, embedder: str | None = None
) -> ingest_pb2.EraseResponse:
    """Erase sources without asking; what went.

    Raises:
        StoreFull, StoreUnavailable: nothing was erased, or not yet from all files.
    """
    with opened(data, server, embedder) as client:
        response: ingest_pb2.EraseResponse = client.erase(ingest_pb2.EraseRequest(sources=sources))
    return response


def _dry(request: ingest_pb2.EraseRequest) -> ingest_pb2.EraseRequest:
    made = ingest_pb2.EraseRequest(dry_run=True)
    made.MergeFrom(request)
    return made


def _ask(name: str) -> None:
    """Go on only when the id is typed.

    Raises:
        BadParameter: nobody can be asked.
        Abort: something else was typed.
    """
    if not sys.stdin.isatty():
        raise typer.BadParameter("this cannot be undone: give --yes, or run it on a terminal")
    if typer.prompt(f"This cannot be undone. Type {printable(name)} to erase it").strip() != name:
        complain("nothing was erased")
        raise typer.Exit(1)


def _record(response: ingest_pb2.EraseResponse) -> dict[str, Any]:
    """The closure for machines: how many go and stay of each kind, and the first that go."""
    kinds = {one.kind: one for one in response.kinds}
    return {"revision": response.revision, "gone": {name: one.gone for name, one in kinds.items() if one.gone},
            "stays": {name: one.stays for name, one in kinds.items() if one.stays},
            "some": {name: list(one.some) for name, one in kinds.items() if one.some}}


def _show(closure: ingest_pb2.EraseResponse) -> None:
    """The closure for people."""
    for one in closure.kinds:
        words = _WORDS.get(one.kind, one.kind)
        if one.gone:
            out.print(f"{one.gone:,} {words} will be erased", markup=False)
        for text in one.some:
            out.print(f"  {printable(text)}", markup=False)
        if one.gone > len(one.some) > 0:
            out.print("  ...", markup=False)
        if one.stays:
            out.print(f"{one.stays:,} {words} stay: " + (
                "a part of each is erased" if one.kind == "records" else "others told them too"), markup=False)
