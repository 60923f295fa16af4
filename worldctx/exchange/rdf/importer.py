"""RDF as an importer of knowledge: a file is read into a data set on disk, and then told node by node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph

from worldctx.exchange.facts import Line
from worldctx.exchange.importer import Taken
from worldctx.exchange.rdf.dataset import Dataset, Notes, loaded
from worldctx.exchange.rdf.mapping import RdfMapping, load
from worldctx.exchange.rdf.reading import Found, Reader
from worldctx.exchange.rdf.sources import Origin
from worldctx.exchange.rdf.syntax import Content, format_of
from worldctx.exchange.streams import STDIN
from worldctx.model.errors import BadInput
from worldctx.model.ids import digest, is_id

#: How facts are got where the file does not say.
METHOD = "rdf@1"


@dataclass(frozen=True, slots=True)
class RdfImporter:
    """See `exchange.importer.Importer`. A record is a node that is described, or something wrong; build with `of`.

    Attributes:
        chosen: name of the mapping, as it was given.
        syntax: of all files; empty: each by its name.
        base: what relative IRIs are relative to.
        source: id of the source of what no named graph and no statement attributes; empty: one for each file.
    """

    mapping: RdfMapping
    chosen: str
    syntax: str = ""
    base: str = ""
    source: str = ""

    @classmethod
    def of(cls, mapping: str, syntax: str = "", base: str = "", source: str = "") -> RdfImporter:
        """Check the options.

        Raises:
            BadInput: the mapping is wrong, the syntax unknown, the base no IRI, or the source no id.
        """
        if syntax:
            format_of(STDIN, syntax)
        if source and not is_id(source):
            raise BadInput.at("--source", f"{source[:40]!r} is no id: 1 to 512 characters without blanks")
        if base:
            try:
                pyoxigraph.NamedNode(base)
            except ValueError as error:
                raise BadInput.at("--base", f"{base!r} is no IRI: {error}") from error
        return cls(load(mapping), mapping, syntax, base, source)

    @property
    def name(self) -> str:
        """See Importer."""
        return METHOD

    @property
    def choices(self) -> str:
        """See Importer. The order of nodes is that of the library's store, so its version is one of them."""
        file = Path(self.chosen)
        rules = digest(file.read_text("utf-8")) if file.is_file() else self.chosen
        return "\n".join((rules, self.syntax, self.base, self.source, pyoxigraph.__version__))

    def begin(self) -> Iterator[Line]:
        """Nothing: sources are told with the file."""
        yield from ()

    def records(self, path: Path, after: int = 0) -> Iterator[Taken]:
        """See Importer."""
        with loaded(path, format_of(path, self.syntax), self.base) as (dataset, notes, content):
            yield from _numbered(self._found(path, dataset, notes, content), dataset.size, content.size, after)

    def _found(self, path: Path, dataset: Dataset, notes: Notes, content: Content) -> Iterator[tuple[int, Taken]]:
        """What the file gives, without numbers, and how many nodes were read before it."""
        name = "standard input" if path == STDIN else path.name
        for wrong in notes:
            yield 0, Taken(wrong.line, error=wrong.error, raw=wrong.raw)
        source = self.source or f"src:{'_'.join(name.split())}:{content.digest[:12]}"
        reader = Reader(dataset, self.mapping, Origin(content.digest, source, "" if self.source else name, METHOD))
        for found in reader.sources():
            yield from ((0, one) for one in _taken(found, name))
        for place, node in enumerate(dataset.subjects()):
            yield from ((place, one) for one in _taken(reader.read(node), name))


def _taken(found: Found, name: str) -> Iterator[Taken]:
    """A node's record, and one for each of its statements that cannot be taken."""
    if found.lines or found.skipped or not found.wrong:
        skipped = "" if found.lines else found.skipped or "nothing that the mapping reads"
        yield Taken(0, tuple(found.lines), skipped, left_out=tuple(sorted(found.left_out.items())))
    for error in found.wrong:
        yield Taken(0, error=BadInput(f"{name}: {error.message}", violations=error.violations))


def _numbered(found: Iterator[tuple[int, Taken]], nodes: int, size: int, after: int) -> Iterator[Taken]:
    for number, (place, one) in enumerate(found, 1):
        if number > after:
            # Which byte a node came from nobody knows any more; how far the nodes have come is as good for a bar.
            read = size * place // max(nodes, 1)
            yield Taken(one.number or number, one.lines, one.skipped, one.error, one.raw, read, size, one.left_out)
