"""What can be wrong with a Neo4j graph, looked for statement by statement; the server guards the rest itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from worldctx.graph.neo4j.bolt import Bolt
from worldctx.graph.neo4j.rows import fact_from, fact_properties
from worldctx.graph.neo4j.schema import STORE, missing
from worldctx.graph.schema import TOTALS
from worldctx.model.fact import fact_id
from worldctx.model.ids import Revision

_MINTED = re.compile("f:[0-9a-f]{24}")
_PAGE = 5_000
_LIVE = "withdrawn IS NULL"
#: How each total of the newest commit is counted anew.
_COUNTS = {
    "entities": "MATCH (e:Entity) WHERE EXISTS { (e)-[:STATED]->() } RETURN count(e)",
    "names": "MATCH (n:Name) WHERE n.again IS NULL RETURN count(n)",
    "facts": f"MATCH ()-[f:FACT]->() WHERE f.{_LIVE} RETURN count(f)",
    "sources": "MATCH (s:Source) RETURN count(s)",
    "documents": f"MATCH (d:Document) WHERE d.{_LIVE} RETURN count(d)",
    "passages": f"MATCH (d:Document)-[:HAS_PASSAGE]->(p) WHERE d.{_LIVE} RETURN count(p)",
    "mentions": f"MATCH (d:Document) WHERE d.{_LIVE} RETURN coalesce(sum(size(d.mentions)), 0)",
    "judgements": "MATCH ()-[j:JUDGED]->() RETURN count(j)",
}
_NUMBERED = {"State": "(n:State)", "Name": "(n:Name)", "Document": "(n:Document)", "Withdrawal": "(n:Withdrawal)",
             "SAME_AS": "()-[n:SAME_AS]->()", "JUDGED": "()-[n:JUDGED]->()", "FACT": "()-[n:FACT]->()"}
_FACTS = """MATCH (s)-[f:FACT]->(o) WHERE f.id > $after
    RETURN f.id, properties(f), s.id, CASE WHEN o:Literal THEN NULL ELSE o.id END ORDER BY f.id LIMIT $limit"""
_LOST = """MATCH ()-[f:FACT]->() WHERE f.source IS NOT NULL AND NOT EXISTS { MATCH (s:Source) WHERE s.id = f.source }
    RETURN f.id LIMIT 100"""
_LOST_LINES = """MATCH {0} WHERE n.source IS NOT NULL AND NOT EXISTS {{ MATCH (s:Source) WHERE s.id = n.source }}
    RETURN count(n)"""


def problems_in(bolt: Bolt, head: Revision) -> Iterator[str]:
    """Everything that is wrong, one line each, but for what stands in the documents."""
    for name in missing(bolt):
        yield f"schema: the constraint or index {name} is missing or not in use; start worldctx again to make it"
    ((last, count),) = bolt.stream("MATCH (c:Commit) RETURN coalesce(max(c.revision), 0), count(c)")
    if not last == count == head:
        yield f"commits: {count} commits, the newest has number {last}, and the store says {head}"
    for label, pattern in _NUMBERED.items():
        ((wrong,),) = bolt.stream(f"MATCH {pattern} WHERE n.recorded IS NULL OR n.recorded < 1 OR n.recorded > $head "
                                "OR n.withdrawn < n.recorded OR n.withdrawn > $head RETURN count(n)", head=head)
        if wrong:
            yield f"{label}: {wrong} recorded or withdrawn by a commit that is not there"
    totals = bolt.read(f"MATCH (s:Store {{id: $id}}) RETURN {', '.join(f's.{name}' for name in TOTALS)}", id=STORE)
    for name, total in zip(TOTALS, totals[0], strict=True):
        ((found,),) = bolt.stream(_COUNTS[name])
        if found != total:
            yield f"{name}: the newest commit counts {total}, the store holds {found}"
    for (fact,) in bolt.stream(_LOST):
        yield f"fact {fact}: its source is not there"
    for label in ("State", "Name", "SAME_AS", "JUDGED"):
        ((wrong,),) = bolt.stream(_LOST_LINES.format(_NUMBERED[label]))
        if wrong:
            yield f"{label}: a source that told {wrong} of them is not there"
    yield from _facts(bolt)


def _facts(bolt: Bolt) -> Iterator[str]:
    after = ""
    while rows := bolt.read(_FACTS, after=after, limit=_PAGE):
        for key, row, subject, target in rows:
            one = fact_from(row)
            if (subject, target) != (one.subject, one.object):
                yield f"fact {key}: it joins {subject} and {target}, and says {one.subject} and {one.object}"
            if _MINTED.fullmatch(key) and fact_id(one) != key:
                yield f"fact {key}: its content is not what its id was made from"
            # The properties that the clocks filter by must say what the dates say.
            expected = {name: value for name, value in fact_properties(one, one.recorded).items() if value is not None}
            if {name: value for name, value in row.items() if name != "withdrawn"} != expected:
                yield f"fact {key}: its properties are not those of its dates and values"
        after = rows[-1][0]
