"""What an erasure takes out of a Neo4j graph, and how much that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from worldctx.graph.batch import check_erasure
from worldctx.graph.interned import is_storable
from worldctx.graph.neo4j.bolt import Bolt
from worldctx.model.change import CLOSURE, Closure, Erasure, RecordKind
from worldctx.model.ids import Revision
from worldctx.ports.graph import Left

_PAGE = 200
#: Parameters $sources and $documents.
FACTS = """CALL () { MATCH ()-[x:FACT]->() WHERE x.source IN $sources RETURN x
    UNION MATCH ()-[x:FACT]->() WHERE x.document IN $documents RETURN x }"""
_DOCUMENTS = "MATCH (x:Document) WHERE x.id IN $documents"
_PASSAGES = f"{_DOCUMENTS} MATCH (x)-[:HAS_PASSAGE]->(p:Passage)"
#: What is counted, and what is listed of it.
_COUNTED = {
    "sources": ("MATCH (x:Source) WHERE x.id IN $sources", "x.id"),
    "facts": (FACTS, "x.id"),
    "lines": ("MATCH (e:Entity)-[:STATED]->(x:State) WHERE x.source IN $sources", "e.id"),
    "documents": (_DOCUMENTS, "x.id"),
    "passages": (_PASSAGES, "p.id"),
    "withdrawals": (f"""CALL () {{ MATCH (x:Withdrawal) WHERE x.kind <> 'fact' AND x.target IN $documents RETURN x
        UNION {FACTS} MATCH (w:Withdrawal) WHERE w.kind = 'fact' AND w.target = x.id RETURN w AS x }}""", "x.target"),
}
#: Tellings of one thing, by what makes it one: it goes when all who told it go.
_TOLD = {
    "entities": ("MATCH (e:Entity)-[:STATED]->(n:State) WHERE n.source IN $sources WITH DISTINCT e",
                 "MATCH (e)-[:STATED]->(m:State)", "e.id", "e.id"),
    "names": ("MATCH (e:Entity)-[:NAMED]->(n:Name) WHERE n.source IN $sources WITH DISTINCT e",
              "MATCH (e)-[:NAMED]->(m:Name)", "e.id, m.text, m.lang, m.start, m.end, m.preferred",
              "e.id + ': ' + m.text"),
    "same_as": ("MATCH (e:Entity)-[n:SAME_AS]->() WHERE n.source IN $sources WITH DISTINCT e",
                "MATCH (e)-[m:SAME_AS]->(x)", "e.id, x.id", "e.id + ' = ' + x.id"),
    "judgements": ("MATCH (e:Entity)-[n:JUDGED]->(h) WHERE n.source IN $sources WITH DISTINCT e, h",
                   "MATCH (e)-[m:JUDGED]->(h)", "e.id, h.id, m.same, m.by, m.at", "e.id + ' = ' + h.id"),
}
_PAYLOADS = """MATCH (l:Ledger) WHERE l.key > $after AND l.payload IS NOT NULL RETURN l.key, l.kind, l.payload
    ORDER BY l.key LIMIT $limit"""
_FIRST = f"""CALL () {{ {FACTS} RETURN x.recorded AS one
    UNION ALL MATCH (x:Source)-[:STATED]->(s:State) WHERE x.id IN $sources RETURN s.recorded AS one
    UNION ALL MATCH (n:State) WHERE n.source IN $sources RETURN n.recorded AS one
    UNION ALL MATCH (n:Name) WHERE n.source IN $sources RETURN n.recorded AS one
    UNION ALL MATCH ()-[n:SAME_AS]->() WHERE n.source IN $sources RETURN n.recorded AS one
    UNION ALL MATCH ()-[n:JUDGED]->() WHERE n.source IN $sources RETURN n.recorded AS one
    UNION ALL {_DOCUMENTS} RETURN x.recorded AS one }} RETURN coalesce(min(one), 0)"""

Key = Mapping[str, Sequence[str]]


def key_of(erasure: Erasure) -> Key:
    """The parameters of the queries.

    Raises:
        BadInput: not exactly one of sources and document is given.
    """
    check_erasure(erasure)
    return {"sources": list(filter(is_storable, erasure.sources)),
            "documents": list(filter(is_storable, erasure.documents))}


def closure_of(bolt: Bolt, key: Key, left: Left, most: int) -> Closure:
    """See ports.graph.GraphStore.closure."""
    gone, stays, some = dict.fromkeys(CLOSURE, 0), dict[str, int](), dict[str, tuple[str, ...]]()
    for name, (match, listed) in _COUNTED.items():
        ((gone[name],),) = bolt.stream(f"{match} RETURN count(*)", **key)
        some[name] = tuple(text for (text,) in bolt.stream(
            f"{match} RETURN DISTINCT {listed} AS text ORDER BY text LIMIT $most", most=most, **key))
    ((gone["mentions"],),) = bolt.stream(f"{_DOCUMENTS} RETURN coalesce(sum(size(x.mentions)), 0)", **key)
    for name, (match, near, same, listed) in _TOLD.items():
        columns = ", ".join(f"{column} AS c{place}" for place, column in enumerate(same.split(", ")))
        # A thing of which nobody in particular told has no source, which is in no list.
        grouped = f"""{match} {near} WITH {columns}, {listed} AS text,
            min(CASE WHEN m.source IN $sources THEN 1 ELSE 0 END) AS gone,
            max(CASE WHEN m.source IN $sources THEN 1 ELSE 0 END) AS touched WHERE touched = 1"""
        ((gone[name], stays[name]),) = bolt.stream(f"{grouped} RETURN coalesce(sum(gone), 0), "
                                                   "coalesce(sum(1 - gone), 0)", **key)
        some[name] = tuple(text for (text,) in bolt.stream(
            f"{grouped} AND gone = 1 RETURN DISTINCT text ORDER BY text LIMIT $most", most=most, **key))
    less = [(one, rest is None) for one, kind, payload in payloads(bolt) if (rest := left(kind, payload)) != payload]
    whole = [one for one, is_nothing in less if is_nothing]
    gone["records"], some["records"], stays["records"] = len(whole), tuple(whole[:most]), len(less) - len(whole)
    return Closure(gone, some, stays)


def payloads(bolt: Bolt) -> Iterator[tuple[str, RecordKind, bytes]]:
    """The kept records, by key."""
    after = ""
    while rows := bolt.read(_PAYLOADS, after=after, limit=_PAGE):
        for key, kind, payload in rows:
            yield key, RecordKind(kind), bytes(payload)
        after = rows[-1][0]


def first_of(bolt: Bolt, key: Key) -> Revision:
    """The first commit that recorded anything of what goes; 0 for nothing."""
    ((first,),) = bolt.stream(_FIRST, **key)
    return Revision(first)
