"""`worldctx export rdf`: the knowledge as RDF, with a named graph for each source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from worldctx.commands.outfile import writing
from worldctx.commands.screen import Shown, progress, say
from worldctx.commands.shapes import ShapeFiles, Strict, violated
from worldctx.commands.target import AsJson, AtRevision, Data
from worldctx.exchange.facts import Line
from worldctx.exchange.streams import STDIN as STDOUT
from worldctx.model.errors import Unsupported
from worldctx.model.ids import Revision

#: The word for a folder that SPARQL can be asked of, instead of a file.
OXIGRAPH = "oxigraph"


def export_rdf(
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help="Named .nq, .trig, .ttl, .nt or .jsonld, .gz and .zst compress.")
    ],
    syntax: Annotated[
        str, typer.Option("--format", metavar="F", help="Instead of the name's; oxigraph: a folder for SPARQL.")
    ] = "",
    reifiers: Annotated[
        bool, typer.Option("--reifiers", help="RDF 1.2: rdf:reifies and triple terms, instead of rdf:Statement.")
    ] = False,
    shapes: ShapeFiles = None,
    strict: Strict = False,
    revision: AtRevision = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Sources, entities, facts and judgements as RDF; importing them elsewhere gives the same knowledge.

    Plain triples in schema.org, SKOS, GeoSPARQL and PROV-O stand beside a node for each line that says all of it; see
    docs/export.md. N-Quads, TriG and JSON-LD have a named graph for each source; in Turtle and N-Triples each node
    names its source. Documents are not in it: see `worldctx export jsonl`. A service may go on working on the data
    directory.

    Example: worldctx export rdf world.trig.gz --data ./world
    """
    try:
        from worldctx.exchange.rdf.export import target_format, write, write_store
    except ImportError as error:
        raise Unsupported(f"{error.name} is not installed; pip install 'worldctx[rdf]'") from error
    from worldctx.config import Settings
    from worldctx.wiring import reading

    chosen = None if syntax == OXIGRAPH else target_format(target, syntax, reifiers=reifiers)
    counts: Counter[str] = Counter({"source": 0, "entity": 0, "fact": 0, "judgement": 0})
    with reading(Settings.read(data=data)) as graph, progress("lines") as bar:
        at = Revision(revision) if revision else graph.head()
        wrong = violated(graph.knowledge(at), shapes, strict=strict)
        lines = _counted(graph.knowledge(at), counts, bar)
        if chosen is None:
            write_store(lines, target, reifiers=reifiers)
        else:
            with writing(target) as file:
                write(lines, file, chosen, reifiers=reifiers)
    if target != STDOUT:
        say(dict(counts), as_json=as_json)
    if wrong:
        raise typer.Exit(1)


def _counted(lines: Iterable[Line], counts: Counter[str], bar: Shown) -> Iterator[Line]:
    for one in lines:
        counts[type(one).__name__.lower()] += 1
        bar.advance()
        yield one
