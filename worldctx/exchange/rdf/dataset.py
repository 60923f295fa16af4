"""The quads of a file in a store on disk, to be looked up by node, so that memory stays small whatever its size."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple

from worldctx.exchange.rdf.syntax import Content, Wrong, quads
from worldctx.exchange.rdf.terms import LOCAL, NAMESPACES, term
from worldctx.model.errors import BadInput

Node = NamedNode
Object = NamedNode | Literal | Triple
#: A quad without its subject: predicate, object, and the graph's IRI, empty for the default graph.
Said = tuple[str, Object, str]
#: One such quad for each subject lists the subjects without holding them all.
_SUBJECT, _NOTHING, _DEFAULT = NamedNode("urn:worldctx:subject"), Literal(""), DefaultGraph()
#: The store writes numbers and times in their shortest form, `1.50` as `1.5`; under another type they stay as they are.
_AS_WRITTEN = "urn:worldctx:as-written:"
_XSD = NAMESPACES["xsd"]
_TYPE = term("rdf:type").value
#: Predicates whose presence decides what has to be looked up for each subject.
WATCHED = frozenset({term("rdf:reifies").value, term("rdf:subject").value, term("wctx:describes").value,
                     term("rdfs:subClassOf").value})
#: Labels of blank nodes that are held in memory; the others lie on disk.
_LABELS = 500_000


class Dataset:
    """What one file said. Blank nodes have names of their own: `LOCAL` with their label, or their number in the file.

    Attributes:
        watched: which of `WATCHED` occur.
        size: number of subjects, once all is loaded.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.watched: frozenset[str] = frozenset()
        self.size = 0
        self.about = lru_cache(maxsize=20_000)(self._about)
        self.predicates = lru_cache(maxsize=20_000)(self._predicates)
        self.classes = lru_cache(maxsize=20_000)(self._classes)

    def load(self, found: Iterable[Quad]) -> None:
        """Take the quads in, and note which watched predicates are among them."""
        seen: set[str] = set()
        self._store.bulk_extend(self._marked(found, seen))
        self.watched |= seen
        self.size = sum(1 for _ in self.subjects())
        for cached in (self.about, self.predicates, self.classes):
            cached.cache_clear()

    def _marked(self, found: Iterable[Quad], seen: set[str]) -> Iterator[Quad]:
        before = None
        for quad in found:
            if quad.predicate.value in WATCHED:
                seen.add(quad.predicate.value)
            if quad.subject != before:
                before = quad.subject
                yield Quad(before, _SUBJECT, _NOTHING, _DEFAULT)
            yield quad

    def subjects(self) -> Iterator[Node]:
        """All subjects, each once, in an order that depends on nothing but their names."""
        for quad in self._store.quads_for_pattern(None, _SUBJECT, None, _DEFAULT):
            if isinstance(quad.subject, NamedNode):  # there are no others here
                yield quad.subject

    def graphs(self) -> Iterator[Node]:
        """The named graphs."""
        yield from (name for name in self._store.named_graphs() if isinstance(name, NamedNode))

    def is_graph(self, node: Node) -> bool:
        """Whether a named graph has this name."""
        return next(iter(self._store.quads_for_pattern(None, None, None, node)), None) is not None

    def _about(self, node: Node) -> tuple[Said, ...]:
        """All that is said of a node: sorted, for the order of the store is none that means anything."""
        found = [(quad.predicate.value, _plain(quad.object), _name(quad))
                 for quad in self._store.quads_for_pattern(node, None, None, None) if quad.predicate != _SUBJECT]
        return tuple(sorted(found, key=lambda one: (one[0], str(one[1]), one[2])))

    def _predicates(self, node: Node) -> frozenset[str]:
        """The predicates that a node has."""
        return frozenset(predicate for predicate, _, _ in self.about(node))

    def _classes(self, node: Node) -> tuple[str, ...]:
        """The classes that are named for a node."""
        return tuple(value.value for predicate, value, _ in self.about(node)
                     if predicate == _TYPE and isinstance(value, NamedNode))

    def naming(self, predicate: str, target: Object) -> list[Node]:
        """The nodes that have the target as value of a predicate, by name."""
        found = {quad.subject.value for quad in
                 self._store.quads_for_pattern(None, NamedNode(predicate), _kept(target), None)
                 if isinstance(quad.subject, NamedNode)}
        return [NamedNode(one) for one in sorted(found)]

    def naming_any(self, target: Node) -> Iterator[tuple[Node, str]]:
        """The nodes that name a target, and the predicates."""
        for quad in self._store.quads_for_pattern(None, None, target, None):
            if isinstance(quad.subject, NamedNode):
                yield quad.subject, quad.predicate.value

    def triples(
        self, subject: Node | None, predicate: Node | None, target: Object | None
    ) -> Iterator[tuple[Node, Node, Object]]:
        """All triples of a form, whatever their graph; one that stands in several graphs comes as often."""
        kept = None if target is None else _kept(target)
        for quad in self._store.quads_for_pattern(subject, predicate, kept, None):
            if quad.predicate != _SUBJECT and isinstance(quad.subject, NamedNode):
                yield quad.subject, quad.predicate, _plain(quad.object)


class Beside(Dataset):
    """A data set without some of what it says of one node: what is left when the rest is known already."""

    def __init__(self, whole: Dataset, node: Node, hidden: Set[tuple[str, Object]]) -> None:
        super().__init__(whole._store)
        self.watched = whole.watched
        kept = tuple(one for one in whole.about(node) if (one[0], one[1]) not in hidden)
        self.about = lambda other: kept if other == node else whole.about(other)  # type: ignore[assignment] # no cache


class Notes:
    """What was wrong with a file, kept on disk until it is told."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "wrong.jsonl").open("w+", encoding="utf-8")
        self.count = 0

    def add(self, wrong: Wrong) -> None:
        """Keep one."""
        self._file.write(json.dumps([wrong.line, wrong.error.message, wrong.raw]) + "\n")
        self.count += 1

    def __iter__(self) -> Iterator[Wrong]:
        self._file.seek(0)
        for text in self._file:
            line, message, raw = json.loads(text)
            yield Wrong(BadInput(message), line, raw)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


@contextmanager
def loaded(path: Path, syntax: RdfFormat, base: str = "") -> Iterator[tuple[Dataset, Notes, Content]]:
    """A file's quads in a temporary folder, with what was wrong in it, and its digest.

    Raises:
        BadInput: the file cannot be opened.
    """
    content = Content()
    with _opened() as (dataset, notes, folder):
        dataset.load(_from_file(path, syntax, base, notes, _Blanks(folder, syntax), content))
        yield dataset, notes, content


@contextmanager
def all_loaded(files: Sequence[tuple[Path, RdfFormat]], base: str = "") -> Iterator[tuple[Dataset, Notes]]:
    """The quads of several files as one data set; each has blank nodes of its own.

    Raises:
        BadInput: a file cannot be opened.
    """
    with _opened() as (dataset, notes, folder):
        for place, (path, syntax) in enumerate(files):
            blanks = _Blanks(folder, syntax, f"{place}.")
            dataset.load(_from_file(path, syntax, base, notes, blanks, Content()))
        yield dataset, notes


@contextmanager
def _opened() -> Iterator[tuple[Dataset, Notes, Path]]:
    # The store cannot be closed, and may still write a log of its own while its folder is taken away.
    with tempfile.TemporaryDirectory(prefix="worldctx-rdf-", ignore_cleanup_errors=True) as name:
        notes = Notes(Path(name))
        try:
            yield Dataset(Store(str(Path(name) / "store"))), notes, Path(name)
        finally:
            notes.close()


def _from_file(path: Path, syntax: RdfFormat, base: str, notes: Notes, blanks: _Blanks, content: Content
               ) -> Iterator[Quad]:
    try:
        yield from _sound(quads(path, syntax, base, content), notes, blanks)
    finally:
        blanks.close()


@contextmanager
def made_of(found: Iterable[Quad]) -> Iterator[Dataset]:
    """A data set of quads at hand, in a temporary folder, so that there may be any number of them."""
    with _opened() as (dataset, _, _):
        dataset.load(Quad(one.subject, one.predicate, _kept(one.object), one.graph_name) for one in found)
        yield dataset


def _sound(found: Iterable[Quad | Wrong], notes: Notes, blanks: _Blanks) -> Iterator[Quad]:
    for one in found:
        if isinstance(one, Wrong):
            notes.add(one)
            continue
        subject, target, graph = one.subject, one.object, one.graph_name
        if isinstance(target, NamedNode) and not isinstance(subject, BlankNode) and not isinstance(graph, BlankNode):
            yield one
            continue
        graph = graph if isinstance(graph, DefaultGraph) else blanks.named(graph)
        yield Quad(blanks.named(subject), one.predicate, blanks.value(target), graph)


class _Blanks:
    """Names for blank nodes. Labels of N-Triples are those of the file; those of other syntaxes are drawn by the parser
    where the file has none, so that there the nodes are numbered as they first appear.
    """

    def __init__(self, folder: Path, syntax: RdfFormat, before: str = "") -> None:
        self._by_label = syntax in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
        self._before, self._path = LOCAL + before, folder / f"labels{before}"
        self._recent: dict[str, int] = {}
        self._count = 0
        self._disk: sqlite3.Connection | None = None

    def named(self, one: NamedNode | BlankNode | Triple) -> NamedNode:
        """The name of a node that may be blank."""
        if isinstance(one, BlankNode):
            return NamedNode(f"{self._before}{one.value if self._by_label else self._number(one.value)}")
        return cast("NamedNode", one)  # only objects are triple terms, whatever the type says

    def value(self, one: Any) -> Object:
        """An object without blank nodes, as it is kept."""
        if isinstance(one, Triple):
            return Triple(self.named(one.subject), one.predicate, self.value(one.object))
        return _kept(one) if isinstance(one, Literal) else self.named(one)

    def _number(self, label: str) -> int:
        number = self._recent.get(label)
        if number is None and self._disk is not None:
            row = self._disk.execute("SELECT number FROM labels WHERE label = ?", (label,)).fetchone()
            number = None if row is None else int(row[0])
        if number is None:
            number, self._count = self._count, self._count + 1
            if len(self._recent) >= _LABELS:
                self._spill()
            self._recent[label] = number
        return number

    def _spill(self) -> None:
        if self._disk is None:
            self._disk = sqlite3.connect(self._path, isolation_level=None)
            self._disk.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                                     "CREATE TABLE labels (label TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID")
        self._disk.execute("BEGIN")
        self._disk.executemany("INSERT INTO labels VALUES (?, ?)", sorted(self._recent.items()))
        self._disk.execute("COMMIT")
        self._recent.clear()

    def close(self) -> None:
        """Let go of the disk."""
        if self._disk is not None:
            self._disk.close()
            self._disk = None


def _kept(one: Any) -> Object:
    """An object as it is put into the store: its text stays as it is written."""
    if isinstance(one, Triple):
        return Triple(one.subject, one.predicate, _kept(one.object))
    kind = one.datatype.value if isinstance(one, Literal) and not one.language else ""
    kept: Object = one
    if kind.startswith(_XSD) and kind != _XSD + "string":
        kept = Literal(one.value, datatype=NamedNode(_AS_WRITTEN + kind))
    return kept


def _plain(one: Any) -> Object:
    """The object that was put into the store."""
    if isinstance(one, Triple):
        return Triple(one.subject, one.predicate, _plain(one.object))
    plain: Object = one
    if isinstance(one, Literal) and one.datatype.value.startswith(_AS_WRITTEN):
        plain = Literal(one.value, datatype=NamedNode(one.datatype.value[len(_AS_WRITTEN) :]))
    return plain


def _name(quad: Quad) -> str:
    return quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
