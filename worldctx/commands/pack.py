"""`worldctx pack build|check|install|list|remove`: knowledge of one field, brought in and taken out as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from worldctx.client.client import BlockingClient
from worldctx.commands.erase import erase, erase_sources
from worldctx.commands.importing import Wait, run
from worldctx.commands.outfile import writing
from worldctx.commands.screen import complain, out, say, write_json
from worldctx.commands.sink import both_named
from worldctx.commands.target import AsJson, Data, Embedder, Server, opened
from worldctx.exchange.pack.archive import pack_folder, write_archive
from worldctx.exchange.pack.files import (
    DIGEST,
    HAS_PART,
    HAS_SOURCE,
    LICENCE,
    PACKS,
    TITLE,
    VERSION,
    PackFiles,
    pack_source,
)
from worldctx.exchange.pack.shelf import shelf
from worldctx.model.errors import BadInput, Conflict, NotFound
from worldctx.model.ids import EntityId
from worldctx.wire.v1 import graph_pb2

Given = Annotated[str, typer.Argument(metavar="PACK", help="A folder, a file of pack build, or one that comes along.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="As `worldctx pack list` shows it.")]


def pack_check(pack: Given, as_json: AsJson = False) -> None:
    """Read a pack, validate it by its SHACL shapes, and run its tests in an empty world of its own.

    Exit code 1 where something is wrong with it; warnings do not count.

    Example: worldctx pack check ./telecom
    """
    from worldctx.commands.pack_check import check

    with pack_folder(_place(pack)) as folder:
        made = PackFiles(folder)
        found = check(made)
        tests = len(made.declared.tests)
        say({"pack": f"{made.declared.name} {made.declared.version}", **dict(sorted(found.counts.items())),
             "tests": tests, "problems": found.problems, "warnings": found.warnings}, as_json=as_json)
    raise typer.Exit(1 if found.problems else 0)


def pack_build(
    pack: Given,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="Where the pack goes, as one file.")],
    as_json: AsJson = False,
) -> None:
    """Check a pack and make one file of it; the same folder makes the same bytes.

    Example: worldctx pack build ./telecom telecom-1.0.0.zip
    """
    from worldctx.commands.pack_check import check

    with pack_folder(_place(pack)) as folder:
        made = PackFiles(folder)
        found = check(made)
        for problem in found.problems:
            complain(problem)
        if found.problems:
            raise BadInput.at(pack, "is not built: mend what `worldctx pack check` complains of")
        with writing(target) as file:
            write_archive(folder, made.files(), file)
        say({"pack": f"{made.declared.name} {made.declared.version}", "files": len(made.files()),
             "bytes": target.stat().st_size if target.is_file() else 0}, as_json=as_json)


def pack_install(
    pack: Given,
    data: Data = None,
    server: Server = None,
    embedder: Embedder = None,
    replace: Annotated[bool, typer.Option("--replace", help="Erase another version first.")] = False,
    wait: Wait = True,
    as_json: AsJson = False,
) -> None:
    """Bring a pack in. Every claim of it has a source of the pack, so that it can be removed without a trace.

    Example: worldctx pack install telecom --data ./world
    """
    with pack_folder(_place(pack)) as folder:
        made = PackFiles(folder)
        one = made.declared
        with _facts(data, server) as facts:
            before = installed(facts).get(one.name)
        if before is not None and (before.version, before.digest) != (one.version, made.choices):
            if not replace:
                other = "" if before.version != one.version else " with other files"
                raise Conflict(f"{one.name} {before.version} is installed{other}; remove it first (worldctx pack "
                               f"remove {one.name}), or give --replace")
            erase_sources(before.sources, data, server, embedder)
        run(made, made.parts, data=data, server=server, wait=wait, as_json=as_json)


def pack_list(data: Data = None, server: Server = None, as_json: AsJson = False) -> None:
    """The packs that are installed, and those that come along.

    Example: worldctx pack list --data ./world
    """
    with _facts(data, server) as facts:
        found = installed(facts)
    available = {name: PackFiles(folder).declared for name, folder in shelf().items()}
    if as_json:
        write_json({"installed": {name: asdict(one) for name, one in found.items()},
                    "available": {name: one.version for name, one in available.items()}})
        return
    for name, told in found.items():
        out.print(f"{name} {told.version}: {told.title}, {len(told.sources)} sources", markup=False)
    if not found:
        out.print("none is installed", markup=False)
    for name, one in available.items():
        if name not in found:
            out.print(f"{name} {one.version}: {one.title} (comes along: worldctx pack install {name})", markup=False)


def pack_remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: Data = None,
    server: Server = None,
    embedder: Embedder = None,
    as_json: AsJson = False,
) -> None:
    """Erase all that a pack brought in and that no other source told; earlier revisions do not keep it either.

    What would go is printed first.

    Example: worldctx pack remove telecom --data ./world
    """
    with _facts(data, server) as facts:
        found = installed(facts).get(name)
    if found is None:
        raise NotFound(f"no pack {name!r} is installed; see worldctx pack list")
    erase(list(found.sources), yes=yes, data=data, server=server, embedder=embedder, as_json=as_json)


@dataclass(frozen=True, slots=True)
class Installed:
    """A pack as the graph has it."""

    version: str = ""
    title: str = ""
    licence: str = ""
    digest: str = ""
    sources: tuple[str, ...] = ()


#: Facts about a subject, as predicate and object.
Facts = Callable[[str], Iterable[tuple[str, str]]]


def installed(facts: Facts) -> dict[str, Installed]:
    """The packs of a world, by name."""
    found = {}
    for predicate, pack in facts(PACKS):
        if predicate == HAS_PART:
            told = list(facts(pack))
            one = dict(told)
            # Whatever else a file says of a pack, removing it must not reach what is not its own.
            sources = {pack, *(value for predicate, value in told
                               if predicate == HAS_SOURCE and value.startswith(f"{pack}:"))}
            found[pack.removeprefix(pack_source(""))] = Installed(
                one.get(VERSION, ""), one.get(TITLE, ""), one.get(LICENCE, ""), one.get(DIGEST, ""),
                tuple(sorted(sources)))
    return dict(sorted(found.items()))


@contextmanager
def _facts(data: Path | None, server: str | None) -> Iterator[Facts]:
    """How to read facts: from a service, or from the graph alone, without loading a model."""
    both_named(data, server)
    if server is not None:
        with opened(None, server) as client:
            yield partial(_listed, client)
        return
    from worldctx.config import Settings
    from worldctx.wiring import reading

    settings = Settings.read(data=data)
    if not settings.graph and not settings.data.exists():
        yield lambda subject: ()
        return
    with reading(settings) as graph:
        yield lambda subject: [(fact.predicate, fact.object_text) for fact in
                               graph.at().facts_about([EntityId(subject)])]


def _listed(client: BlockingClient, subject: str) -> Iterator[tuple[str, str]]:
    request = graph_pb2.ListFactsRequest(entity=subject, page_size=1_000)
    while True:
        try:
            page = client.list_facts(request)
        except NotFound:  # nobody has told anything of it
            return
        yield from ((fact.predicate, fact.object) for fact in page.facts)
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def _place(pack: str) -> Path:
    return shelf().get(pack, Path(pack)) if not Path(pack).exists() else Path(pack)
