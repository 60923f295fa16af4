"""Labels, relationship types, constraints and indexes of the Neo4j graph, and the version that they have.

| label or type | one for each | keys |
|---|---|---|
| `(:Entity)` | id that anything names; `kind` and `weight` are those of its newest line | `id` |
| `(:Entity)-[:STATED]->(:State)` | line about an entity: all attributes as they stood after it, and which it gave | |
| `(:Entity)-[:NAMED]->(:Name)` | name, once for each source; `again` after the first | `folded` finds its beginning |
| `(:Entity)-[:SAME_AS]->(:Entity)` | external id that an entity carries, once for each source that told it | |
| `(:Entity)-[:JUDGED]->(:Entity)` | judgement, from the smaller id to the larger | |
| `(:Entity)-[:FACT]->(:Entity or :Literal)` | fact | `id` |
| `(:Source)-[:STATED]->(:State)` | source, and line that changed it | `id` |
| `(:Document)-[:HAS_PASSAGE]->(:Passage)` | document and passage; mentions stand in the document | `content_hash` |
| `(:Withdrawal)` | withdrawal | |
| `(:Ledger)` | input record, by content hash; in no revision | `key` |
| `(:Mark)` | import that is not finished: how many records of it are in; in no revision | `name` |
| `(:Commit)` | commit, with the totals as of it | `revision`, `key` |
| `(:Erased)` | document that was erased and that an index may still hold; in no revision | `document` |
| `(:Store)` | store: the newest commit, and what it knows of all before it | `id` |

Everything but the ledger, the marks, the erased and the store is written once, until it is erased. `recorded` is the
commit that wrote it and `ordinal` its place there; `withdrawn`, on facts and documents, is set later, once. A property
that is missing was not said; the missing bound of a clock is open.
"""

from __future__ import annotations

from worldctx.graph.neo4j.bolt import Bolt
from worldctx.graph.schema import TOTALS
from worldctx.model.errors import IncompatibleData

#: 2: entity lines and judgements have sources; a state without `given` gave all that it has.
VERSION = 2
#: The one node of its label.
STORE = "worldctx"
#: Characters of a folded name that its index holds: a key has 8 KB at most.
FOLDED = 500

_UNIQUE = {"Entity": "id", "Source": "id", "Document": "content_hash", "Ledger": "key", "Mark": "name",
           "Erased": "document", "Store": "id"}
_INDEXES = {
    "document_id": "(n:Document) ON (n.id)",
    "document_recorded": "(n:Document) ON (n.recorded)",
    "document_withdrawn": "(n:Document) ON (n.withdrawn)",
    "passage_id": "(n:Passage) ON (n.id)",
    "name_folded": "(n:Name) ON (n.folded)",
    "name_recorded": "(n:Name) ON (n.recorded)",
    "ledger_status": "(n:Ledger) ON (n.status, n.touched)",
    # In the order of fact ids, so that the first hundred of a country's hundred thousand are read and no more.
    "fact_subject": "()-[f:FACT]-() ON (f.subject, f.id)",
    "fact_object": "()-[f:FACT]-() ON (f.object, f.id)",
    "fact_begins": "()-[f:FACT]-() ON (f.begins)",
    "fact_source": "()-[f:FACT]-() ON (f.source)",
    "fact_document": "()-[f:FACT]-() ON (f.document)",
}


def version_of(bolt: Bolt) -> int:
    """The version of the graph in a database; 0 for an empty one.

    Raises:
        IncompatibleData: another program's database, or a later release's.
    """
    found = bolt.read("MATCH (s:Store {id: $id}) RETURN s.version", id=STORE)
    if not found:
        if bolt.read("MATCH (n) RETURN 1 LIMIT 1"):
            raise IncompatibleData(f"{bolt.name} holds another program's data; name an empty database for worldctx")
        return 0
    version = int(found[0][0])
    if version > VERSION:
        raise IncompatibleData(f"{bolt.name} has schema version {version}, and this worldctx knows versions up to "
                               f"{VERSION}; install the worldctx that wrote it, or a later one")
    return version


def prepare(bolt: Bolt) -> None:
    """Make constraints and indexes where they are missing, and the store's own node; safe to repeat.

    Raises:
        IncompatibleData: see `version_of`.
    """
    version_of(bolt)
    for label, key in _UNIQUE.items():
        bolt.run(f"CREATE CONSTRAINT worldctx_{label.lower()}_{key} IF NOT EXISTS "
                 f"FOR (n:{label}) REQUIRE n.{key} IS UNIQUE")
    for key in ("revision", "key"):
        bolt.run(f"CREATE CONSTRAINT worldctx_commit_{key} IF NOT EXISTS FOR (n:Commit) REQUIRE n.{key} IS UNIQUE")
    bolt.run("CREATE CONSTRAINT worldctx_fact_id IF NOT EXISTS FOR ()-[f:FACT]-() REQUIRE f.id IS UNIQUE")
    for name, on in _INDEXES.items():
        bolt.run(f"CREATE INDEX worldctx_{name} IF NOT EXISTS FOR {on}")
    bolt.run("CALL db.awaitIndexes(300)")
    totals = ", ".join(f"s.{name} = 0" for name in (*TOTALS, "links", "head", "told", "linked", "begun", "sourced"))
    totals += ", s.erased = 0, s.unsettled = 0"
    bolt.run(f"MERGE (s:Store {{id: $id}}) ON CREATE SET {totals} SET s.version = $version", id=STORE, version=VERSION)


def missing(bolt: Bolt) -> list[str]:
    """Constraints and indexes that are not there or not in use, by name."""
    wanted = {f"worldctx_{label.lower()}_{key}" for label, key in _UNIQUE.items()}
    wanted |= {"worldctx_commit_revision", "worldctx_commit_key", "worldctx_fact_id"}
    wanted |= {f"worldctx_{name}" for name in _INDEXES}
    online = {name for name, state in bolt.read("SHOW INDEXES YIELD name, state RETURN name, state")
              if state == "ONLINE"}
    return sorted(wanted - online)
