"""One erasure of a Neo4j graph: in bounded transactions, behind a mark that keeps everybody out until the last of them.

The mark is set with the changes of the ledger, in one transaction; from then on the erasure goes to its end, after a
kill too: whoever opens the store next takes it up. Each step takes out what is left to take out, a page at a time.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import neo4j

from worldctx.graph.neo4j.bolt import Bolt
from worldctx.graph.neo4j.closure import FACTS, Key, first_of, payloads
from worldctx.graph.neo4j.rows import name_key, to_json
from worldctx.graph.neo4j.schema import STORE
from worldctx.graph.schema import ENTITY_ATTRIBUTES, TOTALS
from worldctx.graph.standing import Standing
from worldctx.model.change import LedgerStatus, RecordKind
from worldctx.model.errors import StoreUnavailable
from worldctx.model.ids import Revision
from worldctx.ports.failpoint import failpoint
from worldctx.ports.graph import Left

#: Facts, judgements or commits of one transaction; entities and documents with all that belongs to them.
PAGE, WHOLE = 2_000, 200

_TURN = "MATCH (s:Store {id: $id}) SET s.writer = $key RETURN properties(s)"
_BEGIN = "MATCH (s:Store {id: $id}) SET s.erasing = $mark, s.writer = NULL"
_FORGET_DONE = f"""MATCH (l:Ledger) WHERE l.status = '{LedgerStatus.DONE}' AND l.kind = '{RecordKind.FACTS}'
    AND $first > 0 AND l.revision >= $first DELETE l"""
_FORGET_REASONS = "MATCH (l:Ledger) WHERE any(one IN $documents WHERE l.reason CONTAINS one) SET l.reason = ''"
_FACTS_OF = f"{FACTS} RETURN x.id LIMIT $limit"
_TAKE_FACTS = """UNWIND $ids AS id MATCH ()-[f:FACT]->(o) WHERE f.id = id DELETE f
    WITH o WHERE o:Literal DETACH DELETE o"""
_TAKE_WITHDRAWALS = "MATCH (w:Withdrawal) WHERE w.kind IN $kinds AND w.target IN $targets DELETE w"
_DOCUMENTS_OF = "MATCH (d:Document) WHERE d.id IN $documents RETURN d.content_hash, d.id LIMIT $limit"
_TAKE_DOCUMENTS = """UNWIND $keys AS key MATCH (d:Document {content_hash: key})
    OPTIONAL MATCH (d)-[:HAS_PASSAGE]->(p) DETACH DELETE d, p"""
_REMEMBER = "UNWIND $ids AS id MERGE (e:Erased {document: id}) SET e.revision = $revision"
_TAKE_DONE = "UNWIND $keys AS key MATCH (l:Ledger {key: key}) DELETE l"
_ENTITIES_OF = """MATCH (e:Entity) WHERE e.id > $after AND (EXISTS { (e)-[:STATED]->(n) WHERE n.source IN $sources }
        OR EXISTS { (e)-[:NAMED]->(n) WHERE n.source IN $sources }
        OR EXISTS { (e)-[n:SAME_AS]->() WHERE n.source IN $sources }) RETURN e.id ORDER BY e.id LIMIT $limit"""
_TOLD = """UNWIND $ids AS id MATCH (e:Entity {id: id}) RETURN id,
    [(e)-[:STATED]->(s:State) | [s.recorded, s.ordinal, elementId(s), properties(s)]],
    [(e)-[:NAMED]->(n:Name) | [n.recorded, n.ordinal, elementId(n), properties(n)]]"""
_TAKE_LINKS = "UNWIND $ids AS id MATCH (e:Entity {id: id})-[l:SAME_AS]->() WHERE l.source IN $sources DELETE l"
_TAKE_NODES = "UNWIND $nodes AS node MATCH (n) WHERE elementId(n) = node DETACH DELETE n"
_CHANGE = "UNWIND $rows AS row MATCH (n) WHERE elementId(n) = row.node SET n += row.change"
_STANDS = "UNWIND $rows AS row MATCH (e:Entity {id: row.id}) SET e.kind = row.kind, e.weight = row.weight"
_PAIRS_OF = """MATCH (l:Entity)-[j:JUDGED]->(h:Entity) WHERE j.source IN $sources
    RETURN DISTINCT l.id, h.id LIMIT $limit"""
_JUDGED = """UNWIND $pairs AS pair MATCH (l:Entity {id: pair[0]})-[j:JUDGED]->(h:Entity {id: pair[1]})
    RETURN l.id, h.id, j.recorded, j.ordinal, elementId(j), j.source, j.same, j.by, j.at"""
_TAKE_JUDGED = """UNWIND $pairs AS pair MATCH (l:Entity {id: pair[0]})-[j:JUDGED]->(h:Entity {id: pair[1]})
    WHERE elementId(j) IN $gone DELETE j"""
_TAKE_SOURCES = """MATCH (s:Source) WHERE s.id IN $sources OPTIONAL MATCH (s)-[:STATED]->(t) DETACH DELETE s, t"""
_BARE = "MATCH (e:Entity) WHERE e.id > $after AND NOT EXISTS { (e)--() } RETURN e.id ORDER BY e.id LIMIT $limit"
_NAMED_BY_STATES = """MATCH (s:State) WHERE s.within IS NOT NULL OR s.publisher IS NOT NULL
    WITH DISTINCT s.within AS within, s.publisher AS publisher RETURN within, publisher"""
_MENTIONS = "MATCH (d:Document) WHERE size(d.mentions) > 0 RETURN d.content_hash, d.mentions"
_SET_MENTIONS = "UNWIND $rows AS row MATCH (d:Document {content_hash: row.key}) SET d.mentions = row.mentions"
_TAKE_ENTITIES = "UNWIND $ids AS id MATCH (e:Entity {id: id}) WHERE NOT EXISTS { (e)--() } DELETE e"
#: They name documents.
_FORGET_RECEIPTS = """MATCH (c:Commit) WHERE c.receipt IS NOT NULL WITH c LIMIT $limit SET c.receipt = NULL
    RETURN count(*)"""
_END = """CREATE (c:Commit) SET c = $commit WITH c MATCH (s:Store {id: $id})
    SET s += $store, s.erasing = NULL, s.writer = NULL"""
#: What each total gains with a commit and loses with a later one: queries of (revision, change).
_CHANGES: dict[str, Sequence[str]] = {
    "entities": ("""MATCH (e:Entity)-[:STATED]->(s:State) WITH e, min(s.recorded) AS first
        RETURN first, count(*)""",),
    "names": ("MATCH (n:Name) WHERE n.again IS NULL RETURN n.recorded, count(*)",),
    "facts": ("MATCH ()-[f:FACT]->() RETURN f.recorded, count(*)",
              "MATCH ()-[f:FACT]->() WHERE f.withdrawn IS NOT NULL RETURN f.withdrawn, -count(*)"),
    "sources": ("MATCH (e:Source)-[:STATED]->(s:State) WITH e, min(s.recorded) AS first RETURN first, count(*)",),
    "documents": ("MATCH (d:Document) RETURN d.recorded, count(*)",
                  "MATCH (d:Document) WHERE d.withdrawn IS NOT NULL RETURN d.withdrawn, -count(*)"),
    "passages": ("MATCH (d:Document)-[:HAS_PASSAGE]->() RETURN d.recorded, count(*)",
                 "MATCH (d:Document)-[:HAS_PASSAGE]->() WHERE d.withdrawn IS NOT NULL RETURN d.withdrawn, -count(*)"),
    "mentions": ("MATCH (d:Document) RETURN d.recorded, sum(size(d.mentions))",
                 "MATCH (d:Document) WHERE d.withdrawn IS NOT NULL RETURN d.withdrawn, -sum(size(d.mentions))"),
    "judgements": ("MATCH ()-[j:JUDGED]->() RETURN j.recorded, count(*)",),
    "links": ("MATCH ()-[l:SAME_AS]->() RETURN l.recorded, count(*)",
              "MATCH ()-[j:JUDGED]->() RETURN j.recorded, count(*)"),
}
_RECOUNT = "UNWIND $rows AS row MATCH (c:Commit {revision: row.revision}) SET c += row.totals"

Transaction = neo4j.ManagedTransaction
T = TypeVar("T")


def refuse_while_erasing(store: dict[str, Any]) -> None:
    """Keep out whoever is not the one that erases.

    Raises:
        StoreUnavailable
    """
    if store.get("erasing") is not None:
        raise StoreUnavailable("something is being erased from the graph; try again. If the service that erased it was "
                               "killed, start it again: it ends what it began")


def begin(bolt: Bolt, key: Key, left: Left) -> None:
    """Change the ledger and set the mark, in one transaction: from here on the erasure goes to its end."""
    first = first_of(bolt, key)
    less = [(one, rest) for one, kind, payload in payloads(bolt) if (rest := left(kind, payload)) != payload]
    attempt = uuid.uuid4().hex

    def work(transaction: Transaction) -> None:
        ((store,),) = transaction.run(_TURN, {"id": STORE, "key": attempt}).values()
        mark = json.dumps({**key, "revision": store["head"] + 1, "key": attempt})
        if json.loads(store.get("erasing") or "{}").get("key") == attempt:
            return  # it was done, and its answer lost
        refuse_while_erasing(store)
        _run(transaction, _TAKE_DONE, keys=[one for one, rest in less if rest is None])
        _run(transaction, "UNWIND $rows AS row MATCH (l:Ledger {key: row[0]}) SET l.payload = row[1]",
             rows=[[one, rest] for one, rest in less if rest is not None])
        _run(transaction, _FORGET_DONE, first=first)
        _run(transaction, _FORGET_REASONS, **key)
        _run(transaction, "MATCH (m:Mark) DELETE m")
        _run(transaction, _BEGIN, id=STORE, mark=mark)

    bolt.write(work)


def under_way(bolt: Bolt) -> str | None:
    """The mark of an erasure that was begun and not ended."""
    rows = bolt.read("MATCH (s:Store {id: $id}) RETURN s.erasing", id=STORE)
    return None if not rows or rows[0][0] is None else str(rows[0][0])


def finish(bolt: Bolt, mark: str) -> Revision:
    """Take out what the mark of an erasure tells, make the commit, and take the mark away. Safe to repeat."""
    finishing = _Finishing(bolt, json.loads(mark))
    with suppress(_Ended):
        finishing.finish()
    return finishing.revision


class _Ended(Exception):
    """Another service has ended the erasure meanwhile."""


class _Finishing:
    """What is left to do of an erasure that was begun."""

    def __init__(self, bolt: Bolt, mark: dict[str, Any]) -> None:
        self._bolt, self._mark = bolt, mark
        self._key: Key = {"sources": mark["sources"], "documents": mark["documents"]}
        self.revision = Revision(mark["revision"])

    def finish(self) -> None:
        self._facts()
        self._write(_TAKE_WITHDRAWALS, kinds=["source", "document"], targets=self._key["documents"])
        self._documents()
        self._entities()
        self._judgements()
        failpoint("graph.erase.half")
        self._write(_TAKE_SOURCES, **self._key)
        self._forget_ids()
        while self._step(lambda one: one.run(_FORGET_RECEIPTS, {"limit": PAGE}).values())[0][0]:
            pass
        totals = self._recount()
        failpoint("graph.erase.before_commit")
        self._end(totals)

    def _facts(self) -> None:
        while ids := self._column(_FACTS_OF, limit=PAGE, **self._key):
            self._together((_TAKE_WITHDRAWALS, {"kinds": ["fact"], "targets": ids}), (_TAKE_FACTS, {"ids": ids}))

    def _documents(self) -> None:
        while rows := self._bolt.read(_DOCUMENTS_OF, limit=WHOLE, **self._key):
            keys = [key for key, _ in rows]
            self._together(
                (_REMEMBER, {"ids": sorted({one for _, one in rows}), "revision": self.revision}),
                (_TAKE_DONE, {"keys": keys}), (_TAKE_DOCUMENTS, {"keys": keys}))

    def _entities(self) -> None:
        after = ""
        while ids := self._column(_ENTITIES_OF, after=after, limit=WHOLE, **self._key):
            self._step(self._retold(ids))
            after = ids[-1]

    def _retold(self, ids: list[str]) -> Callable[[Transaction], None]:
        """The work of taking out what sources told of some entities, and putting what others told in order."""
        sources = set(self._key["sources"])

        def work(transaction: Transaction) -> None:
            gone, changes, stands = list[str](), list[dict[str, Any]](), list[dict[str, Any]]()
            for entity, states, names in transaction.run(_TOLD, {"ids": ids}).values():
                standing = Standing(len(ENTITY_ATTRIBUTES))
                for _, _, node, row in sorted(states, key=lambda state: state[:2]):
                    given = row.get("given", [name for name in ENTITY_ATTRIBUTES if name in row])
                    told = [row.get(name) if name in given else None for name in ENTITY_ATTRIBUTES]
                    if row.get("source") in sources or not standing.tell(row.get("source"), told):
                        gone.append(node)
                        continue
                    now = dict(zip(ENTITY_ATTRIBUTES, standing.values, strict=True))
                    if any(row.get(name) != value for name, value in now.items()):
                        changes.append({"node": node, "change": {**now, "given": given}})
                kind, *_, weight = standing.values
                stands.append({"id": entity, "kind": kind, "weight": weight})
                seen: set[tuple[Any, ...]] = set()
                for _, _, node, row in sorted(names, key=lambda name: name[:2]):
                    if row.get("source") in sources:
                        gone.append(node)
                        continue
                    again = True if name_key(row) in seen else None
                    if row.get("again") != again:
                        changes.append({"node": node, "change": {"again": again}})
                    seen.add(name_key(row))
            _run(transaction, _TAKE_NODES, nodes=gone)
            _run(transaction, _TAKE_LINKS, ids=ids, sources=self._key["sources"])
            _run(transaction, _CHANGE, rows=changes)
            _run(transaction, _STANDS, rows=stands)

        return work

    def _judgements(self) -> None:
        sources = set(self._key["sources"])

        def work(transaction: Transaction) -> bool:
            pairs = transaction.run(_PAIRS_OF, {"limit": PAGE, **self._key}).values()
            standing: dict[tuple[str, str], Standing] = {}
            gone = []
            for low, high, _, _, one, source, *said in sorted(
                    transaction.run(_JUDGED, {"pairs": pairs}).values(), key=lambda row: row[2:4]):
                told = standing.setdefault((low, high), Standing(1))
                if source in sources or not told.tell(source, (tuple(said),)):
                    gone.append(one)
            _run(transaction, _TAKE_JUDGED, pairs=pairs, gone=gone)
            return bool(pairs)

        while self._step(work):
            pass

    def _forget_ids(self) -> None:
        """Ids that nothing names any more go, first out of the mentions of documents that stay."""
        dead, after = set[str](), ""
        while ids := self._column(_BARE, after=after, limit=PAGE):
            dead.update(ids)
            after = ids[-1]
        if dead:
            for within, publisher in self._bolt.stream(_NAMED_BY_STATES):
                dead -= {within, publisher}
        if dead:
            rows = [{"key": key, "mentions": kept} for key, mentions in self._bolt.stream(_MENTIONS)
                    if (kept := _without(mentions, dead)) != mentions]
            for some in _pages(rows):
                self._write(_SET_MENTIONS, rows=some)
            for some in _pages(sorted(dead)):
                self._write(_TAKE_ENTITIES, ids=some)

    def _recount(self) -> dict[str, int]:
        """Write the totals of every commit as they are without what is gone; returns those of the newest."""
        changes: dict[str, Counter[int]] = {}
        for name, queries in _CHANGES.items():
            changes[name] = Counter()
            for query in queries:
                for revision, change in self._bolt.stream(query):
                    changes[name][revision] += change
        totals = dict.fromkeys(_CHANGES, 0)
        rows = []
        for revision in range(1, self.revision):
            totals = {name: totals[name] + changes[name][revision] for name in totals}
            rows.append({"revision": revision, "totals": {name: totals[name] for name in TOTALS}})
        for some in _pages(rows):
            self._write(_RECOUNT, rows=some)
        return totals

    def _end(self, totals: dict[str, int]) -> None:
        revision = self.revision

        def work(transaction: Transaction) -> None:
            commit = {"revision": revision, "key": self._mark["key"], "erased": True}
            epochs = dict.fromkeys(("head", "told", "linked", "begun", "sourced", "erased", "unsettled"), revision)
            _run(transaction, _END, id=STORE, commit={**commit, **{name: totals[name] for name in TOTALS}},
                 store={**totals, **epochs})

        self._step(work)

    def _column(self, query: str, **parameters: object) -> list[str]:
        return [row[0] for row in self._bolt.read(query, **parameters)]

    def _write(self, query: str, **parameters: object) -> None:
        self._together((query, parameters))

    def _together(self, *statements: tuple[str, dict[str, Any]]) -> None:
        def work(transaction: Transaction) -> None:
            for query, parameters in statements:
                _run(transaction, query, **parameters)

        self._step(work)

    def _step(self, work: Callable[[Transaction], T]) -> T:
        """Do some work in the writer's turn: two services that end one erasure take turns.

        Raises:
            _Ended: it was ended, by another or before an answer was lost.
        """
        def in_turn(transaction: Transaction) -> T:
            ((store,),) = transaction.run(_TURN, {"id": STORE, "key": self._mark["key"]}).values()
            if json.loads(store.get("erasing") or "{}").get("key") != self._mark["key"]:
                raise _Ended
            return work(transaction)

        return self._bolt.write(in_turn)


def _without(mentions: list[str], dead: set[str]) -> list[str]:
    """Mentions without what is dead among what they may mean; those that may mean nothing else are left out."""
    kept = []
    for text in mentions:
        start, end, surface, candidates = json.loads(text)
        alive = [one for one in candidates if one not in dead]
        if len(alive) == len(candidates):
            kept.append(text)
        elif alive:
            kept.append(to_json([start, end, surface, alive]))
    return kept


def _pages(rows: Sequence[Any]) -> Iterable[list[Any]]:
    for start in range(0, len(rows), PAGE):
        yield list(rows[start:start + PAGE])


def _run(transaction: Transaction, query: str, **parameters: object) -> None:
    transaction.run(query, parameters).consume()
