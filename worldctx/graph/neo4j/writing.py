"""One batch on its way into Neo4j, inside a transaction that may have to be done again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import neo4j

from worldctx.graph.batch import check_batch, check_sources, sources_named
from worldctx.graph.neo4j.erasing import refuse_while_erasing
from worldctx.graph.neo4j.ledger import say_done, say_marks
from worldctx.graph.neo4j.rows import (
    date_text,
    document_properties,
    fact_properties,
    name_key,
    name_properties,
    passage_properties,
    source_properties,
    state_properties,
)
from worldctx.graph.neo4j.schema import FOLDED, STORE
from worldctx.graph.schema import ENTITY_ATTRIBUTES, TOTALS
from worldctx.graph.standing import Standing
from worldctx.model.change import (
    Batch,
    DocumentOutcome,
    DocumentRecord,
    Outcome,
    Receipt,
    Withdrawal,
)
from worldctx.model.entity import Entity, folded_name
from worldctx.model.errors import BadInput, StoreUnavailable
from worldctx.model.fact import Fact
from worldctx.model.ids import DocumentId, Revision
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source

#: Taking the store's own node is the writer's turn: whoever else writes waits until this transaction ends.
_TURN = "MATCH (s:Store {id: $id}) SET s.writer = $key RETURN properties(s)"
_DONE_BEFORE = "MATCH (c:Commit {key: $key}) RETURN c.receipt"
_STATES = """UNWIND $ids AS id MATCH (n:{0} {id: id}) RETURN id,
    [(n)-[:STATED]->(s:State) | [s.recorded, s.ordinal, properties(s)]]"""
_OF_ENTITIES = """UNWIND $ids AS id MATCH (e:Entity {id: id}) RETURN id,
    [(e)-[:STATED]->(s:State) | [s.recorded, s.ordinal, properties(s)]],
    [(e)-[:NAMED]->(n:Name) | properties(n)], [(e)-[l:SAME_AS]->(x) | [x.id, l.source]]"""
_JUDGED = """UNWIND $pairs AS pair MATCH (l:Entity {id: pair[0]})-[j:JUDGED]->(h:Entity {id: pair[1]})
    RETURN l.id, h.id, j.recorded, j.ordinal, j.source, j.same, j.by, j.at"""
_BY_HASH = "UNWIND $keys AS key MATCH (d:Document {content_hash: key}) RETURN key, d.id, d.recorded, d.withdrawn"
_BY_ID = "UNWIND $ids AS id MATCH (d:Document {id: id}) WHERE d.withdrawn IS NULL RETURN id, d.recorded"
_FACTS = "UNWIND $ids AS id MATCH ()-[f:FACT]->() WHERE f.id = id RETURN id"
_SOURCES = "UNWIND $ids AS id MATCH (s:Source {id: id}) RETURN id"

_ADD_IDS = "UNWIND $ids AS id MERGE (:Entity {id: id})"
_ADD_SOURCES = """UNWIND $rows AS row MERGE (n:Source {id: row.id}) CREATE (n)-[:STATED]->(s:State)
    SET s = row.state"""
_ADD_STATES = """UNWIND $rows AS row MATCH (n:Entity {id: row.id}) CREATE (n)-[:STATED]->(s:State) SET s = row.state,
    n.kind = row.state.kind, n.weight = row.state.weight"""
_ADD_NAMES = "UNWIND $rows AS row MATCH (n:Entity {id: row.entity}) CREATE (n)-[:NAMED]->(s:Name) SET s = row"
_ADD_LINKS = """UNWIND $rows AS row MATCH (n:Entity {id: row.entity}) MATCH (x:Entity {id: row.external})
    CREATE (n)-[l:SAME_AS]->(x) SET l.recorded = row.recorded, l.ordinal = row.ordinal, l.source = row.source"""
_ADD_JUDGEMENTS = """UNWIND $rows AS row MATCH (l:Entity {id: row.low}) MATCH (h:Entity {id: row.high})
    CREATE (l)-[j:JUDGED]->(h) SET j = row.judgement"""
_ADD_DOCUMENTS = """UNWIND $rows AS row CREATE (d:Document) SET d = row.document
    FOREACH (one IN row.passages | CREATE (d)-[:HAS_PASSAGE]->(p:Passage) SET p = one)"""
_ADD_FACTS = """UNWIND $rows AS row MATCH (s:Entity {id: row.subject}) MATCH (o:Entity {id: row.object})
    CREATE (s)-[f:FACT]->(o) SET f = row"""
_ADD_LITERALS = """UNWIND $rows AS row MATCH (s:Entity {id: row.subject})
    CREATE (s)-[f:FACT]->(:Literal {value: row.value}) SET f = row"""
_EXISTS = {"fact": "MATCH ()-[x:FACT]->() WHERE x.id = $target RETURN 1 LIMIT 1",
           "document": "MATCH (x:Document {id: $target}) RETURN 1 LIMIT 1",
           "source": "MATCH (x:Source {id: $target}) RETURN 1"}
_TAKE_OUT_FACTS = """MATCH ()-[f:FACT]->() WHERE f.{0} = $target AND f.withdrawn IS NULL SET f.withdrawn = $revision
    RETURN count(f), count(f.begins)"""
_TAKE_OUT_DOCUMENTS = """MATCH (d:Document {id: $target}) WHERE d.withdrawn IS NULL SET d.withdrawn = $revision
    RETURN d.id, COUNT { (d)-[:HAS_PASSAGE]->() }, size(d.mentions)"""
_ADD_WITHDRAWAL = "CREATE (w:Withdrawal) SET w = $row"
_COMMIT = "CREATE (c:Commit) SET c = $commit WITH c MATCH (s:Store {id: $id}) SET s += $store, s.writer = NULL"


@dataclass(slots=True)
class _Told:
    """What the store was told of one entity.

    Attributes:
        names: with the source of each telling; `known_names` without.
        links: external ids, with the source of each telling.
    """

    standing: Standing = field(default_factory=lambda: Standing(len(ENTITY_ATTRIBUTES)))
    names: set[tuple[Any, ...]] = field(default_factory=set)
    known_names: set[tuple[Any, ...]] = field(default_factory=set)
    links: set[tuple[Any, ...]] = field(default_factory=set)

    @staticmethod
    def of(states: list[list[Any]], names: list[dict[str, Any]], links: list[list[Any]]) -> _Told:
        """What its nodes and relationships say."""
        told = _Told()
        for _, _, row in sorted(states, key=lambda state: state[:2]):
            given = row.get("given", ENTITY_ATTRIBUTES)
            told.standing.tell(row.get("source"), [row.get(name) if name in given else None
                                                   for name in ENTITY_ATTRIBUTES])
        told.names = {(name_key(row), row.get("source")) for row in names}
        told.known_names = {key for key, _ in told.names}
        told.links = {(other, source) for other, source in links}
        return told


class Writing:
    """The changes of one batch. Reads what is there, decides in Python, and writes with one statement a label."""

    def __init__(self, transaction: neo4j.ManagedTransaction, key: str) -> None:
        """Take the writer's turn.

        Args:
            transaction: that the caller commits or rolls back.
            key: of this attempt to write; the same when it is done again.
        """
        self._transaction = transaction
        self._key = key
        ((self._store,),) = self._rows(_TURN, id=STORE, key=key)
        refuse_while_erasing(self._store)
        self._revision = Revision(self._store["head"] + 1)
        self._added: Counter[str] = Counter()
        self._mute: set[str] = set()
        self._links = 0
        self._begun = False
        self._ordinal = 0

    def receipt_before(self) -> Receipt | None:
        """The receipt of the same attempt if it was committed and its answer lost."""
        found = self._rows(_DONE_BEFORE, key=self._key)
        if found and found[0][0] is None:
            raise StoreUnavailable("what this wrote was acknowledged while something was erased, and the "
                                   "acknowledgement lost; send it again")
        return _receipt_from(found[0][0]) if found else None

    def write(self, batch: Batch) -> tuple[Receipt, bool]:
        """Put the whole batch in.

        Returns:
            The receipt, and whether there is anything to commit.

        Raises:
            BadInput: see ports.graph.GraphStore.apply.
        """
        check_batch(batch)
        ids = _ids(batch)
        if ids:
            self._run(_ADD_IDS, ids=ids)
        # Withdrawals first, so that a batch can take a document out and put its corrected text in.
        withdrawn = sum(self._withdraw(place, one) for place, one in enumerate(batch.withdrawals))
        sources = self._sources(batch.sources)
        self._check_sources(batch)
        entities = self._entities(batch.entities)
        judgements = self._judgements(batch.judgements)
        documents = self._documents(batch.documents)
        facts = self._facts(batch.facts)
        receipt = Receipt(self._revision, documents, facts, entities, sources, judgements, withdrawn)
        if batch.done:
            say_done(self._transaction, batch.done, self._revision)
        if batch.marks:
            say_marks(self._transaction, batch.marks)
        if not (sources or entities or judgements or facts or withdrawn or self._added["documents"]):
            return Receipt(Revision(self._revision - 1), documents), False
        self._commit(receipt)
        return receipt, True

    def _commit(self, receipt: Receipt) -> None:
        told = receipt.entities_written or receipt.judgements_written
        changed_groups = self._links or self._added["entities"]
        totals = {name: self._store[name] + self._added[name] for name in TOTALS}
        totals["links"] = self._store["links"] + self._links
        epochs = {"told": self._revision if told else self._store["told"],
                  "linked": self._revision if changed_groups else self._store["linked"],
                  "begun": self._revision if self._begun else self._store["begun"],
                  "sourced": self._revision if receipt.sources_written else self._store["sourced"]}
        self._run(_COMMIT, id=STORE, store={"head": self._revision, **totals, **epochs},
                  commit={"revision": self._revision, "key": self._key, "receipt": json.dumps(asdict(receipt)),
                          **totals})

    def _sources(self, sources: Sequence[Source]) -> int:
        current = self._newest("Source", {one.id for one in sources})
        rows = []
        for source in sources:
            merged = _merged(current.get(source.id), source_properties(source))
            if merged != current.get(source.id):
                self._added["sources"] += source.id not in current
                current[source.id] = merged
                rows.append({"id": source.id, "state": merged | self._place()})
        if rows:
            self._run(_ADD_SOURCES, rows=rows)
        return len(rows)

    def _entities(self, entities: Sequence[Entity]) -> int:
        if not entities:
            return 0
        told = {key: _Told.of(*rest) for key, *rest in self._rows(
            _OF_ENTITIES, ids=sorted({one.id for one in entities}))}
        states, fresh_names, fresh_links, changed = [], list[dict[str, Any]](), list[dict[str, Any]](), 0
        for one in entities:
            known, source = told[one.id], one.source
            named = {name_key(row): row for row in map(name_properties, one.names)}
            own = [row for key, row in named.items() if (key, source) not in known.names]
            links = [link for link in dict.fromkeys(one.same_as) if (link, source) not in known.links]
            known.names.update((key, source) for key in named)
            known.links.update((link, source) for link in links)
            given = state_properties(one)
            is_first = known.standing.values[0] is None  # every line gives a kind
            tells = known.standing.tell(source, list(given.values()))
            if tells:
                self._added["entities"] += is_first
                stands = dict(zip(given, known.standing.values, strict=True))
                states.append({"id": one.id, "state": stands | self._place() | {
                    "source": source, "given": [name for name, value in given.items() if value is not None]}})
            changed += bool(tells or own or links)
            fresh_names += ({"entity": one.id, "source": source, **row} for row in own)
            fresh_links += ({"entity": one.id, "external": link, "source": source, **self._place()} for link in links)
        # In the order in which they are handed out: by entity, then text.
        fresh_names.sort(key=lambda row: (row["entity"], row["text"], row["lang"]))
        for row in fresh_names:
            again = name_key(row) in told[row["entity"]].known_names
            told[row["entity"]].known_names.add(name_key(row))
            self._added["names"] += not again
            row |= {"folded": folded_name(row["text"])[:FOLDED], "again": True if again else None, **self._place()}
        for statement, rows in ((_ADD_STATES, states), (_ADD_NAMES, fresh_names), (_ADD_LINKS, fresh_links)):
            if rows:
                self._run(statement, rows=rows)
        self._links += len(fresh_links)
        return changed

    def _judgements(self, judgements: Sequence[Judgement]) -> int:
        if not judgements:
            return 0
        pairs = sorted({_pair(one) for one in judgements})
        standing = {pair: Standing(1) for pair in pairs}
        for low, high, _, _, source, *words in sorted(self._rows(_JUDGED, pairs=[list(pair) for pair in pairs]),
                                                      key=lambda row: row[2:4]):
            standing[low, high].tell(source, (tuple(words),))
        rows = []
        for one in judgements:
            said: dict[str, Any] = {"same": one.same, "by": one.by, "at": date_text(one.at)}
            if standing[_pair(one)].tell(one.source, (tuple(said.values()),)):
                low, high = _pair(one)
                rows.append({"low": low, "high": high, "judgement": said | self._place() | {"source": one.source}})
        if rows:
            self._run(_ADD_JUDGEMENTS, rows=rows)
        self._added["judgements"] += len(rows)
        self._links += len(rows)
        return len(rows)

    def _documents(self, records: Sequence[DocumentRecord]) -> tuple[DocumentOutcome, ...]:
        if not records:
            return ()
        held = {key: (recorded, withdrawn) for key, _, recorded, withdrawn in self._rows(
            _BY_HASH, keys=sorted({one.document.content_hash for one in records}))}
        taken = dict(self._rows(_BY_ID, ids=sorted({one.document.id for one in records})))
        outcomes: list[DocumentOutcome] = []
        rows: list[dict[str, Any]] = []
        for record in records:
            document = record.document
            same = held.get(document.content_hash)
            if same is not None:
                if same[1] is not None:
                    self._mute.add(document.id)
                outcomes.append(DocumentOutcome(document.id, Outcome.DUPLICATE, Revision(same[0])))
                continue
            if document.id in taken:
                outcomes.append(DocumentOutcome(document.id, Outcome.CONFLICT, Revision(taken[document.id])))
                continue
            held[document.content_hash] = (self._revision, None)
            taken[document.id] = self._revision
            self._ordinal += 1
            rows.append({"document": document_properties(document, record.mentions, self._revision)
                         | {"ordinal": self._ordinal},
                         "passages": [passage_properties(piece) for piece in record.passages]})
            self._added.update(documents=1, passages=len(record.passages), mentions=len(record.mentions))
            self._mute.discard(document.id)
            outcomes.append(DocumentOutcome(document.id, Outcome.WRITTEN, self._revision))
        if rows:
            self._run(_ADD_DOCUMENTS, rows=rows)
            done = [row["document"]["content_hash"] for row in rows]
            say_done(self._transaction, done, self._revision)
        written = {one.document for one in outcomes if one.outcome is not Outcome.CONFLICT}
        self._mute |= {one.document for one in outcomes if one.outcome is Outcome.CONFLICT} - written
        return tuple(outcomes)

    def _facts(self, facts: Sequence[Fact]) -> int:
        if not facts:
            return 0
        wanted: dict[str, Fact] = {}
        for fact in facts:
            if fact.evidence.document not in self._mute:
                wanted.setdefault(fact.id, fact)
        for (held,) in self._rows(_FACTS, ids=sorted(wanted)):
            wanted.pop(held, None)
        rows = [fact_properties(fact, self._revision) for fact in wanted.values()]
        for statement, some in ((_ADD_FACTS, [row for row in rows if row["object"] is not None]),
                                (_ADD_LITERALS, [row for row in rows if row["object"] is None])):
            if some:
                self._run(statement, rows=some)
        self._added["facts"] += len(rows)
        self._begun = self._begun or any(row["begins"] for row in rows)
        return len(rows)

    def _check_sources(self, batch: Batch) -> None:
        named = sorted(sources_named(batch))
        check_sources(batch, {one for (one,) in self._rows(_SOURCES, ids=named)} if named else ())

    def _withdraw(self, place: int, one: Withdrawal) -> int:
        """Take one target out; returns how many facts and documents that were."""
        kind, target = next((kind, str(target)) for kind, target in (
            ("fact", one.fact), ("document", one.document), ("source", one.source)) if target is not None)
        if not self._rows(_EXISTS[kind], target=target):
            raise BadInput.at(f"withdrawals[{place}].{kind}", f"{target!r} is not in the store")
        documents = 0 if kind == "fact" else self._take_out_documents(target)
        facts = self._take_out_facts({"fact": "id"}.get(kind, kind), target)
        if kind == "source" and documents:
            facts += self._take_out_facts("document", target)
        self._added.subtract({"facts": facts, "documents": documents})
        if facts or documents:
            self._run(_ADD_WITHDRAWAL, row={"kind": kind, "target": target, "reason": one.reason} | self._place())
        return facts + documents

    def _take_out_facts(self, column: str, target: str) -> int:
        ((count, begun),) = self._rows(_TAKE_OUT_FACTS.replace("{0}", column), target=target, revision=self._revision)
        self._begun = self._begun or begun > 0
        return int(count)

    def _take_out_documents(self, target: str) -> int:
        found = self._rows(_TAKE_OUT_DOCUMENTS, target=target, revision=self._revision)
        for _, passages, mentions in found:
            self._added.subtract({"passages": passages, "mentions": mentions})
        return len(found)

    def _newest(self, label: str, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The attributes of the newest state of each id that has one."""
        wanted = sorted(ids)
        found: dict[str, dict[str, Any]] = {}
        for key, states in self._rows(_STATES.replace("{0}", label), ids=wanted) if wanted else ():
            if states:
                newest = max(states, key=lambda state: state[:2])[2]
                found[key] = {name: value for name, value in newest.items() if name not in ("recorded", "ordinal")}
        return found

    def _place(self) -> dict[str, int]:
        self._ordinal += 1
        return {"recorded": self._revision, "ordinal": self._ordinal}

    def _rows(self, query: str, **parameters: object) -> list[list[Any]]:
        return self._transaction.run(query, parameters).values()

    def _run(self, query: str, **parameters: object) -> None:
        self._transaction.run(query, parameters).consume()


def _merged(current: Mapping[str, Any] | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Attribute by attribute: a later one that says something wins; None says nothing."""
    said = {name: value for name, value in given.items() if value is not None}
    return {**(current or {}), **said}


def _pair(one: Judgement) -> tuple[str, str]:
    low, high = sorted((one.left, one.right))
    return low, high


def _ids(batch: Batch) -> list[str]:
    """Every id of the batch that becomes a node of its own."""
    ids: set[str] = set()
    for entity in batch.entities:
        ids.update((entity.id, *entity.same_as))
    for fact in batch.facts:
        ids.add(fact.subject)
        if fact.object is not None:
            ids.add(fact.object)
    for judgement in batch.judgements:
        ids.update((judgement.left, judgement.right))
    return sorted(ids)


def _receipt_from(text: str) -> Receipt:
    said = json.loads(text)
    documents = tuple(DocumentOutcome(DocumentId(one["document"]), Outcome(one["outcome"]), Revision(one["revision"]))
                      for one in said.pop("documents"))
    return Receipt(Revision(said.pop("revision")), documents, **said)
