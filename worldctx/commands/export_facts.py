"""`worldctx export facts`: the knowledge in the facts format, ready for `import facts`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from worldctx.client.client import groups
from worldctx.commands.outfile import writing
from worldctx.commands.screen import progress, say
from worldctx.commands.target import AsJson, AtRevision, Data
from worldctx.config import Settings
from worldctx.exchange.facts import line_of
from worldctx.exchange.streams import STDIN as STDOUT
from worldctx.model.entity import Entity
from worldctx.model.ids import EntityId, FactId, Revision, SourceId
from worldctx.ports.graph import GraphReader, GraphStore

#: Records that are read together.
BATCH = 1000
#: Attributes of which the canonical dump lists all values ever given, and their names in the facts format.
SCALARS = {"kinds": "kind", "within": "within", "descriptions": "description", "weights": "weight"}


def export_facts(
    target: Annotated[Path, typer.Argument(metavar="FILE", help=".gz and .zst compress; - is stdout.")],
    revision: AtRevision = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Sources, entities, facts and judgements as JSON lines; importing them elsewhere gives the same knowledge.

    Documents are not in it: see `worldctx export jsonl`. Works on a data directory that no service has open.

    Example: worldctx export facts world.jsonl.zst --data ./world
    """
    from worldctx.wiring import open_running

    counts = {"source": 0, "entity": 0, "fact": 0, "judgement": 0}
    with open_running(Settings.read(data=data, embedder="none")) as running, writing(target) as file:
        graph = running.world.graph
        with progress("lines") as bar:
            for kind, line in fact_lines(graph, Revision(revision) if revision else graph.head()):
                counts[kind] += 1
                file.write(line.encode() + b"\n")
                bar.advance()
    if target != STDOUT:
        say(counts, as_json=as_json)


def fact_lines(graph: GraphStore, revision: Revision) -> Iterator[tuple[str, str]]:
    """The type and the line of each record at a revision, sources first, so that one reading brings all in."""
    reader = graph.at(revision)
    for wanted in ("source", "entity", "fact", "judgement"):
        found = (record for line in graph.dump(revision) if (record := json.loads(line))["type"] == wanted)
        for group in groups(found, BATCH):
            for line in _LINES[wanted](reader, group):
                yield wanted, line


def _sources(reader: GraphReader, group: list[dict[str, Any]]) -> Iterator[str]:
    found = reader.sources(SourceId(one["id"]) for one in group)
    for one in group:
        yield line_of(found[SourceId(one["id"])])


def _facts(reader: GraphReader, group: list[dict[str, Any]]) -> Iterator[str]:
    found = reader.facts(FactId(one["id"]) for one in group)
    for one in group:
        yield line_of(found[FactId(one["id"])])


def _entities(reader: GraphReader, group: list[dict[str, Any]]) -> Iterator[str]:
    found = reader.entities(EntityId(one["id"]) for one in group)
    for one in group:
        yield json.dumps(_entity(one, found.get(EntityId(one["id"]))), ensure_ascii=False, sort_keys=True)


def _entity(said: Mapping[str, Any], read: Entity | None) -> dict[str, Any]:
    """The line of one entity as it was written: merging is a judgement's work and must be possible to undo."""
    names = [_name(one) for one in said.get("names", ())]
    record: dict[str, Any] = {"type": "entity", "id": said["id"], "names": names}
    if said.get("same_as"):
        record["same_as"] = said["same_as"]
    for listed, key in SCALARS.items():
        if values := said.get(listed):
            current = getattr(read, key, None)
            record[key] = str(current) if key == "kind" and current in values else _current(values, current)
    if points := said.get("points"):
        now = [read.lat, read.lon] if read is not None else points[0]
        record["lat"], record["lon"] = now if now in points else points[0]
    return record


def _current(values: list[Any], current: Any) -> Any:
    """Of several values the one that is read now, unless that belongs to an entity it was merged with."""
    return current if current in values else values[0]


def _name(said: Mapping[str, Any]) -> dict[str, Any]:
    record = {key: said[key] for key in ("name", "lang", "preferred") if said.get(key)}
    start, _, end = str(said.get("valid", "")).partition("/")
    sides = {"from": start, "to": end or start}
    return record | {key: side for key, side in sides.items() if side not in ("", "..")}


def _judgements(reader: GraphReader, group: list[dict[str, Any]]) -> Iterator[str]:
    same = {"yes": True, "no": False, "unsure": None}
    for one in group:
        record = {**one, "same": same[one["same"]]}
        yield json.dumps(record, ensure_ascii=False, sort_keys=True)


_LINES = {"source": _sources, "entity": _entities, "fact": _facts, "judgement": _judgements}
