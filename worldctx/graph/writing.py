"""One batch on its way into the tables, inside a transaction that the store begins and ends."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from worldctx.graph.batch import check_batch, check_sources, sources_named
from worldctx.graph.interned import BASES, Interned, Interning
from worldctx.graph.schema import ENTITY_ATTRIBUTES, TOTALS
from worldctx.graph.standing import Standing, given_of, mask_of
from worldctx.model.change import (
    Batch,
    DocumentOutcome,
    DocumentRecord,
    LedgerStatus,
    Mark,
    Outcome,
    Receipt,
    Withdrawal,
)
from worldctx.model.entity import Entity, Name, folded_name
from worldctx.model.errors import BadInput
from worldctx.model.fact import EXISTENCE, Fact
from worldctx.model.ids import Revision
from worldctx.model.judgement import Judgement
from worldctx.model.source import Source
from worldctx.model.time import ALWAYS

_BASIS = {basis: place for place, basis in enumerate(BASES)}

_ADD_FACT = f"INSERT INTO facts VALUES (NULL{', ?' * 28}) ON CONFLICT (id) DO NOTHING"
_ADD_DOCUMENT = f"INSERT INTO documents VALUES (NULL{', ?' * 15})"
_TOLD = f"SELECT source, given, {', '.join(ENTITY_ATTRIBUTES)} FROM entities WHERE id = ? ORDER BY row"
_TAKE_OUT = "UPDATE {0} SET withdrawn = ? WHERE {1} = ? AND withdrawn IS NULL"
_DONE = f"""INSERT INTO ledger (key, status, attempts, reason, revision, touched)
    VALUES (?, '{LedgerStatus.DONE}', 1, '', ?, ?) ON CONFLICT (key) DO UPDATE SET status = excluded.status,
    attempts = max(attempts, 1), reason = '', revision = excluded.revision, touched = excluded.touched
    WHERE status != excluded.status"""

#: A name as its table holds it: text, lang, start, end, preferred.
NameRow = tuple[str, str, int | None, int | None, int]
#: The attributes of a source or an entity as their tables hold them, in the tables' order.
Attributes = tuple[object, ...]


@dataclass(slots=True)
class _Told:
    """What the store was told of one entity.

    Attributes:
        names: with the source of each telling; `known_names` without.
        links: external ids, with the source of each telling.
    """

    standing: Standing = field(default_factory=lambda: Standing(len(ENTITY_ATTRIBUTES)))
    names: set[tuple[object, ...]] = field(default_factory=set)
    known_names: set[tuple[object, ...]] = field(default_factory=set)
    links: set[tuple[object, ...]] = field(default_factory=set)


class Writing:
    """Rows for one revision. Nothing counts until the caller commits; `finish` says whether there is anything to."""

    def __init__(self, connection: sqlite3.Connection, interned: Interned, revision: Revision) -> None:
        self._connection, self._revision = connection, revision
        self.interning = Interning(connection, interned)
        self._added: Counter[str] = Counter()
        self._mute: set[str] = set()
        self.links = 0

    def write(self, batch: Batch) -> Receipt:
        """Put the whole batch into the tables.

        Raises:
            BadInput: see ports.graph.GraphStore.apply.
        """
        check_batch(batch)
        self.interning.intern(_texts(batch))
        # Rows refer to the commit, so it comes first; its totals are known last.
        self._connection.execute(f"INSERT INTO commits VALUES (?{', 0' * (len(TOTALS) + 1)})", (self._revision,))
        # Withdrawals first, so that a batch can take a document out and put its corrected text in.
        withdrawn = self._withdraw(batch.withdrawals)
        sources = self._sources(batch.sources)
        self._check_sources(batch)
        entities = self._entities(batch.entities)
        judgements = self._judgements(batch.judgements)
        documents = self._documents(batch.documents)
        facts = self._facts(batch.facts)
        receipt = Receipt(self._revision, documents, facts, entities, sources, judgements, withdrawn)
        say_done(self._connection, batch.done, self._revision)
        say_marks(self._connection, batch.marks)
        if sources or entities or judgements or facts or withdrawn or self._added["documents"]:
            self._add_up()
            return receipt
        return Receipt(Revision(self._revision - 1), documents)

    @property
    def changed_groups(self) -> bool:
        """Whether ids may now be read as others than before."""
        return bool(self.links or self._added["entities"])

    def _add_up(self) -> None:
        columns = (*TOTALS, "links")
        before = self._connection.execute(f"SELECT {', '.join(columns)} FROM commits WHERE revision = ?",
                                          (self._revision - 1,)).fetchone() or (0,) * len(columns)
        added = (*(self._added[name] for name in TOTALS), self.links)
        self._connection.execute(
            f"UPDATE commits SET {', '.join(f'{name} = ?' for name in columns)} WHERE revision = ?",
            (*(total + more for total, more in zip(before, added, strict=True)), self._revision))

    def _latest(self, table: str, columns: str, numbers: Iterable[int]) -> dict[int, Attributes]:
        """The newest row of each numbered id that has one."""
        query = f"SELECT {columns} FROM {table} WHERE id = ? ORDER BY row DESC LIMIT 1"
        found = {}
        for number in numbers:
            row = None if self.interning.is_fresh(number) else self._connection.execute(query, (number,)).fetchone()
            if row is not None:
                found[number] = tuple(row)
        return found

    def _sources(self, sources: Sequence[Source]) -> int:
        number, moment = self.interning.number, self.interning.moment
        current = self._latest("sources", "title, url, publisher, published, host, country, sector, reliability",
                               {number(source.id) for source in sources})
        rows = []
        for source in sources:
            key = number(source.id)
            given = (source.title, source.url, self.interning.number_or_none(source.publisher),
                     moment(source.published), source.host, source.country, source.sector, source.reliability)
            merged = _merged(current.get(key), given)
            if merged != current.get(key):
                self._added["sources"] += key not in current
                current[key] = merged
                rows.append((key, *merged, self._revision))
        self._connection.executemany(f"INSERT INTO sources VALUES (NULL{', ?' * 10})", rows)
        return len(rows)

    def _entities(self, entities: Sequence[Entity]) -> int:
        number, number_or_none = self.interning.number, self.interning.number_or_none
        times = Counter(number(entity.id) for entity in entities)
        told: dict[int, _Told] = {}
        new_names: list[tuple[str, int, NameRow, int | None]] = []
        new_links: list[tuple[int, int, Revision, int | None]] = []
        lines, changed = list[tuple[object, ...]](), 0
        for entity in entities:
            key, source = number(entity.id), number_or_none(entity.source)
            names = list(dict.fromkeys(map(self._name_row, entity.names)))
            links = list(dict.fromkeys(map(number, entity.same_as)))
            given = (str(entity.kind), entity.lat, entity.lon, number_or_none(entity.within), entity.description,
                     entity.weight or None)
            if times[key] == 1 and self.interning.is_fresh(key):  # nothing else was told of it: most of an import
                self._added["entities"] += 1
                lines.append((key, *given, self._revision, source, mask_of(given)))
                changed += 1
            else:
                one = told.get(key) or told.setdefault(key, self._told(key))
                names = [row for row in names if (*row, source) not in one.names]
                links = [link for link in links if (link, source) not in one.links]
                one.names.update((*row, source) for row in names)
                one.links.update((link, source) for link in links)
                is_first = one.standing.values[0] is None  # every line gives a kind
                tells = one.standing.tell(source, given)
                if tells:
                    self._added["entities"] += is_first
                    lines.append((key, *_entity_row(one.standing.values), self._revision, source, mask_of(given)))
                changed += bool(tells or names or links)
            new_names.extend((entity.id, key, row, source) for row in names)
            new_links.extend((key, link, self._revision, source) for link in links)
        self._connection.executemany(f"INSERT INTO entities VALUES (NULL{', ?' * 10})", lines)
        new_names.sort(key=lambda one: (one[0], one[2][0], one[2][1]))
        rows = []
        for _, key, row, source in new_names:
            again = False
            if key in told:
                again = row in told[key].known_names
                told[key].known_names.add(row)
            self._added["names"] += not again
            rows.append((key, *row, folded_name(row[0]), self._revision, source, int(again)))
        self._connection.executemany(f"INSERT INTO names VALUES (NULL{', ?' * 10})", rows)
        self._connection.executemany("INSERT INTO same_as VALUES (NULL, ?, ?, ?, ?)", new_links)
        self.links += len(new_links)
        return changed

    def _told(self, key: int) -> _Told:
        """What the store was told of a numbered entity."""
        told = _Told()
        if self.interning.is_fresh(key):
            return told
        for source, mask, *values in self._connection.execute(_TOLD, (key,)):
            told.standing.tell(source, given_of(values, mask))
        told.names.update(self._connection.execute(
            'SELECT text, lang, start, "end", preferred, source FROM names WHERE entity = ?', (key,)))
        told.known_names.update(row[:-1] for row in told.names)
        told.links.update(self._connection.execute("SELECT external, source FROM same_as WHERE entity = ?", (key,)))
        return told

    def _name_row(self, name: Name) -> NameRow:
        if name.valid is ALWAYS:
            return name.text, name.lang, None, None, int(name.preferred)
        moment = self.interning.moment
        return name.text, name.lang, moment(name.valid.start), moment(name.valid.end), int(name.preferred)

    def _judgements(self, judgements: Sequence[Judgement]) -> int:
        written = 0
        standing: dict[tuple[int, int], Standing] = {}
        for one in judgements:
            pair = self.interning.number(min(one.left, one.right)), self.interning.number(max(one.left, one.right))
            if pair not in standing:
                standing[pair] = Standing(1)
                for source, *said in self._connection.execute(
                        'SELECT source, same, "by", at FROM judgements WHERE low = ? AND high = ? ORDER BY row', pair):
                    standing[pair].tell(source, (tuple(said),))
            given = (None if one.same is None else int(one.same), one.by, self.interning.moment(one.at))
            source = self.interning.number_or_none(one.source)
            if standing[pair].tell(source, (given,)):
                self._connection.execute(f"INSERT INTO judgements VALUES (NULL{', ?' * 7})",
                                         (*pair, *given, self._revision, source))
                written += 1
        self._added["judgements"] += written
        self.links += written
        return written

    def _documents(self, records: Sequence[DocumentRecord]) -> tuple[DocumentOutcome, ...]:
        outcomes = tuple(map(self._document, records))
        written = {one.document for one in outcomes if one.outcome is not Outcome.CONFLICT}
        self._mute |= {one.document for one in outcomes if one.outcome is Outcome.CONFLICT} - written
        return outcomes

    def _document(self, record: DocumentRecord) -> DocumentOutcome:
        document = record.document
        number, moment = self.interning.number(document.id), self.interning.moment
        same = self._connection.execute("SELECT recorded, withdrawn FROM documents WHERE content_hash = ?",
                                        (document.content_hash,)).fetchone()
        if same is not None:
            if same[1] is not None:
                self._mute.add(document.id)
            return DocumentOutcome(document.id, Outcome.DUPLICATE, Revision(same[0]))
        taken = self._connection.execute("SELECT recorded FROM documents WHERE id = ? AND withdrawn IS NULL",
                                         (number,)).fetchone()
        if taken is not None:
            return DocumentOutcome(document.id, Outcome.CONFLICT, Revision(taken[0]))
        row = self._connection.execute(_ADD_DOCUMENT, (
            number, document.content_hash, self._revision, None, document.url, document.title, document.author,
            document.publisher, moment(document.published), moment(document.modified), document.language,
            document.place, document.section, _json(dict(document.extra)), document.text)).lastrowid
        self._connection.executemany("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)", (
            (row, piece.ordinal, piece.id, piece.start, piece.end, piece.text) for piece in record.passages))
        self._connection.executemany("INSERT INTO mentions VALUES (?, ?, ?, ?, ?, ?)", (
            (row, place, one.start, one.end, one.surface, _json(list(one.candidates)))
            for place, one in enumerate(record.mentions)))
        say_done(self._connection, (document.content_hash,), self._revision)
        self._added.update(documents=1, passages=len(record.passages), mentions=len(record.mentions))
        self._mute.discard(document.id)
        return DocumentOutcome(document.id, Outcome.WRITTEN, self._revision)

    def _facts(self, facts: Sequence[Fact]) -> int:
        rows = [self._fact_row(fact) for fact in facts if fact.evidence.document not in self._mute]
        before = self._connection.total_changes
        self._connection.executemany(_ADD_FACT, rows)
        written = self._connection.total_changes - before
        self._added["facts"] += written
        return written

    def _fact_row(self, fact: Fact) -> tuple[object, ...]:
        number, number_or_none, moment = self.interning.number, self.interning.number_or_none, self.interning.moment
        valid, known, said, literal = fact.valid, fact.known, fact.evidence, fact.literal
        return (
            fact.id, number(fact.subject), number(fact.predicate), number_or_none(fact.object),
            1 if fact.predicate in EXISTENCE else None,
            None if valid.start is None else valid.start.lo, None if valid.end is None else valid.end.hi,
            None if known.since is None else known.since.hi, None if known.end_since is None else known.end_since.hi,
            _BASIS[known.basis], self._revision, None, moment(valid.start), moment(valid.end), moment(known.since),
            moment(known.end_since), number_or_none(fact.source), number(fact.method), fact.confidence,
            number_or_none(said.document), said.start, said.end,
            *((None,) * 4 if literal is None else (literal.value, number_or_none(literal.datatype),
                                                   number_or_none(literal.unit), number_or_none(literal.lang))),
            said.quote or None, said.record or None)

    def _check_sources(self, batch: Batch) -> None:
        check_sources(batch, {source for source in sources_named(batch) if self._connection.execute(
            "SELECT 1 FROM sources WHERE id = ? LIMIT 1", (self.interning.number(source),)).fetchone()})

    def _withdraw(self, withdrawals: Sequence[Withdrawal]) -> int:
        return sum(self._withdraw_one(place, one) for place, one in enumerate(withdrawals))

    def _withdraw_one(self, place: int, one: Withdrawal) -> int:
        """Take one target out; returns how many facts and documents that were."""
        key: str | int
        if one.fact is not None:
            kind, target, table, key = "fact", str(one.fact), "facts", str(one.fact)
        elif one.document is not None:
            kind, target, table, key = "document", str(one.document), "documents", self.interning.number(one.document)
        else:
            kind, target, table, key = "source", str(one.source), "sources", self.interning.number(str(one.source))
        if self._connection.execute(f"SELECT 1 FROM {table} WHERE id = ? LIMIT 1", (key,)).fetchone() is None:
            raise BadInput.at(f"withdrawals[{place}].{kind}", f"{target!r} is not in the store")
        documents = self._take_out_documents(key) if kind != "fact" else 0
        column = {"fact": "id", "document": "document", "source": "source"}[kind]
        facts = self._take_out("facts", column, key)
        if kind == "source":
            facts += self._take_out("facts", "document", key) if documents else 0
        self._added.subtract({"facts": facts, "documents": documents})
        if facts or documents:
            self._connection.execute("INSERT INTO withdrawals VALUES (NULL, ?, ?, ?, ?)",
                                     (kind, target, one.reason, self._revision))
        return facts + documents

    def _take_out_documents(self, key: object) -> int:
        pieces = self._connection.execute(
            """SELECT (SELECT count(*) FROM passages p WHERE p.document = d.row),
                      (SELECT count(*) FROM mentions m WHERE m.document = d.row)
               FROM documents d WHERE d.id = ? AND d.withdrawn IS NULL""", (key,)).fetchone()
        if pieces is not None:
            self._added.subtract({"passages": pieces[0], "mentions": pieces[1]})
        return self._take_out("documents", "id", key)

    def _take_out(self, table: str, column: str, key: object) -> int:
        return self._connection.execute(_TAKE_OUT.format(table, column), (self._revision, key)).rowcount


def say_done(connection: sqlite3.Connection, keys: Sequence[str], revision: int) -> None:
    """Say that input records are done and let go of what was kept of them.

    In the transaction of their effect: done means done, however often a record is delivered.
    """
    now = time.time()
    connection.executemany(_DONE, ((key, revision, now) for key in keys))
    connection.executemany("DELETE FROM payloads WHERE key = ?", ((key,) for key in keys))


def say_marks(connection: sqlite3.Connection, marks: Sequence[Mark]) -> None:
    """Say how far imports have come, in the transaction that took them there."""
    for one in marks:
        if one.position is None:
            connection.execute("DELETE FROM marks WHERE name = ?", (one.name,))
        else:
            connection.execute("INSERT OR REPLACE INTO marks VALUES (?, ?)", (one.name, one.position))


def _merged(current: Attributes | None, given: Attributes) -> Attributes:
    """Attribute by attribute: a later one that says something wins; None and the empty text say nothing."""
    if current is None:
        return given
    return tuple(old if new in (None, "") else new for old, new in zip(current, given, strict=True))


def _entity_row(values: Sequence[object]) -> tuple[object, ...]:
    """The attributes of an entity for their columns: one that was never described has an empty description."""
    kind, lat, lon, within, description, weight = values
    return kind, lat, lon, within, description or "", weight


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _texts(batch: Batch) -> Iterator[str]:
    """Every text of the batch that rows name by number."""
    for source in batch.sources:
        yield source.id
        yield source.publisher or ""
    for entity in batch.entities:
        yield entity.id
        yield entity.within or ""
        yield entity.source or ""
        yield from entity.same_as
    for fact in batch.facts:
        literal = fact.literal
        yield from (fact.subject, fact.predicate, fact.object or "", fact.source or "", fact.method,
                    fact.evidence.document or "")
        if literal is not None:
            yield from (literal.datatype, literal.unit, literal.lang)
    for judgement in batch.judgements:
        yield from (judgement.left, judgement.right, judgement.source or "")
    for record in batch.documents:
        yield record.document.id
    for withdrawal in batch.withdrawals:
        yield withdrawal.document or withdrawal.source or ""
