"""What a Neo4j server keeps in its files of what was erased: `python -m tests.graph.left_by_neo4j` prints the table of
docs/erasure.md."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import neo4j

from tests.graph.test_erasure import secret, tell_secrets
from tests.servers.servers import NEO4J, NEO4J_LTS, Neo4j
from worldctx.graph.neo4j.store import open_neo4j
from worldctx.intake.remains import left_by
from worldctx.model.change import Erasure
from worldctx.model.ids import SourceId

ERASURE = Erasure((SourceId(secret("source")),))
#: Nodes that are written and deleted at a time, and how often: so that freed records are used again.
NODES, TIMES = 2_000, 3


def held(home: Path) -> str:
    """How often a marked text stands in the files of a server, by what they are."""
    counts = Counter[str]()
    for file in (home / "data").rglob("*"):
        kind = next((name for name in ("strings", "index", "transactions") if name in str(file.relative_to(home))), "other")
        if file.is_file():
            counts[kind] += file.read_bytes().lower().count(secret("").lower().encode())
    return ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()) if count)


def erased(server: Neo4j) -> None:
    with closing(open_neo4j(server.url)) as store:
        store.settle(store.erase(ERASURE, left_by(ERASURE)).revision)


def overwritten(server: Neo4j) -> None:
    """Other texts of the same length in all properties, before they are deleted."""
    with neo4j.GraphDatabase.driver(server.url, auth=None) as driver:
        for node, said in driver.execute_query("MATCH (n) RETURN elementId(n), properties(n)")[0]:
            marked = {name: f"{node}{name}{'x' * len(value)}"[:len(value)] for name, value in said.items()
                      if isinstance(value, str) and secret("").lower() in value.lower()}
            driver.execute_query("MATCH (n) WHERE elementId(n) = $node SET n += $marked", node=node, marked=marked)


def filled(server: Neo4j) -> None:
    """Other nodes, written and deleted."""
    with neo4j.GraphDatabase.driver(server.url, auth=None) as driver:
        for _ in range(TIMES):
            driver.execute_query("UNWIND range(1, $nodes) AS n CREATE (:Filler {a: $text + n, b: $long})", nodes=NODES, text="f" * 60,
                                 long="x" * 12_000)
            driver.execute_query("MATCH (n:Filler) DETACH DELETE n")


def measured(version: str, *steps: Callable[[Neo4j], None]) -> None:
    """Print what is held after each step, the server stopped."""
    with tempfile.TemporaryDirectory() as folder:
        server = Neo4j(Path(folder), version=version)
        with server, closing(open_neo4j(server.url)) as store:
            tell_secrets(store)
        print(f"{version} written: {held(server.home)}")
        for step in steps:
            with server:
                step(server)
            print(f"{version} {step.__name__}: {held(server.home)}", flush=True)


if __name__ == "__main__":
    for one in (NEO4J, NEO4J_LTS) if "--lts" in sys.argv else (NEO4J,):
        measured(one, erased, filled)
        measured(one, overwritten, erased)
